/** The laws of checkpointers, each tried on every program of the bench with one processor and two. */
import { difference } from "../image/difference.ts";
import { identity } from "../image/codec.ts";
import type { Checkpointer } from "../image/checkpointer.ts";
import { TooLate } from "../image/image.ts";
import { MemoryStore } from "../image/memory_store.ts";
import { type Found, type KitProgram, law, type Subject } from "./law.ts";
import { checkpointerScript, type Shot, strategyText } from "./reproduction.ts";
import {
  bringBack,
  imageOf,
  LABEL,
  momentOf,
  type Options,
  start,
  take,
  type Taken,
  takeStill,
  toEnd,
  torn,
} from "./trial.ts";
import { attempted, usualOf, variantsOf } from "./variants.ts";

type Row = Subject<"checkpointers">;

/** One checkpoint of a trial, and by which strategy. */
interface Case extends Shot {
  readonly strategy: Checkpointer;
  readonly options: Options;
}

/** Every program, one processor and two, with these options; stops at the first that breaks a law. */
async function forAll(
  { plugin, row, bench }: Row,
  what: string,
  variants: readonly Options[],
  check: (one: Case) => string | undefined,
): Promise<Found> {
  let moving = 0;
  for (const options of variants) {
    for (const program of bench.programs) {
      for (const cpus of [1, 2]) {
        const at = momentOf(program, `${what} ${cpus}`);
        const usual = { strategy: row, options, program, cpus, at, still: false };
        const { one, message } = await soonEnough(usual, check);
        if (!one.still) moving++;
        if (message === undefined) continue;
        const strategy = strategyText(row.name, options, row.options);
        const script = checkpointerScript(plugin, what, strategy, one);
        return { message: `${message} (${whereOf(one)}, ${strategy})`, script };
      }
    }
  }
  if (moving > 0) return undefined;
  return { message: "it never comes to t0 before a program ends, not even of those just begun" };
}

const whereOf = ({ program, at, still, cpus }: Case): string =>
  `${program.workload} at instruction ${at}${still ? ", standing still" : ""}, ${cpus} processors`;

/**
 * A strategy that takes its time to come to t0 is tried so early that the program is still there
 * then; one that takes more time than the program has, on a program that stands still.
 */
async function soonEnough(first: Case, check: (one: Case) => string | undefined) {
  for (let one = first;; one = one.at > 1 ? { ...one, at: one.at >> 1 } : { ...one, still: true }) {
    let isTooLate = false;
    const message = await attempted(() => {
      try {
        return check(one);
      } catch (error) {
        isTooLate = error instanceof TooLate;
        throw error;
      }
    });
    if (!isTooLate || one.still) return { one, message };
  }
}

/** The program at its moment, and its checkpoint. */
function checkpointed({ strategy, program, cpus, options, at, still }: Case) {
  const running = start(program, cpus);
  running.run.runTo(at);
  return { running, taken: (still ? takeStill : take)(running, strategy, options) };
}

const pageList = (vpns: readonly number[]): string =>
  vpns.slice(0, 4).map((vpn) => `0x${(vpn << 12 >>> 0).toString(16)}`).join(", ") +
  (vpns.length > 4 ? ` and ${vpns.length - 4} more` : "");

const transparency = law({
  id: "L1",
  kind: "checkpointers",
  level: "safe",
  tries: "A program that is checkpointed writes and returns what it does undisturbed.",
  check: (subject) =>
    forAll(subject, "L1 transparency", usualOf(subject.row.options), (one) => {
      const twin = toEnd(start(one.program, one.cpus));
      const { running } = checkpointed(one);
      const found = toEnd(running);
      if (found.exit !== twin.exit) return `it ends with ${found.exit}, undisturbed ${twin.exit}`;
      return found.output === twin.output ? undefined : "it writes something else than undisturbed";
    }),
});

const roundTrip = law({
  id: "L2",
  kind: "checkpointers",
  level: "recoverable",
  tries: "What an image is restored to, three times and elsewhere, is the process at t0; saved " +
    "again it gives the same pages, and run on it ends as undisturbed.",
  check: (subject) =>
    forAll(subject, "L2 round trip", usualOf(subject.row.options), (one) => {
      const twin = toEnd(start(one.program, one.cpus));
      const { taken } = checkpointed(one);
      const image = imageOf(taken);
      for (const cpus of [1, 2, one.cpus]) {
        const back = bringBack(one.program, image, cpus);
        const again = takeStill(back, one.strategy, one.options);
        if (again.digest !== taken.digest) return "a restored process is not the one at t0";
        // Its clock has gone on; everything else of its state the digest has compared.
        const { pages } = imageOf(again);
        const [first] = difference(image, { ...image, pages }, 1);
        if (first !== undefined) return `saved again, the image differs: ${first}`;
        const end = toEnd(back);
        if (taken.outputAtT0 + end.output !== twin.output || end.exit !== twin.exit) {
          return "a restored process does not end as the undisturbed one";
        }
      }
      return undefined;
    }),
});

const pointInTime = law({
  id: "L3",
  kind: "checkpointers",
  level: "recoverable",
  tries: "The memory in an image is the memory at t0, page by page, whoever writes meanwhile.",
  check: (subject) =>
    forAll(subject, "L3 point in time", variantsOf(subject.row.options), (one) => {
      const { taken } = checkpointed(one);
      const wrong = torn(imageOf(taken), taken.clone);
      return wrong.length === 0 ? undefined : `pages are not as at t0: ${pageList(wrong)}`;
    }),
});

const termination = law({
  id: "L7",
  kind: "checkpointers",
  level: "safe",
  tries: "A checkpoint comes to an end, also of a program that ends meanwhile or has just begun, " +
    "and two in a row do.",
  check: (subject) =>
    forAll(subject, "L7 termination", usualOf(subject.row.options), (one) => {
      const running = start(one.program, one.cpus);
      running.run.runTo(1);
      take(running, one.strategy, one.options);
      take(running, one.strategy, one.options);
      const late = start(one.program, one.cpus);
      late.run.runTo(toEndOf(one.program, one.cpus) - 200);
      take(late, one.strategy, one.options);
      return undefined;
    }),
});

/** Instructions of a program from its beginning to its end. */
function toEndOf(program: KitProgram, cpus: number): number {
  const { run } = start(program, cpus);
  run.runTo();
  return run.instructions;
}

/** More steps than a checkpoint of these programs has are failed one in so many. */
const STEPS_TRIED = 40;

const abort = law({
  id: "L8",
  kind: "checkpointers",
  level: "certified",
  tries: "A checkpoint that fails, at whichever step, leaves no image and no trace: the program " +
    "goes on, and the next checkpoint is as good as the first.",
  check: (subject) =>
    forAll(subject, "L8 abort is a no-op", usualOf(subject.row.options), (one) => {
      const { taken } = checkpointed(one);
      void imageOf(taken);
      const { counts } = taken.session;
      const twin = toEnd(start(one.program, one.cpus));
      const stride = Math.max(1, Math.floor(counts.steps / STEPS_TRIED));
      for (let step = 1; step <= counts.steps; step += stride) {
        const running = start(one.program, one.cpus);
        running.run.runTo(one.at);
        const failed = take(running, one.strategy, one.options, { failAtStep: step });
        const problem = afterFailure(failed) ?? nextCheckpoint(one, running);
        if (problem !== undefined) return `when step ${step} has failed, ${problem}`;
        const end = toEnd(running);
        if (end.output !== twin.output) return `when step ${step} has failed, the output differs`;
        if (end.exit !== twin.exit) {
          return `when step ${step} has failed, it ends with ${end.exit}, undisturbed ${twin.exit}`;
        }
      }
      return undefined;
    }),
});

function afterFailure({ session, store }: Taken): string | undefined {
  if (session.stopped) return "the program stays stopped";
  const isThere = store.labels().includes(LABEL);
  if (isThere === (session.state === "committed")) return undefined;
  return isThere ? "there is an image nobody committed" : "a committed image is not there";
}

function nextCheckpoint(one: Case, running: ReturnType<typeof start>): string | undefined {
  if (running.run.process.exit !== undefined) return undefined;
  const next = take(running, one.strategy, one.options);
  // The program may have come to its end before its state was saved.
  if (next.session.state !== "committed") {
    return running.run.process.exit === undefined
      ? `the next checkpoint fails: ${next.session.why}`
      : undefined;
  }
  return torn(imageOf(next), next.clone).length === 0 ? undefined : "the next image is torn";
}

const commit = law({
  id: "L9",
  kind: "checkpointers",
  level: "recoverable",
  tries: "An image that is committed can be read from its store as it was taken; before that " +
    "there is none.",
  check: (subject) =>
    forAll(subject, "L9 commit and validation", variantsOf(subject.row.options), (one) => {
      const { taken } = checkpointed(one);
      const problem = afterFailure(taken);
      if (problem !== undefined) return problem;
      const [first] = difference(imageOf(taken), taken.store.read(LABEL), 1);
      return first === undefined ? undefined : `the stored image differs: ${first}`;
    }),
});

/** The labels of checkpoints in a row, with one among them that fails. */
const IN_A_ROW = ["first", "failed", "second", "third"] as const;

/** The step that fails: early, and for most strategies when not all that is saved is captured. */
const FAILS_AT = 4;

const increments = law({
  id: "L10",
  kind: "checkpointers",
  level: "recoverable",
  tries:
    "Checkpoints in a row, one of them failed, each give the memory at their t0, whatever they " +
    "leave to those before them, also when these are forgotten; from the last the program goes on.",
  check: (subject) =>
    forAll(subject, "L10 incremental equivalence", usualOf(subject.row.options), (one) => {
      const twin = toEnd(start(one.program, one.cpus));
      const running = start(one.program, one.cpus), store = new MemoryStore();
      const save = one.still ? takeStill : take;
      let last: Taken | undefined;
      for (const [n, label] of IN_A_ROW.entries()) {
        running.run.runTo(Math.ceil(one.at * (n + 1) / IN_A_ROW.length));
        const failAtStep = label === "failed" ? FAILS_AT : 0;
        const taken = save(running, one.strategy, one.options, {
          store,
          label,
          failAtStep,
          slice: 1000,
        });
        if (label === "failed") continue;
        void imageOf(last = taken);
        const wrong = torn(store.read(label), taken.clone);
        if (wrong.length > 0) return `of the ${label}, pages are not as at t0: ${pageList(wrong)}`;
      }
      for (const label of store.labels().slice(0, -1)) store.remove(label);
      const image = store.read(IN_A_ROW.at(-1) ?? ""), clone = last?.clone ?? new Map();
      const gone = torn(image, clone);
      if (gone.length > 0) return `with those before it forgotten, it lacks ${pageList(gone)}`;
      const end = toEnd(bringBack(one.program, image, one.cpus));
      return (last?.outputAtT0 ?? "") + end.output === twin.output && end.exit === twin.exit
        ? undefined
        : "from the last, the program does not end as the undisturbed one";
    }),
});

const costs = law({
  id: "L11",
  kind: "checkpointers",
  level: "safe",
  tries: "Control messages are those declared, the bins of time sum to what passed, and the same " +
    "checkpoint taken twice is the same in every figure.",
  check: (subject) =>
    forAll(subject, "L11 declared costs are true", variantsOf(subject.row.options), (one) => {
      const [first, second] = [checkpointed(one).taken, checkpointed(one).taken];
      void imageOf(first);
      const { account, counts, committedAt = 0, requestedAt } = first.session;
      const declared = one.strategy.controlMessages(counts.writeFaults);
      if (declared !== counts.controlMessages) {
        return `declares ${declared} control messages, but sent ${counts.controlMessages}`;
      }
      if (account.total !== committedAt - requestedAt) {
        return `its bins sum to ${account.total} cycles of ${committedAt - requestedAt}`;
      }
      const figures = ({ session }: Taken) =>
        JSON.stringify([session.counts, session.account, identity(imageOf({ session } as Taken))]);
      return figures(first) === figures(second) ? undefined : "taken twice, its figures differ";
    }),
});

const options = law({
  id: "L12",
  kind: "checkpointers",
  level: "certified",
  tries: "Every value its options allow, at their bounds and in combination, gives an image that " +
    "restores; what it cannot do its options do not allow.",
  check: (subject) =>
    forAll(subject, "L12 refuse, do not guess", variantsOf(subject.row.options), (one) => {
      const { taken } = checkpointed(one);
      const back = bringBack(one.program, imageOf(taken), one.cpus);
      const end = toEnd(back);
      const twin = toEnd(start(one.program, one.cpus));
      return taken.outputAtT0 + end.output === twin.output && end.exit === twin.exit
        ? undefined
        : "what it restores does not end as the undisturbed program";
    }),
});

/** The laws of checkpointers. */
export const CHECKPOINTER_LAWS = [
  transparency,
  roundTrip,
  pointInTime,
  termination,
  abort,
  commit,
  increments,
  costs,
  options,
] as const;
