/**
 * The MPI library of the guests: its test of itself, with 1 to 7 processes and messages that
 * overtake each other, and programs nobody here wrote, on the lab: compared with what they print
 * elsewhere, undisturbed and after a crash and a restart in the middle.
 *
 * Each program is crashed under one checkpointer in turn, or under both.
 *
 * usage: mpi.ts CACHE [--only NAME] [--slow] [--both]
 */
import { parseArgs } from "@std/cli/parse-args";
import { type Ended, runGuest } from "../guests/ranks.ts";
import { runCluster } from "./cluster_run.ts";
import { MPI_CASES, type MpiCase } from "./mpi_programs.ts";

const CHECKPOINTERS = ["stop-the-world", "concurrent-cow"];

const args = parseArgs(Deno.args, { string: ["only"], boolean: ["slow", "both"] });
const cache = Deno.realPathSync(String(args._[0] ?? ".cache"));
const root = new URL("../../", import.meta.url).pathname;
const folder = `${cache}/mpi`;
let passed = 0, failed = 0;

/** Runs a command and shows what it says when it fails. */
function run(command: string, ...words: string[]): void {
  const { success, stderr } = new Deno.Command(command, { args: words }).outputSync();
  if (!success) {
    throw new Error(`${command} ${words.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}

/** The C files in a folder. */
const sourcesIn = (folder: string): string[] =>
  [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`).sort()
    .filter((name) => name.endsWith(".c"));

/** The executable of the library's test of itself. */
function selfTest(): Uint8Array {
  const library = `${root}scenarios/guests/mpi`;
  const out = `${folder}/selftest`;
  const flags = ["-O2", "-Wall", "-Wextra", "-Werror", `-I${library}`, "-o", out];
  const sources = [...sourcesIn(`${library}/test`), ...sourcesIn(library)];
  run(`${cache}/sh4/bin/sh4-cc`, ...flags, ...sources, "-lm");
  return Deno.readFileSync(out);
}

/** Counts one run, and says what is wrong with it. */
function judge<E>(name: string, start: () => E, problem: (ended: E) => string | undefined) {
  let found: string | undefined;
  try {
    found = problem(start());
  } catch (error) {
    found = String(error);
  }
  if (found === undefined) passed++;
  else {
    failed++;
    console.log(`FAILED ${name}: ${found}`);
  }
}

const wanted = (name: string) => args.only === undefined || name.includes(args.only);

function testLibrary(): void {
  const executable = selfTest();
  for (const size of [1, 2, 3, 4, 5, 6, 7]) {
    for (const seed of [undefined, 1, 2, 3]) {
      judge(
        `selftest, ${size} processes, seed ${seed ?? "none"}`,
        () => runGuest(executable, size === 3 ? ["large"] : [], size, seed),
        ({ outputs, exits }) => {
          const all = outputs.every((output, rank) =>
            output === `selftest: rank ${rank} of ${size} passed\n`
          );
          return all && exits.every((code) => code === 0) ? undefined : outputs.join("");
        },
      );
    }
  }
}

/** What is looked at of a run. */
type Printed = Pick<Ended, "outputs" | "exits">;

/** What a program did not print, or how it ended. */
function difference(
  { prints, code = 0 }: MpiCase,
  { outputs, exits }: Printed,
): string | undefined {
  const output = outputs.join("");
  const missing = prints.filter((each) =>
    typeof each === "string" ? !output.includes(each) : !each.test(output)
  );
  if (missing.length > 0) return `expected ${missing.join(", ")} but found\n${output}`;
  const wrong = exits.filter((exit) => exit !== code);
  return wrong.length > 0 ? `expected exit ${code} but found ${exits.join(", ")}` : undefined;
}

/** Lines with times a program took of itself: EP's last two do not say so. */
const TIMES = /time|Mop|^Gaussian pairs: |^Random numbers: /i;

/** What a program prints but for times. */
const timeless = (output: string): string =>
  output.split("\n").filter((line) => !TIMES.test(line)).join("\n");

/** Under which it is crashed. */
function checkpointersOf(each: MpiCase): readonly string[] {
  if (each.slow === true) return ["concurrent-cow"];
  const turn = MPI_CASES.indexOf(each) % CHECKPOINTERS.length;
  return args.both ? CHECKPOINTERS : CHECKPOINTERS.slice(turn, turn + 1);
}

/** On the lab: undisturbed, and crashed in the middle and brought back. */
async function testOnLab(each: MpiCase): Promise<void> {
  const file = `${folder}/${each.name}`;
  const { args, input = "", size } = each;
  const title = `${each.name} ${args.join(" ")} with ${size} processes on the lab`;
  const alone = await runCluster({ file, args, input, size });
  judge(title, () => alone, (ended) => difference(each, ended));
  for (const checkpointer of checkpointersOf(each)) {
    // Half way, or earlier when that is too late for a checkpoint to be committed.
    for (const part of [0.5, 0.25, 0.1]) {
      const atNs = Math.round(alone.endedNs * part);
      const laterNs = part > 0.1 ? 500_000 : 0;
      const ended = await runCluster(
        { file, args, input, size },
        { checkpointer, atNs, laterNs },
      );
      if (!ended.restarted && part > 0.1) continue;
      judge(`${title}, crashed, ${checkpointer}`, () => ended, () => {
        if (!ended.restarted) return "it ended before it could crash";
        if (ended.faults > 0) return `${ended.faults} messages were lost, orphaned or came twice`;
        const same = ended.outputs.every((output, rank) =>
          timeless(output) === timeless(alone.outputs[rank] ?? "")
        );
        return same ? difference(each, ended) : "it printed something else than undisturbed";
      });
      break;
    }
  }
}

Deno.mkdirSync(folder, { recursive: true });
run(`${root}.ci/mpi-programs.sh`, `${cache}/sh4`, `${cache}/sources`, folder);
if (wanted("selftest")) testLibrary();
for (const each of MPI_CASES) {
  if (!wanted(each.name) || (each.slow === true && !args.slow)) continue;
  await testOnLab(each);
}
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
