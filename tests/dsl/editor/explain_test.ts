import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../../../dsl/cli.ts";
import { CODES } from "../../../dsl/codes.ts";
import { renderDiagnostic } from "../../../dsl/diagnostic.ts";
import { checkExample, CODE_EXAMPLES, exampleScript } from "../../../dsl/editor/code_examples.ts";
import { keysOf, lookUp } from "../../../dsl/editor/look_up.ts";
import { TOPICS } from "../../../dsl/reference.ts";
import { parts } from "../../../mod.ts";
import { type Ended, type Files, inProcess, prepare, temporary } from "../../command/workshop.ts";
import { fakeHost } from "../fake.ts";
import { assertGolden } from "../golden.ts";

const { vocabulary } = parts;

Deno.test("no code lacks an example, and no example a code", () => {
  assertEquals(Object.keys(CODE_EXAMPLES).sort(), Object.keys(CODES).sort());
});

/** What comes of running a text. */
async function run(text: string, files: Files = {}): Promise<Ended> {
  using folder = temporary();
  prepare(folder.path, { ...files, "example.ckpt": text });
  return await inProcess(["run", `${folder.path}/example.ckpt`, "--json"]);
}

/** What a claim without a value says when it is judged; its code is not printed. */
const SAID: Readonly<Record<string, string>> = { CK0412: "there is no checkpoint 'c1'" };

for (const [code, example] of Object.entries(CODE_EXAMPLES)) {
  const { bad, good, whole = false, runs = false, files } = example;
  Deno.test(`${code}: its example gets it, and mended it does not`, async () => {
    if (runs) {
      const wanted = SAID[code] ?? code;
      const wrong = await run(exampleScript(bad, whole), files);
      assertStringIncludes(wrong.out + wrong.err, wanted);
      if (good === undefined) return;
      const mended = await run(exampleScript(good, whole), files);
      assertEquals(mended.code, 0, mended.out + mended.err);
      assert(!(mended.out + mended.err).includes(wanted));
      return;
    }
    const said = await checkExample(example, bad, vocabulary);
    const codes = said.map((item) => item.code);
    assert(codes.includes(code as keyof typeof CODES), said.map(renderDiagnostic).join("\n"));
    if (good === undefined) return;
    const after = await checkExample(example, good, vocabulary, true);
    assertEquals(after.filter((item) => item.severity === "error").map(renderDiagnostic), []);
    assert(!after.some((item) => item.code === code));
  });
}

const SCRIPT = `ckpt 1
let limit = 20ms
scenario "explained" @smoke {
  matrix { n in [1, 2] }
  node host[2] { clock: 100MHz }
  proc p[2] on host runs matmul { size: n }
  channel p[0] -> p[1] { latency: 1ms }
  protocol counting
  at 5ms checkpoint all as g
  when g.committed crash host[1]
  after 1ms restart all
  at 5ms note "a tie"
  every 3ms note "again"
  until p.exited or time >= limit
  expect g.lost + cluster.sent("ACK") == 0 if n == 1
  expect always p.running
  law p.output == undisturbed.p.output
}
`;

async function explain(...args: readonly string[]) {
  const captured = fakeHost({ "a.ckpt": SCRIPT, "b.ckpt": SCRIPT.replace("p.exited", "p.exitd") });
  const code = await main(["explain", ...args], captured.host);
  return { code, out: captured.out(), err: captured.err() };
}

Deno.test("what is said of a scenario reads as stored", async () => {
  const { code, out } = await explain("a.ckpt", "--filter", "n=2");
  assertEquals(code, 0);
  assertGolden("explain.txt", out);
});

Deno.test("a scenario explained as data has the same rows", async () => {
  const text = await explain("a.ckpt");
  const { code, out } = await explain("a.ckpt", "--json");
  const { cells } = JSON.parse(out) as {
    cells: { id: string; sections: { rows: { name: string }[] }[] }[];
  };
  assertEquals([code, cells.length], [0, 2]);
  for (const { id, sections } of cells) {
    assertStringIncludes(text.out, id);
    for (const { name } of sections.flatMap(({ rows }) => rows)) {
      assertStringIncludes(text.out, name);
    }
  }
});

Deno.test("a script with errors is not explained, and nothing is nothing", async () => {
  const broken = await explain("b.ckpt");
  assertEquals([broken.code, broken.out], [3, ""]);
  assertStringIncludes(broken.err, "CK0305");
  assertEquals((await explain("a.ckpt", "--filter", "n=9")).code, 6);
});

for (const topic of TOPICS) {
  Deno.test(`explain finds every entry of ${topic.name}, also by the topic's name`, () => {
    for (const entry of topic.entries(vocabulary)) {
      for (const key of keysOf(entry)) {
        for (const within of [undefined, topic]) {
          const answer = lookUp(key, vocabulary, within);
          assert("found" in answer, key);
          assert(answer.found.some((one) => one.entry.name === entry.name), key);
        }
      }
    }
  });
}

const WORDS: readonly (readonly [args: string, code: number, says: string])[] = [
  ["crash", 0, "crash <targets> [losing <what:name>]"],
  ["statement crash", 0, "Kills processes"],
  ["statements crash", 0, "Kills processes"],
  ["metric c1.downtime", 0, "checkpoint.downtime"],
  ["metric process.crashes", 0, "process.crashes"],
  ["metric cluster.sent", 0, "cluster.sent"],
  ["checkpointer stop_world", 0, "stop_the_world, stop_world"],
  ["checkpointer stop-the-world", 0, "stop_the_world, stop_world"],
  ["unit KiB", 0, "KiB"],
  ["function sum", 0, "sum"],
  ["CK0401", 0, "example.ckpt:5:11 error CK0401"],
  ["ck0401", 0, "instead"],
  ["code CK0701", 0, "found when it runs"],
  ["crahs", 64, "did you mean 'crash'?"],
  ["metric downtme", 64, "did you mean 'downtime'?"],
  ["statement downtime", 64, "nothing called 'downtime' among the statements"],
  ["statment crash", 64, "did you mean 'statement'?"],
  ["CK0499", 64, "there is no diagnostic CK0499"],
  ["", 64, "explain takes a script"],
];

for (const [args, code, says] of WORDS) {
  Deno.test(`explain ${args}`, async () => {
    const given = await explain(...args.split(" ").filter((word) => word !== ""));
    assertEquals(given.code, code, given.err);
    assertStringIncludes(given.out + given.err, says);
  });
}

Deno.test("the metrics of one subject are not those of another", async () => {
  const { out } = await explain("metric", "cluster.sent");
  assert(!out.includes("checkpoint.sent"), out);
});

Deno.test("a plugin's strategy is told with the plugin's version", async () => {
  const file = new URL("../../plugins/third_party/example.ckpt", import.meta.url).pathname;
  const { code, out, err } = await inProcess(["explain", file]);
  assertEquals(code, 0, err);
  assertStringIncludes(out.replaceAll(/\s+/g, " "), "of the plugin third-party 0.3.0");
  assertStringIncludes(out, "process.cow.lines");
});

Deno.test("what is drawn only in a run is told as well", async () => {
  const file = new URL("../../../scenarios/29_chaos.ckpt", import.meta.url).pathname;
  const { code, out, err } = await inProcess(["explain", file]);
  assertEquals(code, 0, err);
  assertStringIncludes(out.replaceAll(/ +/g, " "), "chaos crash every 5ms..20ms, at_most 5");
  assertStringIncludes(out, "each under 12 seeds");
});
