/** Which Worker houses which domain, by the isolation asked for. */
import type { Strategies } from "./domain.ts";
import { type Host, LocalHost } from "./host.ts";
import type { Isolation } from "./isolation.ts";
import type { ProcessId } from "./protocol.ts";
import { WorkerHost } from "./worker_host.ts";
import type { WorkerSupply } from "./worker_supply.ts";

/** How domains are housed. */
export interface HousingOptions {
  readonly strategies: Strategies;
  /** Where Workers come from; without it everything is in this thread. */
  readonly workers: WorkerSupply | undefined;
  readonly isolation: Isolation;
}

interface House {
  readonly key: string;
  readonly host: Host;
  readonly ranks: Set<ProcessId>;
}

/** The hosts of a cluster. */
export class Housing {
  private readonly houses = new Map<string, House>();

  constructor(private readonly options: HousingOptions) {}

  /** A host for the domain of that rank on that node, begun if need be. */
  admit(rank: ProcessId, node: string): Host {
    const key = this.keyOf(rank, node);
    const house = this.houses.get(key) ?? this.begin(key);
    house.ranks.add(rank);
    return house.host;
  }

  /**
   * The domains of these ranks are gone. A host with no other is ended with all its memory; says
   * which ranks must be closed one by one, for others live on in their host.
   */
  evict(ranks: readonly ProcessId[]): readonly ProcessId[] {
    const gone = new Set(ranks);
    const shared: ProcessId[] = [];
    for (const house of [...this.houses.values()]) {
      const leaving = [...house.ranks].filter((rank) => gone.has(rank));
      if (leaving.length === house.ranks.size && leaving.length > 0) this.end(house);
      else {
        for (const rank of leaving) house.ranks.delete(rank);
        shared.push(...leaving);
      }
    }
    return shared;
  }

  /** The world is over: Workers go back to where they came from. */
  clear(): void {
    const hosts = [...this.houses.values()].map(({ host }) => host);
    this.houses.clear();
    for (const host of hosts) {
      if (host instanceof WorkerHost) this.options.workers?.give(host);
      else host.terminate();
    }
  }

  private keyOf(rank: ProcessId, node: string): string {
    const { isolation, workers } = this.options;
    if (workers === undefined) return "this thread";
    switch (isolation.kind) {
      case "process":
        return `process ${rank}`;
      case "node":
        return `node ${node}`;
      case "pool":
        return `pool ${rank % isolation.count}`;
    }
  }

  private begin(key: string): House {
    const { workers, strategies } = this.options;
    const host = workers?.take(key) ?? new LocalHost(strategies);
    const house = { key, host, ranks: new Set<ProcessId>() };
    this.houses.set(key, house);
    return house;
  }

  private end(house: House): void {
    house.host.terminate();
    this.houses.delete(house.key);
  }
}
