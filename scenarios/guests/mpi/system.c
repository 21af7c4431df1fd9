/* The kernel's calls: messages, the clock, and standard error, by the trap itself, so that the
 * library needs no C library for them. */
#include "mpi_internal.h"

enum {
  CALL_WRITE = 4,
  CALL_EXIT_GROUP = 252,
  CALL_CLOCK_GETTIME64 = 403,
  CALL_RANK = 1000,
  CALL_SIZE = 1001,
  CALL_SEND = 1002,
  CALL_RECEIVE = 1003,
  CALL_NAME = 1004,
  CALL_ABORT = 1005
};
enum { CLOCK_MONOTONIC = 1, STANDARD_ERROR = 2, DO_NOT_WAIT = 1 };

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r3 __asm__("r3") = number;
  register long r4 __asm__("r4") = a;
  register long r5 __asm__("r5") = b;
  register long r6 __asm__("r6") = c;
  register long r7 __asm__("r7") = d;
  register long r0 __asm__("r0") = e;
  register long r1 __asm__("r1") = f;
  __asm__ volatile("trapa #31"
                   : "+r"(r0)
                   : "r"(r3), "r"(r4), "r"(r5), "r"(r6), "r"(r7), "r"(r1)
                   : "memory");
  return r0;
}

/* Where the kernel knows no messages a process is alone. */
int mpi_system_rank(void) {
  long rank = call(CALL_RANK, 0, 0, 0, 0, 0, 0);
  return rank < 0 ? 0 : (int)rank;
}

int mpi_system_size(void) {
  long size = call(CALL_SIZE, 0, 0, 0, 0, 0, 0);
  return size < 1 ? 1 : (int)size;
}

void mpi_system_send(int to, int tag, const void *bytes, size_t count) {
  long error;
  do {
    error = call(CALL_SEND, to, tag, (long)bytes, (long)count, 0, 0);
  } while (error == SYSTEM_INTERRUPTED);
  if (error < 0) {
    mpi_give_up("MPI_Send", "the kernel does not send %d bytes to process %d (error %d)",
                (int)count, to, (int)-error);
  }
}

long mpi_system_receive(void *bytes, size_t room, struct mpi_envelope *envelope, bool wait) {
  long result;
  do {
    result = call(CALL_RECEIVE, -1, -1, (long)bytes, (long)room, (long)envelope,
                  wait ? 0 : DO_NOT_WAIT);
  } while (result == SYSTEM_INTERRUPTED);
  if (result >= 0 || result == SYSTEM_AGAIN || result == SYSTEM_TOO_LONG) return result;
  if (result == SYSTEM_UNKNOWN && !wait) return SYSTEM_AGAIN;
  if (result == SYSTEM_UNKNOWN) {
    mpi_give_up("MPI_Recv", "nobody can send what is waited for: the process is alone");
  }
  mpi_give_up("MPI_Recv", "the kernel receives no message (error %d)", (int)-result);
}

int mpi_system_name(char *name, size_t room) {
  long length = call(CALL_NAME, (long)name, (long)room, 0, 0, 0, 0);
  if (length >= 0) return (int)length;
  memcpy(name, "localhost", 10);
  return 9;
}

/* A C library's: writes what the program has printed and the library still holds. */
extern void __stdio_exit(void) __attribute__((weak));

void mpi_system_abort(int code) {
  if (__stdio_exit) __stdio_exit();
  call(CALL_ABORT, code, 0, 0, 0, 0, 0);
  for (;;) call(CALL_EXIT_GROUP, code, 0, 0, 0, 0, 0);
}

double mpi_system_seconds(void) {
  int32_t time[4]; /* seconds and nanoseconds, low word first; 2^31 seconds are enough */
  call(CALL_CLOCK_GETTIME64, CLOCK_MONOTONIC, (long)time, 0, 0, 0, 0);
  return time[0] + time[2] * 1e-9;
}

void mpi_system_complain(const char *text, size_t length) {
  while (length > 0) {
    long wrote = call(CALL_WRITE, STANDARD_ERROR, (long)text, (long)length, 0, 0, 0);
    if (wrote == SYSTEM_INTERRUPTED) continue;
    if (wrote <= 0) return; /* there is nobody left to tell */
    text += wrote;
    length -= (size_t)wrote;
  }
}
