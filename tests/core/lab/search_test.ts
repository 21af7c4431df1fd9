/** Searches: every set of places has one number, and every choice is answered within its bounds. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readOptions } from "../../../core/base/option.ts";
import { Choices } from "../../../core/base/choices.ts";
import { placesOf, type Search, SEARCHES } from "../../../core/lab/search.ts";

Deno.test("every set of at most k places has a number, and none has two", () => {
  for (const most of [0, 1, 2, 3]) {
    const places = 9;
    const wanted = new Set<string>();
    for (let bits = 0; bits < 1 << places; bits++) {
      const set = Array.from({ length: places }, (_, i) => i).filter((i) => bits >> i & 1);
      if (set.length <= most) wanted.add(set.join());
    }
    const found = new Set<string>();
    for (let number = 1; number <= 2000; number++) {
      const set = [...placesOf(number, most)].sort((a, b) => a - b);
      const key = set.join();
      assert(most === 0 || !found.has(key), `${number} of ${most} is ${key} again`);
      found.add(key);
    }
    assertEquals([...wanted].filter((key) => !found.has(key)), [], `at most ${most}`);
  }
});

const row = (name: string): Search => {
  const found = SEARCHES.find((one) => one.name === name);
  assert(found !== undefined);
  return found;
};

const usual = (search: Search) => readOptions(search.options, {}).values as never;

for (const search of SEARCHES) {
  Deno.test(`${search.name}: a seed is a run, and every answer is one of the alternatives`, () => {
    const asked = fc.record({
      stream: fc.constantFrom("latency", "loss", "duplicate", "any", "chaos every"),
      entity: fc.constantFrom("0->1", "1->0", "manager->0"),
      count: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(fc.property(fc.nat(), fc.array(asked, { maxLength: 50 }), (seed, questions) => {
      const run = () => {
        const choices = new Choices(seed, search.decide(seed, usual(search)));
        return questions.map(({ stream, entity, count }) => choices.below(stream, entity, count));
      };
      const answers = run();
      assertEquals(answers, run());
      answers.forEach((answer, i) => assert(answer >= 0 && answer < (questions[i]?.count ?? 0)));
    }));
  });
}

Deno.test("pct: a channel keeps its delay, but for depth - 1 changes to the longest", () => {
  const options = { depth: 3, length: 40 } as never;
  const changes = new Set<number>();
  for (let seed = 1; seed <= 50; seed++) {
    const choices = new Choices(seed, row("pct").decide(seed, options));
    const answers = Array.from({ length: 40 }, () => choices.below("latency", "0->1", 1000));
    const kept = answers.filter((one, i) => i > 0 && one !== answers[i - 1]);
    changes.add(kept.length);
    assert(kept.length <= 1 && kept.every((one) => one === 999), `${seed}: ${answers}`);
  }
  assert(changes.has(1));
});

Deno.test("exhaustive: the seeds go through every run with at most so many deviations", () => {
  const runs = new Set<string>();
  for (let seed = 1; seed <= 400; seed++) {
    const choices = new Choices(seed, row("exhaustive").decide(seed, { preemptions: 2 } as never));
    runs.add(Array.from({ length: 6 }, () => choices.below("latency", "0->1", 100)).join());
  }
  // 6 choices: none, one, or two of them the other way.
  assertEquals(runs.size, 1 + 6 + 15);
  for (const run of runs) assert(run.split(",").every((one) => one === "0" || one === "99"));
});
