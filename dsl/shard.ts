/**
 * Shards: the cells dealt to several machines, each of which knows alone which are its own. By what
 * each cell cost in an earlier run the longest goes first, to who has least so far; without a plan
 * of costs a digest of the name decides.
 */
import { Digest } from "../core/mod.ts";
import { type Flag, UsageError } from "./flags.ts";
import type { Host } from "./host.ts";

/** One of `count` parts, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The version of a plan of costs as a file. */
export const COSTS_VERSION = 1;

/** What cells cost, by their ids without the seed. */
export type Costs = Readonly<Record<string, number>>;

export const SHARD_FLAGS: readonly Flag[] = [
  {
    name: "shard",
    value: "i/n|auto",
    help: "Only the i-th of n parts of the cells; auto takes both from CI: CI_NODE_INDEX and " +
      "CI_NODE_TOTAL, or JOB_COMPLETION_INDEX (from 0) and JOB_COMPLETIONS.",
  },
  {
    name: "plan",
    value: "costs.json",
    help:
      "What the cells cost in an earlier run (its out folder has costs.json): shards are dealt " +
      "by it. All shards need the same one.",
  },
];

const WANTED = "--shard takes i/n with i from 1 to n, such as 2/4, or auto";

/** Reads `--shard`. */
export function readShard(text: string, environment: Host["environment"]): Shard {
  if (text === "auto") return fromEnvironment(environment);
  const [, index = "", count = ""] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  return checked(Number(index), Number(count), `${WANTED}, not '${text}'`);
}

function checked(index: number, count: number, why: string): Shard {
  if (index >= 1 && index <= count) return { index, count };
  throw new UsageError(why);
}

function fromEnvironment(environment: Host["environment"]): Shard {
  const number = (name: string): number | undefined => {
    const text = environment[name] ?? "";
    return /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const completion = number("JOB_COMPLETION_INDEX");
  const index = number("CI_NODE_INDEX") ?? (completion === undefined ? undefined : completion + 1);
  const count = number("CI_NODE_TOTAL") ?? number("JOB_COMPLETIONS");
  if (index === undefined || count === undefined) {
    throw new UsageError(
      "--shard auto: set CI_NODE_INDEX and CI_NODE_TOTAL, or JOB_COMPLETION_INDEX and " +
        "JOB_COMPLETIONS; or say --shard i/n",
    );
  }
  return checked(index, count, `--shard auto: there is no part ${index} of ${count}`);
}

/** A cell's id without its seed: what costs are known by. */
export const costKey = (id: string): string => id.slice(0, id.lastIndexOf("@"));

/** Reads a plan of costs. */
export function readCosts(text: string, name: string): Costs {
  const bad = (why: string) =>
    new UsageError(`--plan ${name}: ${why}; expected the costs.json of an earlier run`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw bad("it is no JSON");
  }
  const { version, costs } = (document ?? {}) as { version?: unknown; costs?: unknown };
  if (version !== COSTS_VERSION || typeof costs !== "object" || costs === null) {
    throw bad(`it has no costs of version ${COSTS_VERSION}`);
  }
  const wrong = Object.entries(costs).find(([, cost]) => !(typeof cost === "number" && cost >= 0));
  if (wrong !== undefined) throw bad(`'${wrong[0]}' costs ${JSON.stringify(wrong[1])}`);
  return costs as Costs;
}

/** A plan of costs as a file. */
export const costsText = (costs: Costs): string => {
  const sorted = Object.entries(costs).sort(([a], [b]) => a < b ? -1 : 1);
  return JSON.stringify(
    { version: COSTS_VERSION, costs: Object.fromEntries(sorted) },
    undefined,
    1,
  ) + "\n";
};

/** What a plan is known by, so that shards of different plans are not taken for one run. */
export const planName = (costs: Costs | undefined): string =>
  costs === undefined ? "hash" : new Digest().add(costsText(costs)).hex;

/**
 * The cells of each shard, in the order they were given. Every cell is in exactly one.
 *
 * @example
 * ```ts
 * import { deal } from "./shard.ts";
 * const shards = deal(["a@1", "b@1", "c@1"], 2, { a: 9, b: 5, c: 4 });
 * if (shards[0]?.join() !== "a@1" || shards[1]?.join() !== "b@1,c@1") throw new Error("unreachable");
 * ```
 */
export function deal(
  ids: readonly string[],
  count: number,
  costs: Costs | undefined,
): readonly (readonly string[])[] {
  const owner = costs === undefined ? byName(count) : byCost(ids, count, costs);
  return Array.from({ length: count }, (_, shard) => ids.filter((id) => owner(id) === shard));
}

const byName = (count: number) => (id: string): number =>
  Number(BigInt(`0x${new Digest().add(costKey(id)).hex}`) % BigInt(count));

function byCost(ids: readonly string[], count: number, costs: Costs): (id: string) => number {
  const known = ids.flatMap((id) => costs[costKey(id)] ?? []);
  // What nobody knows counts as what is usual.
  const usual = known.reduce((sum, cost) => sum + cost, 0) / Math.max(1, known.length);
  const costOf = (id: string): number => costs[costKey(id)] ?? usual;
  const ordered = [...ids].sort((a, b) => costOf(b) - costOf(a) || (a < b ? -1 : 1));
  const loads = Array<number>(count).fill(0);
  const owners = new Map<string, number>();
  for (const id of ordered) {
    const least = loads.indexOf(Math.min(...loads));
    owners.set(id, least);
    loads[least] = (loads[least] ?? 0) + costOf(id);
  }
  return (id) => owners.get(id) ?? 0;
}
