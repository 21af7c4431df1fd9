/* exits: processes that leave at different times. The job goes through phases of random traffic;
 * after each phase some processes, the lowest ranks, print their sum and leave, having taken all
 * that was sent to them, and the others go on among themselves. Nobody waits for somebody who left.
 *
 * A process that is ahead sends messages of a phase that its peer has not reached yet, so they
 * are told apart by tags: the number of the phase. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/clock.h"
#include "runtime/hash.h"
#include "runtime/print.h"
#include "traffic.h"

enum { MOST_PHASES = 64, MOST_MESSAGES = 10000 };

/* The lowest rank that still takes part in a phase. */
static uint32_t first_in(uint32_t phase, uint32_t phases, uint32_t size) {
  return size * phase / phases;
}

struct message {
  uint32_t round, value;
};

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin(
      "exits", "[phases=4 [messages=10 [microseconds between=200 [seed=1]]]]", argc, argv);
  uint32_t phases = arguments_number(&arguments, "phases", 4, 1, MOST_PHASES);
  uint32_t messages = arguments_number(&arguments, "messages", 10, 1, MOST_MESSAGES);
  uint32_t between = arguments_number(&arguments, "microseconds between", 200, 0, 1000000000);
  uint32_t seed = arguments_number(&arguments, "seed", 1, 0, UINT32_MAX);
  arguments_end(&arguments);

  uint32_t rank = message_rank(), size = message_size(), sum = 0, taken = 0, phase = 0;
  struct traffic traffic = traffic_begin(rank, phases * messages);
  for (; phase < phases && first_in(phase, phases, size) <= rank; phase++) {
    uint32_t first = first_in(phase, phases, size);
    struct peers peers = peers_begin(hash_of(seed, phase, 0), size - first);
    uint32_t expected = peers.size == 1 ? 0 : messages;
    traffic.received = 0;
    for (uint32_t sent = 0; sent < expected || traffic.received < expected;) {
      struct message message;
      struct envelope envelope;
      if (sent < expected) {
        clock_rest(between);
        message.round = phase * messages + sent++;
        message.value = hash_of(seed, rank, message.round);
        message_send(first + peers_of(&peers, message.round, rank - first), phase, &message,
                     sizeof message);
      }
      while (traffic.received < expected) {
        if (sent == expected) {
          envelope = message_receive(ANY_PROCESS, (int32_t)phase, &message, sizeof message);
        } else if (!message_poll(ANY_PROCESS, (int32_t)phase, &message, sizeof message,
                                 &envelope)) {
          break;
        }
        uint32_t wanted = hash_of(seed, (uint32_t)envelope.from, message.round);
        if (envelope.bytes != sizeof message || message.round / messages != phase ||
            message.value != wanted) {
          fail("what came from process %d in phase %u is damaged: %u bytes, round %u, value %08x",
               envelope.from, phase, envelope.bytes, message.round, message.value);
        }
        traffic_enter(&traffic, &peers, first, message.round, &envelope);
        sum += wanted;
        taken++;
      }
    }
  }
  print("exits: rank %u of %u leaves after phase %u of %u: %u messages received, sum %08x\n", rank,
        size, phase, phases, taken, sum);
  return EXIT_GOOD;
}
