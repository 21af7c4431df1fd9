/** The guests of several processes: what they print depends neither on order nor on their number. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { readOptions } from "../../core/base/option.ts";
import { workloads } from "../../plugins/workloads.ts";
import { type Ended, guestFile, runGuest } from "./ranks.ts";

/** Arguments of each that make it short. */
const JOBS: Readonly<Record<string, readonly string[]>> = {
  fractal: ["12", "8", "30"],
  matpower: ["9", "4"],
  heat: ["10", "6", "5"],
  ring: ["6", "40", "100"],
  gossip: ["12", "20", "30"],
  bank: ["12", "5", "30"],
  exits: ["3", "5", "30"],
  pi: ["200", "3"],
  puppet: ["2", "0", "50", "0:100:1", "1:200:0", "1:150:0", "0:90:1"],
};

const run = (name: string, size: number, seed?: number): Ended =>
  runGuest(guestFile(name), JOBS[name] as readonly string[], size, seed);

/** The lines of all processes that begin so. */
const lines = ({ outputs }: Ended, start: string): string[] =>
  outputs.flatMap((output) => output.split("\n")).filter((line) => line.startsWith(start));

for (const name of Object.keys(JOBS).filter((name) => name !== "puppet")) {
  Deno.test(`${name}: runs alone, and with messages that overtake each other as without`, () => {
    for (const size of [1, 2, 3, 5]) {
      const inOrder = run(name, size);
      assertEquals(inOrder.exits, Array(size).fill(0), inOrder.outputs.join(""));
      for (const output of inOrder.outputs) assertMatch(output, new RegExp(`^${name}: rank`));
      for (const seed of [1, 2, 3]) {
        const reordered = run(name, size, seed);
        assertEquals(reordered.outputs, inOrder.outputs);
        assertEquals(reordered.exits, inOrder.exits);
      }
    }
  });
}

Deno.test("fractal, matpower and heat: the result is the same for every number of processes", () => {
  for (const [name, start] of [["matpower", "matpower: the power"], ["heat", "heat: the plate"]]) {
    const alone = lines(run(name as string, 1), start as string);
    assertEquals(alone.length, 1);
    for (const size of [2, 3, 4, 7]) {
      assertEquals(lines(run(name as string, size), start as string), alone);
    }
  }
  const checksum = (text: string) => text.slice(text.lastIndexOf(" ")).trim();
  const picture = checksum(run("fractal", 1).outputs[0] as string);
  for (const size of [2, 4, 14]) {
    assertEquals(run("fractal", size).outputs.map(checksum), Array(size).fill(picture));
  }
});

Deno.test("gossip: each process sends one message a round and gets as many", () => {
  for (const size of [2, 3, 17, 64]) {
    const { outputs, sent } = run("gossip", size);
    assertEquals(sent, 12 * size);
    for (const output of outputs) assertMatch(output, /: 12 messages received, checksum/);
    assert(new Set(outputs).size === size);
  }
});

Deno.test("bank: balances differ, and their total is what it was", () => {
  const { outputs } = run("bank", 4);
  const balances = outputs.map((output) => Number(/balance (-?\d+)/.exec(output)?.[1]));
  assertEquals(balances.reduce((sum, balance) => sum + balance), 4 * 5 * 1000);
  assert(new Set(balances).size > 1);
  assertMatch(outputs[0] as string, /bank: total 20000\n/);
});

Deno.test("exits: who leaves earlier has received less, and nobody waits for him", () => {
  const { outputs } = run("exits", 6);
  const phases = outputs.map((output) => Number(/after phase (\d)/.exec(output)?.[1]));
  assertEquals(phases, [1, 1, 2, 2, 3, 3]);
  const received = outputs.map((output) => Number(/(\d+) messages/.exec(output)?.[1]));
  assertEquals(received, [5, 5, 10, 10, 15, 15]);
});

Deno.test("puppet: sends what it is told, when it is told, and prints by sender and number", () => {
  const { outputs, sent } = run("puppet", 2);
  assertEquals(sent, 4);
  assertEquals(outputs, [
    "puppet: rank 0 of 2: 2 sent, 2 received\n" +
    "puppet: rank 0: message 0 of process 1, planned at 150 us\n" +
    "puppet: rank 0: message 1 of process 1, planned at 200 us\n",
    "puppet: rank 1 of 2: 2 sent, 2 received\n" +
    "puppet: rank 1: message 0 of process 0, planned at 90 us\n" +
    "puppet: rank 1: message 1 of process 0, planned at 100 us\n",
  ]);
});

Deno.test("puppet: ends at its end with what has come", () => {
  const { outputs, exits } = runGuest(guestFile("puppet"), ["9", "400", "50", "0:100:1"], 2);
  assertEquals(exits, [0, 0]);
  assertMatch(outputs[1] as string, /0 sent, 1 received/);
});

Deno.test("guests refuse what makes no sense in one line that says what was expected", () => {
  const cases: [string, string[], RegExp][] = [
    [
      "puppet",
      ["0", "0", "100", "5000"],
      /a message is microsecond:process or .*, not "5000"; usage/,
    ],
    ["puppet", ["0", "0", "100", "1:7"], /"1:7" is for process 7, but there are 2; usage/],
    ["heat", ["1"], /1 rows are too few for 2 processes; usage/],
    ["gossip", ["0"], /messages is a whole number from 1 to 1000000, not "0"; usage/],
  ];
  for (const [name, args, complaint] of cases) {
    const { outputs, exits } = runGuest(guestFile(name), args, 2);
    assertEquals(exits, [2, 2]);
    for (const output of outputs) assertMatch(output, complaint);
  }
});

Deno.test("every workload of several processes starts with its defaults and takes its options", () => {
  for (const name of Object.keys(JOBS)) {
    const row = workloads.find((workload) => workload.name === name);
    assert(row !== undefined, name);
    const { file, args } = row.start(readOptions(row.options, {}).values);
    const { exits, outputs } = runGuest(Deno.readFileSync(new URL(file)), args, 2);
    assertEquals(exits, [0, 0], outputs.join(""));
  }
});
