/* What wmem1, wmem2 and writer have in common: storing one word every so many bytes of an area, from its
 * start to its end, again and again, with a pause after each store.
 *
 * The word stored is the running number of the store. So the area says how far the program was,
 * and a copy of it whose parts are from different moments says that it is torn: from one slot to
 * the next the numbers go up by one, but for the one place the program has reached. */
#ifndef WMEM_H
#define WMEM_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/checksum.h"
#include "runtime/delay.h"
#include "runtime/heap.h"
#include "runtime/print.h"
#include "runtime/process.h"
#include "runtime/quarter.h"

static inline int wmem(const char *name, uint32_t bytes_apart, int argc, char **argv) {
#ifdef WMEM_STRIDE_IS_GIVEN /* by the user, as the first argument, and not by the program */
  struct arguments arguments =
      arguments_begin(name, "[stride=4096 [pages=256 [sweeps=32 [gap=250]]]]", argc, argv);
  bytes_apart = arguments_number(&arguments, "stride", 4096, sizeof(uint32_t), PAGE_SIZE);
  if (PAGE_SIZE % bytes_apart != 0 || bytes_apart % sizeof(uint32_t) != 0) {
    arguments_refuse(&arguments, "a stride divides a page into words, %u does not", bytes_apart);
  }
#else
  struct arguments arguments =
      arguments_begin(name, "[pages=256 [sweeps=32 [gap=250]]]", argc, argv);
#endif
  uint32_t pages = arguments_number(&arguments, "pages", 256, 1, 65536);
  uint32_t sweeps = arguments_number(&arguments, "sweeps", 32, 1, 1000000);
  uint32_t gap = arguments_number(&arguments, "gap", 250, 0, 1000000000);
  arguments_end(&arguments);
  uint32_t slots = pages * (PAGE_SIZE / bytes_apart);
  if (sweeps > INT32_MAX / slots) { /* or the numbers of the stores would not fit a word */
    arguments_refuse(&arguments, "%u pages are swept %u times at most, not %u",
                     pages, (INT32_MAX / slots),
                     sweeps);
  }

  size_t words_apart = bytes_apart / sizeof(uint32_t);
  volatile uint32_t *area = heap_map(pages);
  volatile uint32_t *end = area + slots * words_apart;
  uint32_t total = slots * sweeps;
  print("%s: %u pages, a word every %u bytes, %u sweeps, gap %u\n", name,
        pages, bytes_apart, sweeps,
        gap);

  struct quarter quarter = quarter_begin(total);
  volatile uint32_t *slot = area;
  for (uint32_t store = 1; store <= total; store++) {
    *slot = store;
    slot += words_apart;
    if (slot == end) slot = area;
    delay(gap);
    if (quarter_passed(&quarter, store)) {
      print("%s: store %u of %u\n", name, store, total);
    }
  }

  for (uint32_t i = 0; i < slots; i++) {
    uint32_t wanted = total - slots + 1 + i;
    if (area[i * words_apart] != wanted) {
      fail("slot %u holds %u, not %u: a store was lost", i,
           area[i * words_apart], wanted);
    }
  }
  /* Over every word, also those between the slots, which nobody may have touched. */
  struct checksum checksum = {0, 0};
  checksum_area(&checksum, (const void *)area, (size_t)pages * PAGE_SIZE);
  print("%s: %u stores, checksum of the area %016llx\n", name, total,
        checksum_value(&checksum));
  return EXIT_GOOD;
}

#endif
