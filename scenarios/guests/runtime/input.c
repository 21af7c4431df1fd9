/* Input: bytes from standard input as they come. */
#include "input.h"

#include "process.h"
#include "syscall.h"

enum { STANDARD_INPUT = 0 };

size_t input_read(char *bytes, size_t most) {
  long got;
  do {
    got = system_call(SYSCALL_READ, STANDARD_INPUT, (long)bytes, (long)most, 0, 0, 0);
  } while (got == SYSCALL_INTERRUPTED);
  if (got < 0) fail("cannot read standard input (error %ld)", -got);
  return (size_t)got;
}
