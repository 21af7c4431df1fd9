/* Operators: those every program has, by kind of element, and those a program makes. */
#include <stdbool.h>

#include "mpi_internal.h"

typedef float _Complex float_complex;
typedef double _Complex double_complex;
typedef long double _Complex long_double_complex;

/* One loop over elements: `a` is of the lower rank, `b` of the higher, and receives the result. */
#define LOOP(type, expression) \
  do { \
    const type *left = in; \
    type *right = inout; \
    for (int i = 0; i < count; i++) { \
      type a = left[i], b = right[i]; \
      right[i] = (type)(expression); \
    } \
  } while (0); \
  return true

#define INTEGERS(expression) \
  case KIND_INT8: LOOP(int8_t, expression); \
  case KIND_UINT8: LOOP(uint8_t, expression); \
  case KIND_INT16: LOOP(int16_t, expression); \
  case KIND_UINT16: LOOP(uint16_t, expression); \
  case KIND_INT32: LOOP(int32_t, expression); \
  case KIND_UINT32: LOOP(uint32_t, expression); \
  case KIND_INT64: LOOP(int64_t, expression); \
  case KIND_UINT64: LOOP(uint64_t, expression);

#define REALS(expression) \
  case KIND_FLOAT: LOOP(float, expression); \
  case KIND_DOUBLE: LOOP(double, expression); \
  case KIND_LONG_DOUBLE: LOOP(long double, expression);

#define COMPLEX(expression) \
  case KIND_COMPLEX: LOOP(float_complex, expression); \
  case KIND_DOUBLE_COMPLEX: LOOP(double_complex, expression); \
  case KIND_LONG_DOUBLE_COMPLEX: LOOP(long_double_complex, expression);

#define OPERATOR(id, text, rows) \
  static bool combine_##id(const struct mpi_operator *op, const void *in, void *inout, int count, \
                           enum mpi_kind kind) { \
    (void)op; \
    switch (kind) { \
      rows \
      default: return false; \
    } \
  } \
  struct mpi_operator mpi_op_##id = {1, true, true, text, combine_##id, 0};

OPERATOR(max, "MPI_MAX", INTEGERS(a > b ? a : b) REALS(a > b ? a : b))
OPERATOR(min, "MPI_MIN", INTEGERS(a < b ? a : b) REALS(a < b ? a : b))
OPERATOR(sum, "MPI_SUM", INTEGERS(a + b) REALS(a + b) COMPLEX(a + b))
OPERATOR(prod, "MPI_PROD", INTEGERS(a * b) REALS(a * b) COMPLEX(a * b))
#define TRUTHS(expression) \
  case KIND_BOOL: LOOP(_Bool, expression); \
  case KIND_LOGICAL: LOOP(int, expression);
OPERATOR(land, "MPI_LAND", INTEGERS(a && b) TRUTHS(a && b) REALS(a && b))
OPERATOR(lor, "MPI_LOR", INTEGERS(a || b) TRUTHS(a || b) REALS(a || b))
OPERATOR(lxor, "MPI_LXOR", INTEGERS(!a != !b) TRUTHS(!a != !b) REALS(!a != !b))
#define BYTES(expression) case KIND_BYTE: LOOP(uint8_t, expression);
OPERATOR(band, "MPI_BAND", INTEGERS(a & b) BYTES(a & b))
OPERATOR(bor, "MPI_BOR", INTEGERS(a | b) BYTES(a | b))
OPERATOR(bxor, "MPI_BXOR", INTEGERS(a ^ b) BYTES(a ^ b))

/* Of two pairs with the same value, that with the smaller index. */
#define PAIR_LOOP(first, second, before) \
  do { \
    struct pair { \
      first value; \
      second index; \
    }; \
    const struct pair *left = in; \
    struct pair *right = inout; \
    for (int i = 0; i < count; i++) { \
      if (left[i].value before right[i].value || \
          (left[i].value == right[i].value && left[i].index < right[i].index)) { \
        right[i] = left[i]; \
      } \
    } \
  } while (0); \
  return true

#define PAIRS(before) \
  case KIND_FLOAT_INT: PAIR_LOOP(float, int, before); \
  case KIND_DOUBLE_INT: PAIR_LOOP(double, int, before); \
  case KIND_LONG_INT: PAIR_LOOP(long, int, before); \
  case KIND_TWO_INTS: PAIR_LOOP(int, int, before); \
  case KIND_SHORT_INT: PAIR_LOOP(short, int, before); \
  case KIND_LONG_DOUBLE_INT: PAIR_LOOP(long double, int, before); \
  case KIND_TWO_REALS: PAIR_LOOP(float, float, before); \
  case KIND_TWO_DOUBLES: PAIR_LOOP(double, double, before);

OPERATOR(maxloc, "MPI_MAXLOC", PAIRS(>))
OPERATOR(minloc, "MPI_MINLOC", PAIRS(<))

static bool combine_nothing(const struct mpi_operator *op, const void *in, void *inout, int count,
                            enum mpi_kind kind) {
  (void)op, (void)in, (void)inout, (void)count, (void)kind;
  return false;
}
/* For windows only, which this library has none of; a reduction refuses them. */
struct mpi_operator mpi_op_replace = {1, true, false, "MPI_REPLACE", combine_nothing, 0};
struct mpi_operator mpi_op_no_op = {1, true, false, "MPI_NO_OP", combine_nothing, 0};

void mpi_operator_release(MPI_Op op) {
  if (!op->named && --op->uses == 0) free(op);
}

bool mpi_operator_fits(MPI_Op op, MPI_Datatype datatype) {
  return op->function != 0 || op->combine(op, 0, 0, 0, datatype->kind);
}

void mpi_combine(MPI_Op op, const void *in, void *inout, int count, MPI_Datatype datatype) {
  if (op->function != 0) {
    op->function((void *)in, inout, &count, &datatype);
  } else {
    op->combine(op, in, inout, count, datatype->kind);
  }
}

int MPI_Op_create(MPI_User_function *function, int commutes, MPI_Op *op) {
  MPI_DEMAND(MPI_COMM_NULL, function != 0, MPI_ERR_ARG, "the function is null");
  *op = mpi_take(sizeof **op);
  **op = (struct mpi_operator){1, false, commutes != 0, "of the program", 0, function};
  return MPI_SUCCESS;
}

int MPI_Op_free(MPI_Op *op) {
  MPI_DEMAND(MPI_COMM_NULL, *op != MPI_OP_NULL, MPI_ERR_OP, "the operator is MPI_OP_NULL");
  MPI_DEMAND(MPI_COMM_NULL, !(*op)->named, MPI_ERR_OP, "%s cannot be freed", (*op)->name);
  mpi_operator_release(*op);
  *op = MPI_OP_NULL;
  return MPI_SUCCESS;
}

int MPI_Op_commutative(MPI_Op op, int *commutes) {
  MPI_DEMAND(MPI_COMM_NULL, op != MPI_OP_NULL, MPI_ERR_OP, "the operator is MPI_OP_NULL");
  *commutes = op->commutes;
  return MPI_SUCCESS;
}

int MPI_Reduce_local(const void *in, void *inout, int count, MPI_Datatype datatype, MPI_Op op) {
  MPI_DEMAND_DATA(MPI_COMM_NULL, count, datatype);
  MPI_DEMAND_OP(MPI_COMM_NULL, op, datatype);
  if (count > 0) mpi_combine(op, in, inout, count, datatype);
  return MPI_SUCCESS;
}
