/** What can happen next in an explored world, and what a step is called. */
import type { ProcessId, Protocol } from "../cluster/protocol.ts";
import type { Actors } from "./explorer_actors.ts";
import { isOver, maySend } from "./explorer_alone.ts";
import type { ExploreCase } from "./explorer_case.ts";
import { isAway } from "./explorer_place.ts";
import { messageIn, messagesOf, type Sent, type Situation } from "./explorer_situation.ts";

/** One step. Stations are numbers, the manager's is the number of processes. */
export type Step =
  | {
    readonly step:
      | "send"
      | "taken"
      | "saved"
      | "fail"
      | "exit"
      | "kill"
      | "crash"
      | "notice"
      | "comeback";
    readonly who: ProcessId;
  }
  /** A move is asked for; its process is saved; is there; or could not be saved. */
  | {
    readonly step: "move" | "left" | "arrived" | "stayed";
    readonly who: ProcessId;
  }
  | { readonly step: "join"; readonly who: ProcessId }
  | { readonly step: "restart" }
  /** A checkpoint is asked for; without a process, of the manager or of everybody. */
  | { readonly step: "request"; readonly who?: ProcessId }
  | { readonly step: "recorded"; readonly station: number }
  | { readonly step: "timer"; readonly station: number; readonly name: string }
  /** `packet`: which message, where the channel keeps no order. */
  | {
    readonly step: "deliver";
    readonly from: number;
    readonly to: number;
    readonly packet: number;
  };

const isRunning = (moment: Situation, who: ProcessId): boolean =>
  moment.life[who] === "running" || moment.life[who] === "ending";

/** Steps that happen sooner or later by themselves: when there are none, the world is at rest. */
export function dueSteps(moment: Situation, given: ExploreCase, protocol: Protocol): Step[] {
  const steps: Step[] = [];
  given.plan.forEach((list, who) => {
    const to = list[moment.sent[who] as number];
    const isFree = moment.life[who] === "running" && moment.held[who] === false &&
      !isAway(moment.moves, who);
    if (
      isFree && to !== undefined && moment.life[to] !== "unborn" && maySend(moment, who) &&
      ((moment.heldTo[who] as number) & (1 << to)) === 0
    ) {
      steps.push({ step: "send", who });
    }
    const { stage, channels } = moment.captures[who] ?? {};
    if (!isRunning(moment, who)) return;
    if (stage === "begun") steps.push({ step: "taken", who });
    if (stage === "taken" && channels !== "open") steps.push({ step: "saved", who });
    const way = moment.moves?.ways[who];
    if (way === "departs") steps.push({ step: "left", who });
    if (way === "away") steps.push({ step: "arrived", who });
  });
  const stations = given.plan.length + 1;
  moment.channels.forEach((channel, index) => {
    if (channel.length === 0) return;
    const to = index % stations, from = (index - to) / stations;
    // What comes for one that is away waits for it.
    if (isAway(moment.moves, to)) return;
    // Where there is no order they are sorted, so equal ones stand together.
    const last = given.order === "fifo" ? 1 : channel.length;
    for (let at = 0; at < last; at++) {
      const packet = channel[at] as number;
      if (at === 0 || packet !== channel[at - 1]) steps.push({ step: "deliver", from, to, packet });
    }
  });
  for (const station of moment.records) steps.push({ step: "recorded", station });
  // Who waits for what has failed waits until its timer goes off, and it does, as a pause ends.
  const hasFailed = moment.left.failures < given.failures;
  steps.push(...timerSteps(moment).filter(({ name }) => hasFailed || isPause(protocol, name)));
  for (const who of moment.unnoticed) steps.push({ step: "notice", who });
  if (moment.alone !== undefined) {
    const who = moment.life.indexOf("lost");
    if (who >= 0) steps.push({ step: "comeback", who });
  }
  return steps;
}

const mayMove = (moment: Situation, who: ProcessId): boolean =>
  isRunning(moment, who) && moment.moves?.asked.includes(who) === false;

/** Who may be asked for a checkpoint now; `asksOne`: one process is, not everybody. */
function requestSteps(moment: Situation, { plan }: ExploreCase, asksOne: boolean): Step[] {
  if (!asksOne) return [{ step: "request" }];
  return plan.flatMap((_, who) =>
    isRunning(moment, who) ? [{ step: "request" as const, who }] : []
  );
}

/** Steps that may happen or not. */
export function possibleSteps(
  moment: Situation,
  given: ExploreCase,
  protocol: Protocol,
): Step[] {
  const asksOne = protocol.tentative === true;
  const { left } = moment;
  const steps: Step[] = [];
  // The lab lets no checkpoint begin while somebody is to move, and the other way round.
  const isCheckpointed = moment.owed.some((owed) => owed > 0);
  const isMoved = (moment.moves?.asked.length ?? 0) > 0;
  if (left.requests > 0 && !isMoved) steps.push(...requestSteps(moment, given, asksOne));
  given.plan.forEach((list, who) => {
    const hasSentAll = moment.sent[who] === list.length;
    const isFree = moment.life[who] === "running" && moment.held[who] === false &&
      !isAway(moment.moves, who);
    if (left.exits > 0 && isFree && hasSentAll) steps.push({ step: "exit", who });
    if (left.moves > 0 && !isCheckpointed && mayMove(moment, who)) {
      steps.push({ step: "move", who });
    }
    if (moment.moves?.ways[who] === "departs") steps.push({ step: "stayed", who });
    const { stage } = moment.captures[who] ?? {};
    const isUnderWay = stage === "begun" || stage === "taken";
    if (left.failures > 0 && isRunning(moment, who) && isUnderWay) {
      steps.push({ step: "fail", who });
    }
    if (left.kills > 0 && isRunning(moment, who) && !isAway(moment.moves, who)) {
      steps.push({ step: "kill", who });
    }
    if (left.crashes > 0 && isRunning(moment, who) && isOver(moment)) {
      steps.push({ step: "crash", who });
    }
    if (moment.life[who] === "unborn") steps.push({ step: "join", who });
  });
  if (left.restarts > 0 && moment.actors.length > given.plan.length) {
    steps.push({ step: "restart" });
  }
  if (left.timeouts > 0 && left.failures === given.failures) {
    steps.push(...timerSteps(moment).filter(({ name }) => !isPause(protocol, name)));
  }
  return steps;
}

/** A timer of that name is for no failure. */
export const isPause = ({ pauses }: Protocol, name: string): boolean =>
  pauses?.includes(name) === true;

const timerSteps = (moment: Situation) =>
  moment.timers.map((timer) => {
    const [station = "", ...name] = timer.split(" ");
    return { step: "timer", station: Number(station), name: name.join(" ") } as const;
  });

/** "process 1" or "the manager" */
export const stationName = (station: number, given: ExploreCase): string =>
  station === given.plan.length ? "the manager" : `process ${station}`;

/** "message 2 of process 0 to process 1" */
export const messageName = ({ from, to, index }: Sent): string =>
  `message ${index + 1} of process ${from} to process ${to}`;

/** A step in words. */
export function stepText(
  step: Step,
  before: Situation,
  given: ExploreCase,
  actors: Actors,
): string {
  switch (step.step) {
    case "request":
      return step.who === undefined
        ? "a global checkpoint is asked for"
        : `process ${step.who} is asked for a checkpoint`;
    case "restart":
      return "the manager crashes and comes back";
    case "send": {
      const index = before.sent[step.who] as number;
      const to = given.plan[step.who]?.[index] as ProcessId;
      return `process ${step.who} sends message ${index + 1} to process ${to}`;
    }
    case "deliver":
      return `${packetText(step.packet, given, actors)} from ${stationName(step.from, given)}` +
        ` arrives at ${stationName(step.to, given)}`;
    case "taken":
      return `t0 of the local checkpoint of process ${step.who}`;
    case "fail":
      return `the local checkpoint of process ${step.who} comes to nothing`;
    case "saved":
      return `the local checkpoint of process ${step.who} is durable`;
    case "recorded":
      return `the line that ${stationName(step.station, given)} declared is durable`;
    case "timer":
      return `timer '${step.name}' of ${stationName(step.station, given)} goes off`;
    case "notice":
      return `the protocol hears that process ${step.who} was lost`;
    default:
      return `process ${step.who} ${VERBS[step.step]}`;
  }
}

const VERBS = {
  exit: "wants to end",
  kill: "is killed by a signal",
  crash: "is lost",
  comeback: "comes back",
  join: "begins",
  move: "is to move",
  left: "is saved and leaves its place",
  arrived: "is at another place",
  stayed: "could not be saved and stays",
} as const;

function packetText(packet: number, given: ExploreCase, actors: Actors): string {
  if (packet >= 0) return actors.message(packet).kind;
  const sent = messagesOf(given)[messageIn(packet)];
  return sent === undefined ? "a message" : `message ${sent.index + 1}`;
}
