/* Printing: formatted text to standard output and standard error.
 *
 * A subset of printf: %d %u %x %c %s %f %%, the length l or ll, a width (padded with spaces, or
 * with zeros as in %08x), and a precision for %f of up to DECIMAL_MOST_PLACES places. Doubles are
 * rounded correctly (half to even on the exact value). There is no buffer that outlives a call:
 * what was printed is written, one system call for each line of ordinary length. */
#ifndef PRINT_H
#define PRINT_H

#include <stdarg.h>
#include <stddef.h>

void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line to standard error: "name: text", followed by "; usage: name arguments" if given. */
void print_complaint(const char *arguments, const char *format, va_list values)
    __attribute__((format(printf, 2, 0)));

/* Bytes as they are, to standard output. */
void print_bytes(const void *bytes, size_t count);

#endif
