/**
 * Checkpoints that are tentative until their protocol declares a line: what it makes permanent, and
 * whether the line has cost what is declared for as many dependencies as the auditor has seen.
 */
import type { ProcessId, Protocol } from "../cluster/protocol.ts";
import { StrategyError } from "../image/capture_order.ts";
import { isDurable, type Part } from "./checkpoint_record.ts";
import type { ProcessRecord } from "./process_record.ts";
import { settle } from "./storage.ts";
import type { World } from "./world.ts";

/** What a part is besides, at first, where checkpoints are tentative. */
export const asTentative = (protocol: Protocol | undefined): Pick<Part, "tentative"> =>
  protocol?.tentative === true ? { tentative: true } : {};

/** A part of a process, and its checkpoint. */
interface Labelled {
  readonly label: string;
  readonly part: Part;
}

/** The process's parts that were taken, the newest last. */
const takenOf = ({ checkpoints }: World, record: ProcessRecord): readonly Labelled[] =>
  [...checkpoints.values()]
    .flatMap(({ label, parts }) => parts.map((part) => ({ label, part })))
    .filter(({ part }) => part.record === record && part.takenNs !== undefined)
    .sort((a, b) => (a.part.takenNs ?? 0) - (b.part.takenNs ?? 0));

/** t0 of a tentative part: notes on how many others it depends. */
export function noteHeard(world: World, record: ProcessRecord, label: string, part: Part): void {
  if (part.tentative !== true) return;
  const { auditor } = world, { rank } = record;
  const before = takenOf(world, record).findLast((each) =>
    isDurable(each.part) && !auditor.isUndone(each.label, rank)
  );
  part.heard = auditor.sendersSince(rank, label, before?.label);
}

/** A line is declared: the newest checkpoint of each member is permanent. Throws {@linkcode StrategyError}. */
export function declareLine(
  world: World,
  initiator: ProcessRecord,
  members: readonly ProcessId[],
  at: number,
): void {
  const { coordination, setup } = world;
  if (coordination?.protocol.tentative !== true) return;
  const parts: Part[] = [];
  let dependencies = 0, own: Part | undefined;
  for (const rank of members) {
    const record = setup.processes[rank];
    const part = record && takenOf(world, record).at(-1)?.part;
    if (record === undefined || part?.figures?.state !== "committed") {
      const who = record?.name ?? `process ${rank}`;
      const { protocol: { name } } = coordination;
      throw new StrategyError(`protocol '${name}' declares a line before ${who} is saved`);
    }
    dependencies += part.heard ?? 0;
    if (record === initiator) own = part;
    delete part.tentative;
    parts.push(part);
  }
  settle(world, parts, at);
  if (own !== undefined) coordination.declared.line(own, members.length, dependencies);
}
