/**
 * A counter-example as a script that replays it: puppets send at given moments, and every message has
 * the latency that lets it arrive in its step. Step k happens at k ms.
 */
import { PROFILE } from "../cluster/profile.ts";
import type { CounterExample, TracedStep } from "./explorer.ts";
import type { ViolationKind } from "./explorer_rules.ts";

/** Virtual time after the last step in which what has to follow may follow. */
const REST_MS = 20;
/** What is sent late is there at once. */
const LEAST_MS = 0.1;
/** More than any puppet gets: one that has not to end waits for the rest. */
const MANY = 1000;

/** What the script claims, given the label of the checkpoint. */
const CLAIMS: Readonly<Record<ViolationKind, (label: string) => string>> = {
  orphan: (label) => `${label}.orphans > 0`,
  lost: (label) => `${label}.lost > 0`,
  incomplete: (label) => `not ${label}.consistent`,
  deadlock: (label) => `not ${label}.committed`,
  abort: (label) => `${label}.aborted`,
  cost: (label) => `${label}.committed`,
  broken: (label) => `not ${label}.committed`,
};

/** Cycles of a node in a step. */
const STEP_CYCLES = PROFILE.clock.default / 1000;

/**
 * How much later than they are begun the local checkpoints of a process have their t0, in steps: what
 * happens in between is before t0. At most half a step late for any of them.
 */
function lagOf({ steps }: CounterExample, who: number): number {
  const lags = steps.flatMap(({ step, begunIn }, number) =>
    step.step === "taken" && step.who === who ? [number - begunIn] : []
  );
  const most = Math.max(0, ...lags);
  return most > 1 ? most - 0.5 : 0;
}

/** When a message leaves and arrives, by step; it may never arrive. */
interface Flight {
  readonly packet: number;
  readonly sent: number;
  arrived?: number;
}

/** Messages of each channel in the order they were sent. */
function flightsOf(counterExample: CounterExample): Map<string, Flight[]> {
  const { steps, given } = counterExample;
  const flights = new Map<string, Flight[]>();
  steps.forEach(({ step, departures, begunIn }, number) => {
    if (step.step === "deliver") {
      const channel = flights.get(`${step.from} ${step.to}`) ?? [];
      const waiting = channel.filter((flight) => flight.arrived === undefined);
      const place = waiting.findIndex(({ packet }) => packet === step.packet);
      // What nobody heard has no step of its own, and came before where there is an order.
      const first = given.order === "fifo" ? 0 : place;
      for (const flight of waiting.slice(first, place + 1)) flight.arrived = number;
    }
    const isCapture = step.step === "taken" || step.step === "saved";
    const sent = begunIn + (isCapture ? lagOf(counterExample, step.who) : 0);
    for (const { from, to, packet } of departures) {
      const key = `${from} ${to}`;
      flights.set(key, [...flights.get(key) ?? [], { packet, sent }]);
    }
  });
  return flights;
}

function channelLines(counterExample: CounterExample): string[] {
  const { given, steps } = counterExample;
  const end = (station: number) => station === given.plan.length ? "manager" : `p${station}`;
  return [...flightsOf(counterExample)].map(([key, flights]) => {
    const [from = 0, to = 0] = key.split(" ").map(Number);
    const latencies = flights.map(({ sent, arrived = steps.length + 1 }) =>
      `${Math.max(LEAST_MS, arrived - sent)}ms`
    );
    return `channel ${end(from)} -> ${end(to)} ` +
      `{ order: "${given.order}", latency: [${latencies.join(", ")}] }`;
  });
}

const isStep = (traced: TracedStep, name: string, who: number): boolean =>
  traced.step.step === name && "who" in traced.step && traced.step.who === who;

/** Step k, counted from 1, in ms. */
const msOf = (index: number): number => index + 1;

function processLines({ given, steps }: CounterExample): string[] {
  return given.plan.map((list, who) => {
    const sends = steps.flatMap((traced, index) => isStep(traced, "send", who) ? [index] : []);
    const messages = sends.map((index, nth) => `"${msOf(index) * 1000}:${list[nth]}"`);
    const exit = steps.findIndex((traced) => isStep(traced, "exit", who));
    const end = exit < 0 ? steps.length + REST_MS : msOf(exit);
    return `proc p${who} on n${who} runs puppet ` +
      `{ messages: [${messages.join(", ")}], receives: ${MANY}, end: ${end}ms }`;
  });
}

/** The process has moved before, an odd number of times: it goes back to where it began. */
const isBack = (steps: readonly TracedStep[], index: number): boolean => {
  const who = steps[index]?.step;
  const before = steps.slice(0, index).filter(({ step }) =>
    step.step === "arrived" && who?.step === "move" && step.who === who.who
  );
  return before.length % 2 === 1;
};

/** Where processes go that move. */
const elsewhere = ({ given, steps }: CounterExample): string[] =>
  given.plan.flatMap((_, who) =>
    steps.some((traced) => isStep(traced, "move", who)) ? [`node m${who} { disk: 1GB/s }`] : []
  );

/** Of a world without checkpoints it is the run that is claimed of. */
const claimOf = (kind: ViolationKind, label: string, requests: number): string =>
  requests > 0 ? CLAIMS[kind](label) : kind === "lost" ? "cluster.lost > 0" : "cluster.lost == 0";

const labelOf = (request: number, requests: number): string =>
  requests === 1 ? "g" : `g${request + 1}`;

function actionLines({ given, steps }: CounterExample): string[] {
  let requests = 0;
  return steps.flatMap(({ step, text }, index) => {
    const at = `at ${msOf(index)}ms`;
    switch (step.step) {
      case "request":
        return [
          `${at} checkpoint ${step.who === undefined ? "all" : `p${step.who}`} ` +
          `as ${labelOf(requests++, given.requests)}`,
        ];
      case "crash":
        return [`${at} crash p${step.who}`];
      case "move":
        return [`${at} migrate p${step.who} to ${isBack(steps, index) ? "n" : "m"}${step.who}`];
      case "kill":
      case "join":
      case "timer":
      case "restart":
      case "fail":
        return [`// at ${msOf(index)}ms ${text}: no statement does this`];
      default:
        return [];
    }
  });
}

/**
 * A script that replays a counter-example under the named protocol, behind whose name its options may
 * stand (`bcs { retain: 2 }`), and claims its violation.
 *
 * The moments are exact but for what the simulated processors and disks take, which is why a step
 * is as long as 1 ms. What no statement can do (a signal, a late beginning, a timer, a failing disk, a manager that
 * comes back alone) stands there as a comment.
 */
export function replayScript(counterExample: CounterExample, protocolName: string): string {
  const { given, violation, request, steps } = counterExample;
  const [name = "", ...options] = protocolName.split(" ");
  const asked = steps.filter(({ step }) => step.step === "request").length;
  const claim = claimOf(violation.kind, labelOf(request, given.requests), asked);
  const words = steps.map(({ text }, index) => `// ${String(msOf(index)).padStart(3)} ms  ${text}`);
  const body = [
    ...given.plan.map((_, who) => {
      const lag = lagOf(counterExample, who) * STEP_CYCLES;
      return `node n${who} { disk: 1GB/s${lag === 0 ? "" : `, fixed_stop: ${lag}cycles`} }`;
    }),
    ...elsewhere(counterExample),
    ...processLines(counterExample),
    `channel all { order: "${given.order}", latency: 1ms }`,
    ...channelLines(counterExample),
    `protocol ${[name.replaceAll("-", "_"), ...options].join(" ")}`,
    "",
    ...actionLines(counterExample),
    `until time >= ${steps.length + REST_MS}ms`,
    "",
    `expect ${claim}`,
  ];
  const lines = body.map((line) => line === "" ? "" : `  ${line}`);
  const title = `${name}: ${violation.kind}`;
  return [
    "ckpt 1",
    "",
    ...words,
    `// ${violation.message}`,
    `scenario "${title}" {`,
    ...lines,
    "}",
    "",
  ]
    .join("\n");
}
