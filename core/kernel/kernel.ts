/**
 * The kernel of one machine. It ties the nouns together: whose turn it is, what an exception means,
 * what time it is. Everything that belongs to a process is in the process.
 */
import type { RefillCounts } from "./tlb_refill.ts";
import { hex32 } from "../base/bits.ts";
import { RandomStream } from "../base/random.ts";
import type { ExceptionName } from "../machine/exception.ts";
import type { Machine, Stop } from "../machine/machine.ts";
import { Alarms } from "./alarms.ts";
import { CallRunner, type CallServices, TRAPA_BYTES, type UnknownCall } from "./call_runner.ts";
import { type Context, loadContext, saveContext } from "./context.ts";
import { describeDeath, type Exit, listing } from "./death.ts";
import { FileSystem } from "./files/file_system.ts";
import { Frames, PAGE_SIZE } from "./frames.ts";
import type { WriteGuard } from "./guard.ts";
import type { KernelOptions, Observer, RunEnd, SpawnOptions } from "./options.ts";
import { Process, type ProcessParts } from "./process.ts";
import { Processor } from "./processor.ts";
import { Scheduler } from "./scheduler.ts";
import { deliverSignals, nextSignal, sendSignal } from "./signal_delivery.ts";
import { HANDLER, signalBit, type SignalInfo, SIGNALS } from "./signals.ts";
import { prepare, SpawnError } from "./spawn.ts";
import { SYSTEM_CALLS } from "./syscalls/table.ts";
import { Thread, type ThreadRecord } from "./thread.ts";
import type { TlbRefill } from "./tlb_refill.ts";
import { CAUSE_DENORMAL, type Trouble, troubleOf } from "./trouble.ts";
import { timeOf, timeOfDay } from "./virtual_clock.ts";

/** The first process; low numbers would make programs believe they are init. */
const FIRST_PROCESS = 100;

interface Limits {
  readonly cycle: number;
  readonly instructions: number;
}

/** One kernel on one machine. */
export class Kernel implements CallServices {
  readonly machine: Machine;
  readonly clockHz: number;
  readonly seed: number | string;
  readonly frames: Frames;
  readonly fileSystem: FileSystem;
  readonly scheduler: Scheduler;
  readonly processor: Processor;
  readonly alarms: Alarms;
  /** Told of system calls, exits and the like; set it to trace. */
  observer: Observer;
  private readonly options: KernelOptions;
  private readonly calls: CallRunner;
  private readonly table = new Map<number, Process>();
  private nextId = FIRST_PROCESS;

  constructor(options: KernelOptions) {
    const { machine, costs } = options;
    this.options = options;
    this.machine = machine;
    this.clockHz = options.clockHz;
    this.seed = options.seed;
    this.frames = new Frames(machine.ram, (frame) => machine.frameWritten(frame));
    this.processor = new Processor(machine, costs);
    const random = RandomStream.of(options.seed, "devices", 0);
    this.fileSystem = options.fileSystem ?? new FileSystem({
      now: () => timeOfDay(timeOf(this.now, this.clockHz)),
      random: (window) => random.fill(window),
    });
    this.scheduler = new Scheduler(options.quantum);
    this.alarms = new Alarms(this);
    this.calls = new CallRunner(this, options.systemCalls ?? SYSTEM_CALLS);
    this.observer = options.observer ?? {};
  }

  // Time.

  /** Cycles since power-on: instructions and charges, exact also inside a slice. */
  get now(): number {
    return this.processor.now;
  }

  /** Takes cycles for work that is not the program's instructions. */
  charge(cycles: number): void {
    this.processor.charge(cycles);
  }

  /** Lets the clock of an idle kernel go on to a cycle that is not in the past. */
  advanceTo(cycle: number): void {
    this.processor.advanceTo(cycle);
  }

  /** TLB refills and what they were for. */
  get refill(): TlbRefill {
    return this.processor.refill;
  }

  // Processes.

  /** Every process that has not been waited for or removed, by number. */
  processes(): Iterable<Process> {
    return this.table.values();
  }

  process(id: number): Process | undefined {
    return this.table.get(id);
  }

  /** Calls that were answered ENOSYS because the kernel does not do them. */
  get unknownCalls(): readonly UnknownCall[] {
    return this.calls.unknownCalls;
  }

  /** TLB refills and first touches since power-on. */
  get refillCounts(): Readonly<RefillCounts> {
    return this.processor.refill.counts;
  }

  /** The wished number if no process has it, else the next free one. */
  freeId(wish: number): number {
    return this.table.has(wish) ? this.nextId : wish;
  }

  /** Some thread could run now. */
  get runnable(): boolean {
    return [...this.table.values()].some((process) =>
      process.runnable && process.threads.some(({ state }) => state === "ready")
    );
  }

  /** Nobody can run, and no alarm will change that. */
  get atRest(): boolean {
    return !this.runnable && this.alarms.next() === Infinity;
  }

  get memoryBytes(): number {
    return this.frames.count * PAGE_SIZE;
  }

  get freeBytes(): number {
    return this.frames.available * PAGE_SIZE;
  }

  /** Starts a static program. Throws `ElfError` for a file that is none, `SpawnError` otherwise. */
  spawn(options: SpawnOptions): Process {
    const id = options.id ?? this.nextId;
    if (this.table.has(id)) throw new SpawnError(`process ${id} exists already; take another id`);
    const { parts, thread } = prepare(this, options, id);
    return this.admit(parts, [thread]);
  }

  /** Takes in a process that is built already: by spawn, or from an image. */
  admit(parts: ProcessParts, threads: readonly ThreadRecord[]): Process {
    if (this.table.has(parts.id)) throw new SpawnError(`process ${parts.id} exists already`);
    const process = new Process(parts);
    this.table.set(process.id, process);
    this.nextId = Math.max(this.nextId, process.id + 1);
    for (const record of threads) {
      const thread = new Thread(process, record, (woken) => this.scheduler.ready(woken));
      this.nextId = Math.max(this.nextId, record.id + 1);
      process.threads.push(thread);
      this.scheduler.ready(thread);
    }
    return process;
  }

  /** None of its threads runs until `thaw`; their registers are in their contexts. */
  freeze(process: Process): void {
    process.frozen = true;
    for (const thread of process.threads) this.processor.preempt(thread);
  }

  thaw(process: Process): void {
    process.frozen = false;
  }

  /** Installs a guard on a process's memory, or takes it away, and drops its TLB entries. */
  setGuard(process: Process, guard: WriteGuard | undefined): void {
    process.space.guard = guard;
    process.space.forgetTranslations();
  }

  /** Virtual numbers of the pages whose TLB entries would match this process now. */
  residentPages(process: Process): readonly number[] {
    return this.processor.residentPages(process.space);
  }

  /** Ends a process by a signal, as if somebody had sent one that cannot be held back. */
  kill(process: Process, signal: number = SIGNALS.SIGKILL): void {
    const thread = process.threads[0];
    if (process.exit === undefined && thread !== undefined) {
      this.die(thread, signal, "killed from outside", undefined);
    }
  }

  /** A crash: the process is gone without a trace. Nobody is told, its frames are free. */
  remove(process: Process): void {
    for (const thread of process.threads) this.endThread(thread);
    process.threads.length = 0;
    if (process.exit === undefined) process.files.closeAll();
    process.space.release(true);
    this.table.delete(process.id);
  }

  reap(process: Process): void {
    this.table.delete(process.id);
  }

  // Running.

  /**
   * Runs to the first step boundary at or after a cycle. "idle": nobody can run and no alarm is set
   * (the clock stays); "finished": no process is left that has not ended.
   */
  run(untilCycle: number): RunEnd {
    return this.advance({ cycle: untilCycle, instructions: Infinity });
  }

  /** Runs until so many more instructions have been retired, whatever charges there are. */
  runInstructions(count: number): RunEnd {
    return this.advance({ cycle: Infinity, instructions: this.machine.instructions + count });
  }

  private advance(limits: Limits): RunEnd {
    while (this.now < limits.cycle && this.machine.instructions < limits.instructions) {
      if (!this.hasLiving()) return "finished";
      this.alarms.ring();
      const thread = this.scheduler.pick(this.now);
      if (thread !== undefined) {
        this.turn(thread, limits);
        continue;
      }
      const next = this.alarms.next();
      if (next === Infinity) return "idle";
      this.advanceTo(Math.min(next, limits.cycle));
    }
    return this.hasLiving() ? "time" : "finished";
  }

  private hasLiving(): boolean {
    for (const process of this.table.values()) if (process.exit === undefined) return true;
    return false;
  }

  /** Part of one thread's turn: a system call to repeat, signals, or a slice of its program. */
  private turn(thread: Thread, limits: Limits): void {
    const start = this.now, retired = this.machine.instructions;
    this.processor.load(thread);
    if (thread.call !== undefined) {
      this.charge(this.options.costs.syscall);
      this.calls.repeat(thread);
    } else if (this.returnsToProgram(thread)) {
      const alarm = Math.min(this.alarms.next(), start + this.alarms.cyclesLeft(thread.process));
      const cycles = Math.min(limits.cycle, alarm, this.scheduler.sliceEnd(start)) - start;
      const instructions = limits.instructions - this.machine.instructions;
      const budget = Math.min(Math.max(cycles, 1), instructions);
      this.answer(thread, this.processor.slice(budget));
    }
    const used = this.now - start;
    thread.cycles += used;
    thread.process.cycles += used;
    thread.process.instructions += this.machine.instructions - retired;
  }

  /** Delivers signals; says whether the thread can go on with its program. */
  private returnsToProgram(thread: Thread): boolean {
    const pending = nextSignal(thread) !== undefined;
    if (pending || thread.signals.restoreMask !== undefined) deliverSignals(this, thread);
    return thread.state === "ready" && thread.process.runnable;
  }

  private answer(thread: Thread, stop: Stop): void {
    if (stop.why === "budget" || stop.why === "sleep") return;
    if (stop.why === "reset") {
      throw new Error(`the machine was reset by ${stop.exception} at ${hex32(this.machine.pc)}`);
    }
    this.machine.returnFromException();
    const number = this.machine.tra >>> 2;
    const isCall = number === 0x1f || (number >= 0x10 && number <= 0x17);
    if (stop.exception === "trap" && isCall) {
      this.charge(this.options.costs.syscall);
      this.calls.call(thread);
    } else if (stop.exception === "fpu" && this.hasDenormal()) this.computeDenormals(thread);
    else this.trouble(thread, stop.exception, stop.address >>> 0);
  }

  private hasDenormal(): boolean {
    return (this.machine.cpu.fpscr() & CAUSE_DENORMAL) !== 0;
  }

  /** The FPU has given a denormal operand back: the kernel computes this one instruction. */
  private computeDenormals(thread: Thread): void {
    const { fpu } = this.machine.cpu;
    this.charge(this.options.costs.trap);
    fpu.computeDenormals = true;
    let stop: Stop;
    try {
      stop = this.processor.slice(1);
    } finally {
      fpu.computeDenormals = false;
    }
    this.answer(thread, stop);
  }

  private trouble(thread: Thread, exception: ExceptionName, address: number): void {
    const { space } = thread.process;
    this.charge(this.options.costs.trap);
    const trouble = troubleOf(exception, address, space, this.machine.cpu.fpscr());
    const pc = this.machine.pc >>> 0;
    const info: SignalInfo = {
      signal: trouble.signal,
      code: trouble.code,
      process: 0,
      user: 0,
      value: trouble.address ?? pc,
    };
    this.force(thread, info, trouble);
  }

  /** A signal the program brought on itself: it cannot be blocked or ignored. */
  private force(thread: Thread, info: SignalInfo, { reason, address }: Trouble): void {
    const { handler } = thread.process.signals.action(info.signal);
    const blocked = (thread.signals.mask & signalBit(info.signal)) !== 0n;
    const unhandled = handler === HANDLER.default || handler === HANDLER.ignore || blocked;
    if (unhandled || info.signal === SIGNALS.SIGKILL) {
      return this.die(thread, info.signal, reason, address);
    }
    thread.signals.pending.add(info);
  }

  // What system calls ask for.

  registersOf(thread: Thread): Context {
    return this.processor.registersOf(thread);
  }

  setRegistersOf(thread: Thread, context: Context): void {
    this.processor.setRegistersOf(thread, context);
  }

  get live(): Machine["cpu"] {
    return this.machine.cpu;
  }

  get onCall(): Observer["call"] {
    return this.observer.call;
  }

  registers(): Context {
    return saveContext(this.machine);
  }

  setRegisters(context: Context): void {
    loadContext(this.machine, context);
  }

  retry(): void {
    this.machine.pc = this.machine.pc - TRAPA_BYTES | 0;
  }

  yield(): void {
    this.scheduler.yield();
  }

  send(process: Process, info: SignalInfo, thread?: Thread): void {
    sendSignal(process, info, thread);
  }

  outOfMemory(thread: Thread, address: number): void {
    this.die(thread, SIGNALS.SIGKILL, "no memory is left for a page", address);
  }

  exit(process: Process, code: number): void {
    this.end(process, { kind: "exited", code: code & 255 });
  }

  exitThread(thread: Thread, code: number): void {
    const { process } = thread;
    if (process.threads.length <= 1) return this.exit(process, code);
    this.endThread(thread);
    process.threads.splice(process.threads.indexOf(thread), 1);
  }

  /** Ends a process by a signal, with a record of the state it was in. */
  die(thread: Thread, signal: number, reason: string, address: number | undefined): void {
    const { process } = thread;
    const registers = this.registersOf(thread);
    const death = describeDeath(signal, reason, address, registers, instructionsOf(process));
    this.end(process, { kind: "killed", death });
  }

  /** Where a thread is: its registers, and the instructions around its program counter. */
  portrait(thread: Thread): { registers: Context; instructions: readonly string[] } {
    const registers = this.registersOf(thread);
    return { registers, instructions: listing(registers, instructionsOf(thread.process)) };
  }

  private end(process: Process, exit: Exit): void {
    if (process.exit !== undefined) return;
    process.exit = exit;
    for (const thread of process.threads) this.endThread(thread);
    process.files.closeAll();
    process.space.release();
    this.tellParent(process);
    this.observer.exit?.(process, exit);
  }

  private tellParent(process: Process): void {
    const parent = this.table.get(process.parent);
    if (parent === undefined || parent.exit !== undefined) return;
    const { exit } = process;
    const killed = exit?.kind === "killed";
    const value = exit?.kind === "killed" ? exit.death.number : exit?.code ?? 0;
    const code = killed ? 2 : 1; // CLD_KILLED, CLD_EXITED
    this.send(parent, { signal: SIGNALS.SIGCHLD, code, process: process.id, user: 0, value });
    parent.childQueue.wake();
  }

  private endThread(thread: Thread): void {
    this.processor.unload(thread);
    thread.end();
    this.scheduler.remove(thread);
  }
}

/** Reads the instructions of a process, one at an address. Looking fills no page. */
const instructionsOf = ({ memory, space }: Process) => (at: number): number | undefined => {
  if (!space.holds(at)) return undefined;
  try {
    return memory.view(at, 2).getUint16(0, true);
  } catch {
    return undefined; // it may not be read
  }
};
