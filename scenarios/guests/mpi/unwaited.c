/* Collective calls that do not wait: what each process sends, receives and combines, as steps. */
#include "mpi_internal.h"

static void broadcast(struct mpi_schedule *schedule, MPI_Comm comm, void *buffer, int count,
                      MPI_Datatype datatype, int root) {
  int size = mpi_size_of(comm), place = (mpi_rank_of(comm) - root + size) % size, bit = 1;
  while (bit < size && (place & bit) == 0) bit *= 2;
  if (place != 0) {
    mpi_schedule_receive(schedule, buffer, count, datatype, (place - bit + root) % size);
    mpi_schedule_wait(schedule);
  }
  for (bit /= 2; bit > 0; bit /= 2) {
    if (place + bit < size) {
      mpi_schedule_send(schedule, buffer, count, datatype, (place + bit + root) % size);
    }
  }
}

/* The same tree, in the order of ranks, as that of MPI_Reduce. */
static void reduce(struct mpi_schedule *schedule, MPI_Comm comm, const void *out, void *in,
                   int count, MPI_Datatype datatype, MPI_Op op, int root) {
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm), top = op->commutes ? root : 0;
  int place = (rank - top + size) % size, bit = 1;
  void *sum = mpi_schedule_buffer(schedule, count, datatype);
  void *other = mpi_schedule_buffer(schedule, count, datatype);
  mpi_schedule_copy(schedule, out == MPI_IN_PLACE ? in : out, count, datatype, sum, count,
                    datatype);
  for (; bit < size && (place & bit) == 0; bit *= 2) {
    if (place + bit >= size) continue;
    mpi_schedule_receive(schedule, other, count, datatype, (place + bit + top) % size);
    mpi_schedule_wait(schedule);
    if (count > 0) mpi_schedule_combine(schedule, op, sum, other, count, datatype);
    void *combined = other;
    other = sum;
    sum = combined;
  }
  if (place != 0) {
    mpi_schedule_send(schedule, sum, count, datatype, (place - bit + top) % size);
  }
  if (top != root && rank == top) mpi_schedule_send(schedule, sum, count, datatype, root);
  if (top != root && rank == root) {
    mpi_schedule_receive(schedule, sum, count, datatype, top);
    mpi_schedule_wait(schedule);
  }
  if (rank == root) {
    mpi_schedule_copy(schedule, sum, count, datatype, in, count, datatype);
  }
}

int MPI_Ibarrier(MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm);
  for (int distance = 1; distance < size; distance *= 2) {
    mpi_schedule_send(schedule, 0, 0, MPI_BYTE, (rank + distance) % size);
    mpi_schedule_receive(schedule, 0, 0, MPI_BYTE, (rank - distance + size) % size);
    mpi_schedule_wait(schedule);
  }
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

int MPI_Ibcast(void *buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm,
               MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_ROOT(comm, root);
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  broadcast(schedule, comm, buffer, count, datatype, root);
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

int MPI_Ireduce(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op, int root,
                MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_ROOT(comm, root);
  MPI_DEMAND_OP(comm, op, datatype);
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  reduce(schedule, comm, out, in, count, datatype, op, root);
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

int MPI_Iallreduce(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
                   MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_OP(comm, op, datatype);
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  reduce(schedule, comm, out, in, count, datatype, op, 0);
  broadcast(schedule, comm, in, count, datatype, 0);
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

/* Reduced at rank 0, which gives each its part. */
static void reduce_scatter(struct mpi_schedule *schedule, MPI_Comm comm, const void *out, void *in,
                           const int counts[], int each, MPI_Datatype datatype, MPI_Op op) {
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm), total = 0, place = 0;
  for (int i = 0; i < size; i++) total += counts == 0 ? each : counts[i];
  void *whole = rank == 0 ? mpi_schedule_buffer(schedule, total, datatype) : 0;
  reduce(schedule, comm, out == MPI_IN_PLACE ? in : out, whole, total, datatype, op, 0);
  for (int i = 0; i < size; i++) {
    int count = counts == 0 ? each : counts[i];
    if (rank == 0 && i > 0) {
      mpi_schedule_send(schedule, mpi_at(whole, place, datatype), count, datatype, i);
    } else if (rank == 0) {
      mpi_schedule_copy(schedule, whole, count, datatype, in, count, datatype);
    } else if (rank == i) {
      mpi_schedule_receive(schedule, in, count, datatype, 0);
    }
    place += count;
  }
}

int MPI_Ireduce_scatter(const void *out, void *in, const int counts[], MPI_Datatype datatype,
                        MPI_Op op, MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  for (int i = 0; i < mpi_size_of(comm); i++) MPI_DEMAND_DATA(comm, counts[i], datatype);
  MPI_DEMAND_OP(comm, op, datatype);
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  reduce_scatter(schedule, comm, out, in, counts, 0, datatype, op);
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

int MPI_Ireduce_scatter_block(const void *out, void *in, int count, MPI_Datatype datatype,
                              MPI_Op op, MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_OP(comm, op, datatype);
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  reduce_scatter(schedule, comm, out, in, 0, count, datatype, op);
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

/* One rank after another: what those before come to, and with this one's for the next. */
static void scan(struct mpi_schedule *schedule, MPI_Comm comm, const void *out, void *in,
                 int count, MPI_Datatype datatype, MPI_Op op, bool inclusive) {
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm);
  void *before = mpi_schedule_buffer(schedule, count, datatype);
  void *sum = mpi_schedule_buffer(schedule, count, datatype);
  mpi_schedule_copy(schedule, out == MPI_IN_PLACE ? in : out, count, datatype, sum, count,
                    datatype);
  if (rank > 0) {
    mpi_schedule_receive(schedule, before, count, datatype, rank - 1);
    mpi_schedule_wait(schedule);
    if (count > 0) mpi_schedule_combine(schedule, op, before, sum, count, datatype);
  }
  if (rank + 1 < size) mpi_schedule_send(schedule, sum, count, datatype, rank + 1);
  if (inclusive || rank > 0) {
    mpi_schedule_copy(schedule, inclusive ? sum : before, count, datatype, in, count, datatype);
  }
}

int MPI_Iscan(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
              MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_OP(comm, op, datatype);
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  scan(schedule, comm, out, in, count, datatype, op, true);
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

int MPI_Iexscan(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
                MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  MPI_DEMAND_OP(comm, op, datatype);
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  scan(schedule, comm, out, in, count, datatype, op, false);
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}
