/**
 * The audit of a run as it stands: what each process's present timeline has sent must have arrived
 * exactly once in the receiver's, or be in flight, or the receiver has ended.
 */
import type { MessageId } from "../cluster/facts.ts";
import { MessageBag, SequenceSet } from "./audit_sequences.ts";
import { sendersTo, type Timeline } from "./audit_timeline.ts";

/** Messages in a report: how many, and the first of them. */
export interface Findings {
  readonly count: number;
  /** At most {@linkcode MOST_SHOWN}, by receiver, sender and number. */
  readonly messages: readonly MessageId[];
}

/** So many messages a report names. */
export const MOST_SHOWN = 100;

/** What is true of a run now. */
export interface RunAudit {
  /** Messages the processes have sent, of what is not undone. */
  readonly sent: number;
  /** Messages that have arrived, and that were read, as often as they were. */
  readonly arrived: number;
  readonly delivered: number;
  /** Messages that were in flight at a restart, and are gone, in all. */
  readonly discarded: number;
  /** Arrived, but not sent, or not sent any more and not yet again. */
  readonly orphans: Findings;
  /** Sent, neither arrived nor in flight, and the receiver has not ended. */
  readonly lost: Findings;
  /** Arrived more than once. */
  readonly duplicated: Findings;
  /** Facts that cannot be, in words. */
  readonly strange: readonly string[];
  /** Nothing is wrong. */
  readonly clean: boolean;
}

class Finder {
  count = 0;
  readonly messages: MessageId[] = [];

  add(message: MessageId): void {
    this.count++;
    if (this.messages.length < MOST_SHOWN) this.messages.push(message);
  }

  get findings(): Findings {
    return { count: this.count, messages: this.messages };
  }
}

/** Looks at every channel. */
export function auditRun(
  timelines: readonly Timeline[],
  inFlight: Iterable<MessageId>,
  known: { readonly discarded: number; readonly strange: readonly string[] },
): RunAudit {
  const flying = new Map<number, MessageBag>();
  for (const { from, to, sequence } of inFlight) {
    let bag = flying.get(to);
    if (bag === undefined) flying.set(to, bag = new MessageBag());
    bag.add(from, sequence);
  }
  const sendersOf = sendersTo(timelines.map(({ process, sent, arrived }) => (
    { process, sent, bags: [arrived] }
  )));
  const orphans = new Finder(), lost = new Finder(), duplicated = new Finder();
  let sent = 0, arrived = 0, delivered = 0;
  for (const receiver of timelines) {
    const to = receiver.process, flyingTo = flying.get(to);
    arrived += receiver.arrived.size;
    delivered += receiver.delivered.size;
    for (const from of sendersOf(to)) {
      const count = timelines[from]?.sent.get(to) ?? 0;
      sent += count;
      const before = SequenceSet.below(count), here = receiver.arrived.from(from);
      for (const sequence of here.minus(before)) orphans.add({ from, to, sequence });
      for (const sequence of receiver.arrived.repeated(from)) {
        duplicated.add({ from, to, sequence });
      }
      if (receiver.end !== undefined) continue;
      for (const sequence of before.minus(here)) {
        if (flyingTo?.has(from, sequence) !== true) lost.add({ from, to, sequence });
      }
    }
  }
  const { discarded, strange } = known;
  const clean = orphans.count + lost.count + duplicated.count + strange.length === 0;
  return {
    sent,
    arrived,
    delivered,
    discarded,
    orphans: orphans.findings,
    lost: lost.findings,
    duplicated: duplicated.findings,
    strange,
    clean,
  };
}
