/** One program on one node, without a scenario: run it, checkpoint it, bring it back. */
import { Board, captureCosts } from "../cluster/board.ts";
import type { Profile } from "../cluster/profile.ts";
import type { Checkpointer } from "../image/checkpointer.ts";
import type { Image } from "../image/image.ts";
import { MemoryStore } from "../image/memory_store.ts";
import { restore } from "../image/restore.ts";
import { CaptureSession } from "../image/session.ts";
import { noImage } from "../image/session_state.ts";
import { StoreSink } from "../image/store_sink.ts";
import type { ImageStore } from "../image/store.ts";
import { Console, type ConsoleOptions } from "../kernel/files/console.ts";
import type { HostProvider } from "../kernel/files/host_mount.ts";
import type { Process } from "../kernel/process.ts";
import type { EngineOptions } from "../machine/machine.ts";
import type { Strategy } from "./lab.ts";

/** The node a program runs on. */
export interface ProgramRunOptions {
  readonly profile: Profile;
  readonly seed: number;
  /** Who runs it; nothing that comes of it depends on that. */
  readonly engine?: EngineOptions;
  readonly console: ConsoleOptions;
  /** Host files by the guest path they appear at, for reading only. */
  readonly mounts?: Readonly<Record<string, HostProvider>>;
}

/** A program to start. */
export interface ProgramOptions {
  readonly path: string;
  readonly executable: Uint8Array;
  /** argv[0]; the path unless given. */
  readonly name?: string;
  readonly args?: readonly string[];
  readonly environment?: readonly string[];
}

/** How a run came back. */
export type ProgramEnd = "ended" | "budget" | "waits for ever";

/** A program on a node of its own. */
export class ProgramRun {
  private constructor(readonly node: Board, readonly process: Process) {}

  private static makeNode(options: ProgramRunOptions): Board {
    const node = Board.boot(options.profile, options.seed, options.engine);
    for (const [path, provider] of Object.entries(options.mounts ?? {})) {
      node.kernel.fileSystem.mount(path, provider);
    }
    return node;
  }

  /** Starts a program. Throws `ElfError` or `SpawnError`. */
  static start(options: ProgramRunOptions, program: ProgramOptions): ProgramRun {
    const node = ProgramRun.makeNode(options);
    const process = node.kernel.spawn({ ...program, console: new Console(options.console) });
    return new ProgramRun(node, process);
  }

  /** Brings a program back from an image. Throws `ImageError`. */
  static restore(
    options: ProgramRunOptions,
    image: Image,
    executable: Uint8Array | undefined,
  ): ProgramRun {
    const node = ProgramRun.makeNode(options);
    const process = restore(image, { kernel: node.kernel, executable, console: options.console });
    return new ProgramRun(node, process);
  }

  /** Instructions the program has retired, in earlier lives too. */
  get instructions(): number {
    return this.process.instructions;
  }

  /** Runs until so many instructions are retired in all, or to the end. */
  runTo(instructions = Infinity): ProgramEnd {
    const { kernel } = this.node;
    for (;;) {
      if (this.process.exit !== undefined) return "ended";
      const left = instructions - this.instructions;
      if (left <= 0) return "budget";
      if (kernel.runInstructions(left) === "idle") return "waits for ever";
    }
  }

  /**
   * Takes a checkpoint now and returns when the image is committed; a concurrent strategy lets the
   * program run on meanwhile. Throws {@linkcode ImageError} when there is no image in the end, and
   * {@linkcode StrategyError} when that is the strategy's mistake.
   */
  checkpoint(
    strategy: Checkpointer,
    options: Strategy["options"],
    store: ImageStore = new MemoryStore(),
    label = "image",
  ): { session: CaptureSession; image: Image } {
    const { node, process } = this;
    const target = node.target(process);
    const costs = captureCosts(node.profile);
    const session = new CaptureSession(
      target,
      strategy,
      options,
      costs,
      new StoreSink(store, label),
    );
    node.add(process, session, () => {});
    while (!session.over) node.advance(node.kernel.now + 100_000);
    if (session.image === undefined || session.state !== "committed") {
      throw noImage(session);
    }
    // What is left to an older image is put together with it.
    const isWhole = session.image.manifest.parent === undefined;
    return { session, image: isWhole ? session.image : store.read(label) };
  }
}
