/* Collective calls that do not wait and move parts: each process sends its parts straight to those
 * who need them. */
#include "mpi_internal.h"

/* Parts of a buffer by rank: of one size, or with counts and places, in elements or in bytes. */
struct parts {
  const void *buffer;
  int count;
  const int *counts, *places;
  MPI_Datatype datatype;
  const MPI_Datatype *types;
};

static int count_of(const struct parts *parts, int rank) {
  return parts->counts == 0 ? parts->count : parts->counts[rank];
}

static MPI_Datatype type_of(const struct parts *parts, int rank) {
  return parts->types == 0 ? parts->datatype : parts->types[rank];
}

static void *address_of(const struct parts *parts, int rank) {
  if (parts->types != 0) return (char *)parts->buffer + parts->places[rank];
  MPI_Aint place = parts->counts == 0 ? (MPI_Aint)rank * parts->count : parts->places[rank];
  return mpi_at(parts->buffer, place, parts->datatype);
}

static struct parts even(const void *buffer, int count, MPI_Datatype datatype) {
  return (struct parts){buffer, count, 0, 0, datatype, 0};
}

static struct parts uneven(const void *buffer, const int counts[], const int places[],
                           MPI_Datatype datatype) {
  return (struct parts){buffer, 0, counts, places, datatype, 0};
}

static void send_part(struct mpi_schedule *schedule, const struct parts *parts, int part, int to) {
  mpi_schedule_send(schedule, address_of(parts, part), count_of(parts, part),
                    type_of(parts, part), to);
}

static void receive_part(struct mpi_schedule *schedule, const struct parts *parts, int from) {
  mpi_schedule_receive(schedule, address_of(parts, from), count_of(parts, from),
                       type_of(parts, from), from);
}

static int gather(MPI_Comm comm, const void *out, int out_count, MPI_Datatype out_type,
                  struct parts in, int root, MPI_Request *request) {
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  int rank = mpi_rank_of(comm);
  if (rank != root) mpi_schedule_send(schedule, out, out_count, out_type, root);
  for (int i = 0; i < mpi_size_of(comm) && rank == root; i++) {
    if (i != root) {
      receive_part(schedule, &in, i);
    } else if (out != MPI_IN_PLACE) {
      mpi_schedule_copy(schedule, out, out_count, out_type, address_of(&in, i), count_of(&in, i),
                        type_of(&in, i));
    }
  }
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

int MPI_Igather(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                MPI_Datatype in_type, int root, MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_ROOT(comm, root);
  if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_count, out_type);
  if (mpi_rank_of(comm) == root) MPI_DEMAND_DATA(comm, in_count, in_type);
  return gather(comm, out, out_count, out_type, even(in, in_count, in_type), root, request);
}

int MPI_Igatherv(const void *out, int out_count, MPI_Datatype out_type, void *in,
                 const int counts[], const int places[], MPI_Datatype in_type, int root,
                 MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_ROOT(comm, root);
  if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_count, out_type);
  return gather(comm, out, out_count, out_type, uneven(in, counts, places, in_type), root,
                request);
}

static int scatter(MPI_Comm comm, struct parts out, void *in, int in_count, MPI_Datatype in_type,
                   int root, MPI_Request *request) {
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  int rank = mpi_rank_of(comm);
  if (rank != root) mpi_schedule_receive(schedule, in, in_count, in_type, root);
  for (int i = 0; i < mpi_size_of(comm) && rank == root; i++) {
    if (i != root) {
      send_part(schedule, &out, i, i);
    } else if (in != MPI_IN_PLACE) {
      mpi_schedule_copy(schedule, address_of(&out, i), count_of(&out, i), type_of(&out, i), in,
                        in_count, in_type);
    }
  }
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

int MPI_Iscatter(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                 MPI_Datatype in_type, int root, MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_ROOT(comm, root);
  if (in != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, in_count, in_type);
  if (mpi_rank_of(comm) == root) MPI_DEMAND_DATA(comm, out_count, out_type);
  return scatter(comm, even(out, out_count, out_type), in, in_count, in_type, root, request);
}

int MPI_Iscatterv(const void *out, const int counts[], const int places[], MPI_Datatype out_type,
                  void *in, int in_count, MPI_Datatype in_type, int root, MPI_Comm comm,
                  MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_ROOT(comm, root);
  if (in != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, in_count, in_type);
  return scatter(comm, uneven(out, counts, places, out_type), in, in_count, in_type, root,
                 request);
}

/* Each process's one part to all. */
static int allgather(MPI_Comm comm, const void *out, int out_count, MPI_Datatype out_type,
                     struct parts in, MPI_Request *request) {
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm);
  if (out != MPI_IN_PLACE) {
    mpi_schedule_copy(schedule, out, out_count, out_type, address_of(&in, rank),
                      count_of(&in, rank), type_of(&in, rank));
  }
  for (int i = 1; i < size; i++) send_part(schedule, &in, rank, (rank + i) % size);
  for (int i = 1; i < size; i++) receive_part(schedule, &in, (rank - i + size) % size);
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

int MPI_Iallgather(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                   MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_count, out_type);
  MPI_DEMAND_DATA(comm, in_count, in_type);
  return allgather(comm, out, out_count, out_type, even(in, in_count, in_type), request);
}

int MPI_Iallgatherv(const void *out, int out_count, MPI_Datatype out_type, void *in,
                    const int counts[], const int places[], MPI_Datatype in_type, MPI_Comm comm,
                    MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_count, out_type);
  return allgather(comm, out, out_count, out_type, uneven(in, counts, places, in_type), request);
}

/* Sends have left their places before anything is received, so in place is as good. */
static int alltoall(MPI_Comm comm, struct parts out, struct parts in, MPI_Request *request) {
  struct mpi_schedule *schedule = mpi_schedule_new(comm);
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm);
  if (out.buffer == MPI_IN_PLACE) {
    out = in;
  } else {
    mpi_schedule_copy(schedule, address_of(&out, rank), count_of(&out, rank),
                      type_of(&out, rank), address_of(&in, rank), count_of(&in, rank),
                      type_of(&in, rank));
  }
  for (int i = 1; i < size; i++) {
    send_part(schedule, &out, (rank + i) % size, (rank + i) % size);
  }
  for (int i = 1; i < size; i++) receive_part(schedule, &in, (rank - i + size) % size);
  mpi_schedule_begin(schedule, request);
  return MPI_SUCCESS;
}

int MPI_Ialltoall(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                  MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_count, out_type);
  MPI_DEMAND_DATA(comm, in_count, in_type);
  return alltoall(comm, even(out, out_count, out_type), even(in, in_count, in_type), request);
}

int MPI_Ialltoallv(const void *out, const int out_counts[], const int out_places[],
                   MPI_Datatype out_type, void *in, const int in_counts[], const int in_places[],
                   MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  return alltoall(comm, uneven(out, out_counts, out_places, out_type),
                  uneven(in, in_counts, in_places, in_type), request);
}

int MPI_Ialltoallw(const void *out, const int out_counts[], const int out_places[],
                   const MPI_Datatype out_types[], void *in, const int in_counts[],
                   const int in_places[], const MPI_Datatype in_types[], MPI_Comm comm,
                   MPI_Request *request) {
  MPI_DEMAND_COMM(comm);
  return alltoall(comm, (struct parts){out, 0, out_counts, out_places, 0, out_types},
                  (struct parts){in, 0, in_counts, in_places, 0, in_types}, request);
}
