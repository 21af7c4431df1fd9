/* fractal: the Mandelbrot set by a master and workers. Process 0 hands out rows on demand, one at
 * a time, and the workers send them back: many small messages, and who computes what depends on
 * who is fastest.
 *
 * The picture does not: process 0 puts it together, checks that all the workers say they have
 * sent has come, and tells everybody the picture's checksum, which each prints. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/checksum.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/messages.h"
#include "runtime/print.h"
#include "runtime/process.h"

enum { ROW_TAG, RESULT_TAG, END_TAG, TOTAL_TAG, PICTURE_TAG, MOST_SIDE = 2048 };

struct picture {
  uint32_t rows, columns, depth;
};

/* Rows done, and a sum over them that does not depend on their order. */
struct total {
  uint32_t rows, sum;
};

struct row {
  uint32_t number;
  uint32_t depth[]; /* of each point: steps before it is known to escape */
};

static size_t row_bytes(const struct picture *picture) {
  return sizeof(struct row) + picture->columns * sizeof(uint32_t);
}

static uint32_t escape(double x, double y, uint32_t depth) {
  double re = 0, im = 0;
  for (uint32_t step = 0; step < depth; step++) {
    double re2 = re * re, im2 = im * im;
    if (re2 + im2 > 4.0) return step;
    im = 2.0 * re * im + y;
    re = re2 - im2 + x;
  }
  return depth;
}

static void compute(const struct picture *picture, uint32_t number, struct row *row) {
  double y = -1.25 + 2.5 * (double)(int)number / (double)(int)picture->rows;
  row->number = number;
  for (uint32_t i = 0; i < picture->columns; i++) {
    double x = -2.0 + 2.75 * (double)(int)i / (double)(int)picture->columns;
    row->depth[i] = escape(x, y, picture->depth);
  }
}

static void add(struct total *total, const struct picture *picture, const struct row *row) {
  struct checksum checksum = {0, 0};
  checksum_area(&checksum, row->depth, picture->columns * sizeof *row->depth);
  total->rows++;
  total->sum += hash_of(row->number, checksum.sum, checksum.sums);
}

static void work(const struct picture *picture, uint32_t rank, uint32_t size) {
  struct row *row = heap_take(row_bytes(picture));
  struct total total = {0, 0};
  for (;;) {
    uint32_t number = 0;
    struct envelope envelope = message_receive_whole(0, ANY_TAG, &number, sizeof number);
    if (envelope.tag == END_TAG) break;
    compute(picture, number, row);
    add(&total, picture, row);
    message_send(0, RESULT_TAG, row, row_bytes(picture));
  }
  message_send(0, TOTAL_TAG, &total, sizeof total);
  struct checksum whole;
  message_receive_whole(0, PICTURE_TAG, &whole, sizeof whole);
  print("fractal: rank %u of %u: checksum of the picture %016llx\n", rank, size,
        checksum_value(&whole));
}

/* Copies a row to its place in the picture, once. */
static void place(const struct picture *picture, uint32_t *points, bool *placed,
                  const struct row *row) {
  if (row->number >= picture->rows) fail("row %u came, of %u", row->number, picture->rows);
  if (placed[row->number]) fail("row %u came twice", row->number);
  placed[row->number] = true;
  for (uint32_t i = 0; i < picture->columns; i++) {
    points[row->number * picture->columns + i] = row->depth[i];
  }
}

/* Hands out the next row, or the end. */
static void hand_out(const struct picture *picture, uint32_t *next, uint32_t to) {
  uint32_t number = *next;
  message_send(to, number < picture->rows ? ROW_TAG : END_TAG, &number, sizeof number);
  if (number < picture->rows) ++*next;
}

static struct total collect(const struct picture *picture, uint32_t *points, uint32_t size) {
  struct row *row = heap_take(row_bytes(picture));
  bool *placed = heap_take(picture->rows);
  struct total got = {0, 0};
  uint32_t next = 0;
  for (uint32_t worker = 1; worker < size; worker++) hand_out(picture, &next, worker);
  while (got.rows < picture->rows) {
    uint32_t from = 0;
    if (size == 1) {
      compute(picture, got.rows, row);
    } else {
      from = (uint32_t)message_receive_whole(ANY_PROCESS, RESULT_TAG, row, row_bytes(picture)).from;
    }
    place(picture, points, placed, row);
    add(&got, picture, row);
    if (size > 1) hand_out(picture, &next, from);
  }
  return got;
}

static void direct(const struct picture *picture, uint32_t size) {
  uint32_t *points = heap_take((size_t)picture->rows * picture->columns * sizeof *points);
  struct total got = collect(picture, points, size), said = {0, 0};
  for (uint32_t worker = 1; worker < size; worker++) {
    struct total total;
    message_receive_whole((int32_t)worker, TOTAL_TAG, &total, sizeof total);
    said.rows += total.rows;
    said.sum += total.sum;
  }
  if (size > 1 && (got.rows != said.rows || got.sum != said.sum)) {
    fail("%u rows came with sum %08x, but %u were sent with %08x", got.rows, got.sum, said.rows,
         said.sum);
  }
  struct checksum whole = {0, 0};
  checksum_area(&whole, points, (size_t)picture->rows * picture->columns * sizeof *points);
  for (uint32_t worker = 1; worker < size; worker++) {
    message_send(worker, PICTURE_TAG, &whole, sizeof whole);
  }
  print("fractal: rank 0 of %u: %u rows of %u, checksum of the picture %016llx\n", size,
        picture->rows, picture->columns, checksum_value(&whole));
}

int main(int argc, char **argv) {
  struct arguments arguments =
      arguments_begin("fractal", "[rows=96 [columns=64 [depth=150]]]", argc, argv);
  struct picture picture;
  picture.rows = arguments_number(&arguments, "rows", 96, 1, MOST_SIDE);
  picture.columns = arguments_number(&arguments, "columns", 64, 1, MOST_SIDE);
  picture.depth = arguments_number(&arguments, "depth", 150, 1, 1000000);
  arguments_end(&arguments);
  uint32_t rank = message_rank(), size = message_size();
  if (rank == 0) {
    direct(&picture, size);
  } else {
    work(&picture, rank, size);
  }
  return EXIT_GOOD;
}
