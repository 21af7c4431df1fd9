/**
 * A planted bug that few seeds show: it is searched for, and the run that shows it is shrunk, over
 * the real program. `tests/mutants/rare_bug.ckpt` is the scenario.
 */
import { assert, assertEquals } from "@std/assert";
import { reproText } from "../../dsl/artefacts/repro.ts";
import { load } from "../../dsl/load.ts";
import { parse } from "../../dsl/parse.ts";
import type { CellResult } from "../../dsl/results.ts";
import { runCell } from "../../dsl/run.ts";
import { sourceOf } from "../../dsl/source.ts";
import { parts } from "../../mod.ts";
import { inProcess } from "../command/workshop.ts";

const SCRIPT = "tests/mutants/rare_bug.ckpt";
const REPRO = "tests/mutants/out/repro.json";
const SHRUNK = "tests/mutants/out/shrunk.ckpt";

/** A search that found something. */
export interface Search {
  readonly result: CellResult;
  /** The `repro.json` of the first failing seed. */
  readonly repro: string;
}

/** Runs the scenario: as it stands, all its seeds, or one of them. */
export async function search(
  how: { readonly all?: true; readonly seed?: number; readonly tell?: (ran: number) => void } = {},
): Promise<Search> {
  const { vocabulary, makeLab, version } = parts;
  const overrides = { values: new Map(), used: new Set<string>() };
  const options = { vocabulary, overrides };
  const given = how.seed === undefined ? options : { ...options, seed: how.seed };
  const { scenarios, scripts } = await load(SCRIPT, (path) => Deno.readFile(path), given);
  const plan = scenarios[0]?.plans[0];
  assert(plan?.explore !== undefined, "the scenario explores");
  const stopAfter = how.all === true ? 0 : plan.explore.stopAfter;
  const result = await runCell({ ...plan, explore: { ...plan.explore, stopAfter } }, {
    makeLab,
    workers: 0,
    maxTimeNs: 1_000_000_000,
    interrupted: () => false,
    onSeed: ({ ran }) => how.tell?.(ran),
  });
  return {
    result,
    repro: reproText(plan, result, {
      ckptlab: version,
      language: 1,
      sources: scripts.map(({ span }) => span.source),
    }),
  };
}

/** What comes of a script by itself. */
async function verdictOf(script: string): Promise<string | undefined> {
  const overrides = { values: new Map(), used: new Set<string>() };
  const readFile = () => Promise.resolve(new TextEncoder().encode(script));
  const { vocabulary, makeLab } = parts;
  const { scenarios } = await load(SHRUNK, readFile, { vocabulary, overrides });
  const plan = scenarios[0]?.plans[0];
  const running = { makeLab, workers: 0, maxTimeNs: 1_000_000_000, interrupted: () => false };
  return plan === undefined ? undefined : (await runCell(plan, running)).verdict;
}

/** A script that was found, and how it reads. */
export interface Found {
  readonly script: string;
  readonly statements: number;
  /** "shrunk 15 → 6 statements in 38 runs" */
  readonly summary: string;
}

/** Shrinks a run, and runs what was found. */
export async function shrink(repro: string): Promise<Found> {
  const kept = new Map([[REPRO, repro]]);
  const { code, out, err } = await inProcess(["shrink", REPRO], {}, kept);
  assertEquals(code, 0, out + err);
  const script = kept.get(SHRUNK) ?? "";
  const items = parse(sourceOf(SHRUNK, script)).script.statements.at(-1)?.args["items"];
  assertEquals(await verdictOf(script), "failed", script);
  const summary = /^shrunk .*$/m.exec(out + err)?.[0] ?? "";
  return { script, statements: (items as readonly unknown[]).length, summary };
}

/** The longest script that counts as shrunk, in statements of the scenario. */
export const MOST = 6;
