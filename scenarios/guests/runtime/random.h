/* Random numbers that are the same in every run: xorshift with 32 bits (Marsaglia 2003). */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

struct random {
  uint32_t state; /* never 0 */
};

/* The one sequence all guests draw from. */
static inline struct random random_begin(void) { return (struct random){2463534242u}; }

static inline uint32_t random_next(struct random *random) {
  uint32_t x = random->state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return random->state = x;
}

/* From -1 up to 1 in steps of 2^-23, so that a float holds the very number a double does. */
static inline double random_unit(struct random *random) {
  return (double)((int)(random_next(random) >> 8) - (1 << 23)) / (1 << 23);
}

#endif
