/* The script of a frozen program, step by step. The first step that does not do what it should ends
 * the process with a line on standard error, and nothing of the program has run. */
#include "thaw.h"

enum { READ = 3, WRITE = 4, CLOSE_ONE = 6, GETPID = 20, RT_SIGQUEUEINFO = 178, UGETRLIMIT = 191 };
enum { EXIT_GROUP = 252, CLOSE_RANGE = 436 };
enum { EEXIST = 17, LAST_ERROR = 4095 };

/* The resource that bounds descriptors, and the most of them Linux lets anybody have by itself. */
enum { OPEN_FILES = 7, MOST_FILES = 1 << 20 };

/* As `env` and its like end when it was they who failed. */
enum { EXIT_NOT_THAWED = 125 };

/* What a step does, and what has to come of it. */
enum kind {
  END = 0,
  CALL = 1,     /* a system call that may fail */
  DEMAND = 2,   /* one that may not */
  EXACTLY = 3,  /* one that must answer `expected` */
  MAKE = 4,     /* one that may find that there is such a thing already */
  UNPACK = 5,   /* a packed stream, stretches of memory, their number */
  COPY = 6,     /* from one descriptor to another until the end; what to say if the other fails */
  RAISE = 7,    /* a signal to the process itself: its number, its siginfo */
  STORE = 8,    /* a call that may not fail; its answer is kept at the address `expected` */
  EITHER = 9,   /* a call that may fail; if it does not, the next `expected` steps are left out */
  CLOSE = 10    /* all descriptors from one number to another */
};

struct step {
  uint32_t kind;
  long number;
  long arguments[6];
  long expected;
  const char *text;
};

static int failed(long result) { return result < 0 && result >= -LAST_ERROR; }

static void say(const char *text) {
  uint32_t length = 0;
  while (text[length] != '\0') length++;
  system_call(WRITE, 2, (long)text, (long)length, 0, 0, 0);
}

static void give_up(const char *text, long result) {
  char digits[6];
  char *digit = digits + sizeof digits;
  uint32_t left = failed(result) ? (uint32_t)-result : 0;
  *--digit = '\0';
  do {
    uint32_t tens = 0;
    for (; left >= 10; left -= 10) tens++;
    *--digit = (char)('0' + left);
    left = tens;
  } while (left > 0);
  say(text);
  if (failed(result)) {
    say(" (errno ");
    say(digit);
    say(")");
  }
  say("\n");
  for (;;) system_call(EXIT_GROUP, EXIT_NOT_THAWED, 0, 0, 0, 0, 0);
}

/* All that one descriptor has goes to another; `unwritten` is said where that takes no more. */
static long copy(long from, long to, const char *unwritten) {
  uint8_t buffer[2048];
  for (;;) {
    long there = system_call(READ, from, (long)buffer, sizeof buffer, 0, 0, 0);
    if (there <= 0) return there;
    for (long done = 0; done < there;) {
      long written = system_call(WRITE, to, (long)(buffer + done), there - done, 0, 0, 0);
      if (written <= 0) give_up(unwritten, written);
      done += written;
    }
  }
}

/* Linux before 5.9 closes one by one. */
static long close_all(uint32_t first, uint32_t last) {
  uint32_t limit[2];
  long result = system_call(CLOSE_RANGE, (long)first, (long)last, 0, 0, 0, 0);
  if (!failed(result)) return result;
  result = system_call(UGETRLIMIT, OPEN_FILES, (long)limit, 0, 0, 0, 0);
  if (failed(result)) return result;
  if (limit[0] > MOST_FILES) limit[0] = MOST_FILES;
  for (; first <= last && first < limit[0]; first++) {
    system_call(CLOSE_ONE, (long)first, 0, 0, 0, 0, 0);
  }
  return 0;
}

static long carry_out(const struct step *step) {
  const long *a = step->arguments;
  switch (step->kind) {
    case UNPACK:
      return unpack((const uint8_t *)a[0], (const struct run *)a[1], (uint32_t)a[2]);
    case COPY:
      return copy(a[0], a[1], (const char *)a[2]);
    case CLOSE:
      return close_all((uint32_t)a[0], (uint32_t)a[1]);
    case RAISE: {
      long own = system_call(GETPID, 0, 0, 0, 0, 0, 0);
      return system_call(RT_SIGQUEUEINFO, own, a[0], a[1], 0, 0, 0);
    }
    default:
      return system_call(step->number, a[0], a[1], a[2], a[3], a[4], a[5]);
  }
}

static int is_right(const struct step *step, long result) {
  switch (step->kind) {
    case CALL:
    case EITHER:
      return 1;
    case EXACTLY:
    case UNPACK:
      return result == step->expected;
    case MAKE:
      return !failed(result) || result == -EEXIST;
    default:
      return !failed(result);
  }
}

void thaw(const struct step *step) {
  for (; step->kind != END; step++) {
    long result = carry_out(step);
    if (!is_right(step, result)) give_up(step->text, result);
    if (step->kind == STORE) *(long *)step->expected = result;
    if (step->kind == EITHER && !failed(result)) step += step->expected;
  }
}
