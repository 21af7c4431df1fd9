/* matpower: a power of a matrix. Rows are distributed; in each multiplication the blocks of the
 * factor go round, each process passing on the one it has used: much work, few messages.
 *
 * Elements are whole numbers modulo 2^32, so the result is exact and the same for every number of
 * processes. It is checked by applying the matrix to a vector as often. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/messages.h"
#include "runtime/print.h"
#include "runtime/process.h"
#include "runtime/string.h"

enum { RESULT_TAG = 1 << 30, MOST_SIZE = 1024, MOST_POWER = 1000 };

static uint32_t element(uint32_t row, uint32_t column) { return hash(row << 16 | column); }

/* Of `n` rows the first of a process; that of the process after the last is n. */
static uint32_t first_of(uint32_t n, uint32_t rank, uint32_t size) {
  return n * rank / size;
}

struct matpower {
  uint32_t n, rank, size, first, rows;
  uint32_t *power, *product; /* the rows of this process */
  uint32_t *block, *other;   /* of the factor, as many rows as the largest block */
};

/* Adds to the product what a block of the factor contributes. */
static void multiply(const struct matpower *work, uint32_t first, uint32_t rows) {
  uint32_t n = work->n;
  for (uint32_t i = 0; i < work->rows; i++) {
    uint32_t *out = work->product + i * n;
    for (uint32_t k = 0; k < rows; k++) {
      uint32_t factor = work->power[i * n + first + k];
      const uint32_t *row = work->block + k * n;
      for (uint32_t j = 0; j < n; j++) out[j] += factor * row[j];
    }
  }
}

/* Multiplies the power by the matrix; `tag` is of this multiplication's first message. */
static void raise(struct matpower *work, uint32_t tag) {
  uint32_t n = work->n, size = work->size;
  memset(work->product, 0, work->rows * n * sizeof *work->product);
  for (uint32_t i = 0; i < work->rows * n; i++) {
    work->block[i] = element(work->first + i / n, i % n);
  }
  for (uint32_t step = 0; step < size; step++) {
    uint32_t owner = (work->rank + step) % size, next = (owner + 1) % size;
    uint32_t first = first_of(n, owner, size), rows = first_of(n, owner + 1, size) - first;
    bool last = step + 1 == size;
    if (!last) {
      message_send((work->rank + size - 1) % size, tag + step, work->block, rows * n * 4);
    }
    multiply(work, first, rows);
    if (last) break;
    uint32_t coming = first_of(n, next + 1, size) - first_of(n, next, size);
    message_receive_whole((int32_t)((work->rank + 1) % size), (int32_t)(tag + step), work->other,
                          coming * n * 4);
    uint32_t *used = work->block;
    work->block = work->other;
    work->other = used;
  }
  uint32_t *old = work->power;
  work->power = work->product;
  work->product = old;
}

/* Row sums of the power, computed in another way: the matrix applied to ones again and again. */
static void check(const struct matpower *work, uint32_t exponent) {
  uint32_t n = work->n;
  uint32_t *vector = heap_take(n * sizeof *vector), *next = heap_take(n * sizeof *vector);
  for (uint32_t i = 0; i < n; i++) vector[i] = 1;
  for (uint32_t e = 0; e < exponent; e++) {
    for (uint32_t i = 0; i < n; i++) {
      next[i] = 0;
      for (uint32_t j = 0; j < n; j++) next[i] += element(i, j) * vector[j];
    }
    uint32_t *old = vector;
    vector = next;
    next = old;
  }
  for (uint32_t i = 0; i < work->rows; i++) {
    uint32_t sum = 0;
    for (uint32_t j = 0; j < n; j++) sum += work->power[i * n + j];
    if (sum != vector[work->first + i]) {
      fail("row %u of the power sums up to %08x, not %08x", work->first + i, sum,
           vector[work->first + i]);
    }
  }
}

static void report(const struct matpower *work) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < work->rows * work->n; i++) {
    sum += hash_of(work->first * work->n + i, work->power[i], 0);
  }
  print("matpower: rank %u of %u: rows %u to %u, checksum %08x\n", work->rank, work->size,
        work->first, work->first + work->rows, sum);
  if (work->rank != 0) {
    message_send(0, RESULT_TAG, &sum, sizeof sum);
    return;
  }
  for (uint32_t other = 1; other < work->size; other++) {
    uint32_t theirs;
    message_receive_whole((int32_t)other, RESULT_TAG, &theirs, sizeof theirs);
    sum += theirs;
  }
  print("matpower: the power: checksum %08x\n", sum);
}

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin("matpower", "[size=48 [power=8]]", argc, argv);
  uint32_t n = arguments_number(&arguments, "size", 48, 1, MOST_SIZE);
  uint32_t exponent = arguments_number(&arguments, "power", 8, 1, MOST_POWER);
  arguments_end(&arguments);

  struct matpower work = {.n = n, .rank = message_rank(), .size = message_size()};
  work.first = first_of(n, work.rank, work.size);
  work.rows = first_of(n, work.rank + 1, work.size) - work.first;
  size_t block = (size_t)(n / work.size + 1) * n * sizeof(uint32_t);
  work.power = heap_take(block);
  work.product = heap_take(block);
  work.block = heap_take(block);
  work.other = heap_take(block);
  for (uint32_t i = 0; i < work.rows * n; i++) {
    work.power[i] = element(work.first + i / n, i % n);
  }
  for (uint32_t e = 1; e < exponent; e++) raise(&work, e * work.size);
  check(&work, exponent);
  report(&work);
  return EXIT_GOOD;
}
