/** What a step does. */
import { type Loss, LOSSES } from "../../core/mod.ts";
import type { Ref } from "../ast.ts";
import type { Draft } from "../draft.ts";
import type { World } from "../plan.ts";
import { statement } from "../statement.ts";
import { nearest } from "../suggest.ts";

export const checkpoint = statement(
  "checkpoint <targets> [as <label:name>] [using <strategy>]",
  {
    place: "action",
    help: "Begins a checkpoint of processes. It goes on in virtual time; the label names it in " +
      "restart and in claims.",
    example: "checkpoint p0 as c1 using stop_the_world",
    declare: (draft, { label }) => {
      if (label !== undefined) draft.declare(label, { kind: "checkpoint" });
    },
    build: (draft, { targets, label, strategy }) => {
      const processes = draft.processTargets(targets);
      const using = strategy === undefined ? undefined : draft.strategy(strategy, "checkpointer");
      return {
        disturbs: true,
        perform: ({ lab, checkpointer }) => {
          const chosen = using ?? checkpointer;
          if (chosen === undefined) throw new Error("a checkpoint without a checkpointer");
          lab.checkpoint(processes, label?.text, chosen);
        },
      };
    },
  },
);

/** A label some step gives, or latest. */
function checkLabel(draft: Draft, { name, index }: Ref): void {
  const found = draft.scope.find(name.text)?.meant.kind;
  if (index !== undefined) {
    draft.report("CK0307", index.span, "a checkpoint's label has no index");
  } else if (name.text !== "latest" && found !== "checkpoint" && found !== "doubtful") {
    const labels = draft.scope.names().filter((one) =>
      draft.scope.find(one)?.meant.kind === "checkpoint"
    );
    const message = `no step makes a checkpoint '${name.text}'`;
    draft.report("CK0307", name.span, message, nearest(name.text, [...labels, "latest"]));
  }
}

export const restart = statement("restart <targets> [from <label:ref>] [on <node:ref>]", {
  place: "action",
  help:
    "Starts processes again from a committed checkpoint: a label, or the newest. With on they " +
    "come back on another node.",
  example: "restart p0 from c1 on n1",
  build: (draft, { targets, label, node }) => {
    const processes = draft.processTargets(targets);
    if (label !== undefined) checkLabel(draft, label);
    const nodes = node === undefined ? [] : draft.members(node, "node") ?? [];
    if (node !== undefined && nodes.length > 1) {
      draft.report("CK0306", node.span, `'${node.name.text}' is an array; name one of its nodes`);
    }
    const from = label === undefined || label.name.text === "latest" ? undefined : label.name.text;
    return {
      disturbs: true,
      perform: ({ lab }) => lab.restart(processes, from, nodes[0]),
    };
  },
});

/** Processes that are on these nodes now: a restart may have moved them. */
function processesOn(world: World, all: readonly string[], nodes: readonly string[]) {
  return all.filter((name) => nodes.includes(String(world.lab.processMetric(name, "node"))));
}

const isLoss = (text: string): text is Loss => LOSSES.some((loss) => loss === text);

export const crash = statement("crash <targets> [losing <what:name>]", {
  place: "action",
  help: `Kills processes, or all processes of a node. What it takes away besides: ${
    LOSSES.join(", ")
  }; by default nothing.`,
  example: "crash p0 losing unsynced",
  build: (draft, { targets, what }) => {
    const { processes, nodes } = draft.targets(targets);
    const losing = what?.text ?? "nothing";
    if (!isLoss(losing)) {
      const message = `a crash loses ${LOSSES.join(", ")}, not '${losing}'`;
      draft.report("CK0404", what?.span ?? targets.span, message, nearest(losing, LOSSES));
      return;
    }
    const all = draft.processes.map((process) => process.name);
    return {
      disturbs: true,
      perform: (world) => {
        const there = nodes.length === 0 ? [] : processesOn(world, all, nodes);
        world.lab.crash([...new Set([...processes, ...there])], losing);
      },
    };
  },
});

export const note = statement("note <message:text>", {
  place: "action",
  help: "Writes a line into the trace.",
  example: 'note "half way"',
  build: (_draft, { message }) => ({
    disturbs: false,
    perform: ({ lab }) => lab.note(message.value),
  }),
});
