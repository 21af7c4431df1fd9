/** A checkpoint as the lab knows it: one label over the parts of one or more processes. */
import type { MessageId } from "../cluster/facts.ts";
import type { ProcessId } from "../cluster/protocol.ts";
import type { SessionFigures } from "../image/figures.ts";
import type { PageArea, ProcessPages } from "../image/page_map.ts";
import type { Copy } from "./levels.ts";
import type { NodeRecord } from "./node_record.ts";
import type { Point, ProcessRecord } from "./process_record.ts";

/** One process's part of a checkpoint. */
export interface Part {
  readonly record: ProcessRecord;
  readonly node: NodeRecord;
  /** The label in the node's store. */
  readonly image: string;
  /** What it came to so far; nothing before it has begun. */
  figures: SessionFigures | undefined;
  /** What became of its pages; nothing before it is durable. */
  areas: readonly PageArea[];
  /** What crosses the line, recorded and durable beside the image; absent where no channels were. */
  channels?: { readonly messages: readonly MessageId[]; readonly bytes: number };
  /** What the sender's log kept at t0, and its bytes; 0 until they are durable. Absent without one. */
  log?: { readonly messages: readonly MessageId[]; bytes: number };
  /** It counts for nothing before the protocol declares a line of which it is a part. */
  tentative?: true;
  /** From how many others the process had received, at t0, what its newest permanent one has not. */
  heard?: number;
  /** Where it is besides the memory of its node, and the turn that it had to be copied. */
  copies?: readonly Copy[] | undefined;
  turn?: number;
  /** Why it came to nothing though its image is durable; absent unless it did. */
  incomplete?: string;
  /** When t0 was, in ns; nothing before it. */
  takenNs: number | undefined;
  /** Where a restart goes back to; there since t0. */
  point: Point | undefined;
}

/** Control messages of one kind. */
export interface ControlCount {
  messages: number;
  bytes: number;
}

/** What the protocol did for a global checkpoint; times in ns. */
export interface Coordinated {
  readonly protocol: string;
  readonly requestedNs: number;
  /** Since when the members know of it; later than the request when another was under way. */
  begunNs: number | undefined;
  /** The line is declared: who is in it. */
  members: readonly ProcessId[] | undefined;
  recordedNs: number | undefined;
  /** Dealt with: recorded, or given up. */
  over: boolean;
  /** Why there is no line; empty while there may be one. */
  why: string;
  /** The first part that came to nothing by itself, and why; what a manager waits for in vain. */
  failed?: string;
  /** Somebody ended or wanted to, joined or crashed: its messages are not those of the formula. */
  disturbed: boolean;
  readonly control: Map<string, ControlCount>;
  /** How often it polled, where it polls and was not disturbed; else 0. */
  rounds: number;
  /** Bytes put on application messages while it was under way, and messages withheld. */
  piggybackBytes: number;
  withheld: number;
  /** Blocked time of the members when it began. */
  readonly blockedBeforeNs: Map<ProcessId, number>;
  /** And when the next one began; absent until then. */
  blockedAfterNs?: ReadonlyMap<ProcessId, number>;
}

/** A checkpoint of one or more processes. */
export interface CheckpointRecord {
  readonly label: string;
  readonly parts: readonly Part[];
  /** Absent where no protocol was asked. */
  readonly coordinated?: Coordinated;
  /** Its process has saved itself unasked. */
  readonly forced?: true;
}

/** Why there is no line, with what a manager cannot know of it; empty while there may be one. */
export const whyOf = ({ why, failed }: Coordinated): string =>
  why === "" || failed === undefined || why.includes(failed) ? why : `${why}; ${failed}`;

/** Why a part came to nothing; empty unless it did. */
export const whyNot = ({ figures, incomplete }: Part): string => incomplete ?? figures?.why ?? "";

/**
 * The part's image is durable and still there, with its channel state and log if it has them; and it is
 * not tentative.
 */
export const isDurable = ({ figures, node, image, channels, log, tentative }: Part): boolean =>
  figures?.state === "committed" && tentative !== true && node.holds(image) &&
  (channels === undefined || node.store.holdsChannels(image)) &&
  (log === undefined || node.store.holdsLog(image));

/** The parts of who is in it: of a global one, once its line is declared, the members'. */
export function memberParts({ parts, coordinated }: CheckpointRecord): readonly Part[] {
  if (coordinated?.members === undefined) return parts;
  const members = new Set(coordinated.members);
  return parts.filter(({ record }) => members.has(record.rank));
}

/** What became of the pages of its processes. */
export function pagesOf({ parts }: CheckpointRecord): readonly ProcessPages[] {
  const alike = Map.groupBy(parts, ({ areas }) => JSON.stringify(areas));
  return [...alike.values()].map((group) => ({
    processes: group.map(({ record }) => record.name),
    areas: group[0]?.areas ?? [],
  }));
}

/** Control messages of all kinds together. */
export function controlTotal({ control }: Coordinated): ControlCount {
  const total = { messages: 0, bytes: 0 };
  for (const { messages, bytes } of control.values()) {
    total.messages += messages;
    total.bytes += bytes;
  }
  return total;
}
