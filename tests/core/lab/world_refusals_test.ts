/** What the lab refuses, with a word of why; and that nothing has happened then. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CHANNEL, LabError, readOptions, type World } from "../../../core/mod.ts";
import { addNode, load, MS, oneProcess, toEnd, until, using, victims } from "./world_fixture.ts";

const COW = using("concurrent-cow");

const ask = (world: World, metric: string, process = "p0") => world.processMetric(process, metric);
const committed = (world: World, label: string) => world.committed.includes(label);

/** Counts aloud; its output tells every turn it made. */
const COUNTER = load("counter", { ticks: 40, turns: 3000 });

async function counterAlone(): Promise<string> {
  const world = oneProcess(COUNTER);
  await toEnd(world, "p0");
  return ask(world, "output") as string;
}

Deno.test("what belongs to the setup is refused when the world has begun", async () => {
  const world = oneProcess(COUNTER);
  await world.begin();
  const late: readonly (readonly [what: string, order: () => void])[] = [
    ["a node", () => addNode(world, "n1")],
    ["a process", () => world.addProcess("p1", "n0", COUNTER)],
    ["a channel", () => world.connect(["p0"], ["p0"], readOptions(CHANNEL, {}).values)],
    ["a protocol", () => world.coordinate({ name: "uncoordinated", options: {} })],
    ["isolation", () => world.isolate({ kind: "node" })],
  ];
  for (const [what, order] of late) {
    assertThrows(order, LabError, `${what} comes too late: the world has begun`);
  }
  await toEnd(world, "p0");
});

/** Setups the lab refuses, with a word of why. */
const REFUSED_SETUPS: readonly (readonly [what: string, word: string, (world: World) => void])[] = [
  ["a second node of a name", "already", (world) => addNode(world, "n0")],
  ["a second process of a name", "already", (world) => world.addProcess("p0", "n0", COUNTER)],
  ["a process on no node", "there are: n0", (world) => world.addProcess("p", "n9", COUNTER)],
  ["no workload", "workload 'x'", (world) => world.addProcess("p", "n0", load("x"))],
  [
    "no ELF file",
    "ELF",
    (world) => world.addProcess("p", "n0", load("program", { file: import.meta.url })),
  ],
  [
    "no file",
    "cannot read",
    (world) => world.addProcess("p", "n0", load("program", { file: "file:///no/such" })),
  ],
  ["no protocol", "protocol 'x'", (world) => world.coordinate({ name: "x", options: {} })],
];

for (const [what, word, order] of REFUSED_SETUPS) {
  Deno.test(`the lab refuses ${what}, and can still begin`, async () => {
    const world = oneProcess(COUNTER);
    assertThrows(() => order(world), LabError, word);
    await toEnd(world, "p0");
    assertThrows(() => ask(world, "state", "p"), LabError, "there are: p0");
    assertEquals(ask(world, "output"), await counterAlone());
  });
}

/** Orders the lab refuses, with a word of why. */
const REFUSED:
  readonly (readonly [what: string, word: string, order: (world: World) => unknown])[] = [
    ["no checkpointer", "'x'", (world) => world.checkpoint(["p0"], "c", using("x"))],
    ["a checkpoint of nobody", "no process", (world) => world.checkpoint([], "c", COW)],
    ["a checkpoint of a stranger", "'p9'", (world) => world.checkpoint(["p9"], "c", COW)],
    ["one process twice", "twice", (world) => world.checkpoint(["p0", "p0"], "c", COW)],
    ["a label twice", "'old' already", (world) => world.checkpoint(["p0"], "old", COW)],
    ["two checkpoints at once", "under way", async (world) => {
      await world.checkpoint(["p0"], "x", COW);
      await world.checkpoint(["p0"], "y", COW);
    }],
    ["a checkpoint after the end", "has ended", (world) => world.checkpoint(["done"], "c", COW)],
    [
      "a crash after the end",
      "has ended",
      (world) => world.crash(victims("p0", "done"), "nothing"),
    ],
    ["a crash of one twice", "twice", (world) => world.crash(victims("p0", "p0"), "disk")],
    ["a restart of the living", "is running", (world) => world.restart(["p0"], "old", undefined)],
    ["a restart after the end", "has ended", (world) => world.restart(["done"], "old", undefined)],
    ["a restart from nothing", "committed: old", async (world) => {
      await world.crash(victims("p0"), "nothing");
      await world.restart(["p0"], "older", undefined);
    }],
    ["a restart from another's image", "not a checkpoint of it", async (world) => {
      await world.crash(victims("p1"), "nothing");
      await world.restart(["p1"], "old", undefined);
    }],
    ["a restart on no node", "there are: n0", async (world) => {
      await world.crash(victims("p0"), "nothing");
      await world.restart(["p0"], "old", "n9");
    }],
    ["a metric that is none", "metric of a process 'x'", (world) => world.processMetric("p0", "x")],
    [
      "a checkpoint's that is none",
      "metric of a checkpoint 'x'",
      (world) => world.checkpointMetric("old", "x"),
    ],
    ["the state of no checkpoint", "there are: old", (world) => world.restoredState("c")],
  ];

for (const [what, word, order] of REFUSED) {
  Deno.test(`the lab refuses ${what}, and goes on`, async () => {
    const world = oneProcess(COUNTER);
    world.addProcess("p1", "n0", COUNTER);
    world.addProcess("done", "n0", load("counter", { ticks: 1, turns: 1 }));
    await toEnd(world, "done");
    await world.checkpoint(["p0"], "old", COW);
    await until(world, () => committed(world, "old"));
    await assertRejects(async () => await order(world), LabError, word);
    for (const name of ["p0", "p1"]) {
      // What was refused has not happened to anybody.
      if (!what.startsWith("a restart from") && !what.startsWith("a restart on")) {
        assertEquals(ask(world, "running", name), true);
      }
    }
    await world.advance(world.now + 10 * MS);
  });
}
