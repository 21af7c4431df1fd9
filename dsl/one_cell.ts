/** Runs one cell, once or twice, and makes the files about it: the same here and in a Worker. */
import type { Jit } from "../core/mod.ts";
import { ARTEFACTS } from "./artefacts/mod.ts";
import type { Ingredients } from "./artefacts/repro.ts";
import type { Story } from "./artefacts/story.ts";
import type { Flag } from "./flags.ts";
import type { Plan } from "./plan.ts";
import { type CellResult, worst } from "./results.ts";
import { type Bounds, runCell, type Running } from "./run.ts";
import type { View } from "./value.ts";
import { runTwice } from "./verify.ts";

/** Of which cells there are files. */
export const TRACES = ["never", "failed", "always"] as const;

/** One of {@linkcode TRACES}. */
export type Traced = (typeof TRACES)[number];

export const TRACE_FLAG: Flag = {
  name: "trace",
  value: "when",
  choices: TRACES,
  help: "Of which cells files are left in the out folder: trace, Perfetto, space-time diagram, " +
    "ShiViz, repro.json. failed (default): those that do not hold, which are run again for it.",
};

/** How cells are run, as plain data. */
export interface CellOptions extends Bounds {
  readonly workers?: number | "auto";
  readonly jit: Jit;
  readonly trace: Traced;
}

/** A file about a cell. */
export interface CellFile {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

/** What came of a cell. */
export interface CellRun {
  readonly result: CellResult;
  readonly files: readonly CellFile[];
}

/** What running one cell needs. */
export interface OneCell extends Running {
  readonly trace: Traced;
  /** Run again, and what differs is a problem. */
  readonly twice: boolean;
  readonly ingredients: Ingredients;
}

/** Runs a cell. */
export async function runOne(plan: Plan, given: OneCell): Promise<CellRun> {
  const { trace, twice } = given;
  const stories = new Map<View, Story>();
  const running: Running = {
    ...given,
    seen: (view, lab) => {
      const { recording, trace: { events }, now: endedNs } = lab;
      if (recording !== undefined) stories.set(view, { view, endedNs, events, recording });
    },
  };
  const run = twice ? runTwice : runCell;
  // Of a search only the run it came to is recorded, afterwards.
  const record = trace === "always" && plan.explore === undefined;
  const result = await run(plan, { ...running, record });
  const isWanted = trace === "always" || trace === "failed" && result.verdict !== "holds";
  if (!isWanted || given.interrupted()) return { result, files: [] };
  const told = stories.size > 0 ? result : await recorded(plan, running, result);
  // What was cut off in the middle is neither another run nor a story.
  if (given.interrupted()) return { result, files: [] };
  const ingredients = { ...given.ingredients, bounds: given };
  return { result: told, files: filesOf(plan, told, [...stories.values()], ingredients) };
}

/**
 * Does the run once more with labs that record, of a search the one that is told: it must do the same.
 */
async function recorded(plan: Plan, running: Running, result: CellResult): Promise<CellResult> {
  const { decisions } = result;
  const again = await runCell(plan, {
    ...running,
    record: true,
    replay: { decisions, how: "following" },
  });
  const other = again.decisions.worlds.find(({ view, traceHash }) =>
    decisions.worlds.some((world) => world.view === view && world.traceHash !== traceHash)
  );
  if (other === undefined) return result;
  const where = other.view === "" ? "" : ` of ${other.view}`;
  const message = `run again for its files, the trace${where} differs; --verify tells where`;
  const problem = { verdict: "nondeterministic", span: plan.span, message } as const;
  const verdict = worst([result.verdict, problem.verdict]);
  return { ...result, verdict, problems: [problem, ...result.problems] };
}

function filesOf(
  plan: Plan,
  result: CellResult,
  stories: readonly Story[],
  ingredients: Ingredients,
): readonly CellFile[] {
  if (stories.length === 0) return [];
  return ARTEFACTS.flatMap(({ kind, name, make }) => {
    const text = make({ plan, result, stories, ingredients });
    return text === undefined ? [] : [{ kind, name, text }];
  });
}
