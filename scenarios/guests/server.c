/* server: answers requests of clients, one after the other, out of a table it keeps. Which client
 * asks for what follows from the number of the request, so the answers do not depend on when it was
 * saved or where it runs. It makes known how many it has served, and prints a sum over all answers.
 *
 * A request reads a record of its client, works a little, and writes it back: a few pages are
 * written all the time, most are only read, as in a database. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/checksum.h"
#include "runtime/delay.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/messages.h"
#include "runtime/print.h"
#include "runtime/process.h"
#include "runtime/quarter.h"

struct record {
  uint32_t answers, last, sum, fill[13];
};

enum { RECORDS = 1024 };

int main(int argc, char **argv) {
  struct arguments arguments =
      arguments_begin("server", "[clients=8 [requests=12000 [turns=200]]]", argc, argv);
  uint32_t clients = arguments_number(&arguments, "clients", 8, 1, 64);
  uint32_t requests = arguments_number(&arguments, "requests", 12000, 1, 100000000);
  uint32_t turns = arguments_number(&arguments, "turns", 200, 0, 1000000000);
  arguments_end(&arguments);

  uint32_t bytes = clients * RECORDS * sizeof(struct record);
  struct record *table = heap_take(bytes);
  print("server: %u clients with %u records, %u requests\n", clients, RECORDS, requests);

  struct quarter quarter = quarter_begin(requests);
  uint32_t sum = 0;
  for (uint32_t request = 1; request <= requests; request++) {
    uint32_t client = request % clients;
    /* Most requests are for one record in sixteen. */
    uint32_t drawn = hash_of(clients, client, request);
    uint32_t records = (drawn & 7) == 0 ? RECORDS : RECORDS / 16;
    struct record *record = table + client * RECORDS + hash_below(hash(drawn), records);
    if (record->answers > 0 && record->last >= request) {
      fail("the record says it was asked at %u, and this is request %u", record->last, request);
    }
    delay(turns);
    record->answers++;
    record->last = request;
    record->sum = hash_of(record->sum, client, request);
    sum = hash_of(sum, record->sum, record->answers);
    message_publish("served", request);
    if (quarter_passed(&quarter, request)) {
      print("server: request %u of %u\n", request, requests);
    }
  }

  uint32_t answers = 0;
  for (uint32_t i = 0; i < clients * RECORDS; i++) answers += table[i].answers;
  if (answers != requests) fail("the table knows of %u answers, not of %u", answers, requests);
  struct checksum checksum = {0, 0};
  checksum_area(&checksum, table, bytes);
  print("server: %u requests answered, sum %08x, checksum of the table %016llx\n", requests, sum,
        checksum_value(&checksum));
  return EXIT_GOOD;
}
