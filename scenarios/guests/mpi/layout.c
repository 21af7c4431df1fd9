/* Elements of a datatype in memory, and the same bytes in a row, as a message carries them. */
#include "mpi_internal.h"

bool mpi_is_packed(MPI_Datatype datatype) {
  return datatype->size == 0 ||
         (datatype->blocks == 1 && datatype->block[0].place == 0 &&
          mpi_extent_of(datatype) == (MPI_Aint)datatype->size);
}

void mpi_pack(void *out, const void *in, int count, MPI_Datatype datatype) {
  if (datatype->size == 0 || count == 0) return;
  if (mpi_is_packed(datatype)) {
    memcpy(out, in, (size_t)count * datatype->size);
    return;
  }
  char *to = out;
  for (int i = 0; i < count; i++) {
    const char *from = mpi_at(in, i, datatype);
    for (int b = 0; b < datatype->blocks; b++) {
      memcpy(to, from + datatype->block[b].place, datatype->block[b].bytes);
      to += datatype->block[b].bytes;
    }
  }
}

void mpi_unpack(void *out, int count, MPI_Datatype datatype, const void *in, size_t bytes) {
  if (datatype->size == 0 || bytes == 0) return;
  if (mpi_is_packed(datatype)) {
    memcpy(out, in, bytes);
    return;
  }
  const char *from = in;
  for (int i = 0; i < count && bytes > 0; i++) {
    char *to = mpi_at(out, i, datatype);
    for (int b = 0; b < datatype->blocks && bytes > 0; b++) {
      size_t part = datatype->block[b].bytes;
      if (part > bytes) part = bytes;
      memcpy(to + datatype->block[b].place, from, part);
      from += part;
      bytes -= part;
    }
  }
}

int mpi_copy(const char *call, MPI_Comm comm, const void *in, int in_count, MPI_Datatype in_type,
             void *out, int out_count, MPI_Datatype out_type) {
  size_t bytes = (size_t)in_count * in_type->size, room = (size_t)out_count * out_type->size;
  if (bytes > room) {
    return mpi_raise(comm, MPI_ERR_TRUNCATE, call,
                     "%d bytes are sent to the process itself, which expects %d", (int)bytes,
                     (int)room);
  }
  if (bytes == 0) return MPI_SUCCESS;
  if (mpi_is_packed(in_type)) {
    mpi_unpack(out, out_count, out_type, in, bytes);
  } else if (mpi_is_packed(out_type)) {
    mpi_pack(out, in, in_count, in_type);
  } else {
    void *packed = mpi_take(bytes);
    mpi_pack(packed, in, in_count, in_type);
    mpi_unpack(out, out_count, out_type, packed, bytes);
    free(packed);
  }
  return MPI_SUCCESS;
}

/* The bytes that elements touch before the address of the first, and from there on. */
static void reach(int count, MPI_Datatype datatype, MPI_Aint *before, MPI_Aint *after) {
  MPI_Aint last = count > 0 ? (count - 1) * mpi_extent_of(datatype) : 0;
  MPI_Aint lowest = last < 0 ? last : 0, highest = last < 0 ? 0 : last;
  *before = -(lowest + datatype->true_lower);
  *after = highest + datatype->true_upper;
  if (*before < 0) *before = 0;
  if (*after < 0) *after = 0;
}

void *mpi_buffer_new(int count, MPI_Datatype datatype) {
  MPI_Aint before, after;
  reach(count, datatype, &before, &after);
  before = (before + 7) & ~(MPI_Aint)7;
  return (char *)mpi_take((size_t)(before + after)) + before;
}

void mpi_buffer_free(void *buffer, int count, MPI_Datatype datatype) {
  MPI_Aint before, after;
  reach(count, datatype, &before, &after);
  before = (before + 7) & ~(MPI_Aint)7;
  free((char *)buffer - before);
}
