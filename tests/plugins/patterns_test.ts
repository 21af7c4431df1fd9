/** Patterns of communication: what they count is what they have, and each is proven where it is true. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type ExploreCase, exploreCase, type SendPlan } from "../../core/lab/explorer_case.ts";
import { explore } from "../../core/lab/explorer.ts";
import type { Protocol } from "../../core/mod.ts";
import { parkYeom } from "../../plugins/protocols/park_yeom.ts";
import {
  type Pattern,
  PATTERN_NAMES,
  PATTERNS,
  receiversOf,
  sendersOf,
} from "../../plugins/protocols/patterns.ts";

/** Ranks that are left of a job. */
const ranks = fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 9 }).map((left) =>
  left.sort((a, b) => a - b)
);

for (const pattern of PATTERN_NAMES) {
  Deno.test(`pattern ${pattern}: who sends is who is received from, and that often`, () => {
    fc.assert(fc.property(ranks, (members) => {
      const sent = members.flatMap((one) =>
        receiversOf(pattern, one, members).map((other) => `${one} ${other}`)
      );
      const received = members.flatMap((one) =>
        sendersOf(pattern, one, members).map((other) => `${other} ${one}`)
      );
      assertEquals(sent.toSorted(), received.toSorted());
      assertEquals(sent.length, PATTERNS[pattern].count(members.length));
    }));
  });

  Deno.test(`pattern ${pattern}: whoever leaves takes no channel of others along`, () => {
    fc.assert(fc.property(ranks, fc.nat(), (members, which) => {
      const left = members.filter((_, n) => n !== which % members.length);
      for (const one of left) {
        const before = receiversOf(pattern, one, members).filter((other) => left.includes(other));
        const now = receiversOf(pattern, one, left);
        assertEquals(before.filter((other) => !now.includes(other)), []);
      }
    }));
  });
}

/** The protocol with that pattern unless told. */
function by(pattern: Pattern): Protocol {
  const { pattern: option, ...options } = parkYeom.options as Required<typeof parkYeom.options>;
  return {
    ...parkYeom,
    options: { ...options, pattern: { ...option, default: pattern } },
  } as never;
}

/** Worlds in which a pattern is true. */
const TRUE: Readonly<Record<Exclude<Pattern, "all">, SendPlan>> = {
  ring: [[1], [2], [0]],
  neighbours: [[1], [0, 2], [1]],
  star: [[1, 2], [0], [0]],
};

const EVENTS: readonly Partial<Omit<ExploreCase, "plan">>[] = [
  { requests: 2 },
  { joins: 1 },
  { exits: 1 },
];

for (const [pattern, plan] of Object.entries(TRUE) as [keyof typeof TRUE, SendPlan][]) {
  for (const events of EVENTS) {
    Deno.test(`park-yeom by ${pattern} is clean where it is true: ${JSON.stringify(events)}`, () => {
      const found = explore(by(pattern), exploreCase(plan, { order: "fifo", ...events }));
      assertEquals([found.complete, found.counterExample?.violation], [true, undefined]);
    });
  }
}

Deno.test("park-yeom loses what is sent where the pattern has no channel", () => {
  const wrong = exploreCase([[1], [0], [0]], { order: "fifo" });
  assertEquals(explore(by("all"), wrong).counterExample, undefined);
  assertEquals(explore(by("ring"), wrong).counterExample?.violation.kind, "lost");
});
