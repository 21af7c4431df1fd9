/**
 * What the programs of this folder have in common: which engines run a case, and cases side by side,
 * each a report of its own.
 */
import { type EngineOptions, JITS } from "../../core/mod.ts";
import { sideBySide } from "../laws/side_by_side.ts";

/** Flags of the engines and of the parts, all of them with a value. */
export const PART_FLAGS = ["jit", "hot", "jobs", "part"] as const;

/** Their values. */
export type PartFlags = { readonly [name in typeof PART_FLAGS[number]]?: string | undefined };

/** A whole number from 1, if there is any. */
function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`--${name}: expected a whole number from 1 but found '${text}'`);
}

/** The engines that `--jit` and `--hot` ask for. */
export function enginesOf({ jit = "on", hot }: PartFlags): EngineOptions {
  const known = JITS.find((each) => each === jit);
  if (known === undefined) {
    throw new Error(`--jit: expected ${JITS.join(", ")} but found '${jit}'`);
  }
  const often = numberOf("hot", hot);
  return { jit: known, ...(often === undefined ? {} : { hot: often }) };
}

/** What came of one case, or of several. */
export interface Report {
  passed: number;
  failed: number;
  /** What there is to say of it, in order. */
  readonly lines: string[];
}

/** A report to be filled. */
export const newReport = (): Report => ({ passed: 0, failed: 0, lines: [] });

/** All that is run: its cases have numbers. */
export interface Parts {
  readonly script: string;
  readonly flags: PartFlags;
  readonly count: number;
  readonly run: (index: number) => Report | Promise<Report>;
}

/**
 * Runs the cases in as many processes as there are processors, or `--jobs`, and tells what came of
 * them. In such a process (`--part`) it runs its part, and only that is done.
 */
export async function runParts({ script, flags, count, run }: Parts): Promise<Report> {
  if (flags.part !== undefined) {
    const [part, parts] = flags.part.split("/").map(Number) as [number, number];
    for (let index = part; index < count; index += parts) {
      console.log(JSON.stringify([index, await run(index)]));
    }
    Deno.exit(0);
  }
  const all = newReport();
  const jobs = numberOf("jobs", flags.jobs) ?? navigator.hardwareConcurrency;
  let done = 0;
  await sideBySide<Report>({
    script: new URL(script),
    args: Deno.args,
    jobs: Math.max(1, Math.min(jobs, count)),
    permissions: ["--allow-all"],
    take: (_, { passed, failed, lines }) => {
      all.passed += passed;
      all.failed += failed;
      for (const line of lines) console.log(line);
      if (++done % 200 === 0) console.log(`… ${done} of ${count}`);
    },
  });
  if (done !== count) throw new Error(`${done} of ${count} cases were run`);
  return all;
}

/** The line that closes it all, and the end: something must have passed, and nothing failed. */
export function close({ passed, failed }: Report): never {
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
}
