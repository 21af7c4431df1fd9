/* Requests: sends and receives that have begun, until they are waited for. */
#include "mpi_internal.h"

void mpi_status_empty(MPI_Status *status) {
  *status = (MPI_Status){MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_SUCCESS, 0, 0};
}

/* Of a receive from nobody. */
void mpi_status_none(MPI_Status *status) {
  *status = (MPI_Status){MPI_PROC_NULL, MPI_ANY_TAG, MPI_SUCCESS, 0, 0};
}

static void destroy(struct mpi_request *request) {
  mpi_datatype_release(request->datatype);
  mpi_communicator_release(request->comm);
  free(request);
}

void mpi_request_finish(struct mpi_request *request) {
  request->done = true;
  if (request->freed) destroy(request);
}

void mpi_request_deliver(struct mpi_request *request, struct mpi_message *message) {
  size_t room = (size_t)request->count * request->datatype->size, bytes = message->bytes;
  request->status.MPI_SOURCE = mpi_group_find(request->comm->group, message->from);
  request->status.MPI_TAG = message->header.tag;
  request->status.MPI_ERROR = bytes > room ? MPI_ERR_TRUNCATE : MPI_SUCCESS;
  if (bytes > room) bytes = room;
  request->status.mpi_bytes = (MPI_Count)bytes;
  mpi_unpack(request->buffer, request->count, request->datatype, message->data, bytes);
  mpi_message_free(message);
  mpi_request_finish(request);
}

static void start_send(struct mpi_request *request) {
  mpi_status_empty(&request->status);
  if (request->peer == MPI_PROC_NULL) {
    request->done = true;
    return;
  }
  request->token = 0;
  if (request->mode == SEND_SYNCHRONOUS) {
    mpi_synchronous_post(request);
  } else {
    request->done = true;
  }
  mpi_message_send(request->world, request->context, request->tag, request->buffer,
                   request->count, request->datatype, request->token);
}

static void start_receive(struct mpi_request *request) {
  mpi_status_empty(&request->status);
  if (request->peer == MPI_PROC_NULL) {
    mpi_status_none(&request->status);
    request->done = true;
    return;
  }
  struct mpi_message *message =
      mpi_message_find(request->world, request->context, request->tag);
  if (message == 0) {
    mpi_receive_post(request);
    return;
  }
  mpi_message_take(message);
  mpi_request_deliver(request, message);
}

void mpi_request_start(struct mpi_request *request) {
  request->active = true;
  request->done = false;
  if (request->kind == REQUEST_SEND) {
    start_send(request);
  } else {
    start_receive(request);
  }
}

void mpi_request_wait(struct mpi_request *request) {
  while (!request->done) mpi_progress(true);
}

/* Whether there is nothing to wait for. */
static bool idle(MPI_Request request) { return request == MPI_REQUEST_NULL || !request->active; }

/* Takes what came of a request that is done; its error. */
static int collect(const char *call, MPI_Request *handle, MPI_Status *status) {
  struct mpi_request *request = *handle;
  MPI_Status found = request->status;
  MPI_Comm comm = request->comm;
  int room = (int)((size_t)request->count * request->datatype->size);
  request->active = false;
  if (status != MPI_STATUS_IGNORE) {
    int error = status->MPI_ERROR; /* which single completions leave alone */
    *status = found;
    status->MPI_ERROR = error;
  }
  comm->uses++;
  if (!request->persistent) {
    *handle = MPI_REQUEST_NULL;
    destroy(request);
  }
  int error = found.MPI_ERROR;
  if (error != MPI_SUCCESS) {
    error = mpi_raise(comm, error, call,
                      "the message from rank %d with tag %d is longer than the %d bytes expected",
                      found.MPI_SOURCE, found.MPI_TAG, room);
  }
  mpi_communicator_release(comm);
  return error;
}

static int collect_idle(MPI_Status *status) {
  if (status != MPI_STATUS_IGNORE) mpi_status_empty(status);
  return MPI_SUCCESS;
}

#define MPI_DEMAND_RUNNING() \
  MPI_DEMAND(MPI_COMM_NULL, mpi_is_running(), MPI_ERR_OTHER, \
             "called before MPI_Init or after MPI_Finalize")
#define MPI_DEMAND_COUNT(count) \
  MPI_DEMAND(MPI_COMM_NULL, (count) >= 0, MPI_ERR_ARG, "count is %d; expected 0 or more", (count))

int MPI_Wait(MPI_Request *request, MPI_Status *status) {
  MPI_DEMAND_RUNNING();
  if (idle(*request)) return collect_idle(status);
  mpi_request_wait(*request);
  return collect(__func__, request, status);
}

int MPI_Test(MPI_Request *request, int *flag, MPI_Status *status) {
  MPI_DEMAND_RUNNING();
  *flag = 1;
  if (idle(*request)) return collect_idle(status);
  if (!(*request)->done) mpi_progress(false);
  *flag = (*request)->done;
  return *flag ? collect(__func__, request, status) : MPI_SUCCESS;
}

/* Takes what came of all of them. With an error in one, all statuses say what came of each. */
static int collect_all(const char *call, int count, MPI_Request requests[],
                       MPI_Status statuses[]) {
  int result = MPI_SUCCESS;
  for (int i = 0; i < count; i++) {
    MPI_Status *status = statuses == MPI_STATUSES_IGNORE ? MPI_STATUS_IGNORE : &statuses[i];
    int error = idle(requests[i]) ? collect_idle(status) : collect(call, &requests[i], status);
    if (error != MPI_SUCCESS) result = MPI_ERR_IN_STATUS;
    if (status != MPI_STATUS_IGNORE) status->MPI_ERROR = error;
  }
  return result;
}

int MPI_Waitall(int count, MPI_Request requests[], MPI_Status statuses[]) {
  MPI_DEMAND_RUNNING();
  MPI_DEMAND_COUNT(count);
  for (int i = 0; i < count; i++) {
    if (!idle(requests[i])) mpi_request_wait(requests[i]);
  }
  return collect_all(__func__, count, requests, statuses);
}

static bool all_done(int count, MPI_Request requests[]) {
  for (int i = 0; i < count; i++) {
    if (!idle(requests[i]) && !requests[i]->done) return false;
  }
  return true;
}

int MPI_Testall(int count, MPI_Request requests[], int *flag, MPI_Status statuses[]) {
  MPI_DEMAND_RUNNING();
  MPI_DEMAND_COUNT(count);
  if (!all_done(count, requests)) mpi_progress(false);
  *flag = all_done(count, requests);
  return *flag ? collect_all(__func__, count, requests, statuses) : MPI_SUCCESS;
}

/* The first that is done, or -1; MPI_UNDEFINED if there is nothing to wait for. */
static int first_done(int count, MPI_Request requests[]) {
  int found = MPI_UNDEFINED;
  for (int i = 0; i < count; i++) {
    if (idle(requests[i])) continue;
    if (requests[i]->done) return i;
    found = -1;
  }
  return found;
}

int MPI_Waitany(int count, MPI_Request requests[], int *index, MPI_Status *status) {
  MPI_DEMAND_RUNNING();
  MPI_DEMAND_COUNT(count);
  while ((*index = first_done(count, requests)) == -1) mpi_progress(true);
  if (*index == MPI_UNDEFINED) return collect_idle(status);
  return collect(__func__, &requests[*index], status);
}

int MPI_Testany(int count, MPI_Request requests[], int *index, int *flag, MPI_Status *status) {
  MPI_DEMAND_RUNNING();
  MPI_DEMAND_COUNT(count);
  *index = first_done(count, requests);
  if (*index == -1) {
    mpi_progress(false);
    *index = first_done(count, requests);
  }
  *flag = *index != -1;
  if (*index == -1) {
    *index = MPI_UNDEFINED;
    return MPI_SUCCESS;
  }
  if (*index == MPI_UNDEFINED) return collect_idle(status);
  return collect(__func__, &requests[*index], status);
}

/* Takes what came of all that are done. */
static int collect_some(const char *call, int count, MPI_Request requests[], int *done,
                        int indices[], MPI_Status statuses[]) {
  int result = MPI_SUCCESS;
  *done = 0;
  for (int i = 0; i < count; i++) {
    if (idle(requests[i]) || !requests[i]->done) continue;
    MPI_Status *status = statuses == MPI_STATUSES_IGNORE ? MPI_STATUS_IGNORE : &statuses[*done];
    int error = collect(call, &requests[i], status);
    if (error != MPI_SUCCESS) result = MPI_ERR_IN_STATUS;
    if (status != MPI_STATUS_IGNORE) status->MPI_ERROR = error;
    indices[(*done)++] = i;
  }
  return result;
}

int MPI_Waitsome(int count, MPI_Request requests[], int *done, int indices[],
                 MPI_Status statuses[]) {
  MPI_DEMAND_RUNNING();
  MPI_DEMAND_COUNT(count);
  int first;
  while ((first = first_done(count, requests)) == -1) mpi_progress(true);
  if (first == MPI_UNDEFINED) {
    *done = MPI_UNDEFINED;
    return MPI_SUCCESS;
  }
  return collect_some(__func__, count, requests, done, indices, statuses);
}

int MPI_Testsome(int count, MPI_Request requests[], int *done, int indices[],
                 MPI_Status statuses[]) {
  MPI_DEMAND_RUNNING();
  MPI_DEMAND_COUNT(count);
  mpi_progress(false);
  if (first_done(count, requests) == MPI_UNDEFINED) {
    *done = MPI_UNDEFINED;
    return MPI_SUCCESS;
  }
  return collect_some(__func__, count, requests, done, indices, statuses);
}

int MPI_Start(MPI_Request *request) {
  MPI_DEMAND_RUNNING();
  MPI_DEMAND(MPI_COMM_NULL,
             *request != MPI_REQUEST_NULL && (*request)->persistent && !(*request)->active,
             MPI_ERR_REQUEST, "expected a persistent request that is not active");
  mpi_request_start(*request);
  return MPI_SUCCESS;
}

int MPI_Startall(int count, MPI_Request requests[]) {
  for (int i = 0; i < count; i++) MPI_PROPAGATE(MPI_Start(&requests[i]));
  return MPI_SUCCESS;
}

int MPI_Request_free(MPI_Request *request) {
  MPI_DEMAND_RUNNING();
  MPI_DEMAND(MPI_COMM_NULL, *request != MPI_REQUEST_NULL, MPI_ERR_REQUEST,
             "the request is MPI_REQUEST_NULL");
  if ((*request)->active && !(*request)->done) {
    (*request)->freed = true;
  } else {
    destroy(*request);
  }
  *request = MPI_REQUEST_NULL;
  return MPI_SUCCESS;
}

int MPI_Request_get_status(MPI_Request request, int *flag, MPI_Status *status) {
  MPI_DEMAND_RUNNING();
  *flag = 1;
  if (idle(request)) return collect_idle(status);
  if (!request->done) mpi_progress(false);
  *flag = request->done;
  if (*flag && status != MPI_STATUS_IGNORE) *status = request->status;
  return MPI_SUCCESS;
}

/* A receive nothing has come for is cancelled; a send has always left already. */
int MPI_Cancel(MPI_Request *request) {
  MPI_DEMAND_RUNNING();
  MPI_DEMAND(MPI_COMM_NULL, !idle(*request), MPI_ERR_REQUEST,
             "expected a request that is active");
  struct mpi_request *found = *request;
  if (!found->done && found->kind == REQUEST_RECEIVE && mpi_receive_withdraw(found)) {
    found->status.mpi_cancelled = 1;
    mpi_request_finish(found);
  }
  return MPI_SUCCESS;
}
