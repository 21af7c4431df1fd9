/* Decimal digits of integers and doubles, exact, by integer arithmetic alone. */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stddef.h>

/* Digits after the point of a double at most; more are printed as that many. */
enum { DECIMAL_MOST_PLACES = 20 };

/* Room any of the two may need: sign, the 309 digits of the largest double, point, places. */
enum { DECIMAL_MOST_CHARACTERS = 1 + 309 + 1 + DECIMAL_MOST_PLACES };

/* Both write characters without a closing zero and return how many. */
size_t decimal_integer(char *out, unsigned long long value);
size_t decimal_double(char *out, double value, unsigned places);

#endif
