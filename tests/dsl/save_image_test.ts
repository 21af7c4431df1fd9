/** `--save-image`: the images a cell leaves on its disks can be looked at, and gone on from. */
import { assert, assertEquals } from "@std/assert";
import { inProcess, prepare, temporary } from "../command/workshop.ts";

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

/** Runs the script, and what is in the folder of its cell. */
async function run(code: number, ...flags: readonly string[]) {
  const folder = temporary();
  prepare(folder.path, { "s.ckpt": SCRIPT.replace("CODE", String(code)) });
  const out = `${folder.path}/out`;
  const found = await inProcess(["run", `${folder.path}/s.ckpt`, "--out", out, ...flags]);
  const cell = [...Deno.readDirSync(out)].find(({ isDirectory }) => isDirectory)?.name;
  return { ...found, folder, cell: cell === undefined ? undefined : `${out}/${cell}` };
}

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
