/** A dense sample of `crash_everywhere.ts`; `deno task crashes` runs all of it. */
import { assert, assertEquals } from "@std/assert";
import {
  allCases,
  type CrashCase,
  crashInWords,
  type Outcome,
  runCase,
  SITUATIONS,
} from "./crash_everywhere.ts";

/** Neither a multiple nor a divisor of the number of victims, so that each meets every step. */
const EVERY = 71;

/** The manifest takes less to be written. */
const RECORDING_NS = 3000;

let found: Promise<readonly CrashCase[]> | undefined;
const cases = () => found ??= allCases();

for (const { name } of SITUATIONS) {
  Deno.test(`${name}: a crash at any step leaves the old line or the new one`, async () => {
    const all = (await cases()).filter(({ situation }) => situation.name === name);
    assert(new Set(all.map(({ moment }) => moment)).size > 150, "too few steps were seen");
    const failures: string[] = [], seen = new Map<Outcome, number>();
    for (const crash of all.filter((_, index) => index % EVERY === 0)) {
      const { outcome, problems } = await runCase(crash);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      if (problems.length > 0) failures.push([crashInWords(crash), ...problems].join("\n  "));
    }
    assertEquals(failures.join("\n"), "");
    // Few moments are behind the recording: the new line is in the test below.
    const expected: readonly Outcome[] = ["back to the line before", "nothing to go back to"];
    for (const outcome of expected) assert((seen.get(outcome) ?? 0) > 0, outcome);
  });

  Deno.test(`${name}: a crash as the line is recorded leaves nothing in between`, async () => {
    const all = (await cases()).filter(({ situation, moment, recordedNs }) =>
      situation.name === name && Math.abs(moment - recordedNs) <= RECORDING_NS
    );
    const seen = new Set<string>();
    for (const crash of all) {
      const { outcome, problems } = await runCase(crash);
      assertEquals(problems, [], crashInWords(crash));
      seen.add(`${crash.who}: ${outcome}`);
    }
    for (const line of ["the line before", "the new line"]) {
      assert(seen.has(`everything: back to ${line}`), line);
    }
    for (const how of ["with the new line", "without it"]) {
      assert(seen.has(`manager: went on ${how}`), how);
    }
  });
}
