/**
 * `--verify`: a cell is run again and must do the same. Determinism is a promise that one forgotten
 * clock in a strategy breaks, so it is tested and not believed.
 */
import { Digest, type TraceEvent } from "../core/mod.ts";
import { type Flag, type Given, UsageError } from "./flags.ts";
import type { Plan } from "./plan.ts";
import { type CellResult, type Problem, worst } from "./results.ts";
import { runCell, type Running } from "./run.ts";
import { formatNs } from "./units.ts";
import type { View } from "./value.ts";

export const VERIFY_FLAG: Flag = {
  name: "verify",
  value: "5%|all",
  alone: "all",
  help:
    "Runs cells again, all or so many of them, and compares the traces: what differs ends with " +
    "exit code 5 and the first event that is another one.",
};

/** Which cells are run again: by name, so that it is the same ones everywhere. */
export function verified(given: Given): (id: string) => boolean {
  const text = given.text(VERIFY_FLAG.name);
  if (text === undefined) return () => false;
  if (text === "all") return () => true;
  const percent = /^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) : NaN;
  if (!(percent > 0 && percent <= 100)) {
    throw new UsageError(`--verify takes all, or a part such as 5%, not '${text}'`);
  }
  return (id) => Number(BigInt(`0x${new Digest().add(id).hex}`) % 10_000n) < percent * 100;
}

type Traces = ReadonlyMap<View, readonly TraceEvent[]>;

/** A cell's result, and what happened in its worlds. */
async function traced(plan: Plan, running: Running): Promise<[CellResult, Traces]> {
  const traces = new Map<View, readonly TraceEvent[]>();
  const seen: Running["seen"] = (view, lab) => {
    running.seen?.(view, lab);
    traces.set(view, [...lab.trace.events]);
  };
  return [await runCell(plan, { ...running, seen }), traces];
}

/** The same seeds once more, however much of the host's time they take. */
function timeless(plan: Plan, running: Running, { explored }: CellResult): [Plan, Running] {
  const { clock: _, ...others } = running;
  const { explore } = plan;
  if (explore === undefined || explored === undefined) return [plan, others];
  const { first } = explore.seeds;
  const seeds = { first, last: first + explored.ran - 1 };
  return [{ ...plan, explore: { ...explore, seeds } }, others];
}

/** Runs a cell twice. The first run is the result; what differs is its problem. */
export async function runTwice(plan: Plan, running: Running): Promise<CellResult> {
  const [first, before] = await traced(plan, running);
  const [second, after] = await traced(...timeless(plan, running, first));
  // What was cut off in the middle is no other run.
  if (running.interrupted()) return first;
  const problems = first.worlds.flatMap(({ view, traceHash }): Problem[] => {
    const again = second.worlds.find((world) => world.view === view);
    if (again?.traceHash === traceHash) return [];
    const message = divergence(view, before.get(view) ?? [], after.get(view) ?? []);
    return [{ verdict: "nondeterministic", span: plan.span, message }];
  });
  if (problems.length === 0) return first;
  const verdict = worst([first.verdict, "nondeterministic"]);
  return { ...first, verdict, problems: [...problems, ...first.problems] };
}

const show = (event: TraceEvent | undefined): string => {
  if (event === undefined) return "nothing";
  const { time, node, process, kind, text } = event;
  return `'${
    [formatNs(time), process || node, kind, text].filter((part) => part !== "").join(" ")
  }'`;
};

const isSame = (a: TraceEvent, b: TraceEvent): boolean =>
  a.time === b.time && a.node === b.node && a.process === b.process && a.kind === b.kind &&
  a.text === b.text;

/** The first event in which two traces differ, in words. */
export function divergence(
  view: View,
  first: readonly TraceEvent[],
  second: readonly TraceEvent[],
): string {
  const where = view === "" ? "" : ` of ${view}`;
  const longest = Math.max(first.length, second.length);
  for (let i = 0; i < longest; i++) {
    const [a, b] = [first[i], second[i]];
    if (a !== undefined && b !== undefined && isSame(a, b)) continue;
    return `run again, the trace${where} differs: event ${i + 1} was ${show(a)}, then ${show(b)}`;
  }
  return `run again, the trace${where} differs, but none of its ${longest} events: in messages, ` +
    "choices, system calls or the count of instructions";
}
