/* The clock that never goes back, and sleep. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* As the kernel stores it: two words of 64 bits. */
struct moment {
  int64_t seconds;
  int64_t nanoseconds; /* 0 to 999,999,999 */
};

struct moment clock_now(void);

/* The time from one moment to another. Negative seconds say that the clock went back. */
struct moment clock_between(struct moment start, struct moment end);

/* Returns when the time has passed, however often a signal interrupts it. */
void clock_sleep(uint32_t milliseconds);

/* The same in microseconds; none at all is no system call. */
void clock_rest(uint32_t microseconds);

#endif
