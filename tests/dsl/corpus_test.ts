import { assert, assertEquals } from "@std/assert";
import { renderDiagnostic } from "../../dsl/diagnostic.ts";
import { formatScript } from "../../dsl/editor/layout.ts";
import { makeMachinery } from "../../dsl/grammar.ts";
import { load } from "../../dsl/load.ts";
import type { Workload } from "../../core/mod.ts";
import type { Vocabulary } from "../../dsl/vocabulary.ts";
import { parse } from "../../dsl/parse.ts";
import { STATEMENTS } from "../../dsl/statements/mod.ts";
import { fakeHost, noOverrides, VOCABULARY } from "./fake.ts";
import { assertGolden } from "./golden.ts";
import { plainTree } from "./tree.ts";

const FOLDER = new URL("./corpus/", import.meta.url);
const NAMES = [...Deno.readDirSync(FOLDER)].map((entry) => entry.name).sort();
const read = (name: string): string => Deno.readTextFileSync(new URL(name, FOLDER));

/** What the examples name besides: workloads and options that are no part of the language. */
const EXAMPLES: Vocabulary = {
  ...VOCABULARY,
  checkpointers: VOCABULARY.checkpointers.map((row) => ({
    ...row,
    options: {
      ...row.options,
      cow_slots: { type: "count", default: 64, min: 1, doc: "Slots." },
    },
  })),
  workloads: [
    ...VOCABULARY.workloads,
    ...["josephus", "writer", "gossip", "ring"].map((name): Workload => ({
      name,
      help: `Runs ${name}.`,
      options: {
        stride: { type: "bytes", default: 64, doc: "Between two writes." },
        rate: { type: "frequency", default: 1000, doc: "Messages a second." },
        size: { type: "bytes", default: 64, doc: "Of a message." },
        laps: { type: "count", default: 1, doc: "Times round." },
      },
      start: () => ({ file: `${name}.elf`, args: [] }),
    })),
  ],
};

const EXPRESSIBLE: Readonly<Record<string, number>> = {
  "1_single.ckpt": 1,
  "2_prdt.ckpt": 5,
  "3_laws.ckpt": 9,
};

for (const [name, cells] of Object.entries(EXPRESSIBLE)) {
  Deno.test(`${name} can be expressed in full`, async () => {
    const { host } = fakeHost({
      [name]: read(name),
      "lib/qemu-sh4.ckpt": "ckpt 1\nprofile qemu_sh4 { clock: 200MHz }\n",
    });
    const options = { vocabulary: EXAMPLES, overrides: noOverrides() };
    const { diagnostics, scenarios } = await load(name, host.readFile, options);
    assertEquals(diagnostics.map(renderDiagnostic), []);
    assertEquals(scenarios.flatMap(({ plans }) => plans).length, cells);
  });
}

Deno.test("4_nonfifo.ckpt: the markers are warned of, for a claim asks for lost", async () => {
  const { host } = fakeHost({ "4.ckpt": read("4_nonfifo.ckpt") });
  const options = { vocabulary: EXAMPLES, overrides: noOverrides() };
  const { diagnostics } = await load("4.ckpt", host.readFile, options);
  assertEquals(diagnostics.map(({ code, severity }) => [code, severity]), [
    ["CK0510", "warning"],
  ]);
});

Deno.test("the grammar has no ambiguity chevrotain could find", () => {
  assert(makeMachinery(STATEMENTS, true).tokens.all.length > 60);
});

Deno.test("all seven examples are there", () => assertEquals(NAMES.length, 7));

for (const name of NAMES) {
  Deno.test(`${name} parses without an error`, () => {
    assertEquals(parse(read(name), name).diagnostics.map(renderDiagnostic), []);
  });
}

Deno.test("the canonical form of the examples reads as stored", () => {
  const parts = NAMES.map((name) => `== ${name}\n${formatScript(parse(read(name), name).script)}`);
  assertGolden("canonical.txt", parts.join("\n"));
});

Deno.test("the example of every statement is that statement", () => {
  for (const row of STATEMENTS.filter((one) => !one.example.includes("…"))) {
    const line = row.place === "action" ? `at 1ms ${row.example}` : row.example;
    const inside = row.place === "file" && row.keyword !== "let";
    const text = inside ? `ckpt 1\n${line}` : `ckpt 1\nscenario "s" {\n${line}\n}`;
    const shown = row.keyword === "ckpt" ? row.example : text;
    const { script, diagnostics } = parse(shown);
    assertEquals(diagnostics.map(renderDiagnostic), [], row.usage);
    assert(
      JSON.stringify(plainTree(script.statements)).includes(`"is":"${row.keyword}"`),
      row.usage,
    );
  }
});
