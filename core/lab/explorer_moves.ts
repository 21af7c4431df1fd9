/** What moves do to an explored world, and what must hold of them. */
import { readOptions } from "../base/option.ts";
import type { ProcessId, ProtocolEvent } from "../cluster/protocol.ts";
import type { Effect } from "./explorer_actors.ts";
import type { Moves } from "./explorer_place.ts";
import { type Rules, violate } from "./explorer_rules.ts";
import { messageIn, type Situation } from "./explorer_situation.ts";
import { messageName, type Step } from "./explorer_step.ts";

/** What an actor asks for about moves. */
export type MoveEffect = Extract<
  Effect,
  { readonly effect: "holdTo" | "releaseTo" | "mapTo" | "depart" | "settled" | "refused" }
>;

function change(moment: Situation, by: (moves: Moves) => Partial<Moves>): void {
  const { moves } = moment;
  if (moves !== undefined) moment.moves = { ...moves, ...by(moves) };
}

const goes = (moment: Situation, who: ProcessId, way: Moves["ways"][number]): void =>
  change(moment, ({ ways }) => ({ ways: ways.with(who, way) }));

/** A step of a move. */
export type MoveStep = Extract<Step, { readonly step: "move" | "left" | "arrived" | "stayed" }>;

/** Somebody who hears of something. */
interface Told {
  readonly to: number;
  readonly event: ProtocolEvent;
}

/** Does such a step; who hears of what. */
export function doMove(moment: Situation, step: MoveStep, rules: Rules): readonly Told[] {
  const { who } = step;
  switch (step.step) {
    case "move":
      moment.left = { ...moment.left, moves: moment.left.moves - 1 };
      change(moment, ({ asked }) => ({ asked: [...asked, who] }));
      return [{ to: rules.given.plan.length, event: { event: "moving", who } }];
    case "left":
      leavePlace(moment, who, rules);
      return [];
    case "arrived":
    case "stayed":
      goes(moment, who, "stays");
      return [{ to: who, event: { event: "moved", place: moment.moves?.places[who] ?? 0 } }];
  }
}

/** It is saved and leaves its place: what is on its way there will be refused. */
function leavePlace(moment: Situation, who: ProcessId, rules: Rules): void {
  const stations = rules.given.plan.length + 1;
  const coming = moment.channels.flatMap((packets, channel) =>
    channel % stations === who ? packets.filter((packet) => packet < 0) : []
  );
  for (const packet of coming) {
    const sent = rules.messages[messageIn(packet)];
    if (sent === undefined) continue;
    const message = `${messageName(sent)} comes to the place that process ${who} has left`;
    violate(rules, "lost", message);
  }
  goes(moment, who, "away");
  change(moment, ({ places }) => ({ places: places.with(who, (places[who] ?? 0) + 1) }));
}

/** It is no more. */
export function endMoving(moment: Situation, who: ProcessId): void {
  goes(moment, who, "stays");
  moment.heldTo = moment.heldTo.with(who, 0);
}

/** A message leaves: it must go to where its receiver is. */
export function checkPlace(moment: Situation, from: ProcessId, number: number, rules: Rules): void {
  const { moves } = moment, sent = rules.messages[number];
  if (moves === undefined || sent === undefined) return;
  const place = moves.maps[from * rules.given.plan.length + sent.to];
  const isThere = moment.life[sent.to] === "running" || moment.life[sent.to] === "ending";
  if (!isThere || place === moves.places[sent.to]) return;
  const message = `${messageName(sent)} goes to the place that process ${sent.to} has left`;
  violate(rules, "lost", message);
}

/** Does what an actor asks for. */
export function applyMove(
  moment: Situation,
  station: number,
  effect: MoveEffect,
  rules: Rules,
): void {
  const { moves } = moment;
  switch (effect.effect) {
    case "holdTo":
    case "releaseTo": {
      const bit = 1 << effect.who, before = moment.heldTo[station] ?? 0;
      const holds = effect.effect === "holdTo";
      moment.heldTo = moment.heldTo.with(station, holds ? before | bit : before & ~bit);
      return;
    }
    case "mapTo":
      return change(moment, ({ maps }) => ({
        maps: maps.with(station * rules.given.plan.length + effect.who, effect.place),
      }));
    case "depart":
      if (moves?.asked.includes(station) !== true || moves.ways[station] !== "stays") {
        return violate(rules, "broken", `process ${station} departs, and is not to move`);
      }
      return goes(moment, station, "departs");
    case "settled":
    case "refused":
      return answerMove(moment, effect.who, effect.effect === "settled", rules);
  }
}

function answerMove(moment: Situation, who: ProcessId, settles: boolean, rules: Rules): void {
  const at = moment.moves?.asked.indexOf(who) ?? -1;
  if (at < 0) {
    return violate(rules, "broken", `an answer to a move of process ${who} not asked for`);
  }
  // Who wants to end may be let go before its move begins.
  if (!settles && moment.life[who] === "running" && !moment.excused) {
    violate(rules, "abort", `a move of process ${who} was refused though nothing had failed`);
  }
  if (settles && moment.moves?.ways[who] !== "stays") {
    violate(rules, "broken", `the move of process ${who} is settled before it is there`);
  }
  change(moment, ({ asked, settled }) => ({
    asked: asked.toSpliced(at, 1),
    settled: settled + Number(settles),
  }));
}

/** What of moves nobody may be waiting for when the world is at rest, in words. */
export function unmoved({ moves }: Situation): readonly string[] {
  if (moves === undefined) return [];
  return moves.asked.map((who) => `a move of process ${who} is never answered`);
}

/** The control messages that moves did not cost. */
export function withoutMoves(
  counts: readonly number[],
  { moves }: Situation,
  { given, actors: { protocol } }: Rules,
): readonly number[] {
  if (moves === undefined) return counts;
  const { values } = readOptions(protocol.options, {});
  const declared = protocol.moves?.({ n: given.plan.length, options: values }) ?? {};
  return counts.map((count, kind) =>
    count - moves.settled * (declared[protocol.kinds[kind] ?? ""] ?? 0)
  );
}
