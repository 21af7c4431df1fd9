/**
 * The inside of a Worker that houses domains. It opens them on calls through comlink; while a round
 * is under way it listens to shared memory alone.
 */
import { expose } from "comlink";
import type { Strategies } from "./domain.ts";
import type { DomainPlan } from "./facts.ts";
import { HeapWatch } from "./heap_watch.ts";
import { Pipe, Stopped } from "./pipe.ts";
import { type Opening, type Reply, type Request, Tenants } from "./tenants.ts";

/** What shared memory carries to a Worker: a request, or the word to listen to comlink again. */
export type Asked = Request | { readonly ask: "rest" };

/** What it carries back: a reply, or how the Worker failed. */
export type Answered = Reply | { readonly failed: string };

/** What a Worker does on calls. */
export interface WorkerApi {
  /** Gives it the memory it will listen to. */
  boot(memory: SharedArrayBuffer): void;
  open(plan: DomainPlan): Opening;
  /** Answers what comes through shared memory until it is told to rest. */
  serve(): void;
}

/** Makes this Worker a home of domains; called once by the Worker's module. */
export function serveDomains(strategies: Strategies): void {
  let pipe: Pipe | undefined;
  const watch = new HeapWatch();
  const tenants = new Tenants(strategies, () => {
    pipe?.breathe();
    watch.breathe();
  });
  const api: WorkerApi = {
    boot: (memory) => void (pipe = new Pipe(memory, "answering")),
    open: (plan) => {
      watch.look();
      return tenants.open(plan);
    },
    serve: () => {
      if (pipe === undefined) throw new Error("a Worker without its memory");
      try {
        while (answer(pipe, tenants));
      } catch (error) {
        if (!(error instanceof Stopped)) throw error;
      }
    },
  };
  expose(api);
}

/** Answers one question; false when the Worker is to rest. */
function answer(pipe: Pipe, tenants: Tenants): boolean {
  const asked = pipe.read() as Asked;
  if (asked.ask === "rest") {
    pipe.write({ tellings: [] } satisfies Answered);
    return false;
  }
  pipe.write(attempted(() => tenants.perform(asked)));
  return true;
}

/** Whatever goes wrong in here is thrown again outside. */
function attempted(act: () => Reply): Answered {
  try {
    return act();
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return { failed: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
}
