/* pi: the area under 4 / (1 + x^2) from 0 to 1, each process computing every so manieth strip, over
 * the MPI library: rank 0 broadcasts how many strips, a reduction adds up, and all print what they
 * came to and what it makes together. */
#include <stdint.h>

#include "mpi/mpi.h"
#include "runtime/arguments.h"
#include "runtime/maths.h"
#include "runtime/print.h"
#include "runtime/process.h"

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin("pi", "[strips=100000 [rounds=4]]", argc, argv);
  uint32_t strips = arguments_number(&arguments, "strips", 100000, 1, 100000000);
  uint32_t rounds = arguments_number(&arguments, "rounds", 4, 1, 100000);
  arguments_end(&arguments);

  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  double part = 0, pi = 0;
  for (uint32_t round = 1; round <= rounds; round++) {
    uint32_t count = rank == 0 ? (strips + rounds - 1) / rounds * round : 0;
    MPI_Bcast(&count, 1, MPI_UINT32_T, 0, MPI_COMM_WORLD);
    double width = 1.0 / (double)(int)count;
    part = 0;
    for (uint32_t i = (uint32_t)rank; i < count; i += (uint32_t)size) {
      double x = width * ((double)(int)i + 0.5);
      part += 4.0 / (1.0 + x * x);
    }
    part *= width;
    MPI_Allreduce(&part, &pi, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    /* The midpoint rule errs by 1 / (12 count^2). */
    if (fabs(pi - 3.14159265358979312) > 0.1 / ((double)(int)count * (double)(int)count) + 1e-12) {
      fail("%u strips make %.16f", count, pi);
    }
  }
  print("pi: rank %d of %d: %.16f of %.16f\n", rank, size, part, pi);
  MPI_Finalize();
  return EXIT_GOOD;
}
