/** The flags of `exec --ranks`, and those that go with one program alone. */
import {
  CHANNEL,
  type ChannelOptions,
  type Jit,
  type OptionTable,
  PROFILE,
  type Profile,
  type RanksStep,
  readOptions,
  type Strategy,
} from "../core/mod.ts";
import { workersFlag } from "./commands/run.ts";
import { optional, strategyName } from "./exec_flags.ts";
import { type Flag, type Given, pairs, timeFlag, UsageError, wholeNumber } from "./flags.ts";
import type { Host } from "./host.ts";
import { jitFlag } from "./jit_flag.ts";
import { optionFlag, optionsFlag } from "./option_flag.ts";
import { format, fromEngine, readMeasure, toEngine } from "./units.ts";

/** What `exec --ranks` was asked for. */
export interface RanksRequest {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ranks: number;
  readonly nodes: number;
  readonly profile: Profile;
  readonly channel: ChannelOptions;
  readonly seed: number;
  readonly workers?: number;
  /** Checkpoints and crashes; times in ns. */
  readonly steps: readonly RanksStep[];
  readonly checkpointer: Strategy;
  /** Only there when there are checkpoints. */
  readonly protocol?: Strategy;
  /** Virtual time after which the run is given up, in ns. */
  readonly mostNs: number;
  readonly stats: boolean;
  /** Which engines run the ranks. */
  readonly jit: Jit;
}

/** More than one host can hold. */
const MOST_RANKS = 1024;
/** One hour. */
const MOST_NS = 3_600_000_000_000;

/** Flags that mean nothing without `--ranks`. */
export const RANKS_FLAGS: readonly Flag[] = [
  {
    name: "ranks",
    value: "N",
    help: "Run the program as N processes that send each other messages, as mpirun does. They " +
      "have no input. What follows here goes with it; --checkpoint-at then takes a virtual time " +
      "such as 5ms, may be repeated, and saves all ranks, on their simulated nodes.",
  },
  { name: "nodes", value: "N", help: "Nodes the ranks are dealt round (one for each)." },
  { name: "latency", value: "time", help: "Of every channel: 50us, or a range, 50us..200us." },
  {
    name: "order",
    value: "order",
    choices: CHANNEL.order.choices,
    help: "Whether messages of a channel may overtake each other: fifo (default) or any.",
  },
  {
    name: "protocol",
    value: "name",
    help: "Who makes one checkpoint of those of all ranks (message_counting).",
  },
  optionFlag("the protocol"),
  {
    name: "crash-at",
    value: "time",
    repeat: true,
    help: "Crash all ranks, and restart them from the newest global checkpoint. What they have " +
      "written since was read already, and comes again. Repeatable.",
  },
  { name: "ram", value: "size", help: "Memory of each rank (128MiB)." },
  { name: "seed", value: "N", help: "What is random in the run follows from it (1)." },
  { name: "max-time", value: "time", help: "Virtual time after which it is given up (60min)." },
  {
    name: "workers",
    value: "N|auto",
    help: "Workers for the ranks; 0: all in one thread. It changes speed alone.",
  },
];

/** Flags of one program, and why several have none. */
const LONE_FLAGS: Readonly<Record<string, string>> = {
  mount: "what a rank reads must go back with it, so it sees no file of the host",
  strace: "it prints the calls of one program",
  budget: "it counts the instructions of one program; name a --max-time",
  image: "the images stay on the simulated disks of the nodes; leave it away",
  replicas: "the images stay on the simulated disks of the nodes; leave it away",
  compress: "the images stay on the simulated disks of the nodes; leave it away",
  export: "an executable is one process",
  restore: "an image of exec is one of one program",
};

const SWITCHES: readonly string[] = ["strace", "compress"];

/** Throws `UsageError` for a flag that wants `--ranks`. */
export function checkLone(given: Given): void {
  const stray = RANKS_FLAGS.find(({ name }) => given.text(name) !== undefined);
  if (stray !== undefined) throw new UsageError(`--${stray.name} goes with --ranks`);
}

function checkRanks(given: Given): void {
  for (const [name, why] of Object.entries(LONE_FLAGS)) {
    // A switch that was not given has the text "false"; a folder may have that name.
    if (given.on(name) || !SWITCHES.includes(name) && given.text(name) !== undefined) {
      throw new UsageError(`--${name} does not go with --ranks: ${why}`);
    }
  }
}

function bounded(given: Given, name: string, least: number, most: number): number | undefined {
  const value = wholeNumber(given, name);
  if (value === undefined || value >= least && value <= most) return value;
  throw new UsageError(`--${name} takes ${least} to ${most}, not ${value}`);
}

/** ns of a written time, or nothing. */
function timeOf(text: string): number | undefined {
  const read = /^\d/.test(text) ? readMeasure(text) : { problem: "" };
  const ns = "problem" in read ? undefined : toEngine(read, "time");
  return typeof ns === "number" ? ns : undefined;
}

function times(given: Given, name: string): readonly number[] {
  return given.texts(name).map((text) => {
    const ns = timeOf(text);
    if (ns !== undefined) return ns;
    throw new UsageError(`--${name} takes a virtual time such as 5ms with --ranks, not '${text}'`);
  });
}

function latencyOf(given: Given): Partial<Pick<ChannelOptions, "latency">> {
  const text = given.text("latency");
  if (text === undefined) return {};
  const [low, high, ...more] = text.split("..").map(timeOf);
  if (low === undefined || more.length > 0 || text.includes("..") && high === undefined) {
    const wanted = "a time such as 50us, or a range such as 50us..200us";
    throw new UsageError(`--latency takes ${wanted}, not '${text}'`);
  }
  if (low < CHANNEL.latency.min) {
    const least = format(fromEngine(CHANNEL.latency.min, "time"));
    throw new UsageError(`--latency takes at least ${least}, not '${text}'`);
  }
  if (high === undefined) return { latency: { shape: "constant", value: low } };
  if (high < low) throw new UsageError(`--latency ${text}: the range is empty`);
  return { latency: { shape: "uniform", low, high } };
}

function ramOf(given: Given): Partial<Pick<Profile, "ram">> {
  const text = given.text("ram");
  if (text === undefined) return {};
  const read = /^\d/.test(text) ? readMeasure(text) : { problem: "" };
  const bytes = "problem" in read ? undefined : toEngine(read, "bytes");
  const { min, max } = PROFILE.ram;
  if (typeof bytes === "number" && bytes >= min && bytes <= max) return { ram: bytes };
  const [least, most] = [min, max].map((size) => format(fromEngine(size, "bytes")));
  throw new UsageError(`--ram takes a size from ${least} to ${most}, not '${text}'`);
}

/** A strategy with the defaults of its options. */
function withDefaults(name: string, rows: readonly { name: string; options: OptionTable }[]) {
  const row = rows.find((each) => each.name === name);
  return { name, options: readOptions(row?.options ?? {}, {}).values };
}

function protocolOf(given: Given, host: Host, order: string): Strategy {
  const { protocols } = host.vocabulary;
  const name = strategyName(given, "protocol", host) ?? "message-counting";
  const row = protocols.find((each) => each.name === name);
  if (row?.requires.order === "fifo" && order === "any") {
    throw new UsageError(`--order any: the protocol '${name}' requires channels with order fifo`);
  }
  if (row === undefined) return withDefaults(name, protocols);
  const options = optionsFlag(given, row.options, `the protocol '${name}'`);
  return { name, options: readOptions(row.options, options).values };
}

/** Reads the arguments; mistakes are UsageErrors. */
export function ranksRequest(given: Given, host: Host): RanksRequest {
  checkRanks(given);
  const [program, ...args] = given.rest;
  if (program === undefined) throw new UsageError("exec --ranks needs a program");
  const ranks = bounded(given, "ranks", 1, MOST_RANKS) ?? 1;
  const checkpoints = times(given, "checkpoint-at");
  const crashes = times(given, "crash-at");
  for (const name of ["protocol", "option", "checkpointer", "crash-at"]) {
    if (given.text(name) !== undefined && checkpoints.length === 0) {
      throw new UsageError(`--${name} goes with --checkpoint-at`);
    }
  }
  const order = given.text("order");
  const channel = readOptions(CHANNEL, { ...latencyOf(given), ...optional("order", order) }).values;
  const checkpointer = strategyName(given, "checkpointer", host) ?? "stop-the-world";
  return {
    program,
    args,
    environment: Object.fromEntries(pairs(given, "env")),
    ranks,
    nodes: bounded(given, "nodes", 1, ranks) ?? ranks,
    profile: readOptions(PROFILE, ramOf(given)).values,
    channel,
    seed: wholeNumber(given, "seed") ?? 1,
    ...workersOf(given),
    steps: [
      ...checkpoints.map((atNs) => ({ atNs, what: "checkpoint" as const })),
      ...crashes.map((atNs) => ({ atNs, what: "crash" as const })),
    ],
    checkpointer: withDefaults(checkpointer, host.vocabulary.checkpointers),
    ...optional(
      "protocol",
      checkpoints.length === 0 ? undefined : protocolOf(given, host, channel.order),
    ),
    mostNs: timeFlag(given, "max-time") ?? MOST_NS,
    stats: given.on("stats"),
    jit: jitFlag(given),
  };
}

/** A Worker for each process unless a number is given: programs of many ranks are long. */
function workersOf(given: Given): { workers?: number } {
  const { workers } = workersFlag(given);
  return typeof workers === "number" ? { workers } : {};
}
