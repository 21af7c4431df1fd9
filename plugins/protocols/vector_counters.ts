/**
 * Mattern's vector counters: how many messages a process has sent to each, less those that have come
 * to it. Added up over all, each entry is how many are on their way to that process. They are never
 * set back, so a checkpoint that is given up leaves nothing to be undone.
 */
import type { ProcessId } from "../../core/mod.ts";
import type { Accounting } from "./coloured_state.ts";
import { WORD } from "./members.ts";
import { type SendCount, sumOf } from "./message_counting_state.ts";

/** Since the process began, or began again. */
export interface Counters {
  readonly sent: readonly SendCount[];
  readonly received: number;
}

/** Sparse, ascending, without zeros. */
export type Vector = readonly SendCount[];

const nonZero = (vector: Vector): Vector => vector.filter(({ count }) => count !== 0);

const entry = (vector: Vector, who: ProcessId): number =>
  vector.find(({ to }) => to === who)?.count ?? 0;

const surplus = (count: number): string => `${count} more messages came than were sent`;

/** By counting. */
export const vectorCounters: Accounting<Counters, Vector, number> = {
  start: { sent: [], received: 0 },
  nothing: [],
  sent: (account, to, colour) => ({
    account: { ...account, sent: sumOf(account.sent, [{ to, count: 1 }]) },
    tag: { colour },
  }),
  received: (account) => ({ ...account, received: account.received + 1 }),
  report: ({ sent, received }, self) => nonZero(sumOf(sent, [{ to: self, count: -received }])),
  legacy: ({ sent }) => sent,
  sum: (reports) => nonZero(sumOf(...reports)),
  of: (report, who) => {
    const wanted = new Set(who);
    return report.filter(({ to }) => wanted.has(to));
  },
  missing(report, who) {
    const count = entry(report, who);
    return count < 0 ? `process ${who}: ${surplus(-count)}` : count;
  },
  arrived: (missing) => missing === 0 ? surplus(1) : missing - 1,
  count: (missing) => missing,
  pruneAccount: (account) => account,
  pruneReport: (report) => report,
  size: (report) => 2 * WORD * report.length,
  tagSize: () => WORD,
};
