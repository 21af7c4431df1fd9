/* malloc and free for the guests that need them: areas of powers of two, each kind with a list of
 * those given back. What is free stays with its size; nothing goes back to the kernel. */
#include <stddef.h>
#include <stdint.h>

#include "heap.h"

enum { SMALLEST = 4, SIZES = 28, CHUNK = 16 * 1024 };

/* Before each area; 8 bytes, which areas are aligned to. */
union head {
  struct {
    union head *next;
    uint32_t size; /* power of two of the bytes that follow */
  } is;
  uint64_t aligned;
};

static union head *given_back[SIZES + 1];
static char *chunk, *chunk_end;

static union head *take_new(uint32_t size) {
  size_t bytes = sizeof(union head) + ((size_t)1 << size);
  if (bytes > CHUNK) return heap_take(bytes);
  if (bytes > (size_t)(chunk_end - chunk)) {
    chunk = heap_take(CHUNK);
    chunk_end = chunk + CHUNK;
  }
  union head *head = (union head *)chunk;
  chunk += bytes;
  return head;
}

void *malloc(size_t bytes) {
  uint32_t size = SMALLEST;
  while (size < SIZES && (size_t)1 << size < bytes) size++;
  if ((size_t)1 << size < bytes) return NULL;
  union head *head = given_back[size];
  if (head != NULL) {
    given_back[size] = head->is.next;
  } else {
    head = take_new(size);
    head->is.size = size;
  }
  return head + 1;
}

void free(void *area) {
  if (area == NULL) return;
  union head *head = (union head *)area - 1;
  head->is.next = given_back[head->is.size];
  given_back[head->is.size] = head;
}
