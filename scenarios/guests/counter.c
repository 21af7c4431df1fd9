/* counter: counts aloud, with a loop of known length between the ticks. For a first look at
 * checkpoints: where the process is, is what it printed last. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/delay.h"
#include "runtime/print.h"
#include "runtime/process.h"

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin("counter", "[ticks=10 [turns=100000]]", argc, argv);
  uint32_t ticks = arguments_number(&arguments, "ticks", 10, 1, 1000000);
  uint32_t turns = arguments_number(&arguments, "turns", 100000, 0, 1000000000);
  arguments_end(&arguments);

  for (uint32_t tick = 1; tick <= ticks; tick++) {
    delay(turns);
    print("tick %u\n", tick);
  }
  return EXIT_GOOD;
}
