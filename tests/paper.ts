/**
 * The two papers as one page and one JSON document: every table and figure beside our own figures.
 *
 * usage: paper.ts [--recorded FILE] [FOLDER]
 *
 * FOLDER (.ckpt) gets paper.html and paper.json. With --recorded the scenarios are not run again:
 * FILE is the recording of a run of all of them as they are, as .ckpt/out/last.ndjson is; a --set or
 * --seed, or a change of plugins or of the program itself, is not seen in it. Table 1's grep and bzip2
 * are measured where they have been built for SH-4 ($CKPTLAB_CACHE/programs, or .cache/programs); what
 * is not there is named.
 */
import { parseArgs } from "@std/cli/parse-args";
import { dirname, resolve } from "node:path";
import { main } from "../dsl/cli.ts";
import { denoHost } from "../dsl/host.ts";
import { readRecording, type Recording } from "../dsl/recording.ts";
import { parts } from "../mod.ts";

const { _: [folder = ".ckpt", ...others], recorded } = parseArgs(Deno.args, {
  string: ["recorded", "_"],
  unknown: (arg) => arg.startsWith("-") ? refuse(`there is no flag '${arg}'`) : true,
});
if (others.length > 0) refuse("one folder is written");
if (recorded !== undefined && !isFile(recorded)) refuse(`there is no recording '${recorded}'`);
const cache = `${Deno.env.get("CKPTLAB_CACHE") ?? ".cache"}/programs`;

/** Rows of table 1, and what each program is given: the paper does not say what it read. */
const PROGRAMS = [
  { name: "grep", args: ["-c", "9.*ab"], total: "266ms", copied: "177ms" },
  { name: "bzip2", args: ["-1", "-c"], total: "342ms", copied: "190ms" },
];
const SCENARIOS = "scenarios/paper", SHARED = "scenarios/lib";
const INPUT = Array.from({ length: 8000 }, (_, n) => `${n * 7919 % 10007} abracadabra`).join("\n");

/** A script for a program that is not in the repository. */
const scriptFor = ({ name, args, total, copied }: typeof PROGRAMS[number]): string =>
  `ckpt 1
// Paper A, table 1: a real program, as it is built for the tests. What it is given to read is ours,
// for the paper does not say; how much of it is in memory decides how many pages there are.
include "${Deno.cwd()}/scenarios/lib/paper.ckpt"

scenario "table 1: ${name}" @paper2011 {
  node n0 : qemu2011
  proc p0 on n0 runs program {
    file: "${cache}/${name}", args: ${JSON.stringify(args)}, input: ${JSON.stringify(INPUT)}
  }
  checkpointer stop_the_world { buffered: true }

  when p0.progress >= 50%  checkpoint p0 as c1
  until c1.committed

  let share = (c1.stop_time - 160ms) / c1.stop_time
  show c1.pages             as "pages"
  show c1.stop_time         as "checkpoint"
  show ${total}             as "checkpoint, paper"
  show share / 1%           as "share of copying (%)"
  show ${copied} / ${total} / 1%  as "share of copying (%), paper"
  expect share in 50% .. 97%  as "more than half, as in every row of the table"
}
`;

function refuse(why: string): never {
  console.error(`${why}\nusage: paper.ts [--recorded FILE] [FOLDER]`);
  Deno.exit(64);
}

function isFile(path: string): boolean {
  return statOf(path)?.isFile === true;
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory === true;
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

/** Runs the command; what is not about scenarios that fail ends all. */
async function command(...args: readonly string[]): Promise<number> {
  return ending(await main(args, denoHost(parts)));
}

/** The same, of a step on the way: only its errors are told. */
async function silently(...args: readonly string[]): Promise<number> {
  return ending(await main(args, { ...denoHost(parts), stdout: () => {} }));
}

function ending(code: number): number {
  if (code >= 64) Deno.exit(code);
  return code;
}

function read(recording: string): Recording {
  try {
    return readRecording(Deno.readTextFileSync(recording), recording);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const timeOf = (path: string): number => Deno.statSync(path).mtime?.getTime() ?? 0;

const scriptsIn = (folder: string): readonly string[] =>
  [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".ckpt"))
    .map(({ name }) => `${folder}/${name}`).toSorted();

/** Why a recording is not one of all scenarios as they are now, if so. */
function objectionTo({ begun, ended, events }: Recording, recording: string): string | undefined {
  const { shard, ckptlab } = begun, now = denoHost(parts).version;
  if (shard !== undefined) return `is shard ${shard.index} of ${shard.count}`;
  if (ended.interrupted) return "is of a run that was broken off";
  if (ckptlab !== now) return `is of version ${ckptlab}, and this is ${now}`;
  for (const script of scriptsIn(SCENARIOS)) {
    const text = Deno.readTextFileSync(script);
    for (const [, title] of text.matchAll(/^scenario (?:only )?"(.*?)"/gm)) {
      const found = events.find((event) =>
        event.event === "scenario-begun" && event.file === script && event.title === title
      );
      if (found?.event !== "scenario-begun") return `has nothing of "${title}" in ${script}`;
      if (found.cells < found.of) return `has not all cells of "${title}"`;
    }
  }
  const changed = [...scriptsIn(SCENARIOS), ...isFolder(SHARED) ? scriptsIn(SHARED) : []]
    .find((script) => timeOf(script) > timeOf(recording));
  return changed === undefined ? undefined : `is older than ${changed}`;
}

Deno.mkdirSync(folder, { recursive: true });
const page = `${folder}/paper.html`, data = `${folder}/paper.json`;
const reports = ["quiet", `study:${page}`, `json:${data}`]
  .flatMap((reporter) => ["--reporter", reporter]);

/** Scripts for the programs that are there. */
function programs(): readonly string[] {
  return PROGRAMS.flatMap((program) => {
    const path = `${cache}/${program.name}`;
    if (!isFile(path)) {
      console.log(`skipped: table 1's ${program.name}: there is no ${path}`);
      return [];
    }
    const script = `${folder}/table1_${program.name}.ckpt`;
    Deno.writeTextFileSync(script, scriptFor(program));
    return [script];
  });
}

/** A page of what was run before, and of the programs, which are run now. */
async function retell(recording: string): Promise<number> {
  const whole = read(recording);
  const objection = objectionTo(whole, recording);
  if (objection !== undefined) refuse(`'${recording}' ${objection}; run all of ${SCENARIOS} again`);
  // Beside what the run has left, not over it.
  const place = `${folder}/table1`,
    kept = `${place}/scenarios.blob`,
    now = `${place}/programs.blob`;
  if (resolve(recording).startsWith(`${resolve(place)}/`)) {
    refuse(`'${recording}' is in a folder that is made anew`);
  }
  if (isFolder(place)) Deno.removeSync(place, { recursive: true });
  Deno.mkdirSync(place);
  const scripts = programs();
  const from = ["--only", SCENARIOS, "--out", dirname(recording)];
  await silently("report", recording, ...from, "--reporter", `blob:${kept}`);
  if (scripts.length === 0) return await command("report", kept, ...reports);
  const out = ["--out", place], strict = whole.begun.strict === true ? ["--strict"] : [];
  await silently("run", ...scripts, ...strict, "--reporter", `blob:${now}`, ...out);
  return await command("merge", kept, now, ...out, ...reports);
}

const code = recorded === undefined
  ? await command("run", SCENARIOS, ...programs(), ...reports)
  : await retell(recorded);
console.log(`${page}\n${data}`);
Deno.exit(code);
