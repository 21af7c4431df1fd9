/** The spread-out checkpoint: its actors by hand, and in the lab with crash after crash. */
import { assert, assertEquals } from "@std/assert";
import type { World } from "../../core/mod.ts";
import { spreadOut } from "../../plugins/protocols/spread_out.ts";
import {
  job,
  load,
  MS,
  named,
  protocol,
  toEnd,
  until,
  using,
  victims,
} from "../core/lab/world_fixture.ts";
import { Bench } from "./protocol_bench.ts";

const helper = (self: number) => new Bench(spreadOut, self, [0, 1, 2]);
const sync = (epoch: number, more = {}) =>
  ({ kind: "SYNC", epoch, ended: [], came: [], ...more }) as const;
const turn = (epoch: number, ...rest: readonly number[]) =>
  ({ kind: "TURN", epoch, rest, reports: [] }) as const;
const message = (from: number, number: number, index: number) =>
  ({ event: "arriving", from, number, piggyback: { index } }) as const;

Deno.test("a helper saves its process when the token comes, and passes it on when that is durable", () => {
  const first = helper(0);
  assertEquals(first.on({ event: "sending", to: 1, number: 0 }), [
    'piggyback {"index":0}',
    "keep",
  ]);
  first.on(message(1, 0, 0));
  first.on(message(1, 2, 0));
  assertEquals(first.hears("manager", sync(1)), ["admit"]);
  assertEquals(first.waitsFor, "its turn");
  assertEquals(first.hears("manager", turn(1, 1, 2)), ["capture"]);
  assertEquals(first.on({ event: "taken" }), ["admit"]);
  first.on(message(1, 1, 0));
  assertEquals(first.on({ event: "sending", to: 2, number: 0 }), [
    'piggyback {"index":1}',
    "keep",
  ]);
  assertEquals(first.on({ event: "saved" }), ["TURN to 1"]);
  // As of t0: what lay behind a gap does not count.
  assertEquals(first.sent.at(-1)?.message, {
    ...turn(1, 2),
    reports: [{ who: 0, came: [{ from: 1, below: 1 }] }],
  });
});

Deno.test("a message from behind a cut saves its receiver before its turn, once the line is known", () => {
  const second = helper(1);
  assertEquals(second.on(message(0, 0, 1)), ["withhold"]);
  assertEquals(second.hears("manager", sync(1)), ["admit"]);
  assertEquals(second.on(message(0, 0, 1)), ["withhold", "capture"]);
  assertEquals(second.on({ event: "taken" }), ["admit"]);
  assertEquals(second.on(message(0, 0, 1)), []);
  assertEquals(second.on({ event: "saved" }), []);
  assertEquals(second.waitsFor, "the token");
  assertEquals(second.hears(0, turn(1)), ["TURN to manager"]);
});

Deno.test("the token of a later line waits for its SYNC, and an older one does not replace it", () => {
  const second = helper(1);
  assertEquals(second.hears(0, turn(2)), []);
  assertEquals(second.hears(0, turn(1)), []);
  assertEquals(second.hears("manager", sync(1)), ["admit"]);
  assertEquals(second.waitsFor, "its turn");
  assertEquals(second.hears("manager", { kind: "ABORT", epoch: 1 }), ["admit"]);
  assertEquals(second.hears("manager", sync(2)), ["admit", "capture"]);
});

Deno.test("what those who ended had sent comes first, and what is durable is forgotten", () => {
  const second = helper(1);
  const more = { ended: [{ from: 0, below: 1 }], came: [{ to: 2, count: 5 }] };
  assertEquals(second.hears("manager", sync(1, more)), ["prune 2 below 5", "admit"]);
  assertEquals(second.hears("manager", turn(1)), []);
  assertEquals(second.waitsFor, "messages of process 0, which has ended");
  assertEquals(second.on(message(0, 0, 0)), ["capture"]);
});

/** The row with another default of an option. */
const usually = (name: "writers" | "spread", value: number): typeof spreadOut => {
  const option = spreadOut.options[name] as { readonly type: "count"; readonly doc: string };
  return { ...spreadOut, options: { ...spreadOut.options, [name]: { ...option, default: value } } };
};

Deno.test("a helper waits before it passes the token on, but not when it is the last", () => {
  const paused = usually("spread", 5 * MS);
  for (const rest of [[1], []]) {
    const first = new Bench(paused, 0, [0, 1]);
    first.hears("manager", sync(1));
    first.hears("manager", turn(1, ...rest));
    first.on({ event: "taken" });
    const passed = [`TURN to ${rest[0] ?? "manager"}`, "clear spread"];
    const saved = first.on({ event: "saved" });
    if (rest.length === 0) assertEquals(saved, passed);
    else {
      assertEquals(saved, [`timer spread ${5 * MS}`]);
      assertEquals(first.waitsFor, "the time to pass the token on");
      assertEquals(first.on({ event: "timer", name: "spread" }), passed);
    }
  }
  const manager = new Bench(paused, "manager", [0, 1]);
  const [timer] = manager.on({ event: "requested" });
  assertEquals(timer, `timer timeout ${1_000 * MS + 2 * 5 * MS}`);
});

Deno.test("with three writers of four a token each, and all are heard of before the line is declared", () => {
  const members = [0, 1, 2, 3];
  const manager = new Bench(usually("writers", 3), "manager", members);
  manager.on({ event: "requested" });
  const tokens = manager.sent.flatMap(({ to, message }) =>
    message.kind === "TURN" ? [[to, ...message.rest]] : []
  );
  assertEquals(tokens, [[0], [1], [2, 3]]);
  const report = (...all: readonly number[]) =>
    ({ ...turn(1), reports: all.map((who) => ({ who, came: [] })) }) as const;
  manager.hears(1, report(1));
  manager.hears(3, report(2, 3));
  assertEquals(manager.waitsFor, "process 0 to be saved");
  assertEquals(manager.hears(0, report(0)), ["clear timeout", "done 0 1 2 3"]);
  assertEquals(spreadOut.cost({ n: 4, options: { writers: 3 } }), { SYNC: 4, TURN: 7 });
  assertEquals(spreadOut.cost({ n: 4, options: { writers: 0 } }), { SYNC: 4, TURN: 8 });
});

// In the lab.

const NAMES = named(3);
const outputs = (world: World) => NAMES.map((name) => world.processMetric(name, "output"));

function worldOf(options: Record<string, unknown> | undefined, seed: number): World {
  const latency = { shape: "uniform", low: 50_000, high: 1_500_000 };
  const workload = load("bank", { transfers: 120, accounts: 4, gap: 200_000, seed });
  const given = { workload, profile: { ram: 2 ** 20 }, channel: { order: "any", latency } };
  const chosen = options === undefined ? undefined : protocol("spread-out", options);
  return job({ ...given, protocol: chosen }, { seed });
}

/** A line every 2 ms, and a crash when so many are durable. */
async function crashing(world: World, crashes: number): Promise<void> {
  for (let crash = 0; crash < crashes; crash++) {
    for (let line = 0; line < 2; line++) {
      const label = `c${crash}${line}`, before = world.committed.length;
      await world.checkpoint(NAMES, label, using("stop-the-world"));
      await until(world, () => world.committed.length > before, MS / 10);
    }
    // And one that is not through.
    await world.checkpoint(NAMES, `c${crash}2`, using("concurrent-cow"));
    await world.advance(world.now + MS / 4);
    await world.crash(victims(`p${crash % 3}`), "unsynced");
    await world.advance(world.now + MS / 2);
    await world.restart(NAMES, undefined, undefined);
  }
}

for (const options of [{}, { writers: 0 }, { ahead: "wait", spread: MS / 10 }]) {
  Deno.test(`crash after crash is invisible: ${JSON.stringify(options)}`, async () => {
    const twin = worldOf(undefined, 1), world = worldOf(options, 1);
    await toEnd(twin, ...NAMES);
    await crashing(world, 3);
    assert((world.clusterMetric("sent_again") as number) > 0);
    await toEnd(world, ...NAMES);
    assertEquals(outputs(world), outputs(twin));
    const counts = ["lost", "orphans", "duplicated"];
    assertEquals(counts.map((name) => world.clusterMetric(name)), [0, 0, 0]);
  });
}
