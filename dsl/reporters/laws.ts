/** The laws of a scenario over its cells: what was measured at each point, and what the law claims. */
import type { ClaimData, ClaimSide } from "../../core/mod.ts";
import type { CellReport, ScenarioReport } from "../gather.ts";

/** A law in one cell. */
export interface LawPoint {
  readonly cell: CellReport;
  readonly claim: ClaimData;
  /** The left side. */
  readonly measured: ClaimSide & { readonly value: number };
  /** The right side. */
  readonly claimed: ClaimSide & { readonly value: number };
}

/** A law, judged in one alternative, with its points in the order of the cells. */
export interface Law {
  /** `title` of the law, or else its text. */
  readonly title: string;
  readonly claim: ClaimData;
  readonly points: readonly LawPoint[];
}

const isFigure = (side: ClaimSide | undefined): side is LawPoint["measured"] =>
  side?.value !== undefined;

/** The laws of a scenario that compare figures in at least so many cells. */
export function lawsOf(scenario: ScenarioReport, atLeast = 2): readonly Law[] {
  const laws = new Map<string, LawPoint[]>();
  for (const cell of scenario.cells) {
    for (const claim of cell.claims.filter(({ kind }) => kind === "law")) {
      const { left, right } = claim;
      if (!isFigure(left) || !isFigure(right)) continue;
      const key = `${claim.line}:${claim.column}:${claim.alternative ?? ""}`;
      laws.set(key, [...laws.get(key) ?? [], { cell, claim, measured: left, claimed: right }]);
    }
  }
  return [...laws.values()].flatMap((points) => {
    const [first] = points;
    if (first === undefined || points.length < atLeast) return [];
    return [{ title: first.claim.title ?? first.claim.text, claim: first.claim, points }];
  });
}
