/* The clock that never goes back, and sleep. */
#include "clock.h"

#include "process.h"
#include "syscall.h"

enum { CLOCK_MONOTONIC = 1, RELATIVE = 0 };

struct moment clock_now(void) {
  struct moment now;
  long error = system_call(SYSCALL_CLOCK_GETTIME64, CLOCK_MONOTONIC, (long)&now, 0, 0, 0, 0);
  if (error != 0) fail("cannot read the clock (error %ld)", -error);
  return now;
}

struct moment clock_between(struct moment start, struct moment end) {
  struct moment time = {end.seconds - start.seconds, end.nanoseconds - start.nanoseconds};
  if (time.nanoseconds < 0) {
    time.nanoseconds += 1000000000;
    time.seconds--;
  }
  return time;
}

static void sleep_for(struct moment left) {
  long error;
  do { /* interrupted, the kernel stores what is left to sleep */
    error = system_call(SYSCALL_CLOCK_NANOSLEEP_TIME64, CLOCK_MONOTONIC, RELATIVE, (long)&left,
                        (long)&left, 0, 0);
  } while (error == SYSCALL_INTERRUPTED);
  if (error != 0) fail("cannot sleep (error %ld)", -error);
}

void clock_sleep(uint32_t milliseconds) {
  sleep_for((struct moment){milliseconds / 1000, milliseconds % 1000 * 1000000});
}

void clock_rest(uint32_t microseconds) {
  if (microseconds == 0) return;
  sleep_for((struct moment){microseconds / 1000000, microseconds % 1000000 * 1000});
}
