/** A process as the lab knows it: one name over all the lives it has between crashes. */
import { Digest } from "../base/digest.ts";
import type { Node } from "../cluster/node.ts";
import { exitCode } from "../kernel/death.ts";
import type { Process } from "../kernel/process.ts";
import { stateDigest } from "../image/state_digest.ts";
import type { ProgramStart, Strategy } from "./lab.ts";

const NS = 1_000_000_000;

/** What a run without checkpoint or fault came to. */
export interface UndisturbedRun {
  readonly instructions: number;
}

/** A named process of a scenario. */
export class ProcessRecord {
  /** Its present life; nothing between a crash and the restart. */
  process: Process | undefined;
  crashes = 0;
  restarts = 0;
  lostCycles = 0;
  /** Processor time it had used when it was crashed last. */
  cyclesAtCrash = 0;
  /** Its end has been told to the trace. */
  endSeen = false;
  restartCycles = 0;
  downtimeCycles = 0;
  /** Every system call and its answer, in order: too many to keep, so a digest. */
  readonly calls = new Digest();
  private readonly chunks: Uint8Array[] = [];
  private outputBytes = 0;

  constructor(
    readonly name: string,
    public node: Node,
    readonly workload: Strategy,
    readonly start: ProgramStart,
    readonly executable: Uint8Array,
    /** Runs the program alone, once, when somebody asks how far it is. */
    private readonly undisturbed: () => UndisturbedRun,
  ) {}

  /** Neither ended nor crashed. */
  get alive(): boolean {
    return this.process !== undefined && this.process.exit === undefined;
  }

  /** Ended by itself. */
  get exited(): boolean {
    return this.process?.exit !== undefined;
  }

  get exitCode(): number {
    return this.process?.exit === undefined ? 0 : exitCode(this.process.exit);
  }

  get signal(): string {
    const exit = this.process?.exit;
    return exit?.kind === "killed" ? exit.death.signal : "";
  }

  get instructions(): number {
    return this.process?.instructions ?? 0;
  }

  get cycles(): number {
    return this.process?.cycles ?? 0;
  }

  /** Instructions retired, of all an undisturbed run retires; 1 at the end. */
  get progress(): number {
    if (this.exited) return 1;
    return this.process === undefined ? 0 : this.instructions / this.undisturbed().instructions;
  }

  get tlbMisses(): number {
    return this.node.kernel.refillCounts.refills;
  }

  /** All it wrote, standard output and standard error as they came. */
  get output(): string {
    const bytes = new Uint8Array(this.outputBytes);
    let at = 0;
    for (const chunk of this.chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return new TextDecoder().decode(bytes);
  }

  /** Takes what the process writes. */
  write(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.outputBytes += bytes.length;
  }

  /** A restart goes back to what had been written at t0: the terminal is part of the world. */
  rewindOutput(bytes: number): void {
    while (this.outputBytes > bytes) {
      const last = this.chunks.pop() as Uint8Array;
      this.outputBytes -= last.length;
      if (this.outputBytes < bytes) this.write(last.subarray(0, bytes - this.outputBytes));
    }
  }

  /** ns of so many cycles of its node. */
  nsOf(cycles: number): number {
    return Math.round(cycles * NS / this.node.profile.clock);
  }

  /** Digest of registers, memory and files. */
  stateDigest(): string {
    return this.process === undefined ? "" : stateDigest(this.process, this.node.kernel);
  }
}
