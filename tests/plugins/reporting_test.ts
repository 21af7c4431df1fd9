/** Reporters of plugins: named, told, kept from doing harm, and reported when they break the contract. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { loadPlugin, type RunEvent } from "../../mod.ts";
import type { Host } from "../../dsl/cli.ts";
import { inProcess, prepare, temporary } from "../command/workshop.ts";

const MODULE = new URL("./reporting.ts", import.meta.url).href;
const USE = ["--use", `rep=${MODULE}`];

const reporting = await loadPlugin(MODULE);

const scenario = (title: string, claim: string): string =>
  `scenario "${title}" {\n  node n\n  proc p on n runs counter\n  expect ${claim}\n}\n`;

const SCRIPT = `ckpt 1\nuse "${MODULE}" as rep\n` +
  scenario("it holds", "p.exited") + scenario("it fails", "p.crashes == 1");

/** Runs a command in a folder of its own, on a script of one cell that holds and one that fails. */
function inFolder(script = SCRIPT, change: Partial<Host> = {}) {
  const folder = temporary();
  prepare(folder.path, { "s.ckpt": script });
  const at = (name: string) => `${folder.path}/${name}`;
  const out = ["--out", at("out")];
  return {
    at,
    files: () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(),
    read: (name: string) => Deno.readTextFileSync(at(name)),
    run: (...flags: readonly string[]) =>
      inProcess(["run", "--trace", "never", ...out, ...flags, at("s.ckpt")], change),
    command: (...args: readonly string[]) => inProcess([...args, ...out], change),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const HOLDS = "it holds@1", FAILS = "it fails@1";

Deno.test("a reporter of a plugin tells a run, with --isolate too, and its recording", async () => {
  using here = inFolder();
  const { code, out, err } = await here.run("--reporter", "rep.cell_lines");
  assertEquals(code, 1, err);
  assertEquals(out, `holds ${here.at("s.ckpt")}#${HOLDS}\nfailed ${here.at("s.ckpt")}#${FAILS}\n`);
  const isolated = await here.run("--reporter", "rep.cell-lines", "--isolate");
  assertEquals([isolated.code, isolated.out], [1, out], isolated.err);
  for (const flags of [[], ["--isolate"]]) {
    const again = await here.command("report", ...USE, "--reporter", "rep.cell_lines", ...flags);
    assertEquals([again.code, again.out, again.err], [1, out, ""]);
  }
});

Deno.test("what it is told is what a recording keeps, the same in a run and from its recording", async () => {
  using here = inFolder();
  await here.run("--reporter", `rep.every_thing:${here.at("run.txt")}`);
  await here.command("report", ...USE, "--reporter", `rep.every_thing:${here.at("report.txt")}`);
  const [place = "", ...lines] = here.read("run.txt").trimEnd().split("\n");
  assertEquals(JSON.parse(place), {
    file: here.at("run.txt"),
    isColoured: false,
    isTerminal: false,
    verbose: false,
    quiet: false,
    unknownAs: "skipped",
  });
  assertEquals(`${lines.join("\n")}\n`, here.read("out/last.ndjson"));
  assertEquals(here.read("report.txt").split("\n").slice(1), [...lines, ""]);
});

Deno.test("control characters that a program or plugin said are told as their pictures", async () => {
  const broken = new URL("../../plugins/streams/broken.ndjson", import.meta.url).pathname;
  const { code, out } = await inProcess(
    ["report", broken, ...USE, "--reporter", "rep.every_thing"],
  );
  assertStringIncludes(out, "threw: a ␛[31mred␛[0m word␇, in read");
  assertEquals(code, 4);
});

Deno.test("merged shards are told as the whole run", async () => {
  using here = inFolder();
  await here.run("--reporter", `rep.every_thing:${here.at("whole.txt")}`);
  for (const shard of ["1/2", "2/2"]) {
    const blob = `blob:${here.at(`${shard[0]}.blob`)}`;
    await here.run("--shard", shard, "--reporter", blob);
  }
  const blobs = [here.at("1.blob"), here.at("2.blob")];
  const merged = await here.command("merge", ...blobs, ...USE, "--reporter", "rep.every_thing");
  assertEquals(merged.code, 1, merged.err);
  const events = (text: string) => text.split("\n").slice(2);
  assertEquals(events(merged.out), events(here.read("whole.txt")));
});

Deno.test("colours come where they are wanted, and never into a file", async () => {
  using here = inFolder();
  const file = `rep.cell_lines:${here.at("lines.txt")}`;
  const { out } = await here.run(
    ...["--color", "always", "--reporter", "rep.cell_lines", "--reporter", file],
  );
  assertStringIncludes(out, "\x1b[1mholds\x1b[0m ");
  assertEquals(here.read("lines.txt"), out.replaceAll("\x1b[1m", "").replaceAll("\x1b[0m", ""));
});

/** What is said of each that breaks the contract. */
const SAID: Readonly<Record<string, RegExp>> = {
  throws: /threw: no words today, in take \(cell-ended\)/,
  throws_for_a_program: /threw: no words today, in take \(cell-ended\)/,
  tells_a_number: /answered 7 instead of a text \("" for nothing\) in take \(cell-ended\)/,
  tells_nothing: /answered undefined instead of a text/,
  promises: /answered a promise: nothing is awaited/,
  changes_an_event: /threw: Cannot assign to read only property 'cell'.* in take \(cell-ended\)/,
  changes_deep_inside: /threw: Cannot assign to read only property 'verdict'/,
  reads_the_clock: /used Date\.now, which is refused \(CK0610/,
  takes_a_chance: /used Math\.random, which is refused/,
  fetches: /used fetch, which is refused/,
  reads_a_file: /used Deno\.readTextFileSync, which is refused/,
  writes_a_file: /used Deno\.writeTextFileSync, which is refused/,
  colours_a_file: /told the control character U\+001B, which may not stand where colours are not/,
  rings: /told the control character U\+0007, which/,
  loops: /in take \(cell-ended\) has not come back for 1\.5 s/,
  changes_its_place: /threw: .*'?file.* in begin/,
  begins_with_nothing: /answered undefined instead of a report with a function 'take' in begin/,
  begins_without_take: /answered an object instead of a report with a function 'take' in begin/,
  begins_badly: /threw: not me, in begin/,
};

Deno.test("every reporter that misbehaves is tried", () => {
  const { reporters = [] } = reporting.contributes;
  const names = reporters.map(({ name }) => name);
  assertEquals(names.filter((name) => !name.includes("-")).sort(), Object.keys(SAID).sort());
});

const PATIENCE = { hookPatienceMs: 1500 };

/** A run that nobody disturbs, then one that all of them tell, each into a file of its own. */
async function allAtOnce() {
  using here = inFolder(SCRIPT, PATIENCE);
  const others = ["--reporter", `tap:${here.at("run.tap")}`];
  const left = () => [here.read("run.tap"), here.read("out/last.ndjson")];
  const usual = { ...await here.run(...others), left: left() };
  const bad = Object.keys(SAID).flatMap((name) => ["--reporter", `rep.${name}:${here.at(name)}`]);
  const disturbed = { ...await here.run(...others, ...bad), left: left() };
  return { usual, disturbed, files: here.files() };
}

/** Each test is of one of them, and the run is the same. */
let running: ReturnType<typeof allAtOnce> | undefined;

for (const [name, said] of Object.entries(SAID)) {
  Deno.test(`reporter ${name}: it is named, with what it did and where`, async () => {
    const { disturbed: { err } } = await (running ??= allAtOnce());
    const line = err.split("\n").find((one) => one.includes(`'rep.${name}'`)) ?? err;
    assertStringIncludes(line, `error: plugin 'reporting' 1.0.0: reporter 'rep.${name}' `);
    assertMatch(line, said);
  });
}

Deno.test("whatever they do: exit 4, the others tell and write what they do, and nothing is half written", async () => {
  const { usual, disturbed, files } = await (running ??= allAtOnce());
  assertEquals([usual.code, disturbed.code], [1, 4]);
  assertEquals(disturbed.out, usual.out);
  assertEquals(disturbed.left, usual.left);
  assertEquals(disturbed.err.trimEnd().split("\n").length, Object.keys(SAID).length);
  assertEquals(files, ["out", "run.tap", "s.ckpt"]);
});

Deno.test("one that never comes back is ended in report too, without permissions as with", async () => {
  using here = inFolder(SCRIPT, PATIENCE);
  await here.run();
  for (const flags of [[], ["--isolate"]]) {
    const { code, err } = await here.command(
      ...["report", ...USE, "--reporter", "rep.loops", ...flags],
    );
    assertMatch(err, SAID["loops"] as RegExp);
    assertEquals(code, 4);
  }
});

Deno.test("where the one that breaks had standard output, the verdicts are told all the same", async () => {
  using here = inFolder();
  const people = await here.run("--reporter", "rep.throws");
  assertMatch(people.err, /^error: .*\n2 scenarios: 1 hold, 1 failed\n$/);
  const program = await here.run("--reporter", "rep.throws_for_a_program");
  assertEquals(program.out, "", "what is for a program comes whole or not at all");
  assertMatch(program.err, /^error: .*\n2 scenarios: 1 hold, 1 failed\n$/);
  assertEquals([people.code, program.code], [4, 4]);
});

Deno.test("a run with a reporter has the traces and verdicts of one without", async () => {
  using here = inFolder();
  await here.run();
  const without = here.read("out/last.ndjson");
  assert(
    without.split("\n").map((line) => JSON.parse(line || "{}") as RunEvent)
      .some((event) => event.event === "world" && event.traceHash.length === 16),
  );
  for (const name of ["cell_lines", "every_thing", "throws"]) {
    await here.run("--reporter", `rep.${name}`);
    assertEquals(here.read("out/last.ndjson"), without, name);
  }
});

/** Wrong names: the flags, what is said, the exit code. */
const WRONG: readonly (readonly [flags: readonly string[], said: RegExp, code: number])[] = [
  [["--reporter", "rep.cell_line"], /blob, rep\.cell_lines, .*did you mean 'rep\.cell_lines'/, 64],
  [["--reporter", "cell_lines"], /expected one of pretty, .*not 'cell_lines'/, 64],
  [["--reporter", "ref.cell_lines"], /not 'ref\.cell_lines'; did you mean 'rep\.cell_lines'/, 64],
  [["--reporter", "rep.cell_lines:"], /name a file behind the colon/, 64],
  [["--reporter", "rep.cell_lines", "--reporter", "rep.every_thing"], /cannot share standard/, 64],
  [["--use", "rep"], /--use takes name=module, not 'rep'/, 64],
  [["--use", "a.b=mod.ts"], /a name is letters, digits and _, not 'a\.b'/, 64],
  [["--use", "a=https://cow.example"], /a plugin is the path of a module, npm:… or jsr:…/, 64],
  [["--use", "a=gone.ts"], /the plugin .*gone\.ts cannot be used: its module does not load/, 4],
];

for (const [flags, said, wanted] of WRONG) {
  Deno.test(`${flags.join(" ")}: one clear error before anything is run`, async () => {
    using here = inFolder();
    const { code, out, err } = await here.run(...flags);
    assertMatch(err, said);
    assertEquals([code, out, err.trimEnd().split("\n").length], [wanted, "", 1]);
    assertEquals(here.files(), ["s.ckpt"]);
  });
}

Deno.test("merge knows no reporter it cannot load, and writes nothing then", async () => {
  using here = inFolder();
  await here.run("--reporter", `blob:${here.at("a.blob")}`);
  const { code, err } = await inProcess(
    ["merge", here.at("a.blob"), "--out", here.at("merged"), "--reporter", "rep.cell_lines"],
  );
  assertMatch(err, /expected one of pretty, .*, not 'rep\.cell_lines'/);
  assertEquals(code, 64);
  assertEquals(here.files(), ["a.blob", "out", "s.ckpt"]);
});

Deno.test("a name that two plugins have is refused, and --use gives one another", async () => {
  using here = inFolder();
  const copy = here.at("copy.ts");
  Deno.writeTextFileSync(copy, `export { default } from "${MODULE}";\n`);
  const both = ["--use", `rep=${copy}`, "--reporter"];
  const { code, err } = await here.run(...both, "rep.cell_lines");
  assertMatch(
    err,
    /'rep\.cell_lines' is of file:.*reporting\.ts and of file:.*copy\.ts; bring one/,
  );
  assertEquals(code, 64);
  const other = await here.run("--use", `two=${copy}`, "--reporter", "two.cell_lines");
  assertEquals(other.code, 1, other.err);
  assertStringIncludes(other.out, `#${HOLDS}`);
});

Deno.test("where a script's plugin was refused, that is told before its reporter is unknown", async () => {
  using here = inFolder(SCRIPT.replace(MODULE, "./gone.ts"));
  const { code, err } = await here.run("--reporter", "rep.cell_lines");
  assertMatch(err, /CK0602[^]*does not load[^]*error: --reporter rep\.cell_lines: expected one of/);
  assertEquals(code, 64);
});

Deno.test("plugin list and list reporters tell of it", async () => {
  const { out, err } = await inProcess(["plugin", "list", MODULE]);
  assertStringIncludes(out, "reporting.cell_lines\n    Tells: cell-lines.\n", err);
  const json = await inProcess(["plugin", "list", "--json", MODULE]);
  assertEquals(JSON.parse(json.out).plugins[0].adds.reporters[1].name, "reporting.every_thing");
  assertStringIncludes((await inProcess(["list", "reporters"])).out, "junit\n");
});
