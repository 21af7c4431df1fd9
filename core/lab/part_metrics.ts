/** What may be asked of the parts of a checkpoint, one per process: `c1.downtime`. */
import type { SessionFigures } from "../image/figures.ts";
import type { PreCopyCounts } from "../image/pre_copy.ts";
import type { Metric } from "./metric.ts";

/** One process's part of a checkpoint, as its metrics see it. */
export interface CheckpointSample {
  /** Nothing before the process has begun to save. */
  readonly figures: SessionFigures | undefined;
  /** ns of one cycle of the node's clock. */
  readonly cycleNs: number;
}

type Sample = CheckpointSample;

const time = (
  name: string,
  help: string,
  cycles: (figures: SessionFigures) => number,
  combine: "sum" | "max" = "sum",
): Metric<Sample> => ({
  name,
  unit: "time",
  help,
  combine,
  read: ({ figures, cycleNs }) => figures === undefined ? 0 : Math.round(cycles(figures) * cycleNs),
});

type Unit = "count" | "bytes";

const summed = (
  name: string,
  help: string,
  unit: Unit,
  read: (figures: SessionFigures) => number,
): Metric<Sample> => ({
  name,
  unit,
  help,
  combine: "sum",
  read: ({ figures }) => figures === undefined ? 0 : read(figures),
});

const count = (
  name: string,
  help: string,
  read: (counts: SessionFigures["counts"]) => number,
  unit: Unit = "count",
): Metric<Sample> => summed(name, help, unit, ({ counts }) => read(counts));

const early = (
  name: string,
  help: string,
  read: (counts: PreCopyCounts) => number,
  unit: Unit = "count",
): Metric<Sample> =>
  summed(name, help, unit, ({ preCopied }) => preCopied === undefined ? 0 : read(preCopied));

/** The rows. */
export const PART_METRICS: readonly Metric<Sample>[] = [
  time("time", "When t0 was.", ({ takenAt }) => takenAt ?? 0, "max"),
  time(
    "elapsed",
    "From the request to the durable image.",
    ({ committedAt, requestedAt }) => (committedAt ?? requestedAt) - requestedAt,
    "max",
  ),
  time(
    "window",
    "From t0 to the durable image.",
    ({ committedAt = 0, takenAt = 0 }) => Math.max(0, committedAt - takenAt),
    "max",
  ),
  time(
    "downtime",
    "Stop + fault + refill: downtime as paper A counts it.",
    ({ downtime }) => downtime,
  ),
  time(
    "downtime_honest",
    "Downtime and the processor time the copier took.",
    ({ downtimeHonest }) => downtimeHonest,
  ),
  time(
    "max_pause",
    "The longest time in one piece that the checkpoint kept the process from running.",
    ({ maxPause }) => maxPause,
    "max",
  ),
  time("run_time", "The process ran.", ({ bins }) => bins.run),
  time("stop_time", "Frozen by the checkpointer.", ({ bins }) => bins.stop),
  time("fault_time", "Suspended inside write faults.", ({ bins }) => bins.fault),
  time("refill_time", "TLB misses that only the invalidation caused.", ({ bins }) => bins.refill),
  time("steal_time", "Runnable, but the processor ran the copier.", ({ bins }) => bins.steal),
  time("other_time", "Asleep, ended, or other processes ran.", ({ bins }) => bins.other),
  count(
    "control_messages",
    "Control messages between process and copier.",
    ({ controlMessages }) => controlMessages,
  ),
  count(
    "write_faults",
    "Pages, or quarters of them, written before they were captured (N).",
    ({ writeFaults }) => writeFaults,
  ),
  count(
    "quarters",
    "Quarters of pages (1 KiB) that were captured one by one.",
    ({ quarters = 0 }) => quarters,
  ),
  count("pages", "Pages the process had at t0.", ({ pages }) => pages),
  count("pages_a", "Pages that came by buffer A, from the copier.", ({ pagesA }) => pagesA),
  count("pages_b", "Pages that came by buffer B, from write faults.", ({ pagesB }) => pagesB),
  count("pages_excluded", "Pages left to the executable.", ({ pagesExcluded }) => pagesExcluded),
  count(
    "pages_inherited",
    "Pages left to the last image, since they were not written in between.",
    ({ inherited = 0 }) => inherited,
  ),
  count(
    "pages_shadowed",
    "Pages not written since the last image, taken from its shadow in memory.",
    ({ shadowed = 0 }) => shadowed,
  ),
  count(
    "pages_refreshed",
    "Pages of these that were copied from one shadow to the other.",
    ({ refreshed = 0 }) => refreshed,
  ),
  {
    ...count(
      "chain",
      "Images a restart reads, this one and those it builds on; 0 where no image can build on it.",
      ({ chain = 0 }) => chain,
    ),
    combine: "max",
  },
  count(
    "tracking_faults",
    "First stores to pages since the last image, each of which trapped, so that this one knows them.",
    ({ trackingFaults = 0 }) => trackingFaults,
  ),
  time(
    "tracking_time",
    "What these traps and the refills for them took, mostly between the checkpoints.",
    ({ counts: { trackingCycles = 0 } }) => trackingCycles,
  ),
  early(
    "pages_precopied",
    "Page copies made before t0, those made again included.",
    ({ copies }) => copies,
  ),
  early(
    "pages_rewritten",
    "Pages written again after they were copied, before t0: as many copies were in vain.",
    ({ rewritten }) => rewritten,
  ),
  early(
    "pages_ahead",
    "Pages that were in the store at t0 already, as they were then.",
    ({ ahead }) => ahead,
  ),
  early(
    "bytes_ahead",
    "Bytes written to the store before t0, in vain or not.",
    ({ bytes }) => bytes,
    "bytes",
  ),
  count(
    "buffer_b_peak",
    "The most pages buffer B held at once.",
    ({ bufferBPeak }) => bufferBPeak,
  ),
  summed(
    "frames",
    "Frames of memory it took besides those of the process, at once: for copies, or second frames.",
    "count",
    ({ frames }) => frames.most,
  ),
  summed(
    "frames_kept",
    "Frames of these that stay taken when it is over, for the next one.",
    "count",
    ({ frames }) => frames.kept,
  ),
  count("image_size", "Bytes of the image in the store.", ({ imageBytes }) => imageBytes, "bytes"),
  time("restart_time", "What a restart from it takes.", ({ restart }) => restart, "max"),
];
