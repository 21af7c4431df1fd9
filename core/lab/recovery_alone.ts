/**
 * The way back where only the process that failed goes back: to its newest checkpoint, and on from
 * there with the messages that the others keep. It needs their logs, which die with them.
 */
import { isDurable, type Part } from "./checkpoint_record.ts";
import { LabError } from "./lab.ts";
import type { ProcessRecord } from "./process_record.ts";
import type { World } from "./world.ts";

/** Of those named, who goes back: whoever has crashed. Throws {@linkcode LabError}. */
export function goesBackAlone(
  world: World,
  records: readonly ProcessRecord[],
  from: string | undefined,
): readonly ProcessRecord[] {
  const protocol = world.coordination?.protocol.name;
  const crashed = records.filter(({ condition }) => condition === "crashed");
  const [first] = crashed;
  if (first === undefined) return [];
  if (from !== undefined && newestOf(world, first)?.label !== from) {
    throw new LabError(
      `with '${protocol}' a process goes back to its newest checkpoint, for older ones nobody keeps ` +
        `the messages; write 'restart ${first.name}'`,
    );
  }
  const other = world.setup.processes.find((each) =>
    each !== first && (each.condition === "crashed" || each.isRecovering)
  );
  if (other === undefined) {
    mustBeThere(world, first);
    return crashed;
  }
  const what = other.isRecovering ? "is not back to where it was" : "has crashed";
  throw new LabError(
    `'${first.name}' cannot be restarted: '${other.name}' ${what}, too, and with '${protocol}' the ` +
      "messages of one process are in the memory of the others",
  );
}

/** The others have forgotten what came before it. Throws {@linkcode LabError}. */
function mustBeThere(world: World, record: ProcessRecord): void {
  const newest = newestOf(world, record);
  if (newest === undefined || isDurable(newest.part)) return;
  throw new LabError(
    `'${record.name}' cannot be restarted: its newest checkpoint '${newest.label}' is lost, and ` +
      "for an older one nobody keeps the messages",
  );
}

/** Its newest checkpoint that was durable and that no restart has undone; it may be lost. */
function newestOf(
  world: World,
  record: ProcessRecord,
): { readonly label: string; readonly part: Part } | undefined {
  return [...world.checkpoints.values()].flatMap(({ label, parts }) => {
    const part = parts.find((each) => each.record === record);
    const { figures, log } = part ?? {};
    const wasDurable = figures?.state === "committed" && (log?.bytes ?? 0) > 0;
    const isIt = part !== undefined && wasDurable && !world.auditor.isUndone(label, record.rank);
    return isIt ? [{ label, part }] : [];
  }).at(-1);
}

/** Where a process goes back to: nothing for its beginning. */
export const placeAlone = (world: World, record: ProcessRecord): Part | undefined =>
  newestOf(world, record)?.part;
