/** `shrink`: what is left of a run, that it fails as before, and that it is always the same. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { parse } from "../../../dsl/parse.ts";
import { isSame } from "../../../dsl/repro/fingerprint.ts";
import { chunks } from "../../../dsl/shrink/chunks.ts";
import { PASSES } from "../../../dsl/shrink/passes.ts";
import { relativePath } from "../../../dsl/shrink/paths.ts";
import { rounded, timeText } from "../../../dsl/shrink/times.ts";
import { sourceOf } from "../../../dsl/source.ts";
import { readMeasure, toEngine } from "../../../dsl/units.ts";
import { resolvePath } from "../../../dsl/load.ts";
import { command, type Done, type Files, reproOf, STORM } from "./failing.ts";

const REPRO = ".ckpt/out/x/repro.json";
const SCRIPT = ".ckpt/out/x/shrunk.ckpt";

async function shrink(files: Files, ...flags: readonly string[]): Promise<Done> {
  return await command(["shrink", REPRO, ...flags], { ...files, [REPRO]: await reproOf(files) });
}

/** The statements of the script that was found. */
function statements({ written }: Done): readonly string[] {
  const text = written.get(SCRIPT) ?? "";
  const { script, diagnostics } = parse(sourceOf(SCRIPT, text));
  assertEquals(diagnostics, []);
  const items = script.statements.at(-1)?.args["items"] as readonly {
    span: { start: number; end: number };
  }[];
  return items.map(({ span }) => text.slice(span.start, span.end).replaceAll(/\s+/g, " "));
}

Deno.test("what is left is an ordinary script of what matters, with times that read well", async () => {
  const done = await shrink(STORM);
  assertEquals(done.code, 0, done.err);
  assertEquals(statements(done), [
    "node n[1]",
    "proc p[1] on n runs matmul",
    "at 600us crash p[0]",
    "at 1ms restart p[0] or beginning",
    "at 1.5ms crash p[0]",
    "at 1.5ms restart p[0] or beginning",
    "expect not (sum(p.crashes) > 1)",
  ]);
  assertStringIncludes(done.out, "shrunk 20 → 7 statements in ");
  assertStringIncludes(
    done.written.get(".ckpt/out/x/shrunk.log") ?? "",
    "run 6: cut: 20 -> 13 statements",
  );
  assert(!done.written.has(REPRO), "the record stays as it is");
});

Deno.test("the script that was found fails by itself as the run did", async () => {
  const { written } = await shrink(STORM);
  const { code, out } = await command(["run", SCRIPT], { [SCRIPT]: written.get(SCRIPT) ?? "" });
  assertEquals(code, 1);
  assertStringIncludes(out, "expect not (sum(p.crashes) > 1)");
});

Deno.test("the same run gives the same script and log, every time", async () => {
  const [a, b] = [await shrink(STORM), await shrink(STORM)];
  assertEquals([...a.written], [...b.written]);
  assertEquals(a.err, b.err);
});

Deno.test("who watches sees each run; a log has the steps alone", async () => {
  const files = { ...STORM, [REPRO]: await reproOf(STORM) };
  const watched = await command(["shrink", REPRO], files, { isTerminal: true });
  assertStringIncludes(watched.err, "\r\x1b[Krun 2 of at most 400\r\x1b[K");
  const logged = await command(["shrink", REPRO], files);
  assert(!logged.err.includes("\x1b"));
  assertEquals(watched.out, logged.out);
});

Deno.test("the budget is counted in runs, and what was found by then is kept", async () => {
  const { out, code } = await shrink(STORM, "--runs", "12");
  assertEquals(code, 0);
  assertStringIncludes(out, "statements in 12 runs; the budget ended, --runs allows more");
  const whole = await shrink(STORM);
  assertNotEquals(out, whole.out);
});

Deno.test("an interrupted shrinking keeps what it has, and blames nobody", async () => {
  const files = { ...STORM, [REPRO]: await reproOf(STORM) };
  let looks = 0;
  const stopAt = (most: number) =>
    command(["shrink", REPRO], files, { interrupted: () => ++looks > most });
  assertEquals((await stopAt(Infinity)).code, 0);
  const all = looks;
  const told = new Set<string>();
  for (const part of [0, 0.005, 0.3, 0.6, 0.9, 0.97, 0.99, 0.999]) {
    looks = 0;
    const { code, out, err, written } = await stopAt(Math.floor(all * part));
    const script = written.get(SCRIPT);
    assertEquals(code, 130, `${part}: ${err}`);
    assertEquals(err.includes("error"), false, err);
    if (script === undefined) assertStringIncludes(err, "nothing was written");
    else assertStringIncludes(out, "interrupted");
    told.add(script === undefined ? "nothing" : "script");
    if (script === undefined) continue;
    const again = await command(["run", SCRIPT], { [SCRIPT]: script });
    assertEquals(again.code, 1, "it fails as the run did");
    assertStringIncludes(again.out, "expect not (sum(p.crashes) > 1)");
  }
  assertEquals([...told], ["nothing", "script"]);
});

const scene = (...lines: readonly string[]): Files => ({
  "s.ckpt": ["ckpt 1", 'scenario "s" {', ...lines, "}", ""].join("\n"),
});

Deno.test("a claim that a smaller run breaks for another reason is no failure of it", async () => {
  // With one process the sum is too small whatever happens: the crash would look needless.
  const done = await shrink(scene(
    "node n[4]",
    "proc p[4] on n runs matmul",
    "at 20ms crash p[2]",
    "expect sum(p.progress) >= 4",
  ));
  assertEquals(done.code, 0, done.err);
  const left = statements(done).join("\n");
  assertStringIncludes(left, "crash p[0]");
  assertStringIncludes(left, "proc p[4]");
});

Deno.test("a step that did less than it says, for chaos was there, is written as what it did", async () => {
  const done = await shrink(scene(
    "node n[2]",
    "proc p[2] on n runs matmul",
    "explore { seeds: 1..20 }",
    "chaos { crash: { of: p, every: 1ms..5ms, at_most: 1 } restart: { after: 30ms } }",
    "at 10ms checkpoint all as c",
    'at 50ms note "there"',
    "expect c.committed and sum(p.crashes) == 0",
  ));
  assertEquals(done.code, 0, done.err);
  const script = done.written.get(SCRIPT) ?? "";
  assert(!script.includes("chaos {"), script);
  assertStringIncludes(script, "checkpoint p[");
});

Deno.test("a process that is left lying fails for another reason", async () => {
  const done = await shrink(scene(
    "node n0",
    "proc p0 on n0 runs matmul { flaky: true }",
    "at 10ms checkpoint p0 as c",
    "at 20ms crash p0",
    "at 30ms restart p0 from c",
    "until p0.exited",
    "expect p0.output == undisturbed.p0.output",
  ));
  assertEquals(done.code, 0, done.err);
  // Without the restart the output differs too, because there is none.
  assertStringIncludes(statements(done).join("\n"), "restart p0");
});

Deno.test("what an axis stands for is written in its place", async () => {
  const done = await shrink(scene(
    "matrix { what in [matmul { size: 32 }] saver in [concurrent] n in [10ms] }",
    "node n0",
    "proc p0 on n0 runs what",
    "checkpointer saver",
    "at n checkpoint p0 as c",
    "at 2 * n crash p0",
    "expect not c.committed",
  ));
  assertEquals(done.code, 0, done.err);
  assertEquals(statements(done), [
    "node n0",
    "proc p0 on n0 runs matmul",
    "at 600us checkpoint p0 as c",
    "expect not c.committed",
  ]);
});

Deno.test("a step the lab refuses is a failure that can be shrunk", async () => {
  const done = await shrink(scene(
    "node n[2]",
    "proc p[2] on n runs matmul",
    'at 5ms note "here"',
    "at 20ms crash p[1]",
    "at 30ms crash p[1]",
    "expect p.exited",
  ));
  assertEquals(done.code, 0, done.err);
  assertEquals(statements(done).filter((one) => one.includes("crash")).length, 2);
  assertEquals(statements(done).length, 4, statements(done).join("\n"));
});

Deno.test("of a comparison the alternative that fails stays", async () => {
  const done = await shrink(scene(
    "node n[2]",
    "proc p[2] on n runs matmul",
    'channel all { order: "any" }',
    "compare protocol { good = message_counting bad = flush_markers fine = message_counting }",
    "at 5ms checkpoint all as c",
    "expect c.lost == 0",
  ));
  assertEquals(done.code, 0, done.err);
  const text = done.written.get(SCRIPT) ?? "";
  assertStringIncludes(text, "bad  = flush_markers");
  // A comparison needs two.
  assertEquals(text.match(/= message_counting/g)?.length, 1, text);
});

Deno.test("a run in which nothing fails is not shrunk", async () => {
  const { code, err } = await shrink(
    scene("node n0", "proc p0 on n0 runs matmul", "expect p0.exited"),
  );
  assertEquals(code, 64);
  assertStringIncludes(err, `nothing fails in '${REPRO}', so there is nothing to shrink`);
});

Deno.test("what only all seeds together show has no run that shows it", async () => {
  const { code, err } = await shrink(scene(
    "node n0",
    "proc p0 on n0 runs matmul",
    "explore { seeds: 1..3 }",
    "expect sometimes p0.crashes == 1",
  ));
  assertEquals(code, 2);
  assertStringIncludes(
    err,
    "error: no run by itself shows that it fails: expect sometimes p0.crashes == 1",
  );
});

Deno.test("a script that cannot be written is found out before anything is run", async () => {
  const text = await reproOf(STORM);
  const { code, err } = await command(["shrink", "forbidden/repro.json"], {
    ...STORM,
    "forbidden/repro.json": text,
  });
  assertEquals([code, err], [
    64,
    "error: cannot write 'forbidden/shrunk.ckpt': nobody may; --help tells more\n",
  ]);
});

Deno.test("a failure is the same by its first line, and by nothing that is new", () => {
  const wanted = { failures: ["a", "b"] };
  for (
    const [failures, same] of [
      [["a"], true],
      [["a", "b"], true],
      [["b", "a"], true],
      [["b"], false],
      [["a", "c"], false],
      [[], false],
    ] as const
  ) assertEquals(isSame(wanted, { failures }), same, failures.join());
  assertEquals(isSame({ failures: [] }, { failures: [] }), false);
});

Deno.test("chunks: every item stands in a part by itself, the largest parts first", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(), { maxLength: 40 }), (items) => {
    const parts = [...chunks(items)];
    const sizes = parts.map((part) => part.length);
    assertEquals(Math.max(0, ...sizes), items.length);
    const single = parts.filter((part) => part.length === 1).map(([one]) => one);
    assertEquals(new Set(single), new Set(items));
    for (const part of parts) assert(part.every((one) => items.includes(one)));
  }));
});

Deno.test("times are written exactly, and round to so many digits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 4 }), (ns, digits) => {
      const read = readMeasure(timeText(ns));
      assert(!("problem" in read));
      assertEquals(toEngine(read, "time"), ns);
      const neat = rounded(ns, digits);
      assert(Math.abs(neat - ns) <= Math.max(1, ns) * 0.5 * 10 ** (1 - digits) + 1e-6, `${neat}`);
      assert(String(neat).replace(/0+$/, "").length <= digits, `${neat}`);
    }),
  );
});

Deno.test("a path from one file to another leads there", () => {
  const part = fc.constantFrom("a", "b", ".ckpt", "out");
  const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) =>
    `${parts.join("/")}/f.ts`
  );
  fc.assert(fc.property(path, path, (from, to) => {
    assertEquals(resolvePath(from, relativePath(from, to)), to);
  }));
});

Deno.test("every pass has a name of its own and says what it does", () => {
  assertEquals(new Set(PASSES.map(({ name }) => name)).size, PASSES.length);
  for (const { help } of PASSES) assert(/^[a-z].*[a-z]$/.test(help), help);
});
