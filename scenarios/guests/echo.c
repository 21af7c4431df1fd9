/* echo: copies standard input to standard output with the number of the line before each line,
 * until the end of the file. For a look at input: a process that waits for it, and one that was
 * brought back in the middle of a line.
 *
 * What has been read is written before more is read, so that it answers at a terminal and so that
 * nothing but the number and the place within the line has to be remembered. */
#include <stdbool.h>
#include <stddef.h>

#include "runtime/arguments.h"
#include "runtime/input.h"
#include "runtime/print.h"
#include "runtime/process.h"

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin("echo", "", argc, argv);
  arguments_end(&arguments);

  static char bytes[4096];
  unsigned number = 0;
  bool in_line = false;
  for (size_t count; (count = input_read(bytes, sizeof bytes)) > 0;) {
    for (size_t i = 0, end; i < count; i = end) {
      if (!in_line) print("%u: ", ++number);
      for (end = i; end < count && bytes[end] != '\n';) end++;
      in_line = end == count;
      if (!in_line) end++; /* the line's end belongs to it */
      print_bytes(bytes + i, end - i);
    }
  }
  return EXIT_GOOD;
}
