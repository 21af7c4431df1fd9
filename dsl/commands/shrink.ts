/** `shrink`: makes of a failing run the smallest script that fails in the same way. */
import { EXIT } from "../exit.ts";
import { type Command, type Flag, type Given, UsageError, wholeNumber } from "../flags.ts";
import type { Host } from "../host.ts";
import { JIT_FLAG } from "../jit_flag.ts";
import { OUT_FLAG } from "../out_folder.ts";
import { decisionsOf } from "../repro/document.ts";
import { findRepro, type FoundRepro } from "../repro/found.ts";
import { isSame } from "../repro/fingerprint.ts";
import type { Running } from "../run.ts";
import { shrink, ShrinkError, type Shrinking, type Shrunk, type Step } from "../shrink/shrink.ts";
import { type Outcome, outcomeOf } from "../shrink/trial.ts";
import { runningOf, sayNotes } from "./replay.ts";

/** The names of what is written, beside the repro.json. */
const SCRIPT = "shrunk.ckpt";
const LOG = "shrunk.log";

const besides = (path: string, name: string): string =>
  `${path.slice(0, path.lastIndexOf("/") + 1)}${name}`;

/** Does the recorded run again: it must still fail as it did. */
async function again({ document, plan, path }: FoundRepro, running: Running): Promise<Outcome> {
  const decisions = decisionsOf(document);
  const outcome = await outcomeOf(plan, { ...running, replay: { decisions, how: "following" } });
  const recorded = { failures: document.fingerprint };
  if (recorded.failures.length === 0) {
    throw new UsageError(`nothing fails in '${path}', so there is nothing to shrink`);
  }
  const [first = ""] = recorded.failures;
  if (plan.explore !== undefined && first.startsWith("expect sometimes ")) {
    throw new ShrinkError(`no run by itself shows that it fails: ${first}, over all seeds`);
  }
  if (!isSame(recorded, outcome.fingerprint)) {
    const now = outcome.fingerprint.failures[0] ?? "nothing";
    throw new ShrinkError(
      `the run does not fail as it was recorded: now fails ${now}, then ` +
        `${recorded.failures[0]}; replay tells where it parts`,
    );
  }
  return outcome;
}

const CUT_SHORT = "nothing failed: the search ran out of its budget; there is nothing to shrink";

const statements = (count: number): string => `${count} statement${count === 1 ? "" : "s"}`;

const stepLine = ({ pass, from, to, runs }: Step): string =>
  `run ${runs}: ${pass.name}: ${from} -> ${statements(to)} (${pass.help})\n`;

/** What was done, as it is kept beside the script. */
const logOf = (shrunk: Shrunk): string =>
  [...shrunk.steps.map(stepLine), `${summaryOf(shrunk)}\n`].join("");

const summaryOf = ({ from, to, runs, cut }: Shrunk): string =>
  `shrunk ${from} → ${statements(to)} in ${runs} runs` +
  (cut === undefined ? "" : `; ${CUT[cut]}`);

const CUT: Readonly<Record<NonNullable<Shrunk["cut"]>, string>> = {
  budget: "the budget ended, --runs allows more",
  interrupt: "it was interrupted, and the script was not confirmed by two more runs",
};

/** What a reader of the script should know. */
const headOf = ({ document }: FoundRepro, { failures }: Shrunk): readonly string[] => [
  `Shrunk from ${document.cell}, seed ${document.seed}.`,
  ...failures.map((failure) => `Fails: ${failure}`),
];

async function run(given: Given, host: Host): Promise<number> {
  const found = await findRepro(given, host);
  if (found.document.cutShort === true) throw new UsageError(CUT_SHORT);
  sayNotes(found, host);
  const running = runningOf(given, host, found);
  const path = besides(found.path, SCRIPT);
  const why = host.cannotWrite(path);
  if (why !== undefined) throw new UsageError(`cannot write '${path}': ${why}`);
  const options = found.plan.explore?.shrink;
  const budget = wholeNumber(given, "runs") ?? options?.steps ?? USUAL_RUNS;
  // Who watches sees each run; what is kept are the steps.
  const passing = (text: string) => {
    if (host.isTerminal) host.stderr(`\r\x1b[K${text}`);
  };
  const settings: Shrinking = {
    path,
    vocabulary: host.vocabulary,
    running,
    budget,
    keep: options?.keep === "any" ? "any" : "failure",
    onRun: (run) => passing(`run ${run} of at most ${budget}`),
    onStep: (step) => {
      passing("");
      host.stderr(stepLine(step));
    },
  };
  try {
    const outcome = await again(found, running);
    const shrunk = await shrink(recordedOf(found, outcome), outcome, settings);
    passing("");
    host.writeFile(path, withHead(shrunk.text, headOf(found, shrunk)));
    host.writeFile(besides(found.path, LOG), logOf(shrunk));
    if (/^ {2}chaos /m.test(shrunk.text)) host.stderr(`note: ${CHAOS_STAYS}\n`);
    host.stdout(`${summaryOf(shrunk)}\n${path}\n`);
    return running.interrupted() ? EXIT.interrupted : EXIT.holds;
  } catch (error) {
    if (!(error instanceof ShrinkError)) throw error;
    if (running.interrupted()) {
      passing("");
      host.stderr("interrupted before there was a script; nothing was written\n");
      return EXIT.interrupted;
    }
    host.stderr(`error: ${error.message}\n`);
    return EXIT.unknown;
  }
}

const CHAOS_STAYS = "what chaos did, written as steps, does not fail in the same way, so it stays";

/** Comments behind the line of the version. */
const withHead = (text: string, lines: readonly string[]): string =>
  text.replace("\n", `\n${lines.map((line) => `// ${line}\n`).join("")}`);

/** The run as shrinking takes it; of several worlds the one in which the claim fails. */
function recordedOf({ plan, document, scripts }: FoundRepro, { cell }: Outcome) {
  const failing = cell.claims.find(({ verdict }) => verdict === "failed")?.alternative;
  const world = cell.worlds.find(({ view }) => view === failing) ?? cell.worlds[0];
  return {
    scripts,
    plan,
    decisions: decisionsOf(document),
    view: world?.view ?? "",
    fired: world?.fired ?? [],
  };
}

export const SHRINK_FLAG: Flag = {
  name: "shrink",
  help: "Afterwards shrink what failed, as the command of that name does: shrunk.ckpt beside the " +
    "repro.json of each cell. The exit code stays that of the run.",
};

/** Shrinks what a run has left of cells that failed; what cannot be shrunk is told, no more. */
export async function shrinkEach(
  paths: readonly string[],
  given: Given,
  host: Host,
): Promise<void> {
  for (const path of paths) {
    if (host.interrupted?.() === true) return;
    try {
      host.stderr(`shrinking ${path}\n`);
      // Standard output is the reporter's.
      await run({ ...given, rest: [path] }, { ...host, stdout: host.stderr });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      host.stderr(`not shrunk: ${error.message}\n`);
    }
  }
}

/** Runs where the scenario says nothing. */
const USUAL_RUNS = 400;

export const shrinkCommand: Command = {
  name: "shrink",
  usage: "repro.json | folder | cell",
  help:
    "Makes of a failing run an ordinary script, without explore and chaos, that is as short as can " +
    "be and fails in the same way: shrunk.ckpt beside the repro.json, which stays as it is, and " +
    "shrunk.log with what was left out. The same run gives the same script every time.",
  flags: [
    {
      name: "runs",
      value: "N",
      help: "Runs it may take; without it what explore says, or 400.",
    },
    JIT_FLAG,
    OUT_FLAG,
  ],
  run,
};
