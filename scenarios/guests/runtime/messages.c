/* Messages between the processes of a job: the plain system calls. */
#include "messages.h"

#include "process.h"
#include "syscall.h"

enum { NO_SUCH_CALL = -38, WOULD_WAIT = -11, WAIT = 0, DO_NOT_WAIT = 1 };

/* The rank or the size, of which a kernel without messages knows nothing. */
static uint32_t ask(long number, uint32_t alone) {
  long answer = system_call(number, 0, 0, 0, 0, 0, 0);
  if (answer == NO_SUCH_CALL) return alone;
  if (answer < 0) fail("cannot learn the ranks of the job (error %ld)", -answer);
  return (uint32_t)answer;
}

uint32_t message_rank(void) { return ask(SYSCALL_MESSAGE_RANK, 0); }
uint32_t message_size(void) { return ask(SYSCALL_MESSAGE_SIZE, 1); }

void message_send(uint32_t to, uint32_t tag, const void *bytes, size_t count) {
  long error;
  do {
    error = system_call(SYSCALL_MESSAGE_SEND, (long)to, (long)tag, (long)bytes, (long)count, WAIT,
                        0);
  } while (error == SYSCALL_INTERRUPTED);
  if (error != 0) {
    fail("cannot send %u bytes with tag %u to process %u (error %ld)", count, tag, to, -error);
  }
}

static long take(int32_t from, int32_t tag, void *bytes, size_t most, struct envelope *envelope,
                 long flags) {
  long result;
  do {
    result = system_call(SYSCALL_MESSAGE_RECEIVE, from, tag, (long)bytes, (long)most,
                         (long)envelope, flags);
  } while (result == SYSCALL_INTERRUPTED);
  if (result == NO_SUCH_CALL && flags == DO_NOT_WAIT) return WOULD_WAIT;
  if (result < 0 && !(result == WOULD_WAIT && flags == DO_NOT_WAIT)) {
    fail("cannot receive %u bytes with tag %d from process %d (error %ld)", most, tag, from,
         -result);
  }
  return result;
}

struct envelope message_receive(int32_t from, int32_t tag, void *bytes, size_t most) {
  struct envelope envelope;
  take(from, tag, bytes, most, &envelope, WAIT);
  return envelope;
}

struct envelope message_receive_whole(int32_t from, int32_t tag, void *bytes, size_t count) {
  struct envelope envelope = message_receive(from, tag, bytes, count);
  if (envelope.bytes != count) {
    fail("a message of %u bytes with tag %d came from process %d; expected %u bytes",
         envelope.bytes, envelope.tag, envelope.from, count);
  }
  return envelope;
}

bool message_poll(int32_t from, int32_t tag, void *bytes, size_t most, struct envelope *envelope) {
  return take(from, tag, bytes, most, envelope, DO_NOT_WAIT) != WOULD_WAIT;
}

void message_publish(const char *name, int64_t value) {
  uint64_t bits = (uint64_t)value;
  system_call(SYSCALL_MESSAGE_VALUE, (long)name, (long)(uint32_t)bits, (long)(uint32_t)(bits >> 32),
              0, 0, 0);
}
