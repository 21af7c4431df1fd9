/** The public instruction vectors, all files that are there. */
import { assert, assertEquals } from "@std/assert";
import { STATE_WORDS } from "../../../core/machine/vector_state.ts";
import { runVectors, type VectorFile } from "../../../core/machine/vector_run.ts";
import { testVectors } from "../vector_folder.ts";
import { vectorFiles } from "./vector_files.ts";

const files = vectorFiles();

testVectors("vectors: every file passes, or differs as the table of deviations says", () => {
  const problems: string[] = [];
  const deviations = new Map<string, number>();
  let cases = 0;
  for (const result of runVectors(files)) {
    cases += result.cases;
    for (const [name, n] of result.deviations) {
      deviations.set(name, (deviations.get(name) ?? 0) + n);
    }
    const [first] = result.failures;
    const why = result.error ?? `case ${first?.index}: ${first?.differences.join("; ")}`;
    if (!result.passed) problems.push(`${result.pattern}: ${result.failures.length} wrong, ${why}`);
  }
  assertEquals(problems, []);
  assert(cases >= files.length);
  const named = [...deviations].map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(`${files.length} files, ${cases} cases; deviations: ${named}`);
});

/** The integer rows in which the emulator that made the vectors is known to leave the manual. */
const DEVIATING: Readonly<Record<string, string>> = {
  "0000000000011011": "pc of SLEEP",
  "11000011iiiiiiii": "TRAPA",
  "0000000000101011": "bank of RTE's slot, RB in user mode",
  "0100mmmm00001110": "RB in user mode",
  "0100mmmm00000111": "RB in user mode",
  "0011nnnnmmmm0100": "DIV1 of a register by itself",
  "0100mmmm01101010": "reserved bits of FPSCR",
  "0100mmmm01100110": "reserved bits of FPSCR",
};

testVectors("vectors: the other integer files differ in nothing", () => {
  const integer = files.filter(({ name }) => !name.startsWith("1111"));
  for (const { pattern, deviations } of runVectors(integer)) {
    const allowed = DEVIATING[pattern.slice(0, 16)]?.split(", ") ?? [];
    const found = [...deviations.keys()];
    assertEquals(found.filter((name) => !allowed.includes(name)), [], pattern);
  }
});

testVectors("vectors: any wrong bit of a state after fails its file, by pattern and case", () => {
  const sound = files.find(({ name }) => name.startsWith("0011nnnnmmmm1100"));
  assert(sound !== undefined);
  const record = new DataView(sound.bytes.buffer).getUint32(0, true);
  for (let word = 0; word < STATE_WORDS; word++) {
    const bytes = sound.bytes.slice();
    const at = record + 4 + 284 + 8 + 4 * word; // the second record's state after
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const [result] = runVectors([{ name: sound.name, bytes }]);
    assertEquals(result?.passed, false);
    assertEquals(result?.failures.map(({ index }) => index), [1]);
    assertEquals(result?.pattern, "0011nnnnmmmm1100 SZ=0 PR=0");
  }
});

Deno.test("vectors: a file that is none is a result, and the next file still runs", () => {
  const wrong: VectorFile[] = [
    { name: "readme.txt", bytes: new Uint8Array(4) },
    { name: "0011nnnnmmmm1100_sz0_pr0.bin", bytes: new Uint8Array(7) },
    ...files.slice(0, 1),
  ];
  const results = [...runVectors(wrong)];
  assertEquals(results.map(({ passed }) => passed), [false, false, true].slice(0, wrong.length));
  assert(results[0]?.error?.includes("readme.txt"));
  assert(results[1]?.error?.includes("0011nnnnmmmm1100"));
});
