/** How processes begin and go on: each in a domain of its own, opened side by side. */
import type { DomainPlan, Resumption } from "../cluster/facts.ts";
import { LabError } from "./lab.ts";
import type { NodeRecord } from "./node_record.ts";
import type { ProcessRecord } from "./process_record.ts";
import type { World } from "./world.ts";

/** The lives of a world's processes. */
export class Lives {
  constructor(private readonly world: World) {}

  /** The plan of a process's domain. */
  planOf(record: ProcessRecord, node: NodeRecord, resumption?: Resumption): DomainPlan {
    const { world } = this;
    const { start, executable } = record.plan;
    const program = baseName(start.file);
    const { processes } = world.setup;
    // Where processes go back alone, the members of those that have ended are there.
    const outlive = world.coordination?.protocol.recovery === "alone";
    const members = processes.filter((each) =>
      each === record || each.alive || outlive && each.exited
    ).map(({ rank }) => rank);
    return {
      rank: record.rank,
      size: processes.length,
      process: record.name,
      node: node.name,
      profile: node.profile,
      seed: `${world.options.seed}/${record.name}`,
      jit: world.options.jit ?? "on",
      at: world.now,
      absent: processes.filter(({ condition }) => condition === "waiting").map(({ rank }) => rank),
      program: {
        path: `/bin/${program}`,
        name: program,
        args: start.args,
        environment: start.environment ?? [],
        input: start.input ?? "",
        executable,
      },
      ...(world.keeping.byContent === true ? { byContent: true } : {}),
      ...(node.troubles.length === 0 ? {} : { diskTroubles: [...node.troubles] }),
      ...(resumption === undefined ? {} : { resumption }),
      ...(world.coordination === undefined ? {} : { protocol: world.coordination.plan(members) }),
    };
  }

  /** Begins these processes, side by side. */
  async startAll(records: readonly ProcessRecord[]): Promise<void> {
    for (const record of records) record.begin(record.plan.node);
    await this.openAll(records.map((record) => this.planOf(record, record.node)));
    for (const { name, node, plan: { start } } of records) {
      const line = [baseName(start.file), ...start.args].join(" ");
      this.world.event(this.world.now, node.name, name, "spawn", line);
    }
  }

  /** Opens domains, side by side. Throws {@linkcode LabError} when there can be none. */
  async openAll(plans: readonly DomainPlan[]): Promise<void> {
    const refusals = await Promise.all(plans.map((plan) => this.world.cluster.open(plan)));
    const refusal = refusals.find((why) => why !== undefined);
    if (refusal !== undefined) throw new LabError(refusal);
  }

  /** Begins those whose time has come; the protocol hears of them. */
  async startDue(): Promise<void> {
    const { world } = this;
    const { processes } = world.setup;
    const due = processes.filter(({ condition, plan }) =>
      condition === "waiting" && plan.startsAt <= world.now
    );
    for (const record of due) {
      await this.startAll([record]);
      world.coordination?.disturb();
      world.coordination?.announce(record);
      const event = { event: "joining", who: record.rank } as const;
      world.cluster.manager?.tell(world.now, event);
      for (const { rank } of processes) world.cluster.tellMember(rank, event);
    }
  }
}

const baseName = (file: string): string =>
  file.slice(file.lastIndexOf("/") + 1).replace(/\.elf$/, "");
