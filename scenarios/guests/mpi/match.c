/* Receives that wait for messages, in the order they were posted, and synchronous sends that wait
 * to be received. */
#include "mpi_internal.h"

static struct mpi_request *receives, **receives_end = &receives;
static struct mpi_request *sends;
static uint32_t last_token;

void mpi_receive_post(struct mpi_request *request) {
  request->next = 0;
  *receives_end = request;
  receives_end = &request->next;
}

static void unlink_receive(struct mpi_request **place) {
  struct mpi_request *request = *place;
  *place = request->next;
  if (receives_end == &request->next) receives_end = place;
}

bool mpi_receive_withdraw(struct mpi_request *request) {
  for (struct mpi_request **place = &receives; *place != 0; place = &(*place)->next) {
    if (*place == request) {
      unlink_receive(place);
      return true;
    }
  }
  return false;
}

struct mpi_request *mpi_receive_find(const struct mpi_message *message) {
  for (struct mpi_request **place = &receives; *place != 0; place = &(*place)->next) {
    struct mpi_request *request = *place;
    if (request->context == message->header.context &&
        (request->world == MPI_INTERNAL_ANY || request->world == message->from) &&
        (request->tag == MPI_ANY_TAG || request->tag == message->header.tag)) {
      unlink_receive(place);
      return request;
    }
  }
  return 0;
}

void mpi_synchronous_post(struct mpi_request *request) {
  if (++last_token == 0) last_token = 1; /* 0 says that nobody waits */
  request->token = last_token;
  request->next = sends;
  sends = request;
}

void mpi_synchronous_done(uint32_t token) {
  for (struct mpi_request **place = &sends; *place != 0; place = &(*place)->next) {
    struct mpi_request *request = *place;
    if (request->token != token) continue;
    *place = request->next;
    mpi_request_finish(request);
    return;
  }
}
