/**
 * Checkpoints that nobody has asked for: a protocol's member wants its process saved, and gets the
 * order for it. It is taken as the checkpoint that was asked for last; before any was, where a process
 * has to be saved because it wants to end, as the first checkpointer there is does it.
 */
import { StrategyError } from "../image/capture_order.ts";
import { readOptions } from "../base/option.ts";
import type { Strategy } from "./lab.ts";
import { asTentative } from "./permanent.ts";
import type { ProcessRecord } from "./process_record.ts";
import type { World } from "./world.ts";

/**
 * Orders a checkpoint of the process that asked at that time, in ns. The order is there a lookahead
 * later: no earlier moment is the same however far the domains have run ahead of each other.
 */
export function grantForced(world: World, record: ProcessRecord, at: number): void {
  const { checkpoints, cluster, coordination } = world;
  const { lastUsing, protocol } = coordination ?? {};
  const using = lastUsing ?? (protocol?.tentative === true ? firstOf(world) : undefined);
  if (using === undefined) {
    throw new StrategyError(
      `protocol '${protocol?.name}' saves ${record.name} before any checkpoint was asked for`,
    );
  }
  const { node, rank, name } = record;
  const label = `forced #${checkpoints.size + 1}`, image = `${label}.${name}`;
  const none = { figures: undefined, areas: [], takenNs: undefined, point: undefined };
  const fresh = { ...none, ...asTentative(protocol) };
  checkpoints.set(label, { label, parts: [{ record, node, image, ...fresh }], forced: true });
  world.event(at, node.name, name, "checkpoint", `${label} by ${using.name}`);
  const order = { label, image, using, alone: false, ...record.lend() };
  cluster.grant(rank, at + cluster.network.lookahead, order);
}

/** The first checkpointer, as it is usually. */
function firstOf({ options: { registry } }: World): Strategy | undefined {
  const [first] = registry.checkpointers;
  return first && { name: first.name, options: readOptions(first.options, {}).values };
}
