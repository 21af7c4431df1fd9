/* Broadcast by a binomial tree. */
#include "mpi_internal.h"

int mpi_broadcast(MPI_Comm comm, void *buffer, int count, MPI_Datatype datatype, int root) {
  int size = mpi_size_of(comm), place = (mpi_rank_of(comm) - root + size) % size, bit = 1;
  for (; bit < size; bit *= 2) {
    if ((place & bit) == 0) continue;
    int from = (place - bit + root) % size;
    MPI_PROPAGATE(mpi_receive(comm, buffer, count, datatype, from, TAG_BROADCAST));
    break;
  }
  for (bit /= 2; bit > 0; bit /= 2) {
    if (place + bit < size) {
      mpi_send(comm, buffer, count, datatype, (place + bit + root) % size, TAG_BROADCAST);
    }
  }
  return MPI_SUCCESS;
}

int MPI_Bcast(void *buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_ROOT(comm, root);
  MPI_DELIVERED(comm, mpi_broadcast(comm, buffer, count, datatype, root));
  return MPI_SUCCESS;
}
