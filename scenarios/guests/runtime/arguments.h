/* The arguments of a guest: read in order, each with a standard value for when it is left out.
 *
 * What makes no sense is answered by one line on standard error, which says what was expected,
 * what came and how the program is called, and by exit code 2; nothing else happens before. */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdint.h>

struct arguments {
  const char *usage;
  char **rest;
};

/* `usage` is what follows the program's name in its usage line. */
struct arguments arguments_begin(const char *name, const char *usage, int argc, char **argv);

/* The next argument as a whole decimal number from `least` to `most`. */
uint32_t arguments_number(struct arguments *arguments, const char *what, uint32_t standard,
                          uint32_t least, uint32_t most);

/* The next argument as one of two words: 0 for the first, the standard one, 1 for the other. */
int arguments_choice(struct arguments *arguments, const char *what, const char *first,
                     const char *other);

/* Says that the arguments make no sense, with the reason, and ends the process. */
void arguments_refuse(const struct arguments *arguments, const char *reason, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/* Refuses an argument too many. Called before the work begins. */
void arguments_end(const struct arguments *arguments);

#endif
