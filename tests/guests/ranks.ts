/**
 * Runs guests as processes that send each other messages, in the order of sending or with messages
 * that overtake each other: then each is late by a random number of rounds.
 */
import { RandomStream } from "../../core/base/random.ts";
import { exitCode } from "../../core/kernel/death.ts";
import { type Rank, runAll, runRound, startRanks } from "../core/kernel/message_fixture.ts";

/** The ELF file of a guest. */
export const guestFile = (name: string): Uint8Array =>
  Deno.readFileSync(new URL(`../../scenarios/guests/${name}.elf`, import.meta.url));

/** What came of the processes, by rank. */
export interface Ended {
  readonly outputs: readonly string[];
  readonly exits: readonly number[];
  /** Instructions each has executed, the kernel's work not counted. */
  readonly cycles: readonly number[];
  /** Messages sent by all of them. */
  readonly sent: number;
}

/** A machine as fast as the lab's, so that gaps in microseconds are many instructions. */
const OPTIONS = { clockHz: 200_000_000, ramBytes: 32 * 2 ** 20 };

interface Late {
  readonly round: number;
  readonly deliver: () => void;
}

/**
 * Makes each message late by up to `most` rounds; returns what has to be called every round, and
 * tells whether messages were or are under way.
 */
function reorder(ranks: readonly Rank[], seed: number, most: number): () => boolean {
  const random = RandomStream.of(seed, "late", "messages");
  const waiting: Late[] = [];
  let round = 0;
  for (const { process: { endpoint } } of ranks) {
    endpoint.onSend = (message) => {
      const deliver = () => ranks[message.to]?.process.endpoint.deliver(message);
      waiting.push({ round: round + random.below(most), deliver });
    };
  }
  return () => {
    round++;
    const due = waiting.filter((message) => message.round <= round);
    for (let place = due.length - 1; place > 0; place--) {
      const other = random.below(place + 1);
      [due[place], due[other]] = [due[other] as Late, due[place] as Late];
    }
    for (const message of due) {
      waiting.splice(waiting.indexOf(message), 1);
      message.deliver();
    }
    return due.length > 0 || waiting.length > 0;
  };
}

/** Counts the messages sent from now on. */
function countMessages(ranks: readonly Rank[]): () => number {
  let sent = 0;
  for (const { process: { endpoint } } of ranks) {
    const send = endpoint.onSend;
    endpoint.onSend = (message) => {
      sent++;
      send?.(message);
    };
  }
  return () => sent;
}

/** Most rounds by which a message is late. */
const MOST_LATE = 6;

/** Runs all ranks to their ends; with a seed messages overtake each other. */
export function runGuest(
  executable: Uint8Array,
  args: readonly string[],
  size: number,
  seed?: number,
): Ended {
  const ranks = startRanks(executable, args, size, OPTIONS);
  const release = seed === undefined ? undefined : reorder(ranks, seed, MOST_LATE);
  const sent = countMessages(ranks);
  if (release === undefined) runAll(ranks);
  else {
    while (ranks.some(({ process }) => process.exit === undefined)) {
      const runs = runRound(ranks);
      if (!release() && !runs) runAll(ranks); // ends, or says who waits for what
    }
  }
  return {
    outputs: ranks.map(({ output }) => output()),
    exits: ranks.map(({ process }) => process.exit === undefined ? -1 : exitCode(process.exit)),
    cycles: ranks.map(({ process }) => process.cycles),
    sent: sent(),
  };
}
