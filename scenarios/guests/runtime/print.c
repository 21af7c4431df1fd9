/* Printing: formatted text to standard output and standard error. */
#include "print.h"

#include <stdbool.h>

#include "decimal.h"
#include "process.h"
#include "string.h"
#include "syscall.h"

enum { STANDARD_OUTPUT = 1, STANDARD_ERROR = 2 };

struct line {
  int descriptor;
  size_t used;
  char bytes[256];
};

/* Writes everything, however small the portions the kernel takes. */
static void write_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    long wrote = system_call(SYSCALL_WRITE, descriptor, (long)bytes, (long)count, 0, 0, 0);
    if (wrote == SYSCALL_INTERRUPTED) continue;
    if (wrote <= 0) {
      if (descriptor == STANDARD_ERROR) return; /* there is nobody left to tell */
      fail("cannot write to standard output (error %ld)", -wrote);
    }
    bytes += wrote;
    count -= (size_t)wrote;
  }
}

static void flush(struct line *line) {
  write_all(line->descriptor, line->bytes, line->used);
  line->used = 0;
}

static void put(struct line *line, char byte) {
  if (line->used == sizeof line->bytes) flush(line);
  line->bytes[line->used++] = byte;
}

/* A text filled up on the left to a width; zeros go between the sign and the digits. */
static void put_padded(struct line *line, const char *text, size_t length, size_t width,
                       bool zeros) {
  if (zeros && length > 0 && *text == '-') {
    put(line, *text++);
    length--;
    if (width > 0) width--;
  }
  for (size_t i = length; i < width; i++) put(line, zeros ? '0' : ' ');
  for (size_t i = 0; i < length; i++) put(line, text[i]);
}

static size_t hexadecimal(char *out, unsigned long long value) {
  size_t digits = 1;
  while (digits < 16 && value >> (4 * digits) != 0) digits++;
  for (size_t i = 0; i < digits; i++) {
    out[i] = "0123456789abcdef"[value >> (4 * (digits - 1 - i)) & 15];
  }
  return digits;
}

static void format_into(struct line *line, const char *format, va_list values) {
  char number[DECIMAL_MOST_CHARACTERS];
  for (; *format != '\0'; format++) {
    if (*format != '%') {
      put(line, *format);
      continue;
    }
    format++;
    bool zeros = *format == '0';
    size_t width = 0;
    for (; *format >= '0' && *format <= '9'; format++) width = width * 10 + (size_t)(*format - '0');
    unsigned places = 6;
    if (*format == '.') {
      places = 0;
      for (format++; *format >= '0' && *format <= '9'; format++) {
        places = places * 10 + (unsigned)(*format - '0');
      }
    }
    unsigned longs = 0;
    for (; *format == 'l'; format++) longs++; /* a long is as wide as an int */

    switch (*format) {
      case 'd': {
        long long value = longs == 2 ? va_arg(values, long long) : va_arg(values, int);
        unsigned long long size = (unsigned long long)value;
        number[0] = '-';
        size_t sign = value < 0 ? 1 : 0;
        size_t length = decimal_integer(number + sign, sign ? 0 - size : size);
        put_padded(line, number, sign + length, width, zeros);
        break;
      }
      case 'u':
      case 'x': {
        unsigned long long value =
            longs == 2 ? va_arg(values, unsigned long long) : va_arg(values, unsigned);
        size_t length =
            *format == 'u' ? decimal_integer(number, value) : hexadecimal(number, value);
        put_padded(line, number, length, width, zeros);
        break;
      }
      case 'f': {
        size_t length = decimal_double(number, va_arg(values, double), places);
        put_padded(line, number, length, width, zeros);
        break;
      }
      case 'c':
        number[0] = (char)va_arg(values, int);
        put_padded(line, number, 1, width, false);
        break;
      case 's': {
        const char *text = va_arg(values, const char *);
        put_padded(line, text, strlen(text), width, false);
        break;
      }
      case '\0':
        return;
      default:
        put(line, *format);
    }
  }
}

void print(const char *format, ...) {
  struct line line = {.descriptor = STANDARD_OUTPUT, .used = 0};
  va_list values;
  va_start(values, format);
  format_into(&line, format, values);
  va_end(values);
  flush(&line);
}

static void put_text(struct line *line, const char *text) {
  put_padded(line, text, strlen(text), 0, false);
}

void print_complaint(const char *arguments, const char *format, va_list values) {
  struct line line = {.descriptor = STANDARD_ERROR, .used = 0};
  put_text(&line, process_name);
  put_text(&line, ": ");
  format_into(&line, format, values);
  if (arguments != NULL) {
    put_text(&line, "; usage: ");
    put_text(&line, process_name);
    if (*arguments != '\0') put(&line, ' ');
    put_text(&line, arguments);
  }
  put(&line, '\n');
  flush(&line);
}

void print_bytes(const void *bytes, size_t count) { write_all(STANDARD_OUTPUT, bytes, count); }
