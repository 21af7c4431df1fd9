/** Where images are kept: what writing costs, how many are kept, and what a crash takes. */
import type { OptionTable, OptionValues } from "../base/option.ts";
import type { Profile } from "../cluster/profile.ts";
import type { Pins } from "../image/store.ts";
import { isDurable, memberParts, type Part } from "./checkpoint_record.ts";
import { copyBehind, isAt, isBeingCopied, type Level } from "./levels.ts";
import type { NodeRecord } from "./node_record.ts";
import type { World } from "./world.ts";

/** What images can be kept in. */
export const MEDIA = ["disk", "memory", "peer", "elsewhere"] as const;

/** How a storage keeps images. */
export interface Keeping {
  /**
   * disk: of the node, and a crash takes from it what `losing` says. memory: of the node, gone when
   * the node crashes. peer: of the node and of the next one, gone when both have crashed. elsewhere:
   * no crash of a node takes anything.
   */
  readonly medium: typeof MEDIA[number];
  /** Checkpoints of a process, or global ones, that are kept; older ones are removed. 0: all. */
  readonly retain: number;
  /** Bytes a second; without it as fast as the node's disk. */
  readonly bandwidth?: number;
  /** ns before the first byte of each write; without it those of the node's disk. */
  readonly latency?: number;
  /** A crash may leave a part of what was not synced; without it as the node's disk does. */
  readonly tornWrites?: boolean;
  /**
   * Each page once for all images of a node, under the hash of its content; without it each image has
   * its own. Hashing costs `page_hash` of the profile.
   */
  readonly byContent?: boolean;
  /** Of memory: where committed images are copied to behind the programs' backs. */
  readonly levels?: readonly Level[];
}

/** A row of the registry. */
export interface Storage<T extends OptionTable = OptionTable> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One sentence; printed by `list storages`. */
  readonly help: string;
  readonly options: T;
  keep(options: OptionValues<T>): Keeping;
}

/** Makes a row; only here the types of its options are known. */
export const storage = <const T extends OptionTable>(row: Storage<T>): Storage =>
  row as unknown as Storage;

/** Without a storage: everything on the disks of the nodes. */
export const USUAL_KEEPING: Keeping = { medium: "disk", retain: 0 };

/** What a node's hardware is with this storage. */
export const withStorage = (
  profile: Profile,
  { bandwidth, latency, tornWrites }: Keeping,
): Profile => ({
  ...profile,
  disk: bandwidth ?? profile.disk,
  disk_latency: latency ?? profile.disk_latency,
  torn_writes: tornWrites ?? profile.torn_writes,
});

/** What is kept or forgotten as a whole: the parts that make it one, and all that there are. */
interface Saved {
  readonly parts: readonly Part[];
  readonly all: readonly Part[];
}

/**
 * These parts became durable together: `at`, in ns. Begins their copies to other levels, and removes the
 * images of all but the newest checkpoints: those of memory, those of each level, and those that are on
 * their way there.
 */
export function settle(world: World, parts: readonly Part[], at: number): void {
  copyBehind(world, parts, at);
  const { keeping: { retain, levels = [] } } = world;
  if (retain === 0) return;
  const forgetOld = (all: readonly Saved[]) => {
    const kept = new Set(all.slice(-retain));
    for (const level of levels) {
      const there = all.filter(({ parts }) => parts.every((part) => isAt(part, level, at)));
      for (const one of there.slice(-retain)) kept.add(one);
    }
    for (const one of all) {
      const isNeeded = kept.has(one) || one.parts.some((part) => isBeingCopied(part, at));
      if (!isNeeded) forgetParts(world, one.all, at);
    }
  };
  const committed = world.committed.flatMap((label) => world.checkpoints.get(label) ?? []);
  const global = committed.filter(({ coordinated }) => coordinated !== undefined);
  forgetOld(global.map((each) => ({ parts: memberParts(each), all: each.parts })));
  const single = [...world.checkpoints.values()].filter(({ coordinated }) =>
    coordinated === undefined
  ).flatMap(({ parts }) => parts);
  for (const record of world.setup.processes) {
    const saved = single.filter((part) => part.record === record && isDurable(part));
    forgetOld(saved.map((part) => ({ parts: [part], all: [part] })));
  }
}

/** The same, when that line is declared. */
export function settleLine(world: World, label: string, at: number): void {
  const line = world.checkpoints.get(label);
  settle(world, line === undefined ? [] : memberParts(line), at);
}

function forgetParts(world: World, parts: readonly Part[], at: number): void {
  for (const { node, record, image } of parts) {
    if (!node.holds(image)) continue;
    forget(world, node, image);
    world.event(at, node.name, record.name, "forgotten", image);
  }
}

/** Forgets an image; what others need of it stays, and what those under way rely on. */
export const forget = (world: World, node: NodeRecord, image: string): void =>
  node.store.remove(image, pinsOn(world, node));

/** What of a node must stay for the images that its processes write, or will build on. */
export function pinsOn({ setup }: World, node: NodeRecord): Pins {
  const there = setup.processes.filter((record) => record.node === node);
  return {
    images: new Set(there.flatMap(({ tip }) => tip === undefined ? [] : [tip])),
    pages: new Set(there.flatMap(({ lent }) => [...lent])),
  };
}
