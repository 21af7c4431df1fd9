/* Gathering to one process and scattering from one: by a binomial tree where all parts are of one
 * size, which passes on packed bytes; one by one where they are not. */
#include "mpi_internal.h"

/* The processes in the subtree of a place, itself among them. */
static int subtree(int place, int size) {
  int most = place == 0 ? size : place & -place;
  return most < size - place ? most : size - place;
}

/* Collects parts of so many bytes, this place's already at the start of `parts`. */
static int gather_up(MPI_Comm comm, char *parts, int bytes, int place, int root) {
  int size = mpi_size_of(comm), all = subtree(place, size);
  for (int bit = 1; bit < size && (place & bit) == 0; bit *= 2) {
    if (place + bit >= size) break;
    int theirs = subtree(place + bit, size) * bytes;
    MPI_PROPAGATE(mpi_receive(comm, parts + bit * bytes, theirs, MPI_BYTE,
                              (place + bit + root) % size, TAG_GATHER));
  }
  if (place == 0) return MPI_SUCCESS;
  int parent = place & (place - 1);
  mpi_send(comm, parts, all * bytes, MPI_BYTE, (parent + root) % size, TAG_GATHER);
  return MPI_SUCCESS;
}

static int gather(MPI_Comm comm, const void *out, int out_count, MPI_Datatype out_type, void *in,
                  int in_count, MPI_Datatype in_type, int root) {
  int size = mpi_size_of(comm), place = (mpi_rank_of(comm) - root + size) % size;
  if (out == MPI_IN_PLACE) {
    out = mpi_at(in, (MPI_Aint)root * in_count, in_type);
    out_count = in_count;
    out_type = in_type;
  }
  int bytes = out_count * (int)out_type->size;
  if (place == 0 && bytes > in_count * (int)in_type->size) return MPI_ERR_TRUNCATE;
  if (place == 0) bytes = in_count * (int)in_type->size;
  char *parts = mpi_take((size_t)subtree(place, size) * (size_t)bytes);
  mpi_pack(parts, out, out_count, out_type);
  int error = gather_up(comm, parts, bytes, place, root);
  for (int i = 0; place == 0 && i < size && error == MPI_SUCCESS; i++) {
    int rank = (i + root) % size;
    mpi_unpack(mpi_at(in, (MPI_Aint)rank * in_count, in_type), in_count, in_type,
               parts + i * bytes, (size_t)bytes);
  }
  free(parts);
  return error;
}

int MPI_Gather(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
               MPI_Datatype in_type, int root, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_ROOT(comm, root);
  if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_count, out_type);
  if (mpi_rank_of(comm) == root) MPI_DEMAND_DATA(comm, in_count, in_type);
  MPI_DELIVERED(comm, gather(comm, out, out_count, out_type, in, in_count, in_type, root));
  return MPI_SUCCESS;
}

/* Passes on parts of so many bytes; those of this place's subtree are, or come, at `parts`. */
static int scatter_down(MPI_Comm comm, char *parts, int bytes, int place, int root) {
  int size = mpi_size_of(comm), all = subtree(place, size), bit = 1;
  if (place != 0) {
    int parent = place & (place - 1);
    MPI_PROPAGATE(mpi_receive(comm, parts, all * bytes, MPI_BYTE, (parent + root) % size,
                              TAG_SCATTER));
  }
  while (bit < all) bit *= 2;
  for (bit /= 2; bit > 0; bit /= 2) {
    if (bit >= all) continue;
    int theirs = subtree(place + bit, size) * bytes;
    mpi_send(comm, parts + bit * bytes, theirs, MPI_BYTE, (place + bit + root) % size,
             TAG_SCATTER);
  }
  return MPI_SUCCESS;
}

static int scatter(MPI_Comm comm, const void *out, int out_count, MPI_Datatype out_type, void *in,
                   int in_count, MPI_Datatype in_type, int root) {
  int size = mpi_size_of(comm), place = (mpi_rank_of(comm) - root + size) % size;
  int bytes = place == 0 ? out_count * (int)out_type->size : in_count * (int)in_type->size;
  char *parts = mpi_take((size_t)subtree(place, size) * (size_t)bytes);
  for (int i = 0; place == 0 && i < size; i++) {
    int rank = (i + root) % size;
    mpi_pack(parts + i * bytes, mpi_at(out, (MPI_Aint)rank * out_count, out_type), out_count,
             out_type);
  }
  int error = scatter_down(comm, parts, bytes, place, root);
  if (error == MPI_SUCCESS && in != MPI_IN_PLACE) {
    if (bytes > in_count * (int)in_type->size) error = MPI_ERR_TRUNCATE;
    else mpi_unpack(in, in_count, in_type, parts, (size_t)bytes);
  }
  free(parts);
  return error;
}

int MPI_Scatter(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                MPI_Datatype in_type, int root, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_ROOT(comm, root);
  if (in != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, in_count, in_type);
  if (mpi_rank_of(comm) == root) MPI_DEMAND_DATA(comm, out_count, out_type);
  MPI_DELIVERED(comm, scatter(comm, out, out_count, out_type, in, in_count, in_type, root));
  return MPI_SUCCESS;
}

static int gatherv(MPI_Comm comm, const void *out, int out_count, MPI_Datatype out_type, void *in,
                   const int counts[], const int places[], MPI_Datatype in_type, int root) {
  if (mpi_rank_of(comm) != root) {
    mpi_send(comm, out, out_count, out_type, root, TAG_GATHER);
    return MPI_SUCCESS;
  }
  for (int i = 0; i < mpi_size_of(comm); i++) {
    void *part = mpi_at(in, places[i], in_type);
    if (i != root) {
      MPI_PROPAGATE(mpi_receive(comm, part, counts[i], in_type, i, TAG_GATHER));
    } else if (out != MPI_IN_PLACE) {
      MPI_PROPAGATE(mpi_copy("MPI_Gatherv", comm, out, out_count, out_type, part, counts[i],
                             in_type));
    }
  }
  return MPI_SUCCESS;
}

int MPI_Gatherv(const void *out, int out_count, MPI_Datatype out_type, void *in,
                const int counts[], const int places[], MPI_Datatype in_type, int root,
                MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_ROOT(comm, root);
  if (out != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, out_count, out_type);
  if (mpi_rank_of(comm) == root) {
    for (int i = 0; i < mpi_size_of(comm); i++) MPI_DEMAND_DATA(comm, counts[i], in_type);
  }
  MPI_DELIVERED(comm,
                gatherv(comm, out, out_count, out_type, in, counts, places, in_type, root));
  return MPI_SUCCESS;
}

static int scatterv(MPI_Comm comm, const void *out, const int counts[], const int places[],
                    MPI_Datatype out_type, void *in, int in_count, MPI_Datatype in_type,
                    int root) {
  if (mpi_rank_of(comm) != root) {
    return mpi_receive(comm, in, in_count, in_type, root, TAG_SCATTER);
  }
  for (int i = 0; i < mpi_size_of(comm); i++) {
    const void *part = mpi_at(out, places[i], out_type);
    if (i != root) {
      mpi_send(comm, part, counts[i], out_type, i, TAG_SCATTER);
    } else if (in != MPI_IN_PLACE) {
      MPI_PROPAGATE(mpi_copy("MPI_Scatterv", comm, part, counts[i], out_type, in, in_count,
                             in_type));
    }
  }
  return MPI_SUCCESS;
}

int MPI_Scatterv(const void *out, const int counts[], const int places[], MPI_Datatype out_type,
                 void *in, int in_count, MPI_Datatype in_type, int root, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_ROOT(comm, root);
  if (in != MPI_IN_PLACE) MPI_DEMAND_DATA(comm, in_count, in_type);
  if (mpi_rank_of(comm) == root) {
    for (int i = 0; i < mpi_size_of(comm); i++) MPI_DEMAND_DATA(comm, counts[i], out_type);
  }
  MPI_DELIVERED(comm, scatterv(comm, out, counts, places, out_type, in, in_count, in_type, root));
  return MPI_SUCCESS;
}
