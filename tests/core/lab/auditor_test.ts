/** The auditor against lists of all that happened: lines, runs, recovery lines. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { MessageId } from "../../../core/cluster/facts.ts";
import { Stamps } from "../../../core/lab/audit_clocks.ts";
import { SequenceSet } from "../../../core/lab/audit_sequences.ts";
import { AuditError, Auditor } from "../../../core/lab/auditor.ts";
import { key, Model, type ModelCut, PROCESSES, type Step } from "./audit_model.ts";

const who = fc.constantFrom(...PROCESSES);
const label = fc.constantFrom("a", "b", "c");
const fault = fc.constantFrom("forgets", "invents", "repeats", "miscounts" as const);
const which = fc.nat(20);

/** What happens by itself, without mistakes of anybody. */
const honest: readonly { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [
  { weight: 8, arbitrary: fc.record({ do: fc.constant("send" as const), from: who, to: who }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("arrive" as const), which }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("read" as const), who, which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("cut" as const),
      who,
      label,
      fault: fc.constant("none"),
    }),
  },
];
/** All checkpoint again and again, so that there are many lines. */
const eager = (label: string) => ({
  weight: 4,
  arbitrary: fc.record({
    do: fc.constant("cut" as const),
    who,
    label: fc.constant(label),
    fault: fc.constant("none" as const),
  }),
});
const log = fc.record({ do: fc.constant("log" as const), who, label });
const keep = fc.record({ do: fc.constant("keep" as const), who, label, which });
const restart = fc.record({
  do: fc.constant("restart" as const),
  whos: fc.subarray([...PROCESSES], { minLength: 1 }),
  label: fc.constantFrom("", "a", "b", "c"),
});
/** A channel that doubles and loses, images that lie, ends. */
const trouble: readonly { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("double", "drop" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cut" as const), who, label, fault }) },
  { weight: 1, arbitrary: log },
  { weight: 1, arbitrary: keep },
];
const end = { weight: 0.3, arbitrary: fc.record({ do: fc.constant("end" as const), who }) };

const stepsOf = (...kinds: readonly { weight: number; arbitrary: fc.Arbitrary<Step> }[]) =>
  fc.array(
    fc.oneof(...kinds.map(({ weight, arbitrary }) => ({ weight: weight * 10, arbitrary }))),
    { maxLength: 80, size: "max" },
  );

function play(steps: readonly Step[]): Model {
  const model = new Model();
  for (const step of steps) model.step(step);
  return model;
}

const times = (messages: readonly MessageId[], message: MessageId): number =>
  messages.filter((each) => key(each) === key(message)).length;
const isIn = (messages: readonly MessageId[], message: MessageId): boolean =>
  times(messages, message) > 0;
const keys = (messages: Iterable<MessageId>): string[] =>
  [...new Set([...messages].map(key))].sort();
const bodies = (flying: readonly { readonly message: MessageId }[]): MessageId[] =>
  flying.map(({ message }) => message);

/** The line of these cuts, by looking at every message. */
function modelLine(cuts: readonly ModelCut[]) {
  const among = ({ from, to }: MessageId) =>
    [from, to].every((process) => cuts.some(({ who }) => who === process));
  const sent = cuts.flatMap((cut) => cut.sent).filter(among);
  const arrived = cuts.flatMap((cut) => cut.arrived).filter(among);
  const read = cuts.flatMap((cut) => cut.read).filter(among);
  const inboxes = cuts.flatMap((cut) => bodies(cut.inbox)).filter(among);
  const logs = cuts.flatMap((cut) => bodies(cut.log)).filter(among);
  const kept = cuts.flatMap((cut) => cut.kept).filter(among);
  const inTransit = sent.filter((message) => !isIn(arrived, message));
  const buffered = arrived.filter((message) => !isIn(read, message));
  const saved = [...read, ...inboxes, ...logs];
  const cannotBe = (message: MessageId) =>
    (isIn(read, message) && times(read, message) >= times(arrived, message)) ||
    (!isIn(sent, message) && !isIn(arrived, message));
  return {
    strange: cuts.some(({ wrong }) => wrong) || [...inboxes, ...logs].some(cannotBe),
    orphans: keys([...arrived, ...logs].filter((message) => !isIn(sent, message))),
    inTransit: inTransit.map((message) =>
      `${key(message)} ${
        isIn(inboxes, message)
          ? "receive buffer"
          : isIn(logs, message)
          ? "channel log"
          : isIn(kept, message)
          ? "sender's log"
          : ""
      }`
    ).sort(),
    buffered: keys(buffered),
    lost: keys([
      ...inTransit.filter((message) => ![inboxes, logs, kept].some((bag) => isIn(bag, message))),
      ...buffered.filter((message) => ![inboxes, kept].some((bag) => isIn(bag, message))),
    ]),
    duplicated: keys(
      [...arrived, ...saved].filter((message) =>
        times(arrived, message) > 1 || times(saved, message) > 1
      ),
    ),
    causal: cuts.every((one) =>
      cuts.every((other) =>
        [...one.past].every((event) => !event.startsWith(`${other.who} `) || other.past.has(event))
      )
    ),
  };
}

Deno.test("a line is what a look at every message says, whatever happened before", () => {
  const seen = { orphans: 0, lost: 0, duplicated: 0 };
  const steps = stepsOf(...honest, ...trouble, { weight: 0.4, arbitrary: restart });
  fc.assert(
    fc.property(steps, (steps) => {
      const model = play(steps);
      for (const [label, cuts] of model.cuts) {
        const line = model.auditor.line(label), wanted = modelLine([...cuts.values()]);
        const { orphans, inTransit, buffered, lost, duplicated } = line;
        assertEquals(line.members, [...cuts.keys()].sort());
        assertEquals(orphans.map(key).sort(), wanted.orphans);
        assertEquals(
          inTransit.map(({ message, savedBy }) => `${key(message)} ${savedBy ?? ""}`).sort(),
          wanted.inTransit,
        );
        assertEquals(buffered.map(key).sort(), wanted.buffered);
        assertEquals(lost.map(key).sort(), wanted.lost);
        assertEquals(duplicated.map(key).sort(), wanted.duplicated);
        assertEquals(line.consistent, wanted.orphans.length === 0);
        assert(line.clocksAgree !== false, "clocks");
        const undone = line.strange.some((text) => text.includes("was undone"));
        assertEquals(line.strange.length > 0, wanted.strange || undone);
        seen.orphans += orphans.length;
        seen.lost += lost.length;
        seen.duplicated += duplicated.length;
      }
    }),
    { numRuns: 500, seed: 2003 },
  );
  for (const [what, count] of Object.entries(seen)) assert(count > 50, what);
});

Deno.test("messages and clocks judge every line alike, and as causality does", () => {
  let inconsistent = 0, consistent = 0;
  fc.assert(
    fc.property(stepsOf(...honest, eager("d")), (steps) => {
      const model = play(steps);
      for (const [label, cuts] of model.cuts) {
        const line = model.auditor.line(label);
        if (cuts.size < PROCESSES.length) {
          assert(line.clocksAgree !== false);
          continue;
        }
        assertEquals(line.clocksAgree, true);
        assertEquals(line.consistent, modelLine([...cuts.values()]).causal);
        assertEquals([line.duplicated, line.strange], [[], []]);
        if (line.consistent) consistent++;
        else inconsistent++;
      }
    }),
    { numRuns: 500, seed: 2003 },
  );
  assert(consistent > 30 && inconsistent > 30, `${consistent} ${inconsistent}`);
});

Deno.test("whoever restarts and whatever is logged, clocks say the same or nothing", () => {
  const seen = { alike: 0, nothing: 0 };
  const steps = stepsOf(
    ...honest,
    eager("d"),
    { weight: 1, arbitrary: log },
    { weight: 1, arbitrary: restart },
  );
  fc.assert(
    fc.property(steps, (steps) => {
      const model = play(steps);
      for (const [label, { size }] of model.cuts) {
        if (size < PROCESSES.length) continue;
        const { clocksAgree } = model.auditor.line(label);
        assert(clocksAgree !== false);
        seen[clocksAgree === true ? "alike" : "nothing"]++;
      }
    }),
    { numRuns: 3000, seed: 2003 },
  );
  assert(seen.alike > 300 && seen.nothing > 100, JSON.stringify(seen));
});

Deno.test("after a restart from a sound line clocks go on judging", () => {
  let judged = 0;
  fc.assert(
    fc.property(stepsOf(...honest, eager("d")), stepsOf(...honest, eager("e")), (before, after) => {
      const model = play(before);
      const sound = [...model.cuts].find(([label, cuts]) =>
        cuts.size === PROCESSES.length && model.auditor.line(label).consistent
      );
      if (sound === undefined) return;
      const [label] = sound;
      for (const who of PROCESSES) {
        const cut = model.cutOf(label, who) as ModelCut;
        const unsaved = model.auditor.line(label).inTransit.filter(({ message }) =>
          message.to === who
        ).map(({ message }) => ({ message, past: new Set<string>() }));
        cut.log.push(...unsaved);
        model.auditor.logged(label, who, bodies(unsaved));
      }
      model.cuts.clear();
      model.cuts.set(label, sound[1]);
      model.step({ do: "restart", whos: PROCESSES, label });
      assert(model.auditor.run(bodies(model.flying)).clean);
      for (const step of after) model.step(step);
      for (const [label, cuts] of model.cuts) {
        if (cuts.size < PROCESSES.length || label === sound[0]) continue;
        assertEquals(model.auditor.line(label).clocksAgree, true);
        judged++;
      }
      assert(model.auditor.run(bodies(model.flying)).clean);
    }),
    { numRuns: 500, seed: 2003 },
  );
  assert(judged > 30, `${judged}`);
});

Deno.test("a run is what a look at every message of the present timelines says", () => {
  const seen = { orphans: 0, lost: 0, duplicated: 0 };
  const steps = stepsOf(...honest, ...trouble, { weight: 1, arbitrary: restart }, end);
  fc.assert(
    fc.property(steps, (steps) => {
      const model = play(steps), { processes } = model;
      const flying = bodies(model.flying), run = model.auditor.run(flying);
      const sent = processes.flatMap((process) => process.sent);
      const arrived = processes.flatMap((process) => process.arrived);
      const lost = sent.filter((message) =>
        !isIn(arrived, message) && !isIn(flying, message) && processes[message.to]?.ended === false
      );
      assertEquals(keys(run.orphans.messages), keys(arrived.filter((one) => !isIn(sent, one))));
      assertEquals(keys(run.lost.messages), keys(lost));
      const twice = arrived.filter((message) => times(arrived, message) > 1);
      assertEquals(keys(run.duplicated.messages), keys(twice));
      assertEquals([run.orphans, run.lost, run.duplicated].map(({ count }) => count), [
        run.orphans.messages.length,
        run.lost.messages.length,
        run.duplicated.messages.length,
      ]);
      assertEquals([run.sent, run.arrived, run.discarded], [
        sent.length,
        arrived.length,
        model.discarded,
      ]);
      assertEquals(run.delivered, processes.reduce((sum, { read }) => sum + read.length, 0));
      const clean = run.orphans.count + run.lost.count + run.duplicated.count === 0;
      assertEquals(run.clean, clean && run.strange.length === 0);
      for (const name of ["orphans", "lost", "duplicated"] as const) seen[name] += run[name].count;
    }),
    { numRuns: 500, seed: 2003 },
  );
  for (const [what, count] of Object.entries(seen)) assert(count > 50, what);
});

Deno.test("the recovery line fits together, and no other that does is later anywhere", () => {
  let fallen = 0;
  // Every cut has a label of its own, and its image tells the truth.
  const steps = stepsOf(
    ...honest,
    { weight: 0.5, arbitrary: log },
    { weight: 2, arbitrary: keep },
  );
  fc.assert(
    fc.property(steps, (steps) => {
      const model = new Model(), labels: string[][] = PROCESSES.map(() => []);
      for (const [i, step] of steps.entries()) {
        if (step.do === "cut") {
          model.step({ ...step, label: `${i}` });
          labels[step.who]?.unshift(`${i}`);
        } else if (step.do === "log") {
          // Only of its newest: what an older one logs is in the newer one's past.
          const label = labels[step.who]?.[0];
          if (label !== undefined) model.step({ ...step, label });
        } else if (step.do === "keep") {
          const label = labels[step.who]?.[step.which % 2];
          if (label !== undefined) model.step({ ...step, label });
        } else model.step(step);
      }
      const line = model.auditor.recoveryLine(
        PROCESSES.map((process) => ({ process, labels: labels[process] as string[] })),
      );
      const fits = (places: readonly number[]): boolean => {
        const cuts = places.map((place, who): ModelCut =>
          model.cutOf(labels[who]?.[place] ?? "", who) ?? BEGINNINGS[who] as ModelCut
        );
        const { orphans, lost } = modelLine(cuts);
        const sent = cuts.flatMap((cut) => cut.sent);
        const logs = cuts.flatMap((cut) => bodies(cut.log));
        return orphans.length === 0 && lost.length === 0 && logs.every((one) => isIn(sent, one));
      };
      const found = line.map(({ fellBack }) => fellBack);
      assert(fits(found), `${found}`);
      const [a, b, c] = labels.map((list) => [...Array(list.length + 1).keys()]);
      for (const x of a as number[]) {
        for (const y of b as number[]) {
          for (const z of c as number[]) {
            const later = [x, y, z].some((place, who) => place < (found[who] as number));
            if (later) assert(!fits([x, y, z]), `${[x, y, z]} fits, found ${found}`);
          }
        }
      }
      for (const { process, label, fellBack } of line) {
        assertEquals(label, labels[process]?.[fellBack]);
        fallen += fellBack;
      }
    }),
    { numRuns: 300, seed: 2003 },
  );
  assert(fallen > 100, `${fallen}`);
});

const BEGINNINGS: readonly ModelCut[] = PROCESSES.map((who) => ({
  who,
  sent: [],
  arrived: [],
  read: [],
  inbox: [],
  log: [],
  kept: [],
  past: new Set<string>(),
  wrong: false,
}));

Deno.test("ranges are a set", () => {
  const number = fc.nat(30);
  fc.assert(fc.property(fc.array(number), fc.array(number), fc.nat(32), (some, others, end) => {
    const made = [some, others].map((numbers) => {
      const set = SequenceSet.empty();
      for (const each of numbers) if (!set.has(each)) set.add(each);
      return set;
    });
    const [set, other] = made as [SequenceSet, SequenceSet];
    const model = new Set(some), sorted = [...model].sort((a, b) => a - b);
    assertEquals([...set.minus(SequenceSet.empty())], sorted);
    assertEquals([...set.minus(other)], sorted.filter((each) => !others.includes(each)));
    assertEquals([...set.minus(SequenceSet.below(end))], sorted.filter((each) => each >= end));
    assertEquals(
      [...SequenceSet.below(end).minus(set)],
      [...Array(end).keys()].filter((each) => !model.has(each)),
    );
    assertEquals(set.size, model.size);
    const copy = set.copy();
    if (!copy.has(31)) copy.add(31);
    assert(!set.has(31) && copy.has(31));
  }));
});

const message = (from: number, to: number, sequence = 0): MessageId => ({ from, to, sequence });
const NOTHING = { inbox: [], sent: [] };

Deno.test("independent checkpoints between every two messages fall like dominoes", () => {
  const auditor = new Auditor({ count: 2 }), ROUNDS = 10;
  for (let n = 0; n < ROUNDS; n++) {
    for (const [from, to] of [[0, 1], [1, 0]] as const) {
      auditor.sent(message(from, to, n), n);
      auditor.arrived(message(from, to, n), n);
      auditor.delivered(message(from, to, n), n);
      const count = to === 0 ? n + 1 : n;
      const sent = count === 0 ? [] : [[from, count]] as const;
      auditor.cut(`${to}:${n}`, to, { inbox: [], sent }, n);
    }
  }
  const labels = (process: number) =>
    [...Array(ROUNDS).keys()].map((n) => `${process}:${n}`).reverse();
  const line = auditor.recoveryLine(
    [0, 1].map((process) => ({ process, labels: labels(process) })),
  );
  assertEquals(line, [0, 1].map((process) => ({ process, label: undefined, fellBack: ROUNDS })));
});

Deno.test("a process that has ended takes part by its end: what it sent last can be lost", () => {
  const auditor = new Auditor({ count: 2 });
  auditor.sent(message(0, 1), 1);
  auditor.ended(0, 2);
  auditor.cut("c", 1, NOTHING, 3);
  auditor.declared("c", [1]);
  auditor.arrived(message(0, 1), 4);
  const line = auditor.line("c");
  assertEquals([line.members, line.lost], [[1], [message(0, 1)]]);
  assertEquals([line.consistent, line.clocksAgree], [true, true]);
});

Deno.test("what an ended process did not read is not lost, but what it knew too early is an orphan", () => {
  const auditor = new Auditor({ count: 2 });
  auditor.sent(message(0, 1), 1);
  auditor.cut("early", 0, { inbox: [], sent: [[1, 1]] }, 2);
  auditor.ended(1, 3);
  auditor.declared("early", [0]);
  assertEquals([auditor.line("early").lost, auditor.run([]).clean], [[], true]);

  const other = new Auditor({ count: 2 });
  other.cut("late", 0, NOTHING, 1);
  other.sent(message(0, 1), 2);
  other.arrived(message(0, 1), 3);
  other.ended(1, 4);
  other.declared("late", [0]);
  other.restarted([{ process: 1, label: undefined }], 5);
  const { orphans, clocksAgree } = other.line("late");
  assertEquals([orphans, clocksAgree], [[message(0, 1)], true]);
});

Deno.test("facts and images that cannot be are strange, in words", () => {
  const auditor = new Auditor({ count: 2 });
  auditor.sent(message(0, 1, 1), 5);
  auditor.delivered(message(0, 1, 1), 6);
  auditor.cut("c", 1, { inbox: [{ from: 0, sequence: 1 }, { from: 0, sequence: 7 }], sent: [] }, 7);
  auditor.cut("c", 0, { inbox: [], sent: [[1, 5]] }, 8);
  auditor.ended(1, 9);
  auditor.arrived(message(0, 1, 1), 10);
  auditor.restarted([{ process: 0, label: "c" }], 4);
  assertEquals(auditor.run([]).strange, [
    "message 0->1#1 is sent at 5 ns: expected #0",
    "message 0->1#1 is read at 6 ns for the 1. time, but has arrived 0 times",
    "message 0->1#1 arrives at 10 ns, but process 1 has ended",
    "process 0 is restarted at 4 ns from 'c', cut at 8 ns",
  ]);
  assertEquals(auditor.line("c").strange, [
    "the image of process 0 says it sent 5 messages to process 1: expected 2",
    "the image of process 1 holds message 0->1#1, it had read already",
    "the image of process 1 holds message 0->1#7, of which process 0 had sent 2",
  ]);
});

Deno.test("a line of a member without a cut, or of one that was undone, is strange", () => {
  const auditor = new Auditor({ count: 2 });
  auditor.cut("c", 0, NOTHING, 1);
  auditor.restarted([{ process: 0, label: undefined }], 2);
  auditor.declared("c", [0, 1]);
  const { strange, clocksAgree } = auditor.line("c");
  assertEquals(strange, [
    "the cut of process 0 at 1 ns was undone by a restart",
    "process 1 is a member, but has no cut",
  ]);
  assertEquals(clocksAgree, undefined);
});

Deno.test("a cut after the one restarted from is undone, one before it is not", () => {
  const auditor = new Auditor({ count: 1 });
  for (const label of ["a", "b", "c"]) auditor.cut(label, 0, NOTHING, 1);
  auditor.restarted([{ process: 0, label: "b" }], 2);
  const undone = ["a", "b", "c"].map((label) => auditor.line(label).strange.length);
  assertEquals(undone, [0, 0, 1]);
});

Deno.test("an orphan counts for the recovery line though the image has forgotten it", () => {
  const auditor = new Auditor({ count: 2 });
  auditor.cut("a", 0, NOTHING, 1);
  auditor.sent(message(0, 1), 2);
  auditor.arrived(message(0, 1), 3);
  auditor.cut("a", 1, NOTHING, 4);
  const line = auditor.recoveryLine([0, 1].map((process) => ({ process, labels: ["a"] })));
  assertEquals(line.map(({ label }) => label), ["a", undefined]);
});

Deno.test("clocks hear of what comes back with an image or out of a log", () => {
  for (const from of ["image", "log", "log of what is gone"] as const) {
    const auditor = new Auditor({ count: 2 }), kept = { from: 0, sequence: 0 };
    auditor.cut("line", 0, NOTHING, 1);
    auditor.sent(message(0, 1), 2);
    auditor.cut("c", 1, { inbox: from === "image" ? [kept] : [], sent: [] }, 3);
    if (from !== "image") auditor.logged("c", 1, [kept]);
    assertEquals(auditor.line("c").lost, []);
    if (from === "log of what is gone") auditor.discarded([message(0, 1)]);
    auditor.restarted([{ process: 1, label: "c" }], 4);
    if (from !== "image") auditor.arrived(message(0, 1), 5);
    auditor.cut("line", 1, { inbox: [kept], sent: [] }, 6);
    const { orphans, clocksAgree } = auditor.line("line");
    assertEquals([orphans, clocksAgree], [[message(0, 1)], true], from);
  }
});

Deno.test("clocks are silent while somebody depends on what is undone, till all go back", () => {
  const auditor = new Auditor({ count: 2 });
  let lines = 0;
  const judge = () => {
    const label = `line ${lines++}`;
    const facts = (to: number, count: number) => ({
      inbox: [],
      sent: count === 0 ? [] : [[to, count]] as const,
    });
    for (const process of [0, 1]) auditor.cut(label, process, facts(1 - process, 0), lines);
    return auditor.line(label).clocksAgree;
  };
  const restart = (label: string | undefined, ...whos: number[]) =>
    auditor.restarted(whos.map((process) => ({ process, label })), 100);
  assertEquals(judge(), true);
  auditor.sent(message(0, 1), 2);
  auditor.cut("sent", 0, { inbox: [], sent: [[1, 1]] }, 2);
  restart(undefined, 0);
  assertEquals(judge(), true);
  auditor.arrived(message(0, 1), 3);
  assertEquals(judge(), undefined);
  restart("sent", 0);
  assertEquals([judge(), auditor.run([]).orphans.count], [undefined, 0]);
  for (const process of [0, 1]) auditor.cut("late", process, NOTHING, 4);
  restart("late", 0, 1);
  assertEquals(judge(), undefined);
  restart(undefined, 0, 1);
  assertEquals(judge(), true);
});

Deno.test("a stamp is what the sender knew then, until it arrives or is undone", () => {
  const stamps = new Stamps(), clock = Uint32Array.of(3, 5);
  for (const sequence of [0, 1, 2]) stamps.put(message(0, 1, sequence), clock);
  clock[1] = 9;
  assertEquals(stamps.take(message(0, 1, 0)), Uint32Array.of(3, 5));
  assertEquals(stamps.take(message(0, 1, 0)), undefined);
  stamps.unsend(0, new Map([[1, 2]]));
  assertEquals(stamps.take(message(0, 1, 1)), Uint32Array.of(3, 5));
  assertEquals(stamps.take(message(0, 1, 2)), undefined);
});

Deno.test("what is declared stays as it was, and a line given up says why", () => {
  const auditor = new Auditor({ count: 2 });
  for (const process of [0, 1]) auditor.cut("c", process, NOTHING, 1);
  auditor.declared("c", [0, 1]);
  auditor.sent(message(0, 1), 2);
  auditor.cut("c", 0, { inbox: [], sent: [[1, 1]] }, 3);
  assertEquals(auditor.line("c").lost, []);
  assertEquals(auditor.line("c").aborted, undefined);
  auditor.aborted("d", "process 1 was lost");
  assertEquals(auditor.line("d").aborted, "process 1 was lost");
});

Deno.test("unknown labels and processes are refused by name, and long lists are cut", () => {
  const auditor = new Auditor({ count: 2, vectorClocks: false });
  auditor.cut("c", 0, NOTHING, 1);
  assertThrows(() => auditor.line("d"), AuditError, "line 'd': expected a label");
  assertThrows(
    () => auditor.restarted([{ process: 1, label: "c" }], 2),
    AuditError,
    "expected a checkpoint 'c' of process 1, found none",
  );
  assertThrows(() => auditor.ended(2, 2), AuditError, "from 0 to 1, found 2");
  for (let n = 0; n < 250; n++) auditor.sent(message(0, 1, n), 3);
  const { lost, sent } = auditor.run([message(0, 1, 7)]);
  assertEquals([sent, lost.count, lost.messages.length], [250, 249, 100]);
  assertEquals(auditor.line("c").clocksAgree, undefined);
});

Deno.test("messages of a process to itself do not concern it", () => {
  const auditor = new Auditor({ count: 2 });
  auditor.delivered(message(1, 1, 4), 1);
  auditor.cut("c", 1, { inbox: [{ from: 1, sequence: 3 }], sent: [[1, 5]] }, 2);
  assertEquals(auditor.line("c").strange, []);
  assertEquals([auditor.run([]).clean, auditor.run([]).delivered], [true, 0]);
});

Deno.test("a log that holds what was never sent is strange", () => {
  const auditor = new Auditor({ count: 2 });
  auditor.sent({ from: 0, to: 1, sequence: 0 }, 10);
  for (const process of [0, 1]) auditor.cut("c", process, { inbox: [], sent: [[1, 1]] }, 20);
  auditor.kept("c", 0, [{ to: 1, sequence: 0 }, { to: 1, sequence: 1 }]);
  const { strange, lost, inTransit } = auditor.line("c");
  assertEquals(strange.at(-1), "the log of process 0 holds message 0->1#1, of 1 it had sent");
  assertEquals([lost, inTransit.map(({ savedBy }) => savedBy)], [[], ["sender's log"]]);
});
