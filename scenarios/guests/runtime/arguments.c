/* The arguments of a guest: read in order, each with a standard value for when it is left out. */
#include "arguments.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "print.h"
#include "process.h"
#include "string.h"

struct arguments arguments_begin(const char *name, const char *usage, int argc, char **argv) {
  process_name = name;
  /* A process may be started without even a name. */
  return (struct arguments){.usage = usage, .rest = argc > 0 ? argv + 1 : argv};
}

static bool read_number(const char *text, uint32_t *number) {
  if (*text == '\0') return false;
  uint32_t value = 0;
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9') return false;
    uint32_t digit = (uint32_t)(*text - '0');
    if (value > (UINT32_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *number = value;
  return true;
}

uint32_t arguments_number(struct arguments *arguments, const char *what, uint32_t standard,
                          uint32_t least, uint32_t most) {
  const char *text = *arguments->rest;
  if (text == NULL) return standard;
  uint32_t value = 0;
  if (!read_number(text, &value) || value < least || value > most) {
    arguments_refuse(arguments, "%s is a whole number from %u to %u, not \"%s\"", what,
                     least, most, text);
  }
  arguments->rest++;
  return value;
}

int arguments_choice(struct arguments *arguments, const char *what, const char *first,
                     const char *other) {
  const char *text = *arguments->rest;
  if (text == NULL) return 0;
  if (strcmp(text, first) != 0 && strcmp(text, other) != 0) {
    arguments_refuse(arguments, "%s is %s or %s, not \"%s\"", what, first, other, text);
  }
  arguments->rest++;
  return strcmp(text, other) == 0;
}

void arguments_end(const struct arguments *arguments) {
  if (*arguments->rest == NULL) return;
  arguments_refuse(arguments, "\"%s\" is one argument too many", *arguments->rest);
}

void arguments_refuse(const struct arguments *arguments, const char *reason, ...) {
  va_list values;
  va_start(values, reason);
  print_complaint(arguments->usage, reason, values);
  va_end(values);
  leave(EXIT_USAGE);
}
