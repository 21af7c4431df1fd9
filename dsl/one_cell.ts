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

export const IMAGE_FLAG: Flag = {
  name: "save-image",
  value: "when",
  choices: TRACES,
  help: "Of which cells the images on the disks at the end are left in the out folder, each in a " +
    "folder that exec --restore reads: never (default), failed, always.",
};

/** The folder of a cell's images, below its own. */
export const IMAGES = "images";

/** How cells are run, as plain data. */
export interface CellOptions extends Bounds {
  readonly workers?: number | "auto";
  readonly jit: Jit;
  readonly trace: Traced;
  /** Never unless given. */
  readonly saveImage?: Traced;
}

/** A file about a cell. */
export interface CellFile {
  readonly kind: string;
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** What came of a cell. */
export interface CellRun {
  readonly result: CellResult;
  readonly files: readonly CellFile[];
}

/** What running one cell needs. */
export interface OneCell extends Running, Pick<CellOptions, "trace" | "saveImage"> {
  /** Run again, and what differs is a problem. */
  readonly twice: boolean;
  readonly ingredients: Ingredients;
}

/** Runs a cell. */
export async function runOne(plan: Plan, given: OneCell): Promise<CellRun> {
  const { trace, saveImage = "never", twice } = given;
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
  const always = trace === "always" || saveImage === "always";
  const record = always && plan.explore === undefined;
  const result = await run(plan, { ...running, record });
  const isWanted = (when: Traced) =>
    when === "always" || when === "failed" && result.verdict !== "holds";
  const isAny = isWanted(trace) || isWanted(saveImage);
  if (!isAny || given.interrupted()) return { result, files: [] };
  const told = stories.size > 0 ? result : await recorded(plan, running, result);
  // What was cut off in the middle is neither another run nor a story.
  if (given.interrupted()) return { result, files: [] };
  const ingredients = { ...given.ingredients, bounds: given };
  const all = [...stories.values()];
  const files = [
    ...isWanted(trace) ? filesOf(plan, told, all, ingredients) : [],
    ...isWanted(saveImage) ? imageFiles(all) : [],
  ];
  return { result: told, files };
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
    return text === undefined ? [] : [{ kind, name, content: text }];
  });
}

/** The images on the disks at the end of each world. */
const imageFiles = (stories: readonly Story[]): readonly CellFile[] =>
  stories.flatMap(({ view, recording }) =>
    (recording.images?.() ?? []).flatMap(({ node, label, files }) =>
      files.map(({ name, bytes }): CellFile => ({
        kind: "image",
        name: [IMAGES, ...view === "" ? [] : [view], node, label, name].join("/"),
        content: bytes,
      }))
    )
  );
