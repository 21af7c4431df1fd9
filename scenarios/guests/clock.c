/* clock: reads the clock between steps of work and says how much time has passed. For a look at
 * time: what a program sees of the clock when it is stopped, copied, and brought back later. A
 * clock that goes back is an error. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/clock.h"
#include "runtime/delay.h"
#include "runtime/print.h"
#include "runtime/process.h"

int main(int argc, char **argv) {
  struct arguments arguments =
      arguments_begin("clock", "[steps=5 [turns=100000 [milliseconds asleep=0]]]", argc, argv);
  uint32_t steps = arguments_number(&arguments, "steps", 5, 1, 1000000);
  uint32_t turns = arguments_number(&arguments, "turns", 100000, 0, 1000000000);
  uint32_t asleep = arguments_number(&arguments, "milliseconds asleep", 0, 0, 1000000);
  arguments_end(&arguments);

  struct moment start = clock_now(), before = start;
  for (uint32_t step = 1; step <= steps; step++) {
    delay(turns);
    if (asleep > 0) clock_sleep(asleep);
    struct moment now = clock_now();
    struct moment whole = clock_between(start, now), part = clock_between(before, now);
    if (part.seconds < 0) fail("the clock went back during step %u", step);
    print("step %u: %llu.%09llu s since the start, %llu.%09llu s for this step\n",
          step, (unsigned long long)whole.seconds,
          (unsigned long long)whole.nanoseconds, (unsigned long long)part.seconds,
          (unsigned long long)part.nanoseconds);
    before = now;
  }
  return EXIT_GOOD;
}
