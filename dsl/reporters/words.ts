/** What machine formats say of a cell: its name, and why it does not hold, without colour. */
import type { ClaimData, Place, ProblemData, Verdict } from "../../core/mod.ts";
import { PLAIN_COLOURS } from "../colour.ts";
import type { CellReport } from "../gather.ts";
import { showPlace } from "../source.ts";
import type { Surroundings } from "./reporter.ts";
import { claimWords } from "./text.ts";

/** What a format without a word for `unknown` counts a verdict as. */
export type Outcome = "passed" | "failed" | "error" | "skipped";

/** The outcome of a verdict. */
export function outcomeOf(
  verdict: Verdict,
  { unknownAs }: Pick<Surroundings, "unknownAs">,
): Outcome {
  switch (verdict) {
    case "holds":
      return "passed";
    case "failed":
      return "failed";
    case "unknown":
      return unknownAs === "failure" ? "failed" : "skipped";
    default:
      return "error";
  }
}

/** The part of a cell's id behind its scenario: `n=8`, or what tells it by its seed alone. */
export function caseName(cell: CellReport): string {
  const values = cell.case.map(([name, value]) => `${name}=${value}`).join(", ");
  return values === "" ? `seed ${cell.seed}` : `${values}, seed ${cell.seed}`;
}

/** How far a search came: `6 of 6, 3 failed`; nothing of what is no search. */
export const exploredText = ({ explored }: CellReport): string =>
  explored === undefined ? "" : `${explored.ran} of ${explored.seeds}, ${explored.failing} failed`;

/** Something that does not hold, in one line, with what decided it. */
export interface Reason extends Place {
  readonly verdict: ClaimData["verdict"];
  readonly message: string;
  readonly details: readonly string[];
}

const claimReason = (claim: ClaimData): Reason => ({
  ...claim,
  message: claimWords(claim, PLAIN_COLOURS.strong),
  details: claim.details.map(({ label, text }) => `${label}: ${text}`),
});

const problemReason = (problem: ProblemData): Reason => ({ ...problem, details: [] });

/** Why a cell does not hold, the gravest kind first. */
export function reasonsOf(cell: Pick<CellReport, "claims" | "problems">): readonly Reason[] {
  const bad = cell.claims.filter(({ verdict }) => verdict !== "holds" && verdict !== "skipped");
  const all = [...cell.problems.map(problemReason), ...bad.map(claimReason)];
  return [
    ...all.filter(({ verdict }) => verdict !== "unknown"),
    ...all.filter(({ verdict }) => verdict === "unknown"),
  ];
}

/** A reason as a block of text: the place, the claim, both sides. */
export const reasonText = (reason: Reason): string =>
  [`${showPlace(reason)} ${reason.message}`, ...reason.details.map((line) => `  ${line}`)]
    .join("\n");

/** ns as seconds with three digits, as XML reports want them. */
export const seconds = (ns: number): string => (ns / 1e9).toFixed(3);
