/**
 * The inside of a Worker that houses domains. It is booted through comlink; from then on it listens to
 * shared memory alone, until it is ended.
 */
import { expose } from "comlink";
import { StrategyError } from "../image/capture_order.ts";
import { SHARED_TRANSLATIONS } from "../machine/translations.ts";
import { EngineDifference } from "../machine/verifier.ts";
import type { Strategies } from "./domain.ts";
import type { DomainPlan } from "./facts.ts";
import { HeapWatch } from "./heap_watch.ts";
import { useBoard } from "./hook_board.ts";
import { Pipe, Stopped } from "./pipe.ts";
import { useExchange } from "./translation_exchange.ts";
import { type Opening, type Reply, type Request, Tenants } from "./tenants.ts";

/** What shared memory carries to a Worker. */
export type Asked = Request | { readonly ask: "open"; readonly plan: DomainPlan };

/** What it carries back: a reply, what became of a plan, or how the Worker failed. */
export type Answered =
  | Reply
  | { readonly opening: Opening }
  /** A strategy broke its contract. */
  | { readonly broken: string }
  | { readonly difference: Pick<EngineDifference, "differences" | "pc" | "disassembly" | "wasm"> }
  | { readonly failed: string; readonly stack: string };

/** A plugin a Worker has to load: under what name, and from where. */
export interface PluginPlace {
  readonly alias: string;
  readonly url: string;
}

/** Strategies, and what becomes of them when plugins are loaded. */
export interface LoadingStrategies extends Strategies {
  loading(plugins: readonly PluginPlace[]): Promise<Strategies>;
}

/** What a Worker does on calls. */
export interface WorkerApi {
  /** Gives it the memory it will listen to, the port for translated code, the plugins to load, the board. */
  boot(
    memory: SharedArrayBuffer,
    translations: MessagePort,
    plugins: readonly PluginPlace[],
    hooks: SharedArrayBuffer,
  ): Promise<void>;
  /** Answers what comes through shared memory until it is told to stop. */
  serve(): Promise<void>;
}

/** Makes this Worker a home of domains; called once by the Worker's module. */
export function serveDomains(strategies: LoadingStrategies): void {
  const watch = new HeapWatch();
  let booted: Promise<{ readonly pipe: Pipe; readonly tenants: Tenants }> | undefined;
  const begin = async (memory: SharedArrayBuffer, plugins: readonly PluginPlace[]) => {
    const pipe = new Pipe(memory, "answering");
    const tenants = new Tenants(await strategies.loading(plugins), () => {
      pipe.breathe();
      watch.breathe();
    });
    return { pipe, tenants };
  };
  const api: WorkerApi = {
    boot: async (memory, translations, plugins, hooks) => {
      useExchange(translations);
      useBoard(hooks);
      booted = begin(memory, plugins);
      await booted;
    },
    serve: async () => {
      if (booted === undefined) throw new Error("a Worker without its memory");
      // Plugins may still be loading: what is asked meanwhile waits in the memory.
      const { pipe, tenants } = await booted;
      try {
        for (;;) answer(pipe, tenants, watch);
      } catch (error) {
        if (!(error instanceof Stopped)) throw error;
      }
    },
  };
  expose(api);
}

/** Answers one question. */
function answer(pipe: Pipe, tenants: Tenants, watch: HeapWatch): void {
  const asked = pipe.read() as Asked;
  pipe.write(attempted(() => {
    SHARED_TRANSLATIONS.drain(); // else they would pile up where nothing is compiled
    if (asked.ask !== "open") return tenants.perform(asked);
    watch.look();
    return { opening: tenants.open(asked.plan) };
  }));
}

/** Whatever goes wrong in here is thrown again outside. */
function attempted(act: () => Answered): Answered {
  try {
    return act();
  } catch (error) {
    if (error instanceof Stopped) throw error;
    if (error instanceof StrategyError) return { broken: error.message };
    if (!(error instanceof EngineDifference)) return failureOf(error);
    const { differences, pc, disassembly, wasm } = error;
    return { difference: { differences, pc, disassembly, wasm } };
  }
}

/** Words of our own speak for themselves; of any other error its kind and place are told as well. */
function failureOf(error: unknown): { readonly failed: string; readonly stack: string } {
  if (!(error instanceof Error)) return { failed: String(error), stack: "" };
  const { name, message, stack = "" } = error;
  if (name === "Error") return { failed: message, stack };
  const place = /\n\s*(at .*)/.exec(stack)?.[1];
  return { failed: `${name}: ${message}` + (place === undefined ? "" : ` (${place})`), stack };
}
