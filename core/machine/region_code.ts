/** A region as one WebAssembly function: its blocks in structured control flow. */
import { SPECIAL } from "../isa/cpu.ts";
import { Emitter } from "./emitter.ts";
import { FPSCR_BITS } from "./float_format.ts";
import { type Flow, flowOf, type Loop } from "./flow.ts";
import { type Liveness, livenessOf } from "./liveness.ts";
import { REFILLS } from "./refill.ts";
import { type Block, type BlockEnd, pageOf, type Region, type RegionStep } from "./region.ts";
import { CALLS, importsOf } from "./region_imports.ts";
import { modeWord, REGION } from "./short_ways.ts";
import * as S from "./state.ts";
import { Value } from "./value.ts";
import { type Label, MEMORY, OP, TYPE, type WasmCode } from "./wasm_code.ts";
import { wasmModule } from "./wasm_module.ts";

const { i32 } = TYPE;

/** How a region is to be translated. */
export interface RegionCodeOptions {
  readonly literal: (address: number, size: 2 | 4) => number | undefined;
  readonly notesStores?: boolean;
  /** Of the machine's memory, of 64 KiB each. */
  readonly memoryPages: number;
}

/** A translated region. */
export interface RegionCode {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The least budget it can be entered with. */
  readonly need: number;
}

/**
 * Writes one function. Registers that are newer than the state are stored when the function is left,
 * and where ways meet, so that little has to be stored; but not within an innermost loop, where it
 * would be done each time round: there all that the loop writes counts as newer.
 */
class RegionWriter {
  readonly emitter: Emitter;
  private readonly code: WasmCode;
  private readonly loops = new Map<Loop, Label>();
  private readonly meetings = new Map<number, Label>();

  constructor(
    private readonly region: Region,
    private readonly flow: Flow,
    private readonly liveness: Liveness,
    options: RegionCodeOptions,
  ) {
    const { mode, pairs, hasArithmetic, touched } = region;
    this.emitter = new Emitter({
      mode,
      pairs,
      hasArithmetic,
      touched,
      literal: options.literal,
      pages: region.pages,
      notesStores: options.notesStores === true,
    });
    this.code = this.emitter.code;
  }

  write(): void {
    const { code, emitter, region } = this;
    this.loadBudget(region.pc, this.flow.reach(region.pc));
    emitter.registers.load(this.liveness.live(region.pc));
    this.tree(region.pc);
    code.op(OP.unreachable);
  }

  /** Takes the budget from the state, and goes no further if it is too small. */
  private loadBudget(pc: number, need: number): void {
    const { code } = this;
    code.loadAt(MEMORY.i32_load, S.BUDGET).tee(this.emitter.budget).int(need).op(OP.i32_lt_s);
    code.ifUnlikely();
    code.int(pc | 1).op(OP.return).end();
  }

  /** A block and all it dominates. */
  private tree(pc: number): void {
    const { code, flow } = this;
    const loops = flow.loopsAt(pc);
    for (const loop of loops) this.loops.set(loop, code.loop());
    const meets = flow.meets(pc);
    for (const meet of meets) this.meetings.set(meet, code.block());
    if (loops.length > 0 || flow.entries(pc) > 1) this.emitter.forget(this.liveness.newer(pc));
    this.block(this.region.blocks.get(pc) as Block);
    for (const meet of meets.toReversed()) {
      code.op(OP.unreachable).end();
      this.tree(meet);
    }
    for (const _ of loops) code.op(OP.unreachable).end();
  }

  private block(block: Block): void {
    const { steps, end, cycles, pc } = block;
    const { emitter } = this;
    const pend = emitter.pend;
    const reach = this.flow.reach(pc);
    let done = 0;
    let next: Value | void = undefined;
    for (const step of steps) {
      emitter.pc = step.pc;
      emitter.pend = pend + done;
      emitter.need = Math.max(1, reach - done);
      next = this.step(step, end);
      done += step.slot === undefined ? 1 : 2;
      if (next === undefined) emitter.registers.settle();
    }
    emitter.pend = pend + cycles;
    this.end(block, next);
    emitter.registers.settle();
  }

  /** A branch takes what it needs before its slot runs. */
  private step({ pc, instruction, slot }: RegionStep, end: BlockEnd): Value | void {
    const { emitter, code } = this;
    if (slot !== undefined) this.turnPage(pc, pc + 2 | 0, emitter.need, () => emitter.giveUp());
    if (end.kind === "call") this.rememberPr();
    const next = instruction.exec(emitter, instruction.fields);
    if (slot === undefined) return next;
    const isJump = end.kind === "jump" || end.kind === "call";
    // An odd address is for the evaluator.
    if (next !== undefined && isJump && (next.number === undefined || (next.number & 1) !== 0)) {
      next.push(code);
      code.int(1).op(OP.i32_and).ifUnlikely();
      emitter.giveUp();
      code.end();
    }
    slot.exec(emitter, slot.fields);
    emitter.undo = () => {};
    return next;
  }

  /** A call writes PR before its slot, which may be given up: then nothing of it has happened. */
  private rememberPr(): void {
    const { emitter, code } = this;
    const place = S.SPECIALS + 4 * SPECIAL.pr;
    const before = emitter.registers.bind(i32, () => emitter.special(SPECIAL.pr).push(code));
    emitter.undo = () => {
      code.get(before.local).set(emitter.registers.local(place));
    };
  }

  private end(block: Block, next: Value | void): void {
    const { emitter } = this;
    const { pc, end } = block;
    switch (end.kind) {
      case "goto":
        return this.go(block, end.to);
      case "choice":
        return this.choose(block, end.yes, end.no, next as Value);
      case "call":
        return this.call(pc, end.back, next as Value);
      case "jump":
        return emitter.leaveTo(next as Value);
      case "mode":
        return this.changeMode(end.to);
      case "leave":
        return emitter.leave(end.pc | 1);
    }
  }

  private choose(from: Block, yes: number, no: number, { choice }: Value): void {
    const { emitter, code } = this;
    if (choice === undefined) throw new Error("a branch without a condition");
    if (choice.if.number !== undefined) return this.go(from, choice.if.number !== 0 ? yes : no);
    choice.if.push(code);
    // What only branches away comes first: then nothing is known anew, and little is to be kept.
    const isTurned = !this.isBrief(from, yes) && this.isBrief(from, no);
    const [first, second] = isTurned ? [no, yes] : [yes, no];
    if (isTurned) code.op(OP.i32_eqz);
    const restore = this.isBrief(from, first) ? emitter.keep() : emitter.keepAll();
    code.if();
    emitter.assumeT(choice.if, !isTurned);
    this.go(from, first);
    code.end();
    restore();
    emitter.assumeT(choice.if, isTurned);
    this.go(from, second);
  }

  /** An edge behind which no block is written right away. */
  private isBrief({ pc }: Block, to: number): boolean {
    const edge = this.flow.edge(pc, to);
    return edge !== "forward" || this.flow.entries(to) > 1;
  }

  /** From the end of a block to another one. */
  private go({ pc: from, last }: Block, to: number): void {
    const { emitter, code, flow } = this;
    const edge = flow.edge(from, to);
    if (edge === "out") return this.leaveFor(to);
    const meets = edge === "forward" && flow.entries(to) > 1;
    if (edge === "back" || meets || flow.loopsAt(to).length > 0) {
      emitter.float.registers.join();
      emitter.flush();
      const loop = flow.innermost(to);
      if (loop === undefined || loop !== flow.innermost(from)) emitter.registers.store(() => false);
    }
    if (edge === "back") {
      code.get(emitter.budget).int(flow.reach(to)).op(OP.i32_lt_s).ifUnlikely();
      emitter.leave(to | 1);
      code.end();
    }
    this.turnPage(last, to, flow.reach(to), () => emitter.leave(to | 1));
    if (edge === "back") return void code.br(this.loopOf(from, to));
    if (meets) return void code.br(this.meetings.get(to) as Label);
    this.tree(to);
  }

  /** Where an edge back leads. */
  private loopOf(from: number, to: number): Label {
    return this.loops.get(this.flow.closes(from, to)) as Label;
  }

  /** Leaves for what could be part of the region, if it was worth it. */
  private leaveFor(to: number): void {
    const { region, emitter, code } = this;
    if (region.outs.has(to)) {
      code.storeAt(MEMORY.i32_store, S.LEFT, () => void code.int(region.pc));
    }
    emitter.leave(to);
  }

  /** Instructions come from another page now: the ITLB is asked, as the evaluator would. */
  private turnPage(from: number, to: number, need: number, refused: () => void): void {
    const { code } = this;
    if (pageOf(from) === pageOf(to)) return;
    this.fetch(to, this.emitter.pend + need);
    code.ifUnlikely();
    refused();
    code.end();
    this.emitter.entriesMayHaveGone();
  }

  /**
   * Turns to another page, if there are cycles to do so and still as many as are needed; leaves on
   * the stack whether it was refused.
   */
  private fetch(pc: number, needed: number): void {
    const { region, code, emitter: { budget } } = this;
    const spent = this.emitter.registers.temporary(i32);
    code.int(pc).global(region.pages.indexOf(pageOf(pc)));
    code.get(budget).int(needed).op(OP.i32_sub).call(CALLS.fetch).tee(spent.local);
    code.int(0).op(OP.i32_ge_s).if();
    code.get(budget).get(spent.local).op(OP.i32_sub).set(budget).end();
    code.get(spent.local).int(0).op(OP.i32_lt_s);
  }

  /** Runs what is called as far as it is translated; if that comes back, it goes on here. */
  private call(pc: number, back: number, target: Value): void {
    const { emitter, code, flow } = this;
    const edge = flow.edge(pc, back);
    if (edge === "out") return emitter.leaveTo(target);
    emitter.storeAll();
    emitter.float.status.markSettled();
    const came = emitter.registers.temporary(i32);
    target.push(code);
    code.int(back).call(CALLS.enter).tee(came.local);
    code.int(back).op(OP.i32_ne).ifUnlikely();
    code.get(came.local).op(OP.return).end();
    this.loadBudget(back, flow.reach(back));
    modeWord(code).int(this.region.mode).op(OP.i32_ne).ifUnlikely();
    code.int(back).op(OP.return).end();
    code.loadAt(MEMORY.i32_load, S.FETCH_TAG).int(back & ~0xfff).op(OP.i32_ne).if();
    this.fetch(back, flow.reach(back));
    code.ifUnlikely();
    code.int(back | 1).op(OP.return).end().end();
    emitter.registers.load(this.liveness.live(back));
    emitter.forget(new Set());
    emitter.float.status.assumeSettled();
    if (edge === "back") return void code.br(this.loopOf(pc, back));
    if (flow.entries(back) > 1) return void code.br(this.meetings.get(back) as Label);
    this.tree(back);
  }

  private changeMode(to: number): void {
    const { emitter, code } = this;
    const { status } = emitter.float;
    const { wanted } = status;
    if (wanted === undefined) throw new Error("FPSCR was to be written");
    status.wanted = undefined;
    emitter.storeAll();
    const now = code.local(TYPE.i32);
    wanted.push(code);
    code.set(now);
    // Only to swap the banks takes more than a store; what it means for decoding is found out by
    // whoever decodes next.
    code.loadAt(MEMORY.i32_load, S.FPSCR).get(now).op(OP.i32_xor).int(S.FPSCR_FR).op(OP.i32_and);
    code.if();
    code.get(now).call(CALLS.fpscr);
    code.else();
    code.storeAt(MEMORY.i32_store, S.FPSCR, () => code.get(now).int(FPSCR_BITS).op(OP.i32_and));
    code.end();
    code.int(to).op(OP.return);
  }
}

/** Translates a region. Global `n` of the module is where page `n` of the region must lie. */
export function regionCode(region: Region, options: RegionCodeOptions): RegionCode {
  const flow = flowOf(region);
  const liveness = livenessOf(region, flow.order, flow.innermost);
  const writer = new RegionWriter(region, flow, liveness, options);
  writer.write();
  const bytes = wasmModule({
    memoryPages: options.memoryPages,
    imports: importsOf(region),
    functions: [{ name: "run", signature: REGION, code: writer.emitter.code }, ...REFILLS],
  });
  return { bytes, need: flow.reach(region.pc) };
}
