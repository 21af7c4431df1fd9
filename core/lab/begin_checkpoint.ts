/** How a checkpoint begins: by the protocol for all processes, or each process by itself. */
import type { ProcessId } from "../cluster/protocol.ts";
import type { Part } from "./checkpoint_record.ts";
import { LabError, type Strategy } from "./lab.ts";
import { asTentative } from "./permanent.ts";
import type { ProcessRecord } from "./process_record.ts";
import type { World } from "./world.ts";

/** Begins a checkpoint of these processes. Throws {@linkcode LabError}. */
export function beginCheckpoint(
  world: World,
  names: readonly string[],
  label: string | undefined,
  using: Strategy,
): void {
  const { checkpoints, coordination, options: { registry } } = world;
  const strategy = registry.checkpointer(using.name);
  if (strategy === undefined) throw new LabError(`there is no checkpointer '${using.name}'`);
  const title = label ?? `#${checkpoints.size + 1}`;
  if (checkpoints.has(title)) {
    throw new LabError(`there is a checkpoint '${title}' already; give each its own name`);
  }
  if (coordination !== undefined) coordination.lastUsing = using;
  if (coordination?.protocol.manager === undefined) {
    const forces = coordination?.protocol.forces === true;
    const refusal = (record: ProcessRecord) => refusalOf(record, forces);
    const records = world.setup.several(names, "checkpointed", refusal);
    return beginEach(world, records, title, using);
  }
  const records = world.setup.several(names, "checkpointed", () => undefined);
  const left = world.setup.processes.find((each) => each.alive && !records.includes(each));
  if (left !== undefined) {
    throw new LabError(
      `'${coordination.protocol.name}' saves all processes together, but '${left.name}' is not ` +
        "among those named; write 'checkpoint all'",
    );
  }
  world.event(world.now, "", "", "request", `${title} by ${coordination.protocol.name}`);
  checkpoints.set(title, coordination.request(title, using));
}

/** Whose protocol `forces` checkpoints serves one that is asked for when another is done. */
function refusalOf(record: ProcessRecord, forces: boolean): string | undefined {
  if (!record.alive) return `it ${record.described}`;
  const saves = !forces && (record.status?.sessions.length ?? 0) > 0;
  const busy = record.condition === "moving" || saves;
  return busy ? "a checkpoint of it is under way already" : undefined;
}

/** A checkpoint of each process by itself. */
function beginEach(
  world: World,
  records: readonly ProcessRecord[],
  title: string,
  using: Strategy,
): void {
  const { coordination } = world;
  const parts: readonly Part[] = records.map((record) => ({
    ...asTentative(coordination?.protocol),
    record,
    node: record.node,
    image: `${title}.${record.name}`,
    figures: undefined,
    areas: [],
    takenNs: undefined,
    point: undefined,
  }));
  world.checkpoints.set(title, { label: title, parts });
  const begun: ProcessId[] = [];
  try {
    for (const part of parts) {
      const { record, image } = part;
      const { rank, name, node } = record;
      world.event(world.now, node.name, name, "checkpoint", `${title} by ${using.name}`);
      const order = { label: title, image, using, alone: false, ...record.lend() };
      world.cluster.order({ ask: "checkpoint", rank, order });
      begun.push(rank);
      coordination?.declared.asked(part);
    }
  } catch (mistake) {
    const why = "another part of the checkpoint could not begin";
    for (const rank of begun) world.cluster.order({ ask: "abandon", rank, why });
    throw mistake;
  }
}
