/* Communicators: groups with a context each, so that the messages of one never match another's.
 *
 * Those who make a communicator agree on its context: the greatest that any of them would take
 * next. So no process sees two of the same context that it belongs to. */
#include "mpi_internal.h"

struct mpi_communicator mpi_world, mpi_self;

enum { CONTEXT_WORLD = 0, CONTEXT_SELF = 2, CONTEXT_FIRST = 4, CONTEXT_STEP = 2 };
static int next_context = CONTEXT_FIRST;

static void set_name(MPI_Comm comm, const char *name) {
  size_t length = strlen(name);
  if (length >= sizeof comm->name) length = sizeof comm->name - 1;
  memcpy(comm->name, name, length);
  comm->name[length] = '\0';
}

static void begin(MPI_Comm comm, uint32_t context, MPI_Group group, const char *name) {
  comm->uses = 1;
  comm->context = context;
  comm->group = group;
  if (comm->handler == MPI_ERRHANDLER_NULL) comm->handler = MPI_ERRORS_ARE_FATAL;
  set_name(comm, name);
}

void mpi_communicators_begin(void) {
  int size = mpi_system_size(), self = mpi_system_rank();
  int *world = mpi_take((size_t)size * sizeof *world);
  for (int i = 0; i < size; i++) world[i] = i;
  begin(MPI_COMM_WORLD, CONTEXT_WORLD, mpi_group_new(size, world), "MPI_COMM_WORLD");
  begin(MPI_COMM_SELF, CONTEXT_SELF, mpi_group_new(1, &self), "MPI_COMM_SELF");
  free(world);
}

void mpi_communicator_release(MPI_Comm comm) {
  if (--comm->uses > 0 || comm == MPI_COMM_WORLD || comm == MPI_COMM_SELF) return;
  mpi_group_release(comm->group);
  MPI_Errhandler handler = comm->handler;
  MPI_Errhandler_free(&handler);
  free(comm->topology);
  free(comm);
}

/* A communicator of a group this process belongs to; it takes the group over. */
static MPI_Comm create(MPI_Comm parent, MPI_Group group, uint32_t context) {
  struct mpi_communicator *comm = mpi_take(sizeof *comm);
  memset(comm, 0, sizeof *comm);
  begin(comm, context, group, "");
  comm->handler = parent->handler;
  comm->handler->uses++;
  return comm;
}

/* The greatest of what the members of a communicator say, by messages with a tag to and from the
 * first. For a group within a communicator, of which the others know nothing. */
static int agree(MPI_Comm comm, MPI_Group group, int tag, int mine) {
  int first = mpi_group_find(comm->group, group->world[0]);
  if (group->rank != 0) {
    mpi_send(comm, &mine, 1, MPI_INT, first, tag);
    mpi_receive(comm, &mine, 1, MPI_INT, first, tag);
    return mine;
  }
  for (int i = 1; i < group->size; i++) {
    int theirs;
    mpi_receive(comm, &theirs, 1, MPI_INT, mpi_group_find(comm->group, group->world[i]), tag);
    if (theirs > mine) mine = theirs;
  }
  for (int i = 1; i < group->size; i++) {
    mpi_send(comm, &mine, 1, MPI_INT, mpi_group_find(comm->group, group->world[i]), tag);
  }
  return mine;
}

/* A context all members of a communicator agree on. */
static int agree_all(MPI_Comm comm, uint32_t *context) {
  int mine = next_context, greatest = mine;
  MPI_PROPAGATE(mpi_reduce(comm, &mine, &greatest, 1, MPI_INT, MPI_MAX, 0));
  MPI_PROPAGATE(mpi_broadcast(comm, &greatest, 1, MPI_INT, 0));
  next_context = greatest + CONTEXT_STEP;
  *context = (uint32_t)greatest;
  return MPI_SUCCESS;
}

int mpi_communicator_new(MPI_Comm comm, MPI_Group group, MPI_Comm *new_comm) {
  uint32_t context;
  MPI_PROPAGATE(agree_all(comm, &context));
  *new_comm = MPI_COMM_NULL;
  if (group == 0 || group->rank == MPI_UNDEFINED) {
    if (group != 0) mpi_group_release(group);
    return MPI_SUCCESS;
  }
  *new_comm = create(comm, group, context);
  return MPI_SUCCESS;
}

int MPI_Comm_rank(MPI_Comm comm, int *rank) {
  MPI_DEMAND_COMM(comm);
  *rank = mpi_rank_of(comm);
  return MPI_SUCCESS;
}

int MPI_Comm_size(MPI_Comm comm, int *size) {
  MPI_DEMAND_COMM(comm);
  *size = mpi_size_of(comm);
  return MPI_SUCCESS;
}

int MPI_Comm_group(MPI_Comm comm, MPI_Group *group) {
  MPI_DEMAND_COMM(comm);
  *group = comm->group;
  comm->group->uses++;
  return MPI_SUCCESS;
}

int MPI_Comm_compare(MPI_Comm one, MPI_Comm other, int *result) {
  MPI_DEMAND_COMM(one);
  MPI_DEMAND_COMM(other);
  MPI_PROPAGATE(MPI_Group_compare(one->group, other->group, result));
  if (*result == MPI_IDENT && one != other) *result = MPI_CONGRUENT;
  return MPI_SUCCESS;
}

int MPI_Comm_dup(MPI_Comm comm, MPI_Comm *new_comm) {
  MPI_DEMAND_COMM(comm);
  comm->group->uses++;
  MPI_DELIVERED(comm, mpi_communicator_new(comm, comm->group, new_comm));
  (*new_comm)->topology = mpi_topology_copy(comm->topology);
  int error = mpi_attributes_copy(comm, *new_comm);
  if (error == MPI_SUCCESS) return MPI_SUCCESS;
  mpi_communicator_release(*new_comm);
  *new_comm = MPI_COMM_NULL;
  return mpi_raise(comm, error, __func__, "an attribute cannot be copied");
}

int MPI_Comm_dup_with_info(MPI_Comm comm, MPI_Info info, MPI_Comm *new_comm) {
  (void)info;
  return MPI_Comm_dup(comm, new_comm);
}

/* One process's wish in a split. */
struct wish {
  int colour, key;
};

/* The ranks of one colour, in the order of their keys and then ranks. */
static MPI_Group group_of(MPI_Comm comm, const struct wish wishes[], int colour) {
  int size = 0, *ranks = mpi_take((size_t)mpi_size_of(comm) * sizeof *ranks);
  for (int rank = 0; rank < mpi_size_of(comm); rank++) {
    if (wishes[rank].colour != colour) continue;
    int place = size++;
    for (; place > 0 && wishes[ranks[place - 1]].key > wishes[rank].key; place--) {
      ranks[place] = ranks[place - 1];
    }
    ranks[place] = rank;
  }
  for (int i = 0; i < size; i++) ranks[i] = comm->group->world[ranks[i]];
  MPI_Group group = mpi_group_new(size, ranks);
  free(ranks);
  return group;
}

int MPI_Comm_split(MPI_Comm comm, int colour, int key, MPI_Comm *new_comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND(comm, colour >= 0 || colour == MPI_UNDEFINED, MPI_ERR_ARG,
             "colour is %d; expected 0 or more, or MPI_UNDEFINED", colour);
  int wish[2] = {colour, key};
  struct wish *wishes = mpi_take((size_t)mpi_size_of(comm) * sizeof *wishes);
  int error = mpi_allgather_ints(comm, wish, 2, (int *)wishes);
  MPI_Group group = colour == MPI_UNDEFINED ? 0 : group_of(comm, wishes, colour);
  free(wishes);
  if (error == MPI_SUCCESS) error = mpi_communicator_new(comm, group, new_comm);
  MPI_DELIVERED(comm, error);
  return MPI_SUCCESS;
}

/* No two processes share memory: each is alone. */
int MPI_Comm_split_type(MPI_Comm comm, int kind, int key, MPI_Info info, MPI_Comm *new_comm) {
  (void)info;
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND(comm, kind == MPI_COMM_TYPE_SHARED || kind == MPI_UNDEFINED, MPI_ERR_ARG,
             "the kind is %d; expected MPI_COMM_TYPE_SHARED or MPI_UNDEFINED", kind);
  int colour = kind == MPI_UNDEFINED ? MPI_UNDEFINED : mpi_rank_of(comm);
  return MPI_Comm_split(comm, colour, key, new_comm);
}

int MPI_Comm_create(MPI_Comm comm, MPI_Group group, MPI_Comm *new_comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND(comm, group != MPI_GROUP_NULL, MPI_ERR_GROUP, "the group is MPI_GROUP_NULL");
  for (int i = 0; i < group->size; i++) {
    MPI_DEMAND(comm, mpi_group_find(comm->group, group->world[i]) != MPI_UNDEFINED, MPI_ERR_GROUP,
               "the group's rank %d is not in the communicator", i);
  }
  if (group != MPI_GROUP_EMPTY) group->uses++;
  MPI_DELIVERED(comm, mpi_communicator_new(comm, group, new_comm));
  return MPI_SUCCESS;
}

int MPI_Comm_create_group(MPI_Comm comm, MPI_Group group, int tag, MPI_Comm *new_comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND(comm, group != MPI_GROUP_NULL, MPI_ERR_GROUP, "the group is MPI_GROUP_NULL");
  *new_comm = MPI_COMM_NULL;
  if (group->rank == MPI_UNDEFINED) return MPI_SUCCESS;
  int context = agree(comm, group, TAG_GROUP + tag % (TAG_UNWAITED / 2), next_context);
  next_context = context + CONTEXT_STEP;
  group->uses++;
  *new_comm = create(comm, group, (uint32_t)context);
  return MPI_SUCCESS;
}

int MPI_Comm_free(MPI_Comm *comm) {
  MPI_DEMAND_COMM(*comm);
  MPI_DEMAND(*comm, *comm != MPI_COMM_WORLD && *comm != MPI_COMM_SELF, MPI_ERR_COMM,
             "%s cannot be freed", (*comm)->name);
  MPI_PROPAGATE(mpi_attributes_delete(*comm));
  mpi_communicator_release(*comm);
  *comm = MPI_COMM_NULL;
  return MPI_SUCCESS;
}

int MPI_Comm_disconnect(MPI_Comm *comm) { return MPI_Comm_free(comm); }

int MPI_Comm_test_inter(MPI_Comm comm, int *flag) {
  MPI_DEMAND_COMM(comm);
  *flag = 0;
  return MPI_SUCCESS;
}

int MPI_Comm_set_name(MPI_Comm comm, const char *name) {
  MPI_DEMAND_COMM(comm);
  set_name(comm, name);
  return MPI_SUCCESS;
}

int MPI_Comm_get_name(MPI_Comm comm, char *name, int *length) {
  MPI_DEMAND_COMM(comm);
  *length = (int)strlen(comm->name);
  memcpy(name, comm->name, (size_t)*length + 1);
  return MPI_SUCCESS;
}
