/* fft: the fast Fourier transform of random complex numbers, forward and back again.
 *
 * Radix 2, in place, double precision. Every stage walks over all of the data with a longer
 * stride than the one before. Coming back must give what was put in, which is what it checks. */
#include <stddef.h>

#include "runtime/arguments.h"
#include "runtime/checksum.h"
#include "runtime/heap.h"
#include "runtime/maths.h"
#include "runtime/print.h"
#include "runtime/process.h"
#include "runtime/quarter.h"
#include "runtime/random.h"

struct complex {
  double re, im;
};

struct transform {
  size_t points;
  unsigned stages;
  struct complex *x;
  struct complex *root; /* e^(-2 pi i k / points) for k below points / 2 */
  struct quarter quarter;
  unsigned stages_done; /* both ways */
};

static void fill(struct complex *x, size_t points) {
  struct random random = random_begin();
  for (size_t i = 0; i < points; i++) {
    x[i].re = random_unit(&random);
    x[i].im = random_unit(&random);
  }
}

static void fill_roots(struct transform *t) {
  double step = -2 * 3.14159265358979323846 / (double)t->points;
  for (size_t k = 0; k < t->points / 2; k++) {
    t->root[k].re = cos(step * (double)k);
    t->root[k].im = sin(step * (double)k);
  }
}

/* Puts every element where the number of its place, read from the other end in bits, says. */
static void reverse_order(struct transform *t) {
  size_t other = 0;
  for (size_t i = 1; i < t->points; i++) {
    size_t bit = t->points >> 1; /* adds one to `other` from the top bit downwards */
    for (; (other & bit) != 0; bit >>= 1) other ^= bit;
    other |= bit;
    if (i < other) {
      struct complex swap = t->x[i];
      t->x[i] = t->x[other];
      t->x[other] = swap;
    }
  }
}

/* One way; `sign` is 1 forward and -1 back, without the division by the number of points. */
static void run(struct transform *t, double sign) {
  reverse_order(t);
  for (size_t half = 1; half < t->points; half *= 2) {
    size_t stride = t->points / 2 / half;
    for (size_t start = 0; start < t->points; start += 2 * half) {
      for (size_t k = 0; k < half; k++) {
        struct complex root = t->root[k * stride];
        struct complex *low = &t->x[start + k], *high = low + half;
        double im = sign * root.im;
        double turned_re = high->re * root.re - high->im * im;
        double turned_im = high->re * im + high->im * root.re;
        high->re = low->re - turned_re;
        high->im = low->im - turned_im;
        low->re += turned_re;
        low->im += turned_im;
      }
    }
    if (quarter_passed(&t->quarter, ++t->stages_done)) {
      print("fft: stage %u of %u, x[1] = (%.9f, %.9f)\n", t->stages_done, 2 * t->stages,
            t->x[1].re, t->x[1].im);
    }
  }
}

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin("fft", "[points=4096, a power of two]", argc, argv);
  size_t points = arguments_number(&arguments, "points", 4096, 2, 1048576);
  if ((points & (points - 1)) != 0) {
    arguments_refuse(&arguments, "points is a power of two from 2 to 1048576, not \"%u\"",
                     points);
  }
  arguments_end(&arguments);

  struct transform t = {.points = points};
  while ((size_t)1 << t.stages < points) t.stages++;
  t.quarter = quarter_begin(2 * t.stages);
  t.x = heap_take(points * sizeof *t.x);
  t.root = heap_take(points / 2 * sizeof *t.root);
  print("fft: %u points, forward and back\n", points);
  fill(t.x, points);
  fill_roots(&t);

  run(&t, 1);
  struct checksum checksum = {0, 0};
  checksum_area(&checksum, t.x, points * sizeof *t.x);
  print("fft: sum of the input (%.9f, %.9f), checksum of the spectrum %016llx\n", t.x[0].re,
        t.x[0].im, checksum_value(&checksum));

  run(&t, -1);
  struct random random = random_begin(); /* the input once more, to compare with */
  double most = 0, squares = 0, scale = 1 / (double)points;
  for (size_t i = 0; i < points; i++) {
    double re = fabs(t.x[i].re * scale - random_unit(&random));
    double im = fabs(t.x[i].im * scale - random_unit(&random));
    if (re > most) most = re;
    if (im > most) most = im;
    squares += re * re + im * im;
  }
  print("fft: back again, greatest error %.20f, root mean square %.20f\n", most,
        sqrt(squares * scale));
  if (!(most < 1e-12)) fail("that is not the input");
  return EXIT_GOOD;
}
