/**
 * What a world looks like at an instant, as plain data: for who goes through a run step by step.
 * Looking changes nothing: a run that was looked at has the same trace as one that was not.
 */
import type { ThreadLook } from "../cluster/facts.ts";
import type { Station } from "../cluster/protocol.ts";
import { MANAGER } from "./setup.ts";
import type { ProcessRecord } from "./process_record.ts";
import type { CheckpointRecord } from "./checkpoint_record.ts";
import type { World } from "./world.ts";

/** A process. */
export interface SceneProcess {
  readonly name: string;
  readonly node: string;
  /** "is running", "has crashed", … */
  readonly condition: string;
  readonly paused: boolean;
  /** Of its member of the protocol; empty without. */
  readonly phase: string;
  readonly instructions: number;
  /** Processor time of this life, in ns. */
  readonly usedNs: number;
  /** What its threads wait in, in words. */
  readonly waits: readonly string[];
  readonly threads: readonly ThreadLook[];
}

/** A message that is on its way. */
export interface SceneMessage {
  readonly from: string;
  readonly to: string;
  /** "user", or the kind of a control message. */
  readonly kind: string;
  /** Of an application's message: its number on the channel, from 0. */
  readonly sequence?: number;
  readonly bytes: number;
}

/** A checkpoint, and how far its parts are. */
export interface SceneCheckpoint {
  readonly label: string;
  readonly state: "committed" | "under way" | "given up";
  readonly parts: readonly { readonly process: string; readonly state: string }[];
}

/** All of it. */
export interface Scene {
  /** Virtual time in ns. */
  readonly now: number;
  readonly processes: readonly SceneProcess[];
  readonly messages: readonly SceneMessage[];
  readonly checkpoints: readonly SceneCheckpoint[];
}

function processOf(world: World, record: ProcessRecord): SceneProcess {
  const { name, node, described, isPaused, phase, instructions, usedNs } = record;
  const look = world.inspect(record, true);
  return {
    name,
    node: node.name,
    condition: described,
    paused: isPaused,
    phase,
    instructions,
    usedNs,
    waits: look?.waits ?? [],
    threads: look?.threads ?? [],
  };
}

function checkpointOf(world: World, record: CheckpointRecord): SceneCheckpoint {
  const { label, parts, coordinated } = record;
  const isOver = coordinated === undefined
    ? parts.every(({ figures }) => figures !== undefined && figures.state !== "running")
    : coordinated.over;
  const isCommitted = isOver && world.isCommitted(record);
  return {
    label,
    state: isCommitted ? "committed" : isOver ? "given up" : "under way",
    parts: parts.map(({ record, figures }) => ({
      process: record.name,
      state: figures?.state ?? "not begun",
    })),
  };
}

/** What a world looks like now. */
export function sceneOf(world: World): Scene {
  const { setup, cluster, checkpoints, now } = world;
  const nameOf = (station: Station): string =>
    station === MANAGER ? MANAGER : setup.record(station as number).name;
  return {
    now,
    processes: setup.processes.map((record) => processOf(world, record)),
    messages: cluster.packetsInFlight().map(({ from, to, bytes, body }) => ({
      from: nameOf(from),
      to: nameOf(to),
      bytes,
      ...(body.kind === "user"
        ? { kind: "user", sequence: body.sequence }
        : { kind: body.message.kind }),
    })),
    checkpoints: [...checkpoints.values()].map((record) => checkpointOf(world, record)),
  };
}
