/* Attributes: values a program keeps with a communicator, under keys of its own, and those every
 * communicator has. */
#include "mpi_internal.h"

struct mpi_attribute {
  struct mpi_attribute *next; /* set before this one */
  int key;
  void *value;
};

struct key {
  struct key *next;
  int number;
  MPI_Comm_copy_attr_function *copy;
  MPI_Comm_delete_attr_function *delete;
  void *extra;
};

static struct key *keys;
static int last_key = 100; /* above those of the constants */

static struct key *key_of(int number) {
  struct key *key = keys;
  while (key != 0 && key->number != number) key = key->next;
  return key;
}

int mpi_copy_attribute(MPI_Comm comm, int key, void *extra, void *value, void *copy, int *flag) {
  (void)comm, (void)key, (void)extra;
  *(void **)copy = value;
  *flag = 1;
  return MPI_SUCCESS;
}

static struct mpi_attribute **place_of(MPI_Comm comm, int key) {
  struct mpi_attribute **place = &comm->attributes;
  while (*place != 0 && (*place)->key != key) place = &(*place)->next;
  return place;
}

static void put(MPI_Comm comm, int key, void *value) {
  struct mpi_attribute *attribute = mpi_take(sizeof *attribute);
  *attribute = (struct mpi_attribute){comm->attributes, key, value};
  comm->attributes = attribute;
}

static int delete(MPI_Comm comm, struct mpi_attribute **place) {
  struct mpi_attribute *attribute = *place;
  struct key *key = key_of(attribute->key);
  if (key != 0 && key->delete != 0) {
    MPI_PROPAGATE(key->delete(comm, attribute->key, attribute->value, key->extra));
  }
  *place = attribute->next;
  free(attribute);
  return MPI_SUCCESS;
}

/* In the order they were set. */
static int copy_from(struct mpi_attribute *attribute, MPI_Comm from, MPI_Comm to) {
  if (attribute == 0) return MPI_SUCCESS;
  MPI_PROPAGATE(copy_from(attribute->next, from, to));
  struct key *key = key_of(attribute->key);
  void *value = 0;
  int flag = 0;
  if (key == 0 || key->copy == 0) return MPI_SUCCESS;
  MPI_PROPAGATE(key->copy(from, key->number, key->extra, attribute->value, &value, &flag));
  if (flag) put(to, key->number, value);
  return MPI_SUCCESS;
}

int mpi_attributes_copy(MPI_Comm from, MPI_Comm to) {
  return copy_from(from->attributes, from, to);
}

/* The last one set goes first. */
int mpi_attributes_delete(MPI_Comm comm) {
  while (comm->attributes != 0) {
    int error = delete(comm, &comm->attributes);
    if (error != MPI_SUCCESS) {
      return mpi_raise(comm, error, "MPI_Comm_free", "an attribute cannot be deleted");
    }
  }
  return MPI_SUCCESS;
}

int MPI_Comm_create_keyval(MPI_Comm_copy_attr_function *copy, MPI_Comm_delete_attr_function *del,
                           int *key, void *extra) {
  struct key *made = mpi_take(sizeof *made);
  *made = (struct key){keys, ++last_key, copy, del, extra};
  keys = made;
  *key = made->number;
  return MPI_SUCCESS;
}

#define MPI_DEMAND_KEY(comm, key) \
  MPI_DEMAND(comm, key_of(key) != 0, MPI_ERR_KEYVAL, "%d is not the key of an attribute", (key))

/* The key lives on: attributes may have it, and the program other copies of its number. */
int MPI_Comm_free_keyval(int *key) {
  MPI_DEMAND_KEY(MPI_COMM_NULL, *key);
  *key = MPI_KEYVAL_INVALID;
  return MPI_SUCCESS;
}

int MPI_Comm_set_attr(MPI_Comm comm, int key, void *value) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_KEY(comm, key);
  struct mpi_attribute **place = place_of(comm, key);
  if (*place != 0) {
    int error = delete(comm, place);
    MPI_DEMAND(comm, error == MPI_SUCCESS, error, "the old value cannot be deleted");
  }
  put(comm, key, value);
  return MPI_SUCCESS;
}

/* Those of the library are addresses of numbers. */
static int *built_in(int key) {
  static int tag_most = 0x7fffffff, host = MPI_PROC_NULL, io = MPI_ANY_SOURCE, is_global = 0,
             universe, application = 0, last_code = MPI_ERR_LASTCODE;
  universe = mpi_system_size();
  switch (key) {
    case MPI_TAG_UB: return &tag_most;
    case MPI_HOST: return &host;
    case MPI_IO: return &io;
    case MPI_WTIME_IS_GLOBAL: return &is_global;
    case MPI_UNIVERSE_SIZE: return &universe;
    case MPI_APPNUM: return &application;
    case MPI_LASTUSEDCODE: return &last_code;
    default: return 0;
  }
}

int MPI_Comm_get_attr(MPI_Comm comm, int key, void *value, int *flag) {
  MPI_DEMAND_COMM(comm);
  *flag = 1;
  int *number = built_in(key);
  if (number != 0) {
    *(int **)value = number;
    return MPI_SUCCESS;
  }
  MPI_DEMAND_KEY(comm, key);
  struct mpi_attribute *attribute = *place_of(comm, key);
  *flag = attribute != 0;
  if (attribute != 0) *(void **)value = attribute->value;
  return MPI_SUCCESS;
}

int MPI_Comm_delete_attr(MPI_Comm comm, int key) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_KEY(comm, key);
  struct mpi_attribute **place = place_of(comm, key);
  MPI_DEMAND(comm, *place != 0, MPI_ERR_OTHER, "the communicator has no attribute %d", key);
  int error = delete(comm, place);
  MPI_DEMAND(comm, error == MPI_SUCCESS, error, "the attribute cannot be deleted");
  return MPI_SUCCESS;
}

int MPI_Keyval_create(MPI_Copy_function *copy, MPI_Delete_function *del, int *key, void *extra) {
  return MPI_Comm_create_keyval(copy, del, key, extra);
}
int MPI_Keyval_free(int *key) { return MPI_Comm_free_keyval(key); }
int MPI_Attr_put(MPI_Comm comm, int key, void *value) {
  return MPI_Comm_set_attr(comm, key, value);
}
int MPI_Attr_get(MPI_Comm comm, int key, void *value, int *flag) {
  return MPI_Comm_get_attr(comm, key, value, flag);
}
int MPI_Attr_delete(MPI_Comm comm, int key) { return MPI_Comm_delete_attr(comm, key); }
