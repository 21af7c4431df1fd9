/* Scans: what the ranks up to this one, or before it, come to. In round k each process learns the
 * value of the 2^k ranks before those it knows of. */
#include "mpi_internal.h"

/* `sum` has this process's value; at the end it is that of all ranks up to this one. `before`
 * receives that of the ranks before it. */
static int scan(MPI_Comm comm, void *sum, void *before, void *other, int count,
                MPI_Datatype datatype, MPI_Op op) {
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm);
  bool known = false;
  for (int distance = 1; distance < size; distance *= 2) {
    if (rank + distance < size) {
      mpi_send(comm, sum, count, datatype, rank + distance, TAG_SCAN);
    }
    if (rank < distance) continue;
    MPI_PROPAGATE(mpi_receive(comm, other, count, datatype, rank - distance, TAG_SCAN));
    mpi_combine(op, other, sum, count, datatype);
    if (known) {
      mpi_combine(op, other, before, count, datatype);
    } else {
      mpi_copy("MPI_Scan", comm, other, count, datatype, before, count, datatype);
      known = true;
    }
  }
  return MPI_SUCCESS;
}

static int begin(MPI_Comm comm, const void *out, void *in, int count, MPI_Datatype datatype,
                 MPI_Op op, bool inclusive) {
  if (count == 0) return MPI_SUCCESS;
  void *sum = mpi_buffer_new(count, datatype), *before = mpi_buffer_new(count, datatype),
       *other = mpi_buffer_new(count, datatype);
  mpi_copy("MPI_Scan", comm, out == MPI_IN_PLACE ? in : out, count, datatype, sum, count,
           datatype);
  int error = scan(comm, sum, before, other, count, datatype, op);
  if (error == MPI_SUCCESS && (inclusive || mpi_rank_of(comm) > 0)) {
    mpi_copy("MPI_Scan", comm, inclusive ? sum : before, count, datatype, in, count, datatype);
  }
  mpi_buffer_free(other, count, datatype);
  mpi_buffer_free(before, count, datatype);
  mpi_buffer_free(sum, count, datatype);
  return error;
}

int MPI_Scan(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
             MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_OP(comm, op, datatype);
  MPI_DELIVERED(comm, begin(comm, out, in, count, datatype, op, true));
  return MPI_SUCCESS;
}

/* Rank 0 has nobody before it and keeps what it has. */
int MPI_Exscan(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
               MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_OP(comm, op, datatype);
  MPI_DELIVERED(comm, begin(comm, out, in, count, datatype, op, false));
  return MPI_SUCCESS;
}
