/**
 * A region: the blocks of code that are reached from one address without leaving for an address
 * nobody knows, found by walking over memory. It is what becomes one translated function.
 */
import { decode, type Instruction } from "../isa/decode.ts";
import { Surveyor } from "./survey.ts";
import * as S from "./state.ts";

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
  /** `to` is only known when running, unless given; control comes back to `back`. */
  | { readonly kind: "call"; readonly back: number; readonly to: number | undefined }
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
  /** Cycles its steps take. */
  readonly cycles: number;
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
  /** Instructions in all. */
  readonly size: number;
}

/** The word at an address, or nothing where the region must not reach. */
export type ReadCode = (address: number) => number | undefined;

/** Beyond these a region is cut, and goes on in another. */
const MOST_STEPS = 400;
const MOST_PAGES = 4;

interface Found {
  readonly step: RegionStep;
  readonly end: BlockEnd | undefined;
}

const sizeOf = ({ slot }: RegionStep): number => slot === undefined ? 2 : 4;
const pageOf = (address: number): number => address >>> 12;

/** Walks over code and notes what it finds. */
class Explorer {
  readonly found = new Map<number, Found>();
  readonly starts = new Set<number>();
  readonly pages = new Set<number>();
  readonly surveyor = new Surveyor();
  private readonly queue: number[] = [];

  constructor(private readonly read: ReadCode, private readonly mode: number) {}

  explore(pc: number): void {
    this.begin(pc);
    for (let at = this.queue.shift(); at !== undefined; at = this.queue.shift()) this.walk(at);
  }

  private begin(pc: number): void {
    if (this.starts.has(pc)) return;
    this.starts.add(pc);
    this.queue.push(pc);
  }

  private walk(start: number): void {
    for (let pc = start; !this.found.has(pc);) {
      if (this.found.size >= MOST_STEPS) return;
      const page = pageOf(pc);
      if (!this.pages.has(page) && this.pages.size >= MOST_PAGES) return;
      const found = this.look(pc);
      if (found === undefined) return;
      this.pages.add(page);
      this.found.set(pc, found);
      const { end } = found;
      if (end !== undefined) return this.follow(end);
      pc = (pc + 2) | 0;
      if (pageOf(pc) !== page) return this.begin(pc);
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

  /** What stands at an address; nothing where code cannot be read. */
  private look(pc: number): Found | undefined {
    const instruction = this.decode(pc);
    if (instruction === undefined) return undefined;
    const leave: Found = {
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
    const slot = pageOf(slotPc) === pageOf(pc) ? this.decode(slotPc) : undefined;
    if (slot === undefined || slot === false || slot.notInSlot || slot.ends) return leave;
    if (this.surveyor.look(slot.op, slot.fields).refused) return leave;
    const step = { pc, instruction, slot };
    if (next === undefined) return leave;
    const to = next.kind === "number" ? next.number : undefined;
    if (calls) return { step, end: { kind: "call", back: (pc + 4) | 0, to } };
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

  /** The block that begins at an address. */
  block(pc: number): Block | undefined {
    const steps: RegionStep[] = [];
    let at = pc, cycles = 0;
    for (;;) {
      const found = this.found.get(at);
      const isCut = steps.length > 0 && (found === undefined || this.starts.has(at));
      if (isCut) return { pc, steps, end: { kind: "goto", to: at }, cycles };
      if (found === undefined) return undefined;
      const { step, end } = found;
      if (end?.kind === "leave") return { pc, steps, end, cycles };
      steps.push(step);
      cycles += step.slot === undefined ? 1 : 2;
      if (end !== undefined) return { pc, steps, end, cycles };
      at = (at + sizeOf(step)) | 0;
    }
  }
}

const NOTHING = {} as Instruction;

/**
 * The region that is entered at an address, or nothing where its first instruction is for the
 * evaluator.
 */
export function findRegion(pc: number, mode: number, read: ReadCode): Region | undefined {
  const explorer = new Explorer(read, mode);
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
    size: explorer.found.size,
  };
}
