/* Progress: tells when another quarter of the work is done, so that a guest says a little, and
 * always at the same points, on its way. The last quarter is left to the program's result. */
#ifndef QUARTER_H
#define QUARTER_H

#include <stdbool.h>
#include <stdint.h>

struct quarter {
  uint32_t total, passed, next;
};

/* total * passed / 4 without overflow. */
static inline uint32_t quarter_bound(uint32_t total, uint32_t passed) {
  return total / 4 * passed + total % 4 * passed / 4;
}

static inline struct quarter quarter_begin(uint32_t total) {
  return (struct quarter){.total = total, .passed = 0, .next = quarter_bound(total, 1)};
}

/* With `done` steps of the total done: whether a quarter was passed since the last call. */
static inline bool quarter_passed(struct quarter *quarter, uint32_t done) {
  if (done < quarter->next || done == quarter->total) return false;
  while (done >= quarter->next) {
    quarter->passed++;
    quarter->next = quarter_bound(quarter->total, quarter->passed + 1);
  }
  return true;
}

#endif
