/**
 * One board of a node: a kernel on a machine, the profile of what its hardware costs, and the
 * checkpoints under way on it. It decides who has the processor: the program, or the copier.
 */
import { wholePages } from "../kernel/frames.ts";
import { Kernel } from "../kernel/kernel.ts";
import type { Process } from "../kernel/process.ts";
import { SpawnError } from "../kernel/spawn.ts";
import { type EngineOptions, Machine } from "../machine/machine.ts";
import { processTarget } from "../image/capture.ts";
import type { CaptureSession } from "../image/session.ts";
import type { CaptureCosts, CaptureTarget } from "../image/capture_target.ts";
import type { Profile } from "./profile.ts";

const NS = 1_000_000_000;

/** The costs of a profile as a capture session wants them. */
export function captureCosts(profile: Profile): CaptureCosts {
  return {
    cpus: profile.cpus,
    trap: profile.trap,
    message: profile.message,
    pageCopy: profile.page_copy,
    tableEntry: profile.table_entry,
    bitWord: profile.bit_word,
    fixedStop: profile.fixed_stop,
    store: (bytes) =>
      Math.ceil(profile.disk_latency * profile.clock / NS) +
      Math.ceil(bytes * profile.clock / profile.disk),
  };
}

/** A machine; there is a limit to how many this host can hold. */
function makeMachine(ram: number, engine: EngineOptions): Machine {
  try {
    return new Machine({ ...engine, ramBytes: wholePages(ram) });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SpawnError(
      `this host has no memory left for one more machine with ${ram} bytes of memory; ` +
        "lower 'ram' of the nodes, or take fewer processes",
    );
  }
}

const cyclesOf = (ns: number, profile: Profile): number =>
  Math.max(1, Math.round(ns * profile.clock / NS));

/** A checkpoint under way. */
interface UnderWay {
  readonly process: Process;
  readonly session: CaptureSession;
  readonly onEnd: () => void;
}

/** A process that is being restarted: it runs when its image has been read. */
interface Held {
  readonly process: Process;
  readonly until: number;
}

/** Something that the disk is still at. */
interface Writing {
  readonly until: number;
  readonly onEnd: () => void;
}

/** A board in virtual time. */
export class Board {
  readonly sessions: UnderWay[] = [];
  private held: Held[] = [];
  private writings: Writing[] = [];
  private readonly paused = new Set<Process>();
  private readonly quantum: number;
  /**
   * One processor: whose turn it is, and how much of it is left, in cycles. The copier is at work
   * when it lets the program go on, so it has the first turn. What it does for a write fault uses up
   * no turn of the program's, which only waits.
   */
  private copierTurn = true;
  private turnLeft: number;

  constructor(readonly profile: Profile, readonly kernel: Kernel) {
    this.turnLeft = this.quantum = cyclesOf(profile.quantum, profile);
  }

  /** A new machine of that profile with nothing on it. */
  static boot(profile: Profile, seed: number | string, engine: EngineOptions = {}): Board {
    const kernel = new Kernel({
      machine: makeMachine(profile.ram, engine),
      seed,
      clockHz: profile.clock,
      quantum: cyclesOf(profile.quantum, profile),
      costs: { tlbMiss: profile.tlb_miss, trap: profile.trap, syscall: profile.syscall },
    });
    return new Board(profile, kernel);
  }

  /** The board's clock in ns. */
  get now(): number {
    return this.kernel.now * NS / this.profile.clock;
  }

  /** Cycles of a virtual time in ns, rounded up. */
  cyclesAt(ns: number): number {
    return Math.ceil(ns * this.profile.clock / NS);
  }

  /** Nothing runs and nothing is being saved: only an order from outside changes anything. */
  get atRest(): boolean {
    return this.sessions.length + this.held.length + this.writings.length === 0 &&
      this.kernel.atRest;
  }

  /** The cycle before which nothing can happen here but by what comes from outside. */
  get nextActivity(): number {
    const { kernel } = this;
    const busy = kernel.runnable || this.sessions.some(({ session }) => session.wantsCpu);
    return busy
      ? kernel.now
      : Math.max(kernel.now, Math.min(kernel.alarms.next(), ...this.moments));
  }

  /** Cycles at which a store is done, or an image has been read. */
  private get moments(): readonly number[] {
    return [
      ...this.sessions.map(({ session }) => session.waitsForStoreUntil ?? Infinity),
      ...this.held.map((held) => held.until),
      ...this.writings.map((writing) => writing.until),
    ];
  }

  /** A process of the board as a capture session wants it. */
  target(process: Process): CaptureTarget {
    return { ...processTarget(process, this.kernel), thaw: () => this.thaw(process) };
  }

  /** A checkpoint of the process is under way. */
  isCheckpointed(process: Process): boolean {
    return this.sessions.some((each) => each.process === process);
  }

  /** Cycles for which the process is still kept from running, as its image is being read. */
  heldFor(process: Process): number {
    const until = this.held.find((held) => held.process === process)?.until ?? 0;
    return Math.max(0, until - this.kernel.now);
  }

  /**
   * Begins to carry a session forward; what it does first and costs nothing, it does at once.
   * `onEnd` is told when it is over, committed or not.
   */
  add(process: Process, session: CaptureSession, onEnd: () => void): void {
    this.sessions.push({ process, session, onEnd });
    session.turn(0);
    this.leaveEnded();
  }

  /** Gives up the checkpoint of a process, if one is under way. */
  abandon(process: Process, why: string): void {
    this.held = this.held.filter((held) => held.process !== process);
    for (const { session } of this.sessions.filter((each) => each.process === process)) {
      session.abandon(why);
    }
    this.leaveEnded();
  }

  /** The disk is at something until that cycle, and then this is done. */
  write(until: number, onEnd: () => void): void {
    this.writings.push({ until, onEnd });
  }

  /** Keeps a process from running until that cycle. */
  holdUntil(process: Process, until: number): void {
    this.kernel.freeze(process);
    this.held.push({ process, until });
  }

  /** The process stands still until it is resumed. */
  pause(process: Process): void {
    this.paused.add(process);
    this.kernel.freeze(process);
  }

  /** Ends a pause. */
  resume(process: Process): void {
    this.paused.delete(process);
    this.thaw(process);
  }

  /** Lets a process run, if nobody else keeps it from running. */
  thaw(process: Process): void {
    const stopped = this.sessions.some((each) => each.process === process && each.session.stopped);
    const held = this.held.some((each) => each.process === process);
    if (!stopped && !held && !this.paused.has(process)) this.kernel.thaw(process);
  }

  /**
   * Runs to that cycle. It may come a few cycles late, when a step began before it. Throws what a
   * session failed with, when the session is gone and the node fit to go on.
   */
  advance(until: number): void {
    for (;;) {
      for (const { session } of this.sessions) session.poll();
      this.leaveEnded();
      this.endWritings();
      this.release();
      if (this.kernel.now >= until) return;
      this.advanceOnce(Math.min(until, ...this.moments));
    }
  }

  /** Forgets the sessions that are over; somebody's mistake in one is thrown when all are told. */
  private leaveEnded(): void {
    const ended = this.sessions.filter(({ session }) => session.over);
    for (const underWay of ended) {
      this.sessions.splice(this.sessions.indexOf(underWay), 1);
      underWay.onEnd();
    }
    const failure = ended.find(({ session }) => session.failure !== undefined)?.session.failure;
    if (failure !== undefined) throw failure;
  }

  /** Does what waited for the disk. */
  private endWritings(): void {
    const isOver = ({ until }: Writing) => until <= this.kernel.now;
    const over = this.writings.filter(isOver);
    if (over.length === 0) return;
    this.writings = this.writings.filter((each) => !isOver(each));
    for (const { onEnd } of over) onEnd();
  }

  /** Lets those run whose image has been read by now. */
  private release(): void {
    const ready = this.held.filter(({ until }) => until <= this.kernel.now);
    if (ready.length === 0) return;
    this.held = this.held.filter((held) => !ready.includes(held));
    for (const { process } of ready) this.thaw(process);
  }

  private advanceOnce(target: number): void {
    const copying = this.sessions.find(({ session }) => session.wantsCpu)?.session;
    for (const { session } of this.sessions) session.giveCopier(session === copying);
    if (copying === undefined) this.runPrograms(target);
    else if (this.profile.cpus > 1) this.runBoth(copying, target);
    else if (this.kernel.runnable) this.takeTurn(copying, target);
    else this.runCopier(copying, target);
  }

  /** Two processors: programs run until the copier is done with its step, so that none comes late. */
  private runBoth(copying: CaptureSession, target: number): void {
    copying.catchUp();
    if (!copying.wantsCpu) return;
    this.runPrograms(Math.min(target, copying.stepEndsAt));
    copying.catchUp();
  }

  private takeTurn(copying: CaptureSession, target: number): void {
    const start = this.kernel.now, served = this.faultCycles();
    const end = Math.min(target, start + this.turnLeft);
    if (this.copierTurn) this.runCopier(copying, end);
    else this.runPrograms(end);
    this.turnLeft -= this.kernel.now - start - (this.faultCycles() - served);
    if (this.turnLeft > 0 && copying.wantsCpu) return;
    this.copierTurn = !this.copierTurn || !copying.wantsCpu;
    this.turnLeft = this.quantum;
  }

  private faultCycles(): number {
    return this.sessions.reduce((sum, { session }) => sum + session.account.in("fault"), 0);
  }

  /** The copier has the processor; a program that wakes meanwhile is ready from then on. */
  private runCopier(session: CaptureSession, target: number): void {
    const { alarms, now } = this.kernel;
    session.turn(Math.min(target, Math.ceil(Math.max(alarms.next(), now))) - now);
    this.settle("copier");
    alarms.ring();
  }

  private runPrograms(target: number): void {
    if (this.kernel.run(target) !== "time") this.kernel.advanceTo(target);
    this.settle("programs");
  }

  private settle(who: "programs" | "copier"): void {
    for (const { session } of this.sessions) session.settle(who);
  }
}
