/** `--save-image`: the images a cell leaves on its disks can be looked at, and gone on from. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inChild, inProcess, prepare, runAlone, temporary } from "../command/workshop.ts";

const SCRIPT = `ckpt 1
scenario "two disks" {
  node a
  node b
  proc p on a runs counter { ticks: 3, turns: 400000 }
  proc q on b runs counter { ticks: 3, turns: 400000 }
  explore { seeds: 1..2 }
  at 500us  checkpoint p as one
  at 1ms    checkpoint q as two
  expect p.exit == CODE
}
`;

/** Runs the script; what is in the folder of its cell. */
const run = (code: number, ...flags: readonly string[]) =>
  runAlone(SCRIPT.replace("CODE", String(code)), flags);

const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

Deno.test("--save-image failed: each image is a folder from which exec goes on", async () => {
  const { code, folder, cell } = await run(1, "--save-image", "failed");
  using _ = folder;
  assertEquals([code, names(`${cell}/images`)], [1, ["a", "b"]]);
  assertEquals(names(`${cell}/images/a`), ["one.p"]);
  assert(names(cell ?? "").includes("repro.json"));
  const back = await inProcess(["exec", "--restore", `${cell}/images/b/two.q`]);
  assertEquals([back.code, back.out.trimEnd().split("\n").at(-1)], [0, "tick 3"]);
});

Deno.test("--save-image: never unless asked for, and then also where all holds", async () => {
  for (const flags of [[], ["--save-image", "failed"], ["--save-image", "never"]]) {
    const { code, folder, cell } = await run(0, ...flags);
    using _ = folder;
    assertEquals([code, cell], [0, undefined]);
  }
  const failing = await run(1);
  using _one = failing.folder;
  assertEquals(names(failing.cell ?? "").includes("images"), false);
  const all = await run(0, "--save-image", "always");
  using _two = all.folder;
  assertEquals([all.code, names(all.cell ?? "")], [0, ["images"]]);
});

Deno.test("--save-image reaches the Workers of cells", async () => {
  const { code, folder, cell } = await run(1, "--save-image", "failed", "--jobs", "2");
  using _ = folder;
  assertEquals([code, names(`${cell}/images`)], [1, ["a", "b"]]);
});

Deno.test("--save-image: images of an earlier run do not stand beside, what a user has there stays", async () => {
  const { folder, cell } = await run(1, "--save-image", "failed");
  using _ = folder;
  prepare(cell ?? "", { "shrunk.ckpt": "ckpt 1\n", "images/a/older.p/pages": "old" });
  const text = SCRIPT.replace("CODE", "1").replace("q as two", "q as three");
  prepare(folder.path, { "s.ckpt": text });
  const out = `${folder.path}/out`;
  const flags = ["--out", out, "--save-image", "failed"];
  assertEquals((await inProcess(["run", `${folder.path}/s.ckpt`, ...flags])).code, 1);
  assertEquals([names(`${cell}/images/a`), names(`${cell}/images/b`)], [["one.p"], ["three.q"]]);
  assert(names(cell ?? "").includes("shrunk.ckpt"));
  // Nothing new is written where none are asked for.
  prepare(folder.path, { "s.ckpt": text.replace("q as three", "q as four") });
  assertEquals((await inProcess(["run", `${folder.path}/s.ckpt`, "--out", out])).code, 1);
  assertEquals(names(`${cell}/images/b`), ["three.q"]);
});

Deno.test("--save-image needs a folder to write to, as --out does", async () => {
  using folder = temporary();
  prepare(folder.path, { "s.ckpt": SCRIPT.replace("CODE", "1") });
  const ask = (when: string) =>
    inChild(["run", "s.ckpt", "--save-image", when], {
      cwd: folder.path,
      permissions: ["--allow-read", "--allow-env"],
    });
  const refused = await ask("failed");
  assertEquals([refused.code, refused.out], [64, ""]);
  assertStringIncludes(
    refused.err,
    "--save-image failed: cannot write to '.ckpt/out': this command may not write there",
  );
  assertEquals((await ask("never")).code, 1);
});
