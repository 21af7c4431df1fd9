import { assert, assertEquals } from "@std/assert";
import { contextOf, NoValue } from "../../dsl/context.ts";
import type { Diagnostic } from "../../dsl/diagnostic.ts";
import { evaluate } from "../../dsl/evaluate.ts";
import { parseExpression } from "../../dsl/parse.ts";
import { Scope } from "../../dsl/scope.ts";
import { HERE, isKnown, show, UNDISTURBED } from "../../dsl/value.ts";
import { FakeLab, VOCABULARY } from "./fake.ts";

const STRATEGY = { name: "stop-the-world", options: {} };

/** Two worlds at 30ms: here p was crashed at 20ms and restarted from c at 25ms. */
async function worlds() {
  const make = async () => {
    const lab = new FakeLab();
    for (const name of ["p[0]", "p[1]", "q"]) {
      const options = { size: name === "q" ? 10 : 100 };
      lab.addProcess(name, "n", { name: "matmul", options });
    }
    await lab.begin();
    return lab;
  };
  const here = await make();
  await here.advance(5_000_000);
  await here.checkpoint(["p[0]"], "c", STRATEGY);
  await here.advance(20_000_000);
  await here.crash({ processes: ["p[0]"], nodes: [], manager: false }, "nothing");
  await here.advance(25_000_000);
  await here.restart(["p[0]"], "c", undefined);
  await here.advance(30_000_000);
  const twin = await make();
  await twin.advance(30_000_000);
  return new Map([[HERE, here], [UNDISTURBED, twin], ["con", here]]);
}

function scope(): Scope {
  const found = new Scope();
  found.declare("p", { kind: "process", array: true, members: () => ["p[0]", "p[1]"] });
  found.declare("q", { kind: "process", array: false, members: () => ["q"] });
  found.declare("n", { kind: "node", array: false, members: () => ["n"] });
  found.declare("c", { kind: "checkpoint" });
  found.declare("never", { kind: "checkpoint" });
  found.declare("con", { kind: "alternative" });
  const body = parseExpression("(b - a) / b", "f").expr;
  assert(body !== undefined);
  const params = ["a", "b"].map((text) => ({ text, span: body.span }));
  found.declare("part", { kind: "let", params, body, scope: found });
  return found;
}

const LABS = await worlds();

/** What an expression is worth in the run, or why it is worth nothing. */
function worth(text: string): string {
  const { expr, diagnostics } = parseExpression(text, "e");
  if (expr === undefined) return diagnostics[0]?.code ?? "?";
  const context = contextOf({
    vocabulary: VOCABULARY,
    scope: scope(),
    where: "claim",
    lab: (view) => LABS.get(view),
    report: (item) => {
      throw new NoValue(item);
    },
  });
  try {
    return show(evaluate(context, expr));
  } catch (error) {
    if (error instanceof NoValue) return error.item.code;
    throw error;
  }
}

/** The same with the run unknown: what is wrong, and the kind of value. */
function checked(text: string): { kind: string; known: boolean; codes: readonly string[] } {
  const { expr } = parseExpression(text, "e");
  assert(expr !== undefined);
  const found: Diagnostic[] = [];
  const context = contextOf({
    vocabulary: VOCABULARY,
    scope: scope(),
    where: "claim",
    report: (item) => void found.push(item),
  });
  const value = evaluate(context, expr);
  return { kind: value.kind, known: isKnown(value), codes: found.map((item) => item.code) };
}

const TABLE: readonly (readonly [string, string])[] = [
  // numbers are exact
  ["0.1 + 0.2 == 0.3", "true"],
  ["1 / 3 + 1 / 3 + 1 / 3 == 1", "true"],
  ["1 / 3", "≈0.333333"],
  ["9007199254740993 == 9007199254740992", "false"],
  ["0x1f + 1", "32"],
  ["64_000", "64000"],
  ["7 - 2 - 1", "4"],
  ["2 + 3 * 4", "14"],
  ["(2 + 3) * 4", "20"],
  ["12 / 2 / 3", "2"],
  ["-2 * -3", "6"],
  ["50% == 0.5", "true"],
  ["50% + 25%", "75%"],
  ["25% * 8ms", "2ms"],
  // lists of truth values
  ["any([true, false])", "true"],
  ["any([false, false])", "false"],
  ["all([false, true])", "false"],
  ["all([true, true])", "true"],
  ["all(true, 1 == 1)", "true"],
  ["any(p.exited)", "false"],
  ["any == 3", "CK0301"],
  // units
  ["1s == 1000ms", "true"],
  ["1min", "60s"],
  ["1500us + 500us", "2ms"],
  ["4KiB - 96B", "4000B"],
  ["1MiB == 1024KiB", "true"],
  ["1MB < 1MiB", "true"],
  ["8MB/s * 2ms", "16000B"],
  ["20MB/s == 20kB / 1ms", "true"],
  ["4096cycles / 200MHz", "20.48us"],
  ["200MHz * 1us", "200cycles"],
  ["2/ms * 3s", "6000"],
  ["20ms / 10ms", "2"],
  ["20ms + 4KiB", "CK0401"],
  ["20ms < 4KiB", "CK0401"],
  ["4cycles + 4", "CK0401"],
  ["3 parsecs", "CK0202"],
  ["3lightyears", "CK0103"],
  // logic
  ["true and false or true", "true"],
  ["not true or true", "true"],
  ["not (true or true)", "false"],
  ["true and 1 == 1 and 2 == 2", "true"],
  ["false and never.downtime > 1ms", "false"],
  ["true or never.downtime > 1ms", "true"],
  ["1", "1"],
  ["1 and true", "CK0403"],
  // comparisons
  ["1 < 2", "true"],
  ["2 <= 2", "true"],
  ["2 > 2", "false"],
  ["2 >= 3", "false"],
  ["2 != 3", "true"],
  ['"a" == "a"', "true"],
  ['"a" == 1', "CK0402"],
  ['"a" < "b"', "CK0402"],
  ["3 in 1..5", "true"],
  ["5 in 1..5", "true"],
  ["6 in 1..5", "false"],
  ["15ms in 10ms..20ms", "true"],
  ["15ms in 1..2", "CK0401"],
  ["1ms .. 4KiB", "CK0401"],
  ["3 in [1, 2, 3]", "true"],
  ["4 in [1, 2, 3]", "false"],
  ['"x" in ["x", "y"]', "true"],
  ["3 in 4", "CK0402"],
  ['[1, "a"]', "CK0403"],
  // within: a percentage is one of the right side
  ["95 == 100 within 5%", "true"],
  ["105 == 100 within 5%", "true"],
  ["94 == 100 within 5%", "false"],
  ["100 == 105 within 4.8%", "true"],
  ["100 == 105 within 4.7%", "false"],
  ["94 != 100 within 5%", "true"],
  ["94 == 100 within 6", "true"],
  ["15ms == 16ms within 1ms", "true"],
  ["15ms == 16ms within 999us", "false"],
  ["15ms == 16ms within 4KiB", "CK0409"],
  ["15ms < 16ms within 5%", "CK0409"],
  ["3 in 1..5 within 5%", "CK0409"],
  // functions
  ["sum([1, 2, 3])", "6"],
  ["sum(1ms, 2ms)", "3ms"],
  ["sum(1ms, 2KiB)", "CK0401"],
  ["min(3, 1, 2)", "1"],
  ["max([3ms, 5ms])", "5ms"],
  ["abs(-3)", "3"],
  ["abs(2 - 5ms)", "CK0401"],
  // sqrt(2 * 1 ms * 50 ms), and by Daly's terms: 10 + 10 / (18 * 50) - 2 / 3
  ["young(1ms, 50ms)", "10ms"],
  ["young(1ms, 49ms)", "9.899494ms"],
  ["daly(1ms, 50ms) == 10ms + 10ms / 900 - 1ms * 2 / 3 within 1ns", "true"],
  ["daly(4ms, 2ms)", "2ms"],
  ["daly(3999us, 2ms) < 2ms", "true"],
  ["young(1ms)", "CK0406"],
  ["young(1ms, 3)", "CK0406"],
  ["daly(0ms, 3ms)", "CK0406"],
  ["count([true, false, true])", "2"],
  ["count(1)", "CK0406"],
  ["part(1, 4)", "75%".replace("75%", "0.75")],
  ["part(1)", "CK0406"],
  ["part", "CK0406"],
  ["sum", "CK0301"],
  ["nothing(1)", "CK0301"],
  ["1(2)", "CK0406"],
  // the run
  ["time", "30ms"],
  ["q.exited", "true"],
  ["q.exit == 0", "true"],
  ["q.output", '"sum 10\\n"'],
  ["q.node == n", "true"],
  ["q.progress", "100%"],
  ["p[0].run_time", "25ms"],
  ["p[1].run_time", "30ms"],
  ["p.run_time", "[25ms, 30ms]"],
  ["sum(p.run_time)", "55ms"],
  ["p.run_time * 2", "[50ms, 60ms]"],
  ["p.run_time + p.run_time", "[50ms, 60ms]"],
  ["p.run_time + [1ms]", "CK0402"],
  ["count(p.running)", "2"],
  ["p.running and true", "true"],
  ["not p.exited", "true"],
  ["p.restarts", "[1, 0]"],
  ["p.restarts == 0", "[false, true]"],
  ["p.restarts == 0 or false", "false"],
  ["p.restarts in 0..1", "[true, true]"],
  ["p[0].progress == 10%", "true"],
  ["p[2].exited", "CK0405"],
  ["q[0]", "CK0403"],
  ["p.exited == undisturbed.p.exited", "[true, true]"],
  ["undisturbed.p[0].restarts", "0"],
  ["undisturbed.time == time", "true"],
  ["con.p[0].restarts", "1"],
  ["con.c.downtime", "1ms"],
  ["con.nobody", "CK0301"],
  ["undisturbed.c", "CK0411"],
  ["c.downtime", "1ms"],
  ["c.image_size", "40KiB"],
  ["c.committed", "true"],
  ["c.exited", "CK0305"],
  ["latest == c", "true"],
  ["latest != con.c", "false"],
  ["undisturbed.latest == c", "false"],
  ["undisturbed.latest.downtime", "CK0412"],
  ["never.downtime", "CK0412"],
  ["restored(c)", "p[0]:5000000"],
  ["restored(c) == restored(latest)", "true"],
  ["restored(never)", "CK0412"],
  ["p[0].state == undisturbed.p[0].state", "false"],
  ["q.state == undisturbed.q.state", "true"],
  ["1 / 0", "CK0407"],
  ["1 / (p[1].restarts)", "CK0407"],
  ["q.exitd", "CK0305"],
  ["q.time.time", "CK0305"],
  ["time.x", "CK0305"],
  ["all", "CK0403"],
  ["unheard_of", "CK0301"],
  ["matmul", "matmul"],
];

for (const [text, wanted] of TABLE) {
  Deno.test(`${text} is ${wanted}`, () => assertEquals(worth(text), wanted));
}

Deno.test("expressions of the run have a type before the run", () => {
  assertEquals(checked("p[0].run_time"), { kind: "number", known: false, codes: [] });
  assertEquals(checked("p.output"), { kind: "list", known: false, codes: [] });
  assertEquals(checked("c.downtime < 3ms"), { kind: "truth", known: false, codes: [] });
  assertEquals(checked("part(q.run_time, c.downtime)").known, false);
  assertEquals(checked("max(p.run_time)").known, false);
  assertEquals(checked("abs(q.exit)").known, false);
  assertEquals(checked("count(p.exited)").known, false);
  assertEquals(checked("q.exit in [1, 2]").known, false);
  assertEquals(checked("1 + 1"), { kind: "number", known: true, codes: [] });
});

Deno.test("a check finds every mistake, a run would stop at the first", () => {
  assertEquals(checked("(1 + 1ms == 2) and (q.exitd or 3KiB < 2ms)").codes, [
    "CK0401",
    "CK0305",
    "CK0401",
  ]);
  assertEquals(checked("c.downtime < 4KiB").codes, ["CK0401"]);
  assertEquals(checked("true or q.nothing").codes, ["CK0305"]);
});
