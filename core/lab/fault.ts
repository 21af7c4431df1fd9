/** Faults a scenario injects: the contract of a row, and what it is done with. */
import type { OptionTable, OptionValues } from "../base/option.ts";
import { type FaultPlaces, LabError, type Strategy } from "./lab.ts";
import type { NodeRecord } from "./node_record.ts";
import type { World } from "./world.ts";

/** What a fault can be done to: the lab without its insides. */
export interface FaultSite {
  /** Virtual time, in ns. */
  readonly now: number;
  /** The nodes named, and those of the processes named; all of them when nobody was. */
  readonly nodes: readonly FaultNode[];
  /** A whole number from 0 below `count`, a recorded choice. */
  below(count: number): number;
  /** Frames to and from the processes named are lost or come twice, in such shares, until then. */
  disturbMessages(untilNs: number, loss: number, duplicates: number): void;
}

/** A node's disk, as a fault may treat it. */
export interface FaultNode {
  readonly name: string;
  /** Its committed images, in the order in which they were begun: their labels and files. */
  readonly images: readonly { readonly label: string; readonly files: readonly string[] }[];
  /** Gives a file other bytes; undefined: the file is gone. */
  damage(file: string, change: (bytes: Uint8Array) => Uint8Array | undefined): void;
  /**
   * Until then writes take that many times as long, and no more than so many bytes fit. Throws
   * {@linkcode LabError} where images are kept elsewhere than on this disk.
   */
  limitDisk(untilNs: number, slower: number, room: number): void;
}

/** A row of the registry. */
export interface Fault<T extends OptionTable = OptionTable> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One or two sentences; printed by `list faults`. */
  readonly help: string;
  readonly options: T;
  /** Makes it happen now; what it did, for the trace. A `LabError` says why it cannot be done. */
  inject(site: FaultSite, options: OptionValues<T>): string;
}

/** Makes a row; only here the types of its options are known. */
export const fault = <const T extends OptionTable>(row: Fault<T>): Fault => row as unknown as Fault;

/** Makes a fault happen. Throws {@linkcode LabError}. */
export function inject(world: World, { name, options }: Strategy, at: FaultPlaces): void {
  const row = world.options.registry.fault(name);
  if (row === undefined) throw new LabError(`there is no fault '${name}'`);
  const text = row.inject(siteOf(world, at), options as never);
  world.event(world.now, "", "", "fault", `${name}: ${text}`);
}

function siteOf(world: World, { nodes, processes }: FaultPlaces): FaultSite {
  const { setup } = world;
  const everywhere = nodes.length + processes.length === 0;
  const records = processes.map((name) => setup.process(name));
  const named = new Set([
    ...nodes.map((name) => setup.node(name)),
    ...records.map(({ node }) => node),
  ]);
  const there = everywhere
    ? setup.processes
    : [...records, ...setup.processes.filter(({ node }) => nodes.includes(node.name))];
  return {
    now: world.now,
    nodes: [...everywhere ? setup.nodes.values() : named].map((node) => faultNode(world, node)),
    below: (count) => world.choices.below("fault", "script", count),
    disturbMessages: (untilNs, loss, duplicates) => {
      const stations = new Set(there.map(({ rank }) => rank));
      world.cluster.network.disturb({ stations, untilNs, loss, duplicates });
    },
  };
}

const faultNode = (world: World, node: NodeRecord): FaultNode => ({
  name: node.name,
  images: imagesOn(world, node).map((label) => ({ label, files: node.store.filesOf(label) })),
  damage: (file, change) => node.store.damage(file, change),
  limitDisk: (untilNs, slower, room) => {
    const { medium } = world.keeping;
    if (medium !== "disk") {
      throw new LabError(
        `the images of ${node.name} are not on its disk: expected a storage whose medium is ` +
          `'disk', found '${medium}'; leave the fault out, or keep them on disk`,
      );
    }
    const trouble = { untilNs, slower, room };
    node.troubles.push(trouble);
    for (const { rank, node: place } of world.setup.processes) {
      if (place !== node || !world.cluster.isHoused(rank)) continue;
      world.cluster.order({ ask: "diskTrouble", rank, trouble });
    }
  },
});

/** The images there are, as the lab began them: the disk itself knows them by name only. */
function imagesOn(world: World, node: NodeRecord): readonly string[] {
  const there = new Set(node.store.labels());
  return [...world.checkpoints.values()].flatMap(({ parts }) => parts)
    .filter((part) => part.node === node && there.has(part.image))
    .map(({ image }) => image);
}
