/** Workers that fail: each gives an error with its name, and none a silent stop. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { EngineDifference, StrategyError, WorkerError, WorkerSupply } from "../../../core/mod.ts";
import type { DomainPlan } from "../../../core/cluster/facts.ts";
import { WorkerHost } from "../../../core/cluster/worker_host.ts";
import { job, load, MS, protocol, toEnd, until, victims } from "../lab/world_fixture.ts";
import { faulty } from "./faulty_protocol.ts";
import { mistaken } from "./mistaken_engine.ts";

const moduleOf = (name: string) => new URL(`./workers/${name}.ts`, import.meta.url);
const BUILT_IN = new URL("../../../plugins/worker.ts", import.meta.url);

/** What a Worker that has said nothing for so many ms is taken for. */
const PATIENCE_MS = 400;
const NO_PLAN = {} as unknown as DomainPlan;
const ROUND = { ask: "advance", until: 1, parts: [] } as const;

const host = (name: string) =>
  new WorkerHost(moduleOf(name), "process 7", { patienceMs: PATIENCE_MS });

for (
  const [name, why] of [
    ["throws_at_start", "no such module could be right"],
    ["closes_itself", "no sign of life for 0.4 s"],
    ["says_nothing", "no sign of life for 0.4 s"],
    ["is_not_there", "is_not_there.ts"],
  ] as const
) {
  Deno.test(`a Worker that ${name.replaceAll("_", " ")} is an error with its name`, async () => {
    const broken = host(name);
    const error = await assertRejects(() => broken.open(NO_PLAN), WorkerError, why);
    assert(error.message.startsWith("the Worker of process 7 failed: "), error.message);
    assert(!broken.isFit);
    assertThrows(() => broken.post(ROUND), WorkerError, why);
    assertThrows(() => broken.askNow(ROUND), WorkerError, why);
    await assertRejects(() => broken.open(NO_PLAN), WorkerError, why);
    broken.terminate();
  });
}

for (
  const [name, why] of [
    ["vanishes", "no sign of life"],
    ["throws_in_serve", "it cannot serve"],
  ] as const
) {
  const title = `a Worker that ${name.replaceAll("_", " ")} when it is asked is an error too`;
  Deno.test(title, async () => {
    const broken = host(name);
    await assertRejects(() => broken.open(NO_PLAN), WorkerError, why);
    broken.terminate();
    const other = host(name);
    assertThrows(() => other.askNow(ROUND), WorkerError, "no sign of life");
    other.terminate();
    const large = host(name);
    const parts = [{ rank: 0, arrivals: new Uint8Array(1 << 20) as never }];
    assertThrows(() => large.post({ ...ROUND, parts }), WorkerError, "no sign of life");
    large.terminate();
  });
}

Deno.test("what is thrown in a Worker is an error with the place in it", async () => {
  const host = new WorkerHost(BUILT_IN, "process 7", { patienceMs: PATIENCE_MS });
  await assertRejects(() => host.open(NO_PLAN), WorkerError);
  host.terminate();
  const other = new WorkerHost(BUILT_IN, "process 8", { patienceMs: 20 * PATIENCE_MS });
  const why = "the Worker of process 8 failed: ";
  const error = assertThrows(() => other.askNow({ ask: "pause", rank: 9 }), WorkerError, why);
  assert(error.message.includes("there is no domain of rank 9 here"), error.message);
  assert(!error.message.includes("\n"), "the stack is not for the message");
  other.terminate();
});

Deno.test("what a protocol throws is its mistake, in a Worker as in this thread", async () => {
  const supply = new WorkerSupply(moduleOf("faulty"));
  const plan = {
    workload: load("ring", { laps: 3 }),
    count: 2,
    protocol: protocol("faulty", {}, [faulty]),
  };
  for (const given of [{ supply }, {}]) {
    const world = job(plan, { others: [faulty], ...given });
    const what = "protocol 'faulty' threw: a mistake of its own";
    await assertRejects(() => world.advance(10 * MS), StrategyError, what);
    world.end();
  }
  supply.end();
});

Deno.test("engines that differ are told of alike, in a Worker as in this thread", async () => {
  const supply = new WorkerSupply(moduleOf("mistaken"));
  const plan = { workload: load("ring", { laps: 200 }), count: 2 };
  const differences: EngineDifference[] = [];
  for (const given of [{ supply, workers: 2 }, {}]) {
    using _mistake = "supply" in given ? undefined : mistaken();
    const world = job(plan, { jit: "verify", ...given });
    differences.push(await assertRejects(() => toEnd(world, "p0", "p1"), EngineDifference));
    world.end();
  }
  supply.end();
  const [there, here] = differences;
  assert((here?.differences.length ?? 0) > 0 && here?.disassembly !== "");
  const { message, differences: found, pc, disassembly, wasm } = here as EngineDifference;
  assertEquals(
    [there?.message, there?.differences, there?.pc, there?.disassembly],
    [message, found, pc, disassembly],
  );
  assertEquals([...there?.wasm ?? []], [...wasm]);
  assert(WebAssembly.validate(there?.wasm as Uint8Array<ArrayBuffer>));
});

Deno.test("a Worker that lacks a strategy of the script says which", async () => {
  const supply = new WorkerSupply(BUILT_IN);
  const plan = { workload: load("ring"), count: 2, protocol: protocol("faulty", {}, [faulty]) };
  const world = job(plan, { others: [faulty], supply });
  await assertRejects(() => world.begin(), WorkerError, "no protocol 'faulty' in this Worker");
  world.end();
  supply.end();
});

Deno.test("a Worker that is ended says so to whoever asks it again", async () => {
  const ended = new WorkerHost(BUILT_IN, "node n1", { patienceMs: PATIENCE_MS });
  ended.terminate();
  assertThrows(() => ended.askNow(ROUND), WorkerError, "the Worker of node n1 was ended");
  await assertRejects(() => ended.open(NO_PLAN), WorkerError, "the Worker of node n1 was ended");
});

/** Runs with the class Worker watched: how many were begun, and how many ended. */
async function counting<T>(run: (alive: () => number) => Promise<T>): Promise<T> {
  const { Worker: usual } = globalThis;
  const living = new Set<Worker>();
  globalThis.Worker = class extends usual {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      living.add(this);
    }
    override terminate(): void {
      living.delete(this);
      super.terminate();
    }
  };
  try {
    return await run(() => living.size);
  } finally {
    globalThis.Worker = usual;
  }
}

Deno.test("a crash ends the Worker of its process, and a restart begins another", async () => {
  await counting(async (alive) => {
    const supply = new WorkerSupply(BUILT_IN);
    const world = job({
      workload: load("counter", { ticks: 300, turns: 3000 }),
      count: 2,
      protocol: protocol("message-counting"),
    }, { supply });
    world.isolate({ kind: "process" });
    await world.advance(MS);
    assertEquals(alive(), 2);
    await world.checkpoint(["p0", "p1"], "c", { name: "stop-the-world", options: {} });
    await until(world, () => world.committed.includes("c"));
    await world.crash(victims("p0"), "nothing");
    assertEquals(alive(), 1);
    await world.restart(["p0", "p1"], undefined, undefined);
    assertEquals(alive(), 2);
    await toEnd(world, "p0", "p1");
    world.end();
    supply.end();
    assertEquals(alive(), 0);
  });
});

Deno.test("Workers are used again by the next world, which finds nothing in them", async () => {
  await counting(async (alive) => {
    const supply = new WorkerSupply(BUILT_IN);
    const hashes: string[] = [];
    for (let n = 0; n < 3; n++) {
      const world = job({ workload: load("ring", { laps: 3 }), count: 3 }, { supply, workers: 2 });
      await toEnd(world, "p0", "p1", "p2");
      hashes.push(world.traceHash);
      world.end();
      assertEquals(alive(), 2);
    }
    supply.end();
    assertEquals(alive(), 0);
    assertEquals(new Set(hashes).size, 1);
  });
});
