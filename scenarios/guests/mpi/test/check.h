/* What the parts of the library's test share. */
#ifndef CHECK_H
#define CHECK_H

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* This process in the world, and what has failed so far. */
extern int rank, size, failures;

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      failures++; \
      printf("selftest: rank %d of %d, line %d: %s does not hold\n", rank, size, __LINE__, \
             #condition); \
    } \
  } while (0)

/* What process `from` sends to `to` as element i of something. */
static inline int value(int from, int to, int i) { return from * 10007 + to * 101 + i * 7 + 3; }

void check_point_to_point(MPI_Comm comm);
void check_order(void);
void check_synchronous(void);
void check_requests(void);
void check_probe(void);
void check_large(void);
void check_datatypes(void);
void check_collectives(MPI_Comm comm);

#endif
