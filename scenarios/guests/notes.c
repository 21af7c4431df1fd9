/* notes: keeps a file and a pipe open all the time. In every round it appends a line to the file,
 * puts the number of the round into the pipe and takes the oldest number out; in the end it reads
 * the file from its beginning. For systems that move a process with what it has open: a position
 * that is not the old one, a byte that is missing from the pipe or that comes twice, ends it. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/checksum.h"
#include "runtime/delay.h"
#include "runtime/print.h"
#include "runtime/process.h"
#include "runtime/quarter.h"
#include "runtime/syscall.h"

enum { FLAGS_READ_WRITE = 2, FLAGS_CREATE = 0100, FLAGS_TRUNCATE = 01000, MODE = 0644 };
enum { FROM_BEGINNING = 0, FROM_HERE = 1 };

/* A line of the file. */
struct note {
  uint32_t round, square;
};

static long must(const char *what, long number, long a, long b, long c) {
  long result = system_call(number, a, b, c, 0, 0, 0);
  if (result < 0) fail("%s: error %d", what, (int)-result);
  return result;
}

static void put(const char *what, int descriptor, const void *bytes, long count) {
  if (must(what, SYSCALL_WRITE, descriptor, (long)bytes, count) != count) fail("%s: too little", what);
}

static void take(const char *what, int descriptor, void *bytes, long count) {
  if (must(what, SYSCALL_READ, descriptor, (long)bytes, count) != count) fail("%s: too little", what);
}

int main(int argc, char **argv) {
  struct arguments arguments =
      arguments_begin("notes", "[rounds=2000 [depth=16 [turns=500]]]", argc, argv);
  uint32_t rounds = arguments_number(&arguments, "rounds", 2000, 1, 1000000);
  uint32_t depth = arguments_number(&arguments, "depth", 16, 1, 1000);
  uint32_t turns = arguments_number(&arguments, "turns", 500, 0, 1000000000);
  arguments_end(&arguments);

  int file = must("open", SYSCALL_OPEN, (long)"/tmp/notes",
                  FLAGS_READ_WRITE | FLAGS_CREATE | FLAGS_TRUNCATE, MODE);
  int ends[2];
  must("pipe", SYSCALL_PIPE2, (long)ends, 0, 0);
  print("notes: %u rounds, %u numbers in the pipe\n", rounds, depth);

  struct quarter quarter = quarter_begin(rounds);
  for (uint32_t round = 1; round <= rounds; round++) {
    delay(turns);
    struct note note = {.round = round, .square = round * round};
    put("file", file, &note, sizeof note);
    put("pipe", ends[1], &round, sizeof round);
    if (round > depth) {
      uint32_t oldest;
      take("pipe", ends[0], &oldest, sizeof oldest);
      if (oldest != round - depth) fail("the pipe gave %u in round %u", oldest, round);
    }
    if (quarter_passed(&quarter, round)) print("notes: %u%%\n", 25 * quarter.passed);
  }

  uint32_t position = must("where", SYSCALL_LSEEK, file, 0, FROM_HERE);
  if (position != rounds * sizeof(struct note)) fail("the file stands at %u", position);
  must("back", SYSCALL_LSEEK, file, 0, FROM_BEGINNING);
  struct checksum checksum = {0, 0};
  for (uint32_t round = 1; round <= rounds; round++) {
    struct note note;
    take("file", file, &note, sizeof note);
    if (note.round != round || note.square != round * round) fail("line %u is not as written", round);
    checksum_area(&checksum, &note, sizeof note);
  }
  print("notes: checksum %016llx\n", checksum_value(&checksum));
  return EXIT_GOOD;
}
