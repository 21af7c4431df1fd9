/** What may be asked of a checkpoint as a whole: `g.sent("ACK")`, and of its parts put together. */
import type { LineAudit } from "./audit_line.ts";
import {
  type CheckpointRecord,
  controlTotal,
  isDurable,
  memberParts,
  type Part,
  whyNot,
  whyOf,
} from "./checkpoint_record.ts";
import { placesOf } from "./levels.ts";
import type { Metric, MetricArgument, MetricValue } from "./metric.ts";
import { type CheckpointSample, PART_METRICS } from "./part_metrics.ts";
import { rowOf } from "./lookup.ts";

const NS = 1_000_000_000;

/** A checkpoint, and what must be asked elsewhere. */
export interface CheckpointView {
  readonly checkpoint: CheckpointRecord;
  /** It is durable as a whole, and dealt with. */
  readonly committed: boolean;
  readonly audit: () => LineAudit;
  /** Processes brought back from it. */
  readonly restores: number;
  readonly now: number;
}

type View = CheckpointView;

const count = (
  name: string,
  help: string,
  read: (view: View) => number,
): Metric<View> => ({ name, unit: "count", help, combine: "same", read });

const partOf = ({ checkpoint: { parts } }: View, name: string | undefined): Part | undefined =>
  parts.find(({ record }) => record.name === name);

/** The step its strategy is at, or else the phase its member is in. */
function phaseOf(part: Part | undefined): string {
  if (part === undefined) return "";
  const { figures, record } = part;
  if (figures !== undefined && !figures.over && figures.step !== "") return figures.step;
  return record.phase;
}

/** Blocked time of the members since they know of it, until they know of the next one, in ns. */
function blockedNs({ checkpoint: { coordinated, parts } }: View): number {
  if (coordinated === undefined) return 0;
  return parts.reduce((sum, { record }) => {
    const before = coordinated.blockedBeforeNs.get(record.rank);
    const after = coordinated.blockedAfterNs?.get(record.rank) ?? record.blockedNs;
    return before === undefined ? sum : sum + after - before;
  }, 0);
}

/** From the request to the last process that begins to save, in ns. */
function syncNs({ checkpoint: { coordinated, parts } }: View): number {
  const taken = parts.flatMap(({ takenNs }) => takenNs === undefined ? [] : [takenNs]);
  if (coordinated?.begunNs === undefined || taken.length === 0) return 0;
  return Math.max(0, Math.max(...taken) - coordinated.begunNs);
}

const sumOf = (parts: readonly Part[], value: (part: Part) => number): number =>
  parts.reduce((sum, part) => sum + value(part), 0);

const WHOLE_METRICS: readonly Metric<View>[] = [
  {
    name: "committed",
    unit: "truth",
    help: "Whether it is durable, and of a global checkpoint also everybody told so.",
    combine: "same",
    read: ({ committed }) => committed,
  },
  {
    name: "aborted",
    unit: "truth",
    help: "Whether it was given up.",
    combine: "same",
    read: ({ checkpoint: { coordinated, parts } }) =>
      coordinated === undefined
        ? parts.some(({ figures, incomplete }) =>
          figures?.state === "abandoned" || incomplete !== undefined
        )
        : coordinated.why !== "",
  },
  {
    name: "why",
    unit: "text",
    help: "Why it was given up, or an empty text.",
    combine: "same",
    read: ({ checkpoint: { coordinated, parts } }) =>
      coordinated === undefined
        ? parts.map(whyNot).find((why) => why !== "") ?? ""
        : whyOf(coordinated),
  },
  count("restores", "Processes that were brought back from it.", ({ restores }) => restores),
  {
    name: "restored",
    unit: "truth",
    help: "Whether some process was brought back from it.",
    combine: "same",
    read: ({ restores }) => restores > 0,
  },
  count(
    "places",
    "Places in which each part of it is now, the fewest; a storage is one, each of its levels one more.",
    ({ checkpoint, now }) => {
      const places = memberParts(checkpoint).map((part) => placesOf(part, now));
      return places.length === 0 ? 0 : Math.min(...places);
    },
  ),
  count(
    "members",
    "Processes in it.",
    ({ checkpoint: { coordinated, parts } }) => coordinated?.members?.length ?? parts.length,
  ),
  {
    name: "sent",
    unit: "count",
    help: "Control messages of that kind the protocol sent for it.",
    combine: "same",
    takes: ["text"],
    read: ({ checkpoint: { coordinated } }, [kind = ""]) =>
      coordinated?.control.get(kind)?.messages ?? 0,
  },
  count(
    "protocol_messages",
    "Control messages of all kinds the protocol sent for it.",
    ({ checkpoint: { coordinated } }) =>
      coordinated === undefined ? 0 : controlTotal(coordinated).messages,
  ),
  count(
    "rounds",
    "Rounds in which the protocol polled for it until all messages had come; 0 for a protocol that " +
      "does not poll, and where somebody ended, began or was lost meanwhile.",
    ({ checkpoint: { coordinated } }) => coordinated?.rounds ?? 0,
  ),
  {
    name: "control_bytes",
    unit: "bytes",
    help: "Bytes of the control messages the protocol sent for it.",
    combine: "same",
    read: ({ checkpoint: { coordinated } }) =>
      coordinated === undefined ? 0 : controlTotal(coordinated).bytes,
  },
  {
    name: "piggyback_bytes",
    unit: "bytes",
    help: "Bytes the protocol has put on application messages while it was under way.",
    combine: "same",
    read: ({ checkpoint: { coordinated } }) => coordinated?.piggybackBytes ?? 0,
  },
  count(
    "withheld",
    "Messages kept out of the receive buffer while it was under way, as the sender was saved and " +
      "the receiver was not.",
    ({ checkpoint: { coordinated } }) => coordinated?.withheld ?? 0,
  ),
  count(
    "channel_messages",
    "Messages that cross it, recorded by their receivers beside the images.",
    ({ checkpoint: { parts } }) => sumOf(parts, ({ channels }) => channels?.messages.length ?? 0),
  ),
  {
    name: "channel_bytes",
    unit: "bytes",
    help: "Bytes of the files in which messages that cross it are recorded.",
    combine: "same",
    read: ({ checkpoint: { parts } }) => sumOf(parts, ({ channels }) => channels?.bytes ?? 0),
  },
  count(
    "log_messages",
    "Messages that its senders' logs kept, saved beside the images.",
    ({ checkpoint: { parts } }) => sumOf(parts, ({ log }) => log?.messages.length ?? 0),
  ),
  {
    name: "log_bytes",
    unit: "bytes",
    help: "Bytes of the files in which senders' logs are saved beside the images.",
    combine: "same",
    read: ({ checkpoint: { parts } }) => sumOf(parts, ({ log }) => log?.bytes ?? 0),
  },
  {
    name: "sync_time",
    unit: "time",
    help: "From the request until the last process begins to save: SYNC and EXEC of paper B, " +
      "without the saving.",
    combine: "same",
    read: (view) => Math.round(syncNs(view)),
  },
  {
    name: "commit_time",
    unit: "time",
    help: "From the request until the global checkpoint is durable.",
    combine: "same",
    read: ({ checkpoint: { coordinated } }) =>
      coordinated?.recordedNs === undefined || coordinated.begunNs === undefined
        ? 0
        : coordinated.recordedNs - coordinated.begunNs,
  },
  {
    name: "blocked_time",
    unit: "time",
    help: "Time in which the protocol kept its processes from sending, receiving or ending, all " +
      "processes together.",
    combine: "same",
    read: (view) => Math.round(blockedNs(view)),
  },
  {
    name: "consistent",
    unit: "truth",
    help: "Whether no message in it was received before it was sent.",
    combine: "same",
    read: ({ audit }) => audit().consistent,
  },
  count(
    "orphans",
    "Messages received in it whose sending is not in it.",
    ({ audit }) => audit().orphans.length,
  ),
  count(
    "in_transit",
    "Messages sent in it that had not arrived.",
    ({ audit }) => audit().inTransit.length,
  ),
  count(
    "buffered",
    "Messages that had arrived and were not read; they are in the images.",
    ({ audit }) => audit().buffered.length,
  ),
  count(
    "lost",
    "Messages sent in it that neither arrived nor are in an image or beside one.",
    ({ audit }) => audit().lost.length,
  ),
  count("duplicated", "Messages that are in it twice.", ({ audit }) => audit().duplicated.length),
  {
    name: "phase",
    unit: "text",
    help: "The step of that process's part: of the checkpointer, else of the protocol.",
    combine: "same",
    takes: ["process"],
    read: (view, [name]) => phaseOf(partOf(view, name)),
  },
  count2("pages_done", "Pages of that process that are captured.", (part) => {
    const counts = part?.figures?.counts;
    return counts === undefined ? 0 : counts.pagesA + counts.pagesB;
  }),
  count2(
    "durable",
    "1 when that process's image is durable, else 0.",
    (part) => part !== undefined && isDurable(part) ? 1 : 0,
  ),
];

function count2(
  name: string,
  help: string,
  read: (part: Part | undefined) => number,
): Metric<View> {
  return {
    name,
    unit: "count",
    help,
    combine: "same",
    takes: ["process"],
    read: (view, [process]) => read(partOf(view, process)),
  };
}

/** Every metric of a checkpoint, for whoever only wants to know what there is. */
export const CHECKPOINT_METRICS: readonly Omit<Metric<never>, "read">[] = [
  ...WHOLE_METRICS,
  ...PART_METRICS,
];

const sample = ({ figures, node }: Part): CheckpointSample => ({
  figures,
  cycleNs: NS / node.profile.clock,
});

/** A metric of a checkpoint; of its parts, put together as the metric says. */
export function checkpointMetric(
  view: View,
  name: string,
  given: readonly MetricArgument[],
): MetricValue {
  const whole = WHOLE_METRICS.find((row) => row.name === name);
  if (whole !== undefined) return whole.read(view, given);
  const { combine, read } = rowOf(PART_METRICS, name, "metric of a checkpoint");
  const values = view.checkpoint.parts.map((part) => read(sample(part), given));
  const numbers = values.map(Number);
  switch (combine) {
    case "all":
      return values.every((value) => value === true);
    case "max":
      return Math.max(0, ...numbers);
    case "sum":
      return numbers.reduce((sum, value) => sum + value, 0);
    case "same":
      return values[0] ?? 0;
  }
}
