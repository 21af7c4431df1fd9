/** Chaos in a cell: its options checked, its victims found, and its times in a run. */
import type { Distribution } from "../core/mod.ts";
import type { Expr, ObjectExpr, Ref, Targets } from "./ast.ts";
import { bringBack, type Chaos, drawNs, type Storm } from "./chaos.ts";
import type { Draft } from "./draft.ts";
import { readObject, takePairs } from "./options.ts";
import type { Plan, World } from "./plan.ts";
import { checkLabel } from "./statements/action.ts";
import { findTargets, type Found } from "./targets.ts";

/** Something that goes wrong by chance, again and again. */
export interface PlannedChaos {
  readonly row: Chaos;
  readonly options: Readonly<Record<string, unknown>>;
  readonly of: Found;
  /** The label a restart goes back to; undefined: the newest. */
  readonly from: string | undefined;
}

const refOf = (expr: Expr): Ref | undefined => {
  if (expr.kind === "name") return { name: { text: expr.name, span: expr.span }, span: expr.span };
  if (expr.kind !== "index" || expr.of.kind !== "name") return undefined;
  const name = { text: expr.of.name, span: expr.of.span };
  return { name, index: expr.index, span: expr.span };
};

/** The targets an option names: a name, a member of an array, a list of them, or all. */
function targetsOf(draft: Draft, expr: Expr): Targets | undefined {
  if (expr.kind === "all") return { kind: "all", span: expr.span };
  const refs = (expr.kind === "list" ? expr.items : [expr]).map(refOf);
  const named = refs.filter((ref) => ref !== undefined);
  if (named.length === refs.length && named.length > 0) {
    return { kind: "refs", refs: named, span: expr.span };
  }
  draft.report("CK0403", expr.span, "option 'of': expected names such as n, p[1] or [n[0], n[2]]");
  return undefined;
}

const NOBODY: Found = { processes: [], nodes: [], manager: false };

/** Whom it may concern: all nodes, or all processes where nodes are none of it. */
function victimsOf(draft: Draft, { wanted }: Chaos, of: Expr | undefined): Found {
  if (wanted === undefined) return NOBODY;
  if (of === undefined) {
    return wanted.nodes === true
      ? { ...NOBODY, nodes: draft.nodes.map(({ name }) => name) }
      : { ...NOBODY, processes: draft.processes.map(({ name }) => name) };
  }
  const targets = targetsOf(draft, of);
  return targets === undefined ? NOBODY : findTargets(draft, targets, wanted).fixed;
}

/** A label some step gives, or latest. */
function labelOf(draft: Draft, expr: Expr): string | undefined {
  const ref = refOf(expr);
  if (ref === undefined) {
    draft.report("CK0403", expr.span, "option 'from': expected a checkpoint's label, or latest");
  } else checkLabel(draft, ref);
  return ref === undefined || ref.name.text === "latest" ? undefined : ref.name.text;
}

/** Checks one kind of chaos and adds it to the cell. */
export function planChaos(draft: Draft, row: Chaos, object: ObjectExpr): void {
  const owner = `'${row.name}'`;
  const special = row.wanted === undefined ? ["from"] : ["of"];
  const { taken, rest } = takePairs(draft, object, owner, special, row.options);
  const options = readObject(draft, row.options, rest, owner);
  const from = taken.get("from");
  draft.chaos.push({
    row,
    options,
    of: victimsOf(draft, row, taken.get("of")),
    from: from === undefined ? undefined : labelOf(draft, from),
  });
}

/** How much longer the time from one to the next is in a swarm; each as likely. */
const RATES = [0.5, 1, 2, 4];

/** Sets a strike up, and after it the next one. */
function strikeAgain(storm: Storm, given: PlannedChaos, rate: number, left: number): void {
  const { row, options, of } = given;
  if (left <= 0) return;
  const { world } = storm;
  const ns = Math.round(rate * drawNs(world, "every", row.name, options["every"] as Distribution));
  world.perhaps(ns, "", async () => {
    const done = await row.strike?.(storm, options as never, of);
    if (done !== undefined) world.tell(done);
    strikeAgain(storm, given, rate, done === undefined ? left : left - 1);
  });
}

/** Begins the chaos of a run. In a swarm each kind may be left out, and comes more or less often. */
export function beginChaos({ chaos, processes, nodes, explore }: Plan, world: World): void {
  const storm: Storm = {
    world,
    processes: processes.map(({ name }) => name),
    nodes: nodes.map(({ name }) => name),
    down: new Set(),
    afterCrash: () => {},
  };
  const { choices } = world.lab;
  for (const given of chaos) {
    const { row, options, from } = given;
    if (row.strike === undefined) {
      storm.afterCrash = () => {
        const ns = drawNs(world, "after", row.name, options["after"] as Distribution);
        world.later(ns, "", () => bringBack(storm, from));
      };
      continue;
    }
    const swarm = explore?.swarm === true;
    if (swarm && !choices.chance("swarm", row.name, 0.5)) continue;
    const rate = swarm ? RATES[choices.below("swarm rate", row.name, RATES.length)] ?? 1 : 1;
    strikeAgain(storm, given, rate, Number(options["at_most"]));
  }
}
