/**
 * One node: a kernel on a machine, the profile of what its hardware costs, and the checkpoints
 * under way on it. It decides who has the processor: the program, or the copier.
 */
import type { Kernel } from "../kernel/kernel.ts";
import type { Process } from "../kernel/process.ts";
import type { CaptureSession } from "../image/session.ts";
import type { CaptureCosts } from "../image/capture_target.ts";
import type { Profile } from "./profile.ts";

const NS = 1_000_000_000;

/** The costs of a profile as a capture session wants them. */
export function captureCosts(profile: Profile): CaptureCosts {
  return {
    cpus: profile.cpus,
    trap: profile.trap,
    message: profile.message,
    pageCopy: profile.page_copy,
    fixedStop: profile.fixed_stop,
    store: (bytes) => Math.ceil(bytes * profile.clock / profile.disk),
  };
}

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

/** A node in virtual time. */
export class Node {
  readonly sessions: UnderWay[] = [];
  private held: Held[] = [];
  private readonly quantum: number;
  /**
   * One processor: whose turn it is, and how much of it is left, in cycles. The copier is at work
   * when it lets the program go on, so it has the first turn. What it does for a write fault uses up
   * no turn of the program's, which only waits.
   */
  private copierTurn = true;
  private turnLeft: number;

  constructor(readonly name: string, readonly profile: Profile, readonly kernel: Kernel) {
    this.quantum = Math.max(1, Math.round(profile.quantum * profile.clock / NS));
    this.turnLeft = this.quantum;
  }

  /** The node's clock in ns. */
  get now(): number {
    return this.kernel.now * NS / this.profile.clock;
  }

  /** Cycles of a virtual time in ns, rounded up. */
  cyclesAt(ns: number): number {
    return Math.ceil(ns * this.profile.clock / NS);
  }

  /** Nothing runs and nothing is being saved: only an order from outside changes anything. */
  get atRest(): boolean {
    return this.sessions.length === 0 && this.held.length === 0 && this.kernel.atRest;
  }

  /** Begins to carry a session forward; what it does first and costs nothing, it does at once. */
  add(process: Process, session: CaptureSession, onEnd: () => void): void {
    this.sessions.push({ process, session, onEnd });
    session.turn(0);
  }

  /** Gives up the checkpoint of a process, if one is under way. */
  abandon(process: Process): void {
    this.held = this.held.filter((held) => held.process !== process);
    for (const underWay of this.sessions.filter((each) => each.process === process)) {
      underWay.session.abandon();
      this.leave(underWay);
    }
  }

  /** Keeps a process from running until that cycle. */
  holdUntil(process: Process, until: number): void {
    this.kernel.freeze(process);
    this.held.push({ process, until });
  }

  /** Runs to that cycle. It may come a few cycles late, when a step began before it. */
  advance(until: number): void {
    for (;;) {
      for (const underWay of [...this.sessions]) {
        underWay.session.poll();
        if (underWay.session.over) this.leave(underWay);
      }
      this.release();
      if (this.kernel.now >= until) return;
      const moments = [
        ...this.sessions.map(({ session }) => session.waitsForStoreUntil ?? Infinity),
        ...this.held.map((held) => held.until),
      ];
      this.advanceOnce(Math.min(until, ...moments));
    }
  }

  private leave(underWay: UnderWay): void {
    this.sessions.splice(this.sessions.indexOf(underWay), 1);
    underWay.onEnd();
  }

  /** Lets those run whose image has been read by now. */
  private release(): void {
    for (const { process, until } of this.held) {
      if (until <= this.kernel.now) this.kernel.thaw(process);
    }
    this.held = this.held.filter(({ until }) => until > this.kernel.now);
  }

  private advanceOnce(target: number): void {
    const copying = this.sessions.find(({ session }) => session.wantsCpu)?.session;
    if (copying === undefined) return this.runProgram(target);
    const left = Math.max(0, target - this.kernel.now);
    if (copying.stopped || !this.kernel.runnable) return this.runCopier(copying, left);
    if (this.profile.cpus > 1) {
      this.runProgram(Math.min(target, this.kernel.now + this.quantum));
      copying.catchUp();
      return;
    }
    this.takeTurn(copying, Math.min(left, this.turnLeft));
  }

  private takeTurn(copying: CaptureSession, cycles: number): void {
    const start = this.kernel.now, served = copying.account.in("fault");
    if (this.copierTurn) this.runCopier(copying, cycles);
    else this.runProgram(start + cycles);
    this.turnLeft -= this.kernel.now - start - (copying.account.in("fault") - served);
    if (this.turnLeft > 0 && copying.wantsCpu) return;
    this.copierTurn = !this.copierTurn || !copying.wantsCpu;
    this.turnLeft = this.quantum;
  }

  private runCopier(session: CaptureSession, cycles: number): void {
    session.turn(cycles);
    this.settleAll("steal");
  }

  private runProgram(target: number): void {
    if (this.kernel.run(target) !== "time") this.kernel.advanceTo(target);
    this.settleAll("run");
  }

  private settleAll(bin: "run" | "steal"): void {
    for (const { session } of this.sessions) session.settle(session.runnable ? bin : "other");
  }
}
