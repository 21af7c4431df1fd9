/**
 * The declared cost in an explored world. A protocol that polls may do so any number of times, which
 * is no number of states: whole rounds that change no verdict are not counted.
 */
import { readOptions } from "../base/option.ts";
import type { MessageCounts, Protocol } from "../cluster/protocol.ts";
import {
  costDifference,
  type DeclaredCost,
  declaredCost,
  inRounds,
  lineCost,
  roundsOf,
} from "./declared_cost.ts";

/** What is declared for a world, and the same by index of the protocol's kinds. */
export interface ExploredCost {
  readonly declared: DeclaredCost;
  readonly kinds: readonly string[];
  readonly once: readonly number[];
  /** Absent where the protocol does not poll. */
  readonly perRound: readonly number[] | undefined;
  /** Of each application message. */
  readonly perMessage: readonly number[];
  /** Of a line with so many members and dependencies; absent where that is not declared. */
  readonly perDependency: ((members: number, dependencies: number) => MessageCounts) | undefined;
}

/** What the protocol declares for so many processes. */
export function exploredCost(protocol: Protocol, n: number): ExploredCost {
  const { kinds, messageCost = {} } = protocol;
  const { values } = readOptions(protocol.options, {});
  const declared = declaredCost(protocol, { n, options: values });
  const { once, perRound } = declared;
  return {
    declared,
    kinds,
    once: kinds.map((kind) => once[kind] ?? 0),
    perRound: perRound === undefined ? undefined : kinds.map((kind) => perRound[kind] ?? 0),
    perMessage: kinds.map((kind) => messageCost[kind] ?? 0),
    perDependency: protocol.perDependency === undefined
      ? undefined
      : (members, dependencies) =>
        lineCost(protocol, { n: members, options: values }, dependencies),
  };
}

/**
 * The counts without those of a line that was declared: of a protocol whose lines cost what their
 * members depend on, nothing may be left in the end, so nothing else has to be remembered.
 */
export function withoutLine(
  counts: readonly number[],
  { kinds, perDependency }: ExploredCost,
  members: number,
  dependencies: number,
): readonly number[] {
  const declared = perDependency?.(members, dependencies) ?? {};
  return counts.map((count, kind) => count - (declared[kinds[kind] ?? ""] ?? 0));
}

/**
 * The counts without a whole round that they can do without: so many checkpoints were asked for, and
 * each has its messages and a round all the same.
 */
export function withoutRound(
  counts: readonly number[],
  { once, perRound }: ExploredCost,
  asked: number,
): readonly number[] {
  if (perRound === undefined) return counts;
  const least = Math.max(1, asked);
  const isSpare = perRound.every((each, kind) =>
    each === 0 || (counts[kind] ?? 0) >= least * ((once[kind] ?? 0) + each) + each
  );
  return isSpare ? counts.map((count, kind) => count - (perRound[kind] ?? 0)) : counts;
}

/** What is wrong with the counts of completed checkpoints and received messages, in words; undefined where nothing is. */
export function wrongCost(
  { declared, kinds, perDependency, perMessage }: ExploredCost,
  counts: readonly number[],
  completed: number,
  received = 0,
): string | undefined {
  if (perDependency !== undefined) {
    const kind = counts.findIndex((count) => count !== 0), count = counts[kind] ?? 0;
    if (count === 0) return undefined;
    const how = count > 0 ? "more" : "fewer";
    return `${completed} lines took ${Math.abs(count)} ${kinds[kind]} ${how} than declared`;
  }
  const ofMessages = (index: number) => received * (perMessage[index] ?? 0);
  const found = new Map(
    kinds.map((kind, index) => [kind, (counts[index] ?? 0) - ofMessages(index)]),
  );
  const difference = costDifference(declared, found, completed);
  if (difference === undefined) return undefined;
  const took = `${completed} checkpoints took ${difference.found} ${difference.kind}`;
  const besides = perMessage.some((count) => count > 0)
    ? `, besides those of ${received} messages`
    : "";
  const rounds = inRounds(roundsOf(declared, found, completed));
  return `${took}${besides}, declared are ${difference.declared}${rounds}`;
}
