/* What the loader of a frozen program is made of: it carries out a script that whoever froze the
 * program has written (core/image/export_script.ts), and knows nothing else about processes.
 *
 * It is linked into one page and must run at any address: no data of its own but constants. */
#ifndef THAW_H
#define THAW_H

#include <stdint.h>

/* A stretch of memory that is filled from the packed stream. */
struct run {
  uint8_t *at;
  uint32_t length;
};

/* Unpacks a zlib stream (RFC 1950, 1951) into stretches of memory, in their order. Returns whether
 * the stream was sound and filled them exactly. */
int unpack(const uint8_t *packed, const struct run *runs, uint32_t count);

/* `trapa #31`; arguments in r4, r5, r6, r7, r0, r1. */
static inline long system_call(long number, long a, long b, long c, long d, long e, long f) {
  register long r3 __asm__("r3") = number;
  register long r4 __asm__("r4") = a;
  register long r5 __asm__("r5") = b;
  register long r6 __asm__("r6") = c;
  register long r7 __asm__("r7") = d;
  register long r0 __asm__("r0") = e;
  register long r1 __asm__("r1") = f;
  /* pipe answers in r1, too. */
  __asm__ volatile("trapa #31"
                   : "+r"(r0), "+r"(r1)
                   : "r"(r3), "r"(r4), "r"(r5), "r"(r6), "r"(r7)
                   : "memory");
  return r0;
}

#endif
