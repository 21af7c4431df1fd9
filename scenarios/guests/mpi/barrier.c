/* Barrier: in round k each process tells the one 2^k further on that it is there; after log2 n
 * rounds each has heard, through others, of all (dissemination). */
#include "mpi_internal.h"

int MPI_Barrier(MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm);
  for (int distance = 1; distance < size; distance *= 2) {
    mpi_send(comm, 0, 0, MPI_BYTE, (rank + distance) % size, TAG_BARRIER);
    MPI_DELIVERED(comm, mpi_receive(comm, 0, 0, MPI_BYTE, (rank - distance + size) % size,
                                    TAG_BARRIER));
  }
  return MPI_SUCCESS;
}
