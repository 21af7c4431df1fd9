/** Actions on what lies between processes, and on their going on: partitions, pauses. */
import type { Ref } from "../ast.ts";
import type { Cut, World } from "../plan.ts";
import { statement } from "../statement.ts";
import { findNodes, findProcesses } from "../targets.ts";

const touches = (cut: Cut, nodes: readonly string[]): boolean =>
  [...cut.nodes, ...cut.others].some((name) => nodes.includes(name));

/** Ends one partition. The lab heals nodes, so what else cut them off is put back. */
function endCut({ lab, cuts }: World, cut: Cut): void {
  if (!cuts.delete(cut)) return;
  lab.heal(cut.nodes);
  for (const other of cuts) {
    if (touches(other, cut.nodes)) lab.partition(other.nodes, other.others);
  }
}

/** Cuts nodes off from others, for a while or until they are healed. */
export function cutOff(
  world: World,
  nodes: readonly string[],
  others: readonly string[],
  lastsNs?: number,
): void {
  const cut = { nodes, others };
  world.lab.partition(nodes, others);
  world.cuts.add(cut);
  if (lastsNs === undefined) return;
  world.later(lastsNs, `heal ${nodes.join(", ")}`, () => endCut(world, cut));
}

export const partition = statement("partition <targets> from <others:targets> [for <time:expr>]", {
  place: "action",
  help: "Cuts nodes off from others, both ways, until they are healed or the time is over. " +
    "from all means from every other node.",
  example: "partition a from b for 5ms",
  build: (draft, { targets, others, time }) => {
    const find = findNodes(draft, targets);
    const findOthers = findNodes(draft, others);
    const lasts = time === undefined ? undefined : draft.duration(time);
    if (targets.kind === "refs" && others.kind === "refs") {
      const isNode = ({ name }: Ref) => draft.scope.find(name.text)?.meant.kind === "node";
      const fixed = (refs: readonly Ref[]) =>
        refs.filter(isNode).flatMap((ref) => draft.members(ref, "node") ?? []);
      const both = fixed(targets.refs).find((name) => fixed(others.refs).includes(name));
      if (both !== undefined) {
        draft.report("CK0306", others.span, `'${both}' is on both sides of the partition`);
      }
    }
    if (time !== undefined && lasts === undefined) return;
    return {
      disturbs: true,
      perform: (world) => {
        const nodes = find(world);
        const others = findOthers(world).filter((name) => !nodes.includes(name));
        cutOff(world, nodes, others, lasts);
      },
    };
  },
});

export const heal = statement("heal <targets>", {
  place: "action",
  help: "Ends every partition one of these nodes is in; all: every partition.",
  example: "heal a",
  build: (draft, { targets }) => {
    const find = findNodes(draft, targets);
    return {
      disturbs: true,
      perform: (world) => {
        const nodes = find(world);
        for (const cut of world.cuts) if (touches(cut, nodes)) world.cuts.delete(cut);
        world.lab.heal(nodes);
      },
    };
  },
});

export const pause = statement("pause <targets>", {
  place: "action",
  help: "Lets processes stand still until they are resumed.",
  example: "pause p0",
  build: (draft, { targets }) => {
    const find = findProcesses(draft, targets);
    return { disturbs: true, perform: (world) => world.lab.pause(find(world)) };
  },
});

export const resume = statement("resume <targets>", {
  place: "action",
  help: "Lets paused processes go on.",
  example: "resume p0",
  build: (draft, { targets }) => {
    const find = findProcesses(draft, targets);
    return { disturbs: true, perform: (world) => world.lab.resume(find(world)) };
  },
});
