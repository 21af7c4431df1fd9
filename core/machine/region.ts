/**
 * A region: the blocks of code that are reached from one address without leaving for an address
 * nobody knows, found by walking over memory. It is what becomes one translated function.
 */
import { SPECIAL } from "../isa/cpu.ts";
import { decode, type Instruction } from "../isa/decode.ts";
import { placeOfDr, type Touched } from "./registers.ts";
import { Surveyor } from "./survey.ts";
import * as S from "./state.ts";
import { TYPE } from "./wasm_code.ts";

/** One step: an instruction, or a delayed branch with its slot. */
export interface RegionStep {
  readonly pc: number;
  readonly instruction: Instruction;
  readonly slot: Instruction | undefined;
}

/** How a block ends. Addresses that are no block of the region leave it. */
export type BlockEnd =
  /** The next instruction is another block's. */
  | { readonly kind: "goto"; readonly to: number }
  | { readonly kind: "choice"; readonly yes: number; readonly no: number }
  /** Control comes back to `back`. */
  | { readonly kind: "call"; readonly back: number }
  | { readonly kind: "jump" }
  /** The last instruction writes FPSCR. */
  | { readonly kind: "mode"; readonly to: number }
  /** The evaluator must do what stands at `pc`. */
  | { readonly kind: "leave"; readonly pc: number };

/** Steps one after the other, entered at the first and left at the last. */
export interface Block {
  readonly pc: number;
  readonly steps: readonly RegionStep[];
  readonly end: BlockEnd;
  /** Where its last word lies: from that page control comes to the next block. */
  readonly last: number;
  /** Cycles its steps take. */
  readonly cycles: number;
  /** Places in the state that it reads before it writes them, and that it writes. */
  readonly needs: ReadonlySet<number>;
  readonly written: ReadonlySet<number>;
}

/** Blocks by their addresses; the first one is where it is entered. */
export interface Region {
  readonly pc: number;
  readonly mode: number;
  readonly blocks: ReadonlyMap<number, Block>;
  /** Pages (of 4 KiB) its instructions lie in. */
  readonly pages: readonly number[];
  /** Even floating-point registers it takes as doubles. */
  readonly pairs: ReadonlySet<number>;
  /** Places in the state that are read or written, and what lies there. */
  readonly touched: Touched;
  /** Addresses outside that its blocks lead to and that could be blocks of it. */
  readonly outs: ReadonlySet<number>;
  /** Whether there is floating-point arithmetic in it. */
  readonly hasArithmetic: boolean;
}

/** The word at an address, or nothing where the region must not reach. */
export type ReadCode = (address: number) => number | undefined;

/** What is known of addresses, for the extent of a region. */
export interface Known {
  /** Whether a block was executed: what never was is left out. */
  readonly isSeen: (pc: number) => boolean;
  /** Whether another region begins there. */
  readonly begins: (pc: number) => boolean;
}

/** Nothing is known: a region takes in all it can. */
const ALL_ALIKE: Known = { isSeen: () => true, begins: () => false };

/** Beyond so many steps a region ends where another begins, so that little is translated twice. */
const OWN_STEPS = 20;
/** Beyond these a region is cut, and goes on in another. */
const MOST_STEPS = 100;
const MOST_PAGES = 4;

interface Found {
  readonly step: RegionStep;
  readonly end: BlockEnd | undefined;
  readonly read: ReadonlySet<number>;
  readonly written: ReadonlySet<number>;
}

const sizeOf = ({ slot }: RegionStep): number => slot === undefined ? 2 : 4;
/** The number of the page of an address. */
export const pageOf = (address: number): number => address >>> 12;

/** Walks over code and notes what it finds. */
class Explorer {
  readonly found = new Map<number, Found>();
  readonly starts = new Set<number>();
  readonly pages = new Set<number>();
  readonly outs = new Set<number>();
  readonly surveyor = new Surveyor();
  private readonly queue: number[] = [];

  constructor(
    private readonly read: ReadCode,
    private readonly known: Known,
    private readonly mode: number,
  ) {}

  explore(pc: number): void {
    this.starts.add(pc);
    this.queue.push(pc);
    for (let at = this.queue.shift(); at !== undefined; at = this.queue.shift()) this.walk(at);
  }

  private begin(pc: number): void {
    if (this.starts.has(pc)) return;
    if (!this.known.isSeen(pc)) return void this.outs.add(pc);
    if (this.found.size > OWN_STEPS && this.known.begins(pc)) return;
    this.starts.add(pc);
    this.queue.push(pc);
  }

  private walk(start: number): void {
    if (this.found.size >= MOST_STEPS) return; // but a block is not cut in two
    for (let pc = start; !this.found.has(pc);) {
      const page = pageOf(pc);
      if (!this.pages.has(page) && this.pages.size >= MOST_PAGES) return;
      const found = this.look(pc);
      if (found === undefined) return;
      this.pages.add(page);
      this.found.set(pc, found);
      const { end } = found;
      if (end !== undefined) return this.follow(end);
      pc = (pc + 2) | 0;
      if (pageOf(pc) !== page) {
        this.starts.add(pc);
        this.queue.push(pc);
        return;
      }
    }
  }

  private follow(end: BlockEnd): void {
    switch (end.kind) {
      case "goto":
        return this.begin(end.to);
      case "choice":
        this.begin(end.no);
        return this.begin(end.yes);
      case "call":
        return this.begin(end.back);
      case "jump":
      case "mode":
      case "leave":
    }
  }

  private look(pc: number): Found | undefined {
    const read = this.surveyor.read = new Set<number>();
    const written = this.surveyor.written = new Set<number>();
    const found = this.understand(pc);
    if (found === undefined) return undefined;
    // A call may be given up after it has written PR, which must then be what it was.
    if (found.end?.kind === "call") read.add(S.SPECIALS + 4 * SPECIAL.pr);
    return { ...found, read, written };
  }

  /** What stands at an address; nothing where code cannot be read. */
  private understand(pc: number): Omit<Found, "read" | "written"> | undefined {
    const instruction = this.decode(pc);
    if (instruction === undefined) return undefined;
    const leave: Omit<Found, "read" | "written"> = {
      step: { pc, instruction: instruction || NOTHING, slot: undefined },
      end: { kind: "leave", pc },
    };
    if (instruction === false) return leave;
    const { next, calls, refused, setsFpscr } = this.surveyor.look(
      instruction.op,
      instruction.fields,
    );
    if (refused) return leave;
    if (!instruction.delayed) {
      const step = { pc, instruction, slot: undefined };
      if (setsFpscr) return { step, end: { kind: "mode", to: (pc + 2) | 0 } };
      if (next === undefined) return { step, end: undefined };
      return next.kind === "choice" ? { step, end: next } : leave;
    }
    const slotPc = (pc + 2) | 0;
    const slot = this.decode(slotPc);
    if (slot === undefined || slot === false || slot.notInSlot || slot.ends) return leave;
    if (this.surveyor.look(slot.op, slot.fields).refused) return leave;
    const step = { pc, instruction, slot };
    if (next === undefined) return leave;
    this.pages.add(pageOf(slotPc));
    const to = next.kind === "number" ? next.number : undefined;
    if (calls) return { step, end: { kind: "call", back: (pc + 4) | 0 } };
    if (next.kind === "choice") return { step, end: next };
    return { step, end: to === undefined ? { kind: "jump" } : { kind: "goto", to } };
  }

  /** False: an instruction that is an exception here, or the system's. */
  private decode(pc: number): Instruction | false | undefined {
    const word = this.read(pc);
    if (word === undefined) return undefined;
    const { mode } = this;
    const instruction = decode(word, {
      PR: (mode & S.FPSCR_PR) !== 0 ? 1 : 0,
      SZ: (mode & S.FPSCR_SZ) !== 0 ? 1 : 0,
    });
    if (instruction === undefined) return false;
    if (instruction.privileged && (mode & S.SR_MD) === 0) return false;
    if (instruction.fpu && (mode & S.SR_FD) !== 0) return false;
    instruction.fields.pc = pc;
    return instruction;
  }

  /** What a step reads must be there, unless the block has written it before. */
  private account(step: Found, needs: Set<number>, written: Set<number>): void {
    const { pairs } = this.surveyor;
    for (const each of step.read) {
      const place = placeOf(each, pairs);
      if (!written.has(place)) needs.add(place);
    }
    for (const each of step.written) {
      const place = placeOf(each, pairs);
      // Who writes half of a double keeps the other half.
      if (isDouble(each, pairs) && !written.has(place)) needs.add(place);
      written.add(place);
    }
  }

  /** The block that begins at an address. */
  block(pc: number): Block | undefined {
    const steps: RegionStep[] = [];
    const written = new Set<number>(), needs = new Set<number>();
    let at = pc, last = pc, cycles = 0;
    for (;;) {
      const found = this.found.get(at);
      const isCut = steps.length > 0 && (found === undefined || this.starts.has(at));
      if (isCut) return { pc, steps, end: { kind: "goto", to: at }, last, cycles, needs, written };
      if (found === undefined) return undefined;
      const { step, end } = found;
      if (end?.kind === "leave") return { pc, steps, end, last, cycles, needs, written };
      steps.push(step);
      this.account(found, needs, written);
      cycles += step.slot === undefined ? 1 : 2;
      at = (at + sizeOf(step)) | 0;
      last = (at - 2) | 0;
      if (end !== undefined) return { pc, steps, end, last, cycles, needs, written };
    }
  }
}

const NOTHING = {} as Instruction;

/** Half of a pair that is taken as a double lies in the double. */
function placeOf(place: number, pairs: ReadonlySet<number>): number {
  const n = (place - S.FR) >> 2;
  return n >= 0 && n < 16 && pairs.has(n & ~1) ? placeOfDr(n & ~1) : place;
}

/** The words and doubles that were touched. */
function touchedIn({ words, pairs }: Surveyor): Touched {
  const places = new Set([...words].map((place) => placeOf(place, pairs)));
  return new Map([...places].map((place) => [place, isDouble(place, pairs) ? TYPE.f64 : TYPE.i32]));
}

/** Whether a place is of a register that is taken as half of a double. */
function isDouble(place: number, pairs: ReadonlySet<number>): boolean {
  const n = (place - S.FR) >> 2;
  return n >= 0 && n < 16 && pairs.has(n & ~1);
}

/**
 * The region that is entered at an address, or nothing where its first instruction is for the
 * evaluator.
 */
export function findRegion(
  pc: number,
  mode: number,
  read: ReadCode,
  known: Known = ALL_ALIKE,
): Region | undefined {
  const explorer = new Explorer(read, known, mode);
  explorer.explore(pc);
  const blocks = new Map<number, Block>();
  for (const start of explorer.starts) {
    const block = explorer.block(start);
    if (block !== undefined) blocks.set(start, block);
  }
  const first = blocks.get(pc);
  if (first === undefined || first.steps.length === 0) return undefined;
  return {
    pc,
    mode,
    blocks,
    pages: [...explorer.pages],
    pairs: explorer.surveyor.pairs,
    touched: touchedIn(explorer.surveyor),
    outs: explorer.outs,
    hasArithmetic: explorer.surveyor.hasArithmetic,
  };
}
