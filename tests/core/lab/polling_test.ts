/** A protocol that polls in the lab: its rounds are counted, and it is held to what one costs. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Protocol, StrategyError } from "../../../core/mod.ts";
import type { MessageCounts } from "../../../core/cluster/protocol.ts";
import { protocolHooks } from "../../../core/lab/plugin_hooks.ts";
import { PLUGIN_KINDS } from "../../../core/lab/plugin_kinds.ts";
import { manaDrain } from "../../../plugins/protocols/mana_drain.ts";
import { job, load, MS, named, protocol, toEnd, until, using } from "./world_fixture.ts";

const COW = using("concurrent-cow");
const ALL = named(3);
const BANK = load("bank", { transfers: 60, gap: 100_000 });
const polling = manaDrain as Protocol;

/** The drain, declaring another price of a round. */
const priced = (change: (declared: MessageCounts) => MessageCounts): Protocol => ({
  ...polling,
  name: "priced",
  aliases: [],
  perRound: (shape) => change(polling.perRound?.(shape) ?? {}),
});

async function checkpointed(row: Protocol) {
  const others = [row];
  const world = job({ workload: BANK, protocol: protocol(row.name, {}, others) }, { others });
  await world.advance(MS);
  await world.checkpoint(ALL, "c", COW);
  await until(world, () => world.checkpointMetric("c", "committed") === true);
  await world.advance(world.now + MS);
  return world;
}

Deno.test("the lab counts rounds, and their messages are those of the formula", async () => {
  const world = await checkpointed(priced((declared) => declared));
  const rounds = Number(world.checkpointMetric("c", "rounds"));
  assert(rounds >= 1);
  assertEquals(world.checkpointMetric("c", "protocol_messages"), 9 + 48 * rounds);
  assertEquals(world.checkpointMetric("c", "sent", ["INCRBY"]), 6 * rounds);
  await toEnd(world, ...ALL);
});

Deno.test("a protocol whose round has one message more or less than it declares is told so", async () => {
  for (const reply of [17, 19]) {
    await assertRejects(
      () => checkpointed(priced((declared) => ({ ...declared, REPLY: reply }))),
      StrategyError,
      "protocol 'priced' declares ",
    );
  }
  await assertRejects(
    () => checkpointed(priced((declared) => ({ ...declared, SET: 5 }))),
    StrategyError,
    "messages SET for 3 processes in 1 round, but sent 6",
  );
});

Deno.test("a round is whole numbers by kind, and not nothing", () => {
  const answer = (counts: unknown) =>
    protocolHooks(priced(() => counts as MessageCounts), "plugin 'p' 1.0.0").perRound?.({
      n: 3,
      options: {},
    });
  assertEquals(answer({ ASK: 3, SAY: 0 }), { ASK: 3, SAY: 0 });
  for (const wrong of [{ ASK: 0 }, {}, { ASK: 1.5 }, { ASK: -1 }, 3, undefined]) {
    assertThrows(() => answer(wrong), Error, "instead of whole numbers by kind, not all of them 0");
  }
  const { perRound: _, ...onceOnly } = polling;
  assertEquals(protocolHooks(onceOnly, "plugin 'p' 1.0.0").perRound, undefined);
  const { check } = PLUGIN_KINDS.protocols;
  assertEquals(check(onceOnly), check(polling));
  const refused = JSON.stringify(check({ ...polling, perRound: 16 }));
  assert(refused !== JSON.stringify(check(polling)), refused);
});
