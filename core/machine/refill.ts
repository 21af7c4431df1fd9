/**
 * The refill of the UTLB in translated code: what Mmu.reload does where a translation was kept, for
 * the same cycles. Every region has the two functions in its own module, for the host's compiler
 * puts them where they are called often: there a miss costs no call. Whatever they refuse they leave
 * undone, and the evaluator takes over.
 */
import { URB_SHIFT, URC_SHIFT } from "./mmucr.ts";
import * as S from "./state.ts";
import { type Label, MEMORY, OP, TYPE, WasmCode } from "./wasm_code.ts";
import type { ModuleFunction, Signature } from "./wasm_module.ts";

const { i32_load, i32_load8_u, i32_store, i32_store8, i64_load, i64_store } = MEMORY;
const { i32, i64 } = TYPE;

/** The bits of an address that name its page. */
export const PAGE = 0xfffff000 | 0;

/** A word of the state, on the stack. */
export const word = (code: WasmCode, place: number) => code.loadAt(i32_load, place);

/** Stores what `value` leaves on the stack to a word of the state. */
export const put = (code: WasmCode, place: number, value: () => unknown) =>
  code.storeAt(i32_store, place, () => void value());

/** Locals of what loads an entry. */
export interface Loading {
  /** Where the page's pair of words lies, from the first one on. */
  readonly pair: number;
  /** The entry, and the pair of words its page gets: 64 bits each. */
  readonly entry: number;
  readonly words: number;
  /** Where the kept entry lies, from the first one on. */
  readonly kept: number;
  readonly mmucr: number;
  readonly urc: number;
}

export function loading(code: WasmCode): Loading {
  const word = () => code.local(i32);
  const [entry, words] = [code.local(i64), code.local(i64)];
  return { entry, words, pair: word(), kept: word(), mmucr: word(), urc: word() };
}

/** Where the pair of words of an address's page lies; on the stack, and noted. */
export function pushPair(code: WasmCode, address: number, { pair }: Loading): void {
  code.get(address).int(9).op(OP.i32_shr_u).int(0x7ffff8).op(OP.i32_and).tee(pair);
}

/** The upper word of 64 bits, on the stack. */
export function pushUpper(code: WasmCode, local: number): void {
  code.get(local).long(32n).op(OP.i64_shr_u).op(OP.i32_wrap_i64);
}

/** Looks for a kept translation of the page of `address`, or refuses. */
export function findKept(code: WasmCode, address: number, at: Loading, refuse: Label): void {
  code.get(at.pair).int((S.KEPT_ENTRIES - 1) << 3).op(OP.i32_and).tee(at.kept);
  code.memory(i64_load, S.KEPT).tee(at.entry).op(OP.i32_wrap_i64);
  code.get(address).int(PAGE).op(OP.i32_and);
  code.loadAt(i32_load8_u, S.PTEH).op(OP.i32_or).op(OP.i32_ne).brIf(refuse);
  code.get(at.kept).memory(i64_load, S.KEPT_WORDS).set(at.words);
}

/** Loads an entry at URC, as Mmu.load does, if there are cycles to spare and URB has no part. */
export function loadEntry(code: WasmCode, at: Loading, spare: number, refuse: Label): void {
  const { pair, entry, words, mmucr, urc } = at;
  word(code, S.RELOAD_CYCLES).get(spare).op(OP.i32_gt_s).brIf(refuse);
  word(code, S.MMUCR).tee(mmucr).int(63 << URB_SHIFT).op(OP.i32_and).brIf(refuse);
  put(code, S.RELOADS, () => word(code, S.RELOADS).int(1).op(OP.i32_add));
  code.get(mmucr).int(URC_SHIFT).op(OP.i32_shr_u).int(63).op(OP.i32_and).set(urc);
  const pushPlace = (shift: number) => code.get(urc).int(shift).op(OP.i32_shl);
  // The words of the entry that is there go.
  pushPlace(2).memory(i32_load, S.OWNED).long(0n).memory(i64_store, S.READ_PAGES);
  pushPlace(2).get(pair).memory(i32_store, S.OWNED);
  pushPlace(3).get(entry).memory(i64_store, S.UTLB);
  code.get(pair).get(words).memory(i64_store, S.READ_PAGES);
  code.get(pair).int(3).op(OP.i32_shr_u).get(urc).memory(i32_store8, S.PAGE_OWNERS);
  put(code, S.MMUCR, () => {
    const urcBits = 63 << URC_SHIFT;
    code.get(mmucr).int(~urcBits).op(OP.i32_and);
    code.get(mmucr).int(1 << URC_SHIFT).op(OP.i32_add).int(urcBits).op(OP.i32_and).op(OP.i32_or);
  });
}

/** An access that the soft TLB had no word for: what Mmu.reload does. */
function missCode(write: boolean): WasmCode {
  const code = new WasmCode(3);
  const ADDRESS = 0, MASK = 1, SPARE = 2;
  const at = loading(code), result = code.local(i32);
  const setResult = () => {
    if (write) pushUpper(code, at.words);
    else code.get(at.words).op(OP.i32_wrap_i64);
    code.set(result);
  };
  const refuse = code.block();
  code.get(ADDRESS).get(MASK).op(OP.i32_and).brIf(refuse);
  pushPair(code, ADDRESS, at);
  code.memory(i64_load, S.READ_PAGES).tee(at.words).long(0n).op(OP.i64_ne).if();
  setResult(); // it is there: the caller was just not sure
  code.get(result).int(0).op(OP.return).end();
  findKept(code, ADDRESS, at, refuse);
  setResult();
  if (write) code.get(result).op(OP.i32_eqz).brIf(refuse);
  loadEntry(code, at, SPARE, refuse);
  code.get(result);
  word(code, S.RELOAD_CYCLES).op(OP.return).end();
  return code.int(0).int(0);
}

/**
 * (address, size - 1, cycles to spare) -> word of the soft TLB, or 0 for the evaluator; cycles
 * spent.
 */
const REFILL: Signature = { parameters: [i32, i32, i32], results: [i32, i32] };

/** The refills for loads and for stores, the same in every region. */
export const REFILLS: readonly ModuleFunction[] = [
  { name: "read", signature: REFILL, code: missCode(false) },
  { name: "write", signature: REFILL, code: missCode(true) },
];
