/**
 * What a protocol declares that its checkpoints cost in control messages, and what they cost: the same
 * to the last message, in one whole number of rounds where it polls, and for as many dependencies as
 * there were where it asks only those on whom somebody depends.
 */
import type { CheckpointShape, MessageCounts, Protocol } from "../cluster/protocol.ts";

/** What a protocol declares for a checkpoint of that shape. */
export interface DeclaredCost {
  readonly once: MessageCounts;
  /** Absent where it does not poll. */
  readonly perRound: MessageCounts | undefined;
}

export const declaredCost = (
  protocol: Pick<Protocol, "cost" | "perRound">,
  shape: CheckpointShape,
): DeclaredCost => ({ once: protocol.cost(shape), perRound: protocol.perRound?.(shape) });

/**
 * What is declared for a line of that shape in which there were so many dependencies: pairs of a member
 * and somebody it had received from since its newest permanent checkpoint.
 *
 * @example
 * ```ts
 * import { lineCost } from "./declared_cost.ts";
 * const row = { cost: ({ n }) => ({ COMMIT: n - 1 }), perDependency: () => ({ REQ: 1, YES: 1 }) };
 * const { COMMIT, REQ, YES } = lineCost(row, { n: 3, options: {} }, 4);
 * if (COMMIT !== 2 || REQ !== 4 || YES !== 4) throw new Error("unreachable");
 * ```
 */
export function lineCost(
  protocol: Pick<Protocol, "cost" | "perDependency">,
  shape: CheckpointShape,
  dependencies: number,
): Record<string, number> {
  const counts: Record<string, number> = { ...protocol.cost(shape) };
  for (const [kind, each] of Object.entries(protocol.perDependency?.(shape) ?? {})) {
    counts[kind] = (counts[kind] ?? 0) + each * dependencies;
  }
  return counts;
}

/** A kind of which another number was sent than declared. */
export interface CostDifference {
  readonly kind: string;
  readonly declared: number;
  readonly found: number;
}

/**
 * The rounds of completed checkpoints that sent so many messages: as many as all kinds have paid for,
 * and one in each checkpoint at the least. 0 where the protocol does not poll.
 */
export function roundsOf(
  { once, perRound }: DeclaredCost,
  found: ReadonlyMap<string, number>,
  checkpoints = 1,
): number {
  if (perRound === undefined) return 0;
  const paid = Object.entries(perRound).filter(([, each]) => each > 0).map(([kind, each]) =>
    Math.floor(((found.get(kind) ?? 0) - checkpoints * (once[kind] ?? 0)) / each)
  );
  return Math.max(checkpoints, Math.min(...paid));
}

/**
 * The first kind of which completed checkpoints sent more or fewer than declared.
 *
 * @example
 * ```ts
 * import { costDifference } from "./declared_cost.ts";
 * const declared = { once: { DONE: 2 }, perRound: { ASK: 2, SAY: 2 } };
 * const found = (ask: number) => new Map([["DONE", 2], ["ASK", ask], ["SAY", 6]]);
 * if (costDifference(declared, found(6)) !== undefined) throw new Error("unreachable");
 * if (costDifference(declared, found(7))?.declared !== 6) throw new Error("unreachable");
 * ```
 */
export function costDifference(
  cost: DeclaredCost,
  found: ReadonlyMap<string, number>,
  checkpoints = 1,
): CostDifference | undefined {
  const { once, perRound = {} } = cost;
  const rounds = roundsOf(cost, found, checkpoints);
  for (const kind of new Set([...Object.keys(once), ...Object.keys(perRound), ...found.keys()])) {
    const declared = checkpoints * (once[kind] ?? 0) + rounds * (perRound[kind] ?? 0);
    const sent = found.get(kind) ?? 0;
    if (sent !== declared) return { kind, declared, found: sent };
  }
  return undefined;
}

/** "1 round", "3 rounds", for who tells of a difference; nothing where the protocol does not poll. */
export const inRounds = (rounds: number): string =>
  rounds === 0 ? "" : ` in ${rounds} ${rounds === 1 ? "round" : "rounds"}`;
