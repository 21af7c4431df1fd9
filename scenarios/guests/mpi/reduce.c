/* Reductions by a binomial tree that keeps the order of ranks: a process combines its value with
 * that of the ranks right behind it. So operators need not commute, and the result for floating
 * point is the same in every run.
 *
 * With an operator that commutes the tree has its root at the root, otherwise at rank 0. */
#include "mpi_internal.h"

/* The tree's part of this process. `*sum` has its own value and receives that of its subtree; the
 * operator stores into its right side, which is the other's, so the two change places. */
static int climb(MPI_Comm comm, void **sum, void **other, int count, MPI_Datatype datatype,
                 MPI_Op op, int root) {
  int size = mpi_size_of(comm), place = (mpi_rank_of(comm) - root + size) % size;
  for (int bit = 1; bit < size; bit *= 2) {
    if (place & bit) {
      mpi_send(comm, *sum, count, datatype, (place - bit + root) % size, TAG_REDUCE);
      return MPI_SUCCESS;
    }
    if (place + bit >= size) continue;
    MPI_PROPAGATE(mpi_receive(comm, *other, count, datatype, (place + bit + root) % size,
                              TAG_REDUCE));
    mpi_combine(op, *sum, *other, count, datatype);
    void *combined = *other;
    *other = *sum;
    *sum = combined;
  }
  return MPI_SUCCESS;
}

int mpi_reduce(MPI_Comm comm, const void *out, void *in, int count, MPI_Datatype datatype,
               MPI_Op op, int root) {
  int rank = mpi_rank_of(comm), top = op->commutes ? root : 0, error;
  if (count == 0) return MPI_SUCCESS;
  if (out == MPI_IN_PLACE) out = in;
  void *sum = mpi_buffer_new(count, datatype), *other = mpi_buffer_new(count, datatype);
  mpi_copy("MPI_Reduce", comm, out, count, datatype, sum, count, datatype);
  error = climb(comm, &sum, &other, count, datatype, op, top);
  if (error == MPI_SUCCESS && top != root) {
    if (rank == top) mpi_send(comm, sum, count, datatype, root, TAG_REDUCE);
    if (rank == root) error = mpi_receive(comm, sum, count, datatype, top, TAG_REDUCE);
  }
  if (error == MPI_SUCCESS && rank == root) {
    mpi_copy("MPI_Reduce", comm, sum, count, datatype, in, count, datatype);
  }
  mpi_buffer_free(other, count, datatype);
  mpi_buffer_free(sum, count, datatype);
  return error;
}

int MPI_Reduce(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op, int root,
               MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_ROOT(comm, root);
  MPI_DEMAND_OP(comm, op, datatype);
  MPI_DELIVERED(comm, mpi_reduce(comm, out, in, count, datatype, op, root));
  return MPI_SUCCESS;
}

/* All get the bits that rank 0 has. */
static int allreduce(MPI_Comm comm, const void *out, void *in, int count, MPI_Datatype datatype,
                     MPI_Op op) {
  MPI_PROPAGATE(mpi_reduce(comm, out, in, count, datatype, op, 0));
  return mpi_broadcast(comm, in, count, datatype, 0);
}

int MPI_Allreduce(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
                  MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_OP(comm, op, datatype);
  MPI_DELIVERED(comm, allreduce(comm, out, in, count, datatype, op));
  return MPI_SUCCESS;
}

/* Reduced at rank 0, which gives each its part. */
static int reduce_scatter(MPI_Comm comm, const void *out, void *in, const int counts[],
                          MPI_Datatype datatype, MPI_Op op) {
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm), total = 0, place = 0;
  for (int i = 0; i < size; i++) total += counts[i];
  void *whole = rank == 0 ? mpi_buffer_new(total, datatype) : 0;
  int error = mpi_reduce(comm, out == MPI_IN_PLACE ? in : out, whole, total, datatype, op, 0);
  if (rank != 0) {
    return error != MPI_SUCCESS || counts[rank] == 0
               ? error
               : mpi_receive(comm, in, counts[rank], datatype, 0, TAG_SCATTER);
  }
  for (int i = 0; i < size && error == MPI_SUCCESS; i++) {
    const void *part = mpi_at(whole, place, datatype);
    if (i == 0) {
      error = mpi_copy("MPI_Reduce_scatter", comm, part, counts[0], datatype, in, counts[0],
                       datatype);
    } else if (counts[i] > 0) {
      mpi_send(comm, part, counts[i], datatype, i, TAG_SCATTER);
    }
    place += counts[i];
  }
  mpi_buffer_free(whole, total, datatype);
  return error;
}

int MPI_Reduce_scatter(const void *out, void *in, const int counts[], MPI_Datatype datatype,
                       MPI_Op op, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  for (int i = 0; i < mpi_size_of(comm); i++) MPI_DEMAND_DATA(comm, counts[i], datatype);
  MPI_DEMAND_OP(comm, op, datatype);
  MPI_DELIVERED(comm, reduce_scatter(comm, out, in, counts, datatype, op));
  return MPI_SUCCESS;
}

int MPI_Reduce_scatter_block(const void *out, void *in, int count, MPI_Datatype datatype,
                             MPI_Op op, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_OP(comm, op, datatype);
  int size = mpi_size_of(comm), *counts = mpi_take((size_t)size * sizeof *counts);
  for (int i = 0; i < size; i++) counts[i] = count;
  int error = reduce_scatter(comm, out, in, counts, datatype, op);
  free(counts);
  MPI_DELIVERED(comm, error);
  return MPI_SUCCESS;
}
