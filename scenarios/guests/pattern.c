/* pattern: finds a word in a long random text by the method of Knuth, Morris and Pratt.
 *
 * Writes a text once and then only reads: after the text is made, a checkpoint that copies what is
 * written has next to nothing to do. The text has two letters and the word repeats itself on the
 * small scale, so that the search often falls back only part of the way. */
#include <stddef.h>
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/checksum.h"
#include "runtime/heap.h"
#include "runtime/print.h"
#include "runtime/process.h"
#include "runtime/quarter.h"
#include "runtime/random.h"

static const char word[] = "abaababaabaab";
enum { WORD_LENGTH = sizeof word - 1 };

/* fallback[n]: the length of the longest beginning of the word, other than all of it, that the
 * first n letters of the word end with. */
static void fill_fallback(uint32_t *fallback) {
  fallback[0] = fallback[1] = 0;
  uint32_t length = 0;
  for (uint32_t n = 1; n < WORD_LENGTH; n++) {
    while (length > 0 && word[n] != word[length]) length = fallback[length];
    if (word[n] == word[length]) length++;
    fallback[n + 1] = length;
  }
}

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin("pattern", "[length=131072]", argc, argv);
  uint32_t length = arguments_number(&arguments, "length", 131072, 1, 67108864);
  arguments_end(&arguments);

  char *text = heap_take(length);
  struct random random = random_begin();
  for (uint32_t i = 0; i < length; i++) text[i] = (random_next(&random) & 1) == 0 ? 'a' : 'b';
  print("pattern: looking for %s in %u letters\n", word, length);

  uint32_t fallback[WORD_LENGTH + 1];
  fill_fallback(fallback);
  uint32_t matched = 0, found = 0, first = 0, last = 0;
  struct checksum checksum = {0, 0};
  struct quarter quarter = quarter_begin(length);
  for (uint32_t i = 0; i < length; i++) {
    while (matched > 0 && text[i] != word[matched]) matched = fallback[matched];
    if (text[i] == word[matched]) matched++;
    if (matched == WORD_LENGTH) {
      last = i + 1 - WORD_LENGTH;
      if (found++ == 0) first = last;
      checksum_add(&checksum, last);
      matched = fallback[matched];
    }
    if (quarter_passed(&quarter, i + 1)) {
      print("pattern: %u of %u letters read, found %u\n", (i + 1),
            length, found);
    }
  }

  if (found == 0) {
    print("pattern: not found\n");
  } else {
    print("pattern: found %u, first at %u, last at %u, checksum of the places %016llx\n",
          found, first, last,
          checksum_value(&checksum));
  }
  return EXIT_GOOD;
}
