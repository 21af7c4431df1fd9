/* A program with a C library that has a little of everything to freeze: a heap with holes, mappings
 * that were protected, cut and moved, signals that wait, handlers that do not return, a pipe, a sleep,
 * and floating point. What it prints is the same in every run. */
#define _GNU_SOURCE
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { BLOCKS = 200, PAGE = 4096 };

static volatile int caught;
static sigjmp_buf out;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)info, (void)context;
  if (number == SIGALRM && caught >= 3) return; /* one more, where the machine is busy */
  if (++caught == 3) siglongjmp(out, 1);
}

static void heap(void) {
  char *blocks[BLOCKS];
  unsigned sum = 0;
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = malloc(100 + i * 997 % 50000);
    memset(blocks[i], i, 100);
  }
  for (int i = 0; i < BLOCKS; i += 2) free(blocks[i]);
  for (int i = 1; i < BLOCKS; i += 2) {
    blocks[i] = realloc(blocks[i], i * 3000);
    sum = sum * 31 + blocks[i][50];
  }
  printf("heap %u\n", sum);
}

static void mappings(void) {
  int rights = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
  char *all = mmap(NULL, 256 * PAGE, rights, flags, -1, 0);
  for (int i = 0; i < 256; i++) all[i * PAGE] = i;
  mprotect(all + 10 * PAGE, 10 * PAGE, PROT_READ);
  munmap(all + 100 * PAGE, 20 * PAGE);
  char *part = mmap(NULL, 50 * PAGE, rights, flags, -1, 0);
  memset(part, 7, 50 * PAGE);
  part = mremap(part, 50 * PAGE, 80 * PAGE, MREMAP_MAYMOVE);
  printf("mappings %d %d %d\n", all[15 * PAGE], part[49 * PAGE], part[79 * PAGE]);
}

static void held_back(void) {
  sigset_t set, waiting;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  heap();
  mappings();
  sigpending(&waiting);
  printf("waiting %d, caught %d\n", sigismember(&waiting, SIGUSR1), caught);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  printf("caught %d\n", caught);
}

static void through_a_pipe(void) {
  int ends[2];
  char text[32] = "";
  if (pipe(ends) != 0 || write(ends[1], "through a pipe", 14) != 14) exit(1);
  struct pollfd one = {ends[0], POLLIN, 0};
  int ready = poll(&one, 1, 1000);
  printf("%d: %zd bytes %s\n", ready, read(ends[0], text, sizeof text - 1), text);
}

static void out_of_a_handler(void) {
  struct itimerval often = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
  if (sigsetjmp(out, 1) == 0) {
    setitimer(ITIMER_REAL, &often, NULL);
    for (;;) pause();
  }
  setitimer(ITIMER_REAL, &never, NULL);
  printf("out after %d\n", caught);
}

int main(int count, char **arguments) {
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
  setvbuf(stdout, NULL, _IOLBF, 0);
  sigaction(SIGALRM, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  held_back();
  through_a_pipe();
  out_of_a_handler();
  struct timespec nap = {0, 30000000};
  nanosleep(&nap, NULL);
  double x = 1;
  for (int i = 1; i < 2000; i++) x = x * 1.0001 + 1.0 / i;
  printf("x %.12f\n", x);
  raise(SIGUSR1); /* by the thread's number, which the library remembers */
  printf("caught %d\n", caught);
  fprintf(stderr, "%s ends\n", count > 1 ? arguments[1] : "it");
  return 42;
}
