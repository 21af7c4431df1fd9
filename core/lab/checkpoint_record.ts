/** A checkpoint as the lab knows it: one label over the parts of one or more processes. */
import { captureCosts, type Node } from "../cluster/node.ts";
import { restartCycles } from "../image/restart_cost.ts";
import type { CaptureSession } from "../image/session.ts";
import type { MetricValue } from "./metric.ts";
import { CHECKPOINT_METRICS, type CheckpointSample } from "./metrics.ts";
import { rowOf } from "./lookup.ts";
import type { Point, ProcessRecord } from "./process_record.ts";

const NS = 1_000_000_000;

/** One process's part of a checkpoint. */
export interface Part {
  readonly record: ProcessRecord;
  readonly session: CaptureSession;
  /** The label in the node's store. */
  readonly image: string;
  readonly node: Node;
  /** Where a restart goes back to; there since t0. */
  point: Point | undefined;
}

/** A checkpoint of one or more processes. */
export interface CheckpointRecord {
  readonly label: string;
  readonly parts: readonly Part[];
}

/** Cycles a restart of this part takes on a node. */
export function restartCost({ session }: Part, node: Node): number {
  const { image, state, counts } = session;
  if (image === undefined || state !== "committed") return 0;
  return restartCycles(image, counts.imageBytes, captureCosts(node.profile));
}

function sample(part: Part): CheckpointSample {
  const cycleNs = NS / part.node.profile.clock;
  return { session: part.session, cycleNs, restartNs: restartCost(part, part.node) * cycleNs };
}

/** A metric of a checkpoint, its parts put together as the metric says. */
export function checkpointMetric({ parts }: CheckpointRecord, name: string): MetricValue {
  const { combine, read } = rowOf(CHECKPOINT_METRICS, name, "metric of a checkpoint");
  const values = parts.map((part) => read(sample(part)));
  const numbers = values.map(Number);
  switch (combine) {
    case "all":
      return values.every((value) => value === true);
    case "max":
      return Math.max(...numbers);
    case "sum":
      return numbers.reduce((sum, value) => sum + value, 0);
    case "same":
      return values[0] ?? 0;
  }
}
