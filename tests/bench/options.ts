/** The command line of the bench. */
import { parseArgs } from "@std/cli/parse-args";

/** The parts there are, in the order they run. */
export const PARTS = {
  qemu: "whole processes against qemu-sh4, on the same file",
  start: "whole processes that have little to do",
  engines: "translator against evaluator, in this process",
  checkpoints: "checkpoint and restore of 64 MiB against a plain copy",
  concurrent: "a concurrent checkpoint of 64 MiB as the program sees it",
  cluster: "Workers, messages and processes of a cluster",
  editor: "checking a script, and an editor's server that answers",
} as const;
/** One of {@linkcode PARTS}. */
export type Part = keyof typeof PARTS;

/** What is measured, and how often. */
export interface BenchOptions {
  readonly parts: readonly Part[];
  readonly pairs: number;
  /** Everything small: whether it runs, not how fast. */
  readonly quick: boolean;
  /** The folder with a compiler and with programs that nobody here wrote. */
  readonly cache: string | undefined;
  readonly json: string | undefined;
  /** The greatest cluster, in processes. */
  readonly most: number;
}

const NAMES = Object.keys(PARTS) as Part[];

export const USAGE = "usage: deno task bench [--pairs 5] [--only PART]… [--cache DIR] " +
  "[--json FILE] [--most 4096] [--quick]\n" +
  "  --pairs N    pairs of each measurement\n" +
  "  --only PART  only these parts: " + NAMES.join(", ") + "\n" +
  "  --cache DIR  also the programs in DIR/programs, as .ci/toolchain makes them\n" +
  "  --json FILE  every sample, into a file\n" +
  "  --most N     the greatest cluster, in processes\n" +
  "  --quick      one pair, of smaller programs and clusters: whether it runs, not how fast\n";

/** The command line is wrong, and why. */
export class UsageError extends Error {}

/** Nothing: help is asked for. */
export function readBenchOptions(words: readonly string[]): BenchOptions | undefined {
  const args = parseArgs(words.filter((word) => word !== "--"), {
    string: ["pairs", "only", "cache", "json", "most"],
    collect: ["only"],
    boolean: ["quick", "help"],
    unknown: (word) => {
      throw new UsageError(`there is no ${word}`);
    },
  });
  if (args.help) return undefined;
  const { cache, json, quick } = args;
  if (cache === "") throw new UsageError("--cache needs a folder");
  if (json === "") throw new UsageError("--json needs a file");
  return {
    parts: partsOf(args.only),
    pairs: wholeNumber("pairs", args.pairs, quick ? 1 : 5),
    quick,
    cache,
    json,
    most: wholeNumber("most", args.most, quick ? 16 : 4096),
  };
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`--${name} is a whole number from 1, not '${text}'`);
}

function partsOf(only: readonly string[] | undefined): readonly Part[] {
  if (only === undefined || only.length === 0) return NAMES;
  const asked = only.flatMap((names) => names.split(","));
  const wrong = asked.find((name) => !(NAMES as string[]).includes(name));
  if (wrong !== undefined) {
    throw new UsageError(`--only: there is no part '${wrong}', only ${NAMES.join(", ")}`);
  }
  return NAMES.filter((name) => asked.includes(name));
}
