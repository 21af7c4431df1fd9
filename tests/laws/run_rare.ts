/**
 * The measure of searching and shrinking: `explore` over 10,000 seeds finds the planted bug, and
 * `shrink` makes of the run a script of at most 6 statements, the same script twice.
 *
 * usage: deno task rare [--all]
 *   --all  go through all seeds, not only up to the first that fails
 */
import { parseArgs } from "@std/cli/parse-args";
import { MOST, search, shrink } from "./rare_bug.ts";

const { all } = parseArgs(Deno.args, { boolean: ["all"] });
const begun = performance.now();
const { result, repro } = await search({
  ...(all ? { all } : {}),
  tell: (ran) => {
    if (ran % 1000 === 0) console.error(`${ran} seeds`);
  },
});
const seconds = (performance.now() - begun) / 1000;
const { ran, failing, firstFailing } = result.explored ?? { ran: 0, failing: 0 };
console.log(
  `${failing} of ${ran} seeds fail, first ${firstFailing}; ${Math.round(ran / seconds)} a second`,
);
const [first, second] = [await shrink(repro), await shrink(repro)];
console.log(`${first.summary}\n\n${first.script}`);
const problems = [
  ...first.script === second.script && first.summary === second.summary
    ? []
    : ["shrinking again gave something else"],
  ...first.statements <= MOST ? [] : [`${first.statements} statements are left, more than ${MOST}`],
];
for (const problem of problems) console.error(`error: ${problem}`);
Deno.exit(problems.length === 0 ? 0 : 1);
