/**
 * Workloads of several processes that send each other messages. What each prints depends neither on
 * the order in which messages arrive nor on time, so it is the same after any rollback.
 */
import type { OptionTable, Workload } from "../../core/mod.ts";
import { guest, workload } from "./workload.ts";

/** Options shared by those whose traffic is random. */
const traffic = {
  gap: {
    type: "time",
    default: 200_000,
    min: 0,
    max: 1_000_000_000_000,
    doc: "Rest before each message.",
  },
  seed: { type: "count", default: 1, min: 0, max: 0xffff_ffff, doc: "Chooses the traffic." },
} as const satisfies OptionTable;

const microseconds = (ns: number): string => String(Math.round(ns / 1000));

const fractal = workload({
  name: "fractal",
  help: "The Mandelbrot set by a master and workers, rows on demand (paper B's talkative program).",
  options: {
    rows: { type: "count", default: 96, min: 1, max: 2048, doc: "Rows, each one message." },
    columns: { type: "count", default: 64, min: 1, max: 2048, doc: "Points of a row." },
    depth: { type: "count", default: 150, min: 1, max: 1_000_000, doc: "Most steps of a point." },
  },
  start: ({ rows, columns, depth }) => ({
    file: guest("fractal"),
    args: [rows, columns, depth].map(String),
  }),
});

const matpower = workload({
  name: "matpower",
  help: "A power of a matrix, rows distributed (paper B's computing program).",
  options: {
    size: { type: "count", default: 48, min: 1, max: 1024, doc: "Rows and columns." },
    power: { type: "count", default: 8, min: 1, max: 1000, doc: "The exponent." },
  },
  start: ({ size, power }) => ({ file: guest("matpower"), args: [size, power].map(String) }),
});

const heat = workload({
  name: "heat",
  aliases: ["stencil"],
  help: "Heat in a plate by Jacobi's method: each process sends its edges to its neighbours.",
  options: {
    rows: { type: "count", default: 48, min: 1, max: 2048, doc: "Rows, one a process at least." },
    columns: { type: "count", default: 48, min: 1, max: 2048, doc: "Columns." },
    steps: { type: "count", default: 60, min: 1, max: 1_000_000, doc: "Steps of time." },
  },
  start: ({ rows, columns, steps }) => ({
    file: guest("heat"),
    args: [rows, columns, steps].map(String),
  }),
});

const ring = workload({
  name: "ring",
  help: "A token goes round from rank to rank.",
  options: {
    laps: { type: "count", default: 20, min: 1, max: 1_000_000, doc: "Laps of the token." },
    size: { type: "bytes", default: 64, min: 12, max: 1 << 20, doc: "Size of the token." },
    turns: {
      type: "count",
      default: 5000,
      min: 0,
      max: 1_000_000_000,
      doc: "Turns of a delay loop before it is passed on.",
    },
  },
  start: ({ laps, size, turns }) => ({
    file: guest("ring"),
    args: [laps, size, turns].map(String),
  }),
});

const gossip = workload({
  name: "gossip",
  help: "Each process sends messages to random peers and sums up what it receives.",
  options: {
    messages: { type: "count", default: 40, min: 1, max: 1_000_000, doc: "Messages a process." },
    size: { type: "bytes", default: 256, min: 8, max: 1 << 20, doc: "Size of a message." },
    ...traffic,
  },
  start: ({ messages, size, gap, seed }) => ({
    file: guest("gossip"),
    args: [String(messages), String(size), microseconds(gap), String(seed)],
  }),
});

const bank = workload({
  name: "bank",
  help: "Transfers between accounts of processes; the total never changes (value `balance`).",
  options: {
    transfers: { type: "count", default: 40, min: 1, max: 1_000_000, doc: "Transfers a process." },
    accounts: { type: "count", default: 16, min: 1, max: 65_536, doc: "Accounts a process." },
    ...traffic,
  },
  values: ["balance"],
  start: ({ transfers, accounts, gap, seed }) => ({
    file: guest("bank"),
    args: [String(transfers), String(accounts), microseconds(gap), String(seed)],
  }),
});

const exits = workload({
  name: "exits",
  help: "Processes that leave one after another, the lowest ranks first.",
  options: {
    phases: {
      type: "count",
      default: 4,
      min: 1,
      max: 64,
      doc: "Phases, after each of which some leave.",
    },
    messages: {
      type: "count",
      default: 10,
      min: 1,
      max: 10_000,
      doc: "Messages a process in a phase.",
    },
    ...traffic,
  },
  start: ({ phases, messages, gap, seed }) => ({
    file: guest("exits"),
    args: [String(phases), String(messages), microseconds(gap), String(seed)],
  }),
});

const pi = workload({
  name: "pi",
  help: "The area under a curve, by broadcasts and reductions of the MPI library.",
  options: {
    strips: {
      type: "count",
      default: 100_000,
      min: 1,
      max: 100_000_000,
      doc: "Strips of the area, in the last round.",
    },
    rounds: { type: "count", default: 4, min: 1, max: 100_000, doc: "Rounds, each finer." },
  },
  start: ({ strips, rounds }) => ({ file: guest("pi"), args: [strips, rounds].map(String) }),
});

const puppet = workload({
  name: "puppet",
  help: "Sends exactly the messages it is told to and prints what it got.",
  options: {
    messages: {
      type: "texts",
      default: [],
      doc: 'What it sends: "5000:1" is at 5000 µs to rank 1; "0:5000:1" only if it is rank 0.',
    },
    receives: { type: "count", default: 0, min: 0, max: 1_000_000, doc: "Messages it waits for." },
    end: {
      type: "time",
      default: 0,
      min: 0,
      max: 1_000_000_000_000,
      doc: "When it ends at the latest; 0 for never.",
    },
    look: {
      type: "time",
      default: 100_000,
      min: 1000,
      max: 1_000_000_000,
      doc: "Between two looks at what has come.",
    },
  },
  start: ({ messages, receives, end, look }) => ({
    file: guest("puppet"),
    args: [String(receives), microseconds(end), microseconds(look), ...messages],
  }),
});

/** Workloads of several processes. */
export const jobs: readonly Workload[] = [
  fractal,
  matpower,
  heat,
  ring,
  gossip,
  bank,
  exits,
  pi,
  puppet,
];
