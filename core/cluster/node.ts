/**
 * One node: a kernel on a machine, the profile of what its hardware costs, and the checkpoints
 * under way on it. It decides who has the processor: the program, or the copier.
 */
import type { Kernel } from "../kernel/kernel.ts";
import type { CaptureCosts, CaptureSession } from "../image/session.ts";
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

/** A node in virtual time. */
export class Node {
  private readonly sessions: CaptureSession[] = [];
  private readonly quantum: number;
  /** One processor: whose turn it is, and how much of it is left, in cycles. */
  private copierTurn = false;
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
    return this.sessions.length === 0 && this.kernel.finished;
  }

  /** Begins to carry a session forward. */
  add(session: CaptureSession): void {
    this.sessions.push(session);
  }

  /** Runs to that cycle. It may come a few cycles late, when a step began before it. */
  advance(until: number): void {
    for (;;) {
      for (const session of [...this.sessions]) this.follow(session);
      if (this.kernel.now >= until) return;
      const target = this.sessions.reduce(
        (least, session) => Math.min(least, session.waitsForStoreUntil ?? Infinity),
        until,
      );
      if (target > this.kernel.now) this.advanceOnce(target);
    }
  }

  /** A session whose store is done goes on; one that is over leaves. */
  private follow(session: CaptureSession): void {
    session.poll();
    if (session.over) this.sessions.splice(this.sessions.indexOf(session), 1);
  }

  private advanceOnce(target: number): void {
    const copying = this.sessions.find((session) => session.wantsCpu);
    if (copying === undefined) return this.runProgram(target);
    const left = target - this.kernel.now;
    if (copying.stopped || !this.kernel.runnable) return this.runCopier(copying, left);
    if (this.profile.cpus > 1) {
      this.runProgram(Math.min(target, this.kernel.now + this.quantum));
      copying.catchUp();
      return;
    }
    const start = this.kernel.now, part = Math.min(left, this.turnLeft);
    if (this.copierTurn) this.runCopier(copying, part);
    else this.runProgram(start + part);
    this.turnLeft -= this.kernel.now - start;
    if (this.turnLeft <= 0 || !copying.wantsCpu) {
      this.copierTurn = !this.copierTurn;
      this.turnLeft = this.quantum;
    }
  }

  private runCopier(session: CaptureSession, cycles: number): void {
    session.turn(cycles);
    this.settleAll("steal");
  }

  private runProgram(target: number): void {
    this.kernel.run(target);
    this.settleAll("run");
  }

  private settleAll(bin: "run" | "steal"): void {
    for (const session of this.sessions) session.settle(session.runnable ? bin : "other");
  }
}
