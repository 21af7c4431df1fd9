/** What the run came to, in a few words. */
import { type Counts, type RunEnded, type Verdict, VERDICTS } from "../../../core/mod.ts";
import { worst } from "../../results.ts";
import { plural } from "../text.ts";

/** How many there are of all verdicts together. */
export const sumOf = (counts: Counts): number =>
  Object.values(counts).reduce((sum, one) => sum + one, 0);

/** The verdicts that occur, the worst first. */
export const present = (counts: Counts): readonly Verdict[] =>
  VERDICTS.toReversed().filter((verdict) => counts[verdict] > 0);

/** The verdict of the whole run; nothing where scripts could not be run or nothing was. */
export function verdictOf({ scenarios, refused }: RunEnded): Verdict | undefined {
  if (refused > 0 || sumOf(scenarios) === 0) return undefined;
  return worst(present(scenarios));
}

const WORDS: Readonly<Record<Verdict, string>> = {
  holds: "hold",
  failed: "failed",
  unknown: "unknown",
  broken: "broken",
  nondeterministic: "nondeterministic",
};

/** `1 of 3 scenarios failed, 1 unknown`. */
export function outcome({ scenarios, refused }: RunEnded): string {
  const all = sumOf(scenarios);
  const bad = present(scenarios).filter((verdict) => verdict !== "holds");
  const [first, ...rest] = bad.map((verdict) => `${scenarios[verdict]} ${WORDS[verdict]}`);
  const files = refused === 0 ? [] : [`${plural(refused, "script")} with errors`];
  if (all === 0) return files[0] ?? "Nothing was run";
  const many = plural(all, "scenario");
  const told = first === undefined
    ? [all === 1 ? "The scenario holds" : `All ${many} hold`, ...files]
    : [`${first} of ${many}`, ...rest, ...files];
  return told.join(", ");
}

/** The title of the page: what came out comes first. */
export const titleOf = (ended: RunEnded): string => `${outcome(ended)} – ckptlab`;
