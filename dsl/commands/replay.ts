/** `replay`: a failing run again, choice by choice, or step by step. */
import { EXIT, exitCode } from "../exit.ts";
import { type Command, type Given, timeFlag, UsageError } from "../flags.ts";
import type { Host } from "../host.ts";
import { JIT_FLAG, jitFlag } from "../jit_flag.ts";
import { OUT_FLAG } from "../out_folder.ts";
import { type Again, runAgain } from "../repro/again.ts";
import { findRepro, type FoundRepro } from "../repro/found.ts";
import { fingerprintOf } from "../repro/fingerprint.ts";
import { EXIT_OF } from "../results.ts";
import { MAX_TIME_NS, type Running } from "../run.ts";
import { stepThrough } from "../stepper/stepper.ts";

/** How recorded runs are run: in this thread, with the whole machine for one cell. */
export const runningOf = (given: Given, host: Host, { document }: FoundRepro): Running => ({
  makeLab: host.makeLab,
  workers: 0,
  jit: jitFlag(given),
  // A run that was given up is given up at the same place.
  ...document.limits ?? { maxTimeNs: MAX_TIME_NS },
  interrupted: () => host.interrupted?.() === true,
  ...(host.breathe === undefined ? {} : { breathe: host.breathe }),
});

/** What stands out before anything is run. */
export function sayNotes({ notes }: FoundRepro, host: Host): void {
  for (const note of notes) host.stderr(`note: ${note}\n`);
}

/** What came of the run, in a few lines. */
function report({ document }: FoundRepro, again: Again, host: Host): void {
  const { cell, differences, choices } = again;
  host.stdout(`${document.cell}, seed ${document.seed}\n`);
  for (const line of differences) host.stdout(`  differs: ${line}\n`);
  if (cell === undefined) return;
  const { failures } = fingerprintOf(cell);
  for (const failure of failures) host.stdout(`  ${failure}\n`);
  for (const { verdict, details } of cell.claims) {
    if (verdict !== "failed") continue;
    for (const [label, text] of details) host.stdout(`    ${label}: ${text}\n`);
  }
  const same = failures.join("\n") === document.fingerprint.join("\n");
  const verdict = same ? "fails as recorded" : failures.length === 0 ? "holds" : "fails otherwise";
  const made = `${choices} choices`;
  host.stdout(`${verdict}; ${differences.length === 0 ? `the same ${made} and trace` : made}\n`);
}

async function replay(given: Given, host: Host): Promise<number> {
  if (given.on("strict") && given.on("lenient")) {
    throw new UsageError("--strict and --lenient exclude each other");
  }
  const found = await findRepro(given, host);
  sayNotes(found, host);
  const running = runningOf(given, host, found);
  const until = timeFlag(given, "until");
  const how = given.on("lenient") ? "lenient" : "strict";
  if (given.on("step") || until !== undefined) {
    return await stepThrough(found, running, host, {
      how,
      ...(until === undefined ? {} : { until }),
      isInteractive: given.on("step"),
      ...(given.text("world") === undefined ? {} : { world: given.text("world") ?? "" }),
    });
  }
  const again = await runAgain(found, running, how);
  report(found, again, host);
  const parts = how === "strict" && again.differences.length > 0;
  return exitCode([
    ...running.interrupted() ? [EXIT.interrupted] : [],
    ...parts ? [EXIT.nondeterminism] : [],
    ...again.cell === undefined ? [] : [EXIT_OF[again.cell.verdict]],
  ]);
}

export const replayCommand: Command = {
  name: "replay",
  usage: "repro.json | folder | cell",
  help:
    "Does a failing run again, with every choice as it was recorded: the repro.json that a run " +
    "leaves about each cell that does not hold, or the name of its folder below .ckpt/out, or the " +
    "id of such a cell, as --dry-run prints it. Exit code: that of the run, or 5 where it parts from the record.",
  flags: [
    {
      name: "strict",
      help: "Stop at the first choice that is not the recorded one, and tell both (default).",
    },
    {
      name: "lenient",
      help:
        "Go on where the run parts from the record: each stream of each entity answers what it " +
        "did, and draws where it is asked more. For scripts and strategies that were changed.",
    },
    {
      name: "step",
      help:
        "Go through the run, forwards and backwards, with commands from standard input: 'help' " +
        "lists them.",
    },
    {
      name: "until",
      value: "time",
      help:
        "Show processes, messages and checkpoints at that time, and end; with --step begin there.",
    },
    { name: "world", value: "name", help: "With --step and --until: an alternative of compare." },
    JIT_FLAG,
    OUT_FLAG,
  ],
  run: replay,
};
