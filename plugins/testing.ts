/**
 * The conformance kit with the built-in programs: what the test of a plugin imports, as
 * `ckptlab/testing`.
 */
import {
  type Bench,
  type Certificate,
  certify as certifyOn,
  type Conformance,
  conformanceOn,
  type Judged,
  type KitProgram,
  type KitStream,
  LabError,
  type RecordedEvent,
  Registry,
  World,
} from "../core/mod.ts";
import { fileURLToPath } from "node:url";
import { checkpointers, protocols, workloads } from "./mod.ts";

const read = (file: string): Uint8Array => {
  try {
    return Deno.readFileSync(file.startsWith("file:") ? new URL(file) : file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LabError(`cannot read the program '${file}': ${why}`);
  }
};

const program = (
  name: string,
  options: Readonly<Record<string, number>>,
  instructions: number,
): KitProgram => {
  const pairs = Object.entries(options).map(([key, value]) => `${key}: ${value}`).join(", ");
  const file = new URL(`../scenarios/guests/${name}.elf`, import.meta.url).href;
  return {
    name,
    workload: `${name} { ${pairs} }`,
    options,
    args: Object.values(options).map(String),
    executable: () => read(file),
    instructions,
  };
};

/** One that only prints, one that writes all over, one that writes few pages, one that calculates. */
const PROGRAMS: readonly KitProgram[] = [
  program("counter", { ticks: 5, turns: 9000 }, 80_000),
  program("josephus", { people: 5000, step: 3 }, 120_000),
  program("wmem2", { pages: 24, sweeps: 3, gap: 5 }, 70_000),
  program("fft", { points: 256 }, 180_000),
];

/** The recorded runs; `deno run -A tests/plugins/streams.ts` records them anew. */
const STREAMS = [
  "green",
  "failing",
  "unknown",
  "script_error",
  "broken",
  "nondeterministic",
  "explored",
  "interrupted",
  "merged",
  "nothing",
] as const;

const stream = (name: string): KitStream => {
  const url = new URL(`./streams/${name}.ndjson`, import.meta.url);
  const words = (text: string) => /[^\w@%+=:,./-]/.test(text) ? `'${text}'` : text;
  return {
    name,
    events: () =>
      Deno.readTextFileSync(url).trimEnd().split("\n")
        .map((line) => JSON.parse(line) as RecordedEvent),
    again: ({ alias, url: module }, reporter, flags) =>
      `deno task scenario report ${words(fileURLToPath(url))} --use ${alias}=${words(module)} ` +
      `--reporter ${reporter.replaceAll("-", "_")}${flags}`,
  };
};

const registry = new Registry(checkpointers, workloads, protocols);

/** What the laws are tried on. */
export const bench: Bench = {
  programs: PROGRAMS,
  streams: STREAMS.map(stream),
  world: (seed, plugins) =>
    new World({ seed, registry: registry.with(plugins), readProgram: read, workers: 0 }),
};

/**
 * Registers a test for each law that is about some row of the plugin.
 *
 * @example
 * ```ts ignore
 * import { conformance } from "ckptlab/testing";
 * import plugin from "./mod.ts";
 * conformance({ test: Deno.test, factory: () => plugin, url: "./mod.ts" });
 * ```
 */
export const conformance = (given: Conformance): void => conformanceOn(bench, given);

/** Holds a plugin to every law; see `plugin check`. */
export const certify = (
  plugin: unknown,
  options: { readonly url?: string; readonly onLaw?: (judged: Judged) => void } = {},
): Promise<Certificate> => certifyOn(plugin, bench, options);
