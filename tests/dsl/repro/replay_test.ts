/** `replay`: the same run again, where it parts, and files that are not what they should be. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { scriptHash } from "../../../dsl/artefacts/repro.ts";
import {
  decisionsOf,
  readRepro,
  REPRO_VERSION,
  type ReproDocument,
} from "../../../dsl/repro/document.ts";
import { folderName } from "../../../dsl/out_folder.ts";
import { VOCABULARY } from "../fake.ts";
import { command, reproOf, STORM } from "./failing.ts";

const recorded = await reproOf(STORM);
const document = JSON.parse(recorded) as ReproDocument;

/** The file with something else in it. */
const changed = (change: (document: Record<string, unknown>) => void): string => {
  const copy = structuredClone(document) as unknown as Record<string, unknown>;
  change(copy);
  return JSON.stringify(copy);
};

const replay = (text: string, ...flags: readonly string[]) =>
  command(["replay", "r.json", ...flags], { ...STORM, "r.json": text });

Deno.test("a run is had again from its file alone: the same choices, failure and trace", async () => {
  const { code, out, err } = await command(["replay", "r.json"], { "r.json": recorded });
  assertEquals(code, 1);
  assertStringIncludes(out, "fails as recorded; the same ");
  assertStringIncludes(out, "expect not (sum(p.crashes) > 1)");
  assertEquals(err.match(/is not there any more/g)?.length, 2);
});

Deno.test("the scripts that are there now are looked at, and the recorded ones run", async () => {
  const files = { ...STORM, "r.json": recorded };
  assertEquals((await command(["replay", "r.json"], files)).err, "");
  const other = { ...files, "s.ckpt": STORM["s.ckpt"]?.replace("60ms", "61ms") ?? "" };
  const { code, err } = await command(["replay", "r.json"], other);
  assertEquals([code, err], [
    1,
    "note: 's.ckpt' has changed since; the script as it was recorded is run\n",
  ]);
});

Deno.test("a cell is found by its id in the out folder", async () => {
  const { cell } = document;
  const files = { ...STORM, [`there/${folderName(cell)}/repro.json`]: recorded };
  for (const name of [cell, folderName(cell), `there/${folderName(cell)}/repro.json`]) {
    const { code, err } = await command(["replay", name, "--out", "there"], files);
    assertEquals(code, 1, err);
  }
  // A file of that name is no folder.
  assertEquals((await command(["replay", "storm"], { ...STORM, storm: recorded })).code, 1);
  const none = await command(["replay", folderName(cell)], files);
  assertEquals(none.code, 64);
  assertStringIncludes(none.err, `there is no file '${folderName(cell)}'`);
  const { code, err } = await command(["replay", cell], files);
  assertEquals(code, 64);
  assertStringIncludes(
    err,
    "the last run left nothing about the cell s.ckpt#storm[size=most]@1..60",
  );
});

Deno.test("the seed of --seed is the seed of the replay", async () => {
  const { seed } = document;
  const one = await reproOf(STORM, "s.ckpt", seed);
  assertStringIncludes(one, `#storm[size=most]@${seed}"`);
  const { code, out } = await replay(one);
  assertEquals(code, 1);
  assertStringIncludes(out, "fails as recorded");
});

/** The recorded run with another answer to its first choice of a stream, or another question. */
function withOther(change: (places: [string, string | number, number][], log: number[]) => void) {
  return changed((copy) => {
    const [world] = copy["worlds"] as { choices: { places: never[]; log: number[] } }[];
    if (world !== undefined) change(world.choices.places, world.choices.log);
  });
}

Deno.test("strict stops at the first choice that is not the recorded one, and tells both", async () => {
  const text = withOther((places) => {
    const [first] = places;
    if (first !== undefined) first[0] = "something else";
  });
  const strict = await replay(text);
  assertEquals(strict.code, 5);
  assertStringIncludes(strict.out, "differs: at 0ns: choice 0 of the replay: the run asks stream");
  assertStringIncludes(strict.out, "but the record has stream 'something else'");
  const lenient = await replay(text, "--lenient");
  // What does not fit is drawn, from the streams of the same seed.
  assertEquals(lenient.code, 1);
  assertStringIncludes(lenient.out, "fails as recorded; the same 9 choices and trace");
});

Deno.test("choices that never come are a difference too", async () => {
  const text = withOther((_, log) => void log.push(0, 0));
  const { code, out } = await replay(text);
  assertEquals(code, 5);
  assertStringIncludes(out, "choices, but 1 more are recorded: next stream");
});

Deno.test("the same choices with another trace are a difference", async () => {
  const text = changed((copy) => {
    const [world] = copy["worlds"] as { traceHash: string }[];
    if (world !== undefined) world.traceHash = "0123456789abcdef";
  });
  const { code, out } = await replay(text);
  assertEquals(code, 5);
  assertStringIncludes(out, "recorded 0123456789abcdef");
});

/** What the lab refuses on every seed, and a search that tells how many. */
const REFUSED = {
  "s.ckpt": `ckpt 1
scenario "s" {
  node n0
  proc p0 on n0 runs matmul
  explore { seeds: 1..3, stop_after: 0 }
  at 1ms restart p0
  expect p0.exited
}
`,
};

Deno.test("the seed of a search that fails by a problem is replayed and shrunk", async () => {
  const files = { ...REFUSED, "r.json": await reproOf(REFUSED) };
  const again = await command(["replay", "r.json"], files);
  assertEquals(again.code, 1);
  assertStringIncludes(again.out, "fails as recorded");
  const { code, err, written } = await command(["shrink", "r.json"], files);
  assertEquals(code, 0, err);
  assertStringIncludes(written.get("shrunk.ckpt") ?? "", "restart p0");
});

Deno.test("what ran without permissions is not run with them", async () => {
  const text = changed((copy) => {
    copy["isolated"] = true;
    copy["plugins"] = [{ alias: "a", name: "acme", version: "1.0.0" }];
  });
  for (const word of ["replay", "shrink"]) {
    const { code, out, err } = await command([word, "r.json"], { ...STORM, "r.json": text });
    assertEquals([code, out], [64, ""]);
    assertStringIncludes(err, "with --isolate, and here 'acme' would have the permissions");
  }
  // Without plugins there is nobody to trust.
  const bare = await reproOf(STORM, "s.ckpt", undefined, { isIsolated: true });
  assertStringIncludes(bare, '"isolated":true');
  assertEquals((await replay(bare)).code, 1);
});

Deno.test("a file of an older program has the usual limits", async () => {
  assertEquals((await replay(changed((copy) => delete copy["limits"]))).code, 1);
});

/** Files that are not what they should be, and what is said. */
const DAMAGED: readonly (readonly [name: string, text: string, says: string])[] = [
  ["cut off", recorded.slice(0, 400), "'r.json' is no repro.json: it is no JSON, or was cut off"],
  ["a number", "7", "'r.json' is no repro.json: expected a 'version'"],
  [
    "an older version",
    changed((copy) => copy["version"] = 1),
    `'r.json' is of version 1, and this program reads version ${REPRO_VERSION}`,
  ],
  [
    "no seed",
    changed((copy) => delete copy["seed"]),
    "'r.json' is damaged: expected a whole number at 'seed', found nothing",
  ],
  [
    "a text for a list",
    changed((copy) => copy["worlds"] = "none"),
    `'r.json' is damaged: expected a list at 'worlds', found "none"`,
  ],
  [
    "limits that are none",
    changed((copy) => copy["limits"] = { maxTimeNs: 1, maxEvents: "many" }),
    `'r.json' is damaged: expected a whole number at 'limits.maxEvents', found "many"`,
  ],
  ["no script", changed((copy) => copy["scripts"] = []), "'r.json' is damaged: it holds no script"],
  [
    "a script without text",
    changed((copy) => copy["scripts"] = [{ file: "s.ckpt", sha256: "" }]),
    "'r.json' is damaged: expected a text at 'scripts[0].text', found nothing",
  ],
  [
    "another text",
    changed((copy) => {
      for (const script of copy["scripts"] as { text: string }[]) script.text += " ";
    }),
    "'r.json' is damaged: the text of 'lib/names.ckpt' is not the one its sha256 is of",
  ],
  [
    "another cell",
    changed((copy) => copy["cell"] = "s.ckpt#wind@1"),
    "'r.json' is damaged: its scripts have no cell s.ckpt#wind@1",
  ],
  [
    "a choice of nothing",
    withOther((_, log) => log[0] = 99),
    "'r.json' is damaged: choice 0 of 'worlds[0]' is not one of its alternatives",
  ],
  [
    "half a choice",
    withOther((_, log) => void log.pop()),
    "'r.json' is damaged: expected pairs of whole numbers in 'worlds[0].choices.log'",
  ],
  [
    "a place without a stream",
    withOther((places) => void places.splice(0, 1, [1, 2, 3] as never)),
    "expected [stream, entity, alternatives] in each of 'worlds[0].choices.places'",
  ],
  [
    "a plugin that is not there",
    changed((copy) => {
      const [, script] = copy["scripts"] as { text: string; sha256: string }[];
      if (script === undefined) return;
      script.text = script.text.replace("ckpt 1\n", 'ckpt 1\nuse "./gone.ts" as gone\n');
      script.sha256 = scriptHash(script.text);
    }),
    "'r.json' cannot be run any more: s.ckpt:2:5 error CK0602",
  ],
];

for (const [name, text, says] of DAMAGED) {
  Deno.test(`a damaged file: ${name}`, async () => {
    for (const word of ["replay", "shrink"]) {
      const { code, out, err } = await command([word, "r.json"], { ...STORM, "r.json": text });
      assertEquals([code, out], [64, ""], err);
      assertStringIncludes(err, says);
      assertEquals(err.trimEnd().split("\n").length, 1, err);
    }
  });
}

Deno.test("a strategy the program does not know any more is told by name", async () => {
  const [, ...others] = VOCABULARY.workloads;
  const vocabulary = { ...VOCABULARY, workloads: others };
  const { code, err } = await command(["replay", "r.json"], { "r.json": recorded }, { vocabulary });
  assertEquals(code, 64);
  assertStringIncludes(err, "cannot be run any more: s.ckpt:6");
});

Deno.test("choices come back as they were, whatever they are", () => {
  const choice = fc.record({
    stream: fc.constantFrom("latency", "loss", "any"),
    entity: fc.oneof(fc.constantFrom("0->1", "1->manager"), fc.nat(3)),
    alternatives: fc.constantFrom(0, 2, 1000),
  }).chain((asked) =>
    fc.nat(asked.alternatives === 0 ? 2 ** 31 - 1 : asked.alternatives - 1)
      .map((taken) => ({ ...asked, taken }))
  );
  fc.assert(fc.property(fc.array(choice, { maxLength: 60 }), (choices) => {
    const text = changed((copy) => {
      copy["worlds"] = [{ view: "", traceHash: "", choices: logLike(choices) }];
    });
    assertEquals(decisionsOf(readRepro(text, "r.json")).worlds[0]?.choices, choices);
  }));
});

/** The log by the words of its own description: a place for each, twice where it comes twice. */
const logLike = (
  choices: readonly {
    stream: string;
    entity: string | number;
    alternatives: number;
    taken: number;
  }[],
) => ({
  places: choices.map(({ stream, entity, alternatives }) => [stream, entity, alternatives]),
  log: choices.flatMap(({ taken }, i) => [i, taken]),
});
