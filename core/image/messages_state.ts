/**
 * Messages as an image names them: what has arrived and was not read, and how many were sent to
 * whom. What is on its way belongs to no process and is not here; nor is the hold of a protocol.
 */
import { Endpoint, LONGEST_MESSAGE, MOST_RANKS } from "../kernel/endpoint.ts";
import { type Check, listOf, record, shown, text, whole } from "./check.ts";

/** A message that has arrived and was not read; its receiver is the process. */
export interface ArrivedState {
  /** Rank of the sender. */
  readonly from: number;
  readonly tag: number;
  /** Its place among all messages from `from` to the process, from 0. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** Everything about messages. */
export interface MessagesState {
  readonly rank: number;
  /** How many processes belong together. */
  readonly size: number;
  /** In the order of arrival. */
  readonly inbox: readonly ArrivedState[];
  /** Ascending by rank; ranks it has sent nothing to are left out. */
  readonly sent: readonly { readonly to: number; readonly count: number }[];
  /** Numbers it has published, in the order of their names. */
  readonly values: readonly { readonly name: string; readonly value: number }[];
}

const message: Check = (value, path) =>
  value instanceof Uint8Array && value.length <= LONGEST_MESSAGE
    ? undefined
    : `field ${path}: expected at most ${LONGEST_MESSAGE} bytes, found ${shown(value)}`;

const rank = whole(0, MOST_RANKS - 1);

/** Every field of an {@linkcode ArrivedState}. */
export const ARRIVED: Check = record<ArrivedState>({
  from: rank,
  tag: whole(0, 0x7fffffff),
  sequence: whole(0),
  bytes: message,
});

/** Every field of a {@linkcode MessagesState}. */
export const MESSAGES: Check = record<MessagesState>({
  rank,
  size: whole(1, MOST_RANKS),
  inbox: listOf(ARRIVED),
  sent: listOf(record<MessagesState["sent"][number]>({ to: rank, count: whole(1) })),
  values: listOf(record<MessagesState["values"][number]>({
    name: text,
    value: whole(Number.MIN_SAFE_INTEGER),
  })),
});

/** The messages of an endpoint as plain data. */
export function captureMessages({ rank, size, inbox, sent, values }: Endpoint): MessagesState {
  return {
    rank,
    size,
    inbox: inbox.map(({ from, tag, sequence, bytes }) => ({ from, tag, sequence, bytes })),
    sent: [...sent].map(([to, count]) => ({ to, count })).sort((a, b) => a.to - b.to),
    values: [...values].map(([name, value]) => ({ name, value }))
      .sort((a, b) => a.name < b.name ? -1 : 1),
  };
}

/** An endpoint that holds what the state says, released, on the node of that name. */
export function restoreMessages(state: MessagesState, nodeName: string): Endpoint {
  const { rank, size, inbox, sent, values } = state;
  return new Endpoint({
    rank,
    size,
    nodeName,
    record: {
      inbox: inbox.map((arrived) => ({ ...arrived, to: rank })),
      sent: new Map(sent.map(({ to, count }) => [to, count])),
      values: new Map(values.map(({ name, value }) => [name, value])),
    },
  });
}

/** Says of two values which comes wrongly: field, what was expected, what was found. */
export type Demand = (holds: boolean, field: string, expected: string, found: string) => void;

function checkInbox({ inbox, rank, size, sent }: MessagesState, demand: Demand): void {
  const own = sent.find(({ to }) => to === rank)?.count ?? 0;
  const seen = new Set<string>();
  for (const [index, { from, sequence }] of inbox.entries()) {
    const field = `messages.inbox[${index}]`;
    demand(from < size, `${field}.from`, `a rank of ${size} processes`, `${from}`);
    const which = `${from}:${sequence}`;
    const again = `${sequence} from rank ${from} again`;
    demand(!seen.has(which), `${field}.sequence`, "each message once", again);
    seen.add(which);
    const sentIt = from !== rank || sequence < own;
    const expected = `one of the ${own} messages the process has sent to itself`;
    demand(sentIt, `${field}.sequence`, expected, `${sequence}`);
  }
}

/** Checks that the parts fit together; the table of fields has looked at each by itself. */
export function checkMessages(state: MessagesState, demand: Demand): void {
  const { rank, size, sent, values } = state;
  demand(rank < size, "messages.rank", `a rank of ${size} processes`, `${rank}`);
  let last = -1;
  for (const [index, { to }] of sent.entries()) {
    const field = `messages.sent[${index}].to`;
    demand(to < size, field, `a rank of ${size} processes`, `${to}`);
    demand(to > last, field, "ascending ranks, none twice", `${to} after ${last}`);
    last = to;
  }
  checkInbox(state, demand);
  for (const [index, { name }] of values.entries()) {
    const before = values[index - 1]?.name;
    const field = `messages.values[${index}].name`;
    const found = `${shown(name)} after ${shown(before)}`;
    demand(name !== "", field, "a name", shown(name));
    demand(before === undefined || before < name, field, "ascending names, none twice", found);
  }
}
