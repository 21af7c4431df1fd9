/** Moves in which the protocol takes part: nothing is sent after, and nothing is lost. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { LabError, type Protocol, type World } from "../../../core/mod.ts";
import { CoordinatedMoves } from "../../../core/lab/coordinated_moves.ts";
import { StrategyError } from "../../../core/image/capture_order.ts";
import { Member, type MemberHost } from "../../../core/cluster/member.ts";
import { Endpoint } from "../../../core/kernel/endpoint.ts";
import { protocolHooks } from "../../../core/lab/plugin_hooks.ts";
import precopy from "../../../scenarios/examples/plugins/precopy.ts";
import * as mutants from "../../mutants/protocols/moving_mutants.ts";
import {
  job,
  type JobPlan,
  load,
  MS,
  named,
  protocol,
  toEnd,
  until,
  using,
  victims,
} from "./world_fixture.ts";

const COW = using("concurrent-cow"), STOP = using("stop-the-world");
/** Copies pages before t0, while the process runs. */
const LIVE = { name: "iterative", options: { rounds: 4, stop_below: 4 } };
const MORE = { more: precopy.contributes.checkpointers ?? [] };
const ALL = named(3);
const BANK = load("bank", { transfers: 60, gap: 100_000 });

const outputs = (world: World) => ALL.map((name) => world.processMetric(name, "output"));
const on = (world: World, name: string, node: string) => () =>
  world.processMetric(name, "node") === node;

/** Nothing moves in a plan without a protocol, and nobody is stopped. */
async function undisturbed(plan: JobPlan): Promise<readonly unknown[]> {
  const world = job({ ...plan, protocol: undefined });
  await toEnd(world, ...ALL);
  return outputs(world);
}

function assertClean(world: World, whom: readonly string[] = ALL): void {
  for (const metric of ["lost", "orphans", "duplicated", "dropped"]) {
    assertEquals(world.clusterMetric(metric), 0, metric);
  }
  for (const name of whom) assertEquals(world.processMetric(name, "forwarded"), 0);
}

const sent = (world: World, kind: string) => world.clusterMetric("sent", [kind]);
const expected = await undisturbed({ workload: BANK });

const ROWS = [
  ["cocheck", { MOVE: 3, STOP: 0, READY: 4, TID: 2, MOVED: 1 }],
  ["mpvm", { MOVE: 1, STOP: 2, READY: 2, TID: 2, MOVED: 1 }],
  ["charm", { MOVE: 3, STOP: 0, READY: 2, TID: 2, MOVED: 1 }],
] as const;

for (const [name, counts] of ROWS) {
  const plan: JobPlan = { workload: BANK, protocol: protocol(name) };

  Deno.test(`${name}: moves at any time, for the declared messages, and a line after`, async () => {
    for (let at = 150_000; at < 4 * MS; at += 1_310_000) {
      const world = job({ ...plan, profile: { disk: 20_000_000 } }, MORE);
      await world.advance(at);
      await world.migrate(["p1"], "n2", [COW, STOP, LIVE][at / 10_000 % 3] ?? LIVE);
      await until(world, on(world, "p1", "n2"));
      await until(world, () => sent(world, "TID") === counts.TID);
      for (const [kind, count] of Object.entries(counts)) {
        assertEquals(sent(world, kind), count, kind);
      }
      await world.checkpoint(ALL, "c", COW);
      await until(world, () => world.committed.includes("c"));
      await world.crash(victims(...ALL), "nothing");
      assertClean(world);
      await world.restart(ALL, "c", undefined);
      assertEquals(world.processMetric("p1", "node"), "n2");
      await world.migrate(["p1"], "n0", COW);
      await toEnd(world, ...ALL);
      assertEquals(outputs(world), expected, `${at}`);
      assertEquals([world.clusterMetric("lost"), world.processMetric("p1", "forwarded")], [0, 0]);
    }
  });

  Deno.test(`${name}: all are to move at once, to and fro, and a line waits for them`, async () => {
    const world = job(plan);
    for (const node of ["n1", "n0", "n2"]) {
      await world.advance(world.now + 900_000);
      await world.migrate(ALL.filter((each) => !on(world, each, node)()), node, STOP);
      if (node === "n2") await world.checkpoint(ALL, "c", COW);
      await until(world, () => ALL.every((each) => on(world, each, node)()));
    }
    await until(world, () => world.committed.includes("c"));
    const kinds = world.trace.events.map(({ kind }) => kind);
    assert(kinds.lastIndexOf("migrated") < kinds.indexOf("recorded"));
    assertEquals(world.checkpointMetric("c", "consistent"), true);
    await toEnd(world, ...ALL);
    assertEquals(outputs(world), expected);
    assertClean(world);
  });

  Deno.test(`${name}: who could not be saved goes on where it is, and so do the others`, async () => {
    const world = job({ ...plan, profile: { disk: 10_000_000 } });
    await world.advance(MS);
    await world.migrate(["p0"], "n1", STOP);
    await until(world, () => !world.cluster.isPresent(0));
    await world.advance(world.now + MS / 2);
    world.cluster.order({ ask: "diskLost", rank: 0, losing: "disk" });
    await assertRejects(() => until(world, on(world, "p0", "n1"), MS), LabError, "not be migrated");
    assertEquals(world.cluster.placeOf(0), 0);
    await toEnd(world, ...ALL);
    assertEquals(outputs(world), expected);
    assertClean(world);
  });

  Deno.test(`${name}: one is lost at any moment of the move, and all go back`, async () => {
    for (const victim of ["p0", "p1"]) {
      for (const late of [30_000, 90_000, 200_000, 2 * MS]) {
        const world = job({ ...plan, profile: { disk: 20_000_000 } });
        await world.advance(MS);
        await world.checkpoint(ALL, "c", COW);
        await until(world, () => world.committed.includes("c"));
        await world.migrate(["p1"], "n0", STOP);
        await world.advance(world.now + late);
        await world.crash(victims(victim), "nothing");
        try {
          await world.advance(world.now + 20 * MS);
        } catch (error) {
          assert(victim === "p0" && error instanceof LabError, String(error));
          assert(error.message.includes("'p1' could not be migrated: process 0 was lost"));
        }
        await world.restart(ALL, undefined, undefined);
        await world.migrate(["p2"], "n1", STOP);
        await toEnd(world, ...ALL);
        assertEquals(outputs(world), expected, `${victim} ${late}`);
        assertEquals(world.clusterMetric("lost"), 0);
      }
    }
  });
}

Deno.test("a manager that crashes while somebody moves goes on with the move when it is back", async () => {
  for (const [name] of ROWS) {
    for (const late of [10_000, 200_000, 3 * MS]) {
      const world = job({ workload: BANK, protocol: protocol(name) });
      await world.advance(MS);
      await world.migrate(["p1"], "n0", STOP);
      await world.migrate(["p2"], "n0", STOP);
      await world.advance(world.now + late);
      await world.crash({ processes: [], nodes: [], manager: true }, "nothing");
      await world.advance(world.now + MS);
      await world.restart(["manager"], undefined, undefined);
      await toEnd(world, ...ALL);
      assertEquals(["p1", "p2"].map((each) => world.processMetric(each, "node")), ["n0", "n0"]);
      assertEquals(outputs(world), expected, `${name} ${late}`);
      assertClean(world);
    }
  }
});

Deno.test("who has moved and is called off ends, and so does who waits to send to it", async () => {
  for (const [name] of ROWS) {
    for (let at = 0; at < 5 * MS; at += 310_000) {
      const world = job({
        workload: BANK,
        protocol: protocol(name),
        profile: { disk: 20_000_000 },
      });
      await world.advance(MS);
      await world.migrate(["p0"], "n1", STOP);
      await world.advance(MS + at);
      world.cluster.terminate(world.now + 30_000, 7);
      await toEnd(world, ...ALL);
      assertEquals(new Set(ALL.map((each) => world.processMetric(each, "exit"))), new Set([7]));
      await world.advance(world.now + 20 * MS);
      assertEquals(world.setup.node("n0").store.labels(), [], `${name} ${at}`);
    }
  }
});

Deno.test("who begins later sends to where a process is that has moved", async () => {
  const world = job({ workload: BANK, protocol: protocol("charm"), starts: [0, 0, 4 * MS] });
  await world.advance(MS);
  await world.migrate(["p0"], "n1", STOP);
  await until(world, on(world, "p0", "n1"));
  assert(world.now < 4 * MS);
  await toEnd(world, ...ALL);
  assertEquals(outputs(world), await undisturbed({ workload: BANK, starts: [0, 0, 4 * MS] }));
  assertClean(world);
});

/** Moves p1 under a protocol with a mistake in it. */
async function movedBy(row: unknown): Promise<World> {
  const others = [row as Protocol];
  const world = job(
    { workload: BANK, protocol: protocol((row as Protocol).name, {}, others) },
    { others },
  );
  await world.advance(MS);
  await world.migrate(["p1"], "n0", STOP);
  await world.advance(20 * MS);
  return world;
}

Deno.test("what goes to a place that was left is refused, and the auditor sees it", async () => {
  for (const row of [mutants.mpvmForgetsMapping, mutants.mpvmGoesOnSending]) {
    const world = await movedBy(row);
    assert((world.clusterMetric("lost") as number) > 0, row.name);
    assert((world.clusterMetric("dropped") as number) > 0, row.name);
  }
});

Deno.test("a move that costs other messages than declared is the protocol's mistake", async () => {
  await assertRejects(
    () => movedBy(mutants.cocheckFlushesInwardOnly),
    StrategyError,
    "'cocheck-flushes-inward-only' declares 4 messages READY for a move among 3 processes, but sent 2",
  );
});

Deno.test("who may end already when it is to move ends where it is, and nobody is told off", async () => {
  const plan: JobPlan = { workload: BANK, protocol: protocol("mpvm") };
  const first = job(plan);
  await toEnd(first, ...ALL);
  const end = first.setup.record(0).endedNs;
  // The last to end: when the manager has let it go nothing else is under way.
  let stayed = 0;
  for (let at = end - 800_000; at < end; at += 40_000) {
    const world = job(plan);
    await world.advance(at);
    if (world.processMetric("p0", "exited") === true) continue;
    await world.migrate(["p0"], "n1", STOP);
    await toEnd(world, ...ALL);
    if (world.processMetric("p0", "node") === "n0") stayed++;
    assertEquals(outputs(world), expected, `${at}`);
    assertClean(world);
  }
  assert(stayed > 0, "it never was too late");
});

Deno.test("what is sent to one that has moved and ended is nobody's, also after a restart", async () => {
  const world = job({ workload: load("puppet"), count: 0, nodes: 3, protocol: protocol("charm") });
  const puppet = (messages: readonly string[], end: number) =>
    load("puppet", { messages, receives: 1000, end: end * MS });
  world.addProcess("p0", "n0", puppet(["1000:1", "60000:1"], 70));
  world.addProcess("p1", "n1", puppet([], 20));
  await world.advance(2 * MS);
  await world.migrate(["p1"], "n2", STOP);
  await toEnd(world, "p1");
  assertEquals(world.processMetric("p1", "node"), "n2");
  await world.checkpoint(["p0"], "c", STOP);
  await until(world, () => world.committed.includes("c"));
  await world.crash(victims("p0"), "nothing");
  await world.restart(["p0"], "c", undefined);
  await toEnd(world, "p0");
  assertEquals(world.processMetric("p0", "messages_sent"), 2);
  assertEquals([world.clusterMetric("dropped"), world.clusterMetric("lost")], [0, 0]);
});

Deno.test("a member takes along whom it does not send to, and where it sends", () => {
  const endpoint = new Endpoint({ rank: 0, size: 3, nodeName: "n0" });
  const standing = { state: {}, heldTo: [2], places: [[1, 4]] as const };
  const member = new Member(mutants.charmRefuses as unknown as Protocol, standing, {
    endpoint,
  } as unknown as MemberHost);
  assertEquals([endpoint.heldTo.has(1), endpoint.heldTo.has(2)], [false, true]);
  assertEquals([member.placeOf(1), member.placeOf(2)], [4, undefined]);
  const { heldTo, places } = member.standing;
  assertEquals({ heldTo, places }, { heldTo: [2], places: [[1, 4]] });
});

Deno.test("what a plugin declares of a move is whole numbers", () => {
  const row = mutants.charmRefuses as unknown as Protocol;
  const shape = { n: 3, options: {} };
  assertEquals(protocolHooks(row, "theirs").moves?.(shape), row.moves?.(shape));
  const half = protocolHooks({ ...row, moves: () => ({ TID: 0.5 }) }, "theirs");
  assertThrows(() => half.moves?.(shape), StrategyError, "whole numbers by kind");
});

Deno.test("only a move that was asked for is answered, each once", () => {
  const moves = new CoordinatedMoves({
    name: "m",
    moves: ({ n }) => ({ TID: n - 1 }),
    manager: () => 0,
  });
  assertEquals([moves.areIts, new CoordinatedMoves({ name: "m" }).areIts], [true, false]);
  assertThrows(() => moves.settled(0, [0, 1]), StrategyError, "says 'settled' of process 0");
  moves.ask(0);
  moves.ask(1);
  moves.refused(0, "no");
  assertThrows(() => moves.refused(0, "no"), StrategyError, "says 'refused' of process 0");
  assertEquals(moves.takeRefusals(), [{ who: 0, why: "no" }]);
  assertEquals([moves.takeRefusals(), moves.areUnderWay], [[], true]);
  assertThrows(() => moves.settled(1, [0, 1]), StrategyError, "declares 1 messages TID");
  assertEquals(moves.areUnderWay, false);
  moves.ask(1);
  moves.disturb();
  moves.settled(1, [0, 1]);
});
