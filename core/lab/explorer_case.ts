/** What is explored: who sends how much to whom, and what else may happen, at any moment. */
import type { ProcessId, Protocol } from "../cluster/protocol.ts";
import { takesPartInMoves } from "./coordinated_moves.ts";

/** The destinations of a process's messages in order, by rank. */
export type SendPlan = readonly (readonly ProcessId[])[];

/** A small world; everything in it may happen whenever it can. */
export interface ExploreCase {
  /** Its length is the number of processes. */
  readonly plan: SendPlan;
  /** fifo: a channel keeps order, those of control messages too; any: none does. */
  readonly order: "fifo" | "any";
  /** Global checkpoints asked for. */
  readonly requests: number;
  /** Processes that end, each when it has sent everything. */
  readonly exits: number;
  /** Processes that a signal ends. */
  readonly kills: number;
  /** Processes that are lost, of which the protocol hears later. */
  readonly crashes: number;
  /** The last so many processes begin later. */
  readonly joins: number;
  /** Timers that go off; others never do, so that a deadlock is not taken for a timeout. */
  readonly timeouts: number;
  /** Crashes of the manager: its timers and a line being recorded do not come back. */
  readonly restarts: number;
  /** Moves of a process to elsewhere, for a protocol that takes part in them. */
  readonly moves: number;
  /** Local checkpoints that come to nothing by themselves. */
  readonly failures: number;
}

/** Cases of one kind: all plans of so many processes and messages. */
export interface ExploreScope extends Partial<Omit<ExploreCase, "plan">> {
  readonly processes: number;
  /** That each process sends. */
  readonly messages: number;
}

/** Everything that can happen to a protocol, once or twice, where it is still quick. */
export const STANDARD_SCOPES: readonly ExploreScope[] = [
  { processes: 2, messages: 2, requests: 2 },
  { processes: 2, messages: 2, exits: 1 },
  { processes: 2, messages: 1, requests: 2, exits: 1 },
  { processes: 2, messages: 1, exits: 2 },
  { processes: 2, messages: 1, requests: 2, kills: 1 },
  { processes: 2, messages: 1, requests: 2, crashes: 1 },
  { processes: 2, messages: 1, requests: 2, joins: 1, exits: 1 },
  { processes: 2, messages: 1, requests: 2, timeouts: 1 },
  { processes: 2, messages: 1, requests: 2, restarts: 1 },
  { processes: 2, messages: 1, kills: 1, restarts: 1 },
  { processes: 2, messages: 1, failures: 1 },
  { processes: 3, messages: 1 },
  { processes: 3, messages: 1, requests: 2 },
  { processes: 3, messages: 1, exits: 1 },
  { processes: 3, messages: 1, kills: 1 },
  { processes: 3, messages: 1, crashes: 1 },
  { processes: 3, messages: 1, joins: 1 },
  { processes: 3, messages: 1, timeouts: 1 },
];

/** And to one that takes part in moves. */
const MOVE_SCOPES: readonly ExploreScope[] = [
  { processes: 2, messages: 2, moves: 2, requests: 0 },
  { processes: 2, messages: 1, moves: 1, requests: 1 },
  { processes: 2, messages: 1, moves: 1, exits: 1, requests: 0 },
  { processes: 2, messages: 1, moves: 1, kills: 1, requests: 0 },
  { processes: 2, messages: 1, moves: 1, crashes: 1, requests: 0 },
  { processes: 2, messages: 1, moves: 1, joins: 1, requests: 0 },
  { processes: 2, messages: 1, moves: 1, restarts: 1, requests: 0 },
  { processes: 3, messages: 1, moves: 1, requests: 0 },
  { processes: 3, messages: 0, moves: 2, requests: 0 },
];

/** The scopes with moves, for who takes part in them. */
export const moveScopesOf = (protocol: Pick<Protocol, "moves" | "manager">) =>
  takesPartInMoves(protocol) ? MOVE_SCOPES : [];

/** The scopes in which a protocol is explored when nobody says otherwise. */
export const scopesOf = (
  protocol: Pick<Protocol, "moves" | "manager">,
): readonly ExploreScope[] => [
  ...STANDARD_SCOPES,
  ...moveScopesOf(protocol),
];

/** The cases of a scope. */
export const casesOf = ({ processes, messages, ...given }: ExploreScope): readonly ExploreCase[] =>
  sendPlans(processes, messages, given.joins).map((plan) => exploreCase(plan, given));

/** "0 to 1, 1 to 0; any order; 2 requests, 1 exit" */
export function caseText({ plan, order, ...events }: ExploreCase): string {
  const counted = Object.entries(events).filter(([, count]) => count > 0).map(([name, count]) =>
    `${count} ${count === 1 ? SINGULAR[name] ?? name : name}`
  );
  return [planText(plan), order, counted.join(", ")].filter((part) => part !== "").join("; ");
}

const SINGULAR: Readonly<Record<string, string>> = {
  requests: "request",
  exits: "exit",
  kills: "kill",
  crashes: "crash",
  joins: "join",
  timeouts: "timeout",
  restarts: "restart",
  moves: "move",
  failures: "failure",
};

/** The case of a plan in which, but for what is given, one checkpoint is taken and nobody ends. */
export const exploreCase = (
  plan: SendPlan,
  given: Partial<Omit<ExploreCase, "plan">> = {},
): ExploreCase => ({
  plan,
  order: "any",
  requests: 1,
  exits: 0,
  kills: 0,
  crashes: 0,
  joins: 0,
  timeouts: 0,
  restarts: 0,
  moves: 0,
  failures: 0,
  ...given,
});

/** Every way to choose so many destinations out of the others. */
function destinations(self: ProcessId, processes: number, messages: number): ProcessId[][] {
  let lists: ProcessId[][] = [[]];
  for (let sent = 0; sent < messages; sent++) {
    lists = lists.flatMap((list) =>
      Array.from({ length: processes }, (_, to) => to).filter((to) => to !== self)
        .map((to) => [...list, to])
    );
  }
  return lists;
}

/** Every order of the ranks that leaves those from `fixed` on where they are. */
function renamings(processes: number, fixed: number): ProcessId[][] {
  let orders: ProcessId[][] = [[]];
  for (let rank = 0; rank < processes; rank++) {
    orders = orders.flatMap((order) =>
      Array.from({ length: processes }, (_, to) => to)
        .filter((to) => !order.includes(to) && (rank < fixed ? to < fixed : to === rank))
        .map((to) => [...order, to])
    );
  }
  return orders;
}

function renamed(plan: SendPlan, names: readonly ProcessId[]): SendPlan {
  const result: ProcessId[][] = plan.map(() => []);
  plan.forEach((list, from) => {
    result[names[from] ?? from] = list.map((to) => names[to] ?? to);
  });
  return result;
}

/**
 * All plans in which everybody sends so many messages, one of each that differ in names only. The
 * last `joins` processes are not like the others.
 *
 * @example
 * ```ts
 * import { sendPlans } from "./explorer_case.ts";
 * if (sendPlans(2, 2).length !== 1 || sendPlans(3, 1).length !== 2) throw new Error("unreachable");
 * ```
 */
export function sendPlans(processes: number, messages: number, joins = 0): readonly SendPlan[] {
  if (processes === 1) return [[[]]];
  let plans: ProcessId[][][] = [[]];
  for (let self = 0; self < processes; self++) {
    const choices = destinations(self, processes, messages);
    plans = plans.flatMap((plan) => choices.map((choice) => [...plan, choice]));
  }
  const names = renamings(processes, processes - joins);
  return plans.filter((plan) => {
    const own = JSON.stringify(plan);
    return names.every((name) => own <= JSON.stringify(renamed(plan, name)));
  });
}

/** "0 to 1 1, 1 to 0" */
export const planText = (plan: SendPlan): string =>
  plan.flatMap((list, from) => list.length === 0 ? [] : [`${from} to ${list.join(" ")}`])
    .join(", ") || "no messages";
