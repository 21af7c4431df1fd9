/** A process that may not send to one other: that waits, and nothing else does. */
import { assert, assertEquals } from "@std/assert";
import { startRanks } from "./message_fixture.ts";
import { CALL, receive, script, type ScriptedCall, send } from "./message_program.ts";

const PAUSE: ScriptedCall = [CALL.pause];
const END: ScriptedCall = [CALL.exitGroup, 0];

Deno.test("hold to one: a send to it waits and takes no sequence, to others and to receive goes on", () => {
  const calls = [send(2, 0, 1), receive(-1, -1, 9), send(1, 0, 3, 1), send(1, 0, 3), PAUSE];
  const programs = [calls, [END], [END]].map((each) => script(each, "abcdefgh\0\0"));
  const [rank] = startRanks((at) => programs[at] as Uint8Array, [], 3);
  assert(rank !== undefined);
  const { kernel, process: { endpoint } } = rank;
  const results: number[] = [];
  kernel.observer = { call: ({ result }) => result !== undefined && results.push(result) };
  endpoint.holdTo(1);
  const message = { from: 1, to: 0, tag: 0, sequence: 0, bytes: new Uint8Array(3) };
  endpoint.deliver(message);
  assertEquals(kernel.run(kernel.now + 1e6), "idle");
  // One that must not wait is EAGAIN.
  assertEquals([results, [...endpoint.sent]], [[0, 3, -11], [[2, 1]]]);
  kernel.advanceTo(kernel.now + 5000);
  assert(endpoint.blockedUntil(kernel.now, () => true) >= 5000, "the wait counts");
  endpoint.releaseTo(2);
  assertEquals(kernel.run(kernel.now + 1e6), "idle");
  assertEquals(results.length, 3, "it is released to another");
  endpoint.releaseTo(1);
  assertEquals(kernel.run(kernel.now + 1e6), "idle");
  assertEquals([results, [...endpoint.sent]], [[0, 3, -11, 0], [[2, 1], [1, 1]]]);
});
