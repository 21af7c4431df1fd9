/* Errors: what is said of them, and what then happens, as the communicator's handler wants it. */
#include <stdarg.h>

#include "mpi_internal.h"

struct mpi_errhandler mpi_errors_are_fatal = {1, 0};
struct mpi_errhandler mpi_errors_return = {1, 0};

static const char *const TEXTS[] = {
    [MPI_SUCCESS] = "MPI_SUCCESS: no error",
    [MPI_ERR_BUFFER] = "MPI_ERR_BUFFER: invalid buffer",
    [MPI_ERR_COUNT] = "MPI_ERR_COUNT: invalid count",
    [MPI_ERR_TYPE] = "MPI_ERR_TYPE: invalid datatype",
    [MPI_ERR_TAG] = "MPI_ERR_TAG: invalid tag",
    [MPI_ERR_COMM] = "MPI_ERR_COMM: invalid communicator",
    [MPI_ERR_RANK] = "MPI_ERR_RANK: invalid rank",
    [MPI_ERR_REQUEST] = "MPI_ERR_REQUEST: invalid request",
    [MPI_ERR_ROOT] = "MPI_ERR_ROOT: invalid root",
    [MPI_ERR_GROUP] = "MPI_ERR_GROUP: invalid group",
    [MPI_ERR_OP] = "MPI_ERR_OP: invalid operator",
    [MPI_ERR_TOPOLOGY] = "MPI_ERR_TOPOLOGY: invalid topology",
    [MPI_ERR_DIMS] = "MPI_ERR_DIMS: invalid dimensions",
    [MPI_ERR_ARG] = "MPI_ERR_ARG: invalid argument",
    [MPI_ERR_UNKNOWN] = "MPI_ERR_UNKNOWN: unknown error",
    [MPI_ERR_TRUNCATE] = "MPI_ERR_TRUNCATE: message longer than the receive",
    [MPI_ERR_OTHER] = "MPI_ERR_OTHER: other error",
    [MPI_ERR_INTERN] = "MPI_ERR_INTERN: internal error",
    [MPI_ERR_IN_STATUS] = "MPI_ERR_IN_STATUS: the error is in the status",
    [MPI_ERR_PENDING] = "MPI_ERR_PENDING: request still pending",
    [MPI_ERR_KEYVAL] = "MPI_ERR_KEYVAL: invalid key of an attribute",
    [MPI_ERR_NO_MEM] = "MPI_ERR_NO_MEM: no memory",
    [MPI_ERR_INFO] = "MPI_ERR_INFO: invalid info",
    [MPI_ERR_INFO_KEY] = "MPI_ERR_INFO_KEY: invalid key of an info",
    [MPI_ERR_INFO_NOKEY] = "MPI_ERR_INFO_NOKEY: no such key in an info",
    [MPI_ERR_INFO_VALUE] = "MPI_ERR_INFO_VALUE: invalid value of an info",
    [MPI_ERR_NAME] = "MPI_ERR_NAME: no such name",
    [MPI_ERR_UNSUPPORTED_OPERATION] = "MPI_ERR_UNSUPPORTED_OPERATION: not supported",
};
enum { CODES = sizeof TEXTS / sizeof *TEXTS };

static const char *text_of(int code) {
  return code >= 0 && code < CODES ? TEXTS[code] : "unknown error code";
}

struct line {
  size_t used;
  char bytes[512];
};

static void put_text(struct line *line, const char *text) {
  for (; *text != '\0' && line->used < sizeof line->bytes - 1; text++) {
    line->bytes[line->used++] = *text;
  }
}

static void put_number(struct line *line, int number) {
  char digits[12], *digit = digits + sizeof digits;
  unsigned rest = number < 0 ? 0u - (unsigned)number : (unsigned)number;
  *--digit = '\0';
  do {
    *--digit = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (number < 0) put_text(line, "-");
  put_text(line, digit);
}

static void complain(const char *call, const char *format, va_list values) {
  struct line line = {.used = 0};
  put_text(&line, call);
  put_text(&line, ": ");
  for (; *format != '\0'; format++) {
    if (*format != '%') {
      put_text(&line, (char[]){*format, '\0'});
    } else if (*++format == 'd') {
      put_number(&line, va_arg(values, int));
    } else {
      put_text(&line, va_arg(values, const char *));
    }
  }
  put_text(&line, " (rank ");
  put_number(&line, mpi_system_rank());
  put_text(&line, " of the world)");
  line.bytes[line.used++] = '\n';
  mpi_system_complain(line.bytes, line.used);
}

int mpi_raise(MPI_Comm comm, int code, const char *call, const char *format, ...) {
  if (comm == MPI_COMM_NULL) comm = MPI_COMM_WORLD;
  MPI_Errhandler handler = comm->handler;
  if (handler == MPI_ERRORS_RETURN) return code;
  if (handler != MPI_ERRHANDLER_NULL && handler->function != 0) {
    handler->function(&comm, &code);
    return code;
  }
  va_list values;
  va_start(values, format);
  complain(call, format, values);
  va_end(values);
  mpi_system_abort(code);
}

void mpi_give_up(const char *call, const char *format, ...) {
  va_list values;
  va_start(values, format);
  complain(call, format, values);
  va_end(values);
  mpi_system_abort(MPI_ERR_OTHER);
}

void *mpi_take(size_t bytes) {
  void *memory = malloc(bytes == 0 ? 1 : bytes);
  if (memory == 0) mpi_give_up("MPI", "no memory for %d bytes", (int)bytes);
  return memory;
}

int MPI_Error_string(int code, char *text, int *length) {
  const char *found = text_of(code);
  *length = (int)strlen(found);
  memcpy(text, found, (size_t)*length + 1);
  return MPI_SUCCESS;
}

int MPI_Error_class(int code, int *class_of_it) {
  *class_of_it = code;
  return MPI_SUCCESS;
}

int MPI_Comm_create_errhandler(MPI_Comm_errhandler_function *function, MPI_Errhandler *handler) {
  MPI_DEMAND(MPI_COMM_NULL, function != 0, MPI_ERR_ARG, "the function is null");
  *handler = mpi_take(sizeof **handler);
  **handler = (struct mpi_errhandler){1, function};
  return MPI_SUCCESS;
}

static void release(MPI_Errhandler handler) {
  if (handler != MPI_ERRHANDLER_NULL && handler->function != 0 && --handler->uses == 0) {
    free(handler);
  }
}

int MPI_Comm_set_errhandler(MPI_Comm comm, MPI_Errhandler handler) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND(comm, handler != MPI_ERRHANDLER_NULL, MPI_ERR_ARG, "the handler is null");
  handler->uses++;
  release(comm->handler);
  comm->handler = handler;
  return MPI_SUCCESS;
}

int MPI_Comm_get_errhandler(MPI_Comm comm, MPI_Errhandler *handler) {
  MPI_DEMAND_COMM(comm);
  *handler = comm->handler;
  comm->handler->uses++;
  return MPI_SUCCESS;
}

int MPI_Comm_call_errhandler(MPI_Comm comm, int code) {
  MPI_DEMAND_COMM(comm);
  mpi_raise(comm, code, __func__, "%s", text_of(code));
  return MPI_SUCCESS;
}

int MPI_Errhandler_free(MPI_Errhandler *handler) {
  MPI_DEMAND(MPI_COMM_NULL, *handler != MPI_ERRHANDLER_NULL, MPI_ERR_ARG, "the handler is null");
  release(*handler);
  *handler = MPI_ERRHANDLER_NULL;
  return MPI_SUCCESS;
}

int MPI_Errhandler_create(MPI_Comm_errhandler_function *function, MPI_Errhandler *handler) {
  return MPI_Comm_create_errhandler(function, handler);
}

int MPI_Errhandler_set(MPI_Comm comm, MPI_Errhandler handler) {
  return MPI_Comm_set_errhandler(comm, handler);
}

int MPI_Errhandler_get(MPI_Comm comm, MPI_Errhandler *handler) {
  return MPI_Comm_get_errhandler(comm, handler);
}
