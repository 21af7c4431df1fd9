/**
 * A dense sample of `crash_everywhere.ts`; `deno task crashes` runs all of it.
 *
 * As the line is recorded all images are durable and no checkpointer is at work: there one of them is
 * enough, in turn. So it is for a protocol whose checkpoint is that of another (the same `cost`).
 */
import { assert, assertEquals } from "@std/assert";
import {
  allCases,
  type CrashCase,
  crashInWords,
  type Outcome,
  runCase,
  type Situation,
  SITUATIONS,
  VICTIMS,
} from "./crash_everywhere.ts";
import { protocols } from "../../plugins/mod.ts";

/** Neither a multiple nor a divisor of the number of victims, so that each meets every step. */
const EVERY = 101;

/** The manifest takes less to be written. */
const RECORDING_NS = 3000;

let found: Promise<readonly CrashCase[]> | undefined;
const cases = () => found ??= allCases();

const PROTOCOLS = [...new Set(SITUATIONS.map(({ protocol }) => protocol))];

/** Whether it is the turn of its checkpointer. */
function isInTurn({ protocol, checkpointer }: Situation): boolean {
  return (PROTOCOLS.indexOf(protocol) % 2 === 0) === (checkpointer === "stop-the-world");
}

/**
 * As the line is recorded: it is the manager that does so, and what becomes of it shows when all begin
 * anew. Of the other victims each moment has a third, the next moment another one.
 */
const isToldApart = ({ number, who }: CrashCase): boolean =>
  who === "manager" || who === "everything" ||
  (number + Math.floor(number / VICTIMS.length)) % 3 === 0;

const costOf = (protocol: string) => protocols.find(({ name }) => name === protocol)?.cost;

/** Whether another protocol, before it, takes the same checkpoint. */
const isLikeAnother = ({ protocol }: Situation): boolean =>
  PROTOCOLS.find((other) => costOf(other) === costOf(protocol)) !== protocol;

for (const situation of SITUATIONS.filter((one) => isInTurn(one) || !isLikeAnother(one))) {
  const { name } = situation;
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

  if (!isInTurn(situation)) continue;
  Deno.test(`${name}: a crash as the line is recorded leaves nothing in between`, async () => {
    const all = (await cases()).filter((one) =>
      one.situation.name === name && Math.abs(one.moment - one.recordedNs) <= RECORDING_NS &&
      isToldApart(one)
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
