/* The Message Passing Interface for guests: the part of MPI 3.1 that common programs use, in C.
 *
 * Types and constants are here, calls in mpi_calls.h and mpi_unwaited.h. README.md says how a
 * program is built with it. */
#ifndef MPI_H
#define MPI_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MPI_VERSION 3
#define MPI_SUBVERSION 1

/* Handles are addresses; a null handle is 0. */
typedef struct mpi_communicator *MPI_Comm;
typedef struct mpi_datatype *MPI_Datatype;
typedef struct mpi_errhandler *MPI_Errhandler;
typedef struct mpi_group *MPI_Group;
typedef struct mpi_info *MPI_Info;
typedef struct mpi_message *MPI_Message;
typedef struct mpi_operator *MPI_Op;
typedef struct mpi_request *MPI_Request;
typedef struct mpi_file *MPI_File;
typedef struct mpi_window *MPI_Win;
typedef long MPI_Aint;
typedef long long MPI_Count;
typedef long long MPI_Offset;
typedef int MPI_Fint;

typedef struct {
  int MPI_SOURCE;
  int MPI_TAG;
  int MPI_ERROR;
  int mpi_cancelled;
  MPI_Count mpi_bytes;
} MPI_Status;

typedef void MPI_User_function(void *in, void *inout, int *count, MPI_Datatype *datatype);
typedef void MPI_Comm_errhandler_function(MPI_Comm *, int *, ...);
typedef MPI_Comm_errhandler_function MPI_Handler_function;
typedef MPI_Comm_errhandler_function MPI_Comm_errhandler_fn;
typedef int MPI_Comm_copy_attr_function(MPI_Comm, int, void *, void *, void *, int *);
typedef int MPI_Comm_delete_attr_function(MPI_Comm, int, void *, void *);
typedef MPI_Comm_copy_attr_function MPI_Copy_function;
typedef MPI_Comm_delete_attr_function MPI_Delete_function;

#define MPI_COMM_NULL ((MPI_Comm)0)
#define MPI_DATATYPE_NULL ((MPI_Datatype)0)
#define MPI_ERRHANDLER_NULL ((MPI_Errhandler)0)
#define MPI_GROUP_NULL ((MPI_Group)0)
#define MPI_INFO_NULL ((MPI_Info)0)
#define MPI_MESSAGE_NULL ((MPI_Message)0)
#define MPI_OP_NULL ((MPI_Op)0)
#define MPI_REQUEST_NULL ((MPI_Request)0)
#define MPI_FILE_NULL ((MPI_File)0)
#define MPI_WIN_NULL ((MPI_Win)0)

extern struct mpi_communicator mpi_world, mpi_self;
extern struct mpi_group mpi_no_ranks;
extern struct mpi_message mpi_message_from_nobody;
#define MPI_COMM_WORLD (&mpi_world)
#define MPI_COMM_SELF (&mpi_self)
#define MPI_GROUP_EMPTY (&mpi_no_ranks)
#define MPI_MESSAGE_NO_PROC (&mpi_message_from_nobody)

extern struct mpi_errhandler mpi_errors_are_fatal, mpi_errors_return;
#define MPI_ERRORS_ARE_FATAL (&mpi_errors_are_fatal)
#define MPI_ERRORS_RETURN (&mpi_errors_return)

#define MPI_ANY_SOURCE (-2)
#define MPI_PROC_NULL (-1)
#define MPI_ROOT (-3)
#define MPI_ANY_TAG (-1)
#define MPI_UNDEFINED (-32766)
#define MPI_KEYVAL_INVALID (-1)
#define MPI_BOTTOM ((void *)0)
#define MPI_IN_PLACE ((void *)-1)
#define MPI_STATUS_IGNORE ((MPI_Status *)0)
#define MPI_STATUSES_IGNORE ((MPI_Status *)0)
#define MPI_ERRCODES_IGNORE ((int *)0)
#define MPI_ARGV_NULL ((char **)0)
#define MPI_UNWEIGHTED ((int *)1)
#define MPI_WEIGHTS_EMPTY ((int *)2)

#define MPI_MAX_PROCESSOR_NAME 128
#define MPI_MAX_ERROR_STRING 256
#define MPI_MAX_OBJECT_NAME 128
#define MPI_MAX_LIBRARY_VERSION_STRING 128
#define MPI_MAX_INFO_KEY 64
#define MPI_MAX_INFO_VAL 256
#define MPI_MAX_PORT_NAME 64
#define MPI_BSEND_OVERHEAD 32

/* What a comparison of two communicators or groups comes to. */
enum { MPI_IDENT, MPI_CONGRUENT, MPI_SIMILAR, MPI_UNEQUAL };
/* Kinds of topology. */
enum { MPI_GRAPH = 1, MPI_CART, MPI_DIST_GRAPH };
/* How a process may use threads. */
enum { MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED, MPI_THREAD_MULTIPLE };
/* Order of the elements of an array, for subarrays. */
enum { MPI_ORDER_C = 56, MPI_ORDER_FORTRAN };
/* How a communicator is split by kind of place. */
enum { MPI_COMM_TYPE_SHARED = 1 };
/* Attributes every communicator has. */
enum {
  MPI_TAG_UB = 1,
  MPI_HOST,
  MPI_IO,
  MPI_WTIME_IS_GLOBAL,
  MPI_UNIVERSE_SIZE,
  MPI_APPNUM,
  MPI_LASTUSEDCODE
};
/* What a datatype was made by. */
enum {
  MPI_COMBINER_NAMED = 1,
  MPI_COMBINER_DUP,
  MPI_COMBINER_CONTIGUOUS,
  MPI_COMBINER_VECTOR,
  MPI_COMBINER_HVECTOR,
  MPI_COMBINER_INDEXED,
  MPI_COMBINER_HINDEXED,
  MPI_COMBINER_INDEXED_BLOCK,
  MPI_COMBINER_HINDEXED_BLOCK,
  MPI_COMBINER_STRUCT,
  MPI_COMBINER_SUBARRAY,
  MPI_COMBINER_DARRAY,
  MPI_COMBINER_RESIZED
};

/* Classes of errors; a code is a class here. */
enum {
  MPI_SUCCESS,
  MPI_ERR_BUFFER,
  MPI_ERR_COUNT,
  MPI_ERR_TYPE,
  MPI_ERR_TAG,
  MPI_ERR_COMM,
  MPI_ERR_RANK,
  MPI_ERR_REQUEST,
  MPI_ERR_ROOT,
  MPI_ERR_GROUP,
  MPI_ERR_OP,
  MPI_ERR_TOPOLOGY,
  MPI_ERR_DIMS,
  MPI_ERR_ARG,
  MPI_ERR_UNKNOWN,
  MPI_ERR_TRUNCATE,
  MPI_ERR_OTHER,
  MPI_ERR_INTERN,
  MPI_ERR_IN_STATUS,
  MPI_ERR_PENDING,
  MPI_ERR_KEYVAL,
  MPI_ERR_NO_MEM,
  MPI_ERR_INFO,
  MPI_ERR_INFO_KEY,
  MPI_ERR_INFO_NOKEY,
  MPI_ERR_INFO_VALUE,
  MPI_ERR_NAME,
  MPI_ERR_UNSUPPORTED_OPERATION,
  MPI_ERR_LASTCODE = 63
};

/* Datatypes that every program has: the name in MPI, and the object. */
#define MPI_DATATYPES(row) \
  row(char) row(signed_char) row(unsigned_char) row(byte) row(wchar) row(short) \
  row(unsigned_short) row(int) row(unsigned) row(long) row(unsigned_long) row(long_long) \
  row(unsigned_long_long) row(float) row(double) row(long_double) row(c_bool) row(int8_t) \
  row(int16_t) row(int32_t) row(int64_t) row(uint8_t) row(uint16_t) row(uint32_t) row(uint64_t) \
  row(aint) row(count) row(offset) row(complex) row(double_complex) row(long_double_complex) \
  row(float_int) row(double_int) row(long_int) row(two_ints) row(short_int) \
  row(long_double_int) row(packed) row(lb) row(ub) row(logical) row(two_reals) row(two_doubles)

#define MPI_DECLARE_DATATYPE(name) mpi_type_##name,
extern struct mpi_datatype MPI_DATATYPES(MPI_DECLARE_DATATYPE) mpi_type_none;
#undef MPI_DECLARE_DATATYPE

#define MPI_CHAR (&mpi_type_char)
#define MPI_SIGNED_CHAR (&mpi_type_signed_char)
#define MPI_UNSIGNED_CHAR (&mpi_type_unsigned_char)
#define MPI_BYTE (&mpi_type_byte)
#define MPI_WCHAR (&mpi_type_wchar)
#define MPI_SHORT (&mpi_type_short)
#define MPI_UNSIGNED_SHORT (&mpi_type_unsigned_short)
#define MPI_INT (&mpi_type_int)
#define MPI_UNSIGNED (&mpi_type_unsigned)
#define MPI_LONG (&mpi_type_long)
#define MPI_UNSIGNED_LONG (&mpi_type_unsigned_long)
#define MPI_LONG_LONG (&mpi_type_long_long)
#define MPI_LONG_LONG_INT (&mpi_type_long_long)
#define MPI_UNSIGNED_LONG_LONG (&mpi_type_unsigned_long_long)
#define MPI_FLOAT (&mpi_type_float)
#define MPI_DOUBLE (&mpi_type_double)
#define MPI_LONG_DOUBLE (&mpi_type_long_double)
#define MPI_C_BOOL (&mpi_type_c_bool)
#define MPI_INT8_T (&mpi_type_int8_t)
#define MPI_INT16_T (&mpi_type_int16_t)
#define MPI_INT32_T (&mpi_type_int32_t)
#define MPI_INT64_T (&mpi_type_int64_t)
#define MPI_UINT8_T (&mpi_type_uint8_t)
#define MPI_UINT16_T (&mpi_type_uint16_t)
#define MPI_UINT32_T (&mpi_type_uint32_t)
#define MPI_UINT64_T (&mpi_type_uint64_t)
#define MPI_AINT (&mpi_type_aint)
#define MPI_COUNT (&mpi_type_count)
#define MPI_OFFSET (&mpi_type_offset)
#define MPI_C_COMPLEX (&mpi_type_complex)
#define MPI_C_FLOAT_COMPLEX (&mpi_type_complex)
#define MPI_C_DOUBLE_COMPLEX (&mpi_type_double_complex)
#define MPI_C_LONG_DOUBLE_COMPLEX (&mpi_type_long_double_complex)
#define MPI_FLOAT_INT (&mpi_type_float_int)
#define MPI_DOUBLE_INT (&mpi_type_double_int)
#define MPI_LONG_INT (&mpi_type_long_int)
#define MPI_2INT (&mpi_type_two_ints)
#define MPI_SHORT_INT (&mpi_type_short_int)
#define MPI_LONG_DOUBLE_INT (&mpi_type_long_double_int)
#define MPI_PACKED (&mpi_type_packed)
#define MPI_LB (&mpi_type_lb)
#define MPI_UB (&mpi_type_ub)
/* The names of Fortran's types, which some C programs use. */
#define MPI_CHARACTER MPI_CHAR
#define MPI_LOGICAL (&mpi_type_logical)
#define MPI_INTEGER MPI_INT
#define MPI_INTEGER1 MPI_INT8_T
#define MPI_INTEGER2 MPI_INT16_T
#define MPI_INTEGER4 MPI_INT32_T
#define MPI_INTEGER8 MPI_INT64_T
#define MPI_REAL MPI_FLOAT
#define MPI_REAL4 MPI_FLOAT
#define MPI_REAL8 MPI_DOUBLE
#define MPI_DOUBLE_PRECISION MPI_DOUBLE
#define MPI_COMPLEX MPI_C_COMPLEX
#define MPI_DOUBLE_COMPLEX MPI_C_DOUBLE_COMPLEX
#define MPI_2INTEGER MPI_2INT
#define MPI_2REAL (&mpi_type_two_reals)
#define MPI_2DOUBLE_PRECISION (&mpi_type_two_doubles)

extern struct mpi_operator mpi_op_max, mpi_op_min, mpi_op_sum, mpi_op_prod, mpi_op_land,
    mpi_op_band, mpi_op_lor, mpi_op_bor, mpi_op_lxor, mpi_op_bxor, mpi_op_maxloc, mpi_op_minloc,
    mpi_op_replace, mpi_op_no_op;
#define MPI_MAX (&mpi_op_max)
#define MPI_MIN (&mpi_op_min)
#define MPI_SUM (&mpi_op_sum)
#define MPI_PROD (&mpi_op_prod)
#define MPI_LAND (&mpi_op_land)
#define MPI_BAND (&mpi_op_band)
#define MPI_LOR (&mpi_op_lor)
#define MPI_BOR (&mpi_op_bor)
#define MPI_LXOR (&mpi_op_lxor)
#define MPI_BXOR (&mpi_op_bxor)
#define MPI_MAXLOC (&mpi_op_maxloc)
#define MPI_MINLOC (&mpi_op_minloc)
#define MPI_REPLACE (&mpi_op_replace)
#define MPI_NO_OP (&mpi_op_no_op)

#include "mpi_calls.h"
#include "mpi_unwaited.h"

#ifdef __cplusplus
}
#endif

#endif
