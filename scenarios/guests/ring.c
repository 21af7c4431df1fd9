/* ring: a token goes round from rank to rank. Each process works a little, adds to the token, and
 * passes it on; after the last lap each prints what it saw.
 *
 * The token carries freight, which must stay what it was. A lap is a tag. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/delay.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/messages.h"
#include "runtime/print.h"
#include "runtime/process.h"

struct token {
  uint32_t lap, hops, sum;
  uint32_t freight[];
};

enum { MOST_BYTES = 1 << 20 };

/* Adds what the process has to say. Where the token has been follows from its hops. */
static void add(struct token *token, uint32_t words, uint32_t lap, uint32_t rank, uint32_t size) {
  if (token->lap != lap || token->hops != lap * size + rank) {
    fail("the token is in lap %u after %u hops; expected lap %u after %u", token->lap, token->hops,
         lap, lap * size + rank);
  }
  for (uint32_t i = 0; i < words; i++) {
    if (token->freight[i] != hash(i)) {
      fail("word %u of the freight is %08x, not %08x", i, token->freight[i], hash(i));
    }
  }
  token->sum = hash_of(token->sum, token->hops, rank);
  token->hops++;
}

int main(int argc, char **argv) {
  struct arguments arguments =
      arguments_begin("ring", "[laps=20 [bytes=64 [turns=5000]]]", argc, argv);
  uint32_t laps = arguments_number(&arguments, "laps", 20, 1, 1000000);
  uint32_t bytes = arguments_number(&arguments, "bytes", 64, sizeof(struct token), MOST_BYTES);
  uint32_t turns = arguments_number(&arguments, "turns", 5000, 0, 1000000000);
  arguments_end(&arguments);

  uint32_t rank = message_rank(), size = message_size();
  uint32_t words = (bytes - sizeof(struct token)) / 4, length = sizeof(struct token) + 4 * words;
  struct token *token = heap_take(length);
  for (uint32_t i = 0; i < words; i++) token->freight[i] = hash(i);
  int32_t before = (int32_t)(rank == 0 ? size - 1 : rank - 1);
  for (uint32_t lap = 0; lap < laps; lap++) {
    if (rank > 0) {
      message_receive_whole(before, (int32_t)lap, token, length);
    } else if (lap > 0 && size > 1) {
      message_receive_whole(before, (int32_t)lap - 1, token, length);
    }
    if (rank == 0) token->lap = lap;
    delay(turns);
    add(token, words, lap, rank, size);
    if (size > 1) message_send(rank + 1 == size ? 0 : rank + 1, lap, token, length);
  }
  if (rank == 0 && size > 1) message_receive_whole(before, (int32_t)laps - 1, token, length);
  print("ring: rank %u of %u: %u laps, token after %u hops, sum %08x\n", rank, size, laps,
        token->hops, token->sum);
  return EXIT_GOOD;
}
