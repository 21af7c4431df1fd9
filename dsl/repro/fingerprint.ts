/**
 * What makes a failure the same failure: which claim does not hold, how it was judged, and in which
 * direction it is wrong. Figures are left out, so that a smaller run may fail by less.
 */
import type { CellResult, ClaimResult, Problem } from "../results.ts";

/** One thing that does not hold, as a line that is the same for the same failure. */
export type Failure = string;

/** All that does not hold in one run; the first is what the failure is known by. */
export interface Fingerprint {
  readonly failures: readonly Failure[];
}

/** Which way a comparison is wrong. */
function relation({ left, right }: ClaimResult): string {
  if (left === undefined || right === undefined) return "";
  const [a, b] = [left.value, right.value];
  if (a === undefined || b === undefined) return ": the sides differ";
  return `: the left side is ${a === b ? "equal" : a < b ? "less" : "greater"}`;
}

/**
 * The claim as it is without a search: `always` on one seed is the claim itself, and `never` that it
 * does not hold. `sometimes` is about all seeds, and stays.
 */
export function plainClaim({ how, text }: Pick<ClaimResult, "how" | "text">, explored: boolean) {
  if (how === undefined) return { text };
  const bare = text.slice(how.length + 1);
  if (!explored || how === "sometimes") return { text: bare, how };
  return { text: how === "never" ? `not (${bare})` : bare };
}

function claimFailure(claim: ClaimResult, explored: boolean): Failure {
  const { how, text } = plainClaim(claim, explored);
  const turned = explored && claim.how === "never";
  const where = claim.alternative === undefined ? "" : ` in ${claim.alternative}`;
  return `expect ${how === undefined ? "" : `${how} `}${text}${where}` +
    (turned ? "" : relation(claim));
}

/** Numbers, and what is done in quotes, differ from run to run. */
const normalised = (message: string): string =>
  message.replace(/^seed \d+: /, "").replaceAll(/'[^']*'/g, "'…'").replaceAll(/\d[\d_.]*/g, "#")
    .replaceAll(/#(?:ns|us|ms|s)\b/g, "#");

const problemFailure = ({ verdict, message }: Problem): Failure =>
  `${verdict}: ${normalised(message)}`;

/**
 * The fingerprint of one run of a cell.
 *
 * @example
 * ```ts
 * import { fingerprintOf } from "./fingerprint.ts";
 * import { sourceOf } from "../source.ts";
 * const span = { source: sourceOf("a.ckpt", "ckpt 1\n"), start: 0, end: 6 };
 * const problem = { verdict: "failed", span, message: "at 2.5ms the lab refused 'crash p0'" } as const;
 * const { failures } = fingerprintOf({ claims: [], problems: [problem], explored: undefined });
 * if (failures.join() !== "failed: at # the lab refused '…'") throw new Error(failures.join());
 * ```
 */
export function fingerprintOf(
  { claims, problems, explored }: Pick<CellResult, "claims" | "problems"> & {
    readonly explored?: CellResult["explored"] | undefined;
  },
): Fingerprint {
  const bad = (verdict: string): boolean => verdict !== "holds" && verdict !== "skipped";
  const failed = claims.filter(({ verdict }) => verdict === "failed");
  const others = claims.filter(({ verdict }) => verdict !== "failed" && bad(verdict));
  const wrong = problems.filter(({ verdict }) => verdict !== "unknown");
  const unknown = problems.filter(({ verdict }) => verdict === "unknown");
  const isExplored = explored !== undefined;
  const failures = [
    ...failed.map((claim) => claimFailure(claim, isExplored)),
    ...wrong.map(problemFailure),
    ...unknown.map(problemFailure),
    ...others.map((claim) => `no value: ${claimFailure(claim, isExplored)}`),
  ];
  return { failures: [...new Set(failures)] };
}

/** Whether a run fails as another did: by the same first failure, and by nothing that is new. */
export const isSame = (wanted: Fingerprint, found: Fingerprint): boolean => {
  const [first] = wanted.failures;
  return first !== undefined && found.failures.includes(first) &&
    found.failures.every((one) => wanted.failures.includes(one));
};
