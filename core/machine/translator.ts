/**
 * The translator of one machine: what is executed often enough becomes WebAssembly, the rest is
 * evaluated. It sees blocks begin, finds or makes their translations, and lets them run from one to
 * the next until the evaluator is wanted. Which engine ran is never to be seen in the state.
 */
import { SETTLE } from "./float_status.ts";
import type { Evaluator } from "./evaluator.ts";
import type { Mmu } from "./mmu.ts";
import { findRegion } from "./region.ts";
import { ReadingNotes } from "./reading_notes.ts";
import { regionCode } from "./region_code.ts";
import { FPSCR_MODE, jumpPlace, type ShortWays, shortWays, SR_MODE } from "./short_ways.ts";
import * as S from "./state.ts";
import { SHARED_TRANSLATIONS, type Translation, Translations } from "./translations.ts";
import type { Verifier } from "./verifier.ts";

/** A block is translated when it has begun so many times. */
const HOT = 150;
/** Where translated code leaves a region, it is where to go on, but seldom where to begin. */
const LATE = 0.5;
/** A region is translated anew so many times, each time only after twice as many misses. */
const MOST_GROWTHS = 5;
/** Each time a frame's code is written, its blocks must be twice as hot; at most so many times. */
const MOST_REWRITES = 7;
/** Regions one machine has at once; beyond them all are forgotten. */
const MOST_REGIONS = 8192;
const HEAT_ENTRIES = 4096;
/** The most a block is asked for: counts are of 16 bits. */
const MOST_HEAT = 60_000;
/** Addresses that can be told apart as executed. */
export const SEEN_ENTRIES = 32768;

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
  /** Where branches have led, by a few bits of the addresses. */
  readonly seen: Uint8Array;
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
  /** How often it was left for code it could have had in it. */
  missed: number;
}

/** What tells of its stores is apart from what the machines of a thread share else. */
const NOTING = new Translations();

/** The entries of the table of jumps that a region may have, as indices of words. */
function placesOf(pc: number): readonly [number, number] {
  const first = (S.JUMPS + jumpPlace(pc)) >> 2;
  return [first, first ^ (S.JUMP_BYTES >> 2)];
}

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
  /** Another block begins where the last visit ended: without the short ways, it is another visit. */
  again = false;
  private readonly i32: Int32Array;
  private readonly u16: Uint16Array;
  private readonly heat = new Uint16Array(HEAT_ENTRIES);
  private readonly table = new WebAssembly.Table({ initial: 64, element: "anyfunc" });
  private readonly installed = new Map<string, Installed>();
  private readonly byFrame = new Map<number, Set<Installed>>();
  private readonly written = new Map<number, number>();
  /** How often a region was translated anew to have more in it. */
  private readonly growths = new Map<string, number>();
  private readonly refused = new Set<string>();
  private readonly freeSlots: number[] = [];
  private readonly bySlot: (Installed | undefined)[] = [];
  private slots = 0;
  private readonly hot: number;
  /** Nobody has said how hot is hot: then a program may also be too short to translate any of it. */
  private readonly isPatient: boolean;
  private readonly memoryPages: number;
  private ways: ShortWays | undefined;

  private readonly shared: Translations;

  constructor(private readonly options: TranslatorOptions) {
    const { memory, mmu, hot = HOT, verifier } = options;
    this.hot = hot;
    this.isPatient = options.hot === undefined && verifier === undefined;
    this.memoryPages = memory.buffer.byteLength >>> 16;
    this.i32 = new Int32Array(memory.buffer);
    this.u16 = new Uint16Array(memory.buffer);
    this.shared = verifier === undefined ? SHARED_TRANSLATIONS : NOTING;
    mmu.soft.onCodeWritten = (frame) => this.codeWritten(frame);
  }

  /** Everything that is run is translated at once. */
  get isEager(): boolean {
    return this.hot <= 1;
  }

  /**
   * A block begins at pc, whose page is the one fetched from. Runs what is translated of it and of
   * what follows; pc then tells where the evaluator goes on. False: nothing was run. `counts`: the
   * program has come here by a branch, and often enough it is worth a translation.
   */
  visit(pc: number, counts: boolean): boolean {
    if (this.isPatient && this.shared.waits()) return false;
    const { i32 } = this;
    let at = pc, ran = false;
    for (;;) {
      this.options.seen[(at >>> 1) & (SEEN_ENTRIES - 1)] = 1;
      let place = this.placeOf(at);
      if (place < 0) {
        if (!ran && !counts) break;
        if (!(ran ? this.goOn(at) : this.prepare(at, this.hot))) break;
        place = this.placeOf(at);
      }
      if ((i32[S.BUDGET >> 2] as number) < (i32[place + 4] as number)) break;
      const before = this.cyclesLeft();
      this.counts.entries++;
      i32[S.DEPTH >> 2] = 0;
      i32[S.LEFT >> 2] = 0;
      const next = this.enter(at, i32[place + 3] as number);
      this.counts.instructions += before - this.cyclesLeft();
      ran = true;
      at = next & ~1;
      this.again = (next & 1) === 0 && this.options.verifier !== undefined;
      if ((next & 1) !== 0 || this.again) break;
    }
    i32[S.PC >> 2] = at;
    // FPSCR may have been written.
    if (ran) this.options.cpu.onModeChange();
    return ran;
  }

  /** The entry of the table of jumps that leads to what can be entered at pc, or -1. */
  private placeOf(pc: number): number {
    const { i32 } = this;
    const mode = this.mode(), base = i32[S.FETCH_BASE >> 2];
    for (const place of placesOf(pc)) {
      const isHere = i32[place] === pc && i32[place + 1] === mode && i32[place + 2] === base;
      if (isHere) return place;
    }
    return -1;
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

  private isSeen(pc: number): boolean {
    return this.options.seen[(pc >>> 1) & (SEEN_ENTRIES - 1)] !== 0;
  }

  /** Whether some region begins at pc, in this address space or another. */
  private begins(pc: number, mode: number): boolean {
    const { i32 } = this;
    return placesOf(pc).some((place) => i32[place] === pc && i32[place + 1] === mode);
  }

  private mode(): number {
    return ((this.i32[S.FPSCR >> 2] as number) & FPSCR_MODE) |
      ((this.i32[S.SR >> 2] as number) & SR_MODE);
  }

  /** Whether there is, now, a translation to enter at pc. */
  private prepare(pc: number, hot: number): boolean {
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
    if (beginnings < hot) return false;
    const rewritten = this.written.get(this.frameOf(pc, base)) ?? 0;
    if (beginnings < Math.min(hot << rewritten, MOST_HEAT)) return false;
    this.heat[heat] = 0;
    if (this.refused.has(key)) return false;
    const found = this.timed(() => this.install(pc, mode, base, key));
    if (!found) this.refused.add(key);
    return found;
  }

  /**
   * Translated code has come to where there is none. Often that is a block which had not been
   * executed yet when the region it belongs to was translated: then that is done anew, so that there
   * is one region with all of it rather than many with parts of it.
   */
  private goOn(pc: number): boolean {
    const head = this.i32[S.LEFT >> 2] as number;
    const region = head === 0 ? undefined : this.entered(head, pc);
    if (region === undefined || !region.translation.outs.has(pc)) {
      return this.prepare(pc, Math.max(1, this.hot * LATE));
    }
    region.missed++;
    const growths = this.growths.get(region.key) ?? 0;
    if (growths >= MOST_GROWTHS) return this.prepare(pc, Math.max(1, this.hot * LATE));
    if (region.missed < this.hot << growths) return false;
    this.growths.set(region.key, growths + 1);
    this.drop(region);
    const { translation: { mode }, base, key } = region;
    this.timed(() => this.install(head, mode, base, key, true));
    return false;
  }

  private timed<T>(act: () => T): T {
    const start = this.clock();
    const result = act();
    this.counts.milliseconds += this.clock() - start;
    return result;
  }

  private frameOf(pc: number, base: number): number {
    return (((base + pc) | 0) - S.RAM) >> 12;
  }

  private install(pc: number, mode: number, base: number, key: string, anew = false): boolean {
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
    const known = anew ? undefined : this.shared.find(pc, mode, this.memoryPages, read);
    if (known !== undefined) this.counts.shared++;
    const translation = known ?? this.translate(pc, mode, read);
    if (translation === undefined) return false;
    if (this.installed.size >= MOST_REGIONS) this.forgetAll();
    const places = translation.pages.map((page) => baseOf(page) as number);
    const frames = translation.pages.map((page, n) =>
      this.frameOf(page << 12, places[n] as number)
    );
    const slot = this.instantiate(translation, places);
    const installed: Installed = { translation, key, slot, base, frames, missed: 0 };
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
    const region = findRegion(pc, mode, notes.read, {
      isSeen: (at) => this.isSeen(at),
      begins: (at) => this.begins(at, mode),
    });
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
      outs: region.outs,
      module: new WebAssembly.Module(bytes),
      bytes,
      addresses: notes.addresses,
      words: notes.words,
    };
    this.counts.translations++;
    this.counts.bytes += bytes.length;
    this.shared.made(translation);
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
      store: verifier?.store ?? (() => {}),
    };
    if (verifier !== undefined) e["enter"] = (pc: number) => pc;
    places.forEach((place, n) => e[`page${n}`] = place);
    const { run } = new WebAssembly.Instance(translation.module, { e }).exports;
    const slot = this.freeSlots.pop() ?? this.slots++;
    if (slot >= this.table.length) this.table.grow(this.table.length);
    this.table.set(slot, run as () => number);
    return slot;
  }

  /** The region that begins at `head` and was just left for `pc`. */
  private entered(head: number, pc: number): Installed | undefined {
    const base = head >>> 12 === pc >>> 12
      ? this.i32[S.FETCH_BASE >> 2]
      : this.options.mmu.peek(head);
    return base === undefined ? undefined : this.installed.get(keyOf(head, this.mode(), base));
  }

  /** Lets translated code find it. Of two with the same place before it, the older one has to go. */
  private enlist({ translation, slot, base }: Installed): void {
    const { i32 } = this;
    const [first, second] = placesOf(translation.pc);
    const isSame = i32[first] === translation.pc && i32[first + 1] === translation.mode;
    if (!isSame) i32.copyWithin(second, first, first + 5);
    i32[first] = translation.pc;
    i32[first + 1] = translation.mode;
    i32[first + 2] = base;
    i32[first + 3] = slot;
    i32[first + 4] = translation.need;
  }

  private strike({ translation, slot }: Installed): void {
    for (const place of placesOf(translation.pc)) {
      const isThis = this.i32[place] === translation.pc && this.i32[place + 3] === slot;
      if (isThis) this.i32[place] = 1; // no instruction begins there
    }
  }

  /** A frame changes: what was made of it is not true any more. */
  private codeWritten(frame: number): void {
    this.options.mmu.soft.releaseCode(frame);
    const gone = this.byFrame.get(frame) ?? new Set();
    this.written.set(frame, Math.min((this.written.get(frame) ?? 0) + 1, MOST_REWRITES));
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
      if (others?.size !== 0) continue;
      this.byFrame.delete(frame);
      this.options.mmu.soft.releaseCode(frame);
    }
  }

  /** So that a program of any size stays within bounds. */
  private forgetAll(): void {
    for (const installed of [...this.installed.values()]) this.drop(installed);
    this.growths.clear();
    this.refused.clear();
  }
}
