/** What must hold in an explored world: of every declared line, and when the world is at rest. */
import type { ProcessId } from "../cluster/protocol.ts";
import type { Actors } from "./explorer_actors.ts";
import { checkAlone } from "./explorer_alone.ts";
import { isSomebodyLost, isThere } from "./explorer_captures.ts";
import type { ExploreCase } from "./explorer_case.ts";
import { type ExploredCost, exploredCost, wrongCost } from "./explorer_cost.ts";
import { Events } from "./explorer_events.ts";
import { unmoved, withoutMoves } from "./explorer_moves.ts";
import { messageIn, messagesOf, type Sent, type Situation } from "./explorer_situation.ts";
import { messageName, stationName } from "./explorer_step.ts";

/** The ways in which a protocol can be wrong. */
export const VIOLATIONS = [
  "orphan",
  "lost",
  "incomplete",
  "deadlock",
  "abort",
  "cost",
  "broken",
] as const;

/**
 * orphan: in the line received but not sent, so that after a restart it would come twice; lost: sent,
 * not received and nowhere saved; incomplete: declared with a part that is not durable; deadlock: at rest and somebody
 * waits, or never at rest; abort: given up though nothing had failed; cost: other messages than declared; broken: the
 * contract of a protocol is not kept.
 */
export type ViolationKind = typeof VIOLATIONS[number];

/** What is wrong, in words. */
export interface Violation {
  readonly kind: ViolationKind;
  readonly message: string;
}

/** A found violation on its way to whoever explores. */
export class Violated extends Error {
  constructor(readonly violation: Violation) {
    super(violation.message);
  }
}

/** What the rules need to know. */
export interface Rules {
  readonly given: ExploreCase;
  readonly actors: Actors;
  readonly messages: readonly Sent[];
  readonly events: Events;
  readonly cost: ExploredCost;
  /** Only these count. */
  readonly kinds: ReadonlySet<ViolationKind>;
}

export const rulesOf = (
  given: ExploreCase,
  actors: Actors,
  kinds: readonly ViolationKind[] = VIOLATIONS,
): Rules => {
  const messages = messagesOf(given);
  return {
    given,
    actors,
    messages,
    events: new Events(actors, messages),
    cost: exploredCost(actors.protocol, given.plan.length),
    kinds: new Set(kinds),
  };
};

/** Stops at a violation, if it counts. */
export function violate(rules: Rules, kind: ViolationKind, message: string): void {
  if (rules.kinds.has(kind)) throw new Violated({ kind, message });
}

/** A line is consistent, and what was in the channels is in it. */
export function checkLine(moment: Situation, members: readonly ProcessId[], rules: Rules): void {
  for (const who of members) {
    if (isThere(moment.captures[who])) continue;
    const message = `a line is declared, but the local checkpoint of process ${who} is not durable`;
    return violate(rules, "incomplete", message);
  }
  if (rules.actors.protocol.recovery !== "line") return;
  rules.messages.forEach((sent, bit) => {
    const receiver = moment.captures[sent.to];
    const sentBefore = sent.index < sentInLine(moment, members, sent.from);
    const name = messageName(sent);
    if (!members.includes(sent.to) || receiver === undefined) {
      if (sentBefore && moment.life[sent.to] === "running") {
        violate(rules, "lost", `${name} is sent in the line, to a process that is not in it`);
      }
      return;
    }
    const arrivedBefore = (receiver.arrived & (1 << bit)) !== 0;
    const isRecorded = (receiver.recorded & (1 << bit)) !== 0;
    const isKept = members.includes(sent.from) &&
      ((moment.captures[sent.from]?.kept ?? 0) & (1 << bit)) !== 0;
    if (arrivedBefore && !sentBefore) {
      violate(rules, "orphan", `${name} is received in the line, but not sent`);
    }
    if (isRecorded && !sentBefore) {
      violate(rules, "orphan", `${name} is recorded in the line, but not sent`);
    }
    if (sentBefore && !arrivedBefore && !isRecorded && !isKept) {
      violate(rules, "lost", `${name} is sent in the line, but neither received nor saved`);
    }
  });
}

/** Who ends or has ended lies before the line with all it did; who began too late, behind it. */
function sentInLine(moment: Situation, members: readonly ProcessId[], who: ProcessId): number {
  if (members.includes(who)) return moment.captures[who]?.sent ?? 0;
  const life = moment.life[who];
  const sawIt = members.some((each) => ((moment.captures[each]?.born ?? 0) & (1 << who)) !== 0);
  if (members.length > 0 && !sawIt) return 0;
  return life === "running" || life === "unborn" ? 0 : moment.sent[who] ?? 0;
}

/** At rest every request is answered, nobody is held, whoever wants to end has ended. */
export function checkRest(moment: Situation, rules: Rules): void {
  const stuck = moment.life.flatMap((life, who) => {
    if (life === "ending") return [`process ${who} wants to end and may not`];
    if (life !== "running") return [];
    const kept = (moment.withheld[who] ?? []).map((packet) =>
      `${messageName(rules.messages[messageIn(packet)] as Sent)} is withheld`
    );
    return [...moment.held[who] === true ? [`process ${who} is held`] : [], ...kept];
  });
  stuck.unshift(...unmoved(moment), ...barred(moment));
  const owed = moment.owed.reduce((sum, each) => sum + each, 0);
  if (owed > 0) stuck.unshift("a checkpoint was asked for and is never answered");
  if (stuck.length > 0) {
    violate(rules, "deadlock", [...stuck, ...waiting(moment, rules)].join("; "));
  }
  checkUndone(moment, rules);
  checkAlone(moment, rules);
  checkCost(moment, rules);
}

/** Who may not send to somebody, in words. */
const barred = ({ heldTo, life }: Situation): readonly string[] =>
  life.flatMap((each, who) =>
    each === "running" && heldTo[who] !== 0 ? [`process ${who} may not send to everybody`] : []
  );

/** Of what is tentative nothing is left, but where whoever would know has taken it along. */
function checkUndone(moment: Situation, rules: Rules): void {
  if (rules.actors.protocol.tentative !== true || isSomebodyLost(moment)) return;
  moment.life.forEach((life, who) => {
    if (life !== "running" || moment.captures[who]?.stage !== "durable") return;
    const what = "is neither made permanent nor undone";
    violate(rules, "incomplete", `the tentative checkpoint of process ${who} ${what}`);
  });
}

/**
 * The world never comes to rest from here, whatever happens of itself: somebody polls for what will
 * never be.
 */
export function checkRestless(moment: Situation, rules: Rules): void {
  const polls = "it polls for ever, and nothing will have changed";
  violate(rules, "deadlock", [polls, ...waiting(moment, rules)].join("; "));
}

function waiting(moment: Situation, rules: Rules): string[] {
  return moment.actors.flatMap((actor, station) => {
    const isPresent = station === rules.given.plan.length || moment.life[station] === "running" ||
      moment.life[station] === "ending";
    const what = isPresent ? rules.actors.waitsFor(actor) : undefined;
    return what === undefined ? [] : [`${stationName(station, rules.given)} waits for ${what}`];
  });
}

function checkCost(moment: Situation, rules: Rules): void {
  if (moment.counts === undefined) return;
  const received = rules.messages.filter((_, bit) => (moment.arrived & (1 << bit)) !== 0).length;
  const counts = withoutMoves(moment.counts, moment, rules);
  const wrong = wrongCost(rules.cost, counts, moment.completed, received);
  if (wrong !== undefined) violate(rules, "cost", wrong);
}
