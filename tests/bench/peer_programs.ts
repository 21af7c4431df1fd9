/** The programs that are run here and under qemu-sh4: guests, and what a cache has besides. */
import type { BenchOptions } from "./options.ts";
import type { Sheet } from "./figure.ts";
import { textOf } from "./text_input.ts";
import { ROOT, runProcess } from "./whole_process.ts";

/** A program, the same file on either side, and the host files it reads. */
export interface PeerProgram {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly mounts: readonly string[];
}

const OWN = `${ROOT}tests/bench/programs/`;

const guest = (name: string, ...args: string[]): PeerProgram => ({
  name: [name, ...args].join(" "),
  file: `${ROOT}scenarios/guests/${name}.elf`,
  args,
  mounts: [],
});

/** The guests; sizes are such that qemu-sh4 takes about a second. */
export function guestPrograms(quick: boolean): readonly PeerProgram[] {
  return quick
    ? [guest("matmul", "128"), guest("fft", "16384"), guest("sort", "4000")]
    : [guest("matmul", "512"), guest("fft", "262144"), guest("sort", "32000")];
}

const isFile = (path: string): boolean => {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
};

/** Compiles the bubble sort where there is a compiler; says why it cannot. */
function makeBubble(cache: string): string | undefined {
  const source = `${OWN}bubble.c`, program = `${cache}/programs/bubble`;
  const compiler = `${cache}/sh4/bin/sh4-cc`;
  if (!isFile(compiler)) return isFile(program) ? undefined : `there is no ${compiler}`;
  runProcess(compiler, ["-O2", "-o", program, source]);
  return undefined;
}

/** A program of the cache, busy for about a second; `megabytes` of text where it reads a text. */
interface CachedProgram {
  readonly name: string;
  readonly megabytes?: number;
  /** Its arguments, given the file with the text. */
  readonly args: (text: string, quick: boolean) => readonly string[];
  /** The files it reads. */
  readonly reads: (text: string) => readonly string[];
}

const SCRIPT = `${OWN}mixture.lua`;
const PATTERN = "(elfi|gra)[a-z]* [a-z]*(no|ka)\\.$";
const itsText = (text: string): readonly string[] => [text];

const CACHED: readonly CachedProgram[] = [
  { name: "bubble", args: (_, quick) => quick ? ["2000", "1"] : ["8000", "16"], reads: () => [] },
  { name: "bzip2", megabytes: 6, args: (text) => ["-c", text], reads: itsText },
  { name: "gzip", megabytes: 7, args: (text) => ["-c", "-n", text], reads: itsText },
  { name: "lua", args: (_, quick) => [SCRIPT, quick ? "1" : "20"], reads: () => [SCRIPT] },
  { name: "grep", megabytes: 18, args: (text) => ["-ciE", PATTERN, text], reads: itsText },
];

const QUICK_MEGABYTES = 0.25;

/** An argument in the name of a figure: files by their last part, and nothing that is long. */
const brief = (arg: string): string => {
  const text = arg.startsWith("/") ? arg.slice(arg.lastIndexOf("/") + 1) : arg;
  return text.length > 20 ? `${text.slice(0, 8)}…` : text;
};

/** The programs of the cache; the texts they read are written into `folder`. */
export function programsOfCache(
  { cache, quick }: BenchOptions,
  folder: string,
  sheet: Sheet,
): readonly PeerProgram[] {
  if (cache === undefined) {
    sheet.skip(CACHED.map(({ name }) => name).join(", "), "no --cache with programs was given");
    return [];
  }
  const root = Deno.realPathSync(cache);
  const noBubble = makeBubble(root);
  const found: PeerProgram[] = [];
  for (const { name, megabytes = 0, args: argsFor, reads } of CACHED) {
    const file = `${root}/programs/${name}`;
    if (name === "bubble" && noBubble !== undefined) sheet.skip(name, noBubble);
    else if (!isFile(file)) sheet.skip(name, `there is no ${file}`);
    else {
      const size = quick ? Math.min(megabytes, QUICK_MEGABYTES) : megabytes;
      const text = `${folder}/${size}MiB.txt`;
      if (size > 0) Deno.writeTextFileSync(text, textOf(size * 2 ** 20));
      const args = argsFor(text, quick);
      const shown = [name, ...args.map(brief)].join(" ");
      found.push({ name: shown, file, args, mounts: reads(text) });
    }
  }
  return found;
}
