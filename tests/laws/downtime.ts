/**
 * Downtime against stopping, of programs drawn at random: writers of every density, from one that
 * never meets the copier to one that writes all of its memory before the copier has begun. A case is
 * a number; the same number is the same program, the same moment and the same figures everywhere.
 */
import { RandomStream } from "../../core/base/random.ts";
import {
  type CaptureSession,
  type Checkpointer,
  PROFILE,
  ProgramRun,
  readOptions,
} from "../../core/mod.ts";
import { checkpointers } from "../../plugins/mod.ts";

/** A board as the chapters have it. */
const profileOf = (cpus: number) =>
  readOptions(PROFILE, { ram: 32 * 2 ** 20, disk: 20_000_000, cpus }).values;

const WRITER = Deno.readFileSync(new URL("../../scenarios/guests/writer.elf", import.meta.url));

/** A writer, and when it is checkpointed. */
export interface WriterCase {
  readonly seed: number;
  /** Bytes between two stores, pages of its area, sweeps over it, turns of delay between two stores. */
  readonly args: readonly [stride: number, pages: number, sweeps: number, gap: number];
  /** The instruction of the first checkpoint, and that of the second. */
  readonly at: readonly [number, number];
  readonly cpus: number;
}

/** Instructions of one store without its delay, and of a turn of that. */
const STORE = 14, TURN = 2;
/** Cycles in which the copier copies a page, and how many copies of all pages a run is long. */
const COPY = 4096, COPIES = 12;

/** A number that is as likely to have one more digit as one less. */
const spread = (random: RandomStream, from: number, to: number): number =>
  Math.round(from * (to / from) ** (random.below(1000) / 999));

/** The case of a number. */
export function writerCase(seed: number): WriterCase {
  const random = RandomStream.of(seed, "downtime", "writer");
  const stride = 4 << random.below(11), pages = spread(random, 4, 4096);
  const gap = random.below(4) === 0 ? 0 : spread(random, 1, 2000);
  const sweep = pages * (4096 / stride) * (STORE + TURN * gap);
  const length = COPIES * Math.max(pages, 60) * COPY;
  const sweeps = 1 + Math.ceil(length / sweep);
  const first = 20_000 + random.below(length >> 2);
  return {
    seed,
    args: [stride, pages, sweeps, gap],
    at: [first, first + (length >> 1)],
    cpus: 1 + random.below(2),
  };
}

/** Options of the strategy under trial. */
export type Given = Readonly<Record<string, number | boolean>>;

/** Both checkpoints of a case by a strategy. */
function checkpointed({ args, at, cpus }: WriterCase, name: string, given: Given) {
  const run = ProgramRun.start({ profile: profileOf(cpus), seed: 1, console: { sink: () => {} } }, {
    path: "/bin/writer",
    executable: WRITER,
    args: args.map(String),
  });
  const row = checkpointers.find((one) => one.name === name) as Checkpointer;
  const { values, problems } = readOptions(row.options, given);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return at.map((moment) => {
    run.runTo(moment);
    return run.checkpoint(row, values).session;
  });
}

/** One checkpoint against stopping at the same instruction; ratios of what stopping costs. */
export interface Gain {
  /** Downtime as paper A counts it, saved: the paper's PRDT. */
  readonly prdt: number;
  /** The same against a stop that leaves out the executable's pages too. */
  readonly lean: number;
  /** Downtime with the processor time of the copier, saved. */
  readonly honest: number;
  /** The longest pause, as a part of the stop. */
  readonly pause: number;
  readonly writeFaults: number;
}

/** Both checkpoints of a case with the program stopped, which it is held against. */
export function stoppedOf(each: WriterCase) {
  const stop = checkpointed(each, "stop-the-world", { buffered: true });
  const lean = checkpointed(each, "stop-the-world", { buffered: true, leave_out_executable: true });
  return { stop, lean };
}

/** The case's first checkpoint and its second, by `tlb-cow-plus` with those options. */
export function gainsOf(
  each: WriterCase,
  given: Given = {},
  { stop, lean } = stoppedOf(each),
): readonly Gain[] {
  return checkpointed(each, "tlb-cow-plus", given).map(({ account, counts }, n) => {
    const whole = (stop[n] as CaptureSession).account, less = (lean[n] as CaptureSession).account;
    return {
      prdt: 1 - account.downtime / whole.downtime,
      lean: 1 - account.downtime / less.downtime,
      honest: 1 - account.downtimeHonest / whole.downtime,
      pause: account.maxPause / whole.maxPause,
      writeFaults: counts.writeFaults,
    };
  });
}

/** A part of the strategy switched off, or on that is off. */
export const VARIANTS: Readonly<Record<string, Given>> = {
  "as it is": {},
  "whole pages": { sub_page: false },
  "quarters throughout": { whole_if_dense: false },
  "by address": { hot_first: false, aim: false, follow: false },
  "only by history": { aim: false, follow: false },
  "no history": { hot_first: false },
  "no aim": { aim: false },
  "not following": { follow: false },
  "hot ones stopped": { hot_stopped: 256 },
  "no limit": { budget: 1000 },
};

/** The least that a checkpoint may gain. */
export const LEAST = -0.01;

/** The command that shows a case alone. */
export const again = ({ seed }: WriterCase): string =>
  `deno task downtime --from ${seed} --count 1`;
