/** What a world is set up with before it begins: nodes, processes, channels, a protocol. */
import { readOptions } from "../base/option.ts";
import { CHANNEL, type ChannelOptions } from "../cluster/channel.ts";
import type { Isolation } from "../cluster/isolation.ts";
import type { Station } from "../cluster/protocol.ts";
import { known } from "./lookup.ts";
import { LabError, type Strategy } from "./lab.ts";
import type { NodeRecord } from "./node_record.ts";
import type { Keeping } from "./storage.ts";
import type { ProcessRecord } from "./process_record.ts";

/** The name of the protocol's manager among those of processes and nodes. */
export const MANAGER = "manager";

const USUAL_CHANNEL: ChannelOptions = readOptions(CHANNEL, {}).values;

/** A channel statement. */
interface Connection {
  readonly from: ReadonlySet<string>;
  readonly to: ReadonlySet<string>;
  readonly options: ChannelOptions;
}

/** The setup of a world. */
export class Setup {
  readonly nodes = new Map<string, NodeRecord>();
  /** By rank. */
  readonly processes: ProcessRecord[] = [];
  protocol: Strategy | undefined;
  isolation: Isolation | undefined;
  /** Set when the world begins: nothing can be added any more. */
  isOver = false;
  private readonly byName = new Map<string, ProcessRecord>();
  private readonly connections: Connection[] = [];

  /** Throws {@linkcode LabError} when it is too late for that. */
  mustBeOpen(what: string): void {
    if (this.isOver) throw new LabError(`${what} comes too late: the world has begun`);
  }

  /** The world begins. Throws {@linkcode LabError} when something is missing for that. */
  close({ medium, levels = [] }: Keeping): void {
    const usesPeer = medium === "peer" || levels.some((level) => level.medium === "peer");
    if (usesPeer && this.nodes.size === 1) {
      throw new LabError(
        "images are kept in the memory of two nodes: expected a second node, found one; add a " +
          `node, or ${levels.length > 0 ? "copy to none" : "choose another storage"}`,
      );
    }
    this.isOver = true;
  }

  addNode(node: NodeRecord): void {
    this.mustBeOpen("a node");
    if (this.nodes.has(node.name)) throw new LabError(`there is a node '${node.name}' already`);
    this.nodes.set(node.name, node);
  }

  addProcess(record: ProcessRecord): void {
    this.processes.push(record);
    this.byName.set(record.name, record);
  }

  connect(from: readonly string[], to: readonly string[], options: ChannelOptions): void {
    this.mustBeOpen("a channel");
    this.connections.push({ from: new Set(from), to: new Set(to), options });
  }

  /** Every kind of channel that may be in use: what a later statement for all has hidden is not. */
  get channels(): readonly ChannelOptions[] {
    const names = [...this.byName.keys(), ...this.protocol === undefined ? [] : [MANAGER]];
    const last = this.connections.findLastIndex(({ from, to }) =>
      names.every((name) => from.has(name) && to.has(name))
    );
    const stated = this.connections.slice(Math.max(0, last)).map(({ options }) => options);
    return last < 0 ? [USUAL_CHANNEL, ...stated] : stated;
  }

  /** What a channel is like; later statements win. */
  channel(from: Station, to: Station): ChannelOptions {
    const a = this.nameOf(from), b = this.nameOf(to);
    return this.connections.findLast((each) => each.from.has(a) && each.to.has(b))?.options ??
      USUAL_CHANNEL;
  }

  /** Where a station is. */
  nodeOf(station: Station): string {
    return station === MANAGER ? MANAGER : this.record(station).node.name;
  }

  hasProcess(name: string): boolean {
    return this.byName.has(name);
  }

  node(name: string): NodeRecord {
    return known(this.nodes, name, "node");
  }

  process(name: string): ProcessRecord {
    return known(this.byName, name, "process");
  }

  record(rank: number): ProcessRecord {
    const record = this.processes[rank];
    if (record === undefined) throw new Error(`there is no rank ${rank}`);
    return record;
  }

  /** The processes of an order, all looked at before anything happens to the first. */
  several(
    names: readonly string[],
    what: string,
    refusal: (record: ProcessRecord) => string | undefined,
  ): readonly ProcessRecord[] {
    if (names.length === 0) throw new LabError(`no process is named that could be ${what}`);
    return names.map((name, index) => {
      const record = this.process(name);
      const why = names.indexOf(name) < index ? "it is named twice" : refusal(record);
      if (why !== undefined) throw new LabError(`'${name}' cannot be ${what}: ${why}`);
      return record;
    });
  }

  private nameOf(station: Station): string {
    return station === MANAGER ? MANAGER : this.record(station).name;
  }
}
