/* Infos: texts under keys, in the order they were set. The library heeds none. */
#include "mpi_internal.h"

struct pair {
  struct pair *next;
  char key[MPI_MAX_INFO_KEY + 1], value[MPI_MAX_INFO_VAL + 1];
};

struct mpi_info {
  struct pair *first;
};

#define MPI_DEMAND_INFO(info) \
  MPI_DEMAND(MPI_COMM_NULL, (info) != MPI_INFO_NULL, MPI_ERR_INFO, "the info is MPI_INFO_NULL")

static struct pair **place_of(MPI_Info info, const char *key) {
  struct pair **place = &info->first;
  while (*place != 0 && strcmp((*place)->key, key) != 0) place = &(*place)->next;
  return place;
}

int MPI_Info_create(MPI_Info *info) {
  *info = mpi_take(sizeof **info);
  (*info)->first = 0;
  return MPI_SUCCESS;
}

int MPI_Info_set(MPI_Info info, const char *key, const char *value) {
  MPI_DEMAND_INFO(info);
  size_t length = strlen(value);
  MPI_DEMAND(MPI_COMM_NULL, strlen(key) <= MPI_MAX_INFO_KEY, MPI_ERR_INFO_KEY,
             "a key has at most %d characters", MPI_MAX_INFO_KEY);
  MPI_DEMAND(MPI_COMM_NULL, length <= MPI_MAX_INFO_VAL, MPI_ERR_INFO_VALUE,
             "a value has at most %d characters", MPI_MAX_INFO_VAL);
  struct pair **place = place_of(info, key);
  if (*place == 0) {
    *place = mpi_take(sizeof **place);
    (*place)->next = 0;
    memcpy((*place)->key, key, strlen(key) + 1);
  }
  memcpy((*place)->value, value, length + 1);
  return MPI_SUCCESS;
}

int MPI_Info_get(MPI_Info info, const char *key, int room, char *value, int *flag) {
  MPI_DEMAND_INFO(info);
  const struct pair *pair = *place_of(info, key);
  *flag = pair != 0;
  if (pair == 0) return MPI_SUCCESS;
  size_t length = strlen(pair->value);
  if (length > (size_t)room) length = (size_t)room;
  memcpy(value, pair->value, length);
  value[length] = '\0';
  return MPI_SUCCESS;
}

int MPI_Info_get_valuelen(MPI_Info info, const char *key, int *length, int *flag) {
  MPI_DEMAND_INFO(info);
  const struct pair *pair = *place_of(info, key);
  *flag = pair != 0;
  if (pair != 0) *length = (int)strlen(pair->value);
  return MPI_SUCCESS;
}

int MPI_Info_delete(MPI_Info info, const char *key) {
  MPI_DEMAND_INFO(info);
  struct pair **place = place_of(info, key), *pair = *place;
  MPI_DEMAND(MPI_COMM_NULL, pair != 0, MPI_ERR_INFO_NOKEY, "there is no key %s", key);
  *place = pair->next;
  free(pair);
  return MPI_SUCCESS;
}

int MPI_Info_get_nkeys(MPI_Info info, int *count) {
  MPI_DEMAND_INFO(info);
  *count = 0;
  for (const struct pair *pair = info->first; pair != 0; pair = pair->next) ++*count;
  return MPI_SUCCESS;
}

int MPI_Info_get_nthkey(MPI_Info info, int n, char *key) {
  MPI_DEMAND_INFO(info);
  const struct pair *pair = info->first;
  for (int i = 0; i < n && pair != 0; i++) pair = pair->next;
  MPI_DEMAND(MPI_COMM_NULL, n >= 0 && pair != 0, MPI_ERR_ARG, "there is no key number %d", n);
  memcpy(key, pair->key, strlen(pair->key) + 1);
  return MPI_SUCCESS;
}

int MPI_Info_dup(MPI_Info info, MPI_Info *copy) {
  MPI_DEMAND_INFO(info);
  MPI_Info_create(copy);
  for (const struct pair *pair = info->first; pair != 0; pair = pair->next) {
    MPI_PROPAGATE(MPI_Info_set(*copy, pair->key, pair->value));
  }
  return MPI_SUCCESS;
}

int MPI_Info_free(MPI_Info *info) {
  MPI_DEMAND_INFO(*info);
  while ((*info)->first != 0) {
    struct pair *pair = (*info)->first;
    (*info)->first = pair->next;
    free(pair);
  }
  free(*info);
  *info = MPI_INFO_NULL;
  return MPI_SUCCESS;
}
