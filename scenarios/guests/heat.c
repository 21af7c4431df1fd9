/* heat: how heat spreads in a plate, by Jacobi's method. Each process has a band of rows and in
 * each step sends its first and last row to its neighbours.
 *
 * Every cell is computed the same way whatever the number of processes, so the checksum of the
 * plate is, too. A step is a tag. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/maths.h"
#include "runtime/messages.h"
#include "runtime/print.h"
#include "runtime/process.h"
#include "runtime/string.h"

enum { RESULT_TAG = 1 << 24, MOST_SIDE = 2048 };

static const double hot = 100.0;

struct band {
  uint32_t rank, size, columns;
  uint32_t first, count; /* of the plate's rows, the ones of this process */
  double *now, *next;    /* count + 2 rows, the first and last those of the neighbours */
};

struct result {
  uint32_t checksum;
  double change;
};

static double *row_of(const struct band *band, double *cells, uint32_t row) {
  return cells + (size_t)row * band->columns;
}

/* The rows from the neighbours, or the plate's edge: hot above the first row, cold elsewhere. */
static void exchange(const struct band *band, uint32_t step) {
  size_t bytes = band->columns * sizeof(double);
  uint32_t last_rank = band->size - 1;
  if (band->rank > 0) message_send(band->rank - 1, step, row_of(band, band->now, 1), bytes);
  if (band->rank < last_rank) {
    message_send(band->rank + 1, step, row_of(band, band->now, band->count), bytes);
    message_receive_whole((int32_t)band->rank + 1, (int32_t)step,
                          row_of(band, band->now, band->count + 1), bytes);
  }
  if (band->rank > 0) {
    message_receive_whole((int32_t)band->rank - 1, (int32_t)step, band->now, bytes);
  }
}

/* One step; the greatest change of a cell. The first and last columns stay as they are. */
static double step_band(struct band *band) {
  double change = 0;
  for (uint32_t row = 1; row <= band->count; row++) {
    const double *here = row_of(band, band->now, row);
    const double *above = here - band->columns, *below = here + band->columns;
    double *new = row_of(band, band->next, row);
    new[0] = here[0];
    new[band->columns - 1] = here[band->columns - 1];
    for (uint32_t i = 1; i + 1 < band->columns; i++) {
      new[i] = 0.25 * (above[i] + below[i] + here[i - 1] + here[i + 1]);
      double changed = fabs(new[i] - here[i]);
      if (changed > change) change = changed;
    }
  }
  double *old = band->now;
  band->now = band->next;
  band->next = old;
  return change;
}

/* A sum over the cells, each with its place in the plate, so that bands add up. */
static uint32_t checksum_of(const struct band *band) {
  uint32_t sum = 0;
  for (uint32_t row = 1; row <= band->count; row++) {
    const double *cells = row_of(band, band->now, row);
    for (uint32_t i = 0; i < band->columns; i++) {
      uint32_t words[2];
      memcpy(words, &cells[i], sizeof words);
      sum += hash_of((band->first + row - 1) * band->columns + i, words[0], words[1]);
    }
  }
  return sum;
}

static void report(const struct band *band, struct result result) {
  print("heat: rank %u of %u: rows %u to %u, checksum %08x\n", band->rank, band->size, band->first,
        band->first + band->count, result.checksum);
  if (band->rank != 0) {
    message_send(0, RESULT_TAG, &result, sizeof result);
    return;
  }
  for (uint32_t other = 1; other < band->size; other++) {
    struct result theirs;
    message_receive_whole((int32_t)other, RESULT_TAG, &theirs, sizeof theirs);
    result.checksum += theirs.checksum;
    if (theirs.change > result.change) result.change = theirs.change;
  }
  print("heat: the plate: last change %.6f, checksum %08x\n", result.change, result.checksum);
}

int main(int argc, char **argv) {
  struct arguments arguments =
      arguments_begin("heat", "[rows=48 [columns=48 [steps=60]]]", argc, argv);
  uint32_t size = message_size();
  uint32_t rows = arguments_number(&arguments, "rows", 48, 1, MOST_SIDE);
  uint32_t columns = arguments_number(&arguments, "columns", 48, 1, MOST_SIDE);
  uint32_t steps = arguments_number(&arguments, "steps", 60, 1, 1000000);
  arguments_end(&arguments);
  if (rows < size) arguments_refuse(&arguments, "%u rows are too few for %u processes", rows, size);

  struct band band = {.rank = message_rank(), .size = size, .columns = columns};
  band.first = rows * band.rank / size;
  band.count = rows * (band.rank + 1) / size - band.first;
  size_t cells = (size_t)(band.count + 2) * columns;
  band.now = heap_take(cells * sizeof(double));
  band.next = heap_take(cells * sizeof(double));
  if (band.rank == 0) {
    for (uint32_t i = 0; i < columns; i++) band.now[i] = band.next[i] = hot;
  }
  double change = 0;
  for (uint32_t step = 0; step < steps; step++) {
    exchange(&band, step);
    change = step_band(&band);
  }
  report(&band, (struct result){checksum_of(&band), change});
  return EXIT_GOOD;
}
