/**
 * The public instruction vectors in translated code. Of most a fifth of each file: of all of them
 * `deno task vectors --jit verify` compares both engines, but with the flags of the file.
 */
import { assert, assertEquals } from "@std/assert";
import {
  type MachineVectorOptions,
  runMachineVectors,
} from "../../../core/machine/vector_machine.ts";
import type { VectorFile } from "../../../core/machine/vector_run.ts";
import { STATE, STATE_WORDS } from "../../../core/machine/vector_state.ts";
import { testVectors } from "../vector_folder.ts";
import { vectorFiles } from "./vector_files.ts";

/** The size of a file's records, in bytes. */
const recordOf = ({ bytes }: VectorFile): number => new DataView(bytes.buffer).getUint32(0, true);

const whole = vectorFiles();
const files = whole.map((file): VectorFile => {
  const record = recordOf(file), records = Math.ceil(file.bytes.length / record / 5);
  return { name: file.name, bytes: file.bytes.slice(0, records * record) };
});

/** Runs files, tells which engine ran how many cases, and answers the share of translated ones. */
function share(chosen: readonly VectorFile[], options: MachineVectorOptions): number {
  const problems: string[] = [];
  const evaluated = new Map<string, number>();
  let cases = 0, translated = 0, left = 0;
  for (const result of runMachineVectors(chosen, options)) {
    cases += result.cases;
    translated += result.translated;
    left += result.left;
    for (const [why, n] of result.evaluated) evaluated.set(why, (evaluated.get(why) ?? 0) + n);
    const [first] = result.failures;
    const why = result.error ?? `case ${first?.index}: ${first?.differences.join("; ")}`;
    if (!result.passed) problems.push(`${result.pattern}: ${result.failures.length} wrong, ${why}`);
  }
  assertEquals(problems, []);
  const others = [...evaluated].map(([why, n]) => `${n}: ${why}`).join(", ");
  console.log(
    `${cases} cases, ${translated} translated, ${left} left to the evaluator by translated code; ` +
      `not run on a machine: ${others}`,
  );
  return translated / cases;
}

testVectors("translated vectors: every file passes, nearly all of it in translated code", () => {
  assert(share(files, { jit: "on" }) > 0.8);
});

testVectors("translated vectors: floating point, where the inexact flag is set already", () => {
  const float = whole.filter(({ name }) => name.startsWith("1111"));
  assert(share(float, { jit: "on", inexact: true }) > 0.6);
});

testVectors("translated vectors: a wrong bit of any word of a state after is found", () => {
  for (const pattern of ["0011nnnnmmmm1100", "0110nnnnmmmm0110", "1011dddddddddddd"]) {
    const sound = files.find(({ name }) => name.startsWith(pattern));
    assert(sound !== undefined, pattern);
    const record = recordOf(sound);
    for (let word = 0; word < STATE_WORDS; word++) {
      const bytes = sound.bytes.slice(0, 2 * record);
      const at = record + 4 + 284 + 8 + 4 * word;
      bytes[at] = (bytes[at] as number) ^ (word === STATE.PC ? 2 : 1);
      const [result] = runMachineVectors([{ name: sound.name, bytes }], { jit: "on" });
      assertEquals(result?.failures.map(({ index }) => index), [1], `${pattern} word ${word}`);
    }
  }
});
