/* Passing time: a loop of exactly two instructions a turn, whatever the compiler does elsewhere. */
#ifndef DELAY_H
#define DELAY_H

#include <stdint.h>

static inline void delay(uint32_t turns) {
  if (turns == 0) return;
  __asm__ volatile(
      "1: dt %0\n"
      "   bf 1b"
      : "+r"(turns)
      :
      : "t");
}

#endif
