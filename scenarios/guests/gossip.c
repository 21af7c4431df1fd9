/* gossip: random traffic. Each process sends so many messages, one to a random peer after each
 * gap, and takes what comes meanwhile; then it waits for the rest, and sums up all it has received.
 *
 * What a message holds follows from its sender and round, and the sum does not depend on the order
 * in which messages come: a run that was rolled back prints what an undisturbed one does. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/clock.h"
#include "runtime/hash.h"
#include "runtime/print.h"
#include "traffic.h"

enum { WORDS_AT_LEAST = 2, MOST_BYTES = 1 << 20 };

/* Word 0 is the round; the others follow from the sender, the round and their place. */
static uint32_t word_at(uint32_t key, uint32_t place) { return key + place * 0x9e3779b9u; }

struct gossip {
  struct peers peers;
  struct traffic traffic;
  uint32_t messages, words, sum;
  uint32_t *buffer;
};

static void send_round(struct gossip *gossip, uint32_t round) {
  uint32_t rank = gossip->traffic.rank, key = hash_of(gossip->peers.seed, rank, round);
  gossip->buffer[0] = round;
  for (uint32_t i = 1; i < gossip->words; i++) gossip->buffer[i] = word_at(key, i);
  message_send(peers_of(&gossip->peers, round, rank), TRAFFIC_TAG, gossip->buffer,
               gossip->words * sizeof *gossip->buffer);
}

static void enter(struct gossip *gossip, const struct envelope *envelope) {
  uint32_t round = gossip->buffer[0], from = (uint32_t)envelope->from;
  if (envelope->bytes != gossip->words * sizeof *gossip->buffer || round >= gossip->messages) {
    fail("a message of %u bytes and round %u came from process %d; expected %u bytes, a round "
         "below %u", envelope->bytes, round, envelope->from, gossip->words * 4, gossip->messages);
  }
  traffic_enter(&gossip->traffic, &gossip->peers, 0, round, envelope);
  uint32_t key = hash_of(gossip->peers.seed, from, round);
  for (uint32_t i = 1; i < gossip->words; i++) {
    if (gossip->buffer[i] != word_at(key, i)) {
      fail("word %u of the message of round %u from process %u is %08x, not %08x", i, round, from,
           gossip->buffer[i], word_at(key, i));
    }
  }
  gossip->sum += hash_of(key, from, round);
}

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin(
      "gossip", "[messages=40 [bytes=256 [microseconds between=200 [seed=1]]]]", argc, argv);
  uint32_t messages = arguments_number(&arguments, "messages", 40, 1, 1000000);
  uint32_t bytes = arguments_number(&arguments, "bytes", 256, WORDS_AT_LEAST * 4, MOST_BYTES);
  uint32_t between = arguments_number(&arguments, "microseconds between", 200, 0, 1000000000);
  uint32_t seed = arguments_number(&arguments, "seed", 1, 0, UINT32_MAX);
  arguments_end(&arguments);

  uint32_t rank = message_rank(), size = message_size();
  struct gossip gossip = {
      .peers = peers_begin(seed, size),
      .traffic = traffic_begin(rank, messages),
      .messages = messages,
      .words = (bytes + 3) / 4,
      .sum = 0,
      .buffer = 0,
  };
  gossip.buffer = heap_take(gossip.words * sizeof *gossip.buffer);
  uint32_t most = gossip.words * sizeof *gossip.buffer, expected = size == 1 ? 0 : messages;

  struct envelope envelope;
  for (uint32_t round = 0; round < expected; round++) {
    clock_rest(between);
    send_round(&gossip, round);
    while (gossip.traffic.received < expected &&
           message_poll(ANY_PROCESS, TRAFFIC_TAG, gossip.buffer, most, &envelope)) {
      enter(&gossip, &envelope);
    }
  }
  while (gossip.traffic.received < expected) {
    envelope = message_receive(ANY_PROCESS, TRAFFIC_TAG, gossip.buffer, most);
    enter(&gossip, &envelope);
  }
  print("gossip: rank %u of %u: %u messages received, checksum %08x\n", rank, size,
        gossip.traffic.received, gossip.sum);
  return EXIT_GOOD;
}
