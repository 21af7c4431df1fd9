/** Loads plugins for a thread that never evaluates them: of their hooks it only knows that they are. */
import { fromOutline, notLoaded, pluginIn, WorkerError } from "../core/mod.ts";
import { Hand } from "./cell_hand.ts";
import type { Host } from "./host.ts";
import type { PluginLoader } from "./plugins.ts";

/** Has each module evaluated in a Worker of its own, without permissions, and brings its manifest. */
export function isolatedLoader(host: Host): PluginLoader {
  const { isolatedWorker } = host;
  if (isolatedWorker === undefined) throw new Error("there are no isolated Workers here");
  return async (url) => {
    const hand = new Hand({ make: () => isolatedWorker([url]), isIsolated: true, host });
    let exported: unknown;
    try {
      exported = fromOutline(await hand.exports(url));
    } catch (error) {
      throw notLoaded(url, error instanceof WorkerError ? error.cause : error);
    } finally {
      hand.end();
    }
    return pluginIn(url, exported as Readonly<Record<string, unknown>>);
  };
}
