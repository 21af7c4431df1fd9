/** A plugin for recordings of what goes wrong: a metric that throws, a program that differs each time. */
import { definePlugin, metric, type Workload } from "ckptlab";

let begun = 0;

/** Says what no terminal should be told. */
const throws = metric({
  name: "throws",
  of: "process",
  unit: "count",
  help: "Throws.",
  combine: "sum",
  read: () => {
    throw new Error("a \x1b[31mred\x1b[0m word\x07");
  },
});

const other: Workload = {
  name: "other",
  help: "Another one whenever it is begun.",
  options: {},
  start: () => ({
    file: new URL("../../../scenarios/guests/counter.elf", import.meta.url).href,
    args: [String(1 + ++begun % 2), "900"],
  }),
};

export default definePlugin({
  name: "odd",
  version: "1.0.0",
  api: "^1",
  contributes: { metrics: [throws], workloads: [other] },
});
