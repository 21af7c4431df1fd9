/* What the files of the library share: its objects, and what each file does for the others. */
#ifndef MPI_INTERNAL_H
#define MPI_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mpi.h"

/* --- system.c: the kernel's calls. */

enum { SYSTEM_AGAIN = -11, SYSTEM_INTERRUPTED = -4, SYSTEM_TOO_LONG = -90, SYSTEM_UNKNOWN = -38 };

/* Where a message came from, as the kernel stores it. */
struct mpi_envelope {
  int32_t from, tag;
  uint32_t bytes;
};

int mpi_system_rank(void);
int mpi_system_size(void);
void mpi_system_send(int to, int tag, const void *bytes, size_t count);
/* The length, or SYSTEM_AGAIN if none is there and `wait` is false, or SYSTEM_TOO_LONG. */
long mpi_system_receive(void *bytes, size_t room, struct mpi_envelope *envelope, bool wait);
int mpi_system_name(char *name, size_t room);
void mpi_system_abort(int code) __attribute__((noreturn));
double mpi_system_seconds(void);
void mpi_system_complain(const char *text, size_t length);

/* --- error.c */

struct mpi_errhandler {
  int uses;
  MPI_Comm_errhandler_function *function; /* 0 for the two that are built in */
};

/* Says what is wrong with a call as the communicator wants it: prints and ends all processes, or
 * returns the code. `format` knows %d and %s. Without a communicator the world's way is taken. */
int mpi_raise(MPI_Comm comm, int code, const char *call, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Prints, and ends all processes. */
void mpi_give_up(const char *call, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

#define MPI_DEMAND(comm, condition, code, ...) \
  do { \
    if (!(condition)) return mpi_raise(comm, code, __func__, __VA_ARGS__); \
  } while (0)

/* Returns from the caller with the first error. */
#define MPI_PROPAGATE(expression) \
  do { \
    int mpi_error_here = (expression); \
    if (mpi_error_here != MPI_SUCCESS) return mpi_error_here; \
  } while (0)

/* What every call with a communicator asks first. */
#define MPI_DEMAND_COMM(comm) \
  do { \
    MPI_DEMAND(MPI_COMM_NULL, mpi_is_running(), MPI_ERR_OTHER, \
               "called before MPI_Init or after MPI_Finalize"); \
    MPI_DEMAND(MPI_COMM_NULL, (comm) != MPI_COMM_NULL, MPI_ERR_COMM, \
               "the communicator is MPI_COMM_NULL"); \
  } while (0)

#define MPI_DEMAND_DATA(comm, count, datatype) \
  do { \
    MPI_DEMAND(comm, (count) >= 0, MPI_ERR_COUNT, "count is %d; expected 0 or more", (count)); \
    MPI_DEMAND(comm, (datatype) != MPI_DATATYPE_NULL, MPI_ERR_TYPE, \
               "the datatype is MPI_DATATYPE_NULL"); \
  } while (0)

#define MPI_DEMAND_ROOT(comm, root) \
  MPI_DEMAND(comm, (root) >= 0 && (root) < mpi_size_of(comm), MPI_ERR_ROOT, \
             "root is %d; expected 0 to %d", (root), mpi_size_of(comm) - 1)

/* Memory; what cannot be had ends the process. */
void *mpi_take(size_t bytes);

/* --- environment.c */
bool mpi_is_running(void);

/* --- group.c: processes in order, by their ranks in the world. */

struct mpi_group {
  int uses, size, rank; /* the rank of this process, or MPI_UNDEFINED */
  int *world;
};

MPI_Group mpi_group_new(int size, const int world[]);
void mpi_group_release(MPI_Group group);
/* The rank in the group of a process of the world, or MPI_UNDEFINED. */
int mpi_group_find(MPI_Group group, int world);

/* --- communicator.c */

struct mpi_attribute;
struct mpi_topology;

struct mpi_communicator {
  int uses;
  uint32_t begun;   /* collective calls that do not wait, so far */
  uint32_t context; /* even; its collective calls use the odd number above */
  MPI_Group group;
  MPI_Errhandler handler;
  struct mpi_attribute *attributes;
  struct mpi_topology *topology;
  char name[MPI_MAX_OBJECT_NAME];
};

static inline int mpi_size_of(MPI_Comm comm) { return comm->group->size; }
static inline int mpi_rank_of(MPI_Comm comm) { return comm->group->rank; }

void mpi_communicators_begin(void);
void mpi_communicator_release(MPI_Comm comm);
/* A communicator of this group with a context all of `comm` agree on; 0 for an empty group. */
int mpi_communicator_new(MPI_Comm comm, MPI_Group group, MPI_Comm *new_comm);

/* --- attribute.c, topology.c */
int mpi_attributes_copy(MPI_Comm from, MPI_Comm to);
int mpi_attributes_delete(MPI_Comm comm);
struct mpi_topology *mpi_topology_copy(const struct mpi_topology *topology);

/* --- datatype.c: a datatype is a list of blocks of elements of one kind, in order. */

enum mpi_kind {
  KIND_NONE,
  KIND_INT8,
  KIND_UINT8,
  KIND_INT16,
  KIND_UINT16,
  KIND_INT32,
  KIND_UINT32,
  KIND_INT64,
  KIND_UINT64,
  KIND_FLOAT,
  KIND_DOUBLE,
  KIND_LONG_DOUBLE,
  KIND_BOOL,
  KIND_LOGICAL,
  KIND_BYTE,
  KIND_COMPLEX,
  KIND_DOUBLE_COMPLEX,
  KIND_LONG_DOUBLE_COMPLEX,
  KIND_FLOAT_INT,
  KIND_DOUBLE_INT,
  KIND_LONG_INT,
  KIND_TWO_INTS,
  KIND_SHORT_INT,
  KIND_LONG_DOUBLE_INT,
  KIND_TWO_REALS,
  KIND_TWO_DOUBLES,
  KIND_LOWER,
  KIND_UPPER
};

struct mpi_block {
  MPI_Aint place;  /* bytes from the start */
  uint32_t bytes;  /* length */
  uint32_t element; /* bytes of one element */
};

struct mpi_datatype {
  int uses;
  bool named, committed;
  enum mpi_kind kind; /* KIND_NONE for what is not one element of one kind */
  uint32_t size;      /* bytes of data */
  MPI_Aint lower, upper, true_lower, true_upper;
  bool lower_set, upper_set; /* by markers or by resizing */
  int blocks;
  const struct mpi_block *block;
  const char *name;
};

static inline MPI_Aint mpi_extent_of(MPI_Datatype datatype) {
  return datatype->upper - datatype->lower;
}

void mpi_datatype_hold(MPI_Datatype datatype);
void mpi_datatype_release(MPI_Datatype datatype);

/* --- layout.c: elements in memory, and the same bytes in a row. */

bool mpi_is_packed(MPI_Datatype datatype);
void mpi_pack(void *out, const void *in, int count, MPI_Datatype datatype);
/* As many bytes as there are; a last element may be incomplete. */
void mpi_unpack(void *out, int count, MPI_Datatype datatype, const void *in, size_t bytes);
/* Copies elements of one type to elements of another. */
int mpi_copy(const char *call, MPI_Comm comm, const void *in, int in_count, MPI_Datatype in_type,
             void *out, int out_count, MPI_Datatype out_type);
/* Room for so many elements, to be given back with mpi_buffer_free; the address is that of the
 * first element, which may lie before or behind the start of the memory. */
void *mpi_buffer_new(int count, MPI_Datatype datatype);
void mpi_buffer_free(void *buffer, int count, MPI_Datatype datatype);

static inline void *mpi_at(const void *buffer, MPI_Aint index, MPI_Datatype datatype) {
  return (char *)buffer + index * mpi_extent_of(datatype);
}

/* --- operator.c */

struct mpi_operator {
  int uses;
  bool named, commutes;
  const char *name;
  bool (*combine)(const struct mpi_operator *op, const void *in, void *inout, int count,
                  enum mpi_kind kind); /* false: not for this kind */
  MPI_User_function *function;
};

void mpi_operator_release(MPI_Op op);
bool mpi_operator_fits(MPI_Op op, MPI_Datatype datatype);
/* inout = in op inout */
void mpi_combine(MPI_Op op, const void *in, void *inout, int count, MPI_Datatype datatype);

#define MPI_DEMAND_OP(comm, op, datatype) \
  do { \
    MPI_DEMAND(comm, (op) != MPI_OP_NULL, MPI_ERR_OP, "the operator is MPI_OP_NULL"); \
    MPI_DEMAND(comm, mpi_operator_fits(op, datatype), MPI_ERR_OP, \
               "%s cannot combine elements of the datatype %s", (op)->name, \
               (datatype)->name); \
  } while (0)

/* --- message.c: messages of this process, in order, matched with its receives. */

/* What goes before the data. 24 bytes, so that the data are aligned for doubles. */
struct mpi_header {
  uint32_t sequence; /* of the messages from this sender to this receiver */
  uint32_t context;
  int32_t tag;
  uint32_t kind;
  uint32_t token; /* of the send that waits for an acknowledgement */
  uint32_t reserved;
};

struct mpi_message {
  struct mpi_message *next;
  MPI_Comm comm; /* it was probed by, if it was taken so */
  int from;      /* rank in the world */
  uint32_t bytes;
  struct mpi_header header;
  char data[];
};

enum { MPI_INTERNAL_ANY = -1 };

void mpi_messages_begin(void);
void mpi_messages_end(void);
/* Sends packed elements; a token other than 0 asks for an acknowledgement. */
void mpi_message_send(int world, uint32_t context, int tag, const void *buffer, int count,
                      MPI_Datatype datatype, uint32_t token);
/* Takes what has come; if `wait`, it waits until something comes. */
void mpi_progress(bool wait);
/* The first message that matches and nobody has asked for; it stays. */
struct mpi_message *mpi_message_find(int world, uint32_t context, int tag);
/* Takes it, so that it matches nothing else. */
void mpi_message_take(struct mpi_message *message);
void mpi_message_free(struct mpi_message *message);

/* --- request.c */

enum mpi_request_kind { REQUEST_SEND, REQUEST_RECEIVE, REQUEST_COLLECTIVE };
enum mpi_send_mode { SEND_STANDARD, SEND_SYNCHRONOUS };

struct mpi_request {
  struct mpi_request *next; /* among the receives that wait, or the sends */
  enum mpi_request_kind kind;
  enum mpi_send_mode mode;
  bool done, active, persistent, freed;
  void *buffer;
  int count;
  MPI_Datatype datatype;
  MPI_Comm comm;
  int peer, tag; /* the peer's rank in the communicator */
  int world;     /* and in the world, or MPI_INTERNAL_ANY */
  uint32_t context, token;
  MPI_Status status;
};

void mpi_request_start(struct mpi_request *request);
/* Gives a receive its message, which is used up. */
void mpi_request_deliver(struct mpi_request *request, struct mpi_message *message);
void mpi_request_finish(struct mpi_request *request);
void mpi_request_wait(struct mpi_request *request);
void mpi_status_empty(MPI_Status *status);
void mpi_status_none(MPI_Status *status);

/* --- match.c: receives that wait for messages, and sends that wait to be received. */
void mpi_receive_post(struct mpi_request *request);
bool mpi_receive_withdraw(struct mpi_request *request);
struct mpi_request *mpi_receive_find(const struct mpi_message *message);
void mpi_synchronous_post(struct mpi_request *request);
void mpi_synchronous_done(uint32_t token);

/* --- schedule.c: collective calls that do not wait, as steps that are taken as messages come. */

struct mpi_schedule;
/* `MPI_Request` of a new schedule on a communicator; its steps follow. */
struct mpi_schedule *mpi_schedule_new(MPI_Comm comm);
/* Room for elements, given back at the end. */
void *mpi_schedule_buffer(struct mpi_schedule *schedule, int count, MPI_Datatype datatype);
void mpi_schedule_send(struct mpi_schedule *schedule, const void *buffer, int count,
                       MPI_Datatype datatype, int to);
void mpi_schedule_receive(struct mpi_schedule *schedule, void *buffer, int count,
                          MPI_Datatype datatype, int from);
/* What follows waits until all receives so far are done. */
void mpi_schedule_wait(struct mpi_schedule *schedule);
void mpi_schedule_copy(struct mpi_schedule *schedule, const void *in, int in_count,
                       MPI_Datatype in_type, void *out, int out_count, MPI_Datatype out_type);
void mpi_schedule_combine(struct mpi_schedule *schedule, MPI_Op op, const void *in, void *inout,
                          int count, MPI_Datatype datatype);
/* Takes the first steps. */
void mpi_schedule_begin(struct mpi_schedule *schedule, MPI_Request *request);
/* Takes what steps can be taken in all schedules. */
void mpi_schedules_advance(void);

/* --- internal.c: messages between the processes of a communicator, for collective calls. */

enum {
  TAG_BARRIER,
  TAG_BROADCAST,
  TAG_REDUCE,
  TAG_GATHER,
  TAG_SCATTER,
  TAG_ALLGATHER,
  TAG_ALLTOALL,
  TAG_SCAN,
  TAG_GROUP,
  TAG_UNWAITED = 1 << 30 /* and those above */
};

void mpi_send(MPI_Comm comm, const void *buffer, int count, MPI_Datatype datatype, int to, int tag);
/* MPI_SUCCESS, or MPI_ERR_TRUNCATE. */
int mpi_receive(MPI_Comm comm, void *buffer, int count, MPI_Datatype datatype, int from, int tag);

/* Collective calls that other collective calls are made of; they check nothing. */
int mpi_broadcast(MPI_Comm comm, void *buffer, int count, MPI_Datatype datatype, int root);
int mpi_reduce(MPI_Comm comm, const void *out, void *in, int count, MPI_Datatype datatype,
               MPI_Op op, int root);
int mpi_allgather_ints(MPI_Comm comm, const int out[], int count, int in[]);

#define MPI_RAISE_TRUNCATED(comm) \
  mpi_raise(comm, MPI_ERR_TRUNCATE, __func__, \
            "a process sent more elements than this one expects; their counts must agree")

#define MPI_DELIVERED(comm, expression) \
  do { \
    if ((expression) != MPI_SUCCESS) return MPI_RAISE_TRUNCATED(comm); \
  } while (0)

#endif
