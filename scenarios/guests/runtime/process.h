/* The process: its name in messages, and the ways it ends. */
#ifndef PROCESS_H
#define PROCESS_H

/* Exit codes: 0 all is well, 1 the work failed, 2 the arguments make no sense. */
enum { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* What messages begin with; arguments_begin sets it. */
extern const char *process_name;

/* Ends the process with all its threads. */
void leave(int status) __attribute__((noreturn));

/* Prints "name: message" to standard error and ends the process with EXIT_FAILED. */
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
