/**
 * Golden claims: `expect cluster.fingerprint("messages") == "53de64a7…"`. The text stands in the script
 * and is brought up to date there by `run --update`, never where something else does not hold.
 */
import type { Expr, TextLiteral } from "./ast.ts";
import type { Claim } from "./plan.ts";
import { printExpr } from "./print.ts";
import type { CellResult, ClaimResult, ScenarioResult } from "./results.ts";
import type { Job } from "./session.ts";
import { decodeSource, type Source } from "./source.ts";

/** A claim that a fingerprint is a text. */
export interface Golden {
  readonly claim: Claim;
  /** The fingerprint, as it is written. */
  readonly asked: string;
  readonly literal: TextLiteral;
}

const bare = (expr: Expr): Expr => expr.kind === "group" ? bare(expr.inner) : expr;

const isFingerprint = (expr: Expr): boolean =>
  expr.kind === "call" && expr.of.kind === "member" && expr.of.name.text === "fingerprint";

/** What is golden in a claim, if it is such a claim. */
function goldenIn(claim: Claim): Golden | undefined {
  const compared = bare(claim.expr);
  if (claim.how !== undefined || compared.kind !== "compare" || compared.op !== "==") {
    return undefined;
  }
  const sides = [compared.left, compared.right];
  const literal = sides.map(bare).find((side) => side.kind === "text");
  const asked = sides.find((side) => isFingerprint(bare(side)));
  if (literal === undefined || asked === undefined) return undefined;
  return { claim, asked: printExpr(asked), literal };
}

/** The golden claims of a scenario; its cells have the same. */
export const goldensOf = ({ plans: [first] }: Pick<Job, "plans">): readonly Golden[] =>
  (first?.claims ?? []).flatMap((claim) => goldenIn(claim) ?? []);

/** What became of a golden claim: another text for it, or why it stays as it is. */
export type Change =
  | { readonly golden: Golden; readonly text: string }
  | { readonly golden: Golden; readonly why: string };

const isOf = ({ claim }: Golden) => (result: ClaimResult): boolean =>
  result.span.start === claim.span.start;

/** All but the golden claims holds. */
function holdsOtherwise({ claims, problems }: CellResult, goldens: readonly Golden[]): boolean {
  const others = claims.filter((claim) => !goldens.some((golden) => isOf(golden)(claim)));
  return problems.length === 0 &&
    others.every(({ verdict }) => verdict === "holds" || verdict === "skipped");
}

/** What the fingerprint was, wherever the claim was judged. */
function found(golden: Golden, cells: readonly CellResult[]): readonly (string | undefined)[] {
  const judged = cells.flatMap(({ claims }) => claims.filter(isOf(golden)))
    .filter(({ verdict }) => verdict !== "skipped");
  return judged.map(({ left, right }) =>
    [left, right].find((side) => side?.text === golden.asked)?.shown
  );
}

/** Why none of a scenario's golden claims may be changed, if so. */
function refusal(
  { plans, scenario }: Job,
  { cells, problems }: ScenarioResult,
  goldens: readonly Golden[],
): string | undefined {
  if (plans.some(({ explore }) => explore !== undefined)) {
    return "a search is many runs, and each has its own";
  }
  if (cells.length < scenario.plans.length) {
    return `only ${cells.length} of its ${scenario.plans.length} cases were run`;
  }
  const isSound = problems.length === 0 && cells.every((cell) => holdsOtherwise(cell, goldens));
  return isSound ? undefined : "the scenario does not hold otherwise";
}

/** What is to become of the golden claims of a scenario that was run. */
export function changesOf(job: Job, result: ScenarioResult): readonly Change[] {
  const goldens = goldensOf(job);
  const refused = refusal(job, result, goldens);
  return goldens.flatMap((golden): readonly Change[] => {
    const shown = new Set(found(golden, result.cells));
    const [only] = shown;
    if (shown.size === 1 && only === JSON.stringify(golden.literal.value)) return [];
    if (refused !== undefined) return [{ golden, why: refused }];
    if (shown.size > 1) {
      return [{ golden, why: `it is judged of ${shown.size} runs that differ` }];
    }
    if (only === undefined) return [{ golden, why: "it was never judged" }];
    return [{ golden, text: only }];
  });
}

/**
 * The file with other texts in place of some, all else byte for byte. Nothing when it is not what was
 * run any more.
 */
export function rewritten(
  bytes: Uint8Array,
  source: Source,
  changes: readonly { readonly golden: Golden; readonly text: string }[],
): string | undefined {
  const { source: now, badAt } = decodeSource(source.name, bytes);
  if (badAt.length > 0 || now.text !== source.text) return undefined;
  let text = now.text;
  for (const { golden, text: other } of changes.toSorted(fromTheEnd)) {
    const { start, end } = golden.literal.span;
    text = text.slice(0, start) + other + text.slice(end);
  }
  // A byte order mark is no part of a source, and stays.
  return bytes[0] === 0xef ? `\uFEFF${text}` : text;
}

const fromTheEnd = (one: { golden: Golden }, other: { golden: Golden }): number =>
  other.golden.literal.span.start - one.golden.literal.span.start;
