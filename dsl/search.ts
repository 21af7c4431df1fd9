/** A cell under many seeds: each run is counted and forgotten, and the claims are about all seeds. */
import { Digest, type Explored, type Verdict } from "../core/mod.ts";
import type { Labs } from "./judge.ts";
import type { Explore, Plan, Seeds } from "./plan.ts";
import { type CellResult, type Problem, type WorldResult, worst } from "./results.ts";
import { type Bounds, replayCommand, type Running, runSeed, type SeedRun } from "./run.ts";
import { ClaimTally, judgeSeed } from "./search_claims.ts";
import { formatNs } from "./units.ts";

const MS = 1_000_000;

const countOf = ({ first, last }: Seeds): number => last - first + 1;

/** Problems of one place and kind, over all seeds. */
interface ProblemTally {
  readonly first: Problem;
  readonly seed: number;
  /** The last seed that had it: one seed counts once. */
  last: number;
  times: number;
}

/** One world, over all seeds. */
interface WorldTally {
  readonly digest: Digest;
  readonly remarks: Set<string>;
  endedNs: number;
  events: number;
}

/** What is kept of the runs so far; it does not grow with their number. */
class Search {
  ran = 0;
  failing = 0;
  #holding = 0;
  #lastHolds = false;
  firstFailing: number | undefined;
  virtualNs = 0;
  /** What ended the search before its last seed, and whether that leaves it undecided. */
  ended: { readonly why: string; readonly undecided: boolean } | undefined;
  /** The first failing run, else the last. */
  #shown: SeedRun | undefined;
  readonly #claims: ClaimTally[] = [];
  readonly #problems = new Map<string, ProblemTally>();
  readonly #worlds = new Map<string, WorldTally>();

  constructor(readonly plan: Plan, readonly explore: Explore, readonly bounds: Bounds) {}

  get explored(): Explored {
    const { ran, failing, firstFailing } = this;
    return {
      seeds: countOf(this.explore.seeds),
      ran,
      failing,
      ...(firstFailing === undefined ? {} : { firstFailing }),
    };
  }

  take(seed: number, run: SeedRun): void {
    const { cell } = run;
    this.ran++;
    cell.claims.forEach((claim, i) => {
      (this.#claims[i] ??= new ClaimTally(claim)).take(seed, claim);
    });
    for (const problem of cell.problems) this.#problem(seed, problem);
    for (const world of cell.worlds) this.#world(world);
    this.virtualNs += Math.max(0, ...cell.worlds.map((world) => world.endedNs));
    const verdict = judgeSeed(cell);
    const fails = verdict !== "holds" && verdict !== "unknown";
    if (fails) this.failing++;
    if (verdict === "holds") this.#holding++;
    this.#lastHolds = verdict === "holds";
    if (this.firstFailing === undefined) {
      this.#shown = run;
      if (fails) this.firstFailing = seed;
    }
  }

  #problem(seed: number, problem: Problem): void {
    const key = `${problem.span.start} ${problem.verdict}`;
    const before = this.#problems.get(key);
    if (before === undefined) {
      this.#problems.set(key, { first: problem, seed, last: seed, times: 1 });
    } else if (before.last !== seed) {
      before.last = seed;
      before.times++;
    }
  }

  #world({ view, endedNs, traceHash, remarks, events }: WorldResult): void {
    let world = this.#worlds.get(view);
    if (world === undefined) {
      world = { digest: new Digest(), endedNs: 0, events: 0, remarks: new Set() };
      this.#worlds.set(view, world);
    }
    world.digest.add(traceHash);
    world.endedNs = Math.max(world.endedNs, endedNs);
    world.events += events;
    for (const remark of remarks) world.remarks.add(remark);
  }

  /** Whether the search is over before its last seed, or in the middle of it. */
  isOver(seed: number, running: Running, startedMs: number): boolean {
    const { stopAfter, virtualNs, budgetNs } = this.explore;
    if (running.interrupted()) this.ended = { why: "an interrupt", undecided: true };
    else if (seed === this.explore.seeds.last) return true;
    else if (stopAfter > 0 && this.failing >= stopAfter) {
      this.ended = { why: `${this.failing} failed`, undecided: false };
    } else if (virtualNs > 0 && this.virtualNs >= virtualNs) {
      this.ended = { why: `virtual_time ${formatNs(virtualNs)}`, undecided: false };
    } else if (budgetNs > 0 && ((running.clock?.() ?? 0) - startedMs) * MS >= budgetNs) {
      this.ended = { why: `the budget of ${formatNs(budgetNs)}`, undecided: true };
    }
    return this.ended !== undefined;
  }

  result(): CellResult {
    const { plan, explore, explored, firstFailing } = this;
    const shown = this.#shown;
    if (shown === undefined) throw new Error("a search without a run");
    // One seed of many, or a search cut short, has not looked everywhere.
    const isPart = countOf(explore.seeds) < countOf(explore.stated) || this.ended !== undefined;
    const claims = this.#claims.map((tally) => tally.result(explored, isPart));
    const told = [...this.#problems.values()].map((tally) => this.#told(tally));
    const problems = [...told, ...this.#undecided()];
    return {
      ...shown.cell,
      id: plan.id,
      seed: plan.seed,
      verdict: worst([...problems, ...claims].map((one): Verdict | "skipped" => one.verdict)),
      worlds: shown.cell.worlds.map((world) => this.#sum(world)),
      claims,
      problems,
      replay: replayCommand(plan, this.bounds, firstFailing),
      decisions: shown.decisions(),
      explored,
      ...this.#isCutShort ? { cutShort: true as const } : {},
      ...this.#alone(shown),
    };
  }

  /** What comes of a run when it is the only one, as it is when it is had again. */
  #alone(run: SeedRun): Pick<CellResult, "alone"> {
    if (countOf(this.explore.seeds) === 1) return {};
    const { seed } = run.cell;
    const seeds = { first: seed, last: seed };
    const search = new Search(this.plan, { ...this.explore, seeds }, this.bounds);
    search.take(seed, run);
    const { claims, problems, explored } = search.result();
    return { alone: { claims, problems, ...(explored === undefined ? {} : { explored }) } };
  }

  /** Of all seeds; the steps are those of the one that is shown. */
  #sum(world: WorldResult): WorldResult {
    const all = this.#worlds.get(world.view);
    if (all === undefined) return world;
    const { digest, endedNs, events, remarks } = all;
    return { ...world, endedNs, events, traceHash: digest.hex, remarks: [...remarks] };
  }

  #told({ first, seed, times }: ProblemTally): Problem {
    const { ran } = this;
    const where = ran === 1
      ? `seed ${seed}`
      : `seed ${seed}, the first of ${times} of ${ran} seeds`;
    return { ...first, message: `${where}: ${first.message}` };
  }

  /** It was cut short, and what is shown of it is a run in which nothing is wrong. */
  get #isCutShort(): boolean {
    return this.ended?.undecided === true && this.failing === 0 && this.#lastHolds;
  }

  #undecided(): readonly Problem[] {
    if (this.ended?.undecided !== true) return [];
    const { ran, ended: { why } } = this;
    const all = countOf(this.explore.seeds);
    const message = this.#holding === ran
      ? `${ran} of ${all} seeds hold, then ${why} ended the search`
      : `${why} ended the search after ${ran} of ${all} seeds, of which ${this.#holding} hold`;
    return [{ verdict: "unknown", span: this.plan.span, message }];
  }
}

/** Runs a cell under its seeds, one after the other, and judges the claims over all of them. */
export async function searchSeeds(
  plan: Plan,
  explore: Explore,
  running: Running,
  look: (labs: Labs) => void,
): Promise<CellResult> {
  const { first, last } = explore.seeds;
  const search = new Search(plan, explore, running);
  const startedMs = running.clock?.() ?? 0;
  const name = plan.id.slice(0, plan.id.lastIndexOf("@") + 1);
  for (let seed = first; seed <= last; seed++) {
    const one = { ...plan, explore, seed, id: `${name}${seed}` };
    const run = await runSeed(one, running, seed === first ? look : undefined);
    search.take(seed, run);
    running.onSeed?.(search.explored);
    if (search.isOver(seed, running, startedMs)) break;
  }
  return search.result();
}
