/**
 * What translated code calls that no instruction says: the short ways of memory access, instruction
 * fetch and control flow, in WebAssembly so that nothing leaves it. Each does exactly what mmu.ts
 * and machine.ts would do in the most frequent cases, and refuses all others without having done
 * anything: translated code then stops before the instruction, and the evaluator takes over.
 */
import { EXCEPTIONS } from "./exception.ts";
import * as S from "./state.ts";
import { MEMORY, OP, TYPE, WasmCode } from "./wasm_code.ts";
import { type Signature, wasmModule } from "./wasm_module.ts";

const { i32_load, i32_load8_u, i32_store, i32_store8 } = MEMORY;
const PAGE = 0xfffff000 | 0;
const PTEL_WRITABLE = 0x24;
const URC_SHIFT = 10, URB_SHIFT = 18, LRUI_SHIFT = 26;

/** The longest chain of translated calls; the guest's own depth may be any. */
export const ENTER_DEPTH = 100;

/** FPSCR bits translated code depends on: PR, SZ, rounding, enables, and the flag for inexact. */
export const FPSCR_MODE = S.FPSCR_PR | S.FPSCR_SZ | 0xf80 | 0x4 | 0x3;
/** SR bits it depends on. */
export const SR_MODE = S.SR_MD | S.SR_FD;

/** A translated function: nothing in, out comes where to go on, with bit 0 set: by the evaluator. */
export const REGION: Signature = { parameters: [], results: [TYPE.i32] };

const { i32 } = TYPE;
/** What translated code imports of these, in the order of its function indices. */
export const SHORT_WAYS = {
  /** (address, size - 1, exact budget, least budget after) -> word of the soft TLB, or 0. */
  read: { parameters: [i32, i32, i32, i32], results: [i32] },
  write: { parameters: [i32, i32, i32, i32], results: [i32] },
  /** (pc, base): makes the page of pc the one fetched from; 1 if it lies where base says. */
  fetch: { parameters: [i32, i32], results: [i32] },
  /** (pc, expected): runs translated code from pc on; where it stopped or, early, `expected`. */
  enter: { parameters: [i32, i32], results: [i32] },
} as const satisfies Record<string, Signature>;

/** The short ways as functions. */
export type ShortWays = {
  readonly [name in keyof typeof SHORT_WAYS]: (...values: number[]) => number;
};

const word = (code: WasmCode, place: number) => code.loadAt(i32_load, place);

const put = (code: WasmCode, place: number, value: () => unknown) =>
  code.storeAt(i32_store, place, () => void value());

/** The mode word of the machine, as keys of translations have it. */
export function modeWord(code: WasmCode): WasmCode {
  word(code, S.FPSCR).int(FPSCR_MODE).op(OP.i32_and);
  return word(code, S.SR).int(SR_MODE).op(OP.i32_and).op(OP.i32_or);
}

/** A miss of the UTLB that a kept translation answers: what Mmu.reload and loadTlb do. */
function missCode(write: boolean): WasmCode {
  const code = new WasmCode(4);
  const ADDRESS = 0, MASK = 1, BUDGET = 2, LEAST = 3;
  const [page, at, ptel, mmucr, urc, entry, host, result] = Array.from(
    { length: 8 },
    () => code.local(i32),
  ) as [number, number, number, number, number, number, number, number];
  const refuse = code.block();
  put(code, S.BUDGET, () => code.get(BUDGET));
  code.get(ADDRESS).get(MASK).op(OP.i32_and).brIf(refuse);
  code.get(ADDRESS).int(12).op(OP.i32_shr_u).set(page);
  code.get(page).int(S.KEPT_ENTRIES - 1).op(OP.i32_and).int(3).op(OP.i32_shl).tee(at);
  code.memory(i32_load, S.KEPT);
  code.get(ADDRESS).int(PAGE).op(OP.i32_and);
  word(code, S.PTEH).int(0xff).op(OP.i32_and).op(OP.i32_or).int(0x100).op(OP.i32_or);
  code.op(OP.i32_ne).brIf(refuse);
  code.get(page).int(2).op(OP.i32_shl).memory(i32_load, S.READ_PAGES).brIf(refuse);
  code.get(at).memory(i32_load, S.KEPT + 4).set(ptel);
  if (write) {
    code.get(ptel).int(PTEL_WRITABLE).op(OP.i32_and).int(PTEL_WRITABLE).op(OP.i32_ne).brIf(refuse);
  }
  code.get(BUDGET);
  word(code, S.RELOAD_CYCLES).op(OP.i32_sub).tee(BUDGET).get(LEAST).op(OP.i32_lt_s).brIf(refuse);
  put(code, S.BUDGET, () => code.get(BUDGET));
  put(code, S.RELOADS, () => word(code, S.RELOADS).int(1).op(OP.i32_add));
  const { code: number } = EXCEPTIONS[write ? "tlbMissWrite" : "tlbMissRead"];
  put(code, S.TEA, () => code.get(ADDRESS));
  put(code, S.EXPEVT, () => code.int(number));
  put(code, S.PTEL, () => code.get(ptel));
  put(code, S.PTEH, () => {
    word(code, S.PTEH).int(0xff).op(OP.i32_and);
    code.get(ADDRESS).int(0xfffffc00 | 0).op(OP.i32_and).op(OP.i32_or);
  });
  // LDTLB: the entry at URC goes, and its words if they are its own.
  word(code, S.MMUCR).tee(mmucr).int(URC_SHIFT).op(OP.i32_shr_u).int(63).op(OP.i32_and).set(urc);
  code.get(urc).int(3).op(OP.i32_shl).tee(entry).memory(i32_load, S.UTLB);
  code.int(12).op(OP.i32_shr_u).tee(at).memory(i32_load8_u, S.PAGE_OWNERS);
  code.get(urc).op(OP.i32_eq).if();
  code.get(at).int(2).op(OP.i32_shl).tee(at).int(0).memory(i32_store, S.READ_PAGES);
  code.get(at).int(0).memory(i32_store, S.WRITE_PAGES).end();
  code.get(entry);
  word(code, S.PTEH).memory(i32_store, S.UTLB);
  code.get(entry).get(ptel).memory(i32_store, S.UTLB + 4);
  code.get(ptel).int(0x1ffff000).op(OP.i32_and).int(S.RAM - S.RAM_START).op(OP.i32_add).set(host);
  code.get(host).get(ADDRESS).int(PAGE).op(OP.i32_and).op(OP.i32_sub).int(1).op(OP.i32_sub);
  code.set(result);
  code.get(page).get(urc).memory(i32_store8, S.PAGE_OWNERS);
  code.get(page).int(2).op(OP.i32_shl).tee(at).get(result).memory(i32_store, S.READ_PAGES);
  code.get(urc).int(1).op(OP.i32_add).int(63).op(OP.i32_and).set(urc);
  code.get(urc).get(mmucr).int(URB_SHIFT).op(OP.i32_shr_u).int(63).op(OP.i32_and);
  code.op(OP.i32_ne).get(urc).op(OP.i32_mul).set(urc); // at URB (or past the last) it begins anew
  put(code, S.MMUCR, () => {
    code.get(mmucr).int(~(63 << URC_SHIFT)).op(OP.i32_and);
    code.get(urc).int(URC_SHIFT).op(OP.i32_shl).op(OP.i32_or);
  });
  // A page whose frame has been translated gets no word for writing.
  code.get(ptel).int(PTEL_WRITABLE).op(OP.i32_and).int(PTEL_WRITABLE).op(OP.i32_eq);
  code.get(host).int(S.RAM).op(OP.i32_sub).int(12).op(OP.i32_shr_u);
  code.memory(i32_load8_u, S.CODE_FRAMES).op(OP.i32_eqz).op(OP.i32_and).if();
  code.get(at).get(result).memory(i32_store, S.WRITE_PAGES);
  code.get(result).op(OP.return).end();
  code.get(result).int(write ? 0 : 1).op(OP.i32_mul).op(OP.return).end();
  return code.int(0);
}

/** Which bits of LRUI the use of an ITLB entry clears and sets (manual section 3.2). */
const LRU = [[0b111000, 0], [0b000110, 0b100000], [0b000001, 0b010100], [0, 0b001011]] as const;

/** A fetch from another page: what Mmu.searchItlb does when the UTLB has the page. */
function fetchCode(): WasmCode {
  const code = new WasmCode(2);
  const PC = 0, BASE = 1;
  const [key, page, data, mmucr, at] = Array.from({ length: 5 }, () => code.local(i32)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const refuse = code.block();
  word(code, S.SPECIAL).brIf(refuse);
  code.get(PC).int(0).op(OP.i32_lt_s).brIf(refuse); // not translated
  code.get(PC).int(PAGE).op(OP.i32_and).tee(key);
  word(code, S.PTEH).int(0xff).op(OP.i32_and).op(OP.i32_or).set(key);
  word(code, S.MMUCR).set(mmucr);
  const found = code.block();
  const use = (n: number) => {
    const [clear, set] = LRU[n] as (typeof LRU)[number];
    put(code, S.MMUCR, () => {
      code.get(mmucr).int(~(clear << LRUI_SHIFT)).op(OP.i32_and);
      code.int(set << LRUI_SHIFT).op(OP.i32_or);
    });
  };
  for (let n = 0; n < 4; n++) {
    const entry = S.ITLB + 8 * n;
    word(code, entry).int(~0xf00).op(OP.i32_and).get(key).op(OP.i32_eq).if();
    word(code, entry + 4).tee(data).int(0x100).op(OP.i32_and).if();
    use(n);
    code.br(found).end().end();
  }
  code.get(PC).int(12).op(OP.i32_shr_u).tee(page).int(2).op(OP.i32_shl);
  code.memory(i32_load, S.READ_PAGES).op(OP.i32_eqz).brIf(refuse);
  code.get(page).memory(i32_load8_u, S.PAGE_OWNERS).int(3).op(OP.i32_shl).tee(at);
  code.memory(i32_load, S.UTLB + 4).set(data);
  code.get(at).memory(i32_load, S.UTLB).set(key);
  const lrui = (mask: number, value: number) => {
    code.get(mmucr).int(mask << LRUI_SHIFT).op(OP.i32_and).int(value << LRUI_SHIFT);
    code.op(OP.i32_eq);
  };
  const replace = (n: number) => {
    put(code, S.ITLB + 8 * n, () => code.get(key));
    put(code, S.ITLB + 8 * n + 4, () => code.get(data));
    use(n);
    code.br(found);
  };
  const victims = [[0b111000, 0b111000], [0b100110, 0b000110], [0b010101, 0b000001]] as const;
  victims.forEach(([mask, value], n) => {
    lrui(mask, value);
    code.if();
    replace(n);
    code.end();
  });
  replace(3);
  code.end();
  put(code, S.FETCH_TAG, () => code.get(PC).int(PAGE).op(OP.i32_and).tee(key));
  code.get(data).int(0x1ffff000).op(OP.i32_and).int(S.RAM - S.RAM_START).op(OP.i32_add);
  code.get(key).op(OP.i32_sub).set(data);
  put(code, S.FETCH_BASE, () => code.get(data));
  code.get(data).get(BASE).op(OP.i32_eq).op(OP.return).end();
  return code.int(0);
}

/** Where an address's entry in the table of jumps lies, from the start of the table. */
export const jumpPlace = (pc: number): number =>
  (((pc >>> 1) ^ (pc >>> 15)) & (S.JUMP_ENTRIES - 1)) * S.JUMP_BYTES;

/** From one translated function to the next, until there is none or the evaluator is wanted. */
function enterCode(fetch: number): WasmCode {
  const code = new WasmCode(2);
  const PC = 0, EXPECTED = 1;
  const at = code.local(i32);
  const leave = code.block();
  word(code, S.DEPTH).int(ENTER_DEPTH).op(OP.i32_ge_s).brIf(leave);
  put(code, S.DEPTH, () => word(code, S.DEPTH).int(1).op(OP.i32_add));
  const stop = code.block();
  const next = code.loop();
  word(code, S.BUDGET).int(1).op(OP.i32_lt_s).ifUnlikely();
  code.get(PC).int(1).op(OP.i32_or).set(PC).br(stop).end();
  code.get(PC);
  word(code, S.FETCH_TAG).op(OP.i32_xor).int(0xfffff001 | 0).op(OP.i32_and).if();
  code.get(PC).int(1).op(OP.i32_and).brIf(stop); // an odd address: the evaluator knows what to do
  code.get(PC).int(0).call(fetch).op(OP.drop);
  code.get(PC);
  word(code, S.FETCH_TAG).op(OP.i32_xor).int(PAGE).op(OP.i32_and).if();
  code.get(PC).int(1).op(OP.i32_or).set(PC).br(stop).end();
  code.end();
  code.get(PC).int(1).op(OP.i32_shr_u).get(PC).int(15).op(OP.i32_shr_u).op(OP.i32_xor);
  code.int(S.JUMP_ENTRIES - 1).op(OP.i32_and).int(5).op(OP.i32_shl).tee(at);
  code.memory(i32_load, S.JUMPS).get(PC).op(OP.i32_ne).brIf(stop);
  code.get(at).memory(i32_load, S.JUMPS + 4);
  modeWord(code).op(OP.i32_ne).brIf(stop);
  code.get(at).memory(i32_load, S.JUMPS + 12);
  word(code, S.FETCH_BASE).op(OP.i32_ne).brIf(stop);
  code.get(at).memory(i32_load, S.JUMPS + 8).callIndirect(0).tee(PC);
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
      { name: "read", signature: SHORT_WAYS.read, code: missCode(false) },
      { name: "write", signature: SHORT_WAYS.write, code: missCode(true) },
      { name: "fetch", signature: SHORT_WAYS.fetch, code: fetchCode() },
      { name: "enter", signature: SHORT_WAYS.enter, code: enterCode(2) },
    ],
    indirect: REGION,
  }));
}

/** The short ways over a machine's memory; `table` holds the translated functions. */
export function shortWays(memory: WebAssembly.Memory, table: WebAssembly.Table): ShortWays {
  const pages = memory.buffer.byteLength >>> 16;
  const module = compiled.get(pages) ?? compile(pages);
  compiled.set(pages, module);
  return new WebAssembly.Instance(module, { e: { memory, table } }).exports as ShortWays;
}
