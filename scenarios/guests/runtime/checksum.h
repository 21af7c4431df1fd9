/* A checksum of words that tells their order: the sum of the words, and the sum of all the sums
 * on the way, both modulo 2^32 (Fletcher's). Under four instructions a word, so that even
 * tens of megabytes are soon summed up. */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

struct checksum {
  uint32_t sum, sums;
};

typedef uint32_t __attribute__((may_alias)) checksum_word;

static inline void checksum_add(struct checksum *checksum, uint32_t word) {
  checksum->sum += word;
  checksum->sums += checksum->sum;
}

/* The words of an area; `bytes` is a multiple of 4. A double counts as its low and high word. */
static inline void checksum_area(struct checksum *checksum, const void *area, size_t bytes) {
  const checksum_word *word = area;
  const checksum_word *end = word + bytes / sizeof *word;
  struct checksum sofar = *checksum; /* in registers: for all GCC knows a word may alias it */
#pragma GCC unroll 8 /* or GCC spends more on the address than on the sums */
  while (word != end) checksum_add(&sofar, *word++);
  *checksum = sofar;
}

/* Both sums in one number, to be printed with %016llx. */
static inline unsigned long long checksum_value(const struct checksum *checksum) {
  return (unsigned long long)checksum->sums << 32 | checksum->sum;
}

#endif
