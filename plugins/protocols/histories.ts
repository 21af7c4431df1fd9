/**
 * Lai and Yang's histories: which messages a process has sent and which have come to it, one by one.
 * What somebody has sent to a process and that has not come to it is the state of their channel. What
 * belongs to a line that was recorded is forgotten.
 */
import type { ProcessId } from "../../core/mod.ts";
import type { Accounting, Tag } from "./coloured_state.ts";
import { WORD } from "./members.ts";
import { type SendCount, sumOf } from "./message_counting_state.ts";

/** One message, by what tells it from others; its colour says which line it may belong to. */
export interface Entry {
  readonly from: ProcessId;
  readonly to: ProcessId;
  readonly number: number;
  readonly colour: number;
}

/** Messages sent, and messages that have come; ascending. */
export interface History {
  readonly sent: readonly Entry[];
  readonly received: readonly Entry[];
}

/** What a process keeps: who it is itself goes without saying. */
export interface Kept {
  readonly sent: readonly Omit<Entry, "from">[];
  readonly received: readonly Omit<Entry, "to">[];
  /** How many messages were sent on each channel: the next one's number. */
  readonly numbers: readonly SendCount[];
}

const keyOf = ({ from, to, number }: Omit<Entry, "colour">): string => `${from} ${to} ${number}`;

const byMessage = (a: Entry, b: Entry): number =>
  a.from - b.from || a.to - b.to || a.number - b.number;

const since = <T extends { readonly colour: number }>(entries: readonly T[], committed: number) =>
  entries.filter(({ colour }) => colour >= committed);

/** One by one. */
export const histories: Accounting<Kept, History, readonly Entry[]> = {
  start: { sent: [], received: [], numbers: [] },
  nothing: { sent: [], received: [] },
  sent({ sent, received, numbers }, to, colour) {
    const number = numbers.find((each) => each.to === to)?.count ?? 0;
    const account = {
      sent: [...sent, { to, number, colour }],
      received,
      numbers: sumOf(numbers, [{ to, count: 1 }]),
    };
    return { account, tag: { colour, number } };
  },
  received: (account, from, { colour, number = 0 }) => (
    { ...account, received: [...account.received, { from, number, colour }] }
  ),
  report: ({ sent, received }, self) => ({
    sent: sent.map((entry) => ({ ...entry, from: self })).sort(byMessage),
    received: received.map((entry) => ({ ...entry, to: self })).sort(byMessage),
  }),
  legacy: ({ sent }, self) => (
    { sent: sent.map((entry) => ({ ...entry, from: self })).sort(byMessage), received: [] }
  ),
  sum: (reports) => ({
    sent: reports.flatMap(({ sent }) => sent).sort(byMessage),
    received: reports.flatMap(({ received }) => received).sort(byMessage),
  }),
  of({ sent, received }, who) {
    const here = new Set(received.map(keyOf)), wanted = new Set(who);
    return {
      sent: sent.filter((entry) => wanted.has(entry.to) && !here.has(keyOf(entry))),
      received: [],
    };
  },
  missing({ sent, received }, who) {
    const known = new Set(sent.map(keyOf));
    const strange = received.find((entry) => entry.to === who && !known.has(keyOf(entry)));
    if (strange !== undefined) {
      return `process ${who}: message ${strange.number} of process ${strange.from} came, and ` +
        "nobody says that it was sent";
    }
    const here = new Set(received.map(keyOf));
    return sent.filter((entry) => entry.to === who && !here.has(keyOf(entry)));
  },
  arrived(missing, from, { number = 0 }: Tag) {
    const rest = missing.filter((entry) => entry.from !== from || entry.number !== number);
    if (rest.length < missing.length) return rest;
    return `message ${number} of process ${from} came, and is none of those that are missing`;
  },
  count: (missing) => missing.length,
  pruneAccount: ({ sent, received, numbers }, committed) => (
    { sent: since(sent, committed), received: since(received, committed), numbers }
  ),
  pruneReport: ({ sent, received }, committed) => (
    { sent: since(sent, committed), received: since(received, committed) }
  ),
  size: ({ sent, received }) => 4 * WORD * (sent.length + received.length),
  tagSize: () => 2 * WORD,
};
