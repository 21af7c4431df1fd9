/** A checkpointer tried on a program: a checkpoint at a moment, with a clone of memory at its t0. */
import { sameBytes } from "../base/bytes.ts";
import type { OptionValue } from "../base/option.ts";
import { RandomStream } from "../base/random.ts";
import { captureCosts } from "../cluster/board.ts";
import { PROFILE } from "../cluster/profile.ts";
import { readOptions } from "../base/option.ts";
import { capturePages } from "../image/capture.ts";
import type { CaptureTarget } from "../image/capture_target.ts";
import type { Checkpointer } from "../image/checkpointer.ts";
import { type Image, ImageError } from "../image/image.ts";
import { MemoryStore } from "../image/memory_store.ts";
import { CaptureSession, StrategyError } from "../image/session.ts";
import { noImage } from "../image/session_state.ts";
import { stateDigest } from "../image/state_digest.ts";
import { StoreSink } from "../image/store_sink.ts";
import { ProgramRun } from "../lab/program_run.ts";
import type { KitProgram } from "./law.ts";

/** Values of a strategy's options. */
export type Options = Readonly<Record<string, OptionValue>>;

/** The image's label in its store. */
export const LABEL = "image";

/** Turns of a session after which it counts as endless. */
const MOST_TURNS = 100_000;

/** Short turns, so that program and copier alternate many times while an image is taken. */
export const trialProfile = (cpus: number) =>
  readOptions(PROFILE, { ram: 16 * 2 ** 20, quantum: 5000, disk: 400_000_000, cpus }).values;

/** A program under way, and what it has written. */
export interface Running {
  readonly run: ProgramRun;
  readonly output: () => string;
}

/** A console that keeps what is written. */
function keeping() {
  const parts: string[] = [];
  const decoder = new TextDecoder();
  const sink = (_: string, bytes: Uint8Array) => void parts.push(decoder.decode(bytes));
  return { console: { sink }, output: () => parts.join("") };
}

/** Starts a program on a machine of its own. */
export function start(program: KitProgram, cpus: number): Running {
  const { console, output } = keeping();
  const run = ProgramRun.start({ profile: trialProfile(cpus), seed: 1, console }, {
    path: `/bin/${program.name}`,
    executable: program.executable(),
    args: program.args,
  });
  return { run, output };
}

/** Brings a program back from an image, on another machine. */
export function bringBack(program: KitProgram, image: Image, cpus: number): Running {
  const { console, output } = keeping();
  const run = ProgramRun.restore(
    { profile: trialProfile(cpus), seed: 2, console },
    image,
    program.executable(),
  );
  return { run, output };
}

/** Where a program is checkpointed: a moment of each, always the same. */
export const momentOf = (program: KitProgram, what: string): number =>
  1 + RandomStream.of(3, "kit", `${program.name} ${what}`).below(program.instructions - 1);

/** A checkpoint that was taken, or was to be. */
export interface Taken {
  readonly session: CaptureSession;
  readonly store: MemoryStore;
  /** The pages at t0 by page number, copied by the kit and not by the strategy. */
  readonly clone: ReadonlyMap<number, Uint8Array>;
  /** Digest of the process at t0. */
  readonly digest: string;
  readonly outputAtT0: string;
}

/** What a trial may change of a checkpoint. */
export interface Disturbance {
  /** The step that fails, from 1. */
  readonly failAtStep?: number;
  /** Where it goes; without one to a store of its own. */
  readonly store?: MemoryStore;
  readonly label?: string;
  /** Cycles after which it is looked whether it is over: so much longer the program may run. */
  readonly slice?: number;
}

/** A session that goes on and on. */
export class Endless extends Error {}

/** Takes a checkpoint now; throws what the strategy did wrong. */
export function take(
  { run: { node, process }, output }: Running,
  strategy: Checkpointer,
  options: Options,
  { failAtStep = 0, store = new MemoryStore(), label = LABEL, slice = 100_000 }: Disturbance = {},
): Taken {
  const plain = node.target(process);
  const clone = new Map<number, Uint8Array>();
  let digest = "", outputAtT0 = "";
  const watched: CaptureTarget = {
    ...plain,
    manifest: () => {
      for (const { vpn, copy } of capturePages(process)) clone.set(vpn, copy());
      digest = stateDigest(process, node.kernel);
      outputAtT0 = output();
      return plain.manifest();
    },
  };
  const costs = captureCosts(node.profile);
  const sink = new StoreSink(store, label);
  const session = new CaptureSession(watched, strategy, options, costs, sink);
  session.failAtStep = failAtStep;
  node.add(process, session, () => {});
  for (let turn = 0; !session.over; turn++) {
    if (turn > MOST_TURNS) throw new Endless("the checkpoint does not come to an end");
    node.advance(node.kernel.now + slice);
  }
  if (session.failure !== undefined) throw session.failure;
  return { session, store, clone, digest, outputAtT0 };
}

/** The image of a checkpoint that nobody disturbed. Throws {@linkcode ImageError}. */
export function imageOf({ session }: Taken): Image {
  if (session.state === "committed" && session.image !== undefined) return session.image;
  throw noImage(session);
}

/** Takes a checkpoint of a program that stands still, so that t0 is now whenever the strategy stops. */
export function takeStill(
  running: Running,
  strategy: Checkpointer,
  options: Options,
  disturbance: Disturbance = {},
): Taken {
  const { node, process } = running.run;
  node.pause(process);
  const taken = take(running, strategy, options, disturbance);
  node.resume(process);
  return taken;
}

/** Pages of an image that are not what they were at t0, and pages of t0 that are not in it. */
export function torn(image: Image, clone: ReadonlyMap<number, Uint8Array>): readonly number[] {
  const saved = new Map(image.pages.map((page) => [page.vpn, page]));
  const missing = [...clone.keys()].filter((vpn) => !saved.has(vpn));
  const wrong = image.pages.filter(({ vpn, bytes }) => {
    const there = clone.get(vpn);
    return there === undefined || bytes !== undefined && !sameBytes(bytes, there);
  });
  return [...missing, ...wrong.map(({ vpn }) => vpn)];
}

/** Runs to the end; what is written from now on and the exit. */
export function toEnd({ run, output }: Running): { output: string; exit: string } {
  const end = run.runTo();
  const { exit } = run.process;
  return { output: output(), exit: end === "ended" ? JSON.stringify(exit) : end };
}

/** Whether that is how a strategy without end breaks a law. */
export const isEndless = (message: string): boolean =>
  /yields steps without end|does not come to an end/.test(message);

/** What a strategy says of itself when it is asked wrongly, in words. */
export const wordsOf = (error: unknown): string =>
  error instanceof StrategyError || error instanceof ImageError || error instanceof Endless
    ? error.message
    : error instanceof Error
    ? `${error.name}: ${error.message}`
    : String(error);
