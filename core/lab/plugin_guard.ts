/**
 * The guard of plugins: while one of a plugin's hooks runs, the host's clock, chance, timers, network
 * and files are refused by name (CK0610). Put up once, when the first plugin is loaded and before its
 * module is; outside of hooks everything is as it was.
 */
import { writeBoard } from "../cluster/hook_board.ts";
import { StrategyError } from "../image/capture_order.ts";

/** Whose hook runs. */
export interface Hook {
  /** "plugin 'forked-cow' 1.2.0: checkpointer 'cow.snapshot'" */
  readonly owner: string;
  readonly hook: string;
}

/** The hook that runs now, and what it was refused first: it may have caught the error. */
let running: { readonly hook: Hook; refused: string | undefined } | undefined;

/** A mistake of a plugin, in words that name it. */
export const pluginError = ({ owner, hook }: Hook, what: string, cause?: unknown): StrategyError =>
  new StrategyError(`${owner} ${what} in ${hook}`, { cause });

function refuse(name: string): void {
  if (running === undefined) return;
  running.refused ??= name;
  throw refusal(running.hook, name);
}

const refusal = (hook: Hook, name: string): StrategyError =>
  pluginError(
    hook,
    `used ${name}, which is refused (CK0610: what a plugin does follows from what it is told, or ` +
      "no run could be repeated)",
  );

/** Functions of an object: each asks the guard first. */
function guardFunctions(owner: object, prefix: string, keys: readonly string[]): void {
  for (const key of keys) {
    const original: unknown = Reflect.get(owner, key);
    if (typeof original !== "function") continue;
    const guarded = new Proxy(original, {
      apply: (target, self, args) => {
        refuse(prefix + key);
        return Reflect.apply(target, self, args);
      },
      construct: (target, args, newTarget) => {
        refuse(`new ${prefix}${key}`);
        return Reflect.construct(target, args, newTarget);
      },
    });
    Object.defineProperty(owner, key, { value: guarded, writable: true, configurable: true });
  }
}

/** What Node calls its process: a global here too. */
const NODE = Reflect.get(globalThis, "process") as object;

const functionsOf = (owner: object): readonly string[] =>
  Object.keys(owner).filter((key) => typeof Reflect.get(owner, key) === "function");

/** What belongs to the host: an object, how it is called, and which of its functions. */
const HOST: readonly (readonly [owner: object, prefix: string, keys: readonly string[]])[] = [
  [Date, "Date.", ["now"]],
  [Temporal.Now, "Temporal.Now.", Object.getOwnPropertyNames(Temporal.Now)],
  [Math, "Math.", ["random"]],
  [performance, "performance.", ["now", "mark", "measure"]],
  [Object.getPrototypeOf(crypto), "crypto.", ["getRandomValues", "randomUUID"]],
  [globalThis, "", [
    "setTimeout",
    "setInterval",
    "setImmediate",
    "queueMicrotask",
    "fetch",
    "Worker",
    "WebSocket",
    "EventSource",
    "BroadcastChannel",
    "MessageChannel",
    "alert",
    "confirm",
    "prompt",
  ]],
  [NODE, "process.", functionsOf(NODE)],
  [Deno, "Deno.", Object.keys(Deno).filter((key) => key !== "test" && key !== "bench")],
];

type Format = Intl.DateTimeFormat["format"];

/** A function that takes the present where it is given no time. */
const askedForPresent = <F extends (...args: never[]) => unknown>(original: F, name: string): F =>
  new Proxy(original, {
    apply: (target, self, args) => {
      if (args[0] === undefined) refuse(`${name}() without a time`);
      return Reflect.apply(target, self, args);
    },
  });

let isUp = false;

/** Puts the guard up; a second time does nothing. */
export function guardHost(): void {
  if (isUp) return;
  isUp = true;
  for (const [owner, prefix, keys] of HOST) guardFunctions(owner, prefix, keys);
  guardPresent();
}

/** What is given its time is arithmetic; only what asks for the present is refused. */
function guardPresent(): void {
  const formats = Intl.DateTimeFormat.prototype;
  const { get } = Object.getOwnPropertyDescriptor(formats, "format") as { get(): Format };
  Object.defineProperty(formats, "format", {
    configurable: true,
    get(this: Intl.DateTimeFormat): Format {
      return askedForPresent(get.call(this), "Intl.DateTimeFormat.format");
    },
  });
  const { formatToParts } = formats;
  Object.defineProperty(formats, "formatToParts", {
    value: askedForPresent(formatToParts, "Intl.DateTimeFormat.formatToParts"),
    writable: true,
    configurable: true,
  });
  globalThis.File = new Proxy(File, {
    construct: (target, args, newTarget) => {
      if (args[2]?.lastModified === undefined) refuse("new File() without lastModified");
      return Reflect.construct(target, args, newTarget);
    },
  });
  globalThis.Date = new Proxy(Date, {
    apply: (target, self, args) => {
      refuse("Date()");
      return Reflect.apply(target, self, args);
    },
    construct: (target, args, newTarget) => {
      if (args.length === 0) refuse("new Date()");
      return Reflect.construct(target, args, newTarget);
    },
  });
}

/**
 * Runs a hook. Whatever goes wrong in it is a {@linkcode StrategyError} that names its plugin, but
 * for what `isRefusal` says is no mistake: the hook is allowed to refuse in such a way.
 */
export function inHook<T>(
  hook: Hook,
  act: () => T,
  isRefusal: (error: unknown) => boolean = () => false,
): T {
  const before = running;
  writeBoard(`${hook.owner} in ${hook.hook}`);
  const mine = running = { hook, refused: undefined as string | undefined };
  try {
    const answer = act();
    if (mine.refused !== undefined) throw refusal(hook, mine.refused);
    if (isPromise(answer)) {
      throw pluginError(hook, "answered a promise: nothing is awaited where time is virtual");
    }
    return answer;
  } catch (error) {
    if (error instanceof StrategyError) throw error;
    if (mine.refused !== undefined) throw refusal(hook, mine.refused);
    if (isRefusal(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw pluginError(hook, `threw: ${why},`, error);
  } finally {
    running = before;
    writeBoard(before === undefined ? "" : `${before.hook.owner} in ${before.hook.hook}`);
  }
}

const isPromise = (value: unknown): boolean =>
  typeof value === "object" && value !== null && typeof Reflect.get(value, "then") === "function";
