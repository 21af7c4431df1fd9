/**
 * Both engines in lock-step: a region is run translated, everything it did is undone, the evaluator
 * runs the same cycles, and the two states must be the same bit for bit: registers, both TLBs, every
 * store in its order. The evaluator's outcome stands. It is slow, and it is how a mistake of the
 * translator is found: at the first region that differs, with all there is to know about it.
 */
import { sameBytes } from "../base/bytes.ts";
import { decode } from "../isa/decode.ts";
import { disassemble } from "../isa/text.ts";
import { Evaluator } from "./evaluator.ts";
import type { Mmu } from "./mmu.ts";
import * as S from "./state.ts";
import type { Translation } from "./translations.ts";

/** One store: where the program sees it, how many bytes. */
interface Store {
  readonly address: number;
  readonly size: number;
}

interface Undo extends Store {
  readonly host: number;
  readonly before: Uint8Array;
}

/** Words that may differ: accounts the comparison itself moves. */
const IGNORED: ReadonlySet<number> = new Set([S.BUDGET, S.PC, ...S.ENGINE_OWN]);

/** The engines do not agree: a mistake of the translator, or of the evaluator. */
export class EngineDifference extends Error {
  override readonly name = "EngineDifference";
  constructor(
    /** What differs, a line each: the name, translated, evaluated. */
    readonly differences: readonly string[],
    /** Where the region begins. */
    readonly pc: number,
    /** The region in assembly. */
    readonly disassembly: string,
    /** The module it was translated to. */
    readonly wasm: Uint8Array,
  ) {
    super(
      `translated and evaluated code differ from pc ${hex(pc)} on:\n` +
        `${differences.map((line) => `  ${line}\n`).join("")}the region:\n${disassembly}`,
    );
  }
}

const hex = (word: number): string => `0x${(word >>> 0).toString(16).padStart(8, "0")}`;

/** Names of places in the state, for a report. */
function nameOf(place: number): string {
  const from = (start: number, name: string, count: number, index = (n: number) => n) => {
    const n = (place - start) >> 2;
    return place >= start && n < count ? `${name}${index(n)}` : undefined;
  };
  const known: Readonly<Record<number, string>> = {
    [S.T]: "T",
    [S.SR]: "SR",
    [S.FPSCR]: "FPSCR",
    [S.PTEH]: "PTEH",
    [S.PTEL]: "PTEL",
    [S.TEA]: "TEA",
    [S.MMUCR]: "MMUCR",
    [S.EXPEVT]: "EXPEVT",
    [S.FETCH_TAG]: "the page fetched from",
    [S.RELOADS]: "reloads",
  };
  return known[place] ?? from(S.R, "R", 16) ?? from(S.FR, "FR", 16, (n) => n ^ 1) ??
    from(S.XF, "XF", 16, (n) => n ^ 1) ??
    from(S.SPECIALS, "special register ", 10) ?? from(S.FLAGS, "flag ", 3) ??
    from(S.UTLB, "UTLB word ", 128) ?? from(S.ITLB, "ITLB word ", 8) ?? `state word ${place}`;
}

/** An evaluator that tells of its stores. */
export class NotingEvaluator extends Evaluator {
  onStore: (address: number, size: number) => void = () => {};

  override store8(a: number, v: number): void {
    super.store8(a, v);
    this.onStore(a, 1);
  }
  override store16(a: number, v: number): void {
    super.store16(a, v);
    this.onStore(a, 2);
  }
  override store32(a: number, v: number): void {
    super.store32(a, v);
    this.onStore(a, 4);
  }
  override storePair(bank: 0 | 1, n: number, a: number): void {
    super.storePair(bank, n, a);
    this.onStore(a, 8);
  }
}

/** What a verifier needs of the machine around it. */
export interface Verified {
  readonly memory: WebAssembly.Memory;
  readonly mmu: Mmu;
  readonly cpu: NotingEvaluator;
  /** Runs the evaluator alone until the budget is spent; false: something stopped it before. */
  readonly evaluate: () => boolean;
  /** Makes the page of an address the one fetched from; may throw a Fault. */
  readonly fetch: (pc: number) => void;
}

/** Compares the engines, region by region. */
export class Verifier {
  private readonly i32: Int32Array;
  private readonly u8: Uint8Array;
  private undo: Undo[] = [];
  private stores: Store[] = [];
  private notes = false;
  // The state before a region, and as translated code left it: 40 KiB each, written over by the next.
  private readonly before = new Uint8Array(S.STATE_END);
  private readonly after = new Uint8Array(S.STATE_END);
  private readonly translated = new Int32Array(this.after.buffer);
  /** The state as it is now. */
  private readonly state: Uint8Array;

  constructor(private readonly machine: Verified) {
    this.i32 = new Int32Array(machine.memory.buffer);
    this.u8 = new Uint8Array(machine.memory.buffer);
    this.state = this.u8.subarray(0, S.STATE_END);
    machine.cpu.onStore = (address, size) => {
      if (this.notes) this.stores.push({ address, size });
    };
  }

  /** A translated store, before it happens. */
  readonly store = (address: number, host: number, size: number): void => {
    this.undo.push({ address, size, host, before: this.u8.slice(host, host + size) });
  };

  /**
   * Runs a region both ways, for no longer than until the budget is first looked at again. Returns
   * where to go on, as the region does.
   */
  run(translation: Translation, region: () => number): number {
    const { i32, u8, machine, before, translated, state } = this;
    const budget = i32[S.BUDGET >> 2] as number;
    before.set(state);
    this.undo = [];
    i32[S.BUDGET >> 2] = translation.need;
    const next = region();
    const used = translation.need - (i32[S.BUDGET >> 2] as number);
    this.after.set(state);
    const memory = this.undo.map(({ host, size }) => u8.slice(host, host + size));
    for (const { host, before: bytes } of this.undo.toReversed()) u8.set(bytes, host);
    machine.mmu.soft.replaceState(() => u8.set(before));
    machine.cpu.onModeChange(); // it may have written FPSCR
    this.stores = [];
    this.notes = true;
    i32[S.BUDGET >> 2] = used;
    const went = used === 0 || machine.evaluate();
    this.notes = false;
    const differences = went ? [] : ["the evaluator was stopped by an exception or a miss"];
    const left = i32[S.BUDGET >> 2] as number;
    if (left !== 0) differences.push(`cycles: ${used} translated, ${used - left} evaluated`);
    const pc = next & ~1;
    if (i32[S.PC >> 2] !== pc && used > 0) {
      differences.push(`pc: ${hex(pc)} translated, ${hex(i32[S.PC >> 2] as number)} evaluated`);
    }
    const turned = this.turnedTo(translated[S.FETCH_TAG >> 2] as number, next);
    if (turned !== undefined && differences.length === 0) machine.fetch(turned);
    differences.push(...this.stateDifferences(translated), ...this.storeDifferences(memory));
    if (differences.length > 0) {
      const disassembly = assembly(translation);
      throw new EngineDifference(differences, translation.pc, disassembly, translation.bytes);
    }
    i32[S.BUDGET >> 2] = budget - used;
    return next;
  }

  /**
   * Where translated code that left for `next` has turned to already: to the page it goes on in, or
   * to that of a slot on the page after its branch, if it had to give both up to the evaluator.
   */
  private turnedTo(tag: number, next: number): number | undefined {
    if (tag === this.i32[S.FETCH_TAG >> 2]) return undefined;
    const pc = next & ~1, isGivenUp = (next & 1) !== 0;
    const places = isGivenUp ? [pc, pc + 2 | 0] : [pc];
    return places.find((place) => (place & ~0xfff) === tag);
  }

  private stateDifferences(translated: Int32Array): string[] {
    const { i32 } = this;
    const found: string[] = [];
    // Nearly always all words are the same, and most of them are of translations that are kept.
    const isSame = sameBytes(this.after.subarray(S.KEPT), this.state.subarray(S.KEPT));
    const end = (isSame ? S.KEPT : S.STATE_END) >> 2;
    for (let n = 0; n < end; n++) {
      const word = translated[n] as number, evaluated = i32[n] as number;
      if (word === evaluated || IGNORED.has(4 * n)) continue;
      found.push(`${nameOf(4 * n)}: ${hex(word)} translated, ${hex(evaluated)} evaluated`);
    }
    return found;
  }

  private storeDifferences(memory: readonly Uint8Array[]): string[] {
    const show = (store: Store | undefined) =>
      store === undefined ? "none" : `${store.size} bytes at ${hex(store.address)}`;
    const most = Math.max(this.undo.length, this.stores.length);
    for (let n = 0; n < most; n++) {
      const here = this.undo[n], there = this.stores[n];
      if (here?.address !== there?.address || here?.size !== there?.size) {
        return [`store ${n}: ${show(here)} translated, ${show(there)} evaluated`];
      }
    }
    return this.undo.flatMap(({ host, address, size }, n) => {
      const now = this.u8.subarray(host, host + size), then = memory[n] as Uint8Array;
      return sameBytes(now, then)
        ? []
        : [`memory at ${hex(address)}: ${then} translated, ${now} evaluated`];
    });
  }
}

/** The words a translation was made of, as assembly. */
function assembly({ addresses, words, mode }: Translation): string {
  const flags = {
    PR: (mode & S.FPSCR_PR) !== 0 ? 1 : 0,
    SZ: (mode & S.FPSCR_SZ) !== 0 ? 1 : 0,
  } as const;
  const lines = [...addresses].map((address, n) => ({ address, word: words[n] as number }))
    .sort((a, b) => a.address - b.address)
    .map(({ address, word }) => {
      const text = decode(word, flags) === undefined ? "?" : disassemble(word, address, flags);
      return `  ${hex(address)}  ${word.toString(16).padStart(4, "0")}  ${text}\n`;
    });
  return lines.join("");
}
