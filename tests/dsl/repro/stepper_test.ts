/** `replay --step` over a real world: forwards and backwards, and looking changes nothing. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { reproText } from "../../../dsl/artefacts/repro.ts";
import { main } from "../../../dsl/cli.ts";
import { load } from "../../../dsl/load.ts";
import { runCell, type Running } from "../../../dsl/run.ts";
import { Session } from "../../../dsl/stepper/session.ts";
import { STEP_COMMANDS } from "../../../dsl/stepper/stepper.ts";
import { parts } from "../../../mod.ts";
import { fakeHost, noOverrides } from "../fake.ts";

const SCRIPT = `ckpt 1
profile small { clock: 200MHz, ram: 4MiB, disk: 20MB/s }
scenario "gossip" {
  seed 3
  node n[2] : small
  proc p[2] on n runs gossip { messages: 12, gap: 100us }
  channel all { order: "any", latency: 20us..1ms }
  protocol message_counting
  at 1ms    checkpoint all as g
  at 1200us pause p[1]
  at 1400us resume p[1]
  until p.exited
  expect g.lost == 1
}
`;

const { host: files } = fakeHost({ "g.ckpt": SCRIPT });
const { scenarios, scripts } = await load("g.ckpt", files.readFile, {
  vocabulary: parts.vocabulary,
  overrides: noOverrides(),
});
const plan = scenarios[0]?.plans[0];
assert(plan !== undefined);
const running: Running = {
  makeLab: parts.makeLab,
  workers: 0,
  maxTimeNs: 10_000_000_000,
  interrupted: () => false,
};
const result = await runCell(plan, running);
const repro = reproText(plan, result, {
  ckptlab: parts.version,
  language: 1,
  sources: scripts.map(({ span }) => span.source),
});

/** Gives these lines as commands. */
async function step(lines: readonly string[], ...flags: readonly string[]) {
  const captured = fakeHost({ "g.ckpt": SCRIPT, "r.json": repro }, {
    ...parts,
    inputLines: async function* () {
      for (const line of lines) yield await Promise.resolve(line);
    },
  });
  const code = await main(["replay", "r.json", ...flags], captured.host);
  return { code, out: captured.out(), err: captured.err(), lines: captured.out().split("\n") };
}

const places = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => /^at (\S+),/.exec(line)?.[1] ?? []);

Deno.test("next and back go through the moments of the trace, and an empty line does it again", async () => {
  const forward = await step(["n", "", "n 2", "e"], "--step");
  assertEquals(forward.code, 0, forward.err);
  const [start, first, second, fourth, end] = places(forward.lines);
  assertEquals(start, "0ns");
  const back = await step(["n 4", "b 2", "b", "b", "b", "e", "back"], "--step");
  const [, there, ...others] = places(back.lines);
  assertEquals(there, fourth);
  assertEquals(others.slice(0, 5), [second, first, "0ns", "0ns", end]);
  assertStringIncludes(forward.out, ", the end");
});

Deno.test("to, find, start and view show what holds at a time, whichever way it was reached", async () => {
  const there = await step(["t 1300us", "v"], "--step");
  const after = await step(["e", "t 1300us", "v"], "--step");
  const view = (lines: readonly string[]) => lines.slice(lines.indexOf("processes"));
  assertEquals(view(after.lines), view(there.lines));
  const text = view(there.lines).join("\n");
  assertStringIncludes(text, "p[1] on n[1] is running, paused");
  assertStringIncludes(text, "user");
  assertStringIncludes(text, "g under way: p[0] ");
  const found = await step(["find resume", "s"], "--step");
  assertEquals(places(found.lines), ["0ns", "1.4ms", "0ns"]);
});

Deno.test("registers come with the instructions around the program counter", async () => {
  const { out } = await step(["t 500us", "r p[0]", "r p[7]"], "--step");
  assertStringIncludes(out, "p[0], waiting\n  r0    ");
  assert(/ {2}pc {4}[0-9a-f]{8} {2}pr {4}[0-9a-f]{8}/.test(out), out);
  assert(/-> 0x[0-9a-f]{8} {2}0x[0-9a-f]{4} {2}\w+/.test(out), out);
  assertStringIncludes(out, "there is no process 'p[7]'; did you mean 'p[0]'?");
});

Deno.test("what cannot be read is told, and the next line is read", async () => {
  const { code, out } = await step(["nxt", "n 0", "t soon", "t 1ms", "q", "n"], "--step");
  assertEquals(code, 0);
  assertStringIncludes(out, "there is no command 'nxt'; h lists them; did you mean 'next'?");
  assertStringIncludes(out, "expected how many, a whole number, not '0'");
  assertStringIncludes(out, "expected a time such as 1.5ms, not 'soon'");
  assertEquals(places(out.split("\n")), ["0ns", "1ms"], "quit ends it");
});

Deno.test("--until shows one time and ends; --world names a world", async () => {
  const { code, lines } = await step([], "--until", "1300us");
  assertEquals(code, 0);
  assertEquals(places(lines), ["1.3ms"]);
  assert(lines.includes("processes"));
  const wrong = await step([], "--step", "--world", "other");
  assertEquals(wrong.code, 64);
  assertStringIncludes(wrong.err, "--world: no world 'other': there is only one");
});

Deno.test("help lists every command with its words", async () => {
  const { out } = await step(["h"], "--step");
  for (const { names, help } of STEP_COMMANDS) {
    assertStringIncludes(out, names.join(", "));
    assertStringIncludes(out, help);
  }
  const words = STEP_COMMANDS.flatMap(({ names }) => names);
  assertEquals(new Set(words).size, words.length);
});

Deno.test("whoever looks changes nothing: any walk ends with the same trace", async () => {
  const [world] = result.worlds;
  const session = await Session.of(plan, "", running);
  assertEquals(session.whole.traceHash, world?.traceHash);
  const end = session.whole.moments.at(-1) ?? 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(end), { minLength: 1, maxLength: 8 }), async (walk) => {
      for (const ns of walk) {
        const lab = await session.at(ns);
        assertEquals(Math.floor(lab.now), Math.min(ns, Math.floor(world?.endedNs ?? 0)));
        assertEquals(lab.scene.processes.length, 2);
      }
      assertEquals((await session.at(end)).traceHash, world?.traceHash);
    }),
    // At the beginning no instruction has been read yet, and looking must not be the first to.
    { numRuns: 15, examples: [[[0]]] },
  );
  await session.end();
});

Deno.test("going on takes no new run, going back takes one", async () => {
  const session = await Session.of(plan, "", running);
  for (const ns of [100_000, 500_000, 500_000, 900_000]) await session.at(ns);
  assertEquals(session.visits, 1);
  await session.at(100_000);
  assertEquals(session.visits, 2);
  await session.end();
});
