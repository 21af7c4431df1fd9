/** What reporters of tests know of their surroundings. */
import { PLAIN_COLOURS } from "../../dsl/colour.ts";
import type { Surroundings } from "../../dsl/reporters/reporter.ts";

export const AROUND: Surroundings = {
  colours: PLAIN_COLOURS,
  isColoured: false,
  isTerminal: false,
  verbose: false,
  quiet: false,
  unknownAs: "skipped",
  environment: { GITHUB_STEP_SUMMARY: "summary.md" },
  clock: () => 0,
};
