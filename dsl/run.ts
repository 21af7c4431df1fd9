/** Runs cells: each world in a lab of its own, then the claims, then what all cells tell. */
import {
  Choices,
  type Explored,
  type Jit,
  type Lab,
  type Strategy,
  type UsedPlugin,
} from "../core/mod.ts";
import { type Diagnostic, diagnostic } from "./diagnostic.ts";
import { figuresOf } from "./figures.ts";
import { judge, type Labs } from "./judge.ts";
import { measured } from "./measured.ts";
import type { Compared, Plan } from "./plan.ts";
import {
  type CellResult,
  type ClaimResult,
  type Decisions,
  type Problem,
  type ScenarioResult,
  worst,
} from "./results.ts";
import type { TellableScenario } from "./tell.ts";
import { formatNs } from "./units.ts";
import { HERE, UNDISTURBED, type View } from "./value.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { searchSeeds } from "./search.ts";
import { type Coordination, type Limits, runWorld, type WorldRun } from "./world.ts";

/** What a lab is made for: one world of one cell. */
export interface LabRequest {
  /** The cell's id. */
  readonly id: string;
  readonly seed: number;
  /** Empty, `undisturbed`, or the name of an alternative of compare. */
  readonly world: string;
  /** Who makes the choices of the run, and records them. */
  readonly choices: Choices;
  /** Workers it may use: 0 for one thread, undefined for what it thinks best. */
  readonly workers: number | "auto" | undefined;
  /** Which engines run the programs. */
  readonly jit: Jit;
  /** The plugins the script uses. */
  readonly plugins: readonly UsedPlugin[];
  /** It keeps what pictures of the run need. */
  readonly record: boolean;
}

/** Makes the lab of one world. */
export type MakeLab = (cell: LabRequest) => Lab | Promise<Lab>;

/** Virtual time after which a run counts as endless. */
export const MAX_TIME_NS = 3_600_000_000_000;

/** What flags of a command change about a run: whoever runs it again needs the same. */
export interface Bounds extends Pick<Limits, "maxTimeNs" | "maxEvents"> {
  /** Its plugins are run without permissions; not unless given. */
  readonly isIsolated?: boolean;
}

/** What running needs. */
export interface Running extends Limits, Bounds {
  readonly makeLab: MakeLab;
  /** As in {@linkcode LabRequest}. */
  readonly workers?: number | "auto";
  /** "on" unless given. */
  readonly jit?: Jit;
  /**
   * Runs what was recorded instead of the seeds. "strict": the first choice that is not the recorded
   * one ends it with a `ChoiceError`. "following": each stream of each entity answers what it did,
   * and draws where it is asked more.
   */
  readonly replay?: { readonly decisions: Decisions; readonly how: "strict" | "following" };
  /** Told after each seed of a search. */
  readonly onSeed?: (explored: Explored) => void;
  /** Milliseconds of the host, for the budget of a search; without it there is no such end. */
  readonly clock?: () => number;
  /** Labs keep what pictures of the run need; not unless given. */
  readonly record?: boolean;
  /** Sees the lab of every world when it has ended, however. */
  readonly seen?: (view: View, lab: Lab) => void;
}

/** A shell word in double quotes. */
const quoted = (text: string): string => `"${text.replace(/["\\$`]/g, (sign) => "\\" + sign)}"`;

/**
 * The arguments of `run` that run a cell of a file again, or one seed of it; between # and @ stands
 * that cell's name and no other's.
 */
export function replayArguments(
  plan: Plan,
  bounds: Bounds,
  seed = seedOf(plan),
): readonly string[] {
  const name = plan.id.slice(plan.file.length, plan.id.lastIndexOf("@") + 1);
  const seeded = seed === undefined ? askedFor(plan) : ["--seed", String(seed)];
  const set = plan.set.flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  return ["--filter", name, ...seeded, ...set, ...flagsOf(bounds)];
}

/** What a search was asked for that it does not state: other seeds, another budget. */
function askedFor({ explore }: Plan): readonly string[] {
  if (explore === undefined) return [];
  const { seeds, stated, budgetNs, statedBudgetNs } = explore;
  const isStated = seeds.first === stated.first && seeds.last === stated.last;
  return [
    ...isStated ? [] : ["--seeds", `${seeds.first}..${seeds.last}`],
    ...budgetNs === statedBudgetNs ? [] : ["--budget", formatNs(budgetNs)],
  ];
}

/** The flags for what is not as usual. */
function flagsOf({ maxTimeNs, maxEvents, isIsolated }: Bounds): readonly string[] {
  return [
    ...maxTimeNs === MAX_TIME_NS ? [] : ["--max-time", formatNs(maxTimeNs)],
    ...maxEvents === undefined ? [] : ["--max-events", String(maxEvents)],
    ...isIsolated === true ? ["--isolate"] : [],
  ];
}

/** The command that does it. */
export function replayCommand(plan: Plan, bounds: Bounds, seed = seedOf(plan)): string {
  const words = replayArguments(plan, bounds, seed)
    .map((word) => /^[\w.-]+$/.test(word) ? word : quoted(word));
  return `deno task scenario run ${shellPath(plan.file)} ${words.join(" ")}`;
}

/** The seed of a cell that has one. */
const seedOf = ({ seed, explore }: Plan): number | undefined =>
  explore === undefined || explore.seeds.first === explore.seeds.last ? seed : undefined;

/** A path as a shell takes it. */
export const shellPath = (path: string): string => /^[\w./+-]+$/.test(path) ? path : quoted(path);

/** Whom the alternatives of compare put in the place of the usual one, and the twin leaves out. */
function coordination(plan: Plan, view: View, lab: Lab): Coordination {
  const alternative = plan.alternatives.find(({ name }) => name === view);
  const of = (what: Compared, usual: Strategy | undefined): Strategy | undefined =>
    alternative?.what === what ? alternative.strategy : usual;
  const protocol = view === UNDISTURBED ? undefined : of("protocol", plan.protocol);
  const checkpointer = of("checkpointer", plan.checkpointer);
  return { lab, checkpointer, protocol, storage: of("storage", plan.storage) };
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

/** Who makes the choices of one world. */
function choicesOf(plan: Plan, view: View, { replay }: Running): Choices {
  const { seed, explore, vocabulary } = plan;
  if (replay !== undefined) {
    const recorded = replay.decisions.worlds.find((world) => world.view === view)?.choices ?? [];
    return replay.how === "strict"
      ? Choices.replaying(seed, recorded)
      : Choices.following(seed, recorded);
  }
  const search = vocabulary.searches.find(({ name }) => name === explore?.search.name);
  return new Choices(seed, search?.decide(seed, explore?.search.options as never));
}

/** Makes the lab of one world, which whoever asked for it ends. */
export async function labFor(
  plan: Plan,
  view: View,
  running: Running,
): Promise<{ lab: Lab; choices: Choices }> {
  const { id, seed, plugins } = plan;
  const { workers, jit = "on", record = false } = running;
  const choices = choicesOf(plan, view, running);
  const request = { id, seed, world: view, choices, plugins, workers, jit, record };
  return { lab: await running.makeLab(request), choices };
}

/** Runs one world to its end. */
export const runView = (
  plan: Plan,
  view: View,
  lab: Lab,
  running: Running,
): Promise<WorldRun> => runWorld(plan, view, coordination(plan, view, lab), running);

/** One run of a cell under one seed: its result without what is recorded, and the worlds. */
export interface SeedRun {
  readonly cell: Omit<CellResult, "decisions">;
  /** Of this run; they take room, so they are only made when they are wanted. */
  readonly decisions: () => Decisions;
}

/** Runs a cell under the seed of its plan: itself or its alternatives, the twin if mentioned. */
export async function runSeed(
  plan: Plan,
  running: Running,
  look: (labs: Labs) => void = () => {},
): Promise<SeedRun> {
  const names = plan.alternatives.map(({ name }) => name);
  const views = [...names.length === 0 ? [HERE] : names, ...plan.twin ? [UNDISTURBED] : []];
  const labs: Lab[] = [];
  const runs: WorldRun[] = [];
  const made: { view: View; choices: Choices }[] = [];
  try {
    for (const view of views) {
      const { lab, choices } = await labFor(plan, view, running);
      labs.push(lab);
      made.push({ view, choices });
      runs.push(await runView(plan, view, lab, running));
      running.seen?.(view, lab);
    }
    if (runs.every((run) => run.complete)) look(new Map(runs.map((run) => [run.view, run.lab])));
    const cell = cellResult(plan, runs, running);
    const hashes = new Map(cell.worlds.map((world) => [world.view, world.traceHash]));
    const decisions = (): Decisions => ({
      seed: plan.seed,
      worlds: made.map(({ view, choices }) => ({
        view,
        traceHash: hashes.get(view) ?? "",
        choices: [...choices.records],
      })),
    });
    return { cell, decisions };
  } finally {
    endAll(labs);
  }
}

/**
 * Runs one cell, once or under all its seeds. `look` may ask the labs of a run that came to its end,
 * before they are gone; of a search those of its first seed.
 */
export async function runCell(
  plan: Plan,
  running: Running,
  look: (labs: Labs) => void = () => {},
): Promise<CellResult> {
  const { replay } = running;
  const seed = replay?.decisions.seed ?? plan.seed;
  if (plan.explore !== undefined) {
    const explore = replay === undefined
      ? plan.explore
      : { ...plan.explore, seeds: { first: seed, last: seed } };
    return await searchSeeds(plan, explore, running, look);
  }
  const { cell, decisions } = await runSeed({ ...plan, seed }, running, look);
  return { ...cell, decisions: decisions() };
}

/** Judges the claims while the labs can still be asked, and puts all together. */
function cellResult(plan: Plan, runs: readonly WorldRun[], bounds: Bounds): SeedRun["cell"] {
  const problems = runs.flatMap((run) => named(run));
  const labs = new Map(runs.map((run) => [run.view, run.lab]));
  const complete = runs.every((run) => run.complete);
  const monitored = new Map(runs.map((run) => [run.view, run.monitored]));
  const claims = complete ? judge(plan, labs, monitored) : [];
  const figures = complete ? figuresOf(plan, labs) : [];
  return {
    id: plan.id,
    seed: plan.seed,
    row: plan.row,
    verdict: worst([...problems, ...claims].map((one) => one.verdict)),
    worlds: runs.map((run) => worldResult(run, plan.vocabulary)),
    claims,
    figures,
    problems,
    replay: replayCommand(plan, bounds),
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

/** Where every condition is known before the run, the check has told of it already. */
const isOpen = ({ settled }: ClaimResult): boolean => settled !== true;

/** What only some of its seeds were asked for may hold on the others. */
const isJudged = ({ verdict, undecided }: ClaimResult): boolean =>
  verdict !== "skipped" || undecided === true;

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
      cell.claims.some((claim) => claim.span.start === start && isJudged(claim))
    );
    // The same point twice, as with --set, tells nothing new.
    const points = new Set(judged.map(({ row }) => JSON.stringify(row))).size;
    if (points === 0) {
      const message = "this claim was never judged: its 'if' held nowhere";
      problems.push({ verdict: "unknown", span: first.span, message });
    } else if (first.law && cells.length > 1 && points < 3 && claims.some(isOpen)) {
      const message =
        `vacuous law: judged in ${points} of ${cells.length} cases, at least 3 wanted`;
      warnings.push(diagnostic("CK0701", first.span, message, undefined, "warning"));
    }
  }
  return { problems, warnings };
}

/** Puts the cells of a scenario together. `plans` of them were chosen and run. */
export function scenarioResult(
  scenario: TellableScenario,
  file: string,
  cells: readonly CellResult[],
): ScenarioResult {
  // Part of the cells tells nothing about the others.
  const whole = cells.length === scenario.plans.length;
  const { problems, warnings } = whole ? overCells(cells) : { problems: [], warnings: [] };
  // The run was broken off before the first.
  const nothing = cells.length === 0 && !whole ? ["unknown" as const] : [];
  return {
    file,
    title: scenario.title,
    tags: scenario.tags,
    span: scenario.span,
    verdict: worst([...nothing, ...[...cells, ...problems].map((one) => one.verdict)]),
    cells,
    problems,
    warnings,
  };
}
