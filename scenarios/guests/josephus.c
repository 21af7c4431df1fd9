/* josephus: people in a circle, every k-th of whom has to leave it, until one is left.
 *
 * A linked list: all time goes into following pointers, and every removal writes one word
 * somewhere further on. */
#include <stddef.h>
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/heap.h"
#include "runtime/print.h"
#include "runtime/process.h"
#include "runtime/quarter.h"

struct person {
  struct person *next;
  uint32_t number; /* from 1 */
};

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin("josephus", "[people=50000 [k=10]]", argc, argv);
  uint32_t people = arguments_number(&arguments, "people", 50000, 1, 4000000);
  uint32_t k = arguments_number(&arguments, "k", 10, 1, 1000000);
  arguments_end(&arguments);

  struct person *person = heap_take(people * sizeof *person);
  for (uint32_t i = 0; i < people; i++) {
    person[i].number = i + 1;
    person[i].next = &person[i + 1];
  }
  struct person *before = &person[people - 1]; /* of the one who is counted next */
  before->next = &person[0];
  print("josephus: %u people, number %u leaves each time\n", people,
        k);

  struct quarter quarter = quarter_begin(people);
  uint32_t previous = 0;
  for (uint32_t left = 1; left < people; left++) {
    for (uint32_t count = 1; count < k; count++) before = before->next;
    previous = before->next->number;
    before->next = before->next->next;
    if (quarter_passed(&quarter, left)) {
      print("josephus: %u of %u left, the last was %u\n", left,
            people, previous);
    }
  }
  if (before->next != before) fail("the circle does not close at the survivor");
  print("josephus: survivor %u, the one before %u\n", before->number,
        previous);
  return EXIT_GOOD;
}
