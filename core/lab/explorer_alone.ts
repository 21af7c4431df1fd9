/**
 * Explored worlds in which a lost process comes back alone. Programs there do what follows from what
 * they have read, so a process that comes back sends a message once more when it has read as much as
 * it had when it sent it first; and up to the last it had sent, it must read the same in the same
 * order, for others depend on that.
 */
import type { ProcessId } from "../cluster/protocol.ts";
import { bitsTo } from "./explorer_message.ts";
import { type Rules, violate } from "./explorer_rules.ts";
import {
  type Alone,
  type LocalCheckpoint,
  packetOf,
  type Place,
  type Situation,
} from "./explorer_situation.ts";
import { messageName } from "./explorer_step.ts";

interface Departing {
  readonly to: ProcessId;
  readonly packet: number;
}

/** The beginning of a process. */
const AT_FIRST: Place = { sent: 0, arrived: 0, kept: 0, state: undefined };

/** The process has sent so many messages; it may send the next, if it has sent it before. */
export function maySend({ alone, sent }: Situation, who: ProcessId): boolean {
  if (alone === undefined) return true;
  const point = alone.points[who]?.[sent[who] as number] ?? 0;
  return (alone.reads[who]?.length ?? 0) >= point;
}

/** It sends the message of that index. */
export function hasSent(moment: Situation, who: ProcessId, index: number): void {
  const { alone } = moment, points = alone?.points[who];
  if (alone === undefined || points === undefined || index < points.length) return;
  const point = alone.reads[who]?.length ?? 0;
  moment.alone = { ...alone, points: alone.points.with(who, [...points, point]) };
}

/** It gets that message, and did not before. */
export function hasRead(moment: Situation, who: ProcessId, number: number, rules: Rules): void {
  const { alone } = moment, reads = alone?.reads[who];
  if (alone === undefined || reads === undefined) return;
  const name = (each: number) => messageName(rules.messages[each] as typeof rules.messages[0]);
  if (reads.includes(number)) violate(rules, "orphan", `${name(number)} is received twice`);
  const bound = alone.bound[who]?.[reads.length];
  if (bound !== undefined && bound !== number) {
    const what = `process ${who} receives ${name(number)} where it had received ${name(bound)}`;
    violate(rules, "orphan", `${what}, and others depend on that`);
  }
  moment.alone = { ...alone, reads: alone.reads.with(who, [...reads, number]) };
}

/** Its local checkpoint is durable: it will go back there. */
export function hasPlace(
  moment: Situation,
  who: ProcessId,
  { sent, arrived, kept, state }: LocalCheckpoint,
): void {
  const { alone } = moment;
  if (alone === undefined) return;
  moment.alone = { ...alone, places: alone.places.with(who, { sent, arrived, kept, state }) };
}

/** One failure has to be over before the next. */
export const isOver = ({ alone, life }: Situation): boolean =>
  alone === undefined || alone.recovering.length === 0 && !life.includes("lost");

/**
 * It comes back: to its newest checkpoint, over new channels. What its log keeps and others have not
 * goes onto the network again by itself.
 */
export function comesBack(moment: Situation, who: ProcessId, rules: Rules): readonly Departing[] {
  const { alone } = moment;
  if (alone === undefined) return [];
  const place = alone.places[who] ?? AT_FIRST, mine = bitsTo(rules.messages, who);
  const reads = alone.reads[who] ?? [], points = alone.points[who] ?? [];
  const isThere = (number: number) => (place.arrived & (1 << number)) !== 0;
  moment.life = moment.life.with(who, "running");
  moment.sent = moment.sent.with(who, place.sent);
  moment.arrived = (moment.arrived & ~mine) | place.arrived;
  moment.kept = moment.kept.with(who, place.kept);
  moment.captures = moment.captures.with(who, undefined);
  const stations = moment.life.length + 1;
  moment.channels = moment.channels.map((packets, channel) => {
    const to = channel % stations, from = (channel - to) / stations;
    return from === who || to === who ? [] : packets;
  });
  moment.alone = {
    ...alone,
    recovering: [...alone.recovering, who].sort((a, b) => a - b),
    bound: alone.bound.with(who, reads.slice(0, points.at(-1) ?? 0)),
    reads: alone.reads.with(who, reads.filter(isThere)),
  };
  const members = moment.life.flatMap((life, rank) => life === "unborn" ? [] : [rank]);
  moment.actors = moment.actors.with(who, rules.actors.member(who, members, place.state));
  return rules.messages.flatMap(({ from, to }, number) => {
    const bit = 1 << number;
    const isMissing = from === who && (place.kept & bit) !== 0 && (moment.arrived & bit) === 0;
    return isMissing ? [{ to, packet: packetOf(number) }] : [];
  });
}

/** At rest what was received is sent, also by who has come back, and what is sent was received. */
export function checkAlone({ alone, life, sent, arrived }: Situation, rules: Rules): void {
  if (alone === undefined) return;
  rules.messages.forEach((message, number) => {
    const isSent = message.index < (sent[message.from] as number);
    const hasArrived = (arrived & (1 << number)) !== 0, name = messageName(message);
    if (hasArrived && !isSent && life[message.from] === "running") {
      violate(rules, "orphan", `${name} is received, and its sender does not send it any more`);
    }
    if (isSent && !hasArrived && life[message.to] === "running") {
      violate(rules, "lost", `${name} is sent, and will never be received`);
    }
  });
}

/** It has got back what others depend on. */
export function recovered(moment: Situation, who: ProcessId): void {
  const { alone } = moment;
  if (alone === undefined) return;
  moment.alone = { ...alone, recovering: alone.recovering.filter((each) => each !== who) };
}

/** The beginning of all. */
export const newAlone = (count: number): Alone => {
  const none = Array.from({ length: count }, () => []);
  const places = Array.from({ length: count }, () => undefined);
  return { reads: none, points: none, bound: none, places, recovering: [] };
};
