/** A plugin as somebody else would write it: it knows the package by its name and nothing deeper. */
import {
  type CapturePage,
  type CaptureView,
  checkpointer,
  definePlugin,
  metric,
  type Protocol,
  type Workload,
} from "ckptlab";

/** Copies the last page first; the image is the same. */
const backwards = checkpointer({
  name: "back-wards",
  help: "Stops the process and copies its pages from the last to the first.",
  options: {
    rounds: { type: "count", default: 1, min: 1, max: 4, doc: "Control messages it sends." },
  },
  supports: { migration: false },
  controlMessages: () => 0,
  *capture(view: CaptureView) {
    yield { step: "stop" };
    yield { step: "save", leaveOut: "nothing" };
    const pages: CapturePage[] = [...view.pages];
    for (const page of pages.reverse()) yield { step: "copy", page, to: "A" };
    yield { step: "resume" };
    yield { step: "merge" };
    yield { step: "write" };
    yield { step: "commit" };
  },
});

/** Each process on its own; nothing is agreed on. */
const alone: Protocol<{ readonly saved: number }> = {
  name: "alone",
  help: "Everybody saves when asked.",
  options: {},
  requires: { order: "any", delivery: "reliable" },
  kinds: [],
  phases: ["saving"],
  recovery: "search",
  cost: () => ({}),
  size: () => 0,
  member: () => ({ saved: 0 }),
  handle: (state, event, out) => {
    if (event.event === "requested") {
      out.phase("saving");
      out.capture();
    }
    if (event.event === "exiting" && !event.killed) out.leave();
    if (event.event === "saved") {
      out.done([]);
      return { saved: state.saved + 1 };
    }
    return state;
  },
};

const counting: Workload = {
  name: "counting",
  help: "Counts and says so.",
  options: { ticks: { type: "count", default: 5, min: 1, max: 9, doc: "How far it counts." } },
  start: ({ ticks }) => ({
    file: new URL("../../../scenarios/guests/counter.elf", import.meta.url).href,
    args: [String(ticks), "90000"],
  }),
};

export default definePlugin({
  name: "third-party",
  version: "0.3.0",
  api: "^1",
  contributes: {
    checkpointers: [backwards],
    protocols: [alone],
    workloads: [counting],
    metrics: [
      metric({
        name: "stop_share",
        of: "checkpoint",
        unit: "ratio",
        help: "How much of the checkpoint the program stood still.",
        combine: "max",
        read: (ask) => Number(ask("downtime")) / Number(ask("elapsed")),
      }),
      metric({
        name: "per_process",
        of: "cluster",
        unit: "count",
        help: "Messages of the run for each process.",
        combine: "same",
        read: (ask) => Number(ask("messages")) / Number(ask("processes")),
      }),
      metric({
        name: "lines",
        of: "process",
        unit: "count",
        help: "Lines the process has written.",
        combine: "sum",
        read: (ask) => String(ask("output")).split("\n").length - 1,
      }),
    ],
  },
});
