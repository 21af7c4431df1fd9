/** Counter-examples as scripts that replay them. */
import { assert, assertMatch, assertStringIncludes } from "@std/assert";
import {
  casesOf,
  explore,
  exploreCase,
  replayScript,
  type TracedStep,
} from "../../../core/lab/explorer.ts";
import { packetOf } from "../../../core/lab/explorer_situation.ts";
import type { Step } from "../../../core/lab/explorer_step.ts";
import { clsFlush } from "../../../plugins/protocols/cls_flush.ts";
import { countingCountsTheKilledTwice } from "../../mutants/protocols/counting_mutants.ts";

const small = { processes: 2, messages: 1 } as const;

Deno.test("a counter-example becomes a script with the latency of every message", () => {
  const [given] = casesOf({ ...small, order: "any" });
  assert(given !== undefined);
  const found = explore(clsFlush, given).counterExample;
  assert(found !== undefined);
  const script = replayScript(found, clsFlush.name);
  for (
    const line of [
      'proc p0 on n0 runs puppet { messages: ["1000:1"], receives: 1000, end: 32ms }',
      'channel all { order: "any", latency: 1ms }',
      'channel p0 -> p1 { order: "any", latency: [13ms, 1ms] }',
      'channel manager -> p1 { order: "any", latency: [3ms] }',
      // The markers leave at 3 and 5 ms; SAVED counts from the capture, which takes no step.
      'channel p0 -> manager { order: "any", latency: [3ms] }',
      'channel p1 -> manager { order: "any", latency: [7ms] }',
      "protocol cls_flush",
      "at 2ms checkpoint all as g",
      "expect g.lost > 0",
    ]
  ) assertStringIncludes(script, `  ${line}\n`);
});

Deno.test("what nobody heard has arrived when what was sent behind it does, where there is an order", () => {
  const step = (one: Step, packets: readonly number[] = [], begunIn = 0): TracedStep => ({
    step: one,
    text: "",
    departures: packets.map((packet) => ({ from: 1, to: 0, packet })),
    begunIn,
  });
  const steps = [
    step({ step: "send", who: 1 }, [packetOf(0)], 0),
    step({ step: "request" }, [7, 8], 1),
    step({ step: "kill", who: 0 }, [], 2),
    step({ step: "deliver", from: 1, to: 0, packet: 7 }, [], 3),
    step({ step: "deliver", from: 1, to: 0, packet: 8 }, [], 4),
  ];
  const violation = { kind: "deadlock", message: "" } as const;
  const latencies = { fifo: "3ms, 2ms, 3ms", any: "6ms, 2ms, 3ms" };
  for (const order of ["fifo", "any"] as const) {
    const given = exploreCase([[], [0]], { order, kills: 1 });
    const script = replayScript({ given, violation, request: 0, steps }, "mutant");
    const line = `channel p1 -> p0 { order: "${order}", latency: [${latencies[order]}] }`;
    assertStringIncludes(script, `  ${line}\n`);
  }
});

Deno.test("what no statement can do stands in the script as a comment", () => {
  const [given] = casesOf({ ...small, requests: 2, kills: 1 });
  assert(given !== undefined);
  const found = explore(countingCountsTheKilledTwice, given).counterExample;
  assert(found !== undefined);
  const script = replayScript(found, "mutant");
  assertMatch(script, /\/\/ at \d+ms process \d is killed by a signal: no statement does this/);
  assertMatch(script, /expect not g2\.committed/);
});
