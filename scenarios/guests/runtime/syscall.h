/* The door to the kernel: one system call by its number, and the numbers the guests use. */
#ifndef SYSCALL_H
#define SYSCALL_H

/* Numbers of Linux on SuperH. Time calls are the ones with 64-bit seconds. */
enum {
  SYSCALL_READ = 3,
  SYSCALL_WRITE = 4,
  SYSCALL_OPEN = 5,
  SYSCALL_LSEEK = 19,
  SYSCALL_BRK = 45,
  SYSCALL_MMAP2 = 192,
  SYSCALL_EXIT_GROUP = 252,
  SYSCALL_PIPE2 = 331,
  SYSCALL_CLOCK_GETTIME64 = 403,
  SYSCALL_CLOCK_NANOSLEEP_TIME64 = 407,
  /* Messages between the processes of a job: calls Linux does not have. */
  SYSCALL_MESSAGE_RANK = 1000,
  SYSCALL_MESSAGE_SIZE = 1001,
  SYSCALL_MESSAGE_SEND = 1002,
  SYSCALL_MESSAGE_RECEIVE = 1003,
  SYSCALL_MESSAGE_VALUE = 1006
};

/* The kernel answers a negative errno; the only one a guest handles by itself is this. */
enum { SYSCALL_INTERRUPTED = -4 };

/* `trapa #31` with the number in r3, arguments in r4, r5, r6, r7, r0, r1 and the result in r0.
 * Arguments a call does not have are 0. */
long system_call(long number, long a, long b, long c, long d, long e, long f);

#endif
