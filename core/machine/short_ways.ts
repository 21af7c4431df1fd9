/**
 * What translated code calls that no instruction says: the short ways of instruction fetch and
 * control flow, in WebAssembly so that nothing leaves it. Each does exactly what mmu.ts
 * and machine.ts would do in the most frequent cases, and refuses all others with nothing done that
 * a second try would do again: translated code then stops before the instruction, and the evaluator
 * takes over. (A fetch may have copied an entry to the ITLB before it finds that the code lies
 * somewhere else; that costs nothing, and the evaluator finds the entry there.)
 */
import { ENABLE_FIELD, INEXACT_FLAG, ROUNDING_FIELD } from "./float_format.ts";
import { LRUI, lrui, LRUI_SHIFT } from "./mmucr.ts";
import { PTEL_4K, PTEL_V } from "./ptel.ts";
import {
  findKept,
  loadEntry,
  type Loading,
  loading,
  PAGE,
  pushPair,
  pushUpper,
  put,
  word,
} from "./refill.ts";
import * as S from "./state.ts";
import { type Label, MEMORY, OP, TYPE, WasmCode } from "./wasm_code.ts";
import { type Signature, wasmModule } from "./wasm_module.ts";

const { i32_load, i32_load8_u, i64_load, i64_store } = MEMORY;

/** The longest chain of translated calls; the guest's own depth may be any. */
export const ENTER_DEPTH = 100;

/** FPSCR bits translated code depends on: PR, SZ, rounding, enables, and the flag for inexact. */
export const FPSCR_MODE = S.FPSCR_PR | S.FPSCR_SZ | ENABLE_FIELD | INEXACT_FLAG | ROUNDING_FIELD;
/** SR bits it depends on. */
export const SR_MODE = S.SR_MD | S.SR_FD;

/** A translated function: nothing in, out comes where to go on, with bit 0 set: by the evaluator. */
export const REGION: Signature = { parameters: [], results: [TYPE.i32] };

const { i32 } = TYPE;
/** What translated code imports of these, in the order of its function indices. */
export const SHORT_WAYS = {
  /**
   * (pc, base, cycles to spare): makes the page of pc the one fetched from, if it lies where base
   * says. Cycles spent, or -1 for the evaluator.
   */
  fetch: { parameters: [i32, i32, i32], results: [i32] },
  /** (pc, expected): runs translated code from pc on; where it stopped or, early, `expected`. */
  enter: { parameters: [i32, i32], results: [i32] },
} as const satisfies Record<string, Signature>;

/** The short ways as functions. */
export interface ShortWays {
  readonly fetch: (pc: number, base: number, spare: number) => number;
  readonly enter: (pc: number, expected: number) => number;
}

/** The mode word of the machine, as keys of translations have it. */
export function modeWord(code: WasmCode): WasmCode {
  word(code, S.FPSCR).int(FPSCR_MODE).op(OP.i32_and);
  return word(code, S.SR).int(SR_MODE).op(OP.i32_and).op(OP.i32_or);
}

/** No base at all: any is right. */
const ANY_BASE = -1;

/** A fetch from another page: what Mmu.searchItlb does, and Mmu.reload where the UTLB has it not. */
function fetchCode(): WasmCode {
  const code = new WasmCode(3);
  const PC = 0, BASE = 1, SPARE = 2;
  const local = () => code.local(i32);
  const [tag, data, base, cycles] = [local(), local(), local(), local()];
  const at = loading(code);
  const { entry, mmucr } = at;
  const refuse = code.block();
  word(code, S.SPECIAL).brIf(refuse);
  code.get(PC).int(0).op(OP.i32_lt_s).brIf(refuse); // not translated
  code.get(PC).int(PAGE).op(OP.i32_and);
  word(code, S.PTEH).int(0xff).op(OP.i32_and).op(OP.i32_or).set(tag);
  word(code, S.MMUCR).set(mmucr);
  const found = code.block();
  const use = (n: number) => {
    const { clear, set } = lrui(n);
    put(code, S.MMUCR, () => {
      code.get(mmucr).int(~(clear << LRUI_SHIFT)).op(OP.i32_and);
      code.int(set << LRUI_SHIFT).op(OP.i32_or);
    });
  };
  for (let n = 0; n < S.ITLB_ENTRIES; n++) {
    word(code, S.ITLB + 8 * n).int(~0xf00).op(OP.i32_and).get(tag).op(OP.i32_eq).if();
    // An entry of 1 KiB is for the evaluator: there is no word, and nothing kept, of its page.
    word(code, S.ITLB + 8 * n + 4).tee(data).int(PTEL_V | PTEL_4K).op(OP.i32_and);
    code.int(PTEL_V | PTEL_4K).op(OP.i32_eq).if();
    use(n);
    code.br(found).end().end();
  }
  pushPair(code, PC, at);
  code.memory(i32_load, S.READ_PAGES).if();
  code.get(PC).int(12).op(OP.i32_shr_u).memory(i32_load8_u, S.PAGE_OWNERS);
  code.int(3).op(OP.i32_shl).memory(i64_load, S.UTLB).set(entry);
  code.else();
  findKept(code, PC, at, refuse);
  // Nothing may have been spent when it turns out that the code is somewhere else.
  code.get(at.words).op(OP.i32_wrap_i64).int(1).op(OP.i32_add).get(BASE).op(OP.i32_ne);
  code.get(BASE).int(ANY_BASE).op(OP.i32_ne).op(OP.i32_and).brIf(refuse);
  loadEntry(code, at, SPARE, refuse);
  word(code, S.RELOAD_CYCLES).set(cycles);
  word(code, S.MMUCR).set(mmucr).end();
  pushUpper(code, entry);
  code.set(data);
  replaceItlb(code, at, use, found);
  code.end();
  put(code, S.FETCH_TAG, () => code.get(PC).int(PAGE).op(OP.i32_and).tee(tag));
  code.get(data).int(0x1ffff000).op(OP.i32_and).int(S.RAM - S.RAM_START).op(OP.i32_add);
  code.get(tag).op(OP.i32_sub).set(base);
  put(code, S.FETCH_BASE, () => code.get(base));
  code.get(base).get(BASE).op(OP.i32_eq).get(BASE).int(ANY_BASE).op(OP.i32_eq).op(OP.i32_or);
  code.op(OP.i32_eqz).brIf(refuse);
  code.get(cycles).op(OP.return).end();
  return code.int(-1);
}

/** Copies an entry of the UTLB to the ITLB, in place of the one least recently used. */
function replaceItlb(
  code: WasmCode,
  { mmucr, entry }: Loading,
  use: (n: number) => void,
  done: Label,
): void {
  const replace = (n: number) => {
    code.storeAt(i64_store, S.ITLB + 8 * n, () => void code.get(entry));
    use(n);
    code.br(done);
  };
  LRUI.slice(0, -1).forEach(({ mask, value }, n) => {
    code.get(mmucr).int(mask << LRUI_SHIFT).op(OP.i32_and).int(value << LRUI_SHIFT);
    code.op(OP.i32_eq).if();
    replace(n);
    code.end();
  });
  replace(LRUI.length - 1);
}

/** Multiplying by it spreads addresses over the upper bits (Knuth: the golden ratio). */
const MIXER = 0x9e3779b1 | 0;
const MIXED_SHIFT = 32 - Math.log2(S.JUMP_ENTRIES);

/** Where an address's entry in the table of jumps lies, from the start of the table. */
export const jumpPlace = (pc: number): number =>
  (Math.imul(pc, MIXER) >>> MIXED_SHIFT) * S.JUMP_BYTES;

/** From one translated function to the next, until there is none or the evaluator is wanted. */
function enterCode(fetch: number): WasmCode {
  const code = new WasmCode(2);
  const PC = 0, EXPECTED = 1;
  const at = code.local(i32), cycles = code.local(i32);
  const key = code.local(TYPE.i64), place = code.local(TYPE.i64);
  const leave = code.block();
  word(code, S.DEPTH).int(ENTER_DEPTH).op(OP.i32_ge_s).brIf(leave);
  put(code, S.DEPTH, () => word(code, S.DEPTH).int(1).op(OP.i32_add));
  const stop = code.block();
  const next = code.loop();
  word(code, S.BUDGET).int(1).op(OP.i32_lt_s).ifUnlikely();
  code.get(PC).int(1).op(OP.i32_or).set(PC).br(stop).end();
  code.get(PC);
  word(code, S.FETCH_TAG).op(OP.i32_xor).int(0xfffff001 | 0).op(OP.i32_and).if();
  // What was fetched is executed, whatever it cost: so one cycle must be left.
  code.get(PC).int(ANY_BASE);
  word(code, S.BUDGET).int(1).op(OP.i32_sub).call(fetch).tee(cycles);
  code.int(0).op(OP.i32_lt_s).ifUnlikely();
  code.get(PC).int(1).op(OP.i32_or).set(PC).br(stop).end();
  put(code, S.BUDGET, () => word(code, S.BUDGET).get(cycles).op(OP.i32_sub));
  code.end();
  code.get(PC).int(MIXER).op(OP.i32_mul).int(MIXED_SHIFT).op(OP.i32_shr_u);
  code.int(Math.log2(S.JUMP_BYTES)).op(OP.i32_shl).set(at);
  // Two words at once, for every access is checked by the host.
  modeWord(code).op(OP.i64_extend_i32_u).long(32n).op(OP.i64_shl);
  code.get(PC).op(OP.i64_extend_i32_u).op(OP.i64_or).set(key);
  const pushDiffers = () => {
    code.get(at).memory(i64_load, S.JUMPS).get(key).op(OP.i64_ne);
    code.get(at).memory(i64_load, S.JUMPS + 8).tee(place).op(OP.i32_wrap_i64);
    word(code, S.FETCH_BASE).op(OP.i32_ne).op(OP.i32_or);
  };
  pushDiffers();
  code.ifUnlikely(); // it may be the next one
  code.get(at).int(S.JUMP_BYTES).op(OP.i32_xor).set(at);
  pushDiffers();
  code.brIf(stop).end();
  code.get(place).long(32n).op(OP.i64_shr_u).op(OP.i32_wrap_i64).callIndirect(0).tee(PC);
  code.int(1).op(OP.i32_and).brIf(stop);
  code.get(PC).get(EXPECTED).op(OP.i32_ne).brIf(next);
  code.end().end();
  put(code, S.DEPTH, () => word(code, S.DEPTH).int(1).op(OP.i32_sub));
  code.end();
  return code.get(PC);
}

/** One for each size of memory. */
const compiled = new Map<number, WebAssembly.Module>();

function compile(memoryPages: number): WebAssembly.Module {
  return new WebAssembly.Module(wasmModule({
    memoryPages,
    imports: [{ name: "table", kind: "table" }],
    functions: [
      { name: "fetch", signature: SHORT_WAYS.fetch, code: fetchCode() },
      { name: "enter", signature: SHORT_WAYS.enter, code: enterCode(0) },
    ],
    indirect: REGION,
  }));
}

/** The short ways over a machine's memory; `table` holds the translated functions. */
export function shortWays(memory: WebAssembly.Memory, table: WebAssembly.Table): ShortWays {
  const pages = memory.buffer.byteLength >>> 16;
  const module = compiled.get(pages) ?? compile(pages);
  compiled.set(pages, module);
  return new WebAssembly.Instance(module, { e: { memory, table } }).exports as unknown as ShortWays;
}
