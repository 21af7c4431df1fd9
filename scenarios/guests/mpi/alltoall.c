/* From all to all: each sends to all others, beginning with its neighbour, and then receives. */
#include "mpi_internal.h"

/* Part of the data of one peer: so many elements from an address on. */
struct part {
  void *address;
  int count;
  MPI_Datatype datatype;
};

/* How a call describes its parts: places count bytes (w) or elements, or parts are of one size. */
struct parts {
  const void *buffer;
  const int *counts, *places;
  const MPI_Datatype *types;
  int count;
  MPI_Datatype datatype;
};

static struct part part_of(const struct parts *parts, int rank) {
  if (parts->types != 0) {
    return (struct part){(char *)parts->buffer + parts->places[rank], parts->counts[rank],
                         parts->types[rank]};
  }
  if (parts->counts != 0) {
    return (struct part){mpi_at(parts->buffer, parts->places[rank], parts->datatype),
                         parts->counts[rank], parts->datatype};
  }
  return (struct part){mpi_at(parts->buffer, (MPI_Aint)rank * parts->count, parts->datatype),
                       parts->count, parts->datatype};
}

static int alltoall(MPI_Comm comm, struct parts out, struct parts in) {
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm);
  bool in_place = out.buffer == MPI_IN_PLACE;
  if (in_place) out = in;
  /* What is sent has left its place before anything comes. */
  for (int i = 1; i < size; i++) {
    int to = (rank + i) % size;
    struct part part = part_of(&out, to);
    mpi_send(comm, part.address, part.count, part.datatype, to, TAG_ALLTOALL);
  }
  if (!in_place) {
    struct part from = part_of(&out, rank), to = part_of(&in, rank);
    MPI_PROPAGATE(mpi_copy("MPI_Alltoall", comm, from.address, from.count, from.datatype,
                           to.address, to.count, to.datatype));
  }
  for (int i = 1; i < size; i++) {
    int from = (rank - i + size) % size;
    struct part part = part_of(&in, from);
    MPI_PROPAGATE(mpi_receive(comm, part.address, part.count, part.datatype, from, TAG_ALLTOALL));
  }
  return MPI_SUCCESS;
}

int MPI_Alltoall(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                 MPI_Datatype in_type, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_count, out_type);
  MPI_DEMAND_DATA(comm, in_count, in_type);
  struct parts from = {out, 0, 0, 0, out_count, out_type}, to = {in, 0, 0, 0, in_count, in_type};
  MPI_DELIVERED(comm, alltoall(comm, from, to));
  return MPI_SUCCESS;
}

int MPI_Alltoallv(const void *out, const int out_counts[], const int out_places[],
                  MPI_Datatype out_type, void *in, const int in_counts[], const int in_places[],
                  MPI_Datatype in_type, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  for (int i = 0; i < mpi_size_of(comm); i++) {
    if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_counts[i], out_type);
    MPI_DEMAND_DATA(comm, in_counts[i], in_type);
  }
  struct parts from = {out, out_counts, out_places, 0, 0, out_type};
  struct parts to = {in, in_counts, in_places, 0, 0, in_type};
  MPI_DELIVERED(comm, alltoall(comm, from, to));
  return MPI_SUCCESS;
}

int MPI_Alltoallw(const void *out, const int out_counts[], const int out_places[],
                  const MPI_Datatype out_types[], void *in, const int in_counts[],
                  const int in_places[], const MPI_Datatype in_types[], MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  for (int i = 0; i < mpi_size_of(comm); i++) {
    if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_counts[i], out_types[i]);
    MPI_DEMAND_DATA(comm, in_counts[i], in_types[i]);
  }
  struct parts from = {out, out_counts, out_places, out_types, 0, 0};
  struct parts to = {in, in_counts, in_places, in_types, 0, 0};
  MPI_DELIVERED(comm, alltoall(comm, from, to));
  return MPI_SUCCESS;
}
