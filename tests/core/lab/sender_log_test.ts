/** What protocols with a sender's log need of the lab: messages kept, saved, pruned and sent again. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CHANNEL,
  LabError,
  type Out,
  type Protocol,
  type ProtocolEvent,
  readOptions,
  StrategyError,
  type World,
} from "../../../core/mod.ts";
import {
  addNode,
  load,
  MS,
  newWorld,
  protocol,
  toEnd,
  until,
  using,
  victims,
} from "./world_fixture.ts";

type Act = (event: ProtocolEvent, out: Out) => void;

/** A protocol that keeps what it sends and saves itself when it is asked, and does that besides. */
const keeping = (act: Act = () => {}, more: Partial<Protocol> = {}): Protocol => ({
  name: "keeping",
  help: "Keeps all it sends.",
  options: {},
  requires: { order: "any", delivery: "reliable" },
  kinds: [],
  phases: [],
  recovery: "search",
  log: true,
  cost: () => ({}),
  size: () => 0,
  member: () => ({}),
  handle(state, event, out) {
    if (event.event === "exiting") out.leave();
    if (event.event === "requested") out.capture();
    if (event.event === "sending") out.keep();
    act(event, out);
    return state;
  },
  ...more,
});

/** Saves itself when it is asked, and keeps nothing. */
const saves: Protocol["handle"] = (state, event, out) => {
  if (event.event === "exiting") out.leave();
  if (event.event === "requested") out.capture();
  return state;
};

/** Two puppets: p0 sends to p1 at 1 ms and at 3 ms, which takes 4 ms; p1 waits for both. */
function puppets(row: Protocol, profile: Record<string, unknown> = {}): World {
  const world = newWorld({ others: [row] });
  for (const rank of [0, 1]) {
    addNode(world, `n${rank}`, { ram: 2 ** 20, ...profile });
    const messages = rank === 0 ? ["1000:1", "3000:1"] : [];
    world.addProcess(
      `p${rank}`,
      `n${rank}`,
      load("puppet", { messages, receives: 2 * rank, end: 40 * MS }),
    );
  }
  const slow =
    readOptions(CHANNEL, { order: "fifo", latency: { shape: "constant", value: 4 * MS } }).values;
  world.connect(["p0"], ["p1"], slow);
  world.coordinate({ name: row.name, options: {} });
  return world;
}

const BOTH = ["p0", "p1"] as const;
const STOP = using("stop-the-world");
const metric = (world: World, name: string) => world.clusterMetric(name);
const restarts = (world: World) =>
  world.trace.events.filter(({ kind }) => kind === "restart").map(({ text }) => text);

/** Both are saved while the first message is on its way, and p1 crashes. */
async function crashed(world: World, losing: "nothing" | "unsynced" = "nothing"): Promise<World> {
  await world.advance(2 * MS);
  await world.checkpoint(BOTH, "c", STOP);
  await until(world, () => world.checkpointMetric("c", "committed") === true);
  await world.advance(2.9 * MS);
  await world.crash(victims("p1"), losing);
  return world;
}

const wrong = (world: World) => ["lost", "orphans", "duplicated"].map((one) => metric(world, one));

Deno.test("what the log keeps is part of the checkpoint, and is sent again after a restart", async () => {
  const world = await crashed(puppets(keeping()));
  const of = (what: string) => world.checkpointMetric("c", what);
  assertEquals([of("in_transit"), of("lost"), of("log_messages")], [1, 0, 1]);
  const bytes = of("log_bytes") as number;
  assert(bytes > 2 * 100, `${bytes}`);
  assertEquals(metric(world, "log_bytes"), bytes);
  await world.restart(BOTH, undefined, undefined);
  assertEquals(restarts(world), ["c.p0", "c.p1"]);
  assertEquals([metric(world, "sent_again"), metric(world, "in_flight")], [1, 1]);
  assertEquals(wrong(world), [0, 0, 0]);
  await toEnd(world, ...BOTH);
  assertEquals(metric(world, "delivered"), 2);
  assertEquals(wrong(world), [0, 0, 0]);
});

Deno.test("what is not kept, or was pruned, sends its sender back", async () => {
  const forgetful: readonly (readonly [string, Protocol])[] = [
    ["never kept", keeping(() => {}, { handle: saves })],
    ["pruned", keeping((event, out) => event.event === "requested" && out.prune(1, 1))],
  ];
  for (const [how, row] of forgetful) {
    const world = await crashed(puppets(row));
    assertEquals(world.checkpointMetric("c", "lost"), 1, how);
    await world.restart(BOTH, undefined, undefined);
    assertEquals(restarts(world), ["the beginning", "c.p1"], how);
    await toEnd(world, ...BOTH);
    assertEquals([wrong(world), metric(world, "sent_again")], [[0, 0, 0], 0], how);
  }
  // What is below the number alone is pruned, and only to that process.
  const careful = keeping((event, out) => {
    if (event.event !== "requested") return;
    out.prune(1, 0);
    out.prune(0, 7);
  });
  const world = await crashed(puppets(careful));
  assertEquals(world.checkpointMetric("c", "log_messages"), 1);
});

Deno.test("members are told numbers, and begin again from their state in the checkpoint", async () => {
  const seen: unknown[] = [];
  const counting = keeping(() => {}, {
    piggybackSize: () => 8,
    member: (self, _members, _options, saved) => {
      seen.push([self, saved]);
      return saved ?? { count: 0 };
    },
    handle(state, event, out) {
      const { count } = state as { count: number };
      if (event.event === "exiting") out.leave();
      if (event.event === "requested") out.capture();
      if (event.event === "arriving") seen.push([event.number, event.piggyback]);
      if (event.event === "taken") return { count: count + 10 };
      if (event.event !== "sending") return state;
      seen.push(event.number);
      out.keep();
      out.piggyback({ count });
      return { count: count + 1 };
    },
  });
  const world = await crashed(puppets(counting));
  await world.restart(BOTH, undefined, undefined);
  await toEnd(world, ...BOTH);
  // As it was just after t0, with what was on the message when it was sent.
  const again = [[0, { count: 11 }], [1, { count: 10 }], 1, [0, { count: 0 }], [1, { count: 11 }]];
  assertEquals(seen, [[0, undefined], [1, undefined], 0, ...again]);
  assertEquals(metric(world, "piggyback_bytes"), 2 * 8);
});

Deno.test("what is let in at t0 is neither in the image nor in the state beside it", async () => {
  const begun: unknown[] = [];
  const withholding = keeping(() => {}, {
    member: (_self, _members, _options, saved) => {
      begun.push(saved);
      return saved ?? { cut: false, came: 0 };
    },
    handle(state, event, out) {
      const { cut, came } = state as { cut: boolean; came: number };
      if (event.event === "exiting") out.leave();
      if (event.event === "requested") out.capture();
      if (event.event === "sending") out.keep();
      if (event.event === "arriving" && cut) return { cut, came: came + 1 };
      if (event.event === "arriving") out.withhold();
      if (event.event !== "taken") return state;
      out.admit();
      return { cut: true, came };
    },
  });
  const world = puppets(withholding);
  await world.advance(6 * MS);
  await world.checkpoint(BOTH, "c", STOP);
  await until(world, () => world.checkpointMetric("c", "committed") === true);
  await world.crash(victims(...BOTH), "nothing");
  await world.restart(BOTH, undefined, undefined);
  const expected = { cut: true, came: 0 };
  assertEquals(begun.slice(2), [expected, expected]);
  await toEnd(world, ...BOTH);
  assertEquals(wrong(world), [0, 0, 0]);
});

Deno.test("to read the log is a part of the restart", async () => {
  const times: number[] = [];
  const bytes: number[] = [];
  for (const row of [keeping(), keeping(() => {}, { log: undefined as never, handle: saves })]) {
    const world = puppets(row);
    await crashed(world);
    await world.restart(BOTH, "c", undefined);
    await world.advance(world.now + 9 * MS);
    times.push(world.processMetric("p0", "restart_time") as number);
    bytes.push(world.checkpointMetric("c", "log_bytes") as number);
  }
  const [kept = 0, plain = 0] = times;
  assert(kept - plain > (bytes[0] as number) / 3 / 200_000_000 * 1e9, `${times} ${bytes}`);
});

Deno.test("a checkpoint without its log is none, and one whose log is damaged", async () => {
  for (const how of ["gone", "changed", "unsynced"] as const) {
    const world = puppets(keeping(), { disk: how === "unsynced" ? 20_000 : 200_000_000 });
    if (how === "unsynced") {
      await world.advance(2 * MS);
      await world.checkpoint(["p1"], "c", STOP);
      await until(world, () => world.trace.events.some(({ kind }) => kind === "committed"));
      assertEquals(world.committed, [], "the image alone");
      await world.crash(victims("p1"), "unsynced");
    } else {
      await crashed(world);
      assertEquals(world.committed, ["c"]);
      const { store } = world.setup.node("n1");
      const file = store.filesOf("c.p1").find((each) => each.endsWith("log.ckpt"));
      store.damage(file as string, (bytes) => how === "gone" ? undefined : bytes.with(70, 0xff));
    }
    assertEquals(world.committed, [], how);
    await world.restart(BOTH, undefined, undefined);
    assertEquals(restarts(world).at(-1), "the beginning", how);
    await toEnd(world, ...BOTH);
    assertEquals(wrong(world), [0, 0, 0]);
  }
});

const MISPLACED: readonly (readonly [string, Protocol, string])[] = [
  [
    "in another event",
    keeping((event, out) => event.event === "arriving" && out.keep()),
    "says 'keep' in 'arriving': expected 'sending'",
  ],
  [
    "without a log",
    keeping(() => {}, { log: undefined as never }),
    "says 'keep' in 'sending': expected a row with a log",
  ],
];

for (const [how, row, message] of MISPLACED) {
  Deno.test(`to keep a message ${how} is the protocol's mistake`, async () => {
    const world = puppets(row);
    await assertRejects(
      () => world.advance(9 * MS),
      StrategyError,
      `protocol 'keeping' ${message}`,
    );
  });
}

Deno.test("what a restart has undone is not gone back to", async () => {
  const world = await crashed(puppets(keeping()));
  await world.restart(BOTH, "c", undefined);
  await world.advance(world.now + 2 * MS);
  await world.checkpoint(BOTH, "d", STOP);
  await until(world, () => world.checkpointMetric("d", "committed") === true);
  await world.crash(victims(...BOTH), "nothing");
  await world.restart(BOTH, "c", undefined);
  await world.advance(world.now + MS / 10);
  await world.crash(victims("p0"), "nothing");
  await world.restart(BOTH, undefined, undefined);
  assertEquals(restarts(world).slice(-2), ["c.p0", "c.p1"]);
});

// Checkpoints that nobody asks for.

/** It saves itself when the second message comes, asked or not. */
const hasty = (act: Act = () => {}): Protocol =>
  keeping((event, out) => {
    if (event.event === "arriving" && event.number === 1) out.capture();
    act(event, out);
  }, { forces: true });

Deno.test("a checkpoint nobody asks for has a name of its own, and is like that asked for last", async () => {
  const events: string[] = [];
  const world = puppets(hasty(({ event }) => events.push(event)));
  await world.advance(2 * MS);
  await world.checkpoint(["p0"], "c", using("concurrent-cow"));
  await until(world, () => metric(world, "forced_checkpoints") === 1);
  assertEquals(world.committed, ["c", "forced #2"]);
  const begun = world.trace.events.filter(({ kind }) => kind === "checkpoint");
  assertEquals(begun.map(({ process, text }) => [process, text]), [
    ["p0", "c by concurrent-cow"],
    ["p1", "forced #2 by concurrent-cow"],
  ]);
  const [arrived, taken] = ["arriving", "taken"].map((one) => events.lastIndexOf(one));
  assert((arrived as number) < (taken as number));
  await toEnd(world, ...BOTH);
  assertEquals(metric(world, "checkpoints"), 2);
});

Deno.test("before anything was asked for there is no way to save itself, and without 'forces' none", async () => {
  const early = puppets(hasty());
  await assertRejects(
    () => early.advance(9 * MS),
    StrategyError,
    "protocol 'keeping' saves p1 before any checkpoint was asked for",
  );
});

Deno.test("one that is asked for while another is done is served after it", async () => {
  const row = keeping(() => {}, {
    forces: true,
    member: () => ({ saves: false, wanted: 0 }),
    handle(state, event, out) {
      const { saves, wanted } = state as { saves: boolean; wanted: number };
      if (event.event === "exiting") out.leave();
      if (event.event === "sending") out.keep();
      const forced = event.event === "arriving" && event.number === 0;
      const isAsked = event.event === "requested";
      if (isAsked && saves) return { saves, wanted: wanted + 1 };
      if (event.event === "saved" && wanted === 0) return { saves: false, wanted };
      if (!isAsked && !forced && event.event !== "saved") return state;
      out.capture();
      return { saves: true, wanted: event.event === "saved" ? wanted - 1 : wanted };
    },
  });
  const world = puppets(row, { disk: 20_000_000 });
  await world.advance(MS / 2);
  await world.checkpoint(["p0"], "c", STOP);
  await until(world, () => (world.setup.record(1).status?.sessions.length ?? 0) > 0);
  await world.checkpoint(["p1"], "d", STOP);
  await until(world, () => world.committed.includes("d"));
  const taken = (label: string) => world.checkpoints.get(label)?.parts[0]?.takenNs ?? 0;
  assert(taken("forced #2") > 0 && taken("forced #2") < taken("d"));
  const plain = puppets(keeping(), { disk: 20_000_000 });
  await plain.advance(MS / 2);
  await plain.checkpoint(["p1"], "c", STOP);
  await plain.advance(MS);
  await assertRejects(() => plain.checkpoint(["p1"], "d", STOP), LabError, "under way already");
});

Deno.test("who moves while it wants to save itself does so when nothing else is, where it is then", async () => {
  for (const strategy of ["stop-the-world", "pre-copy"]) {
    const world = puppets(hasty(), { disk: 20_000_000 });
    addNode(world, "spare", { ram: 2 ** 20 });
    await world.advance(2 * MS);
    await world.checkpoint(["p0"], "c", STOP);
    // It has asked, and its order is on the way.
    await until(world, () => world.checkpoints.size === 2, 5000);
    await world.migrate(["p1"], "spare", using(strategy));
    await until(world, () => metric(world, "forced_checkpoints") === 1, 10_000);
    const forced = [...world.checkpoints.values()].filter((one) => one.forced === true);
    assertEquals(forced.map(({ parts: [part] }) => part?.node.name), ["n1", "spare"]);
    const committed = world.trace.events.filter(({ kind }) => kind === "committed");
    assertEquals(committed.map(({ text }) => text.replace(/ \d+ bytes.*/, "")), [
      "c",
      "migration 1",
      "forced #3",
    ]);
  }
});

Deno.test("the last checkpoint is forgotten only when the log of the next is durable, too", async () => {
  const world = newWorld();
  world.keep({ name: "local", options: { retain: 1, dedup: false } });
  for (const n of [0, 1]) {
    // Slow: a log takes its time behind its image.
    addNode(world, `n${n}`, { disk: 2_000_000 });
    world.addProcess(`p${n}`, `n${n}`, load("bank", { transfers: 2000, gap: 20_000 }));
  }
  world.coordinate(protocol("message-logging"));
  const told = (kind: string, label: string) => () =>
    world.trace.events.some((event) => event.kind === kind && event.text.startsWith(`${label} `));
  await world.advance(2 * MS);
  await world.checkpoint(["p0"], "a", STOP);
  await until(world, told("log", "a"));
  await world.checkpoint(["p0"], "b", STOP);
  await until(world, told("committed", "b"));
  assertEquals(told("log", "b")(), false, "its log is under way");
  assertEquals(world.committed, ["a"]);
  await world.crash(victims("p0"), "unsynced");
  await world.restart(["p0"], undefined, undefined);
  assertEquals(restarts(world), ["a.p0"]);
  await until(world, () => world.processMetric("p0", "running") === true);
  await world.checkpoint(["p0"], "c", STOP);
  await until(world, told("log", "c"));
  assertEquals(world.committed, ["c"], "and then it is forgotten");
  world.end();
});
