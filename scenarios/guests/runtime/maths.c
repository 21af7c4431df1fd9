/* The maths functions the guests need, in double.
 *
 * The argument is brought to [-pi/4, pi/4] by taking off a whole number k of quarter turns, with
 * pi/2 in three parts of which k times the first two is exact; there the Taylor series up to x^17
 * and x^18 err by less than 2^-60, far below the last place. */
#include "maths.h"

static const double quarter_turn_high = 0x1.921fb544p+0;   /* the first 33 bits of pi/2 */
static const double quarter_turn_middle = 0x1.0b4611a6p-34; /* the next 33 */
static const double quarter_turn_low = 0x1.3198a2e037073p-69;
static const double quarters_per_radian = 0x1.45f306dc9c883p-1;

static double sine_near_zero(double x) {
  static const double over_factorial[] = {
      1.0 / 355687428096000.0, -1.0 / 1307674368000.0, 1.0 / 6227020800.0, -1.0 / 39916800.0,
      1.0 / 362880.0,          -1.0 / 5040.0,          1.0 / 120.0,        -1.0 / 6.0,
  };
  double square = x * x, sum = 0;
  for (unsigned i = 0; i < sizeof over_factorial / sizeof *over_factorial; i++) {
    sum = sum * square + over_factorial[i];
  }
  return x + x * square * sum;
}

static double cosine_near_zero(double x) {
  static const double over_factorial[] = {
      -1.0 / 6402373705728000.0, 1.0 / 20922789888000.0, -1.0 / 87178291200.0, 1.0 / 479001600.0,
      -1.0 / 3628800.0,          1.0 / 40320.0,          -1.0 / 720.0,         1.0 / 24.0,
  };
  double square = x * x, sum = 0;
  for (unsigned i = 0; i < sizeof over_factorial / sizeof *over_factorial; i++) {
    sum = sum * square + over_factorial[i];
  }
  return 1.0 - (0.5 * square - square * square * sum);
}

/* Takes whole quarter turns off an angle and returns how many. */
static int take_quarter_turns(double *x) {
  double turns = *x * quarters_per_radian;
  int whole = (int)(turns < 0 ? turns - 0.5 : turns + 0.5);
  *x = *x - whole * quarter_turn_high - whole * quarter_turn_middle - whole * quarter_turn_low;
  return whole;
}

/* The sine of x and a number of quarter turns. */
static double sine_of(double x, int quarters) {
  double value = (quarters & 1) == 0 ? sine_near_zero(x) : cosine_near_zero(x);
  return (quarters & 2) == 0 ? value : -value;
}

double sin(double x) {
  int quarters = take_quarter_turns(&x);
  return sine_of(x, quarters);
}

double cos(double x) {
  int quarters = take_quarter_turns(&x);
  return sine_of(x, quarters + 1);
}
