/** What a step does. */
import { type Loss, LOSSES, type Strategy } from "../../core/mod.ts";
import type { Ref } from "../ast.ts";
import { type Draft, MANAGER } from "../draft.ts";
import type { World } from "../plan.ts";
import { printStrategy } from "../print.ts";
import { statement } from "../statement.ts";
import { nearest } from "../suggest.ts";
import { findProcesses, findTargets, oneNode } from "../targets.ts";

/** Who takes the checkpoints of steps that name nobody. */
function usual({ checkpointer }: World): Strategy {
  if (checkpointer === undefined) throw new Error("a checkpoint without a checkpointer");
  return checkpointer;
}

/**
 * Those that can be saved: under chaos without a protocol, which itself knows who is there. Where
 * somebody is missing the run notes who was saved, with what follows their names.
 */
function there(world: World, names: readonly string[], rest: string): readonly string[] {
  const { lab, isChaotic, protocol } = world;
  if (!isChaotic || protocol !== undefined) return names;
  const found = names.filter((name) => lab.processMetric(name, "running") === true);
  if (found.length === 0) world.tell('note "nobody is there to be saved"');
  else if (found.length < names.length) world.tell(`checkpoint ${found.join(", ")}${rest}`);
  return found;
}

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
      const find = findProcesses(draft, targets);
      const using = strategy === undefined ? undefined : draft.strategy(strategy, "checkpointer");
      const rest = (label === undefined ? "" : ` as ${label.text}`) +
        (strategy === undefined ? "" : ` using ${printStrategy(strategy)}`);
      return {
        disturbs: true,
        ...(label === undefined ? {} : { makes: label.text }),
        perform: async (world) => {
          const who = there(world, find(world), rest);
          // Whom chaos has taken down is saved when it is back.
          if (who.length > 0) await world.lab.checkpoint(who, label?.text, using ?? usual(world));
        },
      };
    },
  },
);

/** A label some step gives, or latest. */
export function checkLabel(draft: Draft, { name, index }: Ref): void {
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

export const restart = statement(
  "restart <targets> [from <label:ref>] [on <node:ref>] [or <otherwise:beginning>]",
  {
    place: "action",
    help:
      "Starts processes again from a committed checkpoint: a label, or the newest. With on they " +
      "come back on another node; with or beginning they begin anew where there is no such " +
      "checkpoint. A crashed manager begins anew with them, or comes back by its name.",
    example: "restart p0 from c1 on n1",
    build: (draft, { targets, label, node, otherwise }) => {
      const find = findTargets(draft, targets, {
        processes: true,
        manager: true,
        condition: "crashed",
      });
      if (label !== undefined) checkLabel(draft, label);
      const on = node === undefined ? undefined : oneNode(draft, node);
      const from = label === undefined || label.name.text === "latest"
        ? undefined
        : label.name.text;
      return {
        disturbs: true,
        ...(from === undefined || otherwise !== undefined ? {} : { needs: from }),
        perform: (world) => {
          const { processes, manager } = find(world);
          const all = [...processes, ...manager ? [MANAGER] : []];
          return world.lab.restart(all, from, on, otherwise !== undefined);
        },
      };
    },
  },
);

const isLoss = (text: string): text is Loss => LOSSES.some((loss) => loss === text);

export const crash = statement("crash <targets> [losing <what:name>]", {
  place: "action",
  help: `Kills processes, whole nodes or the manager. What it takes away besides: ${
    LOSSES.join(", ")
  }; by default nothing. any proc and any node are drawn when it happens.`,
  example: "crash p0 losing unsynced",
  build: (draft, { targets, what }) => {
    const find = findTargets(draft, targets, { processes: true, nodes: true, manager: true });
    const losing = what?.text ?? "nothing";
    if (!isLoss(losing)) {
      const message = `a crash loses ${LOSSES.join(", ")}, not '${losing}'`;
      draft.report("CK0404", what?.span ?? targets.span, message, nearest(losing, LOSSES));
      return;
    }
    return {
      disturbs: true,
      perform: (world) => world.lab.crash(find(world), losing),
    };
  },
});

export const migrate = statement("migrate <targets> to <node:ref> [using <strategy>]", {
  place: "action",
  help:
    "Saves processes, which stand still from t0 on, and lets them go on on another node, with " +
    "all the messages that are on their way to them.",
  example: "migrate p0 to b",
  build: (draft, { targets, node, strategy }) => {
    const find = findProcesses(draft, targets);
    const to = oneNode(draft, node);
    const using = strategy === undefined ? undefined : draft.strategy(strategy, "checkpointer");
    if (to === undefined) return;
    return {
      disturbs: true,
      perform: (world) => world.lab.migrate(find(world), to, using ?? usual(world)),
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

export const inject = statement("inject <strategy> [into <targets>]", {
  place: "action",
  help:
    "Makes a fault happen, a name of `list faults`: to the disks of nodes, or to the messages of " +
    "processes. Without into it happens wherever it can.",
  example: "inject bit_flip { image: c1 } into n0",
  build: (draft, { strategy, targets }) => {
    const fault = draft.strategy(strategy, "fault");
    const find = targets === undefined
      ? undefined
      : findTargets(draft, targets, { processes: true, nodes: true });
    if (fault === undefined) return;
    return {
      disturbs: true,
      perform: (world) => world.lab.inject(fault, find?.(world) ?? { nodes: [], processes: [] }),
    };
  },
});
