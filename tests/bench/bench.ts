/**
 * Speed and cost, as ratios measured in one sitting: pairs run in turn, minimum, median, maximum.
 * Timings never decide a test; they are told here.
 */
import { againstQemu } from "./against_qemu.ts";
import { checkpoints } from "./checkpoints.ts";
import { cluster } from "./cluster.ts";
import { concurrent } from "./concurrent.ts";
import { editor } from "./editor.ts";
import { engines } from "./engines.ts";
import { HEADING, Sheet } from "./figure.ts";
import { hostMachine, machineLine } from "./host_machine.ts";
import {
  type BenchOptions,
  type Part,
  PARTS,
  readBenchOptions,
  USAGE,
  UsageError,
} from "./options.ts";
import { startUp } from "./start_up.ts";

function refuse(why: string): never {
  console.error(`bench: ${why}\n${USAGE}`);
  Deno.exit(2);
}

function optionsOfCommand(): BenchOptions {
  try {
    const options = readBenchOptions(Deno.args);
    if (options !== undefined) return options;
  } catch (error) {
    if (error instanceof UsageError) refuse(error.message);
    throw error;
  }
  console.log(USAGE);
  Deno.exit(0);
}

/** What is asked for must be possible before anything is measured. */
function checkFiles({ cache, json }: BenchOptions): void {
  try {
    if (cache !== undefined && !Deno.statSync(cache).isDirectory) throw new Error("it is a file");
  } catch (error) {
    refuse(`--cache ${cache}: there is no such folder (${(error as Error).message})`);
  }
  try {
    if (json !== undefined) Deno.openSync(json, { write: true, create: true }).close();
  } catch (error) {
    refuse(`--json ${json}: it cannot be written (${(error as Error).message})`);
  }
}

const options = optionsOfCommand();
checkFiles(options);
const machine = hostMachine(), haveQemu = machine.qemu !== "";
const RUN: Readonly<Record<Part, (sheet: Sheet) => void | Promise<void>>> = {
  qemu: (sheet) => againstQemu(options, haveQemu, sheet),
  start: (sheet) => startUp(options, haveQemu, sheet),
  engines: (sheet) => engines(options, sheet),
  checkpoints: (sheet) => checkpoints(options, sheet),
  concurrent: (sheet) => concurrent(options, sheet),
  cluster: (sheet) => cluster(options, sheet),
  editor: (sheet) => editor(options, sheet),
};

const sheet = new Sheet(console.log, (line) => console.error(`… ${line}`));
console.log(machineLine(machine));
const count = `${options.pairs} ${options.pairs === 1 ? "pair" : "pairs"}`;
console.log(`${count}${options.quick ? ", everything small" : ""}\n\n${HEADING}`);
for (const part of options.parts) {
  sheet.begin(part, PARTS[part]);
  await RUN[part](sheet);
}
const { json, pairs, quick } = options;
if (json !== undefined) {
  const record = sheet.record({ machine, pairs, quick });
  Deno.writeTextFileSync(json, JSON.stringify(record, undefined, 2) + "\n");
}
