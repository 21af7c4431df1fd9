/** Statements that look for the run in which something goes wrong: many seeds, and chaos. */
import type { OptionTable } from "../../core/mod.ts";
import type { Expr, ObjectExpr, StrategyUse } from "../ast.ts";
import { CHAOS } from "../chaos.ts";
import { planChaos } from "../chaos_plan.ts";
import type { Draft } from "../draft.ts";
import { readObject, takePairs } from "../options.ts";
import { MOST_SEEDS, type Seeds, type ShrinkOptions } from "../plan.ts";
import { printExpr } from "../print.ts";
import { statement } from "../statement.ts";
import { nearest } from "../suggest.ts";
import { toEngine } from "../units.ts";
import { describe, measureOf, type NumberValue } from "../value.ts";

/** The options of explore that are plain values. */
const EXPLORE = {
  swarm: {
    type: "truth",
    default: false,
    doc: "Each seed draws for itself which kinds of chaos it has, and how often they come.",
  },
  stop_after: {
    type: "count",
    default: 1,
    min: 0,
    doc: "The search ends with so many failing seeds; 0: it goes through all of them.",
  },
  virtual_time: {
    type: "time",
    default: 0,
    min: 0,
    doc: "The search ends when its runs together have taken that long in virtual time; 0: never.",
  },
  budget: {
    type: "time",
    default: 0,
    min: 0,
    doc: "The search is given up, undecided, when it has taken that long on the host; 0: never.",
  },
} as const satisfies OptionTable;

const SHRINK = {
  steps: { type: "count", default: 400, min: 1, doc: "Runs it may take." },
  keep: {
    type: "text",
    default: "failure",
    choices: ["failure", "any"],
    doc: "What must stay: the same failure, or any.",
  },
} as const satisfies OptionTable;

/** The seeds of an explore that states none. */
const USUAL_SEEDS: Seeds = { first: 1, last: 100 };
/** A plain whole number; anything else is none. */
function whole(value: NumberValue): number {
  const measure = measureOf(value);
  const read = measure === undefined ? NaN : toEngine(measure, "count");
  return typeof read === "number" ? read : NaN;
}

function readSeeds(draft: Draft, expr: Expr): Seeds | undefined {
  const value = draft.constant(expr);
  if (value === undefined) return undefined;
  const ends = value.kind === "range"
    ? [whole(value.low), whole(value.high)]
    : value.kind === "number"
    ? [1, whole(value)]
    : [];
  const [first = NaN, last = NaN] = ends;
  if (Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 0 && last >= first) {
    if (last - first < MOST_SEEDS) return { first, last };
    draft.report("CK0404", expr.span, `option 'seeds': at most ${MOST_SEEDS} seeds`);
    return undefined;
  }
  const found = value.kind === "range" ? printExpr(expr) : describe(value);
  const message =
    "option 'seeds': expected a range of whole numbers such as 1..200, or how many, " +
    `but found ${found}`;
  draft.report("CK0404", expr.span, message);
  return undefined;
}

/** A name with options where an expression stands. */
function strategyOf(draft: Draft, expr: Expr): StrategyUse | undefined {
  if (expr.kind === "name") {
    return { name: { text: expr.name, span: expr.span }, span: expr.span };
  }
  if (expr.kind === "use") return { name: expr.name, options: expr.object, span: expr.span };
  const message = "expected the name of a search such as random or pct { depth: 3 }";
  draft.report("CK0403", expr.span, message);
  return undefined;
}

function readShrink(draft: Draft, expr: Expr | undefined): ShrinkOptions {
  if (expr === undefined || expr.kind === "object") {
    return readObject(draft, SHRINK, expr, "'shrink'");
  }
  draft.report("CK0403", expr.span, "option 'shrink': expected an object such as { steps: 400 }");
  return readObject(draft, SHRINK, undefined, "'shrink'");
}

export const explore = statement("explore <options:object>", {
  place: "setup",
  help: "Runs the cell once for each of many seeds. A claim must hold at the end of every run; " +
    "with sometimes of at least one, with never of none. seeds: 1..200; strategy: a name of " +
    "`list searches`; swarm: true; stop_after, virtual_time and budget bound the search; " +
    "shrink: { steps, keep } is for the command of that name, and for `run --shrink`.",
  example: "explore { seeds: 1..200, strategy: pct { depth: 3 } }",
  build: (draft, { options }, span) => {
    if (!draft.once("explore", span)) return;
    const special = ["seeds", "strategy", "shrink"];
    const { taken, rest } = takePairs(draft, options, "'explore'", special, EXPLORE);
    const values = readObject(draft, EXPLORE, rest, "'explore'");
    const stated = taken.get("seeds"), strategy = taken.get("strategy");
    const seeds = stated === undefined ? USUAL_SEEDS : readSeeds(draft, stated) ?? USUAL_SEEDS;
    const [usual] = draft.vocabulary.searches;
    const used = strategy === undefined ? undefined : strategyOf(draft, strategy);
    const search = used === undefined
      ? { name: usual?.name ?? "", options: {} }
      : draft.strategy(used, "search");
    const shrink = readShrink(draft, taken.get("shrink"));
    if (search === undefined) return;
    draft.explore = {
      seeds,
      stated: seeds,
      search,
      swarm: values.swarm,
      budgetNs: values.budget,
      statedBudgetNs: values.budget,
      virtualNs: values.virtual_time,
      stopAfter: values.stop_after,
      shrink,
    };
  },
});

export const chaos = statement("chaos <faults:object>", {
  // Built when everything is set up: it may concern what is declared below it.
  place: "step",
  help: "Things that go wrong at random times, each kind a key with its options: `list chaos` " +
    "prints them. All of it follows from the seed. The undisturbed twin has none.",
  example: "chaos { crash: { of: n, every: 5ms..40ms, at_most: 3 } restart: { after: 1ms..3ms } }",
  build: (draft, { faults }: { readonly faults: ObjectExpr }, span) => {
    if (!draft.once("chaos", span)) return;
    const seen = new Set<string>();
    for (const { key, value } of faults.pairs) {
      const row = CHAOS.find(({ name }) => name === key.text);
      if (row === undefined) {
        const names = CHAOS.map(({ name }) => name);
        const message = `there is no chaos of the kind '${key.text}'; expected ${names.join(", ")}`;
        draft.report("CK0303", key.span, message, nearest(key.text, names));
      } else if (seen.has(key.text)) {
        draft.report("CK0302", key.span, `option '${key.text}' is given twice`);
      } else if (value.kind !== "object") {
        const message = `option '${key.text}': expected an object such as { every: 5ms..40ms }`;
        draft.report("CK0403", value.span, message);
      } else planChaos(draft, row, value);
      seen.add(key.text);
    }
    if (faults.pairs.length === 0) {
      draft.warn("CK0703", span, "'chaos' without a kind does nothing");
    }
  },
});
