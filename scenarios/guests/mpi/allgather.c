/* Gathering to all processes. Parts of one size by Bruck's algorithm: in round k each process gets
 * the parts that the one 2^k further on has. Others go to rank 0, which broadcasts them. */
#include "mpi_internal.h"

/* Parts of so many bytes in order of rank, this process's own at the start; all of them at the
 * end. */
static int allgather_bytes(MPI_Comm comm, char *parts, int bytes) {
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm);
  for (int have = 1; have < size; have *= 2) {
    int more = have < size - have ? have : size - have;
    mpi_send(comm, parts, more * bytes, MPI_BYTE, (rank - have + size) % size, TAG_ALLGATHER);
    MPI_PROPAGATE(mpi_receive(comm, parts + have * bytes, more * bytes, MPI_BYTE,
                              (rank + have) % size, TAG_ALLGATHER));
  }
  return MPI_SUCCESS;
}

int mpi_allgather_ints(MPI_Comm comm, const int out[], int count, int in[]) {
  int size = mpi_size_of(comm), bytes = count * (int)sizeof *out;
  char *parts = mpi_take((size_t)size * (size_t)bytes);
  memcpy(parts, out, (size_t)bytes);
  int error = allgather_bytes(comm, parts, bytes);
  for (int i = 0; i < size; i++) {
    memcpy(in + (mpi_rank_of(comm) + i) % size * count, parts + i * bytes, (size_t)bytes);
  }
  free(parts);
  return error;
}

static int allgather(MPI_Comm comm, const void *out, int out_count, MPI_Datatype out_type,
                     void *in, int in_count, MPI_Datatype in_type) {
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm), bytes = in_count * (int)in_type->size;
  if (out == MPI_IN_PLACE) {
    out = mpi_at(in, (MPI_Aint)rank * in_count, in_type);
    out_count = in_count;
    out_type = in_type;
  }
  if (out_count * (int)out_type->size > bytes) return MPI_ERR_TRUNCATE;
  char *parts = mpi_take((size_t)size * (size_t)bytes);
  mpi_pack(parts, out, out_count, out_type);
  int error = allgather_bytes(comm, parts, bytes);
  for (int i = 0; i < size && error == MPI_SUCCESS; i++) {
    int from = (rank + i) % size;
    mpi_unpack(mpi_at(in, (MPI_Aint)from * in_count, in_type), in_count, in_type,
               parts + i * bytes, (size_t)bytes);
  }
  free(parts);
  return error;
}

int MPI_Allgather(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                  MPI_Datatype in_type, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_count, out_type);
  MPI_DEMAND_DATA(comm, in_count, in_type);
  MPI_DELIVERED(comm, allgather(comm, out, out_count, out_type, in, in_count, in_type));
  return MPI_SUCCESS;
}

static int allgatherv(MPI_Comm comm, const void *out, int out_count, MPI_Datatype out_type,
                      void *in, const int counts[], const int places[], MPI_Datatype in_type) {
  int size = mpi_size_of(comm), rank = mpi_rank_of(comm), total = 0;
  if (out == MPI_IN_PLACE) {
    out = mpi_at(in, places[rank], in_type);
    out_count = counts[rank];
    out_type = in_type;
  }
  for (int i = 0; i < size; i++) total += counts[i] * (int)in_type->size;
  char *parts = mpi_take((size_t)total), *part = parts;
  int error = MPI_SUCCESS;
  if (rank != 0) {
    mpi_send(comm, out, out_count, out_type, 0, TAG_ALLGATHER);
  } else {
    for (int i = 0; i < size && error == MPI_SUCCESS; i++) {
      int bytes = counts[i] * (int)in_type->size;
      error = i == 0 ? mpi_copy("MPI_Allgatherv", comm, out, out_count, out_type, part, bytes,
                                MPI_BYTE)
                     : mpi_receive(comm, part, bytes, MPI_BYTE, i, TAG_ALLGATHER);
      part += bytes;
    }
  }
  if (error == MPI_SUCCESS) error = mpi_broadcast(comm, parts, total, MPI_BYTE, 0);
  part = parts;
  for (int i = 0; i < size && error == MPI_SUCCESS; i++) {
    int bytes = counts[i] * (int)in_type->size;
    mpi_unpack(mpi_at(in, places[i], in_type), counts[i], in_type, part, (size_t)bytes);
    part += bytes;
  }
  free(parts);
  return error;
}

int MPI_Allgatherv(const void *out, int out_count, MPI_Datatype out_type, void *in,
                   const int counts[], const int places[], MPI_Datatype in_type, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_count, out_type);
  for (int i = 0; i < mpi_size_of(comm); i++) MPI_DEMAND_DATA(comm, counts[i], in_type);
  MPI_DELIVERED(comm, allgatherv(comm, out, out_count, out_type, in, counts, places, in_type));
  return MPI_SUCCESS;
}
