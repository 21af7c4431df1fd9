/** A process as the lab knows it: one name over all the lives it has between crashes. */
import { Digest } from "../base/digest.ts";
import type { Node } from "../cluster/node.ts";
import { type CaptureTarget } from "../image/capture_target.ts";
import { processTarget } from "../image/capture.ts";
import { exitCode } from "../kernel/death.ts";
import type { ConsoleOptions } from "../kernel/files/console.ts";
import type { Process } from "../kernel/process.ts";
import type { ProgramStart } from "./lab.ts";
import { LastLook } from "./last_look.ts";

const NS = 1_000_000_000;

/** What a run without checkpoint or fault came to. */
export interface UndisturbedRun {
  readonly instructions: number;
}

/** What a restart goes back to besides the image: the world the process had written to. */
export interface Point {
  readonly output: readonly Uint8Array[];
  /** Processor time it had used, in ns. */
  readonly usedNs: number;
}

/** A named process of a scenario. */
export class ProcessRecord {
  /** Its present life; nothing between a crash and the restart. */
  process: Process | undefined;
  crashes = 0;
  restarts = 0;
  /** Processor time lost in crashes. */
  lostNs = 0;
  restartNs = 0;
  downtimeNs = 0;
  /** Every system call and its answer, in order: too many to keep, so a digest. */
  readonly calls = new Digest();
  private look: LastLook | undefined;
  private usedAtCrashNs = 0;
  /** What it wrote, standard output and standard error as they came. */
  private written: Uint8Array[] = [];

  constructor(
    readonly name: string,
    public node: Node,
    readonly start: ProgramStart,
    readonly executable: Uint8Array,
    /** Runs the program alone, once, when somebody asks how far it is. */
    private readonly undisturbed: () => UndisturbedRun,
  ) {}

  /** Begins a life: the first, or one from an image. */
  begin(process: Process, node: Node): void {
    this.process = process;
    this.node = node;
    this.look = new LastLook(process, node.kernel);
  }

  /** A crash ends this life. */
  crash(): void {
    this.usedAtCrashNs = this.usedNs;
    this.process = this.look = undefined;
    this.crashes++;
  }

  /** A restart goes back to t0: what was written since never was, for the terminal is the world's. */
  goBack({ output, usedNs }: Point): void {
    this.written = [...output];
    this.lostNs += Math.max(0, this.usedAtCrashNs - usedNs);
    this.restarts++;
  }

  /** What a checkpoint taken now would go back to. */
  get point(): Point {
    return { output: [...this.written], usedNs: this.usedNs };
  }

  /** The process as a capture session wants it; `onSave` is told of t0. */
  target(process: Process, onSave: (point: Point) => void): CaptureTarget {
    const { node: { kernel }, look } = this;
    const target = processTarget(process, kernel);
    return {
      ...target,
      manifest: () => {
        onSave(this.point);
        return target.manifest();
      },
      guard: (guard) => {
        if (look !== undefined) look.inner = guard;
        target.guard(guard === undefined ? undefined : look);
        process.space.guard = look;
      },
    };
  }

  /** Neither ended nor crashed. */
  get alive(): boolean {
    return this.process !== undefined && this.process.exit === undefined;
  }

  /** Ended by itself. */
  get exited(): boolean {
    return this.process?.exit !== undefined;
  }

  /** What became of it, to follow its name. */
  get condition(): string {
    if (this.exited) return "has ended";
    return this.process === undefined ? "has crashed" : "is running";
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

  /** Processor time its present life has used, that before its image included. */
  get usedNs(): number {
    return this.nsOf(this.process?.cycles ?? 0);
  }

  /** Instructions retired, of all an undisturbed run retires; 1 at the end. */
  get progress(): number {
    if (this.exited) return 1;
    return this.process === undefined ? 0 : this.instructions / this.undisturbed().instructions;
  }

  get tlbMisses(): number {
    return this.node.kernel.refillCounts.refills;
  }

  /** All it wrote, as text. */
  get output(): string {
    const decoder = new TextDecoder();
    return this.written.map((bytes) => decoder.decode(bytes, { stream: true })).join("") +
      decoder.decode();
  }

  /** Where it reads and writes; its input goes on after the first `read` bytes. */
  console(read: number): ConsoleOptions {
    const input = new TextEncoder().encode(this.start.input ?? "");
    let at = read;
    return {
      input: (most) => {
        const part = input.subarray(at, at + most);
        at += part.length;
        return part;
      },
      sink: (_, bytes) => void this.written.push(bytes),
    };
  }

  /** ns of so many cycles of its node. */
  nsOf(cycles: number): number {
    return cycles * NS / this.node.profile.clock;
  }

  /** Digest of registers, memory and files, now or when it ended. */
  stateDigest(): string {
    return this.look?.state ?? "";
  }
}
