/**
 * The hooks of a plugin's rows as the lab calls them: under the guard, with what they are told frozen
 * and what they answer checked. A row of the built-in plugin is called directly.
 */
import type { OptionValue } from "../base/option.ts";
import type { CheckpointShape, ControlMessage, Out, Protocol } from "../cluster/protocol.ts";
import type { CapturePage, CaptureStep, CaptureView, Checkpointer } from "../image/checkpointer.ts";
import type { Refusal } from "../image/refusal.ts";
import { seen, seenPage, unseen } from "./plugin_view.ts";
import type { Fault } from "./fault.ts";
import { LabError, type Workload } from "./lab.ts";
import { type Level, LEVEL_MEDIA } from "./levels.ts";
import { MEDIA, type Storage } from "./storage.ts";
import type { PluginMetric } from "./plugin.ts";
import { frozen, notPlain } from "./plugin_data.ts";
import { type Hook, inHook, pluginError } from "./plugin_guard.ts";
import { isObject, shown } from "./plugin_shape.ts";
import type { PluginReporter } from "./report.ts";
import { asRecorded, unwritable } from "./report_text.ts";

type Options = Readonly<Record<string, OptionValue>>;
type Steps = Generator<CaptureStep, void, void>;

/** A value that must be so; else the plugin is told what was expected and what it gave. */
function must<T>(hook: Hook, value: T, wanted: string, holds: boolean): T {
  if (holds) return value;
  throw pluginError(hook, `answered ${shown(value)} instead of ${wanted}`);
}

const isCount = (value: unknown): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= 0;

const count = (hook: Hook, value: number): number =>
  must(hook, value, "a whole number of 0 or more", isCount(value));

const areCounts = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every(isCount);

/** Plain data, frozen: as an actor's state must be. */
function plain<T>(hook: Hook, value: T): T {
  const problem = notPlain(value);
  if (problem === undefined) return frozen(value);
  throw pluginError(hook, `answered what is no plain data (${problem})`);
}

/** The state of an actor. */
const stateOf = <T>(hook: Hook, value: T): T =>
  plain(hook, must(hook, value, "a state of plain data", value !== undefined));

/** The steps of a generator, each asked for under the guard. */
function* steps(hook: Hook, begin: () => Steps): Steps {
  const all = inHook(hook, begin);
  must(
    hook,
    all,
    "a generator of steps",
    typeof (all as Partial<Steps> | undefined)?.next === "function",
  );
  for (;;) {
    const { value, done } = inHook(hook, () => all.next());
    if (done === true) return;
    const step = inHook(hook, () => isObject(value) ? { ...value } : value) as CaptureStep;
    yield unseen(step);
  }
}

/** The hook of a refusal; it is told of the state by a copy, for the state goes into the image. */
function refusalHooks(refusal: Refusal, owner: string): Pick<Refusal, "found"> {
  const place: Hook = { owner, hook: `refuses (${refusal.name})` };
  return {
    found(state) {
      const copy = structuredClone(state);
      const what = inHook(place, () => refusal.found(copy));
      const isLine = typeof what === "string" && /^[^\p{Cc}]*\S[^\p{Cc}]*$/u.test(what);
      return must(place, what, "a text of one line, or nothing", what === undefined || isLine);
    },
  };
}

/** The hooks of a checkpointer. */
export function checkpointerHooks(row: Checkpointer, owner: string): Partial<Checkpointer> {
  const hook = (name: string): Hook => ({ owner, hook: name });
  const { onFirstWrite, refuses } = row;
  return {
    ...(refuses === undefined ? {} : {
      refuses: refuses.map((refusal) => ({ ...refusal, ...refusalHooks(refusal, owner) })),
    }),
    controlMessages: (writeFaults) => {
      const place = hook("controlMessages");
      return count(place, inHook(place, () => row.controlMessages(writeFaults)));
    },
    capture: (view: CaptureView, options: never) =>
      steps(hook("capture"), () => row.capture(seen(view), frozen(options))),
    ...(onFirstWrite === undefined ? {} : {
      onFirstWrite: (
        page: CapturePage,
        view: CaptureView,
        options: never,
        quarter: number | undefined,
      ) =>
        steps(
          hook("onFirstWrite"),
          () => onFirstWrite.call(row, seenPage(page), seen(view), frozen(options), quarter),
        ),
    }),
  };
}

/** What an actor may say, with its messages checked and frozen: two actors must not share them. */
function guardedOut(hook: Hook, out: Out): Out {
  const guarded: Out = Object.create(out);
  guarded.send = (to, message) => out.send(to, plain(hook, message));
  guarded.piggyback = (value) => out.piggyback(plain(hook, value));
  guarded.settled = (who, members) => out.settled(who, plain(hook, [...members]));
  guarded.done = (members) => out.done(plain(hook, [...members]));
  return guarded;
}

/** The hooks of a protocol. */
export function protocolHooks(row: Protocol, owner: string): Partial<Protocol> {
  const hook = (name: string): Hook => ({ owner, hook: name });
  const { lines, manager, moves, perDependency, perRound, piggybackSize, waitsFor } = row;
  return {
    cost: (shape) => {
      const place = hook("cost");
      const counts = inHook(place, () => row.cost(frozen(shape)));
      return must(place, counts, "whole numbers by kind", areCounts(counts));
    },
    ...(perRound === undefined ? {} : {
      perRound: (shape: CheckpointShape) => {
        const place = hook("perRound");
        const counts = inHook(place, () => perRound.call(row, frozen(shape)));
        const holds = areCounts(counts) && Object.values(counts).some((each) => each > 0);
        return must(place, counts, "whole numbers by kind, not all of them 0", holds);
      },
    }),
    ...(perDependency === undefined ? {} : {
      perDependency: (shape: CheckpointShape) => {
        const place = hook("perDependency");
        const counts = inHook(place, () => perDependency.call(row, frozen(shape)));
        return must(place, counts, "whole numbers by kind", areCounts(counts));
      },
    }),
    ...(moves === undefined ? {} : {
      moves: (shape: CheckpointShape) => {
        const place = hook("moves");
        const counts = inHook(place, () => moves.call(row, frozen(shape)));
        return must(place, counts, "whole numbers by kind", areCounts(counts));
      },
    }),
    size: (message: ControlMessage) => {
      const place = hook("size");
      return count(place, inHook(place, () => row.size(message)));
    },
    ...(piggybackSize === undefined ? {} : {
      piggybackSize: (value: unknown) => {
        const place = hook("piggybackSize");
        return count(place, inHook(place, () => piggybackSize.call(row, frozen(value))));
      },
    }),
    member: (self, members, options: Options, saved?: unknown) => {
      const place = hook("member");
      const act = () => row.member(self, frozen([...members]), frozen(options), frozen(saved));
      return stateOf(place, inHook(place, act));
    },
    ...(lines === undefined ? {} : {
      lines: (state: unknown) => {
        const place = hook("lines");
        const range = inHook(place, () => lines.call(row, frozen(state)));
        const holds = isObject(range) && isCount(range.first) && isCount(range.last);
        return must(place, range, "{ first, last } of whole numbers", holds);
      },
    }),
    ...(manager === undefined ? {} : {
      manager: (members: readonly number[], options: Options) => {
        const place = hook("manager");
        const act = () => manager.call(row, frozen([...members]), frozen(options));
        return stateOf(place, inHook(place, act));
      },
    }),
    handle: (state, event, out) => {
      const place = { owner, hook: `handle (${event.event})` };
      const act = () => row.handle(frozen(state), frozen(event), guardedOut(place, out));
      return stateOf(place, inHook(place, act));
    },
    ...(waitsFor === undefined ? {} : {
      waitsFor: (state: unknown) => {
        const place = hook("waitsFor");
        const text = inHook(place, () => waitsFor.call(row, frozen(state)));
        return must(place, text, "a text", text === undefined || typeof text === "string");
      },
    }),
  };
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

/** The hooks of a workload. */
export function workloadHooks(row: Workload, owner: string): Partial<Workload> {
  const place: Hook = { owner, hook: "start" };
  return {
    start: (options) => {
      const start = plain(place, inHook(place, () => row.start(frozen(options))));
      const { file, args, environment = [], input = "" } = start ?? {};
      const holds = typeof file === "string" && isTexts(args) && isTexts(environment) &&
        typeof input === "string";
      return must(place, start, "{ file, args } of texts", holds);
    },
  };
}

function isLevel(level: Level | null): boolean {
  const { medium, every = 0, ...speed } = level ?? {};
  return medium !== undefined && LEVEL_MEDIA.includes(medium) && Number.isSafeInteger(every) &&
    every >= 1 && isSpeed(speed);
}

const isSpeed = ({ bandwidth = 1, latency = 0 }: Pick<Level, "bandwidth" | "latency">): boolean =>
  Number.isFinite(bandwidth) && bandwidth > 0 && Number.isFinite(latency) && latency >= 0;

/** The hook of a storage. */
export function storageHooks(row: Storage, owner: string): Partial<Storage> {
  const place: Hook = { owner, hook: "keep" };
  return {
    keep: (options) => {
      const keeping = plain(place, inHook(place, () => row.keep(frozen(options))));
      const holds = MEDIA.includes(keeping?.medium) &&
        Number.isSafeInteger(keeping.retain) && keeping.retain >= 0 &&
        isSpeed(keeping) &&
        (keeping.levels === undefined ||
          keeping.medium === "memory" && Array.isArray(keeping.levels) &&
            keeping.levels.every(isLevel));
      const what =
        "{ medium, retain } and perhaps bandwidth and latency; of memory perhaps levels, " +
        "each { medium, every } and perhaps bandwidth and latency";
      return must(place, keeping, what, holds);
    },
  };
}

/** The hook of a fault: a {@linkcode LabError} says why it cannot be done. */
export function faultHooks(row: Fault, owner: string): Partial<Fault> {
  const place: Hook = { owner, hook: "inject" };
  return {
    inject: (site, options) => {
      const told = inHook(
        place,
        () => row.inject(site, frozen(options)),
        (error) => error instanceof LabError,
      );
      return must(place, told, "a text that says what it did", typeof told === "string");
    },
  };
}

/** The hook of a metric. */
export function metricHooks(row: PluginMetric, owner: string): Partial<PluginMetric> {
  const place: Hook = { owner, hook: "read" };
  const type = row.unit === "text" ? "text" : row.unit === "truth" ? "truth value" : "number";
  const found: Readonly<Record<string, string>> = {
    string: "text",
    boolean: "truth value",
    number: "number",
  };
  return {
    read: (ask) => {
      const value = inHook(place, () => row.read(ask));
      return must(
        place,
        value,
        `a ${type}, as its unit ${row.unit} is`,
        found[typeof value] === type,
      );
    },
  };
}

/** The hooks of a reporter. */
export function reporterHooks(row: PluginReporter, owner: string): Partial<PluginReporter> {
  return {
    begin: (given) => {
      const beginning: Hook = { owner, hook: "begin" };
      const report = inHook(beginning, () => row.begin(frozen({ ...given })));
      const holds = isObject(report) && typeof report.take === "function";
      must(beginning, report, "a report with a function 'take'", holds);
      return {
        take: (event) => {
          const hook: Hook = { owner, hook: `take (${event.event})` };
          const text = inHook(hook, () => report.take(asRecorded(event)));
          must(hook, text, 'a text ("" for nothing)', typeof text === "string");
          const why = unwritable(text, given.isColoured);
          if (why !== undefined) throw pluginError(hook, `told ${why},`);
          return text;
        },
      };
    },
  };
}
