/** The guest programs as workloads a script may name, with their options checked. */
import type { OptionTable, Workload } from "../core/mod.ts";
import { jobs } from "./workloads/jobs.ts";
import { guest, workload } from "./workloads/workload.ts";

/** Options shared by the two memory writers of paper A. */
const writer = {
  pages: { type: "count", default: 256, min: 1, max: 65536, doc: "Pages of the area." },
  sweeps: {
    type: "count",
    default: 32,
    min: 1,
    max: 1_000_000,
    doc: "Times it goes over the area.",
  },
  gap: { type: "count", default: 250, min: 0, doc: "Turns of a delay loop between two stores." },
} as const satisfies OptionTable;

const matmul = workload({
  name: "matmul",
  help: "Multiplies two square matrices.",
  options: {
    size: { type: "count", default: 64, min: 1, max: 1024, doc: "Rows and columns." },
    element: {
      type: "text",
      default: "double",
      choices: ["double", "float"],
      doc: "The type of an element.",
    },
  },
  start: ({ size, element }) => ({ file: guest("matmul"), args: [String(size), element] }),
});

const fft = workload({
  name: "fft",
  help: "Transforms a signal there and back.",
  options: {
    points: { type: "count", default: 4096, min: 2, max: 1 << 20, doc: "Points, a power of two." },
  },
  start: ({ points }) => ({ file: guest("fft"), args: [String(points)] }),
});

const sort = workload({
  name: "sort",
  help: "Sorts integers by the bubble sort.",
  options: {
    count: { type: "count", default: 1000, min: 1, max: 100_000, doc: "Integers." },
  },
  start: ({ count }) => ({ file: guest("sort"), args: [String(count)] }),
});

const pattern = workload({
  name: "pattern",
  help: "Looks for a pattern in a text (paper A's PM).",
  options: {
    length: { type: "count", default: 131_072, min: 1, max: 1 << 26, doc: "Characters of text." },
  },
  start: ({ length }) => ({ file: guest("pattern"), args: [String(length)] }),
});

const josephus = workload({
  name: "josephus",
  help: "The Josephus problem on a linked circle (paper A's JPA).",
  options: {
    people: { type: "count", default: 50_000, min: 1, max: 1 << 22, doc: "People in the circle." },
    step: { type: "count", default: 10, min: 1, max: 1_000_000, doc: "Every how manieth leaves." },
  },
  start: ({ people, step }) => ({ file: guest("josephus"), args: [String(people), String(step)] }),
});

const wmem1 = workload({
  name: "wmem1",
  help: "Stores one word every 2 KiB (paper A's Wmem1).",
  options: writer,
  start: ({ pages, sweeps, gap }) => ({
    file: guest("wmem1"),
    args: [pages, sweeps, gap].map(String),
  }),
});

const wmem2 = workload({
  name: "wmem2",
  help: "Stores one word every 4 KiB (paper A's Wmem2, its own counter-example).",
  options: writer,
  start: ({ pages, sweeps, gap }) => ({
    file: guest("wmem2"),
    args: [pages, sweeps, gap].map(String),
  }),
});

const anyWriter = workload({
  name: "writer",
  help: "Stores one word every so many bytes: wmem1 and wmem2 with a stride of one's own.",
  options: {
    stride: {
      type: "bytes",
      default: 4096,
      min: 4,
      max: 4096,
      doc: "Between two words; it divides a page.",
    },
    ...writer,
  },
  start: ({ stride, pages, sweeps, gap }) => ({
    file: guest("writer"),
    args: [stride, pages, sweeps, gap].map(String),
  }),
});

const server = workload({
  name: "server",
  help: "Answers requests out of a table, a few pages written all the time (value `served`).",
  options: {
    clients: { type: "count", default: 8, min: 1, max: 64, doc: "Who asks, in turn." },
    requests: { type: "count", default: 12_000, min: 1, max: 100_000_000, doc: "Requests in all." },
    turns: {
      type: "count",
      default: 200,
      min: 0,
      max: 1_000_000_000,
      doc: "Turns of a delay loop for a request.",
    },
  },
  values: ["served"],
  start: ({ clients, requests, turns }) => ({
    file: guest("server"),
    args: [clients, requests, turns].map(String),
  }),
});

const counter = workload({
  name: "counter",
  help: "Prints a line every so many turns of a loop: progress one can see.",
  options: {
    ticks: { type: "count", default: 10, min: 1, max: 1_000_000, doc: "Lines." },
    turns: { type: "count", default: 100_000, min: 1, doc: "Turns of the loop between two lines." },
  },
  start: ({ ticks, turns }) => ({ file: guest("counter"), args: [String(ticks), String(turns)] }),
});

const clock = workload({
  name: "clock",
  help: "Works in steps and prints the virtual time each took.",
  supports: { rerun: false },
  options: {
    steps: { type: "count", default: 5, min: 1, max: 1_000_000, doc: "Steps of work." },
    turns: { type: "count", default: 100_000, min: 1, doc: "Turns of the loop in a step." },
    sleep: {
      type: "count",
      default: 0,
      min: 0,
      max: 1_000_000,
      doc: "Milliseconds asleep a step.",
    },
  },
  start: ({ steps, turns, sleep }) => ({
    file: guest("clock"),
    args: [steps, turns, sleep].map(String),
  }),
});

const echo = workload({
  name: "echo",
  help: "Copies its input to its output line by line.",
  options: { input: { type: "text", default: "", doc: "What it reads." } },
  start: ({ input }) => ({ file: guest("echo"), args: [], input }),
});

const notes = workload({
  name: "notes",
  help: "Appends to a file and passes numbers through a pipe, both open all the time.",
  options: {
    rounds: { type: "count", default: 2000, min: 1, max: 1_000_000, doc: "Lines of the file." },
    depth: { type: "count", default: 16, min: 1, max: 1000, doc: "Numbers in the pipe." },
    turns: {
      type: "count",
      default: 500,
      min: 0,
      max: 1_000_000_000,
      doc: "Turns of the delay loop in a round.",
    },
  },
  start: ({ rounds, depth, turns }) => ({
    file: guest("notes"),
    args: [rounds, depth, turns].map(String),
  }),
});

const program = workload({
  name: "program",
  help: "Runs any static SH-4 program.",
  options: {
    file: { type: "text", default: "", doc: "The ELF file, from the folder the command runs in." },
    args: { type: "texts", default: [], doc: "Its arguments." },
    input: { type: "text", default: "", doc: "What it reads from standard input." },
  },
  start: ({ file, args, input }) => ({ file, args, input }),
});

/** Every built-in workload. */
export const workloads: readonly Workload[] = [
  matmul,
  fft,
  sort,
  pattern,
  josephus,
  wmem1,
  wmem2,
  anyWriter,
  server,
  counter,
  clock,
  echo,
  notes,
  ...jobs,
  program,
];
