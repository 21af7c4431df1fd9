/** What members of an explored world do to their local checkpoints. */
import type { ProcessId } from "../cluster/protocol.ts";
import { bitsOf, bitsTo } from "./explorer_message.ts";
import { type Rules, violate } from "./explorer_rules.ts";
import { BEGUN, type LocalCheckpoint, type Situation } from "./explorer_situation.ts";

/** Begins one. */
export function beginCapture(
  moment: Situation,
  who: ProcessId,
  channels: "none" | "open",
  rules: Rules,
): void {
  const { stage } = moment.captures[who] ?? {};
  if (stage === "begun" || stage === "taken") {
    violate(rules, "broken", `process ${who} captures while it is being captured`);
  }
  const isTentative = stage === "durable" && rules.actors.protocol.tentative === true;
  if (isTentative && !isSomebodyLost(moment)) {
    const what = "has not undone the last one, which is not permanent";
    violate(rules, "broken", `process ${who} captures and ${what}`);
  }
  moment.captures = moment.captures.with(who, { ...BEGUN, channels });
}

/** Whoever declares lines may have taken with it what became of one. */
export const isSomebodyLost = ({ life }: Situation): boolean => life.includes("lost");

/** It is given up; what is permanent must stay. */
export function discardCapture(moment: Situation, who: ProcessId, rules: Rules): void {
  if (moment.captures[who]?.stage === "permanent") {
    violate(rules, "broken", `process ${who} discards a checkpoint that is permanent`);
  }
  moment.captures = moment.captures.with(who, undefined);
}

/** It is there to go back to. */
export const isThere = (capture: LocalCheckpoint | undefined): boolean =>
  capture?.stage === "durable" || capture?.stage === "permanent";

/** From how many others something is among those messages. */
function sendersOf(bits: number, { messages }: Rules): number {
  const from = messages.flatMap((sent, bit) => (bits & (1 << bit)) === 0 ? [] : [sent.from]);
  return new Set(from).size;
}

/** Its t0, before its member hears of it. */
export function takeCapture(moment: Situation, who: ProcessId, rules: Rules): void {
  const capture = moment.captures[who];
  if (capture === undefined) return;
  const sent = moment.sent[who] as number, arrived = moment.arrived & bitsTo(rules.messages, who);
  const born = bitsOf(moment.life, (life) => life !== "unborn");
  const before = moment.fitting[who]?.at(-1)?.arrived ?? 0;
  const heard = rules.cost.perDependency === undefined ? 0 : sendersOf(arrived & ~before, rules);
  const taken = { ...capture, sent, arrived, born, heard, stage: "taken" } as const;
  moment.captures = moment.captures.with(who, taken);
}

/** And when that has heard of it: what is saved of its log and its state, and what it promises. */
export function saveState(moment: Situation, who: ProcessId, { actors }: Rules): void {
  const capture = moment.captures[who];
  if (capture?.stage !== "taken" || actors.protocol.log !== true) return;
  const actor = moment.actors[who] as number, kept = moment.kept[who] as number;
  const saved = { ...capture, kept, lines: actors.lines(actor) };
  const isKept = moment.alone !== undefined;
  moment.captures = moment.captures.with(who, isKept ? { ...saved, state: actor } : saved);
}

/** It comes to nothing: what its member still does about it means nothing. */
export function failCapture(moment: Situation, who: ProcessId): void {
  moment.captures = moment.captures.with(who, { ...BEGUN, stage: "failed" });
}

const hasFailed = ({ captures }: Situation, who: ProcessId): boolean =>
  captures[who]?.stage === "failed";

/** A message by its bit, and what becomes of it. */
export interface Arriving {
  readonly bit: number;
  fate: "arrive" | "withhold" | "drop";
}

/** Records the message that arrives; false when there is none, or its channels are not open. */
export function recordMessage(
  moment: Situation,
  who: ProcessId,
  arriving: Arriving | undefined,
): boolean {
  if (hasFailed(moment, who)) return true;
  const capture = openCapture(moment, who);
  if (capture === undefined || arriving?.fate !== "arrive") return false;
  const recorded = capture.recorded | arriving.bit;
  moment.captures = moment.captures.with(who, { ...capture, recorded });
  return true;
}

/** Closes its channels; false when they are not open. */
export function closeChannels(moment: Situation, who: ProcessId): boolean {
  if (hasFailed(moment, who)) return true;
  const capture = openCapture(moment, who);
  if (capture === undefined) return false;
  moment.captures = moment.captures.with(who, { ...capture, channels: "closed" });
  return true;
}

function openCapture({ captures }: Situation, who: ProcessId): LocalCheckpoint | undefined {
  const capture = captures[who];
  return capture?.stage === "taken" && capture.channels === "open" ? capture : undefined;
}
