/**
 * Fingerprints of a run: digests of a part of what happened, for claims that must not change. A part
 * that leaves times out stays the same when only a cost changes.
 */
import { Digest } from "../base/digest.ts";
import { LabError } from "./lab.ts";
import type { World } from "./world.ts";

/** A part of a run. */
export interface Fingerprint {
  readonly name: string;
  /** What is in it; printed by the reference. */
  readonly help: string;
  /** Feeds a digest with it. */
  readonly add: (digest: Digest, world: World) => void;
}

/** The parts. */
export const FINGERPRINTS: readonly Fingerprint[] = [
  {
    name: "trace",
    help: "all that happened, and when",
    add: (digest, world) => digest.add(world.traceHash),
  },
  {
    name: "messages",
    help: "the messages each process sent and read, in its order",
    add: (digest, world) => {
      for (const { name, messages } of world.setup.processes) digest.add(name, messages.hex);
    },
  },
  {
    name: "control",
    help: "how many control messages of each kind there were",
    add: (digest, world) => {
      const kinds = [...world.coordination?.control ?? []];
      for (const [kind, { messages }] of kinds.sort(([a], [b]) => a < b ? -1 : 1)) {
        digest.add(kind, messages);
      }
    },
  },
  {
    name: "output",
    help: "what each process wrote and how it ended",
    add: (digest, world) => {
      for (const { name, output } of world.setup.processes) {
        digest.add(name, output, String(world.processMetric(name, "exit")));
      }
    },
  },
  {
    name: "memory",
    help: "the memory and registers each process has, or had at its end",
    add: (digest, world) => {
      for (const { name } of world.setup.processes) {
        digest.add(name, String(world.processMetric(name, "state")));
      }
    },
  },
];

/**
 * A part of what happened until now, as 16 hexadecimal digits. Throws a {@linkcode LabError} for a
 * part there is not.
 */
export function fingerprint(world: World, part: string): string {
  const row = FINGERPRINTS.find(({ name }) => name === part);
  if (row === undefined) throw new LabError(`there is no fingerprint of "${part}"`);
  const digest = new Digest();
  row.add(digest, world);
  return digest.hex;
}
