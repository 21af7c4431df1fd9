/** Choices: fair, exact, independent of each other, and the same again from their record. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ChoiceError, type ChoiceRecord, Choices, UNBOUNDED } from "../../../core/base/choices.ts";
import type { Distribution } from "../../../core/base/distribution.ts";

/** One question, so that a list of them is a run. */
type Question = (choices: Choices) => number;

const distribution: fc.Arbitrary<Distribution> = fc.oneof(
  fc.record({ shape: fc.constant("constant" as const), value: fc.nat(1000) }),
  fc.tuple(fc.nat(1000), fc.nat(1000)).map(([low, more]) => (
    { shape: "uniform", low, high: low + more } as const
  )),
  fc.record({
    shape: fc.constant("exponential" as const),
    low: fc.nat(50),
    mean: fc.integer({ min: 1, max: 1000 }),
  }),
  fc.record({
    shape: fc.constant("script" as const),
    values: fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }),
  }),
);
const stream = fc.constantFrom("latency", "loss");
const entity = fc.constantFrom<number | string>(0, 1, "1", "0->1");
const question: fc.Arbitrary<Question> = fc.oneof(
  fc.tuple(stream, entity, fc.integer({ min: 1, max: 2 ** 40 })).map(
    ([s, e, count]): Question => (choices) => choices.below(s, e, count),
  ),
  fc.tuple(stream, entity, fc.constantFrom(0, 0.2, 0.5, 1)).map(
    ([s, e, ratio]): Question => (choices) => Number(choices.chance(s, e, ratio)),
  ),
  fc.tuple(stream, entity, distribution, fc.nat(6)).map(([s, e, d, index]): Question => (choices) =>
    choices.draw(s, e, d, index)
  ),
);
const run = fc.array(question, { maxLength: 60, size: "max" });

Deno.test("the record is the run: a replay gives the same answers, record and digest", () => {
  fc.assert(fc.property(run, fc.nat(), (questions, seed) => {
    const choices = new Choices(seed);
    const answers = questions.map((ask) => ask(choices));
    const again = Choices.replaying("another seed", choices.records);
    assertEquals(questions.map((ask) => ask(again)), answers);
    assertEquals([...again.records], [...choices.records]);
    assertEquals([again.hash, again.left], [choices.hash, 0]);
  }));
});

Deno.test("streams are independent: questions to another place change no answer", () => {
  fc.assert(fc.property(run, run, fc.nat(), (questions, others, seed) => {
    const alone = new Choices(seed), mixed = new Choices(seed);
    const answers = questions.map((ask) => ask(alone));
    const elsewhere = new Proxy(mixed, {
      get: (target, name) =>
        name === "below" || name === "chance" || name === "draw"
          ? (s: string, e: string, ...rest: [never, never]) =>
            (target[name] as (...all: unknown[]) => number)(`other ${s}`, e, ...rest)
          : undefined,
    });
    const mixedAnswers = questions.map((ask, i) => {
      others[i]?.(elsewhere);
      return ask(mixed);
    });
    assertEquals(mixedAnswers, answers);
  }));
});

Deno.test("a replay refuses another stream, entity or count, and more than was recorded", () => {
  const choices = new Choices(1);
  choices.below("order", 3, 5);
  const replay = () => Choices.replaying(1, choices.records);
  const refusals: [Question, string][] = [
    [(again) => again.below("loss", 3, 5), "stream 'loss' of '3' with 5 alternatives, but the"],
    [(again) => again.below("order", 4, 5), "stream 'order' of '4'"],
    [(again) => again.below("order", "3", 5), "stream 'order' of '3'"],
    [(again) => again.below("order", 3, 6), "the record has stream 'order' of '3' with 5 alt"],
    [
      (again) => again.draw("order", 3, { shape: "exponential", low: 0, mean: 5 }, 0),
      "any number",
    ],
    [
      (again) => again.below("order", 3, 5) + again.below("order", 3, 5),
      "choice 1 of the replay",
    ],
  ];
  for (const [ask, part] of refusals) {
    const error = assertThrows(() => ask(replay()), ChoiceError);
    assert(error.message.includes(part), error.message);
  }
  const bad: ChoiceRecord = { stream: "order", entity: 3, alternatives: 5, taken: 5 };
  assertThrows(() => Choices.replaying(1, [bad]).below("order", 3, 5), ChoiceError, "is 5");
});

Deno.test("a choice with one alternative is none", () => {
  const choices = new Choices(1);
  assertEquals(choices.below("a", 0, 1), 0);
  assertEquals([choices.chance("a", 0, 0), choices.chance("a", 0, 1)], [false, true]);
  assertEquals(choices.draw("a", 0, { shape: "uniform", low: 7, high: 7 }, 0), 7);
  assertEquals(choices.draw("a", 0, { shape: "constant", value: 9 }, 0), 9);
  assertEquals([...choices.records], []);
});

Deno.test("a script gives its values one after the other, then repeats the last", () => {
  const choices = new Choices(1);
  const script = { shape: "script", values: [5, 3, 8] } as const;
  const drawn = [0, 1, 2, 3, 9].map((index) => choices.draw("latency", "0->1", script, index));
  assertEquals(drawn, [5, 3, 8, 8, 8]);
});

Deno.test("a uniform time takes both bounds and all between alike", () => {
  const choices = new Choices(3), counts = [0, 0, 0, 0];
  const uniform = { shape: "uniform", low: 10, high: 13 } as const;
  for (let i = 0; i < 40_000; i++) {
    const at = choices.draw("latency", 0, uniform, i) - 10;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  assertEquals(counts.length, 4);
  for (const count of counts) assert(Math.abs(count - 10_000) < 400, `${counts}`);
});

Deno.test("a chance comes as often as its ratio says, and is recorded as one of two", () => {
  const choices = new Choices(3);
  let came = 0;
  for (let i = 0; i < 40_000; i++) came += Number(choices.chance("loss", 0, 0.1));
  assert(Math.abs(came - 4000) < 250, `${came}`);
  const [first] = choices.records;
  assertEquals(first?.alternatives, 2);
});

Deno.test("an exponential time has the mean and the distribution function of one", () => {
  const SAMPLES = 60_000, MEAN = 50_000;
  const choices = new Choices(11);
  const law = { shape: "exponential", low: 1000, mean: MEAN } as const;
  const times: number[] = [];
  for (let i = 0; i < SAMPLES; i++) times.push(choices.draw("latency", 0, law, i) - 1000);
  assert(times.every((time) => Number.isInteger(time) && time >= 0));
  const mean = times.reduce((sum, time) => sum + time, 0) / SAMPLES;
  assert(Math.abs(mean / MEAN - 1) < 0.015, `${mean}`);
  for (const quantile of [0.01, 0.1, 0.5, 1, 2, 3, 5]) {
    const below = times.filter((time) => time < quantile * MEAN).length / SAMPLES;
    const wanted = 1 - Math.exp(-quantile);
    assert(Math.abs(below - wanted) < 0.007, `${quantile}: ${below}, not ${wanted}`);
  }
  assertEquals([...choices.records][0]?.alternatives, UNBOUNDED);
});

Deno.test("an exponential time of a mean of 1 ns needs the digits after the point", () => {
  const choices = new Choices(2);
  let sum = 0;
  for (let i = 0; i < 60_000; i++) {
    sum += choices.draw("latency", 0, { shape: "exponential", low: 0, mean: 1 }, i);
  }
  // The mean of the whole part: 1 / (e - 1).
  assert(Math.abs(sum / 60_000 - 1 / (Math.E - 1)) < 0.015, `${sum / 60_000}`);
});

Deno.test("counts beyond one draw of the stream are fair in high and low digits", () => {
  const choices = new Choices(5), COUNT = 3 * 2 ** 40;
  const thirds = [0, 0, 0];
  let odd = 0;
  for (let i = 0; i < 30_000; i++) {
    const number = choices.below("wide", 0, COUNT);
    assert(Number.isSafeInteger(number) && number < COUNT);
    const third = Math.floor(number / 2 ** 40);
    thirds[third] = (thirds[third] as number) + 1;
    odd += number % 2;
  }
  for (const count of [...thirds, odd * 2 / 3]) assert(Math.abs(count - 10_000) < 450, `${thirds}`);
});

Deno.test("another seed chooses otherwise, and counts out of range are refused by place", () => {
  const drawn = (seed: number) => {
    const choices = new Choices(seed);
    for (let i = 0; i < 20; i++) choices.below("order", 0, 100);
    return choices.hash;
  };
  assertNotEquals(drawn(1), drawn(2));
  assertEquals(drawn(1), drawn(1));
  const choices = new Choices(1);
  assertThrows(() => choices.below("order", 7, 0), RangeError, "stream 'order' of '7'");
  assertThrows(() => choices.chance("loss", 7, 1.5), RangeError, "from 0 to 1, found 1.5");
});

Deno.test("every stream and every entity has numbers of its own, and the digest tells them apart", () => {
  const outcomes = ([["a", 0], ["b", 0], ["a", 1], ["a", "0"]] as const).map(([stream, entity]) => {
    const choices = new Choices(1);
    return Array.from({ length: 8 }, () => choices.below(stream, entity, 1000)).join();
  });
  assertEquals(new Set(outcomes).size, outcomes.length);
  const hashes = ["a", "b"].map((stream) => {
    const answer = { stream, entity: 0, alternatives: 9, taken: 4 };
    const replay = Choices.replaying(1, [answer, answer]);
    assertEquals([replay.left, replay.below(stream, 0, 9), replay.left], [2, 4, 1]);
    return replay.hash;
  });
  assertNotEquals(hashes[0], hashes[1]);
});

Deno.test("following: what is left out of a run does not shift the answers of others", () => {
  const streams = fc.constantFrom("0->1", "1->0", "1->2");
  const asked = fc.array(fc.tuple(streams, fc.integer({ min: 2, max: 1000 })), { maxLength: 40 });
  fc.assert(fc.property(asked, streams, (questions, gone) => {
    const ask = (choices: Choices) => (list: typeof questions) =>
      list.map(([entity, count]) => choices.below("latency", entity, count));
    const whole = new Choices(1);
    const answers = ask(whole)(questions);
    const left = questions.filter(([entity]) => entity !== gone);
    const kept = answers.filter((_, i) => questions[i]?.[0] !== gone);
    // Another seed: every answer comes from the record.
    assertEquals(ask(Choices.following(2, whole.records))(left), kept);
  }));
});

Deno.test("following: an answer that does not fit, or is missing, is drawn", () => {
  const records = [{ stream: "s", entity: 0, alternatives: 10, taken: 7 }];
  const choices = Choices.following(3, records);
  const fresh = new Choices(3);
  assertEquals(choices.below("s", 0, 5), fresh.below("s", 0, 5));
  assertEquals(choices.below("s", 0, 5), fresh.below("s", 0, 5));
  assertEquals(Choices.following(3, records).below("s", 0, 8), 7);
});

Deno.test("who decides is recorded as anybody is", () => {
  const choices = new Choices(1, ({ stream }, index) => stream === "a" ? index : undefined);
  assertEquals([choices.below("a", 0, 9), choices.below("a", 0, 9)], [0, 1]);
  const drawn = choices.below("b", 0, 9);
  assertEquals([...choices.records].map(({ taken }) => taken), [0, 1, drawn]);
  assertEquals(drawn, new Choices(1).below("b", 0, 9));
});
