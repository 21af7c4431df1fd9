/* Memory and string functions: those GCC calls by itself, and the few the guests use.
 *
 * Copies and fills go by words where the addresses allow it. The Makefile keeps GCC from turning
 * these loops into calls of the very functions they implement. */
#include "string.h"

#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;

static int aligned(const void *one, const void *other) {
  return (((uintptr_t)one | (uintptr_t)other) & (sizeof(word) - 1)) == 0;
}

void *memcpy(void *to, const void *from, size_t count) {
  char *out = to;
  const char *in = from;
  if (aligned(to, from)) {
    for (; count >= sizeof(word); count -= sizeof(word)) {
      *(word *)out = *(const word *)in;
      out += sizeof(word);
      in += sizeof(word);
    }
  }
  for (; count > 0; count--) *out++ = *in++;
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  char *out = to;
  const char *in = from;
  if (out <= in || out >= in + count) return memcpy(to, from, count);
  while (count-- > 0) out[count] = in[count];
  return to;
}

void *memset(void *to, int byte, size_t count) {
  char *out = to;
  if (aligned(to, to)) {
    word pattern = (unsigned char)byte * 0x01010101u;
    for (; count >= sizeof(word); count -= sizeof(word)) {
      *(word *)out = pattern;
      out += sizeof(word);
    }
  }
  for (; count > 0; count--) *out++ = (char)byte;
  return to;
}

int memcmp(const void *left, const void *right, size_t count) {
  const unsigned char *a = left, *b = right;
  for (; count > 0; count--, a++, b++) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

size_t strlen(const char *text) {
  const char *end = text;
  while (*end != '\0') end++;
  return (size_t)(end - text);
}

int strcmp(const char *left, const char *right) {
  while (*left != '\0' && *left == *right) left++, right++;
  return (unsigned char)*left - (unsigned char)*right;
}
