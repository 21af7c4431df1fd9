/* bank: processes with accounts that transfer money to each other at random. What is sent and to
 * whom follows from sender and round alone, so the balances at the end do not depend on the order
 * in which transfers arrive; and their total is what it was: a message lost or taken twice by a
 * rollback shows.
 *
 * Each process makes its balance known whenever it changes, and prints it at the end; process 0
 * asks the others for theirs and checks the total. */
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/clock.h"
#include "runtime/hash.h"
#include "runtime/print.h"
#include "traffic.h"

enum { BALANCE_TAG = 1, MONEY_AT_FIRST = 1000, MOST_MONEY = 100 };

struct transfer {
  uint32_t round, account, amount;
};

struct bank {
  struct peers peers;
  struct traffic traffic;
  uint32_t transfers, accounts;
  int32_t *account; /* the money in each; one may be overdrawn */
  int64_t balance;
};

/* What a process sends in a round. */
static struct transfer transfer_of(const struct bank *bank, uint32_t from, uint32_t round) {
  uint32_t drawn = hash_of(bank->peers.seed, from, round);
  return (struct transfer){round, hash_below(hash(drawn), bank->accounts),
                           1 + hash_below(drawn, MOST_MONEY)};
}

static void change(struct bank *bank, uint32_t account, int32_t amount) {
  bank->account[account] += amount;
  bank->balance += amount;
  message_publish("balance", bank->balance);
}

static void send_round(struct bank *bank, uint32_t round) {
  uint32_t rank = bank->traffic.rank;
  struct transfer transfer = transfer_of(bank, rank, round);
  change(bank, hash_below(hash_of(bank->peers.seed, round, rank), bank->accounts),
         -(int32_t)transfer.amount);
  message_send(peers_of(&bank->peers, round, rank), TRAFFIC_TAG, &transfer, sizeof transfer);
}

static void enter(struct bank *bank, const struct transfer *got, const struct envelope *envelope) {
  if (envelope->bytes != sizeof *got || got->round >= bank->transfers) {
    fail("what came from process %d is no transfer: %u bytes, round %u", envelope->from,
         envelope->bytes, got->round);
  }
  traffic_enter(&bank->traffic, &bank->peers, 0, got->round, envelope);
  struct transfer sent = transfer_of(bank, (uint32_t)envelope->from, got->round);
  if (got->amount != sent.amount || got->account != sent.account) {
    fail("the transfer of round %u from process %d is of %u to account %u, not of %u to %u",
         got->round, envelope->from, got->amount, got->account, sent.amount, sent.account);
  }
  change(bank, got->account, (int32_t)got->amount);
}

/* Process 0 adds up the balances, which must come to what there was at first. */
static void audit(const struct bank *bank) {
  uint32_t size = bank->peers.size;
  if (bank->traffic.rank != 0) {
    message_send(0, BALANCE_TAG, &bank->balance, sizeof bank->balance);
    return;
  }
  int64_t total = bank->balance, first = (int64_t)MONEY_AT_FIRST * bank->accounts * size;
  for (uint32_t process = 1; process < size; process++) {
    int64_t balance;
    message_receive_whole((int32_t)process, BALANCE_TAG, &balance, sizeof balance);
    total += balance;
  }
  if (total != first) fail("the total is %lld, but there was %lld", total, first);
  print("bank: total %lld\n", total);
}

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin(
      "bank", "[transfers=40 [accounts=16 [microseconds between=200 [seed=1]]]]", argc, argv);
  uint32_t transfers = arguments_number(&arguments, "transfers", 40, 1, 1000000);
  uint32_t accounts = arguments_number(&arguments, "accounts", 16, 1, 65536);
  uint32_t between = arguments_number(&arguments, "microseconds between", 200, 0, 1000000000);
  uint32_t seed = arguments_number(&arguments, "seed", 1, 0, UINT32_MAX);
  arguments_end(&arguments);

  uint32_t rank = message_rank(), size = message_size();
  struct bank bank = {
      .peers = peers_begin(seed, size),
      .traffic = traffic_begin(rank, transfers),
      .transfers = transfers,
      .accounts = accounts,
      .account = heap_take(accounts * sizeof(int32_t)),
      .balance = (int64_t)MONEY_AT_FIRST * accounts,
  };
  for (uint32_t i = 0; i < accounts; i++) bank.account[i] = MONEY_AT_FIRST;
  message_publish("balance", bank.balance);

  uint32_t expected = size == 1 ? 0 : transfers;
  struct transfer transfer;
  struct envelope envelope;
  for (uint32_t round = 0; round < expected; round++) {
    clock_rest(between);
    send_round(&bank, round);
    while (bank.traffic.received < expected &&
           message_poll(ANY_PROCESS, TRAFFIC_TAG, &transfer, sizeof transfer, &envelope)) {
      enter(&bank, &transfer, &envelope);
    }
  }
  while (bank.traffic.received < expected) {
    envelope = message_receive(ANY_PROCESS, TRAFFIC_TAG, &transfer, sizeof transfer);
    enter(&bank, &transfer, &envelope);
  }
  int64_t sum = 0;
  for (uint32_t i = 0; i < accounts; i++) sum += bank.account[i];
  if (sum != bank.balance) fail("the accounts hold %lld, the balance is %lld", sum, bank.balance);
  print("bank: rank %u of %u: balance %lld after %u transfers\n", rank, size, bank.balance,
        bank.traffic.received);
  audit(&bank);
  return EXIT_GOOD;
}
