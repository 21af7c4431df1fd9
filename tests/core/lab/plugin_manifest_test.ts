/** What a plugin's module exports: every mistake is told, and the built-in strategies are a plugin. */
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type Checkpointer,
  definePlugin,
  manifestProblems,
  PLUGIN_API,
  PluginError,
  type Protocol,
  Registry,
  type Workload,
} from "../../../core/mod.ts";
import { builtins, checkpointers, protocols, workloads } from "../../../plugins/mod.ts";

const still = checkpointers[0] as Checkpointer;
const counting = protocols[0] as Protocol;
const program = workloads[0] as Workload;

const good = {
  name: "good-one",
  version: "1.0.0",
  api: "^1",
  contributes: { checkpointers: [still], protocols: [counting], workloads: [program] },
};

const messages = (value: unknown): string[] =>
  manifestProblems(value).map(({ about, message }) => `${about}: ${message}`);

/** A manifest with one checkpointer that differs from a good one. */
const withRow = (more: Record<string, unknown>) => ({
  ...good,
  contributes: { checkpointers: [{ ...still, ...more }] },
});
const withOption = (option: unknown) => withRow({ options: { size: option } });
const count = { type: "count", default: 1, doc: "A number." };

/** Each mistake, and what is said of it. */
const MISTAKES: readonly (readonly [mistake: string, value: unknown, said: RegExp])[] = [
  ["nothing", undefined, /is missing: expected an object/],
  ["a list", [], /expected an object but found a list of 0/],
  ["a name in capitals", { ...good, name: "Cow" }, /'name' expected a name of lower case/],
  ["no name", { ...good, name: undefined }, /'name' is missing/],
  ["half a version", { ...good, version: "1.2" }, /'version' expected a version such as 1\.2\.0/],
  ["a range that is none", { ...good, api: "new" }, /'api' expected a range of versions/],
  [
    "another contract",
    { ...good, api: "^2" },
    /^api: .*1\.0\.0 was written for api \^2, and .* 1\./,
  ],
  ["nothing in it", { ...good, contributes: {} }, /'contributes' is empty: expected some of/],
  [
    "an empty list",
    { ...good, contributes: { checkpointers: [still], faults: [] } },
    /'contributes' 'faults' is empty: expected a fault, or no such list/,
  ],
  [
    "an alias that is another's name",
    {
      ...good,
      contributes: { checkpointers: [still, { ...still, name: "other", aliases: [still.name] }] },
    },
    /holds two checkpointers called 'stop-the-world'/,
  ],
  ["an unknown kind", { ...good, contributes: { gadgets: [] } }, /unknown field 'gadgets'; known:/],
  ["an unknown field", { ...good, licence: "MIT" }, /has an unknown field 'licence'; known: name/],
  [
    "rows that are none",
    { ...good, contributes: { checkpointers: {} } },
    /a list of checkpointers/,
  ],
  [
    "two of one name",
    { ...good, contributes: { checkpointers: [still, still] } },
    /holds two checkpointers called 'stop-the-world'/,
  ],
  ["a hook misspelt", withRow({ onFirstwrite: () => {} }), /unknown field 'onFirstwrite'/],
  ["no capture", withRow({ capture: undefined }), /checkpointer 1 'capture' is missing/],
  [
    "no price",
    withRow({ controlMessages: 2 }),
    /'controlMessages' expected a function but found 2/,
  ],
  ["no help", withRow({ help: "" }), /'help' expected a text but found ""/],
  ["wrong supports", withRow({ supports: { flight: true } }), /'supports' has an unknown field/],
  ["no truth", withRow({ supports: { migration: 1 } }), /'migration' expected true or false/],
  [
    "an option without type",
    withOption({ default: 1, doc: "x" }),
    /'type' is missing: expected one/,
  ],
  ["an option without doc", withOption({ ...count, doc: undefined }), /'doc' is missing/],
  ["a default too small", withOption({ ...count, min: 2 }), /'default': expected at least 2/],
  ["bounds crossed", withOption({ ...count, min: 2, max: 1 }), /'min' 2 is above 'max' 1/],
  ["a bound that is none", withOption({ ...count, max: "1" }), /'max' expected a number/],
  ["an option with a space", withRow({ options: { "a b": count } }), /'a b' is no name/],
  [
    "requires",
    { ...good, contributes: { protocols: [{ ...counting, requires: { order: "lifo" } }] } },
    /'requires' 'order' expected one of fifo, any but found "lifo"/,
  ],
  [
    "phases",
    { ...good, contributes: { protocols: [{ ...counting, phases: "one" }] } },
    /'phases' expected a list of names but found "one"/,
  ],
  [
    "tentative beside a manager",
    { ...good, contributes: { protocols: [{ ...counting, tentative: true }] } },
    /goes only without a manager[^]*goes only with 'log: true'[^]*goes only with 'forces: true'/,
  ],
  [
    "a metric of nothing",
    { ...good, contributes: { metrics: [{ name: "x", help: "x", of: "page", unit: "count" }] } },
    /metric 1 'of' expected one of process, checkpoint, cluster/,
  ],
  [
    "a reporter that does not begin",
    { ...good, contributes: { reporters: [{ name: "x", help: "x", take: () => "" }] } },
    /reporter 1 'begin' is missing: expected a function[^]*reporter 1 has an unknown field 'take'/,
  ],
  [
    "a reporter for a number of programs",
    { ...good, contributes: { reporters: [{ name: "x", help: "x", machine: 2, begin() {} }] } },
    /reporter 1 'machine' expected true or false but found 2/,
  ],
];

Deno.test("a good manifest has no problems, and neither has that of the built-in strategies", () => {
  assertEquals(messages(good), []);
  assertEquals(messages(builtins), []);
});

for (const [mistake, value, said] of MISTAKES) {
  Deno.test(`a manifest with ${mistake} is refused in words`, () => {
    assertMatch(messages(value).join("\n"), said);
  });
}

Deno.test("all mistakes of a manifest are told at once", () => {
  assertEquals(messages({ name: "A", version: "x", api: "?", contributes: 1 }).length, 4);
});

Deno.test("the version of the contract is in its own range", () => {
  assertEquals(messages({ ...good, api: `^${PLUGIN_API}` }), []);
});

Deno.test("a registry has a plugin's rows under the plugin's name, with its fields and hooks", () => {
  const plugin = definePlugin(good);
  const all = new Registry(checkpointers, workloads, protocols)
    .with([{ alias: "cow", url: "", plugin }]);
  assertEquals(all.checkpointer("cow.stop_the_world")?.options, still?.options);
  assertEquals(all.checkpointer("cow.stop_the_world")?.controlMessages(3), 0);
  assertEquals(all.protocol("cow.message-counting")?.kinds, counting?.kinds);
  assertEquals(all.checkpointer("stop_the_world"), still);
  assertEquals(all.checkpointer("cow.other"), undefined);
});

Deno.test("a row of a plugin is found by its aliases too, under the name the script gives it", () => {
  const row = { ...still, name: "halt", aliases: ["stand-still"] };
  const plugin = definePlugin({ ...good, contributes: { checkpointers: [row] } });
  const registry = new Registry(checkpointers, workloads, protocols)
    .with([{ alias: "mine", url: "", plugin }]);
  for (const name of ["mine.halt", "mine.stand-still", "mine.stand_still"]) {
    assertEquals(registry.checkpointer(name)?.name, "mine.halt");
  }
  assertEquals(registry.checkpointer("stand-still"), undefined);
});

Deno.test("of plugins loaded again the one that changes what everybody shares is named", async () => {
  const place = (name: string) => ({
    alias: name,
    url: new URL(`../../plugins/hostile/${name}.ts`, import.meta.url).href,
  });
  const both = [place("late_module"), place("late_tampering_module")];
  const registry = new Registry(checkpointers, workloads, protocols);
  const error = await assertRejects(() => registry.loading(both), PluginError);
  assertStringIncludes(
    error.message,
    "late_tampering_module.ts cannot be used: its module changes",
  );
});
