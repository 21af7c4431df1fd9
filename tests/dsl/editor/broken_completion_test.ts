/** Completion where the rest of the file is broken: people type from the top, and leave things open. */
import { assertEquals } from "@std/assert";
import { complete } from "../../../dsl/editor/complete.ts";
import { parts } from "../../../mod.ts";

const nothing = () => Promise.reject(new Error("there is no other file"));

/** What is offered where the bar stands. */
async function offered(script: string): Promise<readonly string[]> {
  const offset = script.indexOf("¦");
  const text = script.replace("¦", "");
  const { vocabulary } = parts;
  const place = { path: "a.ckpt", text, offset, readFile: nothing, readDir: nothing, vocabulary };
  return (await complete(place)).items.map(({ label }) => label);
}

const HEAD = 'ckpt 1\nscenario "a" {\n  node n0\n  proc p0 on n0 runs counter\n';
const TAIL = "\n  until p0.exited\n  expect p0.exit == 0\n}\n";

const CASES: readonly (readonly [what: string, script: string, wants: string[], not: string[]])[] =
  [
    ["nothing yet", "¦", ["ckpt"], ["crash"]],
    ["nothing but the version", "ckpt 1\n¦", ["scenario", "let", "include"], ["expect"]],
    ["no closing brace", HEAD + "  expect p0.¦", ["exited"], ["committed"]],
    ["no closing brace, a word", HEAD + "  seed 3\n  at 5ms ¦", ["checkpoint", "crash"], ["node"]],
    ["a misspelled action before it", HEAD + "  at 5ms chekpoint p0\n  expect p0.¦" + TAIL, [
      "exited",
    ], []],
    [
      "half a statement before it",
      HEAD + "  node n1 { clock:\n  expect p0.¦" + TAIL,
      ["exited"],
      [],
    ],
    ["half an action before it", HEAD + "  at 5ms checkpoint\n  expect p0.exited ¦" + TAIL, [
      "==",
      "if",
    ], ["using"]],
    ["half a statement behind it", HEAD + "  expect p0.¦\n  proc q on" + TAIL, ["exited"], []],
    ["an open list before it", HEAD + "  let a = [1, 2\n  expect p0.¦" + TAIL, ["exited"], []],
    [
      "an open text before it",
      HEAD + '  at 1ms note "half\n  protocol ¦' + TAIL,
      ["cls_flush"],
      [],
    ],
    ["strange characters before it", HEAD + "  seed §§ 3\n  protocol ¦" + TAIL, ["cls_flush"], []],
    [
      "a broken scenario before it",
      `ckpt 1\nscenario {\n  node\n\n${HEAD.slice(7)}  at 1ms crash ¦${TAIL}`,
      ["p0", "n0", "all"],
      [],
    ],
    ["no version", HEAD.slice(7) + "  expect p0.¦" + TAIL, ["exited"], []],
    ["within a word", HEAD + "  expect p0.exi¦ted" + TAIL, ["exited", "exit"], []],
    ["behind a whole word", HEAD + "  checkpointer concurrent¦" + TAIL, ["concurrent_cow"], []],
    [
      "a key within a list of lines",
      HEAD + "  let all = [\n    fft,\n    fft { points: 64 },\n    matmul\n  ]\n  matrix {\n" +
      "    load in [\n      fft,\n      matmul { ¦\n      fft { points: 64 }\n    ]\n  }\n" +
      "  proc q on n0 runs load" + TAIL,
      ["size", "element"],
      ["order"],
    ],
    ["a second key of an object", HEAD + "  node n1 { clock: 1MHz, r¦" + TAIL, ["ram"], ["order"]],
    ["a key on a line of its own", HEAD + "  channel all {\n    loss: 1%\n    ¦\n  }" + TAIL, [
      "order",
    ], ["ram"]],
    ["a cell of a table", HEAD + "  cases {\n    | load |\n    | ¦\n  }" + TAIL, ["matmul"], []],
    ["a value of an axis", HEAD + "  matrix {\n    load in [¦\n  }" + TAIL, ["matmul"], []],
    ["an alternative", HEAD + "  compare protocol {\n    a = ¦\n    b = cls_flush\n  }" + TAIL, [
      "message_counting",
    ], ["matmul"]],
    ["a name that is being given", HEAD + "  node ¦" + TAIL, [], ["n0", "p0"]],
    ["a label that is being given", HEAD + "  at 1ms checkpoint p0 as ¦" + TAIL, [], ["n0", "p0"]],
    ["a text that may be anything", HEAD + '  at 1ms note "¦"' + TAIL, [], ["n0", "note"]],
  ];

for (const [what, script, wants, not] of CASES) {
  Deno.test(`completion: ${what}`, async () => {
    const items = await offered(script);
    assertEquals(wants.filter((label) => !items.includes(label)), [], items.join(" "));
    assertEquals(not.filter((label) => items.includes(label)), [], items.join(" "));
  });
}

Deno.test("completion never throws, wherever a script is cut", async () => {
  const script = HEAD + '  at 5ms checkpoint p0 as c { [ ( "' + TAIL;
  for (let at = 0; at <= script.length; at++) {
    await offered(script.slice(0, at) + "¦");
    await offered(`${script.slice(0, at)}¦${script.slice(at)}`);
  }
});
