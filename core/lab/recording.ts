/**
 * What pictures of a run need besides its trace: every message with its fate, the cuts of every line
 * and what the auditor says of them. It is made only where it was asked for; nothing of it enters
 * the trace, so a run that is recorded has the same digest as one that is not.
 */
import type { ChoiceRecord } from "../base/choices.ts";
import type { Body, MessageId } from "../cluster/facts.ts";
import type { NetworkObserver } from "../cluster/network.ts";
import type { Packet } from "../cluster/packet.ts";
import type { Station } from "../cluster/protocol.ts";
import { AuditError } from "./auditor.ts";
import type { CheckpointRecord, Part } from "./checkpoint_record.ts";
import type { LineAudit } from "./audit_line.ts";
import type { NodeRecord } from "./node_record.ts";
import { MANAGER } from "./setup.ts";
import type { World } from "./world.ts";

/** What became of a message: `dropped` reached a process that was not there. */
export type Fate = "on its way" | "arrived" | "lost" | "discarded" | "dropped";

/** One message. Stations are processes by name, or `manager`. Times in ns. */
export interface MessageRecord {
  readonly from: string;
  readonly to: string;
  /** `user`, or the kind of a control message. */
  readonly kind: string;
  readonly isControl: boolean;
  /** Of an application's message: its number on the channel, from 0. */
  readonly sequence?: number;
  readonly bytes: number;
  readonly sentNs: number;
  readonly arrivedNs?: number;
  readonly fate: Fate;
}

/** One process's part of a checkpoint; times in ns, absent where it did not come so far. */
export interface CutRecord {
  readonly process: string;
  readonly requestedNs?: number;
  /** t0: what the image shows. */
  readonly takenNs?: number;
  readonly durableNs?: number;
}

/** A checkpoint as a line through the lanes of its processes. */
export interface LineRecord {
  readonly label: string;
  readonly isCommitted: boolean;
  readonly cuts: readonly CutRecord[];
  /** Places in the list of messages: received in it, but not sent in it. */
  readonly orphans: readonly number[];
  /** Sent in it, not arrived in it. */
  readonly inTransit: readonly number[];
  /** Neither arrived nor saved by anybody. */
  readonly lost: readonly number[];
}

/** A durable image on the disk of a node, as its files. */
export interface SavedImage {
  readonly node: string;
  readonly label: string;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** All of it. */
export interface Recording {
  readonly processes: readonly { readonly name: string; readonly node: string }[];
  readonly messages: readonly MessageRecord[];
  readonly lines: readonly LineRecord[];
  /** Every nondeterministic choice, in order. */
  readonly choices: readonly ChoiceRecord[];
  /** The images that are on the disks now; a recording that was read from a file has none. */
  readonly images?: () => readonly SavedImage[];
}

type Open = { -readonly [K in keyof MessageRecord]: MessageRecord[K] };

/** Keeps every message; it watches the network and changes nothing. */
export class MessageLog implements NetworkObserver<Body> {
  readonly messages: Open[] = [];
  private readonly byPacket = new Map<Packet<Body>, Open>();

  constructor(private readonly nameOf: (station: Station) => string) {}

  sent(at: number, packet: Packet<Body>): void {
    const { from, to, bytes, body } = packet;
    const isControl = body.kind === "control";
    const record: Open = {
      from: this.nameOf(from),
      to: this.nameOf(to),
      kind: isControl ? body.message.kind : "user",
      isControl,
      ...(isControl ? {} : { sequence: body.sequence }),
      bytes,
      sentNs: Math.round(at),
      fate: "on its way",
    };
    this.messages.push(record);
    this.byPacket.set(packet, record);
  }

  /** A second arrival is a message of its own: the channel made two of one. */
  arrived(at: number, packet: Packet<Body>): void {
    const record = this.byPacket.get(packet);
    if (record === undefined) return;
    const arrived = { arrivedNs: Math.round(at), fate: "arrived" } as const;
    if (record.fate === "arrived") this.messages.push({ ...record, ...arrived });
    else Object.assign(record, arrived);
  }

  gone(packet: Packet<Body>, fate: "lost" | "discarded" | "dropped"): void {
    const record = this.byPacket.get(packet);
    if (record !== undefined) record.fate = fate;
  }
}

const NS = 1_000_000_000;

/** The recording of a world, as far as it has come. */
export function recordingOf(world: World, { messages }: MessageLog): Recording {
  return {
    processes: world.setup.processes.map(({ name, node }) => ({ name, node: node.name })),
    messages,
    lines: [...world.checkpoints.values()].map((one) => lineOf(world, one, messages)),
    choices: [...world.choices.records],
    images: () => [...world.setup.nodes.values()].flatMap(imagesOn),
  };
}

const imagesOn = ({ name, store }: NodeRecord): readonly SavedImage[] =>
  store.labels().map((label) => ({ node: name, label, files: store.imageFiles(label) }));

function cutOf({ record, node, figures, takenNs }: Part): CutRecord {
  const ns = (cycles: number) => Math.round(cycles * NS / node.profile.clock);
  return {
    process: record.name,
    ...(figures === undefined ? {} : { requestedNs: ns(figures.requestedAt) }),
    ...(takenNs === undefined ? {} : { takenNs: Math.round(takenNs) }),
    ...(figures?.committedAt === undefined ? {} : { durableNs: ns(figures.committedAt) }),
  };
}

function lineOf(
  world: World,
  checkpoint: CheckpointRecord,
  messages: readonly MessageRecord[],
): LineRecord {
  const { label, parts } = checkpoint;
  const cuts = parts.map(cutOf);
  const last = Math.max(0, ...cuts.map(({ takenNs = 0 }) => takenNs));
  const audit = audited(world, label);
  const nameOf = nameIn(world);
  // After a restart numbers come again: the last that was sent until then is meant.
  const placeOf = ({ from, to, sequence }: MessageId): readonly number[] => {
    const place = messages.findLastIndex((each) =>
      !each.isControl && each.sequence === sequence && each.from === nameOf(from) &&
      each.to === nameOf(to) && each.sentNs <= last
    );
    return place < 0 ? [] : [place];
  };
  return {
    label,
    isCommitted: world.isCommitted(checkpoint),
    cuts,
    orphans: audit?.orphans.flatMap(placeOf) ?? [],
    inTransit: audit?.inTransit.flatMap(({ message }) => placeOf(message)) ?? [],
    lost: audit?.lost.flatMap(placeOf) ?? [],
  };
}

/** Nothing of a label nobody has begun to save. */
function audited(world: World, label: string): LineAudit | undefined {
  try {
    return world.auditor.line(label);
  } catch (error) {
    if (error instanceof AuditError) return undefined;
    throw error;
  }
}

/** How stations are called in a world. */
export const nameIn = (world: World) => (station: Station): string =>
  station === "manager" ? MANAGER : world.setup.processes[station]?.name ?? String(station);
