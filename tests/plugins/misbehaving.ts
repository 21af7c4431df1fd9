/** A plugin whose every row breaks the contract in one way, and says in its help how. */
import {
  type CapturePage,
  type CaptureStep,
  type CaptureView,
  type Checkpointer,
  checkpointer,
  definePlugin,
  metric,
  type Protocol,
  type ProtocolEvent,
  type Workload,
} from "ckptlab";

/** Kept when the module is loaded: the guard must stand in the way all the same. */
const { now } = Date;
const { random } = Math;
const kept = { readTextFileSync: Deno.readTextFileSync };

type Steps = Generator<CaptureStep, void, void>;

/** The shortest checkpoint there is, with something done before each step. */
function* plainSteps(view: CaptureView, before: () => unknown = () => {}): Steps {
  before();
  yield { step: "stop" };
  yield { step: "save", leaveOut: "nothing" };
  for (const page of view.pages) yield { step: "copy", page, to: "A" };
  yield { step: "resume" };
  yield { step: "merge" };
  yield { step: "write" };
  yield { step: "commit" };
}

const saver = (name: string, more: Partial<Checkpointer>): Checkpointer =>
  checkpointer({
    name,
    help: `Misbehaves: ${name}.`,
    options: { size: { type: "count", default: 1, doc: "Some number." } },
    controlMessages: () => 0,
    capture: (view: CaptureView) => plainSteps(view),
    ...more,
  } as Checkpointer);

const doing = (name: string, act: (view: CaptureView) => unknown): Checkpointer =>
  saver(name, { capture: (view) => plainSteps(view, () => act(view)) });

/** Saves concurrently, with a hook of its own for the first store to a page. */
const faulting = (name: string, onFirstWrite: NonNullable<Checkpointer["onFirstWrite"]>) =>
  saver(name, {
    *capture(view: CaptureView): Steps {
      yield { step: "stop" };
      yield { step: "save", leaveOut: "nothing" };
      yield { step: "protect" };
      yield { step: "resume" };
      for (const page of view.pages) {
        if (page.state === "uncaptured") yield { step: "copy", page, to: "A" };
      }
      yield { step: "merge" };
      yield { step: "write" };
      yield { step: "commit" };
    },
    onFirstWrite,
  });

const checkpointers: readonly Checkpointer[] = [
  doing("reads_the_clock", () => Date.now()),
  doing("reads_a_clock_it_kept", () => now()),
  doing("makes_a_date", () => new Date()),
  doing("calls_date", () => Date()),
  doing("reads_performance", () => performance.now()),
  doing("asks_temporal", () => Temporal.Now.instant()),
  doing("formats_the_present", () => new Intl.DateTimeFormat("en").format()),
  doing("formats_parts_of_it", () => new Intl.DateTimeFormat("en").formatToParts()),
  doing("makes_a_file", () => new File([], "a").lastModified),
  doing("takes_a_chance", () => Math.random()),
  doing("takes_a_chance_it_kept", () => random()),
  doing("takes_bytes", () => crypto.getRandomValues(new Uint8Array(1))),
  doing("takes_an_id", () => crypto.randomUUID()),
  doing("sets_a_timer", () => setTimeout(() => {}, 0)),
  doing("repeats", () => setInterval(() => {}, 1)),
  doing("waits_a_turn", () => queueMicrotask(() => {})),
  doing("fetches", () => fetch("data:,")),
  doing("reads_a_file", () => Deno.readTextFileSync("deno.json")),
  doing("reads_a_file_by_what_it_kept", () => kept.readTextFileSync("deno.json")),
  doing("writes_a_file", () => Deno.writeTextFileSync("/dev/null", "")),
  doing("connects", () => Deno.connect({ port: 1 })),
  doing("starts_a_program", () => new Deno.Command("true")),
  doing("asks_what_node_calls_its_process", () => Reflect.get(globalThis, "process").hrtime()),
  doing("begins_a_worker", () => new Worker("data:,", { type: "module" })),
  doing("ends_the_process", () => Deno.exit(0)),
  doing("hides_what_it_did", () => {
    try {
      Date.now();
    } catch {
      // Nobody saw it.
    }
  }),
  doing("throws", () => {
    throw new TypeError("no such page");
  }),
  doing("throws_a_text", () => {
    throw "up";
  }),
  doing("marks_a_page", (view) => {
    Object.defineProperty(view.pages, "length", { value: 7 });
  }),
  saver("marks_pages_as_saved", {
    *capture(view: CaptureView): Steps {
      yield { step: "stop" };
      yield { step: "save", leaveOut: "nothing" };
      for (const page of view.pages) Reflect.set(page, "state", "A");
      yield { step: "resume" };
    },
  }),
  saver("changes_its_options", {
    capture: (view, options) => {
      (options as { size: number }).size = 9;
      return plainSteps(view);
    },
  }),
  saver("promises", { capture: (() => Promise.resolve()) as never }),
  saver("answers_nothing", { capture: (() => undefined) as never }),
  saver("yields_nothing", {
    *capture(): Steps {
      yield undefined as never;
    },
  }),
  saver("yields_for_ever", {
    *capture(): Steps {
      for (;;) yield { step: "message", what: "again" };
    },
  }),
  saver("makes_pages_up", {
    *capture(): Steps {
      yield { step: "stop" };
      yield { step: "save", leaveOut: "nothing" };
      const page: CapturePage = {
        vpn: 1024,
        state: "uncaptured",
        quartersLeft: 4,
        fromExecutable: false,
      };
      yield { step: "copy", page, to: "A" };
    },
  }),
  saver("forgets_to_commit", {
    *capture(): Steps {
      yield { step: "message", what: "that is all" };
    },
  }),
  saver("lies_about_its_price", { controlMessages: () => 3 }),
  saver("has_no_price", { controlMessages: () => NaN }),
  saver("promises_a_price", { controlMessages: (() => Promise.resolve(0)) as never }),
  saver("refuses_by_a_number", {
    refuses: [{ name: "all", why: "it must not", found: () => 3 as unknown as string }],
  }),
  saver("throws_in_a_refusal", {
    refuses: [{
      name: "all",
      why: "it must not",
      found: () => {
        throw new Error("not this one");
      },
    }],
  }),
  faulting("lets_a_page_slip", function* () {}),
  faulting("reads_the_clock_in_a_fault", function* () {
    Date.now();
    yield { step: "message", what: "what time is it?" };
  }),
  faulting("throws_in_a_fault", function* () {
    yield { step: "message", what: "a page is about to be written" };
    throw new Error("not now");
  }),
];

/** Loops that no step limit sees; who waits for them must be told whose they are. */
export const loops = {
  checkpointer: doing("loops_for_ever", () => {
    for (let n = 0;; n++) if (n < 0) return;
  }),
};

type State = { readonly saved: number };
type Handle = Protocol<State>["handle"];

/** Saves each process by itself; `more` misbehaves. */
const agreeing = (name: string, more: Partial<Protocol<State>>): Protocol<State> => ({
  name,
  help: `Misbehaves: ${name}.`,
  options: {},
  requires: { order: "any", delivery: "reliable" },
  kinds: ["HELLO"],
  phases: [],
  recovery: "search",
  cost: () => ({ HELLO: 0 }),
  size: () => 0,
  member: () => ({ saved: 0 }),
  handle: sound,
  ...more,
});

const sound: Handle = (state, event, out) => {
  if (event.event === "requested") out.capture();
  if (event.event === "exiting" && !event.killed) out.leave();
  if (event.event === "saved") out.done([]);
  return state;
};

/** Does something when a checkpoint is asked for. */
const asked = (name: string, act: Handle): Protocol<State> =>
  agreeing(name, {
    handle: (state, event: ProtocolEvent, out) =>
      event.event === "requested" ? act(state, event, out) : sound(state, event, out),
  });

const protocols: readonly Protocol<State>[] = [
  asked("clocked", (state) => ({ saved: state.saved + Date.now() })),
  asked("chancy", () => ({ saved: Math.random() })),
  asked("throwing", () => {
    throw new Error("no line today");
  }),
  asked("promising", (() => Promise.resolve({ saved: 0 })) as never),
  asked("forgetful", (() => new Map()) as never),
  asked("circular", () => {
    const state: { saved: number; itself?: unknown } = { saved: 0 };
    state.itself = state;
    return state;
  }),
  asked("functional", (() => ({ saved: () => 1 })) as never),
  asked("changing", (state) => {
    (state as { saved: number }).saved++;
    return state;
  }),
  asked("talking", (state, _, out) => {
    while (state.saved === 0) out.log("and another thing");
    return state;
  }),
  asked("sending", (state, _, out) => {
    out.send(1, { kind: "HELLO", what: new Set([1]) } as never);
    return state;
  }),
  agreeing("sizeless", {
    size: () => -1,
    handle: (state, event, out) => {
      if (event.event === "requested") out.send(1, { kind: "HELLO" });
      return sound(state, event, out);
    },
  }),
  agreeing("unborn", { member: () => undefined as never }),
  agreeing("stillborn", {
    member: () => {
      throw new Error("not me");
    },
  }),
];

const program: Workload["start"] = () => ({
  file: new URL("../../scenarios/guests/counter.elf", import.meta.url).href,
  args: ["5", "90000"],
});

const workload = (name: string, start: Workload["start"]): Workload => ({
  name,
  help: `Misbehaves: ${name}.`,
  options: {},
  start,
});

export default definePlugin({
  name: "misbehaving",
  version: "0.0.1",
  api: "^1",
  contributes: {
    checkpointers,
    protocols,
    workloads: [
      workload("good", program),
      workload("dated", () => ({ ...program({}), args: [String(Date.now())] })),
      workload("failing", () => {
        throw new Error("no program");
      }),
      workload("wordless", () => ({ file: "x" }) as never),
    ],
    metrics: [
      metric({
        name: "dated",
        of: "process",
        unit: "count",
        help: "Reads the clock.",
        combine: "sum",
        read: () => Date.now(),
      }),
      metric({
        name: "wordy",
        of: "cluster",
        unit: "count",
        help: "Answers a text.",
        combine: "same",
        read: () => "many",
      }),
    ],
  },
});
