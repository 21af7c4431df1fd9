/* Who sends to whom in a round of random traffic, by a rule that both sides can compute: in each
 * round the processes stand in a circle in random order, and each sends to the one so many places
 * further on. So every process sends one message a round and gets one, nobody writes to himself,
 * and nobody has to be told how many messages to expect.
 *
 * The order is a permutation that needs no table: a Feistel network over the next power of four,
 * applied until the result is a rank (Black and Rogaway 2002). */
#ifndef PEERS_H
#define PEERS_H

#include <stdint.h>

#include "hash.h"

struct peers {
  uint32_t seed;
  uint32_t size; /* 1 to 65536 processes */
  uint32_t half; /* bits in each half of the network */
};

enum { PEERS_STEPS = 4 };

static inline struct peers peers_begin(uint32_t seed, uint32_t size) {
  uint32_t half = 1;
  while (1u << 2 * half < size) half++; /* at most 8, for 65536 */
  return (struct peers){seed, size, half};
}

/* What the network does in a round, as one word. */
static inline uint32_t peers_key(const struct peers *peers, uint32_t round) {
  return hash_of(peers->seed, round, 0);
}

static inline uint32_t peers_mix(uint32_t key, uint32_t step, uint32_t word, uint32_t half) {
  return hash(key + (step << 16) + word) & ((1u << half) - 1);
}

/* The rank at a place of the circle. */
static inline uint32_t peers_rank_at(const struct peers *peers, uint32_t key, uint32_t place) {
  uint32_t half = peers->half, mask = (1u << half) - 1;
  do {
    uint32_t high = place >> half, low = place & mask;
    for (uint32_t step = 0; step < PEERS_STEPS; step++) {
      uint32_t next = high ^ peers_mix(key, step, low, half);
      high = low;
      low = next;
    }
    place = high << half | low;
  } while (place >= peers->size);
  return place;
}

/* The place of a rank in the circle. */
static inline uint32_t peers_place_of(const struct peers *peers, uint32_t key, uint32_t rank) {
  uint32_t half = peers->half, mask = (1u << half) - 1;
  do {
    uint32_t high = rank >> half, low = rank & mask;
    for (uint32_t step = PEERS_STEPS; step-- > 0;) {
      uint32_t before = low ^ peers_mix(key, step, high, half);
      low = high;
      high = before;
    }
    rank = high << half | low;
  } while (rank >= peers->size);
  return rank;
}

/* To whom a rank sends in a round; with one process, nobody: itself. */
static inline uint32_t peers_of(const struct peers *peers, uint32_t round, uint32_t rank) {
  if (peers->size == 1) return rank;
  uint32_t key = peers_key(peers, round);
  uint32_t further = 1 + hash_below(hash(~key), peers->size - 1);
  uint32_t place = peers_place_of(peers, key, rank) + further;
  return peers_rank_at(peers, key, place < peers->size ? place : place - peers->size);
}

#endif
