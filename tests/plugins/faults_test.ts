/** Laws over the tables of storages and faults: whatever happens, nothing wrong is ever restored. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CHANNEL,
  definePlugin,
  fault,
  LabError,
  readOptions,
  Registry,
  type Strategy,
  StrategyError,
  World,
} from "../../core/mod.ts";
import { checkpointers, faults, protocols, storages, workloads } from "../../plugins/mod.ts";
import {
  addNode,
  job,
  load,
  MS,
  named,
  newWorld,
  protocol,
  toEnd,
  until,
  using,
  victims,
} from "../core/lab/world_fixture.ts";

const ALL = named(2);
const BANK = load("bank", { transfers: 60, gap: 100_000 });
const STOP = using("stop-the-world");
const EVERYWHERE = { nodes: [], processes: [] };

const strategy = (
  rows: readonly { name: string; options: Parameters<typeof readOptions>[0] }[],
  name: string,
  given: Record<string, unknown> = {},
): Strategy => {
  const row = rows.find((each) => each.name === name);
  const { values, problems } = readOptions(row?.options ?? {}, given);
  assertEquals([row?.name, problems], [name, []]);
  return { name, options: values as Strategy["options"] };
};

const outputs = (world: World) => ALL.map((name) => world.processMetric(name, "output"));

async function undisturbed(): Promise<readonly unknown[]> {
  const world = job({ workload: BANK, count: 2 });
  await toEnd(world, ...ALL);
  return outputs(world);
}

/** Two processes under a protocol, over channels that send again what is lost. */
const bank = (profile: Record<string, unknown> = {}): World =>
  job({
    workload: BANK,
    count: 2,
    protocol: protocol("message-counting"),
    profile,
    channel: { transport: "retransmit", retransmit_after: MS },
  });

async function line(world: World, label: string): Promise<void> {
  await world.checkpoint(ALL, label, STOP);
  await until(
    world,
    () => ["committed", "aborted"].some((metric) => world.checkpointMetric(label, metric) === true),
  );
}

for (const { name } of faults) {
  Deno.test(`${name}: after it, a crash and a restart the result is what it would have been`, async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const world = bank();
      await world.advance(MS);
      await line(world, "a");
      await line(world, "b");
      world.inject(strategy(faults, name), EVERYWHERE);
      await world.advance(world.now + seed * 300_000);
      await world.crash(victims(...ALL), "nothing");
      await world.restart(ALL, undefined, undefined);
      await toEnd(world, ...ALL);
      assertEquals(outputs(world), await undisturbed(), `${name} ${seed}`);
      world.end();
    }
  });

  Deno.test(`${name}: it is in the trace, and the same again`, async () => {
    const run = async (injected: boolean) => {
      const world = bank();
      await line(world, "a");
      if (injected) world.inject(strategy(faults, name), EVERYWHERE);
      await line(world, "b");
      await world.advance(world.now + MS);
      return world.traceHash;
    };
    assertEquals(await run(true), await run(true));
    assert(await run(true) !== await run(false));
  });
}

const DAMAGE = ["bit-flip", "torn-write", "lost-write"];

for (const name of DAMAGE) {
  Deno.test(`${name}: the damaged checkpoint is none any more, and says why`, async () => {
    for (const file of ["manifest", "pages"]) {
      const world = bank();
      await line(world, "a");
      await line(world, "b");
      assertEquals(world.committed, ["a", "b"]);
      world.inject(strategy(faults, name, { image: "b", file }), { nodes: ["n1"], processes: [] });
      assertEquals(world.committed, ["a"], file);
      assertThrows(() => world.restoredState("b"), LabError);
      await world.crash(victims(...ALL), "nothing");
      await assertRejects(() => world.restart(ALL, "b", undefined), LabError);
      assertEquals(world.checkpointMetric("b", "restored"), false);
    }
  });

  Deno.test(`${name}: where there is no image it is refused by name`, async () => {
    const world = bank();
    await world.begin();
    assertThrows(
      () => world.inject(strategy(faults, name, { image: "z" }), EVERYWHERE),
      LabError,
      "an image of 'z' on n0, n1",
    );
  });
}

Deno.test("a fault that nobody registered is refused", async () => {
  const world = bank();
  await world.begin();
  assertThrows(() => world.inject({ name: "gremlin", options: {} }, EVERYWHERE), LabError);
});

/** What one checkpoint costs, and what is left of it after crashes. */
async function kept(name: string, given: Record<string, unknown> = {}) {
  const single = newWorld();
  single.keep(strategy(storages, name, given));
  for (const node of ["n0", "n1"]) addNode(single, node, { disk: 2_000_000 });
  single.addProcess("p0", "n0", load("matmul", { size: 64 }));
  await single.advance(MS);
  await single.checkpoint(["p0"], "c", STOP);
  await until(single, () => single.checkpointMetric("c", "committed") === true);
  return single;
}

const SURVIVES: Readonly<
  Record<string, readonly [process: boolean, disk: boolean, node: boolean]>
> = {
  local: [true, false, true],
  memory: [true, true, false],
  peer: [true, true, true],
  // Its copies are still to come.
  levels: [true, true, false],
  remote: [true, true, true],
};

Deno.test("every storage says what it survives", () => {
  assertEquals(storages.map(({ name }) => name), Object.keys(SURVIVES));
});

for (const [name, [process, disk, node]] of Object.entries(SURVIVES)) {
  Deno.test(`${name}: what a crash of a process, its disk and its node leave`, async () => {
    const after = async (crash: (world: World) => Promise<void>) => {
      const world = await kept(name);
      await crash(world);
      return world.checkpointMetric("c", "committed");
    };
    assertEquals(await after((world) => world.crash(victims("p0"), "nothing")), process);
    assertEquals(await after((world) => world.crash(victims("p0"), "disk")), disk);
    const whole = { processes: [], nodes: ["n0"], manager: false };
    assertEquals(await after((world) => world.crash(whole, "nothing")), node);
  });
}

Deno.test("a storage of a bandwidth writes as fast as that", async () => {
  const downtime = async (bandwidth: number) =>
    Number((await kept("remote", { bandwidth, latency: 0 })).checkpointMetric("c", "downtime"));
  const slow = await downtime(1_000_000), fast = await downtime(2_000_000);
  const size = Number((await kept("remote")).checkpointMetric("c", "image_size"));
  // The rest of the downtime is the same in both; what differs is the time of the bytes.
  assert(Math.abs(slow - fast - size * 500) < 100, `${slow} ${fast} ${size}`);
});

Deno.test("retain keeps the newest of each process and removes the others", async () => {
  const world = await kept("local", { retain: 2 });
  for (const label of ["d", "e"]) {
    await world.checkpoint(["p0"], label, STOP);
    await until(world, () => world.checkpointMetric(label, "committed") === true);
  }
  assertEquals(world.committed, ["d", "e"]);
  assertEquals(world.clusterMetric("images"), 2);
});

Deno.test("a torn write leaves a part that is no image, and a restart sweeps it away", async () => {
  let torn = 0;
  for (let seed = 1; seed <= 8; seed++) {
    const world = job({
      workload: BANK,
      count: 2,
      protocol: protocol("message-counting"),
      profile: { torn_writes: true, disk: 2_000_000 },
    }, { seed });
    await line(world, "a");
    const before = Number(world.clusterMetric("stored_bytes"));
    await world.checkpoint(ALL, "b", STOP);
    await until(world, () => world.checkpointMetric("b", "phase", ["p1"]) === "write");
    await world.crash({ processes: [], nodes: ["n1"], manager: false }, "unsynced");
    if (Number(world.clusterMetric("stored_bytes")) > before) torn++;
    assertEquals(world.committed, ["a"]);
    await world.restart(ALL, undefined, undefined);
    assertEquals(world.clusterMetric("stored_bytes"), before, "swept");
    assertEquals(world.clusterMetric("crashes_in", ["write"]), 1);
  }
  assert(torn > 4, `${torn} of 8 left something`);
});

Deno.test("a storage comes before the nodes", () => {
  const world = bank();
  assertThrows(() => world.keep(strategy(storages, "memory")), LabError, "too late");
});

/** One process that computes for long, after a checkpoint of each label. */
async function saved(labels: readonly string[], storage?: Strategy): Promise<World> {
  const world = newWorld();
  if (storage !== undefined) world.keep(storage);
  addNode(world, "n0");
  world.addProcess("p0", "n0", load("matmul", { size: 64 }));
  for (const label of labels) {
    await world.checkpoint(["p0"], label, STOP);
    await until(world, () => world.checkpointMetric(label, "committed") === true);
  }
  return world;
}

for (const labels of [["c9", "c10"], ["z", "a"]]) {
  Deno.test(`without a label the newest image is hit, whatever it is called: ${labels}`, async () => {
    for (const name of DAMAGE) {
      const world = await saved(labels);
      world.inject(strategy(faults, name, { file: "manifest" }), EVERYWHERE);
      assertEquals(world.committed, labels.slice(0, 1), name);
      world.end();
    }
  });
}

for (const name of ["slow-disk", "disk-full"]) {
  for (const storage of ["memory", "remote"]) {
    Deno.test(`${name}: refused where images are kept by '${storage}', not on the disk`, async () => {
      const world = await saved([], strategy(storages, storage));
      await world.begin();
      const inject = () => world.inject(strategy(faults, name), EVERYWHERE);
      assertThrows(inject, LabError, "are not on its disk");
      world.end();
    });
  }
}

Deno.test("the image of a run with `retain` is forgotten at the same time however it is stepped", async () => {
  const run = async (stepNs: number, coordinated: boolean) => {
    const world = newWorld();
    world.keep(strategy(storages, "local", { retain: 1 }));
    for (const node of ["n0", "n1"]) addNode(world, node);
    for (const [n, name] of ALL.entries()) world.addProcess(name, `n${n}`, BANK);
    const stations = [...ALL, "manager"];
    world.connect(stations, stations, readOptions(CHANNEL, {}).values);
    if (coordinated) world.coordinate(protocol("message-counting"));
    for (const [n, label] of ["a", "b", "c"].entries()) {
      while (world.now < (n + 1) * 2 * MS) {
        await world.advance(Math.min((n + 1) * 2 * MS, world.now + stepNs));
      }
      if (n < 2) await world.checkpoint(ALL, label, STOP);
    }
    const forgotten = world.trace.events.filter(({ kind }) => kind === "forgotten");
    assertEquals(forgotten.length, ALL.length, "each image of the first is forgotten");
    const hash = world.traceHash;
    world.end();
    return hash;
  };
  for (const coordinated of [false, true]) {
    assertEquals(await run(70_000, coordinated), await run(2 * MS, coordinated));
  }
});

Deno.test("a plugin's fault refuses as a built-in one does; its mistakes stay its own", async () => {
  const row = (name: string, inject: () => string) =>
    fault({ name, help: "Never happens.", options: {}, inject });
  const plugin = definePlugin({
    name: "refusing",
    version: "1.0.0",
    api: "^1",
    contributes: {
      faults: [
        row("refuses", () => {
          throw new LabError("there is no moon");
        }),
        row("fails", () => {
          throw new TypeError("no moon");
        }),
      ],
    },
  });
  const usual = new Registry(checkpointers, workloads, protocols, [], storages, faults);
  const registry = usual.with([{ alias: "moon", url: "", plugin }]);
  const world = new World({
    seed: 1,
    registry,
    readProgram: (file) => Deno.readFileSync(new URL(file)),
  });
  addNode(world, "n0");
  world.addProcess("p0", "n0", BANK);
  await world.begin();
  const inject = (name: string) => () => world.inject({ name, options: {} }, EVERYWHERE);
  assertThrows(inject("moon.refuses"), LabError, "there is no moon");
  assertThrows(
    inject("moon.fails"),
    StrategyError,
    "plugin 'refusing' 1.0.0: fault 'moon.fails' threw",
  );
  world.end();
});
