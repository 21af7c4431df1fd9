/** One moment of an explored world: plain numbers, quick to copy and to tell apart. */
import type { LineRange, ProcessId, Protocol } from "../cluster/protocol.ts";
import { takesPartInMoves } from "./coordinated_moves.ts";
import { type Actors, NO_LINES } from "./explorer_actors.ts";
import { newAlone } from "./explorer_alone.ts";
import type { ExploreCase } from "./explorer_case.ts";
import { NOBODY } from "./explorer_nobody.ts";
import { codesOf, type Moves, movesAtFirst } from "./explorer_place.ts";
import type { Codes } from "./explorer_seen.ts";

/** How far a process is; `ending` waits for the protocol's leave. */
export type Life = "unborn" | "running" | "ending" | "gone" | "lost";

/** A local checkpoint: what had been sent and had arrived at its t0. Messages are bits. */
export interface LocalCheckpoint {
  readonly sent: number;
  readonly arrived: number;
  /** Who had begun, a bit for each process. */
  readonly born: number;
  /** What crosses the line, as its member recorded it. */
  readonly recorded: number;
  readonly channels: typeof CHANNELS[number];
  /**
   * begun: its t0 is to come; failed: it came to nothing, and its member may not know; permanent: where
   * checkpoints are tentative, a line has been declared of which it is a part.
   */
  readonly stage: typeof STAGES[number];
  /** What the sender's log kept at its t0. */
  readonly kept: number;
  /** The lines it is said to be a part of. */
  readonly lines: LineRange;
  /** From how many others something had arrived that is not in the permanent one before it. */
  readonly heard: number;
  /** The member's state that is saved with a log. */
  readonly state?: number | undefined;
}

/** A local checkpoint before its t0. */
export const BEGUN: LocalCheckpoint = {
  sent: 0,
  arrived: 0,
  born: 0,
  recorded: 0,
  channels: "none",
  stage: "begun",
  kept: 0,
  lines: NO_LINES,
  heard: 0,
};

/** A durable local checkpoint that is said to fit others. */
export type Fitting = Pick<LocalCheckpoint, "sent" | "arrived" | "kept" | "lines">;

const CHANNELS = ["none", "open", "closed"] as const;
const STAGES = ["begun", "taken", "durable", "failed", "permanent"] as const;

/** Where a process goes back to alone. */
export interface Place {
  readonly sent: number;
  readonly arrived: number;
  readonly kept: number;
  readonly state: number | undefined;
}

/** What is known of processes that go back alone; lists are by process. */
export interface Alone {
  /** The messages it has received, in their order. */
  readonly reads: readonly (readonly number[])[];
  /** How many of these there were when it sent each of its messages first. */
  readonly points: readonly (readonly number[])[];
  /** What it had received when it was lost, as far as others depend on it. */
  readonly bound: readonly (readonly number[])[];
  readonly places: readonly (Place | undefined)[];
  readonly recovering: readonly ProcessId[];
}

/** What may still happen, by how often. */
export type Budget = Omit<ExploreCase, "plan" | "order">;

/**
 * A moment. Stations are numbered: the processes by rank, then the manager. A step changes a copy and
 * little of it, so lists are shared by many moments: they are replaced, never changed.
 */
export interface Situation {
  actors: readonly number[];
  life: readonly Life[];
  held: readonly boolean[];
  /** A bit for each process to which it does not send for a while. */
  heldTo: readonly number[];
  /** How many of its messages a process has sent. */
  sent: readonly number[];
  /** A bit for each message that has arrived. */
  arrived: number;
  captures: readonly (LocalCheckpoint | undefined)[];
  /** What each sender's log keeps. */
  kept: readonly number[];
  /**
   * By process, those that are said to fit together, as long as a line may need them, oldest first; where
   * checkpoints are tentative, the newest permanent one.
   */
  fitting: readonly (readonly Fitting[])[];
  /** Only where lost processes come back alone. */
  alone: Alone | undefined;
  /** Packets by receiver that wait outside its receive buffer, in the order in which they came. */
  withheld: readonly (readonly number[])[];
  /** From station times stations plus to station; control messages from 0 up, others below 0. */
  channels: readonly (readonly number[])[];
  /** Stations that declared a line which is not durable yet. */
  records: readonly number[];
  /** Lost processes the protocol has not heard of. */
  unnoticed: readonly ProcessId[];
  /** "station name", sorted. */
  timers: readonly string[];
  /** Answers, a success or a failure, that are still to come from each station. */
  owed: readonly number[];
  completed: number;
  left: Budget;
  /** Control messages by kind, as long as nobody ended, joined or failed. */
  counts: readonly number[] | undefined;
  /** Where everybody is, in cases in which somebody moves. */
  moves: Moves | undefined;
  /** A kill, a crash or a timeout: a checkpoint may fail. */
  excused: boolean;
}

/** Sets a timer or takes it away. */
export function setTimer(moment: Situation, timer: string, isSet: boolean): void {
  const others = moment.timers.filter((each) => each !== timer);
  moment.timers = isSet ? [...others, timer].sort() : others;
}

/** An application message. */
export interface Sent {
  readonly from: ProcessId;
  readonly to: ProcessId;
  /** The how manieth of its sender. */
  readonly index: number;
  /** The how manieth of its sender to that receiver. */
  readonly number: number;
}

/** All messages of the plan; the number of one is its bit. */
export const messagesOf = ({ plan }: ExploreCase): readonly Sent[] =>
  plan.flatMap((list, from) =>
    list.map((to, index) => {
      const number = list.slice(0, index).filter((each) => each === to).length;
      return { from, to, index, number };
    })
  );

/** A message is a bit of a number. */
const MOST_MESSAGES = 32;

/** A message in a channel, with what is on it; control messages have 0 and up. */
export const packetOf = (message: number, piggyback = -1): number =>
  -1 - message - MOST_MESSAGES * (piggyback + 1);

/** The message of such a packet. */
export const messageIn = (packet: number): number => (-1 - packet) % MOST_MESSAGES;

/** What is on it, by its number; -1 for nothing. */
export const piggybackIn = (packet: number): number =>
  Math.floor((-1 - packet) / MOST_MESSAGES) - 1;

const saysWhatFits = ({ lines, tentative }: Protocol): boolean =>
  lines !== undefined || tentative === true;

/** The beginning: everybody runs, but for those that join. */
export function beginning(actors: Actors, given: ExploreCase): Situation {
  const count = given.plan.length;
  const members = given.plan.map((_, rank) => rank).slice(0, count - given.joins);
  const manager = actors.manager(members);
  const { requests, exits, kills, crashes, joins, timeouts, restarts, moves, failures } = given;
  return {
    actors: [
      ...given.plan.map((_, rank) => rank < members.length ? actors.member(rank, members) : NOBODY),
      ...manager === undefined ? [] : [manager],
    ],
    life: given.plan.map((_, rank) => rank < members.length ? "running" : "unborn"),
    held: given.plan.map(() => false),
    heldTo: given.plan.map(() => 0),
    sent: given.plan.map(() => 0),
    arrived: 0,
    captures: given.plan.map(() => undefined),
    kept: actors.protocol.log === true ? given.plan.map(() => 0) : [],
    fitting: saysWhatFits(actors.protocol) ? given.plan.map(() => []) : [],
    alone: actors.protocol.recovery === "alone" ? newAlone(count) : undefined,
    withheld: given.plan.map(() => []),
    channels: Array.from({ length: (count + 1) ** 2 }, () => []),
    records: [],
    unnoticed: [],
    timers: [],
    owed: Array.from({ length: count + 1 }, () => 0),
    completed: 0,
    left: { requests, exits, kills, crashes, joins, timeouts, restarts, moves, failures },
    moves: moves === 0 || !takesPartInMoves(actors.protocol) ? undefined : movesAtFirst(count),
    counts: joins > 0 ? undefined : actors.protocol.kinds.map(() => 0),
    excused: false,
  };
}

function put(codes: Codes, number: number): void {
  codes.put(number);
}

function putAll(codes: Codes, numbers: readonly number[]): void {
  put(codes, numbers.length);
  for (const number of numbers) put(codes, number);
}

const LIVES: readonly Life[] = ["unborn", "running", "ending", "gone", "lost"];

/** What may be below 0, as a number that is not. */
const signed = (number: number): number => number < 0 ? -2 * number - 1 : 2 * number;

/** Most channels are empty most of the time. */
function putChannels(codes: Codes, channels: readonly (readonly number[])[]): void {
  channels.forEach((packets, channel) => {
    if (packets.length === 0) return;
    put(codes, channel + 1);
    put(codes, packets.length);
    for (const packet of packets) put(codes, signed(packet));
  });
  put(codes, 0);
}

function putAlone(codes: Codes, alone: Alone | undefined): void {
  if (alone === undefined) return put(codes, 0);
  const { reads, points, bound, places, recovering } = alone;
  put(codes, 1 + places.length);
  for (const list of [...reads, ...points, ...bound, recovering]) putAll(codes, list);
  for (const place of places) {
    putAll(
      codes,
      place === undefined
        ? []
        : [place.sent, place.arrived >>> 0, place.kept >>> 0, (place.state ?? -1) + 1],
    );
  }
}

/** Writes what is equal for equal moments of one case, and for no others. */
export function putKey(codes: Codes, moment: Situation): void {
  const { left } = moment;
  for (const actor of moment.actors) put(codes, signed(actor));
  moment.life.forEach((life, who) => {
    const capture = moment.captures[who];
    put(codes, 2 * LIVES.indexOf(life) + Number(moment.held[who]));
    put(codes, moment.sent[who] as number);
    if (capture === undefined) return put(codes, 0);
    put(
      codes,
      1 + STAGES.indexOf(capture.stage) + STAGES.length * CHANNELS.indexOf(capture.channels),
    );
    put(codes, capture.sent);
    put(codes, capture.arrived >>> 0);
    put(codes, capture.born);
    put(codes, capture.recorded >>> 0);
    put(codes, capture.kept >>> 0);
    put(codes, capture.lines.first);
    put(codes, capture.lines.last);
    put(codes, (capture.state ?? -1) + 1);
    put(codes, capture.heard);
  });
  putAll(codes, moment.heldTo.some((bits) => bits !== 0) ? moment.heldTo : []);
  putAll(codes, moment.kept.map((bits) => bits >>> 0));
  put(codes, moment.fitting.length);
  for (const list of moment.fitting) {
    putAll(
      codes,
      list.flatMap((
        { sent, arrived, kept, lines },
      ) => [sent, arrived >>> 0, kept >>> 0, lines.first, lines.last]),
    );
  }
  putAlone(codes, moment.alone);
  putChannels(codes, moment.withheld);
  put(codes, moment.arrived >>> 0);
  putChannels(codes, moment.channels);
  putAll(codes, moment.records);
  putAll(codes, moment.unnoticed);
  for (const owed of moment.owed) put(codes, signed(owed));
  put(codes, 2 * moment.completed + Number(moment.excused));
  for (const n of [left.requests, left.exits, left.kills, left.crashes]) put(codes, n);
  for (const n of [left.joins, left.timeouts, left.restarts, left.failures]) put(codes, n);
  putAll(codes, (moment.counts ?? []).map(signed));
  if (moment.moves !== undefined) putAll(codes, [left.moves, ...codesOf(moment.moves)]);
  for (const timer of moment.timers) {
    for (let at = 0; at < timer.length; at++) put(codes, timer.charCodeAt(at));
    put(codes, 0);
  }
}
