/** The files a failing cell leaves: what is in them is the run, and it can be had again. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { sha256 } from "../../core/base/digest.ts";
import { readTrace } from "../../dsl/trace_file.ts";
import { inChild, listing, temporary } from "./workshop.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A protocol that needs an order, over channels that keep none: two messages are forgotten. */
const FAILS = `ckpt 1
include "lib.ckpt"
scenario "markers need order" {
  node host[3]
  proc p[3] on host runs gossip { messages: 40, gap: rest }
  channel all { order: "any", latency: uniform(10us, 2ms) }
  protocol cls_flush
  at 3ms            checkpoint all as g
  when g.committed  crash host[1] losing unsynced
  after 1ms         restart all
  until time >= 40ms
  expect g.orphans + g.lost == 0
}
scenario "it holds" {
  node n0
  proc p0 on n0 runs counter
  expect p0.exited
}
`;

const LIB = "ckpt 1\nlet rest = 100us\n";

const NAMES = ["repro.json", "shiviz.log", "spacetime.svg", "trace.ndjson", "trace.perfetto.json"];

function prepare(folder: string): void {
  Deno.writeTextFileSync(`${folder}/fails.ckpt`, FAILS);
  Deno.writeTextFileSync(`${folder}/lib.ckpt`, LIB);
}

/** The one folder of a cell in the out folder. */
function cellFolder(out: string): string {
  const folders = [...Deno.readDirSync(out)].filter(({ isDirectory }) => isDirectory);
  assertEquals(folders.length, 1, "only the cell that does not hold has files");
  return `${out}/${folders[0]?.name}`;
}

Deno.test("a failing cell leaves its files; they tell of this run, and how to have it again", async () => {
  using folder = temporary();
  prepare(folder.path);
  const { code, out } = await inChild(["run", "fails.ckpt", "--jobs", "1"], { cwd: folder.path });
  assertEquals(code, 1);
  const cell = cellFolder(`${folder.path}/.ckpt/out`);
  assertStringIncludes(out, `files    ${cell.slice(folder.path.length + 1)}/`);
  assertStringIncludes(
    out,
    `replay   deno task scenario replay ${cell.slice(folder.path.length + 1)}/`,
  );
  const names = [...Deno.readDirSync(cell)].map(({ name }) => name).sort();
  assertEquals(names, NAMES);
  const read = (name: string) => Deno.readTextFileSync(`${cell}/${name}`);

  const repro = JSON.parse(read("repro.json"));
  assertEquals(repro.cell, "fails.ckpt#markers need order@1");
  assertEquals(
    repro.scripts,
    [["lib.ckpt", LIB], ["fails.ckpt", FAILS]].map(([file = "", text = ""]) => (
      { file, sha256: sha256(new TextEncoder().encode(text)), text }
    )),
  );
  assertEquals(repro.claims[0].line, 12);
  assert(repro.worlds[0].choices.log.length > 200);
  assertEquals(repro.fingerprint, ["expect g.orphans + g.lost == 0: the left side is greater"]);
  const replayed = await inChild(["replay", `${cell}/repro.json`], { cwd: folder.path });
  assertEquals(replayed.code, 1, replayed.err);
  assertStringIncludes(replayed.out, "fails as recorded; the same ");
  const input = "find crash\nview\nback\nregisters host\nquit";
  const stepped = await inChild(["replay", `${cell}/repro.json`, "--step"], {
    cwd: folder.path,
    input,
  });
  assertEquals(stepped.code, 0, stepped.err);
  assertStringIncludes(stepped.out, "p[1] on host[1] has crashed");
  assertStringIncludes(stepped.out, "there is no process 'host'");
  const words = [...repro.command.replace("deno task scenario ", "").matchAll(/"([^"]*)"|\S+/g)]
    .map(([word, quoted]) => quoted ?? word);
  const again = await inChild([...words, "--json", "--trace", "never"], { cwd: folder.path });
  const [world] = JSON.parse(again.out).scenarios[0].cells[0].worlds;
  assertEquals(world.traceHash, repro.worlds[0].traceHash);

  const svg = read("spacetime.svg");
  assertStringIncludes(svg, "line g, which is not sound");
  assertEquals(svg.match(/class="message flaw"/g)?.length, 2);
  assertEquals(svg.match(/class="crash"/g)?.length, 1);
  assertEquals(svg.match(/class="restart"/g)?.length, 3);
  const perfetto = JSON.parse(read("trace.perfetto.json")).traceEvents;
  const nodes = perfetto.filter((one: { name: string }) => one.name === "process_name");
  assertEquals(nodes.map((one: { args: { name: string } }) => one.args.name), [
    "manager",
    "host[0]",
    "host[1]",
    "host[2]",
  ]);
  assert(
    perfetto.some((one: { name: string; ph: string }) => one.ph === "X" && one.name === "save g"),
  );
  const { stories: [story] } = readTrace(read("trace.ndjson"), "trace.ndjson");
  const arrived = story?.recording.messages.filter(({ fate }) => fate === "arrived") ?? [];
  const dropped = story?.recording.messages.filter(({ fate }) => fate === "dropped") ?? [];
  const told = story?.events.filter(({ kind }) => kind === "dropped") ?? [];
  assert(arrived.length > 100 && arrived.every(({ sentNs, arrivedNs = 0 }) => arrivedNs > sentNs));
  assertEquals(dropped.length, told.length, "the trace and the messages tell of the same");
  const arrows = perfetto.filter((one: { ph: string }) => one.ph === "f");
  assertEquals(arrows.length, arrived.length);
  const diff = await inChild(["diff", `${cell}/trace.ndjson`, `${cell}/trace.ndjson`]);
  assertEquals([diff.code, diff.out.startsWith("the trace is the same")], [0, true]);
});

Deno.test("Workers leave the same files; never leaves none; merge brings them along", async () => {
  using folder = temporary();
  prepare(folder.path);
  const run = (...args: readonly string[]) =>
    inChild(["run", "fails.ckpt", ...args], { cwd: folder.path });
  await run("--jobs", "1", "--out", "one", "--reporter", "blob:one.blob");
  await run("--jobs", "2", "--out", "two");
  await run("--trace", "never", "--out", "none");
  const one = listing(cellFolder(`${folder.path}/one`));
  assertEquals(one.length, NAMES.length);
  assertEquals(listing(cellFolder(`${folder.path}/two`)), one);
  assertEquals([...Deno.readDirSync(`${folder.path}/none`)].map(({ name }) => name).sort(), [
    "costs.json",
    "last.ndjson",
  ]);
  const merged = await inChild(["merge", "one.blob", "--out", "all"], { cwd: folder.path });
  assertEquals(merged.code, 1, merged.err);
  assertEquals(listing(cellFolder(`${folder.path}/all`)), one);
  assertStringIncludes(merged.out, "files    all/");
});

Deno.test("a run that is recorded is the run that is not: the same traces, alone and in a cluster", async () => {
  using folder = temporary();
  const scripts = [
    "02_crash_and_restart",
    "13_messages_overtake",
    "15_channels_that_lose",
    "22_partitions",
  ]
    .map((name) => `${ROOT}scenarios/${name}.ckpt`);
  const hashes = async (trace: string) => {
    const { out, code } = await inChild(
      ["run", ...scripts, "--json", "--trace", trace, "--out", `${folder.path}/${trace}`],
    );
    assertEquals(code, 0);
    return [...out.matchAll(/"traceHash": "([0-9a-f]+)"/g)].map(([, hash]) => hash);
  };
  const [never, always] = await Promise.all(["never", "always"].map(hashes));
  assert((never?.length ?? 0) > 10);
  assertEquals(always, never);
  // Every file of every kind of world is there, and none is empty.
  const cells = [...Deno.readDirSync(`${folder.path}/always`)].filter((one) => one.isDirectory);
  assert(cells.length > scripts.length);
  for (const { name } of cells) {
    const at = `${folder.path}/always/${name}`;
    assertEquals([...Deno.readDirSync(at)].map((file) => file.name).sort(), NAMES.toSorted(), name);
    for (const file of NAMES) assert(Deno.statSync(`${at}/${file}`).size > 0, `${name}/${file}`);
  }
});
