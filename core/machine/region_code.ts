/** A region as one WebAssembly function: its blocks in structured control flow. */
import { CALLS, Emitter } from "./emitter.ts";
import { type Flow, flowOf } from "./flow.ts";
import type { Block, BlockEnd, Region, RegionStep } from "./region.ts";
import { NOTHING_TOUCHED, type Touched } from "./registers.ts";
import { modeWord, REGION, SHORT_WAYS } from "./short_ways.ts";
import * as S from "./state.ts";
import { Value } from "./value.ts";
import { type Label, MEMORY, OP, TYPE, type WasmCode } from "./wasm_code.ts";
import { type Import, wasmModule } from "./wasm_module.ts";

const { i32, f64 } = TYPE;

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

const pageOf = (pc: number): number => pc >>> 12;

/** Writes one function. */
class RegionWriter {
  readonly emitter: Emitter;
  private readonly code: WasmCode;
  private readonly loops = new Map<number, Label>();
  private readonly meetings = new Map<number, Label>();

  constructor(
    private readonly region: Region,
    private readonly flow: Flow,
    options: RegionCodeOptions,
    touched: Touched,
  ) {
    this.emitter = new Emitter({
      mode: region.mode,
      pairs: region.pairs,
      touched,
      literal: options.literal,
      notesStores: options.notesStores === true,
    });
    this.code = this.emitter.code;
  }

  write(): void {
    const { code, emitter, region } = this;
    const target = code.local(i32);
    emitter.exit = code.block(i32);
    this.loadBudget(region.pc, this.flow.reach(region.pc));
    emitter.registers.load();
    this.tree(region.pc);
    code.op(OP.unreachable).end();
    code.set(target);
    this.store();
    code.get(target);
  }

  /** Takes the budget from the state, and goes no further if it is too small. */
  private loadBudget(pc: number, need: number): void {
    const { code } = this;
    code.loadAt(MEMORY.i32_load, S.BUDGET).tee(this.emitter.budget).int(need).op(OP.i32_lt_s);
    code.ifUnlikely();
    code.int(pc | 1).op(OP.return).end();
  }

  private store(): void {
    const { emitter, code } = this;
    emitter.float.settle();
    emitter.registers.store();
    code.storeAt(MEMORY.i32_store, S.BUDGET, () => void code.get(emitter.budget));
  }

  /** A block and all it dominates. */
  private tree(pc: number): void {
    const { code, flow } = this;
    const isLoop = flow.isLoop(pc);
    if (isLoop) this.loops.set(pc, code.loop());
    const meets = flow.meets(pc);
    for (const meet of meets) this.meetings.set(meet, code.block());
    if (isLoop || flow.entries(pc) > 1) this.emitter.forget();
    this.block(this.region.blocks.get(pc) as Block);
    for (const meet of meets.toReversed()) {
      code.op(OP.unreachable).end();
      this.tree(meet);
    }
    if (isLoop) code.op(OP.unreachable).end();
  }

  private block({ steps, end, cycles, pc }: Block): void {
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
    this.end(pc, end, next);
    emitter.registers.settle();
  }

  /** A branch takes what it needs before its slot runs. */
  private step({ instruction, slot }: RegionStep, end: BlockEnd): Value | void {
    const { emitter, code } = this;
    const next = instruction.exec(emitter, instruction.fields);
    if (slot === undefined) return next;
    const isUnknown = next !== undefined && next.number === undefined && next.choice === undefined;
    if (isUnknown && (end.kind === "jump" || end.kind === "call")) {
      next.push(code); // an odd address is for the evaluator
      code.int(1).op(OP.i32_and).ifUnlikely();
      emitter.giveUp();
      code.end();
    }
    slot.exec(emitter, slot.fields);
    return next;
  }

  private end(pc: number, end: BlockEnd, next: Value | void): void {
    const { emitter, code } = this;
    switch (end.kind) {
      case "goto":
        return this.go(pc, end.to);
      case "choice":
        return this.choose(pc, end.yes, end.no, next as Value);
      case "call":
        return this.call(pc, end.back, next as Value);
      case "jump":
        (next as Value).push(code);
        return emitter.leaveTo();
      case "mode":
        return this.changeMode(end.to);
      case "leave":
        return emitter.leave(end.pc | 1);
    }
  }

  private choose(pc: number, yes: number, no: number, { choice }: Value): void {
    const { emitter, code } = this;
    if (choice === undefined) throw new Error("a branch without a condition");
    if (choice.if.number !== undefined) return this.go(pc, choice.if.number !== 0 ? yes : no);
    choice.if.push(code);
    const known = emitter.known();
    code.if();
    this.go(pc, yes);
    code.end();
    emitter.restore(known);
    this.go(pc, no);
  }

  /** From the end of a block to another one. */
  private go(from: number, to: number): void {
    const { emitter, code, flow } = this;
    const edge = flow.edge(from, to);
    if (edge === "out") return emitter.leave(to);
    const meets = edge === "forward" && flow.entries(to) > 1;
    if (edge === "back" || meets || flow.isLoop(to)) {
      emitter.float.join();
      emitter.flush();
    }
    if (edge === "back") {
      code.get(emitter.budget).int(flow.reach(to)).op(OP.i32_lt_s).ifUnlikely();
      emitter.leave(to | 1);
      code.end();
    }
    this.crossPage(from, to);
    if (edge === "back") return void code.br(this.loops.get(to) as Label);
    if (meets) return void code.br(this.meetings.get(to) as Label);
    this.tree(to);
  }

  /** Instructions come from another page now: the ITLB is asked, as the evaluator would. */
  private crossPage(from: number, to: number): void {
    const { region, code, emitter } = this;
    if (pageOf(from) === pageOf(to)) return;
    code.int(to).global(region.pages.indexOf(pageOf(to))).call(CALLS.fetch).op(OP.i32_eqz);
    code.ifUnlikely();
    emitter.leave(to | 1);
    code.end();
  }

  /** Runs what is called as far as it is translated; if that comes back, it goes on here. */
  private call(pc: number, back: number, target: Value): void {
    const { emitter, code, flow } = this;
    const edge = flow.edge(pc, back);
    if (edge === "out") {
      target.push(code);
      return emitter.leaveTo();
    }
    emitter.float.join();
    emitter.flush();
    this.store();
    const came = emitter.registers.temporary(i32);
    target.push(code);
    code.int(back).call(CALLS.enter).tee(came.local);
    code.int(back).op(OP.i32_ne).ifUnlikely();
    code.get(came.local).op(OP.return).end();
    this.loadBudget(back, flow.reach(back));
    modeWord(code).int(this.region.mode).op(OP.i32_ne).ifUnlikely();
    code.int(back).op(OP.return).end();
    code.loadAt(MEMORY.i32_load, S.FETCH_TAG).int(back & ~0xfff).op(OP.i32_ne).if();
    code.int(back).global(this.region.pages.indexOf(pageOf(back))).call(CALLS.fetch);
    code.op(OP.i32_eqz).ifUnlikely();
    code.int(back | 1).op(OP.return).end().end();
    emitter.registers.load();
    emitter.forget();
    if (edge === "back") return void code.br(this.loops.get(back) as Label);
    if (flow.entries(back) > 1) return void code.br(this.meetings.get(back) as Label);
    this.tree(back);
  }

  private changeMode(to: number): void {
    const { emitter, code } = this;
    const { wanted } = emitter.float;
    if (wanted === undefined) throw new Error("FPSCR was to be written");
    emitter.float.wanted = undefined;
    emitter.float.join();
    emitter.flush();
    this.store();
    wanted.push(code);
    code.call(CALLS.fpscr).int(to).op(OP.return);
  }
}

/** Translates a region. Global `n` of the module is where page `n` of the region must lie. */
export function regionCode(region: Region, options: RegionCodeOptions): RegionCode {
  const flow = flowOf(region);
  const first = new RegionWriter(region, flow, options, NOTHING_TOUCHED);
  first.write();
  const writer = new RegionWriter(region, flow, options, first.emitter.registers);
  writer.write();
  const imports: Import[] = [
    ...Object.entries(SHORT_WAYS).map(([name, signature]) =>
      ({ name, kind: "function", signature }) as const
    ),
    { name: "settle", kind: "function", signature: { parameters: [i32, f64, f64], results: [] } },
    { name: "fpscr", kind: "function", signature: { parameters: [i32], results: [] } },
    ...region.pages.map((_, n) => ({ name: `page${n}`, kind: "global", type: i32 }) as const),
  ];
  if (options.notesStores === true) {
    imports.push({
      name: "store",
      kind: "function",
      signature: { parameters: [i32, i32, i32], results: [] },
    });
  }
  const bytes = wasmModule({
    memoryPages: options.memoryPages,
    imports,
    functions: [{ name: "run", signature: REGION, code: writer.emitter.code }],
  });
  return { bytes, need: flow.reach(region.pc) };
}
