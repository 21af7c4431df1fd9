/* Groups: processes in an order. */
#include "mpi_internal.h"

struct mpi_group mpi_no_ranks = {1, 0, MPI_UNDEFINED, 0};

MPI_Group mpi_group_new(int size, const int world[]) {
  struct mpi_group *group = mpi_take(sizeof *group);
  *group = (struct mpi_group){1, size, MPI_UNDEFINED, mpi_take((size_t)size * sizeof *world)};
  if (size > 0) memcpy(group->world, world, (size_t)size * sizeof *world);
  group->rank = mpi_group_find(group, mpi_system_rank());
  return group;
}

void mpi_group_release(MPI_Group group) {
  if (group == MPI_GROUP_EMPTY || --group->uses > 0) return;
  free(group->world);
  free(group);
}

int mpi_group_find(MPI_Group group, int world) {
  /* Mostly a process has the same rank in both, or the one it had before. */
  if (world < group->size && group->world[world] == world) return world;
  for (int rank = 0; rank < group->size; rank++) {
    if (group->world[rank] == world) return rank;
  }
  return MPI_UNDEFINED;
}

#define MPI_DEMAND_GROUP(group) \
  MPI_DEMAND(MPI_COMM_NULL, (group) != MPI_GROUP_NULL, MPI_ERR_GROUP, \
             "the group is MPI_GROUP_NULL")
#define MPI_DEMAND_RANK(group, rank) \
  MPI_DEMAND(MPI_COMM_NULL, (rank) >= 0 && (rank) < (group)->size, MPI_ERR_RANK, \
             "rank %d is not one of the group's 0 to %d", (rank), (group)->size - 1)

/* A group of the first `size` of `world`, which is given back. */
static int finish(int size, int *world, MPI_Group *result) {
  *result = size == 0 ? MPI_GROUP_EMPTY : mpi_group_new(size, world);
  free(world);
  return MPI_SUCCESS;
}

int MPI_Group_size(MPI_Group group, int *size) {
  MPI_DEMAND_GROUP(group);
  *size = group->size;
  return MPI_SUCCESS;
}

int MPI_Group_rank(MPI_Group group, int *rank) {
  MPI_DEMAND_GROUP(group);
  *rank = group->rank;
  return MPI_SUCCESS;
}

int MPI_Group_translate_ranks(MPI_Group from, int count, const int ranks[], MPI_Group to,
                              int found[]) {
  MPI_DEMAND_GROUP(from);
  MPI_DEMAND_GROUP(to);
  for (int i = 0; i < count; i++) {
    if (ranks[i] == MPI_PROC_NULL) {
      found[i] = MPI_PROC_NULL;
      continue;
    }
    MPI_DEMAND_RANK(from, ranks[i]);
    found[i] = mpi_group_find(to, from->world[ranks[i]]);
  }
  return MPI_SUCCESS;
}

int MPI_Group_compare(MPI_Group one, MPI_Group other, int *result) {
  MPI_DEMAND_GROUP(one);
  MPI_DEMAND_GROUP(other);
  *result = one->size == other->size ? MPI_IDENT : MPI_UNEQUAL;
  for (int i = 0; i < one->size && *result != MPI_UNEQUAL; i++) {
    int rank = mpi_group_find(other, one->world[i]);
    if (rank != i) *result = rank == MPI_UNDEFINED ? MPI_UNEQUAL : MPI_SIMILAR;
  }
  return MPI_SUCCESS;
}

int MPI_Group_union(MPI_Group one, MPI_Group other, MPI_Group *result) {
  MPI_DEMAND_GROUP(one);
  MPI_DEMAND_GROUP(other);
  int size = one->size, *world = mpi_take((size_t)(size + other->size) * sizeof *world);
  if (size > 0) memcpy(world, one->world, (size_t)size * sizeof *world);
  for (int i = 0; i < other->size; i++) {
    if (mpi_group_find(one, other->world[i]) == MPI_UNDEFINED) world[size++] = other->world[i];
  }
  return finish(size, world, result);
}

/* Those of one group that are in the other, or are not. */
static int pick(MPI_Group one, MPI_Group other, bool both, MPI_Group *result) {
  int size = 0, *world = mpi_take((size_t)one->size * sizeof *world);
  for (int i = 0; i < one->size; i++) {
    bool found = mpi_group_find(other, one->world[i]) != MPI_UNDEFINED;
    if (found == both) world[size++] = one->world[i];
  }
  return finish(size, world, result);
}

int MPI_Group_intersection(MPI_Group one, MPI_Group other, MPI_Group *result) {
  MPI_DEMAND_GROUP(one);
  MPI_DEMAND_GROUP(other);
  return pick(one, other, true, result);
}

int MPI_Group_difference(MPI_Group one, MPI_Group other, MPI_Group *result) {
  MPI_DEMAND_GROUP(one);
  MPI_DEMAND_GROUP(other);
  return pick(one, other, false, result);
}

int MPI_Group_incl(MPI_Group group, int count, const int ranks[], MPI_Group *result) {
  MPI_DEMAND_GROUP(group);
  for (int i = 0; i < count; i++) MPI_DEMAND_RANK(group, ranks[i]);
  int *world = mpi_take((size_t)count * sizeof *world);
  for (int i = 0; i < count; i++) world[i] = group->world[ranks[i]];
  return finish(count, world, result);
}

int MPI_Group_excl(MPI_Group group, int count, const int ranks[], MPI_Group *result) {
  MPI_DEMAND_GROUP(group);
  for (int i = 0; i < count; i++) MPI_DEMAND_RANK(group, ranks[i]);
  int size = 0, *world = mpi_take((size_t)group->size * sizeof *world);
  for (int rank = 0; rank < group->size; rank++) {
    bool out = false;
    for (int i = 0; i < count; i++) out = out || ranks[i] == rank;
    if (!out) world[size++] = group->world[rank];
  }
  return finish(size, world, result);
}

/* The ranks of first, last and stride, in order; how many, or -1 if they make no sense. */
static int expand(MPI_Group group, int count, int ranges[][3], int ranks[]) {
  int size = 0;
  for (int i = 0; i < count; i++) {
    int first = ranges[i][0], last = ranges[i][1], stride = ranges[i][2];
    if (stride == 0) return -1;
    for (int rank = first; stride > 0 ? rank <= last : rank >= last; rank += stride) {
      if (rank < 0 || rank >= group->size || size == group->size) return -1;
      ranks[size++] = rank;
    }
  }
  return size;
}

static int of_ranges(MPI_Group group, int count, int ranges[][3], bool included,
                     MPI_Group *result) {
  int *ranks = mpi_take((size_t)group->size * sizeof *ranks);
  int size = expand(group, count, ranges, ranks), error = MPI_ERR_ARG;
  if (size >= 0) {
    error = included ? MPI_Group_incl(group, size, ranks, result)
                     : MPI_Group_excl(group, size, ranks, result);
  }
  free(ranks);
  return error;
}

int MPI_Group_range_incl(MPI_Group group, int count, int ranges[][3], MPI_Group *result) {
  MPI_DEMAND_GROUP(group);
  int error = of_ranges(group, count, ranges, true, result);
  MPI_DEMAND(MPI_COMM_NULL, error == MPI_SUCCESS, error, "the ranges leave the group's ranks");
  return MPI_SUCCESS;
}

int MPI_Group_range_excl(MPI_Group group, int count, int ranges[][3], MPI_Group *result) {
  MPI_DEMAND_GROUP(group);
  int error = of_ranges(group, count, ranges, false, result);
  MPI_DEMAND(MPI_COMM_NULL, error == MPI_SUCCESS, error, "the ranges leave the group's ranks");
  return MPI_SUCCESS;
}

int MPI_Group_free(MPI_Group *group) {
  MPI_DEMAND_GROUP(*group);
  mpi_group_release(*group);
  *group = MPI_GROUP_NULL;
  return MPI_SUCCESS;
}
