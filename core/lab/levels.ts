/**
 * Multi-level checkpointing: an image is committed in the memory of its node, and behind that copied, every
 * so often, to places that outlive more (Moody et al., "Design, modeling, and evaluation of a
 * scalable multi-level checkpointing system", 2010; Bautista-Gomez et al., "FTI", 2011). Copies are
 * made beside the programs, by each node one after the other to each level, and take no processor;
 * what an image builds on goes with it. A crash of the node breaks off those that are under way.
 */
import type { NodeRecord } from "./node_record.ts";
import { partnerOf } from "./peer_copies.ts";
import type { Part } from "./checkpoint_record.ts";
import type { Loss } from "./lab.ts";
import type { ProcessRecord } from "./process_record.ts";
import type { World } from "./world.ts";

const NS = 1_000_000_000;

/** To what images can be copied from memory. */
export const LEVEL_MEDIA = ["peer", "disk", "elsewhere"] as const;

/** A place behind the memory of the node. */
export interface Level {
  /**
   * peer: the memory of the next node, gone when that crashes. disk: of the node, gone when a crash
   * loses the disk. elsewhere: no crash of a node takes anything.
   */
  readonly medium: typeof LEVEL_MEDIA[number];
  /** The first checkpoint and each so manieth behind it are copied there. */
  readonly every: number;
  /** Bytes a second, and ns before the first; without them those of the node's disk. */
  readonly bandwidth?: number;
  readonly latency?: number;
}

/** A copy of an image: there from that moment on, in ns. */
export interface Copy {
  readonly level: Level;
  readonly readyNs: number;
}

const partsOn = (world: World, node: NodeRecord): readonly Part[] =>
  [...world.checkpoints.values()].flatMap(({ parts }) => parts)
    .filter((part) => part.node === node && part.takenNs !== undefined);

/** Its own bytes, with what is saved beside it. */
const bytesOf = ({ figures, channels, log }: Part): number =>
  (figures?.reads?.[0] ?? 0) + (channels?.bytes ?? 0) + (log?.bytes ?? 0);

const isAmong = ({ copies = [] }: Part, level: Level): boolean =>
  copies.some((copy) => copy.level === level);

/** How long the bytes take to a level of a node, in ns. */
const durationNs = ({ bandwidth, latency }: Level, { hardware }: NodeRecord, bytes: number) =>
  (latency ?? hardware.disk_latency) + Math.ceil(bytes * NS / (bandwidth ?? hardware.disk));

/** Checkpoints of a process that had their turn. */
const turnsOf = ({ checkpoints }: World, record: ProcessRecord): number =>
  [...checkpoints.values()].flatMap(({ parts }) => parts)
    .filter((part) => part.record === record && part.hadTurn === true).length;

/**
 * These parts have become durable together: begins their copies. All have the turn of the process that
 * has saved itself most often, so that a line is whole at a level.
 */
export function copyBehind(world: World, parts: readonly Part[], at: number): void {
  const { keeping: { levels = [] } } = world;
  if (levels.length === 0 || parts.length === 0) return;
  const turn = Math.max(...parts.map(({ record }) => turnsOf(world, record)));
  for (const part of parts) {
    part.hadTurn = true;
    for (const level of levels) if (turn % level.every === 0) copy(world, part, level, at);
  }
}

function copy(world: World, part: Part, level: Level, at: number): void {
  const { node, image, record } = part;
  const there = partsOn(world, node);
  const chain = new Set(node.store.chainOf(image));
  const missing = there.filter((each) => chain.has(each.image) && !isAmong(each, level));
  const busyNs = there.flatMap(({ copies = [] }) => copies)
    .reduce((last, each) => each.level === level ? Math.max(last, each.readyNs) : last, at);
  const bytes = missing.reduce((sum, each) => sum + bytesOf(each), 0);
  const readyNs = Math.ceil(busyNs) + durationNs(level, node, bytes);
  for (const each of missing) each.copies = [...each.copies ?? [], { level, readyNs }];
  const text = `${image} to ${level.medium}, ${bytes} bytes, there at ${readyNs}`;
  world.event(at, node.name, record.name, "copy", text);
}

/** The memory of its node has it still. */
const isInMemory = ({ node, takenNs }: Part): boolean => (takenNs ?? -1) > node.memoryLostNs;

/** It is at that level by then. */
export const isAt = ({ copies = [] }: Part, level: Level, at: number): boolean =>
  copies.some((copy) => copy.level === level && copy.readyNs <= at);

/** How many places have it by then; 1 for what is kept without levels. */
export function placesOf(part: Part, at: number): number {
  const { node, image, copies } = part;
  if (!node.holds(image)) return 0;
  if (copies === undefined) return 1;
  return (isInMemory(part) ? 1 : 0) + copies.filter(({ readyNs }) => readyNs <= at).length;
}

/** What a node crashes with: which nodes, which disks are touched, and what of these is lost. */
export interface Losses {
  readonly nodes: readonly string[];
  readonly disks: ReadonlySet<string>;
  readonly losing: Loss;
}

/** A crash now: images that are nowhere any more are gone, and what builds on them. */
export function loseLevels(world: World, { nodes, disks, losing }: Losses): void {
  const { setup, now } = world;
  for (const name of nodes) setup.node(name).memoryLostNs = now;
  for (const node of setup.nodes.values()) {
    const isGone = nodes.includes(node.name);
    const isPartnerGone = nodes.includes(partnerOf(setup, node).name);
    const isDiskGone = losing === "disk" && disks.has(node.name);
    for (const part of partsOn(world, node)) {
      part.copies = part.copies?.filter(({ level: { medium }, readyNs }) =>
        !(isGone && readyNs > now) && !(medium === "peer" && isPartnerGone) &&
        !(medium === "disk" && isDiskGone)
      );
      const isNowhere = !isInMemory(part) && (part.copies ?? []).length === 0;
      if (!isNowhere || !node.store.lose(part.image)) continue;
      world.event(now, node.name, part.record.name, "lost", part.image);
    }
  }
}

/** What reading it costs on a node, where not memory has it but a level: the first that does. */
export function readFrom(part: Part, { hardware }: NodeRecord): Partial<NodeRecord["profile"]> {
  const [first] = part.copies ?? [];
  if (first === undefined || isInMemory(part)) return {};
  const { bandwidth, latency } = first.level;
  return { disk: bandwidth ?? hardware.disk, disk_latency: latency ?? hardware.disk_latency };
}
