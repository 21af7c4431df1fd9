/** One moment of an explored world: plain numbers, quick to copy and to tell apart. */
import type { ProcessId } from "../cluster/protocol.ts";
import type { Actors } from "./explorer_actors.ts";
import type { ExploreCase } from "./explorer_case.ts";

/** How far a process is; `ending` waits for the protocol's leave. */
export type Life = "unborn" | "running" | "ending" | "gone" | "lost";

/** A local checkpoint: what had been sent and had arrived. */
export interface LocalCheckpoint {
  readonly sent: number;
  /** A bit for each message. */
  readonly arrived: number;
  readonly durable: boolean;
}

/** What may still happen, by how often. */
export interface Budget {
  requests: number;
  exits: number;
  kills: number;
  crashes: number;
  joins: number;
  timeouts: number;
  restarts: number;
}

/** A moment. Stations are numbered: the processes by rank, then the manager. */
export interface Situation {
  readonly actors: number[];
  readonly life: Life[];
  readonly held: boolean[];
  /** How many of its messages a process has sent. */
  readonly sent: number[];
  /** A bit for each message that has arrived. */
  arrived: number;
  readonly captures: (LocalCheckpoint | undefined)[];
  /** From station times stations plus to station; control messages from 0 up, others below 0. */
  readonly channels: (readonly number[])[];
  /** Stations that declared a line which is not durable yet. */
  records: readonly number[];
  /** Lost processes the protocol has not heard of. */
  unnoticed: readonly ProcessId[];
  /** "station name", sorted. */
  timers: readonly string[];
  /** Answers, a success or a failure, that are still to come from each station. */
  readonly owed: number[];
  completed: number;
  readonly left: Budget;
  /** Control messages by kind, as long as nobody ended, joined or failed. */
  counts: readonly number[] | undefined;
  /** A kill, a crash or a timeout: a checkpoint may fail. */
  excused: boolean;
}

/** An application message. */
export interface Sent {
  readonly from: ProcessId;
  readonly to: ProcessId;
  /** The how manieth of its sender. */
  readonly index: number;
}

/** All messages of the plan; the number of one is its bit. */
export const messagesOf = ({ plan }: ExploreCase): readonly Sent[] =>
  plan.flatMap((list, from) => list.map((to, index) => ({ from, to, index })));

/** The number of a message in a channel: control messages have 0 and up. */
export const packetOf = (message: number): number => -1 - message;

/** The beginning: everybody runs, but for those that join. */
export function beginning(actors: Actors, given: ExploreCase): Situation {
  const count = given.plan.length;
  const members = given.plan.map((_, rank) => rank).slice(0, count - given.joins);
  const manager = actors.manager(members);
  const { requests, exits, kills, crashes, joins, timeouts, restarts } = given;
  return {
    actors: [
      ...given.plan.map((_, rank) => rank < members.length ? actors.member(rank, members) : -1),
      ...manager === undefined ? [] : [manager],
    ],
    life: given.plan.map((_, rank) => rank < members.length ? "running" : "unborn"),
    held: given.plan.map(() => false),
    sent: given.plan.map(() => 0),
    arrived: 0,
    captures: given.plan.map(() => undefined),
    channels: Array.from({ length: (count + 1) ** 2 }, () => []),
    records: [],
    unnoticed: [],
    timers: [],
    owed: Array.from({ length: count + 1 }, () => 0),
    completed: 0,
    left: { requests, exits, kills, crashes, joins, timeouts, restarts },
    counts: joins > 0 ? undefined : actors.protocol.kinds.map(() => 0),
    excused: false,
  };
}

/** A copy that may be changed; lists in it are replaced, not changed. */
export const copyOf = (moment: Situation): Situation => ({
  ...moment,
  actors: [...moment.actors],
  life: [...moment.life],
  held: [...moment.held],
  sent: [...moment.sent],
  captures: [...moment.captures],
  owed: [...moment.owed],
  channels: [...moment.channels],
  left: { ...moment.left },
});

const captureKey = (capture: LocalCheckpoint | undefined): string =>
  capture === undefined ? "-" : `${capture.sent}.${capture.arrived}.${capture.durable ? 1 : 0}`;

/** Most channels are empty most of the time. */
function channelsKey(channels: readonly (readonly number[])[]): string {
  let key = "";
  channels.forEach((packets, channel) => {
    if (packets.length > 0) key += `${channel}:${packets.join()};`;
  });
  return key;
}

/** Equal for equal moments. */
export const keyOf = (moment: Situation): string => {
  const { left } = moment;
  return [
    moment.actors.join(),
    moment.life.map((life) => life[0]).join(""),
    moment.held.map(Number).join(""),
    moment.sent.join(),
    moment.arrived,
    moment.captures.map(captureKey).join(),
    channelsKey(moment.channels),
    moment.records.join(),
    moment.unnoticed.join(),
    moment.timers.join(),
    `${moment.owed.join()} ${moment.completed} ${moment.excused ? 1 : 0}`,
    Object.values(left).join(),
    moment.counts?.join() ?? "",
  ].join("|");
};
