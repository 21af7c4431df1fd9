/* Numbers drawn from keys: what is random in a job of processes must be the same for whoever
 * computes it, so it is a function of who, when and what for, and not of a sequence. */
#ifndef HASH_H
#define HASH_H

#include <stdint.h>

/* Mixes all bits of a word into all others (Wellons's lowbias32). */
static inline uint32_t hash(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ x >> 16;
}

static inline uint32_t hash_of(uint32_t a, uint32_t b, uint32_t c) {
  return hash(hash(hash(a + 0x9e3779b9u) ^ b) + c);
}

/* A number below `bound`, which is 1 to 65536. */
static inline uint32_t hash_below(uint32_t hashed, uint32_t bound) {
  return (hashed >> 16) * bound >> 16;
}

#endif
