/* Memory from the kernel, for good: nothing is ever given back. */
#include "heap.h"

#include <stdint.h>

#include "process.h"
#include "syscall.h"

enum { PROTECTION_READ_WRITE = 1 | 2, MAP_PRIVATE_ANONYMOUS = 0x02 | 0x20, NO_FILE = -1 };

/* mmap2 answers an address or -4095 to -1. */
static int is_error(uintptr_t result) { return result >= (uintptr_t)-4095; }

static uintptr_t page_up(uintptr_t address) {
  return (address + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1);
}

static uintptr_t set_break(uintptr_t end) {
  return (uintptr_t)system_call(SYSCALL_BRK, (long)end, 0, 0, 0, 0, 0);
}

void *heap_take(size_t bytes) {
  uintptr_t start = page_up(set_break(0));
  uintptr_t end = page_up(start + bytes);
  /* A refused brk answers the old break, which is below. */
  if (end < start || set_break(end) != end) fail("no memory for %u bytes", bytes);
  return (void *)start;
}

void *heap_map(size_t pages) {
  long bytes = (long)(pages * PAGE_SIZE);
  uintptr_t start = (uintptr_t)system_call(SYSCALL_MMAP2, 0, bytes, PROTECTION_READ_WRITE,
                                           MAP_PRIVATE_ANONYMOUS, NO_FILE, 0);
  if (is_error(start)) fail("no memory for %u pages", pages);
  return (void *)start;
}
