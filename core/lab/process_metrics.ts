/** What may be asked of a process: `p0.output`. */
import type { Metric } from "./metric.ts";
import type { ProcessRecord } from "./process_record.ts";

/** A process, and what must be asked of its domain. */
export interface ProcessSample {
  readonly process: ProcessRecord;
  /** Digest of its registers, memory and files. */
  readonly state: () => string;
}

const row = (
  name: string,
  unit: Metric<ProcessSample>["unit"],
  combine: Metric<ProcessSample>["combine"],
  help: string,
  read: (process: ProcessRecord, given: readonly string[]) => number | string | boolean,
): Metric<ProcessSample> => ({
  name,
  unit,
  help,
  combine,
  read: ({ process }, given) => read(process, given),
});

/** The rows. */
export const PROCESS_METRICS: readonly Metric<ProcessSample>[] = [
  row("exited", "truth", "all", "Whether it has ended by itself.", (process) => process.exited),
  row(
    "running",
    "truth",
    "all",
    "Whether it lives: neither ended nor crashed.",
    (process) => process.alive,
  ),
  row(
    "exit",
    "count",
    "same",
    "Its exit code; 128 and the signal's number when a signal ended it.",
    ({ ending }) => ending?.exitCode ?? 0,
  ),
  row(
    "signal",
    "text",
    "same",
    "The signal that ended it, or an empty text.",
    ({ ending }) => ending?.signal ?? "",
  ),
  row(
    "ended_at",
    "time",
    "max",
    "When it ended, in virtual time; 0 before it has.",
    ({ ending, endedNs }) => ending === undefined ? 0 : Math.round(endedNs),
  ),
  row(
    "output",
    "text",
    "same",
    "All it wrote to standard output and standard error.",
    (process) => process.output,
  ),
  row("node", "text", "same", "The node it is on.", ({ node }) => node.name),
  row("rank", "count", "same", "Its rank, which it keeps wherever it moves.", ({ rank }) => rank),
  row(
    "instructions",
    "count",
    "sum",
    "Instructions its present life has retired since it began, restarts included.",
    (process) => process.instructions,
  ),
  row(
    "progress",
    "ratio",
    "same",
    "Instructions retired, of all an undisturbed run retires.",
    (process) => process.progress,
  ),
  row(
    "run_time",
    "time",
    "sum",
    "Processor time it used, in its present life.",
    (process) => Math.round(process.usedNs),
  ),
  row(
    "rerun_time",
    "time",
    "sum",
    "Processor time lost in crashes and rollbacks and spent again after restarts.",
    (process) => Math.round(process.lostNs),
  ),
  row(
    "rollback_distance",
    "time",
    "max",
    "From t0 of the checkpoint it went back to, or from its beginning, until its life was over: the " +
      "longest of its restarts.",
    ({ rollback }) => Math.round(rollback.distanceNs),
  ),
  row(
    "checkpoints_behind",
    "count",
    "max",
    "Checkpoints of it with a t0 behind that of the one it went back to, or behind its beginning, " +
      "whatever had become of them, but not those that an earlier restart undid: the most of its " +
      "restarts.",
    ({ rollback }) => rollback.behind,
  ),
  row("crashes", "count", "sum", "How often it was crashed.", ({ crashes }) => crashes),
  row("restarts", "count", "sum", "How often it was restarted.", ({ restarts }) => restarts),
  row(
    "restart_time",
    "time",
    "sum",
    "Time from its restarts to the first instruction after them.",
    ({ restartNs }) => Math.round(restartNs),
  ),
  row(
    "tlb_misses",
    "count",
    "same",
    "TLB refills of its machine in its present life.",
    ({ status }) => status?.tlbMisses ?? 0,
  ),
  row(
    "downtime",
    "time",
    "sum",
    "Downtime of all its checkpoints together; of its moves all the time until it ran elsewhere.",
    ({ downtimeNs }) => Math.round(downtimeNs),
  ),
  row(
    "blocked_time",
    "time",
    "sum",
    "Time in which the protocol kept it from sending, receiving or ending.",
    (process) => Math.round(process.blockedNs),
  ),
  row(
    "messages_sent",
    "count",
    "sum",
    "Messages it sent to others, those sent again after a restart included.",
    ({ messagesSent }) => messagesSent,
  ),
  row(
    "messages_received",
    "count",
    "sum",
    "Messages it read, those read again after a restart included.",
    ({ messagesReceived }) => messagesReceived,
  ),
  row(
    "forwarded",
    "count",
    "sum",
    "Messages that came to the node it had left, and were sent after it.",
    ({ forwarded }) => forwarded,
  ),
  row("phase", "text", "same", "The protocol's phase it is in.", ({ phase }) => phase),
  {
    ...row(
      "value",
      "count",
      "same",
      "A number the program has published under that name; 0 before it has.",
      ({ values }, [name = ""]) => values.get(name) ?? 0,
    ),
    takes: ["text"],
  },
  {
    name: "state",
    unit: "state",
    help: "Digest of its registers, memory and files, now or when it ended.",
    combine: "same",
    read: ({ state }) => state(),
  },
];
