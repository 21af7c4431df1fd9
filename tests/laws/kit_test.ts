/** The kit: every built-in strategy is certified, and every mutant is caught by the law meant for it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import {
  certify,
  checkpointer,
  CORE_LAWS,
  definePlugin,
  judge,
  type KitProgram,
  LAW_NAMES,
  type LawId,
  LAWS,
  type Plugin,
  trialsOf,
  type Workload,
} from "../../core/mod.ts";
import { stopTheWorld } from "../../plugins/checkpointers/stop_the_world.ts";
import { builtins } from "../../plugins/mod.ts";
import { bench, conformance } from "../../plugins/testing.ts";
import { exitWith, tinyElf } from "../core/kernel/tiny_elf.ts";
import { GALLERY, LISTED, type Mutant } from "../mutants/gallery.ts";
import { sourceFiles } from "../source_files.ts";

conformance({ test: Deno.test, factory: () => builtins });

const pluginOf = ({ contributes }: Mutant): Plugin =>
  definePlugin({ name: "mutant", version: "0.0.1", api: "^1", contributes });

for (const mutant of GALLERY) {
  Deno.test(`${mutant.law} ${LAW_NAMES[mutant.law]} catches ${mutant.name}: ${mutant.help}`, async () => {
    const trials = trialsOf(pluginOf(mutant), bench)
      .filter(({ law }) => law.id === mutant.law && law.about === (mutant.about ?? law.about));
    assert(trials.length > 0, `no law ${mutant.law} is about it`);
    const all = await Promise.all(trials.map(judge));
    const { message } = all.find(({ verdict }) => verdict === "broken") ?? {};
    assert(message !== undefined, `the kit lets it pass: ${all.map((one) => one.message).join()}`);
    assert(message.length > 0);
  });
}

Deno.test("every law has a mutant, or says why it can have none", () => {
  const laws = Object.keys(LAW_NAMES) as LawId[];
  const rows = new Set([...GALLERY.map(({ law }) => law), ...LISTED.map(({ law }) => law)]);
  assertEquals(laws.filter((law) => !rows.has(law)), []);
  const held = new Set(LAWS.map(({ id }) => id));
  assertEquals(laws.filter((law) => !held.has(law) && CORE_LAWS[law] === undefined), []);
});

Deno.test("every mutant of the list is played, tested elsewhere, or told why it cannot be", () => {
  const names = new Set(GALLERY.map(({ name }) => name));
  for (const { mutant, by, test, cannot } of LISTED) {
    assert([by, test, cannot].some((one) => one !== undefined), mutant);
    assertEquals((by ?? []).filter((name) => !names.has(name)), [], mutant);
    if (test !== undefined) assert(Deno.statSync(new URL(`../../${test}`, import.meta.url)).isFile);
  }
});

/** It is harmless by itself, and the test of the explorer says so. */
const HARMLESS = ["counting-accepts-more"];
/** Found by tentative_test.ts, in worlds of their own. */
const ELSEWHERE = [
  "koo-leans-on-another",
  "koo-asks-everybody",
  "koo-forgets-at-undo",
  "koo-forgets-tentatively",
  "koo-forgets-second",
  "koo-votes-twice",
];

Deno.test("every mutant that is written is in the gallery", async () => {
  const names = new Set([...GALLERY.map(({ name }) => name), ...HARMLESS, ...ELSEWHERE]);
  const folder = new URL("../mutants/", import.meta.url);
  const left: string[] = [];
  for (const path of sourceFiles([fileURLToPath(folder).slice(0, -1)])) {
    const module: Readonly<Record<string, unknown>> = await import(path);
    for (const row of Object.values(module)) {
      const { name, help } = row as { readonly name?: unknown; readonly help?: unknown };
      if (typeof name !== "string" || typeof help !== "string") continue;
      if (!names.has(name)) left.push(name);
    }
  }
  assertEquals(left, []);
});

Deno.test("a law is skipped by the manifest, with the reason", () => {
  const [first] = builtins.contributes.checkpointers ?? [];
  assert(first !== undefined);
  const still = { ...first, supports: { migration: false } };
  const plugin = definePlugin({ ...builtins, contributes: { checkpointers: [still] } });
  const registered: [string, string][] = [];
  const register = (how: string) => (name: string) => void registered.push([how, name]);
  const test = Object.assign(register("run"), { ignore: register("ignored") });
  conformance({ test, factory: () => plugin });
  assertEquals(registered.filter(([how]) => how === "ignored").map(([, name]) => name), [
    "L2 round trip, migration: checkpointer stop-the-world (skipped: it says that it does not " +
    "support migration)",
  ]);
  assertEquals(registered.filter(([how]) => how === "run").length, 10);
});

Deno.test("a certificate has the level its laws hold up to", async () => {
  const mutant = GALLERY.find(({ name }) => name === "fails-at-the-bound");
  assert(mutant !== undefined);
  const broken = await certify(pluginOf(mutant), bench);
  assertEquals(broken.level === "certified", false);
  const { script = "" } = broken.laws.find(({ law }) => law === "L12") ?? {};
  assertStringIncludes(script, "checkpointer fails_at_the_bound { cow_slots: 2");
  assertEquals((await certify({ name: "A" }, bench)).level, "refused");
});

const workloadThat = (start: Workload["start"]): Plugin =>
  definePlugin({
    name: "odd",
    version: "1.0.0",
    api: "^1",
    contributes: {
      workloads: [{ name: "program", help: "Hardly a program.", options: {}, start }],
    },
  });

Deno.test("of a strategy without end one law waits for it, and the others are not held to hold", async () => {
  const talker = (name: string, endless: boolean) =>
    checkpointer({
      name,
      help: "Talks.",
      options: {},
      controlMessages: () => 0,
      *capture() {
        yield { step: "stop" };
        do yield { step: "message", what: "still here" }; while (endless);
      },
    });
  const both = [talker("endless", true), talker("short", false)];
  const plugin = definePlugin({
    name: "talk",
    version: "0.0.1",
    api: "^1",
    contributes: { checkpointers: both },
  });
  const { level, laws } = await certify(plugin, bench);
  const of = (name: string) => laws.filter(({ row }) => row === name);
  const [first, ...others] = of("endless");
  assertEquals([first?.law, first?.verdict], ["L1", "broken"]);
  assertStringIncludes(first?.message ?? "", "yields steps without end");
  assert(others.length >= 8);
  for (const { verdict, message, untried } of others) {
    assertEquals([verdict, message, untried], ["skipped", "under L1 it has no end", true]);
  }
  // Another row of the plugin is tried, though it is as wrong.
  assertEquals(
    of("short").map(({ verdict }) => verdict),
    others.map(() => "broken").concat("broken"),
  );
  assertEquals(level, "loads");
});

Deno.test("a law that nobody tried, for there was no end, gives no level", async () => {
  // Transparency takes one checkpoint of each program, on one processor and on two.
  let left = bench.programs.length * 2;
  const tired = {
    ...stopTheWorld,
    name: "tired",
    *capture(...given: Parameters<typeof stopTheWorld.capture>) {
      while (left === 0) yield { step: "message", what: "no more" } as const;
      left--;
      yield* stopTheWorld.capture(...given);
    },
  };
  const plugin = definePlugin({
    name: "work",
    version: "0.0.1",
    api: "^1",
    contributes: { checkpointers: [tired] },
  });
  const { level, laws } = await certify(plugin, bench);
  assertEquals(laws.slice(0, 2).map(({ law, verdict }) => [law, verdict]), [
    ["L1", "held"],
    ["L2", "broken"],
  ]);
  assertEquals(laws.find(({ law }) => law === "L7")?.untried, true);
  assertEquals(level, "loads", "it is not safe: L7 was not tried");
});

Deno.test("a workload whose start throws breaks the laws that ask it, and is named", async () => {
  const plugin = workloadThat(() => {
    throw new Error("no program today");
  });
  const { level, laws } = await certify(plugin, bench);
  assertEquals(level, "loads");
  assert(laws.length > 0);
  for (const { verdict, message = "" } of laws) {
    assertEquals(verdict, "broken");
    assertStringIncludes(message, "plugin 'odd' 1.0.0: workload 'odd.program' threw: no program");
  }
});

Deno.test("a plugin of which no law could be tried is not certified: it loads", async () => {
  const { level, laws } = await certify(workloadThat(() => ({ file: "", args: [] })), bench);
  assertEquals([...new Set(laws.map(({ verdict }) => verdict))], ["skipped"]);
  assertEquals(level, "loads");
});

Deno.test("L8 compares how a program exits, not only what it writes", async () => {
  let starts = 0;
  const count = ["mov #100,r1", "dt r1", `bf ${0x400082}`];
  const program: KitProgram = {
    name: "silent",
    workload: "silent",
    options: {},
    args: [],
    // The first is checkpointed undisturbed, the second is the twin; then it ends otherwise.
    executable: () => tinyElf([...count, ...exitWith(++starts > 2 ? 1 : 0)]).bytes,
    instructions: 150,
  };
  const [trial] = trialsOf(builtins, { ...bench, programs: [program] })
    .filter(({ law, kind }) => law.id === "L8" && kind === "checkpointers");
  assert(trial !== undefined);
  const { message = "" } = await judge(trial);
  assertStringIncludes(message, "has failed, it ends with");
});
