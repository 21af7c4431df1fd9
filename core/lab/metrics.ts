/** The metrics a scenario may name, as rows. */
import type { CaptureSession } from "../image/session.ts";
import type { Metric } from "./metric.ts";
import type { ProcessRecord } from "./process_record.ts";

/** One process's part of a checkpoint, as its metrics see it. */
export interface CheckpointSample {
  readonly session: CaptureSession;
  /** ns of one cycle of the node's clock. */
  readonly cycleNs: number;
  /** What a restart from it takes, in ns; 0 before it is committed. */
  readonly restartNs: number;
}

type Sample = CheckpointSample;

const time = (
  name: string,
  help: string,
  cycles: (session: CaptureSession) => number,
  combine: "sum" | "max" = "sum",
): Metric<Sample> => ({
  name,
  unit: "time",
  help,
  combine,
  read: ({ session, cycleNs }) => Math.round(cycles(session) * cycleNs),
});

const count = (
  name: string,
  help: string,
  read: (session: CaptureSession) => number,
): Metric<Sample> => ({
  name,
  unit: "count",
  help,
  combine: "sum",
  read: ({ session }) => read(session),
});

const elapsed = (session: CaptureSession): number =>
  (session.committedAt ?? session.requestedAt) - session.requestedAt;

/** What may be asked of a checkpoint: `c1.downtime`. */
export const CHECKPOINT_METRICS: readonly Metric<Sample>[] = [
  {
    name: "committed",
    unit: "truth",
    help: "Whether the image is durable.",
    combine: "all",
    read: ({ session }) => session.state === "committed",
  },
  time("time", "When t0 was.", (session) => session.takenAt ?? 0, "max"),
  time("elapsed", "From the request to the durable image.", elapsed, "max"),
  time(
    "window",
    "From t0 to the durable image.",
    ({ committedAt = 0, takenAt = 0 }) => Math.max(0, committedAt - takenAt),
    "max",
  ),
  time(
    "downtime",
    "Stop + fault + refill: downtime as paper A counts it.",
    (session) => session.account.downtime,
  ),
  time(
    "downtime_honest",
    "Downtime and the processor time the copier took.",
    (session) => session.account.downtimeHonest,
  ),
  time(
    "max_pause",
    "The longest time in one piece that the checkpoint kept the process from running.",
    (session) => session.account.maxPause,
    "max",
  ),
  time("run_time", "The process ran.", ({ account }) => account.in("run")),
  time("stop_time", "Frozen by the checkpointer.", ({ account }) => account.in("stop")),
  time("fault_time", "Suspended inside write faults.", ({ account }) => account.in("fault")),
  time(
    "refill_time",
    "TLB misses that only the invalidation caused.",
    ({ account }) => account.in("refill"),
  ),
  time(
    "steal_time",
    "Runnable, but the processor ran the copier.",
    ({ account }) => account.in("steal"),
  ),
  time(
    "other_time",
    "Asleep, ended, or other processes ran.",
    ({ account }) => account.in("other"),
  ),
  count(
    "control_messages",
    "Control messages between process and copier.",
    ({ counts }) => counts.controlMessages,
  ),
  count(
    "write_faults",
    "Pages written before they were captured (N).",
    ({ counts }) => counts.writeFaults,
  ),
  count("pages", "Pages the process had at t0.", ({ counts }) => counts.pages),
  count("pages_a", "Pages that came by buffer A, from the copier.", ({ counts }) => counts.pagesA),
  count(
    "pages_b",
    "Pages that came by buffer B, from write faults.",
    ({ counts }) => counts.pagesB,
  ),
  count("pages_excluded", "Pages left to the executable.", ({ counts }) => counts.pagesExcluded),
  count(
    "buffer_b_peak",
    "The most pages buffer B held at once.",
    ({ counts }) => counts.bufferBPeak,
  ),
  {
    name: "image_size",
    unit: "bytes",
    help: "Bytes of the image in the store.",
    combine: "sum",
    read: ({ session }) => session.counts.imageBytes,
  },
  {
    name: "restart_time",
    unit: "time",
    help: "What a restart from it takes.",
    combine: "max",
    read: ({ restartNs }) => Math.round(restartNs),
  },
];

/** What may be asked of a process: `p0.output`. */
export const PROCESS_METRICS: readonly Metric<ProcessRecord>[] = [
  {
    name: "exited",
    unit: "truth",
    help: "Whether it has ended by itself.",
    combine: "all",
    read: (process) => process.exited,
  },
  {
    name: "running",
    unit: "truth",
    help: "Whether it lives: neither ended nor crashed.",
    combine: "all",
    read: (process) => process.alive,
  },
  {
    name: "exit",
    unit: "count",
    help: "Its exit code; 128 and the signal's number when a signal ended it.",
    combine: "same",
    read: (process) => process.exitCode,
  },
  {
    name: "signal",
    unit: "text",
    help: "The signal that ended it, or an empty text.",
    combine: "same",
    read: (process) => process.signal,
  },
  {
    name: "output",
    unit: "text",
    help: "All it wrote to standard output and standard error.",
    combine: "same",
    read: (process) => process.output,
  },
  {
    name: "node",
    unit: "text",
    help: "The node it is on.",
    combine: "same",
    read: (process) => process.node.name,
  },
  {
    name: "instructions",
    unit: "count",
    help: "Instructions its present life has retired since it began, restarts included.",
    combine: "sum",
    read: (process) => process.instructions,
  },
  {
    name: "progress",
    unit: "ratio",
    help: "Instructions retired, of all an undisturbed run retires.",
    combine: "same",
    read: (process) => process.progress,
  },
  {
    name: "run_time",
    unit: "time",
    help: "Processor time it used, in its present life.",
    combine: "sum",
    read: (process) => Math.round(process.usedNs),
  },
  {
    name: "rerun_time",
    unit: "time",
    help: "Processor time lost in crashes and spent again after restarts.",
    combine: "sum",
    read: (process) => Math.round(process.lostNs),
  },
  {
    name: "crashes",
    unit: "count",
    help: "How often it was crashed.",
    combine: "sum",
    read: (process) => process.crashes,
  },
  {
    name: "restarts",
    unit: "count",
    help: "How often it was restarted.",
    combine: "sum",
    read: (process) => process.restarts,
  },
  {
    name: "restart_time",
    unit: "time",
    help: "Time from its restarts to the first instruction after them.",
    combine: "sum",
    read: (process) => Math.round(process.restartNs),
  },
  {
    name: "tlb_misses",
    unit: "count",
    help: "TLB refills on its node since the start.",
    combine: "same",
    read: (process) => process.tlbMisses,
  },
  {
    name: "downtime",
    unit: "time",
    help: "Downtime of all its checkpoints together.",
    combine: "sum",
    read: (process) => Math.round(process.downtimeNs),
  },
  {
    name: "state",
    unit: "state",
    help: "Digest of its registers, memory and files, now or when it ended.",
    combine: "same",
    read: (process) => process.stateDigest(),
  },
];
