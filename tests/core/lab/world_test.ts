/** The lab with real guests: crashes and restarts at every time, and what may be asked of them. */
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import {
  BINS,
  type Checkpointer,
  LabError,
  type Loss,
  LOSSES,
  type Strategy,
  StrategyError,
  type World,
} from "../../../core/mod.ts";
import { exitWith, tinyElf } from "../kernel/tiny_elf.ts";
import {
  addNode,
  load,
  MS,
  newWorld,
  oneProcess,
  toEnd,
  until,
  using,
  victims,
} from "./world_fixture.ts";

const COW = using("concurrent-cow");
const STOP = using("stop-the-world");

const ask = (world: World, metric: string, process = "p0") => world.processMetric(process, metric);
const committed = (world: World, label: string) => world.committed.includes(label);

const GUESTS: readonly (readonly [Strategy, checkpointAt: number])[] = [
  [load("matmul", { size: 20 }), 200_000],
  [load("fft", { points: 256 }), 400_000],
  [load("sort", { count: 200 }), 300_000],
  [load("pattern", { length: 8192 }), 300_000],
  [load("josephus", { people: 9000, step: 3 }), 300_000],
  [load("wmem1", { pages: 20, sweeps: 30, gap: 20 }), 200_000],
  [load("wmem2", { pages: 20, sweeps: 60, gap: 20 }), 200_000],
  [load("counter", { ticks: 9, turns: 9000 }), 200_000],
  [load("echo", { input: "one\ntwo\n".repeat(500) }), 100_000],
];

for (const [workload, at] of GUESTS) {
  Deno.test(`${workload.name}: after a crash it ends as if there had been none`, async () => {
    const alone = oneProcess(workload);
    await toEnd(alone, "p0");
    assert(ask(alone, "state") !== "");
    for (const strategy of [STOP, COW]) {
      for (const cpus of [1, 2]) {
        const world = oneProcess(workload, { cpus });
        await world.advance(at);
        await world.checkpoint(["p0"], "c", strategy);
        await until(world, () => committed(world, "c"));
        if (ask(world, "running") === true) await world.crash(victims("p0"), "nothing");
        else throw new Error(`${workload.name} ended before it could crash`);
        await world.advance(world.now + MS);
        await world.restart(["p0"], "c", undefined);
        await toEnd(world, "p0");
        for (const metric of ["output", "exit", "instructions", "state"]) {
          assertEquals(ask(world, metric), ask(alone, metric), `${strategy.name} ${metric}`);
        }
      }
    }
  });
}

/** Counts aloud; its output tells every turn it made. */
const COUNTER = load("counter", { ticks: 40, turns: 3000 });

async function counterAlone(): Promise<string> {
  const world = oneProcess(COUNTER);
  await toEnd(world, "p0");
  return ask(world, "output") as string;
}

for (const strategy of [STOP, COW]) {
  for (const losing of LOSSES) {
    Deno.test(`a crash at any time of a checkpoint by ${strategy.name}, losing ${losing}`, async () => {
      const output = await counterAlone();
      const seen = { kept: 0, second: 0 };
      for (let late = 0; late < 1_200_000; late += 37_000) {
        const world = oneProcess(COUNTER, { page_copy: 8000 });
        await world.advance(50_000);
        await world.checkpoint(["p0"], "c1", strategy);
        await until(world, () => committed(world, "c1"));
        await world.checkpoint(["p0"], "c2", strategy);
        await world.advance(world.now + late);
        const second = committed(world, "c2");
        await world.crash(victims("p0"), losing);
        assert(world.atRest);
        assertEquals(world.checkpointMetric("c2", "committed"), second && losing !== "disk");
        if (losing === "disk") {
          await assertRejects(() => world.restart(["p0"], undefined, undefined), LabError, "none");
          assertEquals(world.committed, []);
          continue;
        }
        assertEquals(world.committed, second ? ["c1", "c2"] : ["c1"]);
        await world.restart(["p0"], undefined, undefined);
        await toEnd(world, "p0");
        assertEquals(ask(world, "output"), output, `crash ${late} ns after the request`);
        seen[second ? "second" : "kept"]++;
      }
      if (losing !== "disk") assert(seen.kept > 5 && seen.second > 0, JSON.stringify(seen));
    });
  }
}

Deno.test("a crash while it is restarted, and a second restart", async () => {
  const world = oneProcess(COUNTER);
  await world.advance(200_000);
  await world.checkpoint(["p0"], "c", STOP);
  await until(world, () => committed(world, "c"));
  await world.advance(world.now + 200_000);
  await world.crash(victims("p0"), "nothing");
  await world.restart(["p0"], "c", undefined);
  const whole = ask(world, "restart_time") as number, began = ask(world, "instructions");
  assertEquals(ask(world, "running"), true);
  await world.advance(world.now + 10_000);
  assertEquals(ask(world, "instructions"), began, "its image is still being read");
  await world.crash(victims("p0"), "nothing");
  assert((ask(world, "restart_time") as number) < whole, "only what has passed of it");
  await world.restart(["p0"], "c", undefined);
  await assertRejects(() => world.restart(["p0"], "c", undefined), LabError, "is running");
  await toEnd(world, "p0");
  assertEquals(ask(world, "output"), await counterAlone());
  assertEquals([ask(world, "crashes"), ask(world, "restarts")], [2, 2]);
});

Deno.test("a checkpoint of a process that is being restarted does not let it go early", async () => {
  const world = oneProcess(COUNTER, { disk: 2_000_000 });
  await world.advance(200_000);
  await world.checkpoint(["p0"], "c1", using("stop-the-world", { leave_out_executable: true }));
  await until(world, () => committed(world, "c1"));
  await world.crash(victims("p0"), "nothing");
  await world.restart(["p0"], "c1", undefined);
  const began = ask(world, "instructions");
  const ends = world.now + (ask(world, "restart_time") as number);
  await world.checkpoint(["p0"], "c2", using("concurrent-cow"));
  await world.advance(ends - 50_000);
  assertEquals(ask(world, "instructions"), began);
  await world.advance(ends + 200_000);
  assert((ask(world, "instructions") as number) > (began as number));
  await until(world, () => committed(world, "c2"));
  await world.crash(victims("p0"), "nothing");
  await world.restart(["p0"], "c2", undefined);
  await toEnd(world, "p0");
  assertEquals(ask(world, "output"), await counterAlone());
});

Deno.test("output goes back to the very point of the image, also forward to another life's", async () => {
  const world = oneProcess(COUNTER);
  const take = async (label: string) => {
    await world.checkpoint(["p0"], label, STOP);
    await until(world, () => committed(world, label));
  };
  await world.advance(100_000);
  await take("early");
  await world.advance(world.now + 400_000);
  await take("late");
  const late = ask(world, "output") as string;
  await world.crash(victims("p0"), "nothing");
  await world.restart(["p0"], "early", undefined);
  assert(late.startsWith(ask(world, "output") as string));
  assertNotEquals(ask(world, "output"), late);
  await world.crash(victims("p0"), "nothing");
  await world.restart(["p0"], "late", undefined);
  assertEquals(ask(world, "output"), late);
  await toEnd(world, "p0");
  assertEquals(ask(world, "output"), await counterAlone());
});

Deno.test("work lost is what was done after t0, once for each crash", async () => {
  const world = oneProcess(load("sort", { count: 600 }));
  await world.advance(MS);
  await world.checkpoint(["p0"], "c", STOP);
  await until(world, () => committed(world, "c"));
  for (let crash = 1; crash <= 2; crash++) {
    await world.advance(world.now + 2 * MS);
    const used = ask(world, "run_time") as number;
    await world.crash(victims("p0"), "nothing");
    await world.restart(["p0"], undefined, undefined);
    const kept = ask(world, "run_time") as number;
    assert(used > kept);
    if (crash === 1) assertEquals(ask(world, "rerun_time"), used - kept);
    else assert((ask(world, "rerun_time") as number) > used - kept);
  }
});

Deno.test("a restart on another node: another clock, other frames, the same end", async () => {
  const workload = load("clock", { steps: 20, turns: 4000, sleep: 1 });
  const world = newWorld();
  addNode(world, "n0");
  addNode(world, "slow", { clock: 50_000_000 });
  world.addProcess("p0", "n0", workload);
  world.addProcess("other", "slow", COUNTER);
  await world.advance(5 * MS);
  await world.checkpoint(["p0"], "c", COW);
  await until(world, () => committed(world, "c"));
  const used = ask(world, "run_time") as number;
  await world.crash(victims("p0"), "nothing");
  await world.restart(["p0"], "c", "slow");
  assertEquals(ask(world, "node"), "slow");
  // The same time on another clock, but for the length of a cycle.
  assert((ask(world, "run_time") as number) <= used + 20);
  await toEnd(world, "p0", "other");
  assertEquals((ask(world, "output") as string).split("\n").length, 20 + 1);
  assertEquals(ask(world, "output", "other"), await counterAlone());
});

Deno.test("events come in order of time, and looking more often changes nothing", async () => {
  const traces = await Promise.all([20_000, 50_000, 400_000].map(async (step) => {
    const world = newWorld();
    for (const name of ["n0", "n1"]) addNode(world, name);
    world.addProcess("a", "n1", load("counter", { ticks: 200, turns: 3000 }));
    world.addProcess("b", "n0", load("wmem2", { pages: 20, sweeps: 2000, gap: 20 }));
    world.addProcess("c", "n0", load("clock", { steps: 9, turns: 3000, sleep: 1 }));
    const to = async (ns: number) => {
      while (world.now < ns) await world.advance(Math.min(ns, world.now + step));
    };
    await to(400_000);
    await world.checkpoint(["a", "b", "c"], "c", COW);
    await to(3_200_000);
    await world.crash(victims("a", "b"), "unsynced");
    await world.restart(["a", "b"], undefined, undefined);
    await to(40 * MS);
    const times = world.trace.events.map(({ time }) => time);
    assertEquals(times, [...times].sort((a, b) => a - b));
    for (const time of times) assert(Number.isInteger(time));
    return { events: world.trace.events, hash: world.traceHash };
  }));
  assertEquals(traces[1], traces[0]);
  assertEquals(traces[2], traces[0]);
  const kinds = new Set(traces[0]?.events.map(({ kind }) => kind));
  for (const kind of ["node", "spawn", "checkpoint", "committed", "crash", "restart", "end"]) {
    assert(kinds.has(kind), kind);
  }
});

Deno.test("the trace tells runs apart that differ in anything a script can see", async () => {
  const hashOf = async (
    workload: Strategy,
    profile: Record<string, unknown> = {},
    at = 100_000,
  ) => {
    const world = oneProcess(workload, profile);
    await world.advance(at);
    await world.checkpoint(["p0"], "c", COW);
    await toEnd(world, "p0");
    return world.traceHash;
  };
  const hashes = [
    await hashOf(COUNTER),
    await hashOf(COUNTER, {}, 110_000),
    await hashOf(COUNTER, { page_copy: 4097 }),
    await hashOf(COUNTER, { cpus: 2 }),
    await hashOf(load("counter", { ticks: 40, turns: 3001 })),
  ];
  assertEquals(new Set(hashes).size, hashes.length);
  assertEquals(await hashOf(COUNTER), hashes[0]);
});

Deno.test("progress counts by the run the same process has alone", async () => {
  const world = oneProcess(COUNTER);
  assertEquals(ask(world, "progress"), 0);
  let last = 0;
  while (ask(world, "exited") !== true) {
    await world.advance(world.now + 100_000);
    const progress = ask(world, "progress") as number;
    assert(progress > last && progress <= 1);
    last = progress;
  }
  assertEquals(last, 1);
});

Deno.test("a final state is of the memory, not of nothing", async () => {
  const states = await Promise.all([3000, 3001].map(async (turns) => {
    const world = oneProcess(load("counter", { ticks: 3, turns }));
    await toEnd(world, "p0");
    return ask(world, "state");
  }));
  assertNotEquals(states[0], states[1]);
});

Deno.test("metrics of a checkpoint that was not committed are not below zero", async () => {
  const world = oneProcess(load("wmem2", { pages: 20, sweeps: 9000, gap: 20 }), { disk: 100_000 });
  await world.checkpoint(["p0"], "c", COW);
  await world.advance(2 * MS);
  const read = () =>
    ["time", "elapsed", "window", "downtime", "max_pause", "restart_time", "image_size"].map((
      name,
    ) => world.checkpointMetric("c", name) as number);
  for (const value of read()) assert(value >= 0);
  await world.crash(victims("p0"), "nothing");
  for (const value of read()) assert(value >= 0);
  assertEquals(world.checkpointMetric("c", "committed"), false);
});

Deno.test("a neighbour's checkpoint does not survive the loss of the disk it is written to", async () => {
  for (const losing of ["unsynced", "disk"] as readonly Loss[]) {
    const world = newWorld();
    addNode(world, "n0", { disk: 1_000_000 });
    world.addProcess("p0", "n0", load("counter", { ticks: 2000, turns: 3000 }));
    world.addProcess("p1", "n0", load("sort", { count: 900 }));
    await world.checkpoint(["p1"], "c", using("stop-the-world", { buffered: true }));
    await world.advance(4 * MS);
    await world.crash(victims("p0"), losing);
    await toEnd(world, "p1");
    await until(world, () => world.atRest);
    assertEquals(world.committed, []);
    const end = world.trace.events.find(({ kind }) => kind === "abandoned");
    assert(end?.text.includes("crash of the store"), end?.text);
    assertEquals(ask(world, "exit", "p1"), 0);
  }
});

/** Breaks its contract some time after it was asked. */
const careless: Checkpointer = {
  name: "careless",
  help: "Lets pages slip.",
  options: {},
  controlMessages: () => 0,
  *capture() {
    yield { step: "stop" };
    yield { step: "save", leaveOut: "nothing" };
    yield { step: "protect" };
    yield { step: "resume" };
    for (let n = 0; n < 1000; n++) yield { step: "message", what: "busy" };
  },
  *onFirstWrite() {},
};

Deno.test("a strategy's mistake comes out of advance as it is, and the lab can still be asked", async () => {
  const world = newWorld({ more: [careless] });
  addNode(world, "n0");
  addNode(world, "n1");
  world.addProcess("p0", "n0", COUNTER);
  world.addProcess("p1", "n1", COUNTER);
  await world.advance(100_000);
  await world.checkpoint(["p0"], "c", { name: "careless", options: {} });
  await assertRejects(
    () => world.advance(world.now + 5 * MS),
    StrategyError,
    "'careless' let page",
  );
  assertEquals(world.trace.events.at(-1)?.kind, "abandoned");
  assertEquals(world.checkpointMetric("c", "committed"), false);
  const bins = Object.keys(BINS).map((bin) => world.checkpointMetric("c", `${bin}_time`) as number);
  assert(bins.every((time) => time >= 0));
  await toEnd(world, "p0", "p1");
  for (const name of ["p0", "p1"]) assertEquals(ask(world, "output", name), await counterAlone());
});

Deno.test("a mistake in one part of a checkpoint gives up the other parts", async () => {
  const hasty: Checkpointer = {
    ...careless,
    name: "hasty",
    *capture() {
      yield { step: "stop" };
      if (asked++ > 0) yield { step: "stop" };
      yield { step: "message", what: "busy" };
    },
  };
  let asked = 0;
  const world = newWorld({ more: [hasty] });
  addNode(world, "n0");
  for (const name of ["p0", "p1"]) world.addProcess(name, "n0", COUNTER);
  const order = () => world.checkpoint(["p0", "p1"], "c", { name: "hasty", options: {} });
  await assertRejects(order, StrategyError, "stopped already");
  await toEnd(world, "p0", "p1");
  assertEquals(world.committed, []);
});

Deno.test("a process that begins later begins at its time, as if power came on then", async () => {
  const world = oneProcess(COUNTER);
  world.addProcess("p1", "n0", COUNTER, 3 * MS);
  await world.advance(3 * MS - 1);
  assertEquals([ask(world, "running", "p1"), ask(world, "instructions", "p1")], [false, 0]);
  assertEquals(ask(world, "exited"), true);
  assert(!world.atRest, "one is still to begin");
  await toEnd(world, "p1");
  const time = (kind: string, name: string) =>
    world.trace.events.find((event) => event.kind === kind && event.process === name)?.time ?? 0;
  assertEquals(time("spawn", "p1"), 3 * MS);
  assertEquals(time("end", "p1") - 3 * MS, time("end", "p0"));
  assertEquals(ask(world, "output", "p1"), await counterAlone());
});

Deno.test("system calls that were answered ENOSYS are told once, with a count", async () => {
  // fork (2) three times, then the end.
  const lines = [...["mov #2,r3", "trapa #31"], ...["trapa #31", "trapa #31"], ...exitWith(0)];
  const file = Deno.makeTempFileSync({ suffix: ".elf" });
  try {
    Deno.writeFileSync(file, tinyElf(lines).bytes);
    const world = newWorld();
    addNode(world, "n0");
    world.addProcess("p", "n0", load("program", { file: `file://${file}` }));
    await toEnd(world, "p");
    assertEquals(world.processMetric("p", "exit"), 0);
    assertEquals(world.remarks.length, 1);
    assertMatch(world.remarks[0] ?? "", /^p: fork was answered ENOSYS 3 times \(.+\)$/);
  } finally {
    Deno.removeSync(file);
  }
});
