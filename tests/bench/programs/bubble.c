/* bubble: bubble sort of so many numbers, so many times, with the C library around it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void sort(int *value, size_t count) {
  for (size_t unsorted = count; unsorted > 1; unsorted--) {
    for (size_t i = 1; i < unsorted; i++) {
      if (value[i - 1] > value[i]) {
        int swap = value[i];
        value[i] = value[i - 1];
        value[i - 1] = swap;
      }
    }
  }
}

int main(int argc, char **argv) {
  size_t count = argc > 1 ? (size_t)atol(argv[1]) : 1000;
  int rounds = argc > 2 ? atoi(argv[2]) : 1;
  int *value = malloc(count * sizeof *value);
  if (value == NULL || count == 0) return 1;
  uint32_t random = 1, sum = 0;
  for (int round = 0; round < rounds; round++) {
    for (size_t i = 0; i < count; i++) {
      random = random * 1664525u + 1013904223u;
      value[i] = (int)(random >> 1);
    }
    sort(value, count);
    for (size_t i = 0; i < count; i++) sum = sum * 31 + (uint32_t)value[i];
  }
  printf("%zu numbers, %d times: least %d, greatest %d, sum %08x\n", count, rounds, value[0],
         value[count - 1], sum);
  free(value);
  return 0;
}
