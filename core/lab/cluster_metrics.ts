/** What may be asked of the whole run: `cluster.lost`. */
import type { RunAudit } from "./audit_run.ts";
import { FINGERPRINTS } from "./fingerprint.ts";
import { type CheckpointRecord, isDurable } from "./checkpoint_record.ts";
import type { Metric } from "./metric.ts";
import type { ProcessRecord } from "./process_record.ts";
import type { TrafficCounts } from "../cluster/traffic.ts";

/** The whole run. */
export interface ClusterView {
  readonly processes: readonly ProcessRecord[];
  readonly checkpoints: readonly CheckpointRecord[];
  readonly committed: number;
  /** Control messages by kind, in and between global checkpoints. */
  readonly control: ReadonlyMap<string, { readonly messages: number; readonly bytes: number }>;
  /** Bytes the protocol has put on application messages. */
  readonly piggybackBytes: number;
  /** Bytes of senders' logs written beside images, and messages sent again out of one. */
  readonly logBytes: number;
  readonly sentAgain: number;
  /** Messages that came once more and were dropped. */
  readonly repeated: number;
  readonly traffic: Readonly<TrafficCounts>;
  /** Application messages sent that have not arrived. */
  readonly inFlight: number;
  readonly rolledBack: number;
  /** Packets that reached nobody. */
  readonly dropped: number;
  readonly images: number;
  readonly storedBytes: number;
  /** Crashes of processes while a checkpoint was in that phase: "checkpoint" for any. */
  readonly crashesIn: ReadonlyMap<string, number>;
  readonly audit: () => RunAudit;
  readonly fingerprint: (part: string) => string;
}

const count = (
  name: string,
  help: string,
  read: (view: ClusterView) => number,
): Metric<ClusterView> => ({ name, unit: "count", help, combine: "same", read });

const sumOf = <T>(items: Iterable<T>, value: (item: T) => number): number =>
  [...items].reduce((sum, item) => sum + value(item), 0);

/** The rows. */
export const CLUSTER_METRICS: readonly Metric<ClusterView>[] = [
  count("processes", "Processes of the scenario.", ({ processes }) => processes.length),
  count(
    "messages",
    "Application messages sent, those sent again after a restart included.",
    ({ processes }) => sumOf(processes, ({ messagesSent }) => messagesSent),
  ),
  count(
    "delivered",
    "Application messages read.",
    ({ processes }) => sumOf(processes, ({ messagesReceived }) => messagesReceived),
  ),
  count("in_flight", "Application messages on their way now.", ({ inFlight }) => inFlight),
  count(
    "orphans",
    "Messages received that nobody has sent, as after a restart to an inconsistent state.",
    ({ audit }) => audit().orphans.count,
  ),
  count(
    "lost",
    "Messages sent that neither arrived nor are on their way.",
    ({ audit }) => audit().lost.count,
  ),
  count("duplicated", "Messages that arrived twice.", ({ audit }) => audit().duplicated.count),
  {
    name: "sent",
    unit: "count",
    help: "Control messages of that kind, in and between global checkpoints.",
    combine: "same",
    takes: ["text"],
    read: ({ control }, [kind = ""]) => control.get(kind)?.messages ?? 0,
  },
  count(
    "control_messages",
    "Control messages of all kinds.",
    ({ control }) => sumOf(control.values(), ({ messages }) => messages),
  ),
  {
    name: "control_bytes",
    unit: "bytes",
    help: "Bytes of all control messages.",
    combine: "same",
    read: ({ control }) => sumOf(control.values(), ({ bytes }) => bytes),
  },
  {
    name: "piggyback_bytes",
    unit: "bytes",
    help: "Bytes the protocol has put on application messages.",
    combine: "same",
    read: ({ piggybackBytes }) => piggybackBytes,
  },
  {
    name: "log_bytes",
    unit: "bytes",
    help: "Bytes of senders' logs that were saved beside images.",
    combine: "same",
    read: ({ logBytes }) => logBytes,
  },
  count(
    "sent_again",
    "Messages put on the network once more out of senders' logs, after restarts.",
    ({ sentAgain }) => sentAgain,
  ),
  count(
    "repeated",
    "Messages that came once more after a restart of their sender alone, and were dropped.",
    ({ repeated }) => repeated,
  ),
  count("checkpoints", "Checkpoints that were committed.", ({ committed }) => committed),
  count(
    "forced_checkpoints",
    "Checkpoints of single processes that nobody asked for: the protocol forced them.",
    ({ checkpoints }) =>
      checkpoints.filter(({ forced, parts }) => forced === true && parts.every(isDurable)).length,
  ),
  count(
    "aborted",
    "Global checkpoints that were given up.",
    ({ checkpoints }) =>
      checkpoints.filter(({ coordinated }) => (coordinated?.why ?? "") !== "").length,
  ),
  count(
    "rolled_back",
    "Processes that still ran and had to go back with others.",
    ({ rolledBack }) => rolledBack,
  ),
  count(
    "retransmitted",
    "Frames a transport sent again.",
    ({ traffic }) => traffic.retransmitted,
  ),
  count(
    "dropped",
    "Packets that reached nobody.",
    ({ dropped, traffic }) => dropped + traffic.lost,
  ),
  count("images", "Images that can be read, on all nodes.", ({ images }) => images),
  {
    name: "stored_bytes",
    unit: "bytes",
    help: "Bytes the nodes keep, those of images half written among them.",
    combine: "same",
    read: ({ storedBytes }) => storedBytes,
  },
  {
    name: "crashes_in",
    unit: "count",
    help: 'Crashes of processes in a phase of their protocol or a step of their checkpointer; "' +
      'checkpoint": while any checkpoint was under way.',
    combine: "same",
    takes: ["text"],
    read: ({ crashesIn }, [phase = ""]) => crashesIn.get(phase) ?? 0,
  },
  count(
    "crashes",
    "Crashes of processes.",
    ({ processes }) => sumOf(processes, ({ crashes }) => crashes),
  ),
  {
    name: "fingerprint",
    unit: "text",
    help: "A digest of a part of the run, to be compared with a text that `run --update` writes; " +
      `the parts are ${FINGERPRINTS.map(({ name, help }) => `"${name}" (${help})`).join(", ")}.`,
    combine: "same",
    takes: ["text"],
    read: ({ fingerprint }, [part = ""]) => fingerprint(part),
  },
];
