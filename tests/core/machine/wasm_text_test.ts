/** A translation can be read: its text has the loop, the arithmetic and the state it was made for. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { EngineDifference } from "../../../core/machine/verifier.ts";
import { Machine } from "../../../core/machine/machine.ts";
import { MMUCR_AT } from "../../../core/machine/mmucr.ts";
import * as S from "../../../core/machine/state.ts";
import { mistaken } from "../cluster/mistaken_engine.ts";
import { PAGES } from "./engine_twins.ts";
import { Refiller, USER_CODE, write } from "./guest.ts";
import { differenceText, wasmText } from "./wasm_text.ts";

const at = (n: number): string => `0x${(USER_CODE + 2 * n).toString(16)}`;

/** The difference that an addition makes which the evaluator gets wrong. */
function differing(): EngineDifference {
  using _mistake = mistaken();
  const machine = new Machine({ ramBytes: 1 << 20, jit: "verify", hot: 1 });
  machine.mmu.setMmucr(MMUCR_AT);
  new Refiller(machine, PAGES);
  const program = ["add r5,r3", "xor r6,r7", "dt r4", `bf ${at(0)}`, `bra ${at(0)}`, "nop"];
  write(machine, 0, program, USER_CODE);
  machine.cpu.setSr(0);
  machine.cpu.setR(4, 1000);
  machine.pc = USER_CODE;
  return assertThrows(() => machine.run(1000), EngineDifference);
}

Deno.test("wasm text: a translated loop has what it was made of", () => {
  const { wasm, pc } = differing();
  assertEquals(pc, USER_CODE);
  const text = wasmText(wasm);
  assertMatch(text, /^\(module\n/);
  assertMatch(text, /\(import "e" "memory" \(memory \(;0;\) \d+ \d+ shared\)\)/);
  assertMatch(text, /\(export "run" \(func \d+\)\)/);
  assertMatch(text, /\(loop/);
  assertMatch(text, /\(i32\.add/);
  assertMatch(text, /\(i32\.xor/);
  for (const register of [3, 7]) {
    assertMatch(text, new RegExp(`i32\\.store offset=${S.R + 4 * register}\\b`), `R${register}`);
  }
});

Deno.test("wasm text: a difference is told with the code of either engine", () => {
  const text = differenceText(differing());
  assertMatch(text, /^translated and evaluated code differ from pc 0x[0-9a-f]{8} on:\n {2}R3: /);
  assertStringIncludes(text, "add r5,r3\n");
  assertMatch(text, /\ntranslated to:\n\(module\n/);
  assert(text.indexOf("add r5,r3") < text.indexOf("(module"));
});

Deno.test("wasm text: of a part of a buffer that part is read, and nothing else is taken", () => {
  const { wasm } = differing();
  const larger = Uint8Array.of(7, ...wasm, 0, 0);
  assertEquals(wasmText(larger.subarray(1, 1 + wasm.length)), wasmText(wasm));
  for (const wrong of [larger, larger.subarray(1), wasm.subarray(0, wasm.length - 1)]) {
    assertThrows(() => wasmText(wrong), Error, "readWasm failed");
  }
});
