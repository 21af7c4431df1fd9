/* Messages of this process: sent with a number each, taken in the order of these numbers whatever
 * the order they arrive in, and kept until a receive asks for them.
 *
 * All this lies in the memory of the program, so a checkpoint has it. */
#include "mpi_internal.h"

enum { KIND_DATA, KIND_ACKNOWLEDGEMENT };
/* Room for a message of which the length is not known yet. */
enum { FIRST_ROOM = 1024 };

struct mpi_message mpi_message_from_nobody;

/* By rank in the world: the number of the next message to and from it. */
static uint32_t *next_to, *next_from;
/* Messages that came before one sent earlier, and those in order that nobody has asked for yet. */
static struct mpi_message *early, *unasked, **unasked_end = &unasked;
static int self;
/* The message that the next one is received into, and what goes out. */
static struct mpi_message *spare;
static uint32_t spare_room;
static struct mpi_header *outgoing;
static size_t outgoing_room;

void mpi_messages_begin(void) {
  int size = mpi_system_size();
  self = mpi_system_rank();
  next_to = mpi_take((size_t)size * sizeof *next_to);
  next_from = mpi_take((size_t)size * sizeof *next_from);
  memset(next_to, 0, (size_t)size * sizeof *next_to);
  memset(next_from, 0, (size_t)size * sizeof *next_from);
}

void mpi_messages_end(void) {
  free(next_to);
  free(next_from);
}

static struct mpi_message *message_new(uint32_t room) {
  struct mpi_message *message = mpi_take(sizeof *message + room);
  message->next = 0;
  return message;
}

void mpi_message_free(struct mpi_message *message) {
  if (message != MPI_MESSAGE_NO_PROC) free(message);
}

static void acknowledge(const struct mpi_message *message) {
  struct mpi_header header = {.kind = KIND_ACKNOWLEDGEMENT, .token = message->header.token};
  if (message->header.token == 0) return;
  if (message->from == self) {
    mpi_synchronous_done(header.token);
  } else {
    mpi_system_send(message->from, 0, &header, sizeof header);
  }
}

/* A message in its turn goes to the receive that waits for it, or is kept. */
static void accept(struct mpi_message *message) {
  struct mpi_request *request = mpi_receive_find(message);
  if (request != 0) {
    acknowledge(message);
    mpi_request_deliver(request, message);
    return;
  }
  message->next = 0;
  *unasked_end = message;
  unasked_end = &message->next;
}

/* Accepts a message and those early ones whose turn it then is; drops one that came before. */
static void arrive(struct mpi_message *message) {
  int from = message->from;
  if (message->header.kind == KIND_ACKNOWLEDGEMENT) {
    mpi_synchronous_done(message->header.token);
    mpi_message_free(message);
    return;
  }
  if (message->header.sequence != next_from[from]) {
    if ((int32_t)(message->header.sequence - next_from[from]) < 0) {
      mpi_message_free(message);
      return;
    }
    message->next = early;
    early = message;
    return;
  }
  while (message != 0) {
    next_from[from]++;
    accept(message);
    struct mpi_message **place = &early;
    while (*place != 0 &&
           ((*place)->from != from || (*place)->header.sequence != next_from[from])) {
      place = &(*place)->next;
    }
    message = *place;
    if (message != 0) *place = message->next;
  }
}

/* Keeps a short message in no more memory than it needs, and the spare room for the next. */
static struct mpi_message *settle(uint32_t bytes) {
  struct mpi_message *message = spare;
  if (bytes > spare_room / 2) {
    spare = 0;
    return message;
  }
  struct mpi_message *copy = message_new(bytes);
  memcpy(copy, message, sizeof *message + bytes);
  return copy;
}

/* Receives into header and data, which lie next to each other. */
static bool receive(bool wait) {
  for (;;) {
    if (spare == 0) spare = message_new(spare_room = FIRST_ROOM);
    struct mpi_envelope envelope;
    long got = mpi_system_receive(&spare->header, sizeof spare->header + spare_room, &envelope,
                                  wait);
    if (got == SYSTEM_AGAIN) return false;
    if (got == SYSTEM_TOO_LONG) {
      free(spare);
      spare_room = envelope.bytes - sizeof spare->header;
      spare = message_new(spare_room);
      continue;
    }
    if ((size_t)got < sizeof spare->header) {
      mpi_give_up("MPI_Recv", "a message of %d bytes from process %d is not of this library",
                  (int)got, envelope.from);
    }
    spare->from = envelope.from;
    spare->bytes = (uint32_t)got - sizeof spare->header;
    arrive(settle(spare->bytes));
    return true;
  }
}

void mpi_progress(bool wait) {
  if (!receive(wait)) return;
  while (receive(false)) continue;
  mpi_schedules_advance();
}

static void send_to_self(const struct mpi_header *header, const void *buffer, int count,
                         MPI_Datatype datatype, uint32_t bytes) {
  struct mpi_message *message = message_new(bytes);
  message->from = self;
  message->bytes = bytes;
  message->header = *header;
  mpi_pack(message->data, buffer, count, datatype);
  arrive(message);
}

void mpi_message_send(int world, uint32_t context, int tag, const void *buffer, int count,
                      MPI_Datatype datatype, uint32_t token) {
  uint32_t bytes = (uint32_t)count * datatype->size;
  struct mpi_header header = {next_to[world]++, context, tag, KIND_DATA, token, 0};
  if (world == self) {
    send_to_self(&header, buffer, count, datatype, bytes);
    return;
  }
  size_t length = sizeof header + bytes;
  if (length > outgoing_room) {
    free(outgoing);
    outgoing = mpi_take(outgoing_room = length < FIRST_ROOM ? FIRST_ROOM : length);
  }
  *outgoing = header;
  mpi_pack(outgoing + 1, buffer, count, datatype);
  mpi_system_send(world, tag, outgoing, length);
}

static bool matches(const struct mpi_message *message, int world, uint32_t context, int tag) {
  return message->header.context == context &&
         (world == MPI_INTERNAL_ANY || message->from == world) &&
         (tag == MPI_ANY_TAG || message->header.tag == tag);
}

struct mpi_message *mpi_message_find(int world, uint32_t context, int tag) {
  struct mpi_message *message = unasked;
  while (message != 0 && !matches(message, world, context, tag)) message = message->next;
  return message;
}

void mpi_message_take(struct mpi_message *message) {
  struct mpi_message **place = &unasked;
  while (*place != message) place = &(*place)->next;
  *place = message->next;
  if (unasked_end == &message->next) unasked_end = place;
  message->next = 0;
  acknowledge(message);
}
