import { assertEquals } from "@std/assert";
import { headline } from "../../dsl/diagnostic.ts";
import { load, resolvePath } from "../../dsl/load.ts";
import { fakeHost, noOverrides, VOCABULARY } from "./fake.ts";

const MAIN = 'ckpt 1\ninclude "lib/all.ckpt"\nscenario "s" {\n  node n0 : slow\n' +
  "  proc p0 on n0 runs matmul { size: twice(10) }\n  expect p0.exited\n}\n";

async function loaded(files: Readonly<Record<string, string>>) {
  const { host } = fakeHost(files);
  const options = { vocabulary: VOCABULARY, overrides: noOverrides() };
  const { scenarios, diagnostics } = await load("a/main.ckpt", host.readFile, options);
  return { plan: scenarios[0]?.plans[0], said: diagnostics.map(headline) };
}

Deno.test("includes bring lets and profiles, relative to the file that includes", async () => {
  const { plan, said } = await loaded({
    "a/main.ckpt": MAIN,
    "a/lib/all.ckpt": 'ckpt 1\ninclude "../more/deep.ckpt"\nlet twice(x) = x + x\n',
    "a/more/deep.ckpt": "ckpt 1\nlet speed = 50MHz\nprofile slow { clock: speed }\n",
  });
  assertEquals(said, []);
  assertEquals(plan?.nodes[0]?.profile.clock, 50_000_000);
  assertEquals(plan?.processes[0]?.workload, {
    name: "matmul",
    options: { size: 20, element: "double", flaky: false },
  });
});

Deno.test("a missing include, a circle and hidden steps are refused where they stand", async () => {
  const missing = await loaded({ "a/main.ckpt": 'ckpt 1\ninclude "b.ckpt"\n' });
  assertEquals(missing.said, [
    "a/main.ckpt:2:9 error CK0107: cannot read 'a/b.ckpt': there is no such file",
  ]);
  const circle = await loaded({
    "a/main.ckpt": 'ckpt 1\ninclude "b.ckpt"\n',
    "a/b.ckpt": 'ckpt 1\ninclude "main.ckpt"\n',
  });
  assertEquals(circle.said, ["a/b.ckpt:2:9 error CK0309: 'a/main.ckpt' includes itself"]);
  const hidden = await loaded({
    "a/main.ckpt": 'ckpt 1\ninclude "b.ckpt"\n',
    "a/b.ckpt": 'ckpt 1\nscenario "x" { node n proc p on n runs fft expect p.exited }\n',
  });
  assertEquals(hidden.said, [
    "a/b.ckpt:2:1 error CK0504: an included file may hold only let, profile, use and include, no scenario",
  ]);
});

Deno.test("mistakes in an included file are reported there", async () => {
  const { said } = await loaded({
    "a/main.ckpt": MAIN,
    "a/lib/all.ckpt": "ckpt 1\nlet twice(x) = x + y\nprofile slow { clok: 3Hz }\n",
  });
  assertEquals(
    said,
    [
      "a/lib/all.ckpt:2:20 error CK0301: unknown name 'y'",
      "a/lib/all.ckpt:3:16 error CK0304: profile 'slow' has no option 'clok'; did you mean 'clock'?",
      "a/main.ckpt:5:37 error CK0301: unknown name 'y'",
    ].filter((line) => !line.startsWith("a/main")),
  );
});

Deno.test("two files may include the same third", async () => {
  const { said } = await loaded({
    "a/main.ckpt": 'ckpt 1\ninclude "b.ckpt"\ninclude "c.ckpt"\n',
    "a/b.ckpt": 'ckpt 1\ninclude "c.ckpt"\nlet b = c\n',
    "a/c.ckpt": "ckpt 1\nlet c = 1\n",
  });
  assertEquals(said, []);
});

Deno.test("names of profiles, defaults and strategies end up whole in the plan", async () => {
  const { plan, said } = await loaded({
    "a/main.ckpt": 'ckpt 1\nprofile fast { clock: 1GHz, cpus: 2 }\nscenario "s" @x {\n' +
      "  node n : fast { cpus: 1 }\n  proc p on n runs fft\n  seed 9\n" +
      '  checkpointer concurrent { full: stop, share: 25%, names: ["a"] }\n  expect p.exited\n}\n',
  });
  assertEquals(said, []);
  assertEquals([plan?.nodes[0]?.profile.clock, plan?.nodes[0]?.profile.cpus], [1e9, 1]);
  assertEquals(plan?.checkpointer, {
    name: "concurrent-cow",
    options: { "buffer-pages": 64, full: "stop", pause: 1000, share: 0.25, names: ["a"] },
  });
  assertEquals([plan?.seed, plan?.tags, plan?.id], [9, ["x"], "a/main.ckpt#s@9"]);
});

Deno.test("without a checkpointer the first of the registry takes the checkpoints", async () => {
  const { plan } = await loaded({
    "a/main.ckpt": 'ckpt 1\nscenario "s" { node n proc p on n runs fft expect p.exited }',
  });
  assertEquals(plan?.checkpointer, { name: "stop-the-world", options: { text: true } });
});

Deno.test("paths of includes", () => {
  assertEquals(resolvePath("a/b.ckpt", "c.ckpt"), "a/c.ckpt");
  assertEquals(resolvePath("a/b.ckpt", "../c.ckpt"), "c.ckpt");
  assertEquals(resolvePath("b.ckpt", "../../c.ckpt"), "../../c.ckpt");
  assertEquals(resolvePath("/a/b.ckpt", "./c.ckpt"), "/a/c.ckpt");
  assertEquals(resolvePath("a/b.ckpt", "/c.ckpt"), "/c.ckpt");
});
