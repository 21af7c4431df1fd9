/* sort: bubble sort of random integers.
 *
 * Reads and writes one small area over and over: nearly every page is written in every pass, and
 * the writes thin out towards the end. The number of swaps is the number of pairs that were out of
 * order, whatever way they are counted. */
#include <stddef.h>
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/checksum.h"
#include "runtime/heap.h"
#include "runtime/print.h"
#include "runtime/process.h"
#include "runtime/quarter.h"
#include "runtime/random.h"

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin("sort", "[count=1000]", argc, argv);
  uint32_t count = arguments_number(&arguments, "count", 1000, 1, 100000);
  arguments_end(&arguments);

  int32_t *value = heap_take(count * sizeof *value);
  struct random random = random_begin();
  uint32_t sum = 0;
  for (uint32_t i = 0; i < count; i++) {
    value[i] = (int32_t)random_next(&random);
    sum += (uint32_t)value[i];
  }
  print("sort: %u integers, %d first\n", count, value[0]);

  /* Behind the place of a pass's last swap all is sorted. */
  unsigned long long swaps = 0;
  struct quarter quarter = quarter_begin(count);
  for (uint32_t unsorted = count; unsorted > 1;) {
    uint32_t last = 0, swaps_now = 0;
    for (uint32_t i = 1; i < unsorted; i++) {
      int32_t left = value[i - 1], right = value[i];
      if (left > right) {
        value[i - 1] = right;
        value[i] = left;
        last = i;
        swaps_now++;
      }
    }
    swaps += swaps_now;
    unsorted = last;
    if (quarter_passed(&quarter, count - unsorted)) {
      print("sort: %u of %u in place, %llu swaps\n", (count - unsorted),
            count, swaps);
    }
  }

  struct checksum checksum = {0, 0};
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0 && value[i - 1] > value[i]) fail("number %u is out of order", i);
    checksum_add(&checksum, (uint32_t)value[i]);
  }
  if (checksum.sum != sum) fail("the sum is not that of the numbers put in");
  print("sort: %llu swaps, least %d, middle %d, greatest %d\n", swaps, value[0],
        value[count / 2], value[count - 1]);
  print("sort: checksum %016llx\n", checksum_value(&checksum));
  return EXIT_GOOD;
}
