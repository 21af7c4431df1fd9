/** Statements that set a cell up: seed, machines, programs, the checkpointer. */
import { statement } from "../statement.ts";

export const seed = statement("seed <value:number>", {
  place: "setup",
  help: "Where every random choice of the cell comes from. Without it the seed is 1; --seed wins.",
  example: "seed 42",
  build: (draft, { value }, span) => {
    if (!draft.once("seed", span)) return;
    draft.seed = draft.quantity(value, "count");
  },
});

export const node = statement("node <name:ref> [: <profile:name>] [<values:object>]", {
  place: "setup",
  help:
    "A machine, or with [count] an array of equal machines. Behind : stands a profile (sh4 has " +
    "the defaults), the object changes single keys of it.",
  example: "node n[2] : sh4 { clock: 200MHz, disk: 20MB/s }",
  declare: (draft, { name }) => draft.declareMembers("node", name),
  build: (draft, { name, profile, values }) => {
    const hardware = draft.profile(profile, values);
    const members = draft.members({ name: name.name, span: name.span }, "node") ?? [];
    for (const member of members) draft.nodes.push({ name: member, profile: hardware });
  },
});

export const proc = statement(
  "proc <name:ref> on <node:ref> runs <workload:strategy> [at <time:expr>]",
  {
    place: "setup",
    help: "A process, or with [count] an array of processes dealt round the nodes of an array in " +
      "order: p[i] on host[i % m]. The workload is a name of `list workloads`, a let, an axis or a " +
      "column. With at it begins later.",
    example: "proc p[4] on n runs matmul { size: 64 } at 5ms",
    declare: (draft, { name }) => draft.declareMembers("process", name),
    build: (draft, { name, node: host, workload, time }) => {
      const nodes = draft.members(host, "node");
      const strategy = draft.strategy(workload, "workload");
      const members = draft.members({ name: name.name, span: name.span }, "process");
      const startsAt = time === undefined ? 0 : draft.duration(time);
      if (nodes === undefined || strategy === undefined || members === undefined) return;
      members.forEach((member, i) => {
        const on = nodes[i % nodes.length];
        if (on === undefined) return;
        draft.processes.push({
          name: member,
          node: on,
          workload: strategy,
          startsAt: startsAt ?? 0,
        });
      });
    },
  },
);

export const checkpointer = statement("checkpointer <strategy:strategy>", {
  place: "setup",
  help: "Who takes the checkpoints of steps that name nobody. Without it: the first of `list " +
    "checkpointers`.",
  example: "checkpointer concurrent_cow { cow_slots: 64 }",
  build: (draft, { strategy }, span) => {
    if (!draft.once("checkpointer", span)) return;
    draft.checkpointer = draft.strategy(strategy, "checkpointer");
  },
});

export const storage = statement("storage <strategy:strategy>", {
  place: "setup",
  help:
    "Where images are kept, a name of `list storages`. Without it: all on the disks of the nodes.",
  example: "storage local { retain: 2 }",
  build: (draft, { strategy }, span) => {
    if (!draft.once("storage", span)) return;
    draft.storage = draft.strategy(strategy, "storage");
  },
});
