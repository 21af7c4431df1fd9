/** A sample of the writers of `deno task downtime`, and those that try each part of the strategy most. */
import { assert } from "@std/assert";
import {
  again,
  gainsOf,
  type Given,
  LEAST,
  VARIANTS,
  type WriterCase,
  writerCase,
} from "./downtime.ts";

/** Eight of the 200, of every kind: on one processor and on two, sparse and dense, small and large. */
const SAMPLE = [2, 11, 12, 17, 25, 37, 40, 48];

for (const seed of SAMPLE) {
  Deno.test(`downtime: writer ${seed} loses no more than 1 % against stopping`, () => {
    const each = writerCase(seed);
    for (const { prdt } of gainsOf(each)) assert(prdt >= LEAST, `${prdt}: ${again(each)}`);
  });
}

/** Writes every quarter of 1000 pages at once, before a copier on the same processor gets far. */
const DENSE: WriterCase = { seed: 0, args: [1024, 1000, 4000, 0], at: [1e6, 2e6], cpus: 1 };
/** Two words a page, one after the other. */
const SPARSE: WriterCase = { seed: 0, args: [2048, 256, 4000, 0], at: [1e6, 2e6], cpus: 1 };

const least = (each: WriterCase, given: Given = {}): number =>
  Math.min(...gainsOf(each, given).map(({ prdt }) => prdt));

Deno.test("downtime: what each part of tlb-cow-plus is for", () => {
  assert(least(DENSE) >= LEAST);
  assert(least(DENSE, { budget: 1000 }) < LEAST, "the limit stops it in time");
  assert(least(DENSE, { whole_if_dense: false, budget: 1000 }) < -0.1, "quarters are dear");
  assert(least(SPARSE) > 0.3);
  assert(least(SPARSE) > least(SPARSE, { sub_page: false }) + 0.2, "and cheap");
  const [, ordered] = gainsOf(writerCase(48), VARIANTS["only by history"]),
    [, not] = gainsOf(writerCase(48), VARIANTS["by address"]);
  assert((ordered?.prdt ?? 0) > (not?.prdt ?? 0) + 0.1, "the order of last time helps");
});

/** Writes all quarters of a page in a little more than a copy takes. */
const SWEEP: WriterCase = { seed: 0, args: [1024, 200, 100, 600], at: [2e6, 5e6], cpus: 2 };

Deno.test("downtime: to go ahead of the program is what the order is for", () => {
  const whole = least(SWEEP);
  assert(whole > 0.9, `${whole}`);
  const aimed = least(SWEEP, { follow: false }), following = least(SWEEP, { aim: false });
  const not = least(SWEEP, VARIANTS["by address"]);
  assert(aimed > not + 0.05, `aimed ${aimed}, by address ${not}`);
  assert(following > not + 0.05, `following ${following}, by address ${not}`);
  const inTurns = { ...SWEEP, cpus: 1 };
  assert(least(inTurns) > least(inTurns, VARIANTS["by address"]) + 0.05, "in turns, too");
});
