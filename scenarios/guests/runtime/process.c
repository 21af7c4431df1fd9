/* The process: its name in messages, and the ways it ends. */
#include "process.h"

#include <stdarg.h>
#include <stddef.h>

#include "print.h"
#include "syscall.h"

const char *process_name = "guest";

void leave(int status) {
  for (;;) system_call(SYSCALL_EXIT_GROUP, status, 0, 0, 0, 0, 0);
}

void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  print_complaint(NULL, format, values);
  va_end(values);
  leave(EXIT_FAILED);
}
