/** Loads plugins for a thread that never evaluates them: of their hooks it only knows that they are. */
import {
  fromOutline,
  notLoaded,
  pluginIn,
  refuseChanges,
  refuseHostImports,
  WorkerError,
} from "../core/mod.ts";
import { Hand } from "./cell_hand.ts";
import type { Exported } from "./cell_worker.ts";
import type { Host } from "./host.ts";
import type { PluginLoader } from "./plugins.ts";

/** Has each module evaluated in a Worker of its own, without permissions, and brings its manifest. */
export function isolatedLoader(host: Host): PluginLoader {
  const { isolatedWorker } = host;
  if (isolatedWorker === undefined) throw new Error("there are no isolated Workers here");
  return async (url) => {
    await refuseHostImports(url);
    const hand = new Hand({ make: () => isolatedWorker([url]), isIsolated: true, host });
    let exported: Exported;
    try {
      exported = await hand.exports(url);
    } catch (error) {
      throw notLoaded(url, error instanceof WorkerError ? error.cause : error);
    } finally {
      hand.end();
    }
    refuseChanges(url, exported.changed);
    return pluginIn(url, fromOutline(exported.outline) as Readonly<Record<string, unknown>>);
  };
}
