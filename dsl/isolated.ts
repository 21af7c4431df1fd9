/**
 * Workers without any permission, in which plugins are evaluated and their cells run. A Worker may
 * load what it imports statically before it is without permissions, so its module is made for it:
 * the program, then each plugin, announced before it is evaluated.
 */
import {
  guardHost,
  type Intrinsics,
  intrinsics,
  LabError,
  type Plugin,
  pluginIn,
  putBack,
  refuseChanges,
} from "../core/mod.ts";
import type { Remote } from "comlink";
import { serveCells } from "./cell_worker.ts";
import type { Host } from "./host.ts";
import { borrowed, type Lender } from "./lent_files.ts";

/** What such a Worker tells on its own. */
export type Evaluating =
  /** The module it is about to evaluate; empty: all are, and it listens. */
  | { readonly evaluating: string }
  /** Why one cannot be evaluated. */
  | { readonly failed: string };

const moduleOf = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;

/** Begins such a Worker. `program`: the module that exports {@linkcode announce} and `serveIsolated`. */
export function isolatedWorker(program: string, plugins: readonly string[]): Worker {
  const from = JSON.stringify(program);
  const imports = plugins.flatMap((url, n) => {
    const text = `import { isolated } from ${from}; isolated.announce(${JSON.stringify(url)});`;
    return [
      `import ${JSON.stringify(moduleOf(text))};`,
      `import * as plugin${n} from ${JSON.stringify(url)};`,
    ];
  });
  const modules = plugins.map((url, n) => `[${JSON.stringify(url)}, plugin${n}]`).join(", ");
  const text = [
    `import { isolated } from ${from};`,
    ...imports,
    `isolated.serve(new Map([${modules}]));`,
  ].join("\n");
  return new Worker(moduleOf(text), { type: "module", deno: { permissions: "none" } });
}

/** The objects everybody shares, as they were before the first plugin. */
let before: Intrinsics | undefined;

/** Says in the Worker that a plugin's module is about to be evaluated, and puts the guard up. */
export function announce(url: string): void {
  guardHost();
  before ??= intrinsics();
  self.addEventListener("unhandledrejection", fails);
  tell({ evaluating: url });
}

/** What a module throws comes as this event; without it the Worker would print it. */
function fails(event: PromiseRejectionEvent): void {
  event.preventDefault();
  const { reason } = event;
  tell({ failed: reason instanceof Error ? reason.message : String(reason) });
}

const tell = (what: Evaluating): void => (self as unknown as Worker).postMessage(what);

/** Modules by their URL. */
export type Modules = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Serves cells in such a Worker; the host is made with the way to read programs. */
export function serveIsolated(
  hostReading: (readProgram: (file: string) => Uint8Array) => Host,
  modules: Modules,
): void {
  const changed = before === undefined ? [] : putBack(before);
  let lender: Remote<Lender> | undefined;
  const files = (): Remote<Lender> => {
    if (lender === undefined) throw new Error("an isolated Worker without files");
    return lender;
  };
  const readProgram = (file: string): Uint8Array =>
    borrowed((memory) => void files().lend(file, memory), (why) => new LabError(why));
  const host = { ...hostReading(readProgram), readFile: (path: string) => files().readFile(path) };
  const plugins = (url: string): Promise<Plugin> =>
    Promise.resolve().then(() => {
      refuseChanges(url, changed);
      return pluginIn(url, modules.get(url) ?? {});
    });
  serveCells(host, { modules, changed, plugins, use: (given) => void (lender = given) });
  self.removeEventListener("unhandledrejection", fails);
  tell({ evaluating: "" });
}
