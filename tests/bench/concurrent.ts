/**
 * A concurrent checkpoint of 64 MiB as the program sees it, in time of the host: how long it stands
 * still at the request, and how fast it runs while the copying is under way.
 */
import { MemoryStore, type ProgramRun } from "../../core/mod.ts";
import { captureCosts } from "../../core/cluster/board.ts";
import type { CaptureTarget } from "../../core/image/capture_target.ts";
import { CaptureSession } from "../../core/image/session.ts";
import { StoreSink } from "../../core/image/store_sink.ts";
import { profile, strategies } from "../oracle/runner.ts";
import { bigProcess, BYTES, PAGES } from "./big_process.ts";
import type { Sheet } from "./figure.ts";
import type { BenchOptions } from "./options.ts";
import { inTurn, ratiosOf, seconds } from "./pair.ts";

/** Turns of the pause after each store: as good as only computing, and a page every so often. */
const SPARSE = 10_000, DENSE = 500;

/** Stores to be measured at once, after so many that are not. */
const STORES = 4000, BEFORE = 400;

const row = strategies.find(({ strategy }) => strategy.name === "concurrent-cow");

/** Begins a concurrent checkpoint; nobody but the caller gives its copier any time. */
function request(target: CaptureTarget): CaptureSession {
  if (row === undefined) throw new Error("there is no concurrent-cow");
  const sink = new StoreSink(new MemoryStore(), "image");
  return new CaptureSession(target, row.strategy, row.options, captureCosts(profile), sink);
}

const capturedIn = (session: CaptureSession): number =>
  session.pages.filter(({ state }) => state !== "uncaptured" && state !== "copying").length;

/** What a session asks of its target, each with the moment it was done. */
function watched(run: ProgramRun): { target: CaptureTarget; at: Record<string, number> } {
  const at: Record<string, number> = {};
  const inner = run.node.target(run.process);
  const noting = <T>(name: string, value: T): T => {
    at[name] = performance.now();
    return value;
  };
  const target: CaptureTarget = {
    ...inner,
    residentPages: () => {
      noting("saved", undefined);
      return inner.residentPages();
    },
    guard: (guard) => noting("guarded", inner.guard(guard)),
    thaw: () => noting("thawed", inner.thaw()),
  };
  return { target, at };
}

/**
 * From the request until the program may run again. In it: making the session and its empty
 * store; freezing the process; "save", which is registers, files, the digest of the executable and
 * the list of 16,384 pages with an entry for each; "protect", which installs the guard and drops
 * the translations; thawing. Not in it: any page's copy, for there is none before the thaw.
 */
function requests(pairs: number, sheet: Sheet): void {
  sheet.progress("concurrent: from the request on");
  const source = new Uint8Array(BYTES).fill(1), copy = new Uint8Array(BYTES);
  copy.set(source); // the first copy also pays for the host's pages
  const whole: number[] = [], save: number[] = [], protect: number[] = [], copies: number[] = [];
  // The first is not counted: the host's compiler has not seen the code.
  for (let n = -1; n < pairs; n++) {
    const run = bigProcess(SPARSE);
    const { target, at } = watched(run);
    const start = performance.now();
    const session = request(target);
    while (at["thawed"] === undefined && !session.over) session.turn(Infinity);
    const { saved, guarded, thawed } = at;
    if (saved === undefined || guarded === undefined || thawed === undefined) {
      throw new Error(`the program was not let go on: ${session.why}`);
    }
    session.abandon();
    const copied = seconds(() => copy.set(source));
    if (n < 0) continue;
    whole.push(thawed - start);
    save.push(saved - start);
    protect.push(guarded - saved);
    copies.push(1000 * copied);
  }
  const name = "64 MiB, concurrent-cow: request until it may run";
  sheet.figure(`${name} / plain copy`, "ratio", ratiosOf(whole, copies));
  sheet.figure(name, "ms", whole);
  sheet.figure("  of it until all but the pages is saved", "ms", save);
  sheet.figure("  of it until the pages are protected", "ms", protect);
}

/** Seconds that a stretch takes once what happens once has happened. */
function stretch(run: ProgramRun, gap: number): number {
  const perStore = 2 * gap;
  run.runTo(run.instructions + BEFORE * perStore);
  const end = run.instructions + STORES * perStore;
  return seconds(() => run.runTo(end));
}

/**
 * The same stretch with a checkpoint under way. The copier is given time until it has three
 * quarters of the pages, from the lowest on, and then none: so only the program's own time is
 * measured. The program is in the lower half of them, where there is nothing left to save; the few
 * pages above, as its stack, have their faults before the stretch begins. That there are no more
 * is looked at.
 */
function stretchUnderWay(run: ProgramRun, gap: number): number {
  const session = request(run.node.target(run.process));
  while (!session.over && capturedIn(session) < 0.75 * PAGES) {
    session.turn(profile.page_copy * PAGES / 8);
  }
  run.runTo(run.instructions + BEFORE * 2 * gap);
  const faults = session.counts.writeFaults;
  const taken = stretch(run, gap);
  const still = session.counts.writeFaults === faults && session.state === "running" &&
    session.pages.some(({ state }) => state === "uncaptured");
  if (!still) throw new Error("the stretch was not within the copying, or had faults in it");
  session.abandon();
  return taken;
}

/**
 * Host time for the same number of instructions of the same program, with a checkpoint under way
 * and without: what is left of it is what the guard costs beside the faults, in refills of the TLB.
 */
function slowdown(gap: number, what: string, pairs: number, sheet: Sheet): void {
  sheet.progress(`concurrent: ${what}`);
  const plainly = () => stretch(bigProcess(gap), gap);
  const underWay = () => stretchUnderWay(bigProcess(gap), gap);
  plainly();
  underWay();
  const { first, second, ratios } = inTurn(pairs, underWay, plainly);
  const perInstruction = (taken: number) => 1e9 * taken / (STORES * 2 * gap);
  sheet.figure(`${what}: time in copying / else`, "ratio", ratios);
  sheet.figure(`${what}: in copying`, "ns/instr", first.map(perInstruction));
  sheet.figure(`${what}: else`, "ns/instr", second.map(perInstruction));
}

/** The part. */
export function concurrent({ pairs }: BenchOptions, sheet: Sheet): void {
  requests(pairs, sheet);
  slowdown(SPARSE, "64 MiB, a page every 20,000 instructions", pairs, sheet);
  slowdown(DENSE, "64 MiB, a page every 1,000 instructions", pairs, sheet);
}
