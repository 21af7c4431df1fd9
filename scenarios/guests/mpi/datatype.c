/* Datatypes: those every program has, and what can be asked of any. */
#include <stdbool.h>
#include <wchar.h>

#include "mpi_internal.h"

#define NAMED(id, text, type, kind_of_it) \
  static const struct mpi_block block_##id = {0, sizeof(type), sizeof(type)}; \
  struct mpi_datatype mpi_type_##id = { \
      .uses = 1, .named = true, .committed = true, .kind = kind_of_it, .size = sizeof(type), \
      .lower = 0, .upper = sizeof(type), .true_lower = 0, .true_upper = sizeof(type), \
      .blocks = 1, .block = &block_##id, .name = text}

NAMED(char, "MPI_CHAR", char, KIND_INT8);
NAMED(signed_char, "MPI_SIGNED_CHAR", signed char, KIND_INT8);
NAMED(unsigned_char, "MPI_UNSIGNED_CHAR", unsigned char, KIND_UINT8);
NAMED(byte, "MPI_BYTE", unsigned char, KIND_BYTE);
NAMED(wchar, "MPI_WCHAR", wchar_t, KIND_INT32);
NAMED(short, "MPI_SHORT", short, KIND_INT16);
NAMED(unsigned_short, "MPI_UNSIGNED_SHORT", unsigned short, KIND_UINT16);
NAMED(int, "MPI_INT", int, KIND_INT32);
NAMED(unsigned, "MPI_UNSIGNED", unsigned, KIND_UINT32);
NAMED(long, "MPI_LONG", long, KIND_INT32);
NAMED(unsigned_long, "MPI_UNSIGNED_LONG", unsigned long, KIND_UINT32);
NAMED(long_long, "MPI_LONG_LONG", long long, KIND_INT64);
NAMED(unsigned_long_long, "MPI_UNSIGNED_LONG_LONG", unsigned long long, KIND_UINT64);
NAMED(float, "MPI_FLOAT", float, KIND_FLOAT);
NAMED(double, "MPI_DOUBLE", double, KIND_DOUBLE);
NAMED(long_double, "MPI_LONG_DOUBLE", long double, KIND_LONG_DOUBLE);
NAMED(c_bool, "MPI_C_BOOL", _Bool, KIND_BOOL);
NAMED(int8_t, "MPI_INT8_T", int8_t, KIND_INT8);
NAMED(int16_t, "MPI_INT16_T", int16_t, KIND_INT16);
NAMED(int32_t, "MPI_INT32_T", int32_t, KIND_INT32);
NAMED(int64_t, "MPI_INT64_T", int64_t, KIND_INT64);
NAMED(uint8_t, "MPI_UINT8_T", uint8_t, KIND_UINT8);
NAMED(uint16_t, "MPI_UINT16_T", uint16_t, KIND_UINT16);
NAMED(uint32_t, "MPI_UINT32_T", uint32_t, KIND_UINT32);
NAMED(uint64_t, "MPI_UINT64_T", uint64_t, KIND_UINT64);
NAMED(aint, "MPI_AINT", MPI_Aint, KIND_INT32);
NAMED(count, "MPI_COUNT", MPI_Count, KIND_INT64);
NAMED(offset, "MPI_OFFSET", MPI_Offset, KIND_INT64);
NAMED(complex, "MPI_C_COMPLEX", float _Complex, KIND_COMPLEX);
NAMED(double_complex, "MPI_C_DOUBLE_COMPLEX", double _Complex, KIND_DOUBLE_COMPLEX);
NAMED(long_double_complex, "MPI_C_LONG_DOUBLE_COMPLEX", long double _Complex,
      KIND_LONG_DOUBLE_COMPLEX);
NAMED(packed, "MPI_PACKED", unsigned char, KIND_BYTE);
NAMED(logical, "MPI_LOGICAL", int, KIND_LOGICAL);

/* A value and an index, as the struct of the two lies in memory: without what is between them. */
#define PAIR(id, text, first, second, kind_of_it) \
  struct pair_##id { \
    first value; \
    second index; \
  }; \
  static const struct mpi_block block_##id[] = { \
      {0, sizeof(first), sizeof(first)}, \
      {offsetof(struct pair_##id, index), sizeof(second), sizeof(second)}}; \
  struct mpi_datatype mpi_type_##id = { \
      .uses = 1, .named = true, .committed = true, .kind = kind_of_it, \
      .size = sizeof(first) + sizeof(second), \
      .lower = 0, .upper = sizeof(struct pair_##id), .true_lower = 0, \
      .true_upper = offsetof(struct pair_##id, index) + sizeof(second), \
      .blocks = 2, .block = block_##id, .name = text}

PAIR(float_int, "MPI_FLOAT_INT", float, int, KIND_FLOAT_INT);
PAIR(double_int, "MPI_DOUBLE_INT", double, int, KIND_DOUBLE_INT);
PAIR(long_int, "MPI_LONG_INT", long, int, KIND_LONG_INT);
PAIR(two_ints, "MPI_2INT", int, int, KIND_TWO_INTS);
PAIR(short_int, "MPI_SHORT_INT", short, int, KIND_SHORT_INT);
PAIR(long_double_int, "MPI_LONG_DOUBLE_INT", long double, int, KIND_LONG_DOUBLE_INT);
PAIR(two_reals, "MPI_2REAL", float, float, KIND_TWO_REALS);
PAIR(two_doubles, "MPI_2DOUBLE_PRECISION", double, double, KIND_TWO_DOUBLES);

/* Marks of a struct's bounds: nothing is there. */
struct mpi_datatype mpi_type_lb = {
    .uses = 1, .named = true, .committed = true, .kind = KIND_LOWER, .name = "MPI_LB"};
struct mpi_datatype mpi_type_ub = {
    .uses = 1, .named = true, .committed = true, .kind = KIND_UPPER, .name = "MPI_UB"};
struct mpi_datatype mpi_type_none = {
    .uses = 1, .named = true, .committed = true, .kind = KIND_NONE, .name = "MPI_DATATYPE_NULL"};

void mpi_datatype_hold(MPI_Datatype datatype) {
  if (!datatype->named) datatype->uses++;
}

void mpi_datatype_release(MPI_Datatype datatype) {
  if (datatype->named || --datatype->uses > 0) return;
  free((void *)datatype->block);
  free((void *)datatype->name);
  free(datatype);
}

#define MPI_DEMAND_TYPE(datatype) \
  MPI_DEMAND(MPI_COMM_NULL, (datatype) != MPI_DATATYPE_NULL, MPI_ERR_TYPE, \
             "the datatype is MPI_DATATYPE_NULL")

int MPI_Type_commit(MPI_Datatype *datatype) {
  MPI_DEMAND_TYPE(*datatype);
  (*datatype)->committed = true;
  return MPI_SUCCESS;
}

int MPI_Type_free(MPI_Datatype *datatype) {
  MPI_DEMAND_TYPE(*datatype);
  MPI_DEMAND(MPI_COMM_NULL, !(*datatype)->named, MPI_ERR_TYPE, "%s cannot be freed",
             (*datatype)->name);
  mpi_datatype_release(*datatype);
  *datatype = MPI_DATATYPE_NULL;
  return MPI_SUCCESS;
}

int MPI_Type_size(MPI_Datatype datatype, int *size) {
  MPI_DEMAND_TYPE(datatype);
  *size = (int)datatype->size;
  return MPI_SUCCESS;
}

int MPI_Type_size_x(MPI_Datatype datatype, MPI_Count *size) {
  MPI_DEMAND_TYPE(datatype);
  *size = datatype->size;
  return MPI_SUCCESS;
}

int MPI_Type_get_extent(MPI_Datatype datatype, MPI_Aint *lower, MPI_Aint *extent) {
  MPI_DEMAND_TYPE(datatype);
  *lower = datatype->lower;
  *extent = mpi_extent_of(datatype);
  return MPI_SUCCESS;
}

int MPI_Type_get_extent_x(MPI_Datatype datatype, MPI_Count *lower, MPI_Count *extent) {
  MPI_DEMAND_TYPE(datatype);
  *lower = datatype->lower;
  *extent = mpi_extent_of(datatype);
  return MPI_SUCCESS;
}

int MPI_Type_get_true_extent(MPI_Datatype datatype, MPI_Aint *lower, MPI_Aint *extent) {
  MPI_DEMAND_TYPE(datatype);
  *lower = datatype->true_lower;
  *extent = datatype->true_upper - datatype->true_lower;
  return MPI_SUCCESS;
}

int MPI_Type_extent(MPI_Datatype datatype, MPI_Aint *extent) {
  MPI_Aint lower;
  return MPI_Type_get_extent(datatype, &lower, extent);
}

int MPI_Type_lb(MPI_Datatype datatype, MPI_Aint *lower) {
  MPI_Aint extent;
  return MPI_Type_get_extent(datatype, lower, &extent);
}

int MPI_Type_ub(MPI_Datatype datatype, MPI_Aint *upper) {
  MPI_DEMAND_TYPE(datatype);
  *upper = datatype->upper;
  return MPI_SUCCESS;
}

int MPI_Type_get_name(MPI_Datatype datatype, char *name, int *length) {
  MPI_DEMAND_TYPE(datatype);
  *length = (int)strlen(datatype->name);
  memcpy(name, datatype->name, (size_t)*length + 1);
  return MPI_SUCCESS;
}

int MPI_Type_set_name(MPI_Datatype datatype, const char *name) {
  MPI_DEMAND_TYPE(datatype);
  size_t length = strlen(name);
  MPI_DEMAND(MPI_COMM_NULL, length < MPI_MAX_OBJECT_NAME, MPI_ERR_ARG,
             "a name has at most %d characters", MPI_MAX_OBJECT_NAME - 1);
  char *copy = mpi_take(length + 1);
  memcpy(copy, name, length + 1);
  if (!datatype->named) free((void *)datatype->name);
  datatype->name = copy;
  return MPI_SUCCESS;
}

int MPI_Get_address(const void *location, MPI_Aint *address) {
  *address = (MPI_Aint)location;
  return MPI_SUCCESS;
}

int MPI_Address(void *location, MPI_Aint *address) { return MPI_Get_address(location, address); }
MPI_Aint MPI_Aint_add(MPI_Aint base, MPI_Aint difference) { return base + difference; }
MPI_Aint MPI_Aint_diff(MPI_Aint one, MPI_Aint other) { return one - other; }

int MPI_Pack_size(int count, MPI_Datatype datatype, MPI_Comm comm, int *size) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  *size = count * (int)datatype->size;
  return MPI_SUCCESS;
}

int MPI_Pack(const void *in, int count, MPI_Datatype datatype, void *out, int size, int *position,
             MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  int bytes = count * (int)datatype->size;
  MPI_DEMAND(comm, *position >= 0 && *position + bytes <= size, MPI_ERR_ARG,
             "%d bytes do not fit into the %d of the buffer behind position %d", bytes, size,
             *position);
  mpi_pack((char *)out + *position, in, count, datatype);
  *position += bytes;
  return MPI_SUCCESS;
}

int MPI_Unpack(const void *in, int size, int *position, void *out, int count,
               MPI_Datatype datatype, MPI_Comm comm) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_DATA(comm, count, datatype);
  int bytes = count * (int)datatype->size;
  MPI_DEMAND(comm, *position >= 0 && *position + bytes <= size, MPI_ERR_ARG,
             "the buffer of %d bytes does not hold %d behind position %d", size, bytes, *position);
  mpi_unpack(out, count, datatype, (const char *)in + *position, (size_t)bytes);
  *position += bytes;
  return MPI_SUCCESS;
}
