/** What protocols that stop nobody need of the lab: bytes on messages, messages withheld and recorded. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Out, type Protocol, StrategyError, type World } from "../../../core/mod.ts";
import { protocols } from "../../../plugins/mod.ts";
import {
  addNode,
  job,
  type JobPlan,
  load,
  MS,
  named,
  newWorld,
  protocol,
  toEnd,
  until,
  using,
  victims,
} from "./world_fixture.ts";

/** Two processes at puppet strings: p0 sends to p1 every ms from 1 ms on. */
function puppets(row: Protocol, count = 4, profile: Record<string, unknown> = {}): World {
  const world = newWorld({ others: [row] });
  for (const rank of [0, 1]) {
    addNode(world, `n${rank}`, { ram: 2 ** 20, ...profile });
    const messages = Array.from(
      { length: rank === 0 ? count : 0 },
      (_, n) => `${(n + 1) * 1000}:1`,
    );
    const receives = rank === 1 ? count : 0;
    world.addProcess(`p${rank}`, `n${rank}`, load("puppet", { messages, receives }));
  }
  world.coordinate({ name: row.name, options: {} });
  return world;
}

type Handle = (event: string, out: Out) => void;

/** A protocol whose members do that and nothing else; they all save themselves when asked. */
const doing = (handle: Handle, more: Partial<Protocol> = {}): Protocol => ({
  name: "doing",
  help: "Does one thing.",
  options: {},
  requires: { order: "any", delivery: "reliable" },
  kinds: [],
  phases: [],
  recovery: "search",
  cost: () => ({}),
  size: () => 0,
  member: () => ({}),
  handle(state, event, out) {
    if (event.event === "exiting") out.leave();
    handle(event.event, out);
    return state;
  },
  ...more,
});

const metric = (world: World, name: string) => world.clusterMetric(name);

Deno.test("what is put on a message arrives with it, and its bytes are on the wire", async () => {
  const seen: unknown[] = [];
  const plain = puppets(doing(() => {}));
  await toEnd(plain, "p0", "p1");
  const carrying = puppets(doing(() => {}, {
    piggybackSize: (value) => (value as { bytes: number }).bytes,
    handle(state, event, out) {
      const { count } = state as { count: number };
      if (event.event === "exiting") out.leave();
      if (event.event === "arriving") seen.push(event.piggyback);
      if (event.event !== "sending") return state;
      // The last word counts; the second message carries nothing.
      out.piggyback({ bytes: 1 });
      if (count !== 1) out.piggyback({ bytes: 10 * count });
      return { count: count + 1 };
    },
    member: () => ({ count: 1 }),
  }));
  await toEnd(carrying, "p0", "p1");
  assertEquals(seen, [{ bytes: 1 }, { bytes: 20 }, { bytes: 30 }, { bytes: 40 }]);
  assertEquals(metric(carrying, "piggyback_bytes"), 1 + 20 + 30 + 40);
  assertEquals(metric(plain, "piggyback_bytes"), 0);
  const bytes = (world: World) => world.cluster.network.countsOfKind("user").bytes;
  assertEquals(bytes(carrying), bytes(plain) + 91);
});

Deno.test("what is withheld is on its way, and comes in order when it is admitted", async () => {
  const world = puppets(doing(() => {}, {
    member: () => ({ keeps: true }),
    handle(state, event, out) {
      const { keeps } = state as { keeps: boolean };
      if (event.event === "exiting") out.leave();
      if (event.event === "arriving" && keeps) out.withhold();
      if (event.event !== "requested") return state;
      out.admit();
      return { keeps: false };
    },
  }));
  await world.advance(5 * MS);
  assertEquals([metric(world, "in_flight"), metric(world, "lost")], [4, 0]);
  assertEquals(metric(world, "delivered"), 0);
  await world.checkpoint(["p1"], "c", using("stop-the-world"));
  assertEquals([metric(world, "in_flight"), metric(world, "lost")], [0, 0]);
  await toEnd(world, "p1");
  assertEquals(metric(world, "delivered"), 4);
  assert((world.processMetric("p1", "output") as string).includes("4"));
});

/** An effect in an event in which it means nothing, and what is said of it. */
const MISPLACED: readonly (readonly [string, (out: Out) => void, string])[] = [
  ["arriving", (out) => out.piggyback(1), "says 'piggyback' in 'arriving': expected 'sending'"],
  ["sending", (out) => out.withhold(), "says 'withhold' in 'sending': expected 'arriving'"],
  ["arriving", (out) => out.admit(), "says 'admit' in 'arriving': expected any event but that"],
  ["arriving", (out) => out.record(), "says 'record' in 'arriving': expected 'arriving' without"],
  ["sending", (out) => out.closeChannels(), "says 'closeChannels' in 'sending': expected a local"],
];

for (const [where, act, message] of MISPLACED) {
  Deno.test(`out of place it is the protocol's mistake: ${message.slice(0, 36)}`, async () => {
    const world = puppets(doing((event, out) => event === where ? act(out) : undefined));
    await assertRejects(
      () => world.advance(5 * MS),
      StrategyError,
      `protocol 'doing' ${message}`,
    );
  });
}

Deno.test("channels are open from t0 until they are closed, and nothing is recorded twice", async () => {
  for (const [early, twice] of [[true, false], [false, true]]) {
    const world = puppets(doing((event, out) => {
      if (event === "requested") out.capture("open");
      if (early === true && event === "requested") out.closeChannels();
      if (event === "taken") {
        out.closeChannels();
        if (twice === true) out.closeChannels();
      }
    }));
    await world.advance(MS / 2);
    await assertRejects(
      async () => {
        await world.checkpoint(["p1"], "c", using("stop-the-world"));
        await world.advance(5 * MS);
      },
      StrategyError,
      "'closeChannels'",
    );
  }
});

Deno.test("t0 is never at once: the message that brings it about is in the image", async () => {
  const seen: string[] = [];
  const hasty = doing(() => {}, {
    member: (self) => self,
    handle(self, { event }, out) {
      if (event === "exiting") out.leave();
      if (self !== 1) return self;
      seen.push(event);
      if (event === "arriving" && seen.length === 2) out.capture();
      return self;
    },
  });
  for (const cpus of [1, 2]) {
    seen.length = 0;
    const world = puppets(hasty, 2, { fixed_stop: 0, cpus });
    await world.advance(MS / 2);
    await world.checkpoint(["p1"], "c", using("stop-the-world"));
    await until(world, () => world.checkpointMetric("c", "committed") === true);
    assertEquals(seen.slice(0, 3), ["requested", "arriving", "taken"]);
    const { inbox } = world.setup.node("n1").store.read("c.p1").manifest.process.messages;
    assertEquals(inbox.map(({ from, sequence }) => [from, sequence]), [[0, 0]]);
  }
});

/** Protocols that leave the channels open and hold nobody. */
const OPEN = protocols.filter(({ phases }) => phases.includes("channels"));
const NAMES = named(3);
const outputs = (world: World) => NAMES.map((name) => world.processMetric(name, "output"));

for (const { name, requires, cost } of OPEN) {
  Deno.test(`${name}: what crosses the line is durable before it is, and comes back`, async () => {
    let crossing = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const latency = { shape: "uniform", low: 200_000, high: 2_000_000 };
      const workload = load("gossip", { messages: 150, size: 64, gap: 100_000, seed });
      const plan: JobPlan = { workload, profile: { ram: 2 ** 20 } };
      const channel = { order: requires.order, latency };
      const world = job({ ...plan, channel, protocol: protocol(name) }, { seed });
      const of = (what: string) => world.checkpointMetric("c", what);
      await world.advance(2 * MS);
      await world.checkpoint(NAMES, "c", using("concurrent-cow"));
      await until(world, () => of("committed") === true);
      assertEquals([of("lost"), of("duplicated"), of("consistent")], [0, 0, true]);
      assertEquals(of("channel_messages"), of("in_transit"));
      assertEquals(of("blocked_time"), 0);
      assertEquals(
        of("protocol_messages"),
        Object.values(cost({ n: 3, options: {} })).reduce((sum, count) => sum + count),
      );
      const at = (kind: string) =>
        world.trace.events.filter((event) => event.kind === kind).map(({ time }) => time);
      assertEquals(at("channels").length, 3);
      assert(Math.max(...at("channels")) < Math.min(...at("recorded")));
      crossing += of("channel_messages") as number;
      await world.crash(victims(...NAMES), "unsynced");
      await world.restart(NAMES, undefined, undefined);
      await toEnd(world, ...NAMES);
      const twin = job(plan, { seed });
      await toEnd(twin, ...NAMES);
      assertEquals(outputs(world), outputs(twin));
      const wrong = ["lost", "duplicated", "orphans"].map((each) => metric(world, each));
      assertEquals(wrong, [0, 0, 0]);
    }
    assert(crossing > 0, "nothing crossed the line");
  });

  Deno.test(`${name}: without its channel state a line is none`, async () => {
    const workload = load("gossip", { messages: 150, size: 64, gap: 100_000 });
    for (const how of ["gone", "changed"] as const) {
      const channel = { order: requires.order };
      const world = job({ workload, protocol: protocol(name), channel });
      for (const label of ["c1", "c2"]) {
        await world.advance(world.now + 2 * MS);
        await world.checkpoint(NAMES, label, using("stop-the-world"));
        await until(world, () => world.checkpointMetric(label, "committed") === true);
      }
      const { store } = world.setup.node("n1");
      const file = store.filesOf("c2.p1").find((each) => each.endsWith("channels.ckpt"));
      store.damage(file as string, (bytes) => how === "gone" ? undefined : bytes.with(70, 0xff));
      assertEquals(world.committed, ["c1"], how);
      await world.crash(victims("p0"), "nothing");
      await world.restart(NAMES, undefined, undefined);
      assertEquals(world.checkpointMetric("c1", "restores"), 3);
    }
  });
}
