/** Global checkpoints of real programs: their price, their queue, and what comes in between. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Protocol, StrategyError, type World } from "../../../core/mod.ts";
import { protocols } from "../../../plugins/mod.ts";
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
const LINES = protocols.filter(({ recovery }) => recovery === "line").map(({ name }) => name);
const ALL = named(3);
const BANK = load("bank", { transfers: 60, gap: 100_000 });

const ask = (world: World, metric: string, label = "c") => world.checkpointMetric(label, metric);
const isOver = (world: World, label = "c") => () =>
  ask(world, "committed", label) === true || ask(world, "aborted", label) === true;

/** The output of every process of a job that nothing disturbs. */
async function undisturbed(plan: JobPlan): Promise<readonly unknown[]> {
  const world = job({ ...plan, protocol: undefined });
  const names = named(plan.count ?? 3);
  await toEnd(world, ...names);
  return names.map((name) => world.processMetric(name, "output"));
}

const outputs = (world: World, names: readonly string[] = ALL) =>
  names.map((name) => world.processMetric(name, "output"));

for (const chosen of LINES) {
  for (const count of [1, 2, 5]) {
    Deno.test(`${chosen} of ${count}: a line costs what is declared, and nobody sees it`, async () => {
      const workload = count === 1 ? load("counter", { ticks: 300, turns: 3000 }) : BANK;
      const plan = { workload, count, nodes: 2, protocol: protocol(chosen) };
      const world = job(plan);
      await world.advance(MS);
      await world.checkpoint(named(count), "c", COW);
      await until(world, isOver(world));
      assertEquals([ask(world, "committed"), ask(world, "why")], [true, ""]);
      assertEquals(ask(world, "members"), count);
      const row = protocols.find(({ name }) => name === chosen) as Protocol;
      for (
        const [kind, expected] of Object.entries(
          row.cost({ n: count, options: {} }),
        )
      ) {
        assertEquals(world.checkpointMetric("c", "sent", [kind]), expected, kind);
      }
      assertEquals(ask(world, "consistent"), true);
      await toEnd(world, ...named(count));
      assertEquals(outputs(world, named(count)), await undisturbed(plan));
    });
  }

  /** The protocol with one control message more than it says. */
  const row = protocols.find(({ name }) => name === chosen) as Protocol;
  const [kind, count] = Object.entries(row.cost({ n: 3, options: {} })).at(-1) as [
    string,
    number,
  ];
  const talkative: Protocol = {
    ...row,
    name: "talkative",
    aliases: [],
    cost: (shape) => ({ ...row.cost(shape), [kind]: count - 1 }),
  };

  Deno.test(`a protocol that sends one more than it declares is told so (${chosen})`, async () => {
    const others = [talkative];
    const world = job(
      { workload: BANK, protocol: protocol("talkative", {}, others) },
      { others },
    );
    await world.advance(MS);
    await world.checkpoint(ALL, "c", COW);
    await assertRejects(
      () => until(world, isOver(world)).then(() => world.advance(world.now + MS)),
      StrategyError,
      `protocol 'talkative' declares ${count - 1} messages ${kind} for 3 processes` +
        `${row.perRound === undefined ? "" : " in 1 round"}, but sent ${count}`,
    );
    await toEnd(world, ...ALL);
  });

  Deno.test(`${chosen}: what is asked for meanwhile waits, and comes in its turn`, async () => {
    const world = job({ workload: BANK, protocol: protocol(chosen) });
    await world.advance(MS);
    for (const label of ["a", "b", "c"]) await world.checkpoint(ALL, label, COW);
    for (const [label, before] of [["b", "a"], ["c", "b"]] as const) {
      await until(world, () => world.committed.includes(before));
      assertEquals(ask(world, "committed", label), false);
    }
    await until(world, isOver(world));
    assertEquals(world.committed, ["a", "b", "c"]);
    const recorded = world.trace.events.filter(({ kind }) => kind === "recorded");
    assertEquals(recorded.map(({ text }) => text.slice(0, 1)), ["a", "b", "c"]);
    for (const label of ["a", "b", "c"]) {
      assertEquals(ask(world, "protocol_messages", label), ask(world, "protocol_messages", "a"));
    }
  });

  Deno.test(`${chosen}: a crash in the middle aborts it, whenever, and a later one works`, async () => {
    const plan = { workload: BANK, protocol: protocol(chosen) };
    const expected = await undisturbed(plan);
    let aborted = 0;
    for (let late = 20_000; late < 1_500_000; late += 290_000) {
      const world = job(plan);
      await world.advance(MS);
      await world.checkpoint(ALL, "a", STOP);
      await until(world, isOver(world, "a"));
      await world.checkpoint(ALL, "b", COW);
      await world.advance(world.now + late);
      const second = world.committed.includes("b");
      await world.crash(victims("p1"), "nothing");
      await until(world, isOver(world, "b"));
      if (ask(world, "aborted", "b") === true) aborted++;
      else assert(second || ask(world, "committed", "b") === true);
      await world.restart(ALL, undefined, undefined);
      await world.advance(world.now + 2 * MS);
      await world.checkpoint(ALL, "d", COW);
      await until(world, isOver(world, "d"));
      assertEquals(ask(world, "committed", "d"), true, `${late}: ${ask(world, "why", "d")}`);
      assertEquals(ask(world, "consistent", "d"), true);
      await toEnd(world, ...ALL);
      assertEquals(outputs(world), expected, `a crash ${late} ns after the request`);
      for (const metric of ["lost", "orphans", "duplicated"]) {
        assertEquals(world.clusterMetric(metric), 0, metric);
      }
    }
    assert(aborted >= 2, `${aborted}`);
  });

  Deno.test(`${chosen}: who begins late is a member of the next line, at any moment`, async () => {
    const plan = { workload: BANK, protocol: protocol(chosen) };
    const expected = await undisturbed(plan);
    for (const start of [MS, MS + 30_000, MS + 300_000, MS + 900_000]) {
      const world = job({ ...plan, starts: [0, 0, start] });
      await world.advance(MS - 1);
      await world.checkpoint(ALL.slice(0, 2), "a", COW);
      await until(world, isOver(world, "a"));
      await world.advance(Math.max(world.now, start) + 200_000);
      await world.checkpoint(ALL, "b", COW);
      await until(world, isOver(world, "b"));
      assertEquals([ask(world, "committed", "b"), ask(world, "members", "b")], [true, 3]);
      await world.crash(victims("p2"), "nothing");
      await world.restart(ALL, "b", undefined);
      await toEnd(world, ...ALL);
      assertEquals(outputs(world), expected, `it begins at ${start}`);
    }
  });

  Deno.test(`${chosen}: processes that end around a line are no members, or end after it`, async () => {
    const workload = load("exits", { phases: 3, messages: 8, gap: 100_000 });
    const plan = { workload, count: 4, protocol: protocol(chosen) };
    const names = named(4), expected = await undisturbed(plan);
    const sizes = new Set<unknown>();
    for (let at = 200_000; at < 2_600_000; at += 210_000) {
      const world = job(plan);
      await world.advance(at);
      const running = names.filter((name) => world.processMetric(name, "running") === true);
      if (running.length === 0) break;
      await world.checkpoint(names, "c", COW);
      await until(world, isOver(world));
      await world.advance(world.now + 100_000);
      if (ask(world, "committed") === true) {
        sizes.add(ask(world, "members"));
        assertEquals(ask(world, "consistent"), true);
        const victim = names.find((name) => world.processMetric(name, "running") === true);
        if (victim !== undefined) {
          await world.crash(victims(victim), "nothing");
          await world.restart(names, "c", undefined);
        }
      }
      await toEnd(world, ...names);
      assertEquals(outputs(world, names), expected, `a request at ${at}`);
    }
    assert(sizes.size > 1, [...sizes].join(" "));
  });
}

Deno.test("a request that nobody can serve is refused: the manager is gone", async () => {
  const world = job({ workload: BANK, protocol: protocol("message-counting") });
  await world.advance(MS);
  await world.crash({ processes: [], nodes: [], manager: true }, "nothing");
  await world.checkpoint(ALL, "c", COW);
  assertEquals([ask(world, "aborted"), ask(world, "why")], [true, "the manager has crashed"]);
  await toEnd(world, ...ALL);
});

Deno.test("a line of some processes only is refused", async () => {
  const world = job({ workload: BANK, protocol: protocol("cls-flush") });
  await assertRejects(
    () => world.checkpoint(["p0", "p1"], "c", COW),
    Error,
    "'p2' is not among those named",
  );
});

Deno.test("blocked time of a checkpoint counts waits under way, and ends where the next begins", async () => {
  const world = job({
    workload: load("gossip", { messages: 200, gap: 100_000 }),
    protocol: protocol("message-counting"),
  });
  const blocked = (label: string) => Number(world.checkpointMetric(label, "blocked_time"));
  const is = (label: string) => () => world.checkpointMetric(label, "committed") === true;
  await world.advance(3 * MS);
  await world.checkpoint(named(3), "g1", using("stop-the-world"));
  await until(world, is("g1"));
  // Nobody has heard of the commit yet.
  const atCommit = blocked("g1");
  assert(atCommit > MS, String(atCommit));
  await world.advance(world.now + 3 * MS);
  const first = blocked("g1");
  assert(first >= atCommit && first < 2 * atCommit, `${atCommit}, ${first}`);
  await world.checkpoint(named(3), "g2", using("stop-the-world"));
  await until(world, is("g2"));
  await world.advance(world.now + 3 * MS);
  assertEquals(blocked("g1"), first);
  assert(blocked("g2") > MS);
  const all = named(3).map((name) => Number(world.processMetric(name, "blocked_time")));
  const sum = all.reduce((a, b) => a + b, 0);
  assert(Math.abs(first + blocked("g2") - sum) < 10, `${first}, ${blocked("g2")}, ${sum}`);
  world.end();
});
