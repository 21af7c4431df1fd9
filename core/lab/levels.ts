/**
 * Multi-level checkpointing: an image is committed in the memory of its node, and behind that copied,
 * every so often, to places that outlive more (Moody et al., "Design, modeling, and evaluation of a
 * scalable multi-level checkpointing system", 2010; Bautista-Gomez et al., "FTI", 2011). Copies are
 * made beside the programs and take no processor, and each level of a node takes one after the other.
 * What an image builds on goes with it. A crash of the node, or one that takes the place they go to,
 * breaks off those that are under way; who forgets an image does not.
 */
import type { Part } from "./checkpoint_record.ts";
import type { Loss } from "./lab.ts";
import type { NodeRecord } from "./node_record.ts";
import { partnerOf } from "./peer_copies.ts";
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
  /**
   * The first checkpoint of a process is copied there, and each so manieth behind the last that was; if
   * that is still on its way, or there no more, the next.
   */
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

/** Its own bytes, with what is saved beside it. */
const bytesOf = ({ figures, channels, log }: Part): number =>
  (figures?.reads?.[0] ?? 0) + (channels?.bytes ?? 0) + (log?.bytes ?? 0);

/** How long the bytes take from or to a level of a node, in ns. */
const durationNs = ({ bandwidth, latency }: Level, { hardware }: NodeRecord, bytes: number) =>
  (latency ?? hardware.disk_latency) + Math.ceil(bytes * NS / (bandwidth ?? hardware.disk));

const copyAt = ({ copies = [] }: Part, level: Level): Copy | undefined =>
  copies.find((copy) => copy.level === level);

/** It is at that level by then. */
export const isAt = (part: Part, level: Level, at: number): boolean =>
  (copyAt(part, level)?.readyNs ?? Infinity) <= at;

const isOnItsWay = (part: Part, level: Level, at: number): boolean =>
  (copyAt(part, level)?.readyNs ?? -1) > at;

/** It is on its way to some level then. */
export const isBeingCopied = ({ copies = [] }: Part, at: number): boolean =>
  copies.some(({ readyNs }) => readyNs > at);

/**
 * These parts have become durable together: begins their copies. Where one of them has its turn all are
 * copied, so that a line is whole at a level. Where one is still being copied all pass, so that memory
 * waits for no more than one image of a process: then the next checkpoint has its turn.
 */
export function copyBehind(world: World, parts: readonly Part[], at: number): void {
  const { keeping: { levels = [] } } = world;
  if (levels.length === 0 || parts.length === 0) return;
  const turn = parts.reduce((last, part) => Math.max(last, part.turn ?? part.record.turns), 0);
  for (const part of parts) {
    part.turn ??= turn;
    part.record.turns = Math.max(part.record.turns, part.turn + 1);
  }
  for (const level of levels) if (isDue(parts, level, turn, at)) copyAll(world, parts, level, at);
}

/** It is the turn of one of them, and none is still being copied there. */
function isDue(parts: readonly Part[], level: Level, turn: number, at: number): boolean {
  const before = parts.map(({ record }) => {
    const last = record.copied.get(level);
    return last !== undefined && copyAt(last, level) !== undefined ? last : undefined;
  });
  const isBusy = before.some((last) =>
    last !== undefined && isOnItsWay(last, level, at) && !parts.includes(last)
  );
  return !isBusy && before.some((last) => turn - (last?.turn ?? -Infinity) >= level.every);
}

function copyAll(world: World, parts: readonly Part[], level: Level, at: number): void {
  for (const part of parts) {
    part.record.copied.set(level, part);
    copy(world, part, level, at);
  }
}

function copy(world: World, part: Part, level: Level, at: number): void {
  const { node, image, record } = part;
  const missing = chainOf(world, part).filter((each) => copyAt(each, level) === undefined);
  if (missing.length === 0) return;
  const bytes = missing.reduce((sum, each) => sum + bytesOf(each), 0);
  const begins = Math.max(at, node.levelFreeNs.get(level) ?? 0);
  const readyNs = Math.ceil(begins) + durationNs(level, node, bytes);
  node.levelFreeNs.set(level, readyNs);
  for (const each of missing) each.copies = [...each.copies ?? [], { level, readyNs }];
  const text = `${image} to ${level.medium}, ${bytes} bytes, there at ${readyNs}`;
  world.event(at, node.name, record.name, "copy", text);
}

/** It, and what it builds on. */
function chainOf({ checkpoints }: World, part: Part): readonly Part[] {
  const { node, image, record, figures } = part;
  if ((figures?.counts.chain ?? 0) < 2) return [part];
  const chain = node.store.chainOf(image);
  return [...checkpoints.values()].flatMap(({ parts }) => parts)
    .filter((each) => each.node === node && each.record === record && chain.has(each.image));
}

/** The memory of its node has it still. */
const isInMemory = ({ node, takenNs }: Part): boolean => (takenNs ?? -1) > node.memoryLostNs;

/** How many places have it by then; one is what is kept without levels. */
export function placesOf(part: Part, at: number): number {
  const { node, image, copies } = part;
  if (!node.holds(image)) return 0;
  if (copies === undefined) return 1;
  return (isInMemory(part) ? 1 : 0) + copies.filter(({ readyNs }) => readyNs <= at).length;
}

/** What a crash takes: nodes with their memory, and of disks that are touched what it loses. */
export interface Losses {
  readonly nodes: readonly string[];
  readonly disks: ReadonlySet<string>;
  readonly losing: Loss;
}

/**
 * A crash now: images that are nowhere any more are gone. What builds on them is, too, for no copy is
 * anywhere without its chain.
 */
export function loseLevels(world: World, { nodes, disks, losing }: Losses): void {
  const { setup, now } = world;
  if (nodes.length === 0 && losing !== "disk") return;
  const fates = new Map([...setup.nodes.values()].map((node) => {
    const isGone = nodes.includes(node.name);
    const isPartnerGone = nodes.includes(partnerOf(setup, node).name);
    const isDiskGone = losing === "disk" && disks.has(node.name);
    if (isGone) node.memoryLostNs = now;
    for (const level of [...node.levelFreeNs.keys()]) {
      const isBrokenOff = isGone || isPartnerGone && level.medium === "peer" ||
        isDiskGone && level.medium === "disk";
      if (isBrokenOff) node.levelFreeNs.delete(level);
    }
    return [node, { isGone, isPartnerGone, isDiskGone }];
  }));
  for (const part of [...world.checkpoints.values()].flatMap(({ parts }) => parts)) {
    const fate = fates.get(part.node);
    if (part.takenNs === undefined || fate === undefined) continue;
    part.copies = part.copies?.filter(({ level: { medium }, readyNs }) =>
      !(fate.isGone && readyNs > now) && !(medium === "peer" && fate.isPartnerGone) &&
      !(medium === "disk" && fate.isDiskGone)
    );
    const isNowhere = !isInMemory(part) && (part.copies ?? []).length === 0;
    if (!isNowhere || !part.node.store.lose(part.image)) continue;
    world.event(now, part.node.name, part.record.name, "lost", part.image);
  }
}

/** What reading it costs on a node, where not memory has it: that of the level that is fastest. */
export function readFrom(part: Part, node: NodeRecord): Partial<NodeRecord["profile"]> {
  if (isInMemory(part)) return {};
  const { hardware } = node;
  const bytes = (part.figures?.reads ?? []).reduce((sum, each) => sum + each, 0);
  const [fastest] = (part.copies ?? []).map(({ level }) => level)
    .sort((a, b) => durationNs(a, node, bytes) - durationNs(b, node, bytes));
  if (fastest === undefined) return {};
  const { bandwidth = hardware.disk, latency = hardware.disk_latency } = fastest;
  return { disk: bandwidth, disk_latency: latency };
}
