/** One SH-4 computer: processor, MMU and memory. It never sees a process. */
import { SPECIAL } from "../isa/cpu.ts";
import { DecodeTables, type Step } from "./decode_tables.ts";
import { Evaluator } from "./evaluator.ts";
import { type ExceptionName, EXCEPTIONS, Fault } from "./exception.ts";
import { Mmu, type Supervisor } from "./mmu.ts";
import { MMUCR_AT, MMUCR_SQMD } from "./mmucr.ts";
import * as S from "./state.ts";
import { NotingEvaluator, Verifier } from "./verifier.ts";
import { SEEN_ENTRIES, Translator, type TranslatorCounts } from "./translator.ts";

/** Why `run` came back. A reset is what the hardware does when an exception meets SR.BL = 1. */
export type Stop =
  | { readonly why: "budget" }
  | { readonly why: "sleep" }
  | { readonly why: "exception"; readonly exception: ExceptionName; readonly address: number }
  | { readonly why: "reset"; readonly exception: ExceptionName };

const BUDGET_SPENT: Stop = { why: "budget" };
const ASLEEP: Stop = { why: "sleep" };

/** Beyond this the budget word might overflow. */
const MOST_RELOAD_CYCLES = 2 ** 20;

/** What words mean is the same for every machine. */
const TABLES = new DecodeTables();

/** Instructions are fetched from a page of 4 KiB; the low bit catches odd addresses. */
const FETCH_MASK = 0xfffff001 | 0;
const TAG = S.FETCH_TAG >> 2, FETCH = S.FETCH_BASE >> 2;

/**
 * Where translated code may be entered from a branch: at the head of a loop, and where a call leads.
 * What else there is lies on the way from one of these, and is translated with it.
 */
const isHead = (from: number, to: number, far: number): boolean => to <= from || to > from + far;
const SEEN_MASK = SEEN_ENTRIES - 1;
/** Bytes beyond which a branch is taken for a call. */
const FAR = 1024;

/** Which engines run the program: the translator where code is hot, or never, or both compared. */
export const JITS = ["on", "off", "verify"] as const;
/** One of {@linkcode JITS}. */
export type Jit = (typeof JITS)[number];

/** Who runs the programs of a machine: nobody sees it but by the time it takes. */
export interface EngineOptions {
  /** "on" unless given. */
  readonly jit?: Jit;
  /** How often a block begins before it is translated. */
  readonly hot?: number;
  /** A host's clock in ms, for the account of what was translated alone. */
  readonly clock?: () => number;
}

/** How a machine is made. */
export interface MachineOptions extends EngineOptions {
  readonly ramBytes: number;
}

/**
 * A machine whose exceptions stop `run`, so that a kernel outside can answer them.
 *
 * @example
 * ```ts
 * import { assemble } from "../isa/text.ts";
 * import { Machine } from "./machine.ts";
 * import { RAM_START } from "./state.ts";
 * const machine = new Machine({ ramBytes: 1 << 20 });
 * machine.cpu.setSr(0x40000000); // privileged: P1 addresses are not translated
 * const code = new DataView(machine.ram.buffer, machine.ram.byteOffset);
 * code.setUint16(0, assemble("add #5,r1", 0, { PR: 0, SZ: 0 }), true);
 * machine.pc = 0x80000000 + RAM_START;
 * machine.run(1);
 * if (machine.cpu.r(1) !== 5 || machine.instructions !== 1) throw new Error("unreachable");
 * ```
 */
export class Machine {
  readonly memory: WebAssembly.Memory;
  /** Physical memory; its first byte is the physical address `RAM_START`. */
  readonly ram: Uint8Array;
  readonly cpu: Evaluator;
  readonly mmu: Mmu;
  private readonly i32: Int32Array;
  private readonly u16: Uint16Array;
  private readonly f64: Float64Array;
  private steps: (Step | undefined)[];
  private given = 0;
  private charged = 0;
  /** How much of the charges the budget word had room for. */
  private taken = 0;
  private reloadsBefore = 0;
  /** What each reload takes, from the first that was kept on. */
  private reloadCycles: number | undefined;

  private readonly translator: Translator | undefined;
  /** Where branches have led, by a few bits of the addresses: 1 for what was executed. */
  private readonly seen = new Uint8Array(SEEN_ENTRIES);

  /** Memory is whole pages of 1 KiB, the smallest the MMU knows. */
  constructor(options: MachineOptions) {
    if (options.ramBytes % 1024 !== 0) throw new RangeError(`ramBytes: ${options.ramBytes}`);
    const pages = (S.RAM + options.ramBytes + 65535) >>> 16;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.i32 = new Int32Array(this.memory.buffer);
    this.u16 = new Uint16Array(this.memory.buffer);
    this.f64 = new Float64Array(this.memory.buffer);
    this.ram = new Uint8Array(this.memory.buffer, S.RAM, options.ramBytes);
    this.mmu = new Mmu(this.memory, options.ramBytes);
    this.cpu = new (options.jit === "verify" ? NotingEvaluator : Evaluator)(this.memory, this.mmu);
    this.cpu.onModeChange = () => this.steps = TABLES.of(this.word(S.SR), this.word(S.FPSCR));
    this.steps = TABLES.of(0, 0);
    this.translator = this.newTranslator(options);
    this.mmu.setMmucr(MMUCR_AT | MMUCR_SQMD);
    this.cpu.setFpscr(0x00040001);
    this.cpu.setSr(S.SR_MD | S.SR_RB | S.SR_BL | S.SR_IMASK); // as a power-on reset leaves it
  }

  private newTranslator({ jit, hot, clock }: EngineOptions): Translator | undefined {
    if (jit === "off") return undefined;
    const { memory, mmu, cpu } = this;
    const verifier = cpu instanceof NotingEvaluator
      ? new Verifier({
        memory,
        mmu,
        cpu,
        evaluate: () => this.runSteps(undefined) === BUDGET_SPENT,
        fetch: (pc) => this.fillFetch(pc),
      })
      : undefined;
    const translator = new Translator({ memory, mmu, cpu, seen: this.seen, hot, verifier });
    if (clock !== undefined) translator.clock = clock;
    return translator;
  }

  get supervisor(): Supervisor | undefined {
    return this.mmu.supervisor;
  }
  set supervisor(supervisor: Supervisor | undefined) {
    this.mmu.supervisor = supervisor;
  }

  get pc(): number {
    return this.word(S.PC);
  }
  set pc(address: number) {
    this.i32[S.PC >> 2] = address;
  }

  /** Instructions retired since power-on, exact between steps. */
  get instructions(): number {
    const reloading = this.word(S.RELOADS) * this.word(S.RELOAD_CYCLES);
    const used = this.given - this.word(S.BUDGET) - this.taken - reloading;
    return (this.f64[S.COUNT >> 3] as number) + used;
  }

  /** Cycles of the slice used so far, charges included. */
  get spent(): number {
    return this.given - this.word(S.BUDGET) - this.taken + this.charged;
  }

  get tra(): number {
    return this.word(S.TRA);
  }
  get tea(): number {
    return this.word(S.TEA);
  }
  get expevt(): number {
    return this.word(S.EXPEVT);
  }
  get pteh(): number {
    return this.word(S.PTEH);
  }
  get ptel(): number {
    return this.word(S.PTEL);
  }

  /** Takes cycles from the running slice for work that is not the program's instructions. */
  charge(cycles: number): void {
    const left = this.word(S.BUDGET);
    const taken = Math.max(0, Math.min(Math.ceil(cycles), left + 0x7fffffff));
    this.i32[S.BUDGET >> 2] = left - taken;
    this.taken += taken;
    this.charged += cycles;
  }

  /**
   * Runs for a budget of cycles, one per instruction, and says why it stopped. It stops at the
   * first step boundary at or after the budget: a branch and its delay slot are one step.
   * Without a supervisor an exception does not stop it: the program's own handler runs.
   */
  run(budget: number): Stop {
    if ((budget | 0) !== budget) throw new RangeError(`budget: ${budget} is no 32-bit integer`);
    this.f64[S.COUNT >> 3] = this.instructions;
    this.given = budget;
    this.charged = 0;
    this.taken = 0;
    this.reloadsBefore += this.word(S.RELOADS);
    this.i32[S.RELOADS >> 2] = 0;
    this.i32[S.BUDGET >> 2] = budget;
    for (;;) {
      const stop = this.runSteps(this.translator);
      if (stop !== undefined) return stop;
    }
  }

  /** Steps until something stops them; nothing when an exception was entered and goes on. */
  private runSteps(translator: Translator | undefined): Stop | undefined {
    const { i32, u16, cpu, seen } = this;
    // A run begins anywhere: what is translated is entered, but nothing is translated for that.
    const isEager = translator?.isEager === true, far = isEager ? 0 : FAR;
    let begins = translator !== undefined, isBranch = isEager;
    try {
      while ((i32[S.BUDGET >> 2] as number) > 0) {
        const pc = i32[S.PC >> 2] as number;
        if ((pc & FETCH_MASK) !== i32[TAG]) this.fillFetch(pc);
        if (begins && translator !== undefined) {
          begins = false;
          const ran = translator.visit(pc, isBranch);
          isBranch = true;
          if (ran) {
            begins = translator.again;
            continue;
          }
        }
        const word = u16[((i32[FETCH] as number) + pc) >> 1] as number;
        const step = this.steps[word] ?? this.decode(word);
        step.fields.pc = pc;
        if (step.delayed) {
          // The slot is fetched before the branch: RTE's with the privilege it still has. It is
          // decoded and executed after it, under the SR that RTE restores.
          const slotPc = (pc + 2) | 0;
          if ((slotPc & FETCH_MASK) !== i32[TAG]) this.fillFetch(slotPc);
          const slotWord = u16[((i32[FETCH] as number) + slotPc) >> 1] as number;
          const next = step.exec(cpu, step.fields);
          const slot = this.steps[slotWord] ?? this.decode(slotWord);
          slot.execInSlot(cpu, slot.fields);
          i32[S.PC >> 2] = next as number;
          i32[S.BUDGET >> 2] = (i32[S.BUDGET >> 2] as number) - 2;
          if (slot.ends && cpu.pending !== "none") return this.finishPending();
          seen[((next as number) >>> 1) & SEEN_MASK] = 1;
          begins = isHead(pc, next as number, far);
        } else {
          const next = step.exec(cpu, step.fields);
          i32[S.BUDGET >> 2] = (i32[S.BUDGET >> 2] as number) - 1;
          if (next === undefined) {
            i32[S.PC >> 2] = pc + 2;
            if (step.ends && cpu.pending !== "none") return this.finishPending();
          } else {
            i32[S.PC >> 2] = next;
            seen[(next >>> 1) & SEEN_MASK] = 1;
            begins = isHead(pc, next, far);
          }
        }
      }
      return BUDGET_SPENT;
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      if (fault.address !== undefined) this.mmu.noteFault(fault.exception, fault.address);
      return this.enter(fault.exception, fault.address ?? this.pc);
    }
  }

  private finishPending(): Stop | undefined {
    const { pending } = this.cpu;
    this.cpu.pending = "none";
    return pending === "sleep" ? ASLEEP : this.enter("trap", this.pc);
  }

  private decode(word: number): Step {
    return this.steps[word] = TABLES.decode(word, this.word(S.SR), this.word(S.FPSCR));
  }

  private fillFetch(pc: number): void {
    if ((pc & 1) !== 0) throw new Fault("addressErrorRead", pc);
    const physical = this.mmu.translate(pc, "fetch");
    const host = physical >>> 29 === 7 ? -1 : this.mmu.hostOf(physical);
    if (host < 0) throw new Fault("addressErrorRead", pc);
    // Parts of pages are looked up each time.
    const isWhole = !this.mmu.soft.special && !this.mmu.isPartial;
    this.i32[TAG] = isWhole ? pc & FETCH_MASK : -1;
    this.i32[FETCH] = (host - pc) | 0;
  }

  /** Exception entry as the processor does it (manual section 5.4). */
  private enter(exception: ExceptionName, address: number): Stop | undefined {
    const { cpu } = this;
    const sr = cpu.sr();
    if ((sr & S.SR_BL) !== 0 || exception === "tlbMultipleHit") return { why: "reset", exception };
    this.i32[S.EXPEVT >> 2] = EXCEPTIONS[exception].code;
    cpu.setSpecial(SPECIAL.spc, this.pc);
    cpu.setSpecial(SPECIAL.ssr, sr);
    cpu.setSpecial(SPECIAL.sgr, cpu.r(15));
    cpu.setSr(sr | S.SR_MD | S.SR_RB | S.SR_BL);
    this.pc = (cpu.special(SPECIAL.vbr) + EXCEPTIONS[exception].vector) | 0;
    return this.supervisor === undefined ? undefined : { why: "exception", exception, address };
  }

  /** RTE: what a handler ends with. */
  returnFromException(): void {
    this.cpu.setSr(this.cpu.special(SPECIAL.ssr));
    this.pc = this.cpu.special(SPECIAL.spc);
  }

  setPteh(value: number): void {
    this.mmu.setPteh(value);
  }
  setPtel(value: number): void {
    this.mmu.setPtel(value);
  }
  /** LDTLB, for the kernel's refill handler. */
  loadTlb(): void {
    this.mmu.loadTlb();
  }
  /**
   * For the kernel's refill handler: what it has just loaded it would load again each time, for so
   * many cycles and without doing anything else, until it invalidates the page or leaves the ASID.
   * So the machine may do it. The cycles are the same for all: others throw a RangeError.
   * What takes too long to be worth it is not kept.
   */
  keepTranslation(cycles: number): void {
    if (!Number.isInteger(cycles) || cycles > MOST_RELOAD_CYCLES) return;
    const before = this.reloadCycles ??= cycles;
    if (before !== cycles) throw new RangeError(`a reload took ${before} cycles, not ${cycles}`);
    this.i32[S.RELOAD_CYCLES >> 2] = cycles;
    this.mmu.soft.keep();
  }
  /** Translations the machine loaded again by itself. */
  get reloads(): number {
    return this.reloadsBefore + this.word(S.RELOADS);
  }
  /** What was translated; nothing where there is no translator. */
  get translated(): Readonly<TranslatorCounts> | undefined {
    return this.translator?.counts;
  }
  /** Somebody other than the program changes a frame of 4 KiB. */
  frameWritten(frame: number): void {
    this.mmu.soft.codeWritten(S.RAM + 4096 * frame);
  }
  /** MMUCR.TI: every process pays. */
  invalidateTlb(): void {
    this.mmu.invalidateAll();
  }
  /** Drops the entries of one page by an associative write. */
  invalidatePage(address: number, asid: number): void {
    this.mmu.associate(address, asid, 0);
  }

  private word(offset: number): number {
    return this.i32[offset >> 2] as number;
  }
}
