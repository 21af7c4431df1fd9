/** A plugin with hooks of every kind that never come back. */
import { definePlugin, fault, metric, type Protocol, storage, type Workload } from "ckptlab";
import misbehaving, { loops } from "./misbehaving.ts";

/**
 * Sleeps in between: a Worker in a loop goes on though it was ended, and would keep a processor from
 * all tests after this one. One checkpointer loops in earnest, `loops_for_ever`: for a process of its
 * own.
 */
function forEver(): never {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (;;) Atomics.wait(cell, 0, 0, 1000);
}

const [sound] = (misbehaving.contributes.protocols ?? []).filter(({ name }) => name === "sizeless");

/** One whose manager asks nobody anything: only `more` is of interest. */
const protocol = (name: string, more: Partial<Protocol>): Protocol =>
  ({ ...sound, name, size: () => 0, ...more }) as Protocol;

const workload = (name: string, start: Workload["start"]): Workload => ({
  name,
  help: "Never begins.",
  options: {},
  start,
});

export default definePlugin({
  name: "endless",
  version: "0.0.1",
  api: "^1",
  contributes: {
    checkpointers: [
      loops.checkpointer,
      { ...loops.checkpointer, name: "waits_for_ever", capture: forEver },
    ],
    protocols: [
      protocol("managing", { manager: forEver }),
      protocol("handling", { handle: forEver }),
    ],
    workloads: [workload("starting", forEver)],
    storages: [storage({ name: "keeping", help: "Never keeps.", options: {}, keep: forEver })],
    faults: [fault({ name: "injecting", help: "Never happens.", options: {}, inject: forEver })],
    metrics: [
      metric({
        name: "reading",
        of: "process",
        unit: "count",
        help: "Never read.",
        combine: "sum",
        read: forEver,
      }),
    ],
  },
});
