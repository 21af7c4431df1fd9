/** Runs cells: each world in a lab of its own, then the claims, then what all cells tell. */
import type { Jit, Lab, Strategy, UsedPlugin } from "../core/mod.ts";
import { type Diagnostic, diagnostic } from "./diagnostic.ts";
import { judge, type Labs } from "./judge.ts";
import { measured } from "./measured.ts";
import type { FoundScenario } from "./load.ts";
import type { Compared, Plan } from "./plan.ts";
import {
  type CellResult,
  type ClaimResult,
  type Problem,
  type ScenarioResult,
  worst,
} from "./results.ts";
import { HERE, UNDISTURBED, type View } from "./value.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { type Coordination, type Limits, runWorld, type WorldRun } from "./world.ts";

/** What a lab is made for: one world of one cell. */
export interface LabRequest {
  /** The cell's id. */
  readonly id: string;
  readonly seed: number;
  /** Empty, `undisturbed`, or the name of an alternative of compare. */
  readonly world: string;
  /** Workers it may use: 0 for one thread, undefined for what it thinks best. */
  readonly workers: number | "auto" | undefined;
  /** Which engines run the programs. */
  readonly jit: Jit;
  /** The plugins the script uses. */
  readonly plugins: readonly UsedPlugin[];
}

/** Makes the lab of one world. */
export type MakeLab = (cell: LabRequest) => Lab | Promise<Lab>;

/** What running needs. */
export interface Running extends Limits {
  readonly makeLab: MakeLab;
  /** As in {@linkcode LabRequest}. */
  readonly workers?: number | "auto";
  /** "on" unless given. */
  readonly jit?: Jit;
}

/** A shell word in double quotes. */
const quoted = (text: string): string => `"${text.replace(/["\\$`]/g, (sign) => "\\" + sign)}"`;

/** The command that runs a cell again; between # and @ stands that cell's name and no other's. */
export function replayCommand(plan: Plan): string {
  const name = plan.id.slice(plan.file.length, plan.id.lastIndexOf("@") + 1);
  const set = plan.set.map(([key, value]) => ` --set ${quoted(`${key}=${value}`)}`).join("");
  const chosen = `--filter ${quoted(name)} --seed ${plan.seed}${set}`;
  return `deno task scenario run ${shellPath(plan.file)} ${chosen}`;
}

const shellPath = (path: string): string => /^[\w./+-]+$/.test(path) ? path : quoted(path);

/** Whom the alternatives of compare put in the place of the usual one, and the twin leaves out. */
function coordination(plan: Plan, view: View, lab: Lab): Coordination {
  const alternative = plan.alternatives.find(({ name }) => name === view);
  const of = (what: Compared, usual: Strategy | undefined): Strategy | undefined =>
    alternative?.what === what ? alternative.strategy : usual;
  const protocol = view === UNDISTURBED ? undefined : of("protocol", plan.protocol);
  return { lab, checkpointer: of("checkpointer", plan.checkpointer), protocol };
}

/** Ends labs, every one of them, whatever the others say. */
function endAll(labs: readonly Lab[]): void {
  const errors: unknown[] = [];
  for (const lab of labs) {
    try {
      lab.end();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/**
 * Runs one cell: itself or its alternatives, the twin when some claim mentions it. `look` may ask the
 * labs of a run that came to its end, before they are gone.
 */
export async function runCell(
  plan: Plan,
  running: Running,
  look: (labs: Labs) => void = () => {},
): Promise<CellResult> {
  const names = plan.alternatives.map(({ name }) => name);
  const views = [...names.length === 0 ? [HERE] : names, ...plan.twin ? [UNDISTURBED] : []];
  const labs: Lab[] = [];
  const runs: WorldRun[] = [];
  try {
    for (const view of views) {
      const { workers, jit = "on" } = running;
      const cell = { id: plan.id, seed: plan.seed, world: view, plugins: plan.plugins };
      const lab = await running.makeLab({ ...cell, workers, jit });
      labs.push(lab);
      const who = coordination(plan, view, lab);
      runs.push(await runWorld(plan, view, who, running));
    }
    if (runs.every((run) => run.complete)) look(new Map(runs.map((run) => [run.view, run.lab])));
    return cellResult(plan, runs);
  } finally {
    endAll(labs);
  }
}

/** Judges the claims while the labs can still be asked, and puts all together. */
function cellResult(plan: Plan, runs: readonly WorldRun[]): CellResult {
  const problems = runs.flatMap((run) => named(run));
  const labs = new Map(runs.map((run) => [run.view, run.lab]));
  const complete = runs.every((run) => run.complete);
  const monitored = new Map(runs.map((run) => [run.view, run.monitored]));
  const claims = complete ? judge(plan, labs, monitored) : [];
  return {
    id: plan.id,
    seed: plan.seed,
    row: plan.row,
    verdict: worst([...problems, ...claims].map((one) => one.verdict)),
    worlds: runs.map((run) => worldResult(run, plan.vocabulary)),
    claims,
    problems,
    replay: replayCommand(plan),
  };
}

function worldResult({ view, lab, endedNs, fired }: WorldRun, { checkpointMetrics }: Vocabulary) {
  const { traceHash, remarks, events } = lab;
  const checkpoints = measured(lab, checkpointMetrics);
  return { view, endedNs, traceHash, remarks, fired, checkpoints, events };
}

/** Problems of a world of several say in which it was. */
function named(run: WorldRun): readonly Problem[] {
  if (run.view === HERE) return run.problems;
  return run.problems.map((one) => ({ ...one, message: `in ${run.view}: ${one.message}` }));
}

/** A claim that was never applicable is no claim that holds; a law wants three points. */
export function overCells(
  cells: readonly CellResult[],
): { problems: readonly Problem[]; warnings: readonly Diagnostic[] } {
  const problems: Problem[] = [];
  const warnings: Diagnostic[] = [];
  const byClaim = new Map<number, ClaimResult[]>();
  for (const claim of cells.flatMap((cell) => cell.claims)) {
    byClaim.set(claim.span.start, [...byClaim.get(claim.span.start) ?? [], claim]);
  }
  for (const [start, claims] of byClaim) {
    const [first] = claims;
    if (first === undefined) continue;
    const judged = cells.filter((cell) =>
      cell.claims.some((claim) => claim.span.start === start && claim.verdict !== "skipped")
    );
    // The same point twice, as with --set, tells nothing new.
    const points = new Set(judged.map(({ row }) => JSON.stringify(row))).size;
    if (points === 0) {
      const message = "this claim was never judged: its 'if' held nowhere";
      problems.push({ verdict: "unknown", span: first.span, message });
    } else if (first.law && cells.length > 1 && points < 3) {
      const message =
        `vacuous law: judged in ${points} of ${cells.length} cases, at least 3 wanted`;
      warnings.push(diagnostic("CK0701", first.span, message, undefined, "warning"));
    }
  }
  return { problems, warnings };
}

/** Puts the cells of a scenario together. `plans` of them were chosen and run. */
export function scenarioResult(
  scenario: FoundScenario,
  file: string,
  cells: readonly CellResult[],
): ScenarioResult {
  // Part of the cells tells nothing about the others.
  const whole = cells.length === scenario.plans.length;
  const { problems, warnings } = whole ? overCells(cells) : { problems: [], warnings: [] };
  return {
    file,
    title: scenario.title,
    tags: scenario.tags,
    span: scenario.span,
    verdict: worst([...cells, ...problems].map((one) => one.verdict)),
    cells,
    problems,
    warnings,
  };
}
