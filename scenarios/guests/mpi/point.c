/* Messages from one process to another: sends and receives, at once, later, and again and again. */
#include "mpi_internal.h"

#define MPI_DEMAND_SEND() \
  do { \
    MPI_DEMAND_COMM(comm); \
    MPI_DEMAND_DATA(comm, count, datatype); \
    MPI_DEMAND(comm, tag >= 0, MPI_ERR_TAG, "tag is %d; expected 0 or more", tag); \
    MPI_DEMAND(comm, \
               destination == MPI_PROC_NULL || \
                   (destination >= 0 && destination < mpi_size_of(comm)), \
               MPI_ERR_RANK, "destination is %d; expected 0 to %d, or MPI_PROC_NULL", \
               destination, mpi_size_of(comm) - 1); \
  } while (0)

#define MPI_DEMAND_SOURCE(comm, source, tag) \
  do { \
    MPI_DEMAND(comm, (tag) >= 0 || (tag) == MPI_ANY_TAG, MPI_ERR_TAG, \
               "tag is %d; expected 0 or more, or MPI_ANY_TAG", (tag)); \
    MPI_DEMAND(comm, \
               (source) == MPI_PROC_NULL || (source) == MPI_ANY_SOURCE || \
                   ((source) >= 0 && (source) < mpi_size_of(comm)), \
               MPI_ERR_RANK, \
               "source is %d; expected 0 to %d, MPI_ANY_SOURCE or MPI_PROC_NULL", (source), \
               mpi_size_of(comm) - 1); \
  } while (0)

#define MPI_DEMAND_RECEIVE() \
  do { \
    MPI_DEMAND_COMM(comm); \
    MPI_DEMAND_DATA(comm, count, datatype); \
    MPI_DEMAND_SOURCE(comm, source, tag); \
  } while (0)

static int world_of(MPI_Comm comm, int rank) {
  return rank < 0 ? MPI_INTERNAL_ANY : comm->group->world[rank];
}

static MPI_Request request_new(enum mpi_request_kind kind, const void *buffer, int count,
                               MPI_Datatype datatype, int peer, int tag, MPI_Comm comm) {
  struct mpi_request *request = mpi_take(sizeof *request);
  *request = (struct mpi_request){
      .kind = kind, .buffer = (void *)buffer, .count = count, .datatype = datatype, .comm = comm,
      .peer = peer, .tag = tag, .world = world_of(comm, peer), .context = comm->context};
  mpi_datatype_hold(datatype);
  comm->uses++;
  return request;
}

int MPI_Send(MPI_SEND_ARGUMENTS) {
  MPI_DEMAND_SEND();
  if (destination == MPI_PROC_NULL) return MPI_SUCCESS;
  mpi_message_send(world_of(comm, destination), comm->context, tag, buffer, count, datatype, 0);
  return MPI_SUCCESS;
}

/* A send never waits for its receiver, so a buffer of the program's is not needed, and a receiver
 * that is ready makes no difference. */
int MPI_Bsend(MPI_SEND_ARGUMENTS) {
  return MPI_Send(buffer, count, datatype, destination, tag, comm);
}

int MPI_Rsend(MPI_SEND_ARGUMENTS) {
  return MPI_Send(buffer, count, datatype, destination, tag, comm);
}

#define MPI_INITIALISE(request, mode_of_it) \
  do { \
    MPI_DEMAND_SEND(); \
    *(request) = request_new(REQUEST_SEND, buffer, count, datatype, destination, tag, comm); \
    (*(request))->mode = mode_of_it; \
  } while (0)

int MPI_Ssend(MPI_SEND_ARGUMENTS) {
  MPI_Request request;
  MPI_INITIALISE(&request, SEND_SYNCHRONOUS);
  mpi_request_start(request);
  return MPI_Wait(&request, MPI_STATUS_IGNORE);
}

int MPI_Isend(MPI_SEND_ARGUMENTS, MPI_Request *request) {
  MPI_INITIALISE(request, SEND_STANDARD);
  mpi_request_start(*request);
  return MPI_SUCCESS;
}

int MPI_Ibsend(MPI_SEND_ARGUMENTS, MPI_Request *request) {
  return MPI_Isend(buffer, count, datatype, destination, tag, comm, request);
}

int MPI_Irsend(MPI_SEND_ARGUMENTS, MPI_Request *request) {
  return MPI_Isend(buffer, count, datatype, destination, tag, comm, request);
}

int MPI_Issend(MPI_SEND_ARGUMENTS, MPI_Request *request) {
  MPI_INITIALISE(request, SEND_SYNCHRONOUS);
  mpi_request_start(*request);
  return MPI_SUCCESS;
}

int MPI_Send_init(MPI_SEND_ARGUMENTS, MPI_Request *request) {
  MPI_INITIALISE(request, SEND_STANDARD);
  (*request)->persistent = true;
  return MPI_SUCCESS;
}

int MPI_Bsend_init(MPI_SEND_ARGUMENTS, MPI_Request *request) {
  return MPI_Send_init(buffer, count, datatype, destination, tag, comm, request);
}

int MPI_Rsend_init(MPI_SEND_ARGUMENTS, MPI_Request *request) {
  return MPI_Send_init(buffer, count, datatype, destination, tag, comm, request);
}

int MPI_Ssend_init(MPI_SEND_ARGUMENTS, MPI_Request *request) {
  MPI_INITIALISE(request, SEND_SYNCHRONOUS);
  (*request)->persistent = true;
  return MPI_SUCCESS;
}

int MPI_Recv(MPI_RECEIVE_ARGUMENTS, MPI_Status *status) {
  MPI_DEMAND_RECEIVE();
  MPI_Request request =
      request_new(REQUEST_RECEIVE, buffer, count, datatype, source, tag, comm);
  mpi_request_start(request);
  return MPI_Wait(&request, status);
}

int MPI_Irecv(MPI_RECEIVE_ARGUMENTS, MPI_Request *request) {
  MPI_DEMAND_RECEIVE();
  *request = request_new(REQUEST_RECEIVE, buffer, count, datatype, source, tag, comm);
  mpi_request_start(*request);
  return MPI_SUCCESS;
}

int MPI_Recv_init(MPI_RECEIVE_ARGUMENTS, MPI_Request *request) {
  MPI_DEMAND_RECEIVE();
  *request = request_new(REQUEST_RECEIVE, buffer, count, datatype, source, tag, comm);
  (*request)->persistent = true;
  return MPI_SUCCESS;
}

int MPI_Sendrecv(const void *out, int out_count, MPI_Datatype out_type, int destination,
                 int out_tag, void *in, int in_count, MPI_Datatype in_type, int source, int in_tag,
                 MPI_Comm comm, MPI_Status *status) {
  MPI_PROPAGATE(MPI_Send(out, out_count, out_type, destination, out_tag, comm));
  return MPI_Recv(in, in_count, in_type, source, in_tag, comm, status);
}

/* What is sent has left the buffer when the send returns. */
int MPI_Sendrecv_replace(void *buffer, int count, MPI_Datatype datatype, int destination,
                         int out_tag, int source, int in_tag, MPI_Comm comm, MPI_Status *status) {
  return MPI_Sendrecv(buffer, count, datatype, destination, out_tag, buffer, count, datatype,
                      source, in_tag, comm, status);
}

static void *attached;
static int attached_size;

int MPI_Buffer_attach(void *buffer, int size) {
  MPI_DEMAND(MPI_COMM_NULL, attached == 0, MPI_ERR_BUFFER, "a buffer is attached already");
  MPI_DEMAND(MPI_COMM_NULL, size >= 0, MPI_ERR_ARG, "size is %d; expected 0 or more", size);
  attached = buffer;
  attached_size = size;
  return MPI_SUCCESS;
}

int MPI_Buffer_detach(void *buffer, int *size) {
  *(void **)buffer = attached;
  *size = attached_size;
  attached = 0;
  attached_size = 0;
  return MPI_SUCCESS;
}

static void describe(const struct mpi_message *message, MPI_Comm comm, MPI_Status *status) {
  if (status == MPI_STATUS_IGNORE) return;
  mpi_status_empty(status);
  status->MPI_SOURCE = mpi_group_find(comm->group, message->from);
  status->MPI_TAG = message->header.tag;
  status->mpi_bytes = message->bytes;
}

/* The message a receive would get, or 0; `wait` says whether to wait for one. */
static struct mpi_message *probe(int source, int tag, MPI_Comm comm, bool wait,
                                 MPI_Status *status) {
  struct mpi_message *message;
  if (source == MPI_PROC_NULL) {
    if (status != MPI_STATUS_IGNORE) mpi_status_none(status);
    return MPI_MESSAGE_NO_PROC;
  }
  bool looked = false;
  while ((message = mpi_message_find(world_of(comm, source), comm->context, tag)) == 0) {
    if (looked && !wait) return 0;
    mpi_progress(wait);
    looked = true;
  }
  describe(message, comm, status);
  return message;
}

int MPI_Probe(int source, int tag, MPI_Comm comm, MPI_Status *status) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_SOURCE(comm, source, tag);
  probe(source, tag, comm, true, status);
  return MPI_SUCCESS;
}

int MPI_Iprobe(int source, int tag, MPI_Comm comm, int *flag, MPI_Status *status) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_SOURCE(comm, source, tag);
  *flag = probe(source, tag, comm, false, status) != 0;
  return MPI_SUCCESS;
}

/* Keeps a message for the receive that will name it. */
static void take(struct mpi_message *message, MPI_Comm comm) {
  if (message == MPI_MESSAGE_NO_PROC) return;
  mpi_message_take(message);
  message->comm = comm;
  comm->uses++;
}

int MPI_Mprobe(int source, int tag, MPI_Comm comm, MPI_Message *message, MPI_Status *status) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_SOURCE(comm, source, tag);
  *message = probe(source, tag, comm, true, status);
  take(*message, comm);
  return MPI_SUCCESS;
}

int MPI_Improbe(int source, int tag, MPI_Comm comm, int *flag, MPI_Message *message,
                MPI_Status *status) {
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND_SOURCE(comm, source, tag);
  struct mpi_message *found = probe(source, tag, comm, false, status);
  *flag = found != 0;
  if (found == 0) return MPI_SUCCESS;
  *message = found;
  take(found, comm);
  return MPI_SUCCESS;
}

int MPI_Imrecv(void *buffer, int count, MPI_Datatype datatype, MPI_Message *message,
               MPI_Request *request) {
  MPI_DEMAND_COMM(MPI_COMM_WORLD);
  MPI_DEMAND_DATA(MPI_COMM_NULL, count, datatype);
  MPI_DEMAND(MPI_COMM_NULL, *message != MPI_MESSAGE_NULL, MPI_ERR_ARG,
             "the message is MPI_MESSAGE_NULL");
  bool nobody = *message == MPI_MESSAGE_NO_PROC;
  MPI_Comm comm = nobody ? MPI_COMM_WORLD : (*message)->comm;
  *request = request_new(REQUEST_RECEIVE, buffer, count, datatype,
                         nobody ? MPI_PROC_NULL : MPI_ANY_SOURCE, MPI_ANY_TAG, comm);
  if (nobody) {
    mpi_request_start(*request);
  } else {
    (*request)->active = true;
    mpi_request_deliver(*request, *message);
    mpi_communicator_release(comm);
  }
  *message = MPI_MESSAGE_NULL;
  return MPI_SUCCESS;
}

int MPI_Mrecv(void *buffer, int count, MPI_Datatype datatype, MPI_Message *message,
              MPI_Status *status) {
  MPI_Request request;
  MPI_PROPAGATE(MPI_Imrecv(buffer, count, datatype, message, &request));
  return MPI_Wait(&request, status);
}
