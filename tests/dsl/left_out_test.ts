/** Scenarios that are left out by a word before them: never unseen. */
import { assert, assertEquals } from "@std/assert";
import { main } from "../../dsl/cli.ts";
import { fakeHost } from "./fake.ts";

const scenario = (title: string, mode = "") =>
  `${mode} scenario "${title}" { node n0 proc p0 on n0 runs fft expect p0.exited }\n`;

async function run(text: string, ...args: readonly string[]) {
  const { host, out, err } = fakeHost({ "s.ckpt": `ckpt 1\n${text}` });
  return { code: await main(["run", "s.ckpt", ...args], host), out: out(), err: err() };
}

Deno.test("skip and todo are not run, and it is said", async () => {
  const { code, out, err } = await run(
    scenario("a") + scenario("b", "skip") +
      'todo scenario "c" { proc p0 on nowhere runs nothing }\n',
  );
  assertEquals(code, 0);
  assert(out.includes("1 scenario"), out);
  assertEquals(
    err,
    [
      's.ckpt:3:1 "b" (skip)',
      's.ckpt:4:1 "c" (todo)',
    ].map((line) => `left out: ${line}\n`).join(""),
  );
});

Deno.test("only leaves out the others", async () => {
  const { code, out, err } = await run(scenario("a") + scenario("b", "only"));
  assertEquals(code, 0);
  assert(out.includes("b (1 case") && !out.includes("a (1 case"), out);
  assertEquals(err, `left out: s.ckpt:2:2 "a" (another one says 'only')\n`);
});

Deno.test("where all are left out nothing was run", async () => {
  assertEquals((await run(scenario("a", "skip"))).code, 6);
});
