/** The key of an explored moment: what is told apart by it, and what is not. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { canonical } from "../../../core/lab/explorer_actors.ts";
import {
  messageIn,
  packetOf,
  piggybackIn,
  putKey,
  type Situation,
} from "../../../core/lab/explorer_situation.ts";
import { Codes } from "../../../core/lab/explorer_seen.ts";

function keyOf(moment: Situation): string {
  const codes = new Codes();
  putKey(codes, moment);
  return codes.bytes.subarray(0, codes.length).join();
}

const exactly = <T>(length: number, what: fc.Arbitrary<T>) =>
  fc.array(what, { minLength: length, maxLength: length });

/** Mostly small, so that many are the same; and at the bounds of how numbers are written. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.nat(2) },
  fc.constantFrom(0x7f, 0x80, 0x3fff, 0x4000, 2 ** 31 - 1, 2 ** 31, 2 ** 32),
);
const orLess = fc.oneof({ weight: 4, arbitrary: number }, fc.constant(-1));
const some = fc.array(number, { maxLength: 2 });
const bits = fc.constantFrom(0, 1, -1, 1 << 31, 0x8000);
const message = fc.tuple(fc.nat(31), fc.integer({ min: -1, max: 2000 }))
  .map(([message, piggyback]) => packetOf(message, piggyback));
const packet = fc.oneof(number, message);
const range = fc.record({ first: number, last: number }, { noNullPrototype: true });
const fitting = fc.record(
  { sent: number, arrived: bits, kept: bits, lines: range },
  { noNullPrototype: true },
);
const place = fc.record(
  { sent: number, arrived: bits, kept: bits, state: fc.option(number, { nil: undefined }) },
  { noNullPrototype: true },
);
const alone = fc.record({
  reads: exactly(2, some),
  points: exactly(2, some),
  bound: exactly(2, some),
  places: exactly(2, fc.option(place, { nil: undefined })),
  recovering: some,
}, { noNullPrototype: true });
const capture = fc.record({
  sent: number,
  arrived: bits,
  born: fc.nat(3),
  recorded: bits,
  channels: fc.constantFrom("none", "open", "closed"),
  stage: fc.constantFrom("begun", "taken", "durable", "failed", "permanent"),
  kept: bits,
  lines: range,
  heard: number,
  state: fc.option(number, { nil: undefined }),
}, { noNullPrototype: true });
const budget = exactly(7, fc.nat(1)).map(([requests, exits, kills, crashes, joins, ...rest]) => (
  { requests, exits, kills, crashes, joins, timeouts: rest[0], restarts: rest[1] }
));

/** Anything a field can hold, likely or not: two processes and a manager. */
const FIELDS = {
  actors: exactly(3, orLess),
  life: exactly(2, fc.constantFrom("unborn", "running", "ending", "gone", "lost")),
  held: exactly(2, fc.boolean()),
  heldTo: exactly(2, fc.nat(3)),
  sent: exactly(2, number),
  arrived: bits,
  captures: exactly(2, fc.option(capture, { nil: undefined })),
  kept: fc.oneof(fc.constant([]), exactly(2, bits)),
  fitting: fc.oneof(fc.constant([]), exactly(2, fc.array(fitting, { maxLength: 2 }))),
  alone: fc.option(alone, { nil: undefined }),
  withheld: exactly(2, fc.array(message, { maxLength: 2 })),
  channels: exactly(3, fc.array(packet, { maxLength: 3 })),
  records: some,
  unnoticed: some,
  timers: fc.array(fc.constantFrom("0 a", "1 a", "2 late"), { maxLength: 2 }),
  owed: exactly(3, orLess),
  completed: number,
  left: budget,
  counts: fc.option(exactly(2, orLess), { nil: undefined }),
  excused: fc.boolean(),
} as unknown as { readonly [Field in keyof Situation]: fc.Arbitrary<Situation[Field]> };

const anyMoment = fc.record(FIELDS, { noNullPrototype: true });

for (const [field, any] of Object.entries(FIELDS)) {
  Deno.test(`moments that differ in ${field} have two keys, and equal ones have one`, () => {
    fc.assert(
      fc.property(anyMoment, any, any, (moment, one, other) => {
        const key = keyOf({ ...moment, [field]: one });
        assertEquals(keyOf({ ...moment, [field]: structuredClone(one) }), key);
        const isSame = canonical(one) === canonical(other);
        assertEquals(keyOf({ ...moment, [field]: other }) === key, isSame);
      }),
      { numRuns: 4000 },
    );
  });
}

Deno.test("moments that differ anywhere have two keys", () => {
  fc.assert(fc.property(anyMoment, anyMoment, (one, other) => {
    assertEquals(keyOf(one) === keyOf(other), canonical(one) === canonical(other));
  }));
});

Deno.test("a packet says which message it is, and what is on it", () => {
  fc.assert(fc.property(fc.nat(31), fc.integer({ min: -1, max: 2000 }), (message, piggyback) => {
    const packet = packetOf(message, piggyback);
    assertEquals([messageIn(packet), piggybackIn(packet)], [message, piggyback]);
  }));
});
