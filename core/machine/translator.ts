/**
 * The translator of one machine: what is executed often enough becomes WebAssembly, the rest is
 * evaluated. It sees blocks begin, finds or makes their translations, and lets them run from one to
 * the next until the evaluator is wanted. Which engine ran is never to be seen in the state.
 */
import { SETTLE } from "./emitter_float.ts";
import type { Evaluator } from "./evaluator.ts";
import type { Mmu } from "./mmu.ts";
import { findRegion } from "./region.ts";
import { regionCode } from "./region_code.ts";
import { FPSCR_MODE, jumpPlace, type ShortWays, shortWays, SR_MODE } from "./short_ways.ts";
import * as S from "./state.ts";
import { ReadingNotes, type Translation, Translations } from "./translations.ts";
import type { Verifier } from "./verifier.ts";

/** A block is translated when it has begun so many times. */
const HOT = 100;
/** Each time a frame's code is written, its blocks must be twice as hot; at most so many times. */
const MOST_PATIENCE = 7;
/** Regions one machine has at once; beyond them all are forgotten. */
const MOST_REGIONS = 8192;
const HEAT_ENTRIES = 4096;

/** What was translated, in numbers. */
export interface TranslatorCounts {
  /** Regions compiled. */
  translations: number;
  /** Regions found compiled, by another machine or before. */
  shared: number;
  /** Bytes of WebAssembly compiled. */
  bytes: number;
  /** Host time spent on finding, writing and compiling, in ms; 0 without a clock. */
  milliseconds: number;
  /** Regions dropped because their code was written over. */
  invalidations: number;
  /** Times translated code was entered by the evaluator. */
  entries: number;
  /** Instructions retired by translated code. */
  instructions: number;
}

/** What a translator works on. */
export interface TranslatorOptions {
  readonly memory: WebAssembly.Memory;
  readonly mmu: Mmu;
  readonly cpu: Evaluator;
  /** How often a block begins before it is translated. */
  readonly hot?: number | undefined;
  /** Compares every region with the evaluator, one by one. */
  readonly verifier?: Verifier | undefined;
}

/** A translation on one machine. */
interface Installed {
  readonly translation: Translation;
  readonly key: string;
  readonly slot: number;
  readonly base: number;
  readonly frames: readonly number[];
}

/** The machines of a thread share what they have compiled; what tells of its stores is apart. */
const SHARED = { plain: new Translations(), noting: new Translations() };

const keyOf = (pc: number, mode: number, base: number): string => `${pc}:${mode}:${base}`;

/** One machine's translated code. */
export class Translator {
  readonly counts: TranslatorCounts = {
    translations: 0,
    shared: 0,
    bytes: 0,
    milliseconds: 0,
    invalidations: 0,
    entries: 0,
    instructions: 0,
  };
  /** A host's clock in ms, for the counts alone. */
  clock: () => number = () => 0;
  private readonly i32: Int32Array;
  private readonly u16: Uint16Array;
  private readonly heat = new Uint16Array(HEAT_ENTRIES);
  private readonly table = new WebAssembly.Table({ initial: 64, element: "anyfunc" });
  private readonly installed = new Map<string, Installed>();
  private readonly byFrame = new Map<number, Set<Installed>>();
  private readonly written = new Map<number, number>();
  private readonly refused = new Set<string>();
  private readonly freeSlots: number[] = [];
  private readonly bySlot: (Installed | undefined)[] = [];
  private slots = 0;
  private readonly hot: number;
  private readonly memoryPages: number;
  private ways: ShortWays | undefined;

  private readonly shared: Translations;

  constructor(private readonly options: TranslatorOptions) {
    const { memory, mmu, hot = HOT, verifier } = options;
    this.hot = hot;
    this.memoryPages = memory.buffer.byteLength >>> 16;
    this.i32 = new Int32Array(memory.buffer);
    this.u16 = new Uint16Array(memory.buffer);
    this.shared = verifier === undefined ? SHARED.plain : SHARED.noting;
    mmu.soft.onCodeWritten = (frame) => this.codeWritten(frame);
  }

  /**
   * A block begins at pc, whose page is the one fetched from. Runs what is translated of it and of
   * what follows; pc then tells where the evaluator goes on. False: nothing was run.
   */
  visit(pc: number): boolean {
    const { i32 } = this;
    let at = pc, ran = false;
    for (;;) {
      const place = (S.JUMPS + jumpPlace(at)) >> 2;
      const isReady = i32[place] === at && i32[place + 1] === this.mode() &&
        i32[place + 3] === i32[S.FETCH_BASE >> 2];
      if (!isReady && !this.prepare(at)) break;
      if ((i32[S.BUDGET >> 2] as number) < (i32[place + 4] as number)) break;
      const before = this.cyclesLeft();
      this.counts.entries++;
      i32[S.DEPTH >> 2] = 0;
      const next = this.enter(at, i32[place + 2] as number);
      this.counts.instructions += before - this.cyclesLeft();
      ran = true;
      at = next & ~1;
      if ((next & 1) !== 0) break;
    }
    i32[S.PC >> 2] = at;
    return ran;
  }

  /** The budget, as far as only instructions take from it. */
  private cyclesLeft(): number {
    const { i32 } = this;
    return (i32[S.BUDGET >> 2] as number) +
      (i32[S.RELOADS >> 2] as number) * (i32[S.RELOAD_CYCLES >> 2] as number);
  }

  private enter(pc: number, slot: number): number {
    const { verifier } = this.options;
    if (verifier === undefined) return (this.ways as ShortWays).enter(pc, 0);
    const { translation } = this.bySlot[slot] as Installed;
    return verifier.run(translation, this.table.get(slot) as () => number);
  }

  private mode(): number {
    return ((this.i32[S.FPSCR >> 2] as number) & FPSCR_MODE) |
      ((this.i32[S.SR >> 2] as number) & SR_MODE);
  }

  /** Whether there is, now, a translation to enter at pc. */
  private prepare(pc: number): boolean {
    const mode = this.mode(), base = this.i32[S.FETCH_BASE >> 2] as number;
    if (this.i32[S.FETCH_TAG >> 2] !== (pc & ~0xfff)) return false; // not to be remembered
    const key = keyOf(pc, mode, base);
    const known = this.installed.get(key);
    if (known !== undefined) {
      this.enlist(known);
      return true;
    }
    const heat = ((pc >>> 1) ^ (pc >>> 13)) & (HEAT_ENTRIES - 1);
    const beginnings = this.heat[heat] = (this.heat[heat] as number) + 1;
    if (beginnings < this.hot) return false;
    const patience = this.written.get(this.frameOf(pc, base)) ?? 0;
    if (beginnings < this.hot << patience) return false;
    this.heat[heat] = 0;
    if (this.refused.has(key)) return false;
    const start = this.clock();
    const found = this.install(pc, mode, base, key);
    this.counts.milliseconds += this.clock() - start;
    if (!found) this.refused.add(key);
    return found;
  }

  private frameOf(pc: number, base: number): number {
    return (((base + pc) | 0) - S.RAM) >> 12;
  }

  private install(pc: number, mode: number, base: number, key: string): boolean {
    const bases = new Map([[pc >>> 12, base]]);
    const baseOf = (page: number): number | undefined => {
      if (!bases.has(page)) {
        const found = this.options.mmu.peek(page << 12);
        if (found === undefined) return undefined;
        bases.set(page, found);
      }
      return bases.get(page);
    };
    const read = (address: number): number | undefined => {
      const from = baseOf(address >>> 12);
      return from === undefined ? undefined : this.u16[((from + address) | 0) >> 1];
    };
    const translation = this.shared.find(pc, mode, this.memoryPages, read) ??
      this.translate(pc, mode, read);
    if (translation === undefined) return false;
    if (this.installed.size >= MOST_REGIONS) this.forgetAll();
    const places = translation.pages.map((page) => baseOf(page) as number);
    const frames = translation.pages.map((page, n) =>
      this.frameOf(page << 12, places[n] as number)
    );
    const slot = this.instantiate(translation, places);
    const installed: Installed = { translation, key, slot, base, frames };
    this.installed.set(key, installed);
    this.bySlot[slot] = installed;
    for (const frame of frames) {
      const others = this.byFrame.get(frame);
      if (others === undefined) this.byFrame.set(frame, new Set([installed]));
      else others.add(installed);
      this.options.mmu.soft.guardCode(frame);
    }
    this.enlist(installed);
    return true;
  }

  private translate(
    pc: number,
    mode: number,
    source: (address: number) => number | undefined,
  ): Translation | undefined {
    const notes = new ReadingNotes(source);
    const region = findRegion(pc, mode, notes.read);
    if (region === undefined) return undefined;
    const { bytes, need } = regionCode(region, {
      literal: notes.literalIn(region),
      notesStores: this.options.verifier !== undefined,
      memoryPages: this.memoryPages,
    });
    const translation: Translation = {
      pc,
      mode,
      memoryPages: this.memoryPages,
      pages: region.pages,
      need,
      module: new WebAssembly.Module(bytes),
      bytes,
      addresses: notes.addresses,
      words: notes.words,
    };
    this.counts.translations++;
    this.counts.bytes += bytes.length;
    this.shared.add(translation);
    return translation;
  }

  private instantiate(translation: Translation, places: readonly number[]): number {
    const { memory, cpu: { fpu }, verifier } = this.options;
    this.ways ??= shortWays(memory, this.table);
    const e: Record<string, WebAssembly.ImportValue> = {
      ...this.ways,
      memory,
      settle: (kind: number, a: number, b: number) => SETTLE[kind]?.(fpu, a, b),
      fpscr: (value: number) => this.options.cpu.setFpscr(value),
    };
    if (verifier !== undefined) {
      e["enter"] = (pc: number) => pc;
      e["store"] = verifier.store;
    }
    places.forEach((place, n) => e[`page${n}`] = place);
    const { run } = new WebAssembly.Instance(translation.module, { e }).exports;
    const slot = this.freeSlots.pop() ?? this.slots++;
    if (slot >= this.table.length) this.table.grow(this.table.length);
    this.table.set(slot, run as () => number);
    return slot;
  }

  /** Lets translated code find it; another one with the same hash is pushed out. */
  private enlist({ translation, slot, base }: Installed): void {
    const place = (S.JUMPS + jumpPlace(translation.pc)) >> 2;
    this.i32[place] = translation.pc;
    this.i32[place + 1] = translation.mode;
    this.i32[place + 2] = slot;
    this.i32[place + 3] = base;
    this.i32[place + 4] = translation.need;
  }

  private strike({ translation, slot }: Installed): void {
    const place = (S.JUMPS + jumpPlace(translation.pc)) >> 2;
    if (this.i32[place + 2] === slot) this.i32[place] = 1; // no instruction begins there
  }

  /** A frame changes: what was made of it is not true any more. */
  private codeWritten(frame: number): void {
    this.options.mmu.soft.releaseCode(frame);
    const gone = this.byFrame.get(frame) ?? new Set();
    this.written.set(frame, Math.min((this.written.get(frame) ?? 0) + 1, MOST_PATIENCE));
    this.refused.clear();
    for (const installed of gone) {
      this.drop(installed);
      this.counts.invalidations++;
    }
  }

  private drop(installed: Installed): void {
    this.strike(installed);
    this.installed.delete(installed.key);
    this.table.set(installed.slot, null);
    this.freeSlots.push(installed.slot);
    for (const frame of installed.frames) {
      const others = this.byFrame.get(frame);
      others?.delete(installed);
      if (others?.size === 0) this.byFrame.delete(frame);
    }
  }

  /** So that a program of any size stays within bounds. */
  private forgetAll(): void {
    for (const installed of [...this.installed.values()]) this.drop(installed);
  }
}
