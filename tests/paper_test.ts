/** The page of the two papers: run, and made of what was run before. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { prepare, temporary } from "./command/workshop.ts";
import { ROOT } from "./page.ts";

const SCRIPT = `ckpt 1
scenario "one" {
  matrix { size in [8, 16] }
  node n0
  proc p0 on n0 runs matmul { size: size }
  show p0.run_time along size
  expect p0.exited
}

scenario "two" @long {
  node n0
  proc p0 on n0 runs counter
  show p0.run_time
  expect p0.exited
}
`;

function deno(cwd: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-read", "--allow-write", "--allow-env", ...args],
    cwd,
    env: { NO_COLOR: "1", CKPTLAB_CACHE: `${cwd}/nothing` },
  }).outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("the page of the papers: of a recording it is what it is when all is run", () => {
  using folder = temporary();
  const paper = (...args: readonly string[]) => deno(folder.path, `${ROOT}tests/paper.ts`, ...args);
  const lab = (...args: readonly string[]) => deno(folder.path, `${ROOT}mod.ts`, "run", ...args);
  const read = (name: string) => Deno.readTextFileSync(`${folder.path}/${name}`);
  const script = "scenarios/paper/one.ckpt", last = ".ckpt/out/last.ndjson";
  prepare(folder.path, {
    [script]: SCRIPT,
    "scenarios/other.ckpt": SCRIPT.replace("exited", "crashes > 0"),
  });

  assertEquals(lab().code, 1, "another scenario fails");
  const retold = paper("--recorded", last);
  assertEquals([retold.code, retold.err], [0, ""]);
  assertStringIncludes(retold.out, "skipped: table 1's grep");
  const pages = [read(".ckpt/paper.json"), read(".ckpt/paper.html")];
  const whole = paper();
  assertEquals(whole.code, 0, whole.err);
  assertEquals(pages, [read(".ckpt/paper.json"), read(".ckpt/paper.html")]);

  const refused = (why: string) => {
    const { code, err } = paper("--recorded", last);
    assertEquals(code, 64, err);
    assertStringIncludes(err, why);
  };
  const written = () => [read(".ckpt/paper.json"), read(".ckpt/paper.html")];
  const before = written();
  lab("--filter", "size=8");
  refused(`has not all cells of "one"`);
  lab("--tag=-long");
  refused(`has nothing of "two" in ${script}`);
  lab("scenarios/other.ckpt");
  refused(`has nothing of "one" in ${script}`);
  lab("--shard", "1/1");
  refused("is shard 1 of 1");
  assertEquals(written(), before);
  prepare(folder.path, { [script]: SCRIPT.replace("exited", "crashes > 0") });
  lab();
  assertEquals(paper("--recorded", last).code, 1);
  prepare(folder.path, { "scenarios/lib/shared.ckpt": "ckpt 1\n" });
  lab();
  Deno.utimeSync(`${folder.path}/scenarios/lib/shared.ckpt`, 4e9, 4e9);
  refused("is older than scenarios/lib/shared.ckpt");
  Deno.utimeSync(`${folder.path}/${script}`, 4e9, 4e9);
  refused(`is older than ${script}`);
  prepare(folder.path, { [last]: "{}\n" });
  refused("is no recording of a run: line 1 is no event");
  const { code, err } = paper("--recorded", "nowhere");
  assertEquals([code, err.split("\n")[0]], [64, "there is no recording 'nowhere'"]);
});
