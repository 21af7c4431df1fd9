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
  if (other === undefined) return crashed;
  const what = other.isRecovering ? "is not back to where it was" : "has crashed";
  throw new LabError(
    `'${first.name}' cannot be restarted: '${other.name}' ${what}, too, and with '${protocol}' the ` +
      "messages of one process are in the memory of the others",
  );
}

/** Its newest durable checkpoint that no restart has undone. */
function newestOf(
  world: World,
  record: ProcessRecord,
): { readonly label: string; readonly part: Part } | undefined {
  return [...world.checkpoints.values()].flatMap(({ label, parts }) => {
    const part = parts.find((each) => each.record === record);
    const isThere = part !== undefined && isDurable(part) &&
      !world.auditor.isUndone(label, record.rank);
    return isThere ? [{ label, part }] : [];
  }).at(-1);
}

/** Where a process goes back to: nothing for its beginning. */
export const placeAlone = (world: World, record: ProcessRecord): Part | undefined =>
  newestOf(world, record)?.part;
