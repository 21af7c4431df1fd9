/* puppet: sends exactly what its arguments say, when they say it, and prints what it got. For
 * scenarios that need one message at one moment, and not a program that happens to send it.
 *
 * Arguments: how many messages to wait for, the microsecond to end at (0: no such end), the
 * microseconds between two looks at what has come, and then a message each: "5000:1", at 5000
 * microseconds on the clock of the machine one to process 1; "0:5000:1", the same by process 0
 * alone. It ends when all is sent and as many have come as it waits for, or at its end if that
 * comes first. */
#include <stdbool.h>
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/clock.h"
#include "runtime/heap.h"
#include "runtime/messages.h"
#include "runtime/print.h"
#include "runtime/process.h"

enum { TAG = 0 };

struct plan {
  uint32_t at, to; /* microseconds, process */
};

/* What a message says: which one of its sender's it is, from 0, and when it was planned. */
struct letter {
  uint32_t number, at;
};

struct receipt {
  uint32_t from, number, at;
};

struct puppet {
  uint32_t rank, size, wanted, planned, sent, got, room;
  struct plan *plan;
  struct receipt *receipt; /* in order of sender and number */
};

/* Reads up to three numbers with colons between them; how many, or 0 if it is not that. */
static uint32_t read_numbers(const char *text, uint32_t number[3]) {
  for (uint32_t count = 0; count < 3; text++) {
    uint32_t value = 0;
    const char *start = text;
    for (; *text >= '0' && *text <= '9' && value < 100000000; text++) {
      value = value * 10 + (uint32_t)(*text - '0');
    }
    if (text == start) return 0;
    number[count++] = value;
    if (*text == '\0') return count;
    if (*text != ':') return 0;
  }
  return 0;
}

/* The messages of this process among the arguments, in order of time. */
static void read_plan(struct puppet *puppet, const struct arguments *arguments) {
  uint32_t count = 0;
  while (arguments->rest[count] != 0) count++;
  puppet->plan = heap_take((count + 1) * sizeof *puppet->plan);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t number[3], fields = read_numbers(arguments->rest[i], number);
    if (fields < 2) {
      arguments_refuse(arguments, "a message is microsecond:process or sender:microsecond:process, "
                       "not \"%s\"", arguments->rest[i]);
    }
    struct plan plan = {number[fields - 2], number[fields - 1]};
    if (plan.to >= puppet->size) {
      arguments_refuse(arguments, "\"%s\" is for process %u, but there are %u",
                       arguments->rest[i], plan.to, puppet->size);
    }
    if (fields == 3 && number[0] != puppet->rank) continue;
    uint32_t place = puppet->planned++;
    for (; place > 0 && puppet->plan[place - 1].at > plan.at; place--) {
      puppet->plan[place] = puppet->plan[place - 1];
    }
    puppet->plan[place] = plan;
  }
}

static bool before(const struct receipt *one, const struct receipt *other) {
  if (one->from != other->from) return one->from < other->from;
  return one->number < other->number;
}

/* Twice the room; what was there is left where it is. */
static void make_room(struct puppet *puppet) {
  uint32_t room = puppet->room == 0 ? 256 : 2 * puppet->room;
  struct receipt *receipt = heap_take(room * sizeof *receipt);
  for (uint32_t i = 0; i < puppet->got; i++) receipt[i] = puppet->receipt[i];
  puppet->receipt = receipt;
  puppet->room = room;
}

static void enter(struct puppet *puppet, const struct letter *letter,
                  const struct envelope *envelope) {
  if (envelope->bytes != sizeof *letter) {
    fail("a message of %u bytes came from process %d; expected %u", envelope->bytes,
         envelope->from, sizeof *letter);
  }
  if (puppet->got == puppet->room) make_room(puppet);
  struct receipt new = {(uint32_t)envelope->from, letter->number, letter->at};
  uint32_t place = puppet->got++;
  for (; place > 0 && before(&new, &puppet->receipt[place - 1]); place--) {
    puppet->receipt[place] = puppet->receipt[place - 1];
  }
  puppet->receipt[place] = new;
}

/* Microseconds on the machine's clock, of which 32 bits are over an hour. */
static uint32_t microseconds_now(void) {
  struct moment now = clock_now();
  return (uint32_t)now.seconds * 1000000 + (uint32_t)now.nanoseconds / 1000;
}

/* Sends what is due by now. */
static void send_due(struct puppet *puppet, uint32_t now) {
  while (puppet->sent < puppet->planned && puppet->plan[puppet->sent].at <= now) {
    struct plan plan = puppet->plan[puppet->sent];
    struct letter letter = {puppet->sent++, plan.at};
    message_send(plan.to, TAG, &letter, sizeof letter);
  }
}

static void play(struct puppet *puppet, uint32_t end, uint32_t look) {
  struct letter letter;
  struct envelope envelope;
  for (;;) {
    uint32_t now = microseconds_now();
    send_due(puppet, now);
    while (message_poll(ANY_PROCESS, TAG, &letter, sizeof letter, &envelope)) {
      enter(puppet, &letter, &envelope);
    }
    bool all_sent = puppet->sent == puppet->planned;
    if (end != 0 && now >= end) return;
    if (all_sent && end == 0 && puppet->got >= puppet->wanted) return;
    if (all_sent && puppet->wanted > 0 && puppet->got >= puppet->wanted) return;
    if (all_sent && end == 0) {
      envelope = message_receive(ANY_PROCESS, TAG, &letter, sizeof letter);
      enter(puppet, &letter, &envelope);
      continue;
    }
    uint32_t until = now + look;
    if (end != 0 && until > end) until = end;
    if (!all_sent && until > puppet->plan[puppet->sent].at) until = puppet->plan[puppet->sent].at;
    clock_rest(until - now);
  }
}

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin(
      "puppet", "[wanted=0 [end=0 [look=100 [message …]]]]", argc, argv);
  struct puppet puppet = {.rank = message_rank(), .size = message_size()};
  puppet.wanted = arguments_number(&arguments, "messages wanted", 0, 0, 1000000);
  uint32_t end = arguments_number(&arguments, "microsecond of the end", 0, 0, 1000000000);
  uint32_t look = arguments_number(&arguments, "microseconds between looks", 100, 1, 1000000);
  read_plan(&puppet, &arguments);

  play(&puppet, end, look);
  print("puppet: rank %u of %u: %u sent, %u received\n", puppet.rank, puppet.size, puppet.sent,
        puppet.got);
  for (uint32_t i = 0; i < puppet.got; i++) {
    print("puppet: rank %u: message %u of process %u, planned at %u us\n", puppet.rank,
          puppet.receipt[i].number, puppet.receipt[i].from, puppet.receipt[i].at);
  }
  return EXIT_GOOD;
}
