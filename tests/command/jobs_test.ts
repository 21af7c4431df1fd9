/** Cells side by side in Workers: the same bytes, and a clean end whatever happens. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { command, inChild, inProcess, listing, temporary } from "./workshop.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Several files and cells, one that fails, one with an isolation of its own, a broken script. */
const SCRIPTS: Readonly<Record<string, string>> = {
  "a.ckpt": `ckpt 1
scenario "cases" {
  matrix { n in [10, 20, 30, 40, 50] }
  node n0
  proc p0 on n0 runs counter { ticks: n, turns: 200 }
  at 10us checkpoint p0 as c1
  expect p0.exited
  expect p0.run_time < 100us
}
`,
  "b.ckpt": `ckpt 1
scenario "in Workers" {
  isolation process
  node n[2]
  proc p[2] on n runs ring { laps: 4 }
  until p.exited
  expect p.exited
}
scenario "another" {
  node n0
  proc p0 on n0 runs counter
  expect p0.exited
}
`,
  "c.ckpt": 'ckpt 1\nscenario "broken" {\n  expect nothing\n}\n',
};

function write(folder: string): void {
  for (const [name, text] of Object.entries(SCRIPTS)) {
    Deno.writeTextFileSync(`${folder}/${name}`, text);
  }
}

Deno.test("with --jobs 1, 2 and 3 a run tells the same bytes", async () => {
  const runs = await Promise.all([1, 2, 3].map(async (jobs) => {
    using folder = temporary();
    write(folder.path);
    const args = ["run", ".", "--jobs", `${jobs}`, "--verify=50%"];
    const { code, out, err } = await inChild(args, { cwd: folder.path });
    // On a slow machine it says in between how far it is; that is no part of what it found.
    const told = err.replaceAll(/^\d+ of \d+ cells after \d+ s\n/gm, "");
    return { code, out, told, left: listing(`${folder.path}/.ckpt/out`) };
  }));
  const [first] = runs;
  assert(first !== undefined);
  assertEquals(first.code, 3, first.told);
  assertStringIncludes(first.out, "✗ cases (5 cases");
  assertStringIncludes(first.out, "✓ in Workers");
  for (const run of runs) assertEquals(run, first);
});

const ENDLESS = `ckpt 1
scenario "endless" {
  matrix { n in [1, 2, 3] }
  node n0
  proc p0 on n0 runs counter { ticks: 1_000_000, turns: 100_000 }
  at 1s note "never"
  expect p0.exited
}
`;

for (const jobs of ["1", "2"]) {
  Deno.test(`interrupted with --jobs ${jobs} a run ends with 130, and says what there is`, async () => {
    using folder = temporary();
    Deno.writeTextFileSync(`${folder.path}/a.ckpt`, SCRIPTS["a.ckpt"] ?? "");
    Deno.writeTextFileSync(`${folder.path}/b.ckpt`, ENDLESS);
    const args = ["run", "a.ckpt", "b.ckpt", "--jobs", jobs, "--reporter", "tap"];
    const child = new Deno.Command(Deno.execPath(), {
      args: [...command(args)],
      cwd: folder.path,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // The first scenario is told when it has ended; the second goes on for minutes.
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let out = "";
    while (!out.includes("ok 1 - cases")) {
      const { value, done } = await reader.read();
      if (done) break;
      out += value;
    }
    child.kill("SIGINT");
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      out += value;
    }
    const { code } = await child.status;
    const err = await new Response(child.stderr).text();
    assertEquals(code, 130, err);
    assertEquals(err.replaceAll(/^\d+ of \d+ cells after \d+ s\n/gm, ""), "");
    assertStringIncludes(out, "not ok 1 - cases");
    assert(out.endsWith("Bail out! interrupted\n"), out);
    assertStringIncludes(
      Deno.readTextFileSync(`${folder.path}/.ckpt/out/last.ndjson`),
      '"interrupted":true',
    );
  });
}

Deno.test("a Worker that cannot begin is one line and exit code 71", async () => {
  using folder = temporary();
  Deno.writeTextFileSync(`${folder.path}/a.ckpt`, SCRIPTS["a.ckpt"] ?? "");
  const cellWorker = () =>
    new Worker(new URL("../core/cluster/workers/throws_at_start.ts", import.meta.url), {
      type: "module",
    });
  const args = ["run", `${folder.path}/a.ckpt`, "--jobs", "2"];
  const { code, err } = await inProcess(args, { cellWorker });
  assertEquals(code, 71, err);
  assertStringIncludes(err, "error: WorkerError: a Worker that runs cells failed:");
  assertEquals(err.trimEnd().split("\n").length, 1);
});

Deno.test("the shipped task may run cells in Workers", async () => {
  const { code, out, err } = await inChild(
    ["run", `${ROOT}scenarios/01_a_program_runs.ckpt`, "--jobs", "2"],
    { permissions: ["--allow-read", "--allow-write=.ckpt", "--allow-env"] },
  );
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, "2 scenarios: 2 hold");
});
