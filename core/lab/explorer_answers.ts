/** Checkpoints that are asked for in an explored world, and what comes of each. */
import { type Rules, violate } from "./explorer_rules.ts";
import type { Situation } from "./explorer_situation.ts";

/** A station owes so many answers more. */
export function owe(moment: Situation, station: number, change: number): void {
  moment.owed = moment.owed.with(station, (moment.owed[station] ?? 0) + change);
}

/** Where checkpoints are tentative, who wants to end may ask itself for one. */
const savesItselfToEnd = ({ life }: Situation, station: number, { actors }: Rules): boolean =>
  actors.protocol.tentative === true && (life[station] === "ending" || life[station] === "gone");

/** It gives one: a line, or none. */
export function answer(
  moment: Situation,
  station: number,
  isComplete: boolean,
  rules: Rules,
): void {
  if (moment.owed[station] === 0) {
    if (savesItselfToEnd(moment, station, rules)) return;
    violate(rules, "broken", "an answer that nobody asked for");
  }
  owe(moment, station, -1);
  if (isComplete) moment.completed++;
}

/** It gives a checkpoint up, which it may where something has failed, and says why. */
export function giveUp(moment: Situation, station: number, why: string, rules: Rules): void {
  const isAlone = moment.life.every((life) => life !== "running");
  if (why.trim() === "") violate(rules, "abort", "a checkpoint was given up without a reason");
  if (!moment.excused && !isAlone) {
    violate(rules, "abort", `a checkpoint was given up though nothing had failed: ${why}`);
  }
  answer(moment, station, false, rules);
}
