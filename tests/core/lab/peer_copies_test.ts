/** Images in the memory of two nodes: the loss of one, at any moment, takes no committed image. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { LabError, type World } from "../../../core/mod.ts";
import { addNode, load, MS, newWorld, protocol, toEnd, until, using } from "./world_fixture.ts";

const NAMES = ["p0", "p1", "p2"];
const STOP = using("stop-the-world"), INCREMENTAL = using("incremental");

/** Three nodes. */
function nodes(): World {
  const world = newWorld();
  world.keep({ name: "peer", options: { retain: 0, bandwidth: 100_000_000, latency: 50_000 } });
  for (const n of [0, 1, 2]) addNode(world, `n${n}`);
  return world;
}

/** A process on each. */
function ring(): World {
  const world = nodes();
  const workload = load("bank", { transfers: 50, gap: 100_000 });
  NAMES.forEach((name, n) => world.addProcess(name, `n${n}`, workload));
  world.coordinate(protocol("message-counting"));
  return world;
}

const crash = (world: World, n: number) =>
  world.crash({ processes: [`p${n}`], nodes: [`n${n}`], manager: false }, "nothing");

const outputs = (world: World) => NAMES.map((name) => world.processMetric(name, "output"));
const is = (world: World, label: string, what: string) => world.checkpointMetric(label, what);
const isDone = (world: World, label: string) => () =>
  is(world, label, "committed") === true || is(world, label, "aborted") === true;

Deno.test("a node lost at any moment of a checkpoint: the line before it is there, and goes on", async () => {
  const undisturbed = ring();
  await toEnd(undisturbed, ...NAMES);
  let whole = 0, broken = 0;
  for (let after = 0; after < 2.4 * MS; after += 0.6 * MS) {
    for (const n of [0, 1]) {
      const world = ring();
      await world.advance(MS);
      await world.checkpoint(NAMES, "g1", STOP);
      await until(world, isDone(world, "g1"));
      await world.checkpoint(NAMES, "g2", STOP);
      await world.advance(world.now + after);
      await crash(world, n);
      assertEquals(is(world, "g1", "committed"), true);
      if (is(world, "g2", "committed") === true) whole++;
      else broken++;
      await world.advance(world.now + MS / 10);
      await world.restart(NAMES, undefined, undefined);
      await toEnd(world, ...NAMES);
      assertEquals(outputs(world), outputs(undisturbed), `n${n} after ${after} ns`);
      world.end();
    }
  }
  assert(whole > 0 && broken > 0, `${whole} came to their end, ${broken} did not`);
});

Deno.test("what both nodes had is gone, and with it what builds on it; what is younger is there", async () => {
  for (const using of [STOP, INCREMENTAL]) {
    const world = ring();
    const save = async (label: string) => {
      await world.checkpoint(NAMES, label, using);
      await until(world, isDone(world, label));
    };
    await world.advance(MS);
    await save("g1");
    // n1 has the second copies of p0's images: g1 is now on n0 alone.
    await crash(world, 1);
    await world.restart(NAMES, "g1", undefined);
    await save("g2");
    await save("g3");
    assertEquals(["g1", "g2", "g3"].map((label) => is(world, label, "committed")), [
      true,
      true,
      true,
    ]);
    await crash(world, 0);
    assertEquals(["g1", "g2", "g3"].map((label) => is(world, label, "committed")), [
      false,
      true,
      true,
    ]);
    await world.restart(NAMES, undefined, undefined);
    assertEquals(is(world, "g3", "restored"), true);
    await toEnd(world, ...NAMES);
    world.end();
  }
});

Deno.test("a partner lost between two increments: they stand and fall with the first", async () => {
  const world = nodes();
  world.addProcess("p0", "n0", load("wmem2", { pages: 20, sweeps: 300, gap: 100 }));
  const save = async (label: string) => {
    await world.checkpoint(["p0"], label, INCREMENTAL);
    await until(world, () => is(world, label, "committed") === true);
  };
  await world.advance(MS);
  await save("a");
  await world.crash({ processes: [], nodes: ["n1"], manager: false }, "nothing");
  await save("b");
  assertEquals([is(world, "b", "chain"), is(world, "a", "committed")], [2, true]);
  await world.crash({ processes: ["p0"], nodes: ["n0"], manager: false }, "nothing");
  // n1 has all of b, but b builds on a.
  assertEquals([is(world, "a", "committed"), is(world, "b", "committed")], [false, false]);
  world.end();
});

Deno.test("a node alone has nobody to keep a second copy", async () => {
  const world = newWorld();
  world.keep({ name: "peer", options: { retain: 0, bandwidth: 100_000_000, latency: 50_000 } });
  addNode(world, "n0");
  world.addProcess("p0", "n0", load("counter", {}));
  await assertRejects(() => world.begin(), LabError, "expected a second node, found one");
});
