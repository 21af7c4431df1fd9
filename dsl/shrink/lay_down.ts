/**
 * Lays a run down as an ordinary scenario: one point of its matrix, one seed, no search, and what
 * chaos did as steps at the times at which it did it.
 */
import type { ObjectExpr, Script, StatementNode, TextLiteral, Word } from "../ast.ts";
import { MANAGER } from "../draft.ts";
import { printStatement } from "../format.ts";
import { resolvePath } from "../load.ts";
import type { Plan } from "../plan.ts";
import type { Decisions, Happened } from "../results.ts";
import { type Form, item, outside } from "./form.ts";
import { channelText, latencies } from "./latencies.ts";
import type { View } from "../value.ts";
import { relativePath } from "./paths.ts";
import { timeText } from "./times.ts";

/** A run that failed, with the scripts it was read from, the file itself last. */
export interface Recorded {
  readonly scripts: readonly Script[];
  readonly plan: Plan;
  readonly decisions: Decisions;
  /** The world that is laid down, and what happened in it, in order. */
  readonly view: View;
  readonly fired: readonly Happened[];
}

/** What of a run is written as what happened, instead of as what makes it happen. */
export interface Laying {
  /** Where the new script will be, for the paths in it. */
  readonly path: string;
  /** Chaos as steps. */
  readonly storm: boolean;
  /** What `every` did as steps. */
  readonly every: boolean;
  /** Each latency that was drawn. */
  readonly latencies: boolean;
}

const keyword = ({ row }: StatementNode): string => row.keyword;

/** The lets, profiles and plugins of all files; values of `--set` in the place of lets. */
function headOf({ scripts, plan }: Recorded, path: string): readonly StatementNode[] {
  const set = new Map(plan.set);
  return scripts.flatMap(({ statements, span }) =>
    statements.flatMap((node) => {
      if (keyword(node) === "profile") return [node];
      if (keyword(node) === "let") return [overridden(node, set)];
      return keyword(node) === "use" ? [moved(node, span.source.name, path)] : [];
    })
  );
}

function overridden(node: StatementNode, set: ReadonlyMap<string, string>): StatementNode {
  const { name } = node.args["head"] as { readonly name: Word };
  const value = set.get(name.text);
  return value === undefined ? node : outside(`let ${name.text} = ${value}`);
}

/** A plugin by its path is elsewhere, seen from the new script. */
function moved(node: StatementNode, from: string, to: string): StatementNode {
  const text = node.args["from"] as TextLiteral;
  if (/^[a-z][a-z0-9+.-]+:/i.test(text.value)) return node;
  const value = relativePath(to, resolvePath(from, text.value));
  return { ...node, args: { ...node.args, from: { ...text, value } } };
}

/** The statements of the scenario the plan is of. */
function itemsOf({ scripts, plan }: Recorded): readonly StatementNode[] {
  const scenario = scripts.at(-1)?.statements.find((node) =>
    keyword(node) === "scenario" && (node.args["title"] as TextLiteral).value === plan.title
  );
  return (scenario?.args["items"] ?? []) as readonly StatementNode[];
}

/** A claim over seeds as the claim about this one; what one seed cannot decide is left out. */
function claimAlone(node: StatementNode): readonly StatementNode[] {
  const how = (node.args["how"] as Word | undefined)?.text;
  const { how: _, ...rest } = node.args as { how?: Word };
  if (how === undefined) return [node];
  if (how === "sometimes") return [];
  if (how === "always") return [{ ...node, args: rest }];
  const claim = node.args["claim"] as ObjectExpr;
  const inner = { kind: "group", inner: claim, span: claim.span };
  return [{ ...node, args: { ...rest, claim: { kind: "not", inner, span: claim.span } } }];
}

/** Steps that did less than they say, for chaos had taken somebody: what they did stands by itself. */
const partly = (fired: readonly Happened[]): readonly Happened[] =>
  fired.filter((one, i) => {
    const next = fired[i + 1];
    return one.by === undefined && next?.by === "chaos" && next.ns === one.ns &&
      /^(?:checkpoint|note) /.test(next.text);
  });

/** The step is one of those, and done once. */
function isPartly({ row, args }: StatementNode, fired: readonly Happened[]): boolean {
  const action = args["action"] as StatementNode | undefined;
  if (row.place !== "step" || row.keyword === "every" || action === undefined) return false;
  const text = printStatement(action);
  return partly(fired).some((one) => one.text === text);
}

/** Times at which the step of an `every` was done, which others may have done too. */
function timesOf(node: StatementNode, { plan, fired }: Recorded): readonly number[] {
  const step = plan.steps.find(({ timing, span }) =>
    timing.kind === "every" && span.start === node.span.start &&
    span.source.name === node.span.source.name
  );
  if (step?.timing.kind !== "every") return [];
  const { ns } = step.timing;
  const less = partly(fired);
  return fired.filter((one) =>
    one.by === undefined && one.text === step.text && one.ns > 0 && one.ns % ns === 0 &&
    !less.includes(one)
  ).map((one) => one.ns);
}

/** What chaos did, as steps. */
const stormOf = (fired: readonly Happened[]): readonly StatementNode[] =>
  fired.filter(({ by }) => by === "chaos").map(({ ns, text }) =>
    item(`at ${timeText(ns)} ${text}`)
  );

/** The channels with each latency that was drawn, a statement for each pair that drew some. */
function channelsOf({ plan, decisions, view }: Recorded): readonly StatementNode[] {
  const names = (rank: string): string => plan.processes[Number(rank)]?.name ?? MANAGER;
  const lists = latencies(plan, decisions, view);
  return [...lists].map(([pair, { options, values }]) => {
    const [from = "", to = ""] = pair.split("->");
    return item(channelText(`${names(from)} -> ${names(to)}`, options, values));
  });
}

/** What the point of the run stands for, and what judges nothing. */
const DROPPED = ["explore", "seed", "matrix", "cases", "show"];

/** The form of a run, with as much of it written out as `laying` says. */
export function layDown(recorded: Recorded, laying: Laying): Form {
  const { plan, decisions, fired } = recorded;
  const storm = laying.storm ? stormOf(fired) : [];
  const items = itemsOf(recorded).flatMap((node): readonly StatementNode[] => {
    const word = keyword(node);
    if (DROPPED.includes(word) || word === "chaos" && laying.storm) return [];
    if (laying.storm && isPartly(node, fired)) return [];
    if (word === "let") return [overridden(node, new Map(plan.set))];
    if (word === "every" && laying.every) {
      const { action } = node.args as { action: StatementNode };
      return timesOf(node, recorded).map((ns) => {
        const at = item(`at ${timeText(ns)} note ""`);
        return { ...at, args: { ...at.args, action } };
      });
    }
    return node.row.place === "claim" && plan.explore !== undefined ? claimAlone(node) : [node];
  });
  const point = plan.row.map(([name, value]) => item(`let ${name} = ${value}`));
  const setup = items.filter(({ row }) => row.place === "setup" || row.keyword === "let");
  const rest = items.filter((one) => !setup.includes(one));
  return {
    head: headOf(recorded, laying.path),
    title: plan.title,
    items: [
      item(`seed ${decisions.seed}`),
      ...point,
      ...setup,
      ...laying.latencies ? channelsOf(recorded) : [],
      // Chaos acts before the steps of the same instant.
      ...storm,
      ...rest,
    ],
    storm,
  };
}

/** The ways to lay a run down, the plainest first: whichever fails in the same way is taken. */
export function waysOf({ plan }: Recorded, path: string): readonly Laying[] {
  // Only random streams are the same without the search.
  const drawn = plan.explore === undefined || plan.explore.search.name === "random";
  const ways = [true, false].flatMap((storm) =>
    [true, false].map((every) => ({ path, storm, every, latencies: !drawn }))
  );
  return [...ways, { path, storm: true, every: false, latencies: true }];
}
