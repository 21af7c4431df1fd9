/* Decimal digits of integers and doubles, exact, by integer arithmetic alone.
 *
 * A double is m * 2^e with a whole m of 53 bits. Its digits with p places are those of the whole
 * number m * 2^e * 10^p, rounded half to even: a long number computed exactly, shifted, and then
 * divided by ten thousand until nothing is left. Limbs have 16 bits so that every step fits the
 * processor's 32-bit multiplication and division. */
#include "decimal.h"

#include <stdbool.h>
#include <stdint.h>

#include "string.h"

enum {
  LIMB_BITS = 16,
  /* 1024 bits of the largest double and 67 bits of 10^20, one limb over for the shift. */
  MOST_LIMBS = (1024 + 67) / LIMB_BITS + 2
};

struct whole {
  unsigned limbs;            /* in use; the highest one in use is not 0 */
  uint16_t limb[MOST_LIMBS]; /* lowest first */
};

static struct whole whole_of(uint64_t value) {
  struct whole whole;
  for (whole.limbs = 0; value != 0; value >>= LIMB_BITS) {
    whole.limb[whole.limbs++] = (uint16_t)value;
  }
  return whole;
}

static void multiply(struct whole *whole, uint32_t factor) {
  uint32_t carry = 0;
  for (unsigned i = 0; i < whole->limbs; i++) {
    carry += whole->limb[i] * factor;
    whole->limb[i] = (uint16_t)carry;
    carry >>= LIMB_BITS;
  }
  if (carry != 0) whole->limb[whole->limbs++] = (uint16_t)carry;
}

static uint32_t divide(struct whole *whole, uint32_t divisor) {
  uint32_t rest = 0;
  for (unsigned i = whole->limbs; i-- > 0;) {
    rest = rest << LIMB_BITS | whole->limb[i];
    whole->limb[i] = (uint16_t)(rest / divisor);
    rest %= divisor;
  }
  while (whole->limbs > 0 && whole->limb[whole->limbs - 1] == 0) whole->limbs--;
  return rest;
}

static void shift_left(struct whole *whole, unsigned bits) {
  for (; bits >= LIMB_BITS - 1; bits -= LIMB_BITS - 1) multiply(whole, 1u << (LIMB_BITS - 1));
  multiply(whole, 1u << bits);
}

/* Divides by 2^bits, rounding half to even. */
static void shift_right(struct whole *whole, unsigned bits) {
  if (bits == 0) return;
  if (bits > whole->limbs * LIMB_BITS) { /* less than a half */
    whole->limbs = 0;
    return;
  }
  bool half = whole->limb[(bits - 1) / LIMB_BITS] >> (bits - 1) % LIMB_BITS & 1;
  bool below = (whole->limb[(bits - 1) / LIMB_BITS] & ((1u << (bits - 1) % LIMB_BITS) - 1)) != 0;
  for (unsigned i = 0; i < (bits - 1) / LIMB_BITS; i++) below = below || whole->limb[i] != 0;

  unsigned skip = bits / LIMB_BITS, kept = whole->limbs - skip;
  for (unsigned i = 0; i < kept; i++) {
    uint32_t pair = whole->limb[skip + i];
    if (i + 1 < kept) pair |= (uint32_t)whole->limb[skip + i + 1] << LIMB_BITS;
    whole->limb[i] = (uint16_t)(pair >> bits % LIMB_BITS);
  }
  whole->limbs = kept;
  while (whole->limbs > 0 && whole->limb[whole->limbs - 1] == 0) whole->limbs--;

  bool odd = whole->limbs > 0 && (whole->limb[0] & 1) != 0;
  if (!half || !(below || odd)) return;
  for (unsigned i = 0; i < whole->limbs; i++) {
    if (++whole->limb[i] != 0) return;
  }
  whole->limb[whole->limbs++] = 1;
}

/* The digits of a long number, which is used up; at least `least` of them. */
static size_t digits(char *out, struct whole *whole, size_t least) {
  size_t count = 0;
  while (whole->limbs > 0) {
    uint32_t group = divide(whole, 10000);
    for (unsigned i = 0; i < 4 && (group > 0 || whole->limbs > 0); i++, group /= 10) {
      out[count++] = (char)('0' + group % 10);
    }
  }
  while (count < least) out[count++] = '0';
  for (size_t low = 0, high = count; low + 1 < high; low++) { /* they came lowest first */
    char digit = out[low];
    out[low] = out[--high];
    out[high] = digit;
  }
  return count;
}

size_t decimal_integer(char *out, unsigned long long value) {
  struct whole whole = whole_of(value);
  return digits(out, &whole, 1);
}

size_t decimal_double(char *out, double value, unsigned places) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  int exponent = (int)(bits >> 52 & 0x7ff);
  uint64_t fraction = bits & 0xfffffffffffffull;
  if (places > DECIMAL_MOST_PLACES) places = DECIMAL_MOST_PLACES;

  size_t sign = bits >> 63 != 0 ? 1 : 0;
  if (sign) *out++ = '-';
  if (exponent == 0x7ff) {
    memcpy(out, fraction == 0 ? "inf" : "nan", 3);
    return sign + 3;
  }
  if (exponent == 0) {
    exponent = 1; /* a denormal number, or zero */
  } else {
    fraction |= 1ull << 52;
  }
  exponent -= 1023 + 52;

  struct whole whole = whole_of(fraction);
  for (unsigned i = 0; i < places; i++) multiply(&whole, 10);
  if (exponent >= 0) {
    shift_left(&whole, (unsigned)exponent);
  } else {
    shift_right(&whole, (unsigned)-exponent);
  }

  size_t length = digits(out, &whole, places + 1);
  if (places == 0) return sign + length;
  memmove(out + length - places + 1, out + length - places, places);
  out[length - places] = '.';
  return sign + length + 1;
}
