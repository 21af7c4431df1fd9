/* The maths functions the guests need, in double. */
#ifndef MATHS_H
#define MATHS_H

/* Sine and cosine: within 2 units in the last place for arguments up to some thousands. */
double sin(double x);
double cos(double x);

/* Square root and absolute value are one instruction each (FSQRT, FABS). */
static inline double sqrt(double x) { return __builtin_sqrt(x); }
static inline double fabs(double x) { return __builtin_fabs(x); }

#endif
