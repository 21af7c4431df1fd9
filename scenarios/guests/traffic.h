/* The random traffic that gossip, bank and exits have in common: in each round every process sends
 * one message to a peer both sides can compute (runtime/peers.h), and takes what has come.
 *
 * A message says its round, and the receiver who may have sent it then: one that comes twice, or
 * from somebody else, or with other contents than its sender gave it, ends the process. */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/heap.h"
#include "runtime/messages.h"
#include "runtime/peers.h"
#include "runtime/process.h"

enum { TRAFFIC_TAG = 0 };

/* What a process has received: how many messages, and from which rounds. */
struct traffic {
  uint32_t rank, received;
  uint32_t *seen; /* a bit for each round */
};

static inline struct traffic traffic_begin(uint32_t rank, uint32_t rounds) {
  struct traffic traffic = {.rank = rank, .received = 0, .seen = 0};
  traffic.seen = heap_take((rounds / 32 + 1) * sizeof *traffic.seen);
  return traffic;
}

/* Enters a message of a round among those received. `peers` are those of that round and count
 * from the rank `first`. */
static inline void traffic_enter(struct traffic *traffic, const struct peers *peers, uint32_t first,
                                 uint32_t round, const struct envelope *envelope) {
  uint32_t bit = 1u << round % 32;
  if (traffic->seen[round / 32] & bit) {
    fail("the message of round %u from process %d came twice", round, envelope->from);
  }
  uint32_t sender = (uint32_t)envelope->from - first;
  if (sender >= peers->size || first + peers_of(peers, round, sender) != traffic->rank) {
    fail("a message of round %u came from process %d, who does not write to %u then", round,
         envelope->from, traffic->rank);
  }
  traffic->seen[round / 32] |= bit;
  traffic->received++;
}

#endif
