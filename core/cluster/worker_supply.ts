/** Workers to be had: one that was given back is used again, since to begin one takes a while. */
import type { PluginPlace } from "./worker_entry.ts";
import { WorkerError, WorkerHost } from "./worker_host.ts";

/** How many idle Workers are kept. */
const MOST_IDLE = 8;

/** Begins Workers of one module, and keeps those that are given back. */
export class WorkerSupply {
  private readonly idle: WorkerHost[] = [];

  /** `plugins`: what its Workers load besides what their module has; `hookPatienceMs`: of one hook. */
  constructor(
    private readonly module: URL,
    private readonly plugins: readonly PluginPlace[] = [],
    private readonly hookPatienceMs?: number,
  ) {}

  /** A Worker with nothing in it. `title` says whose domains it will house. */
  take(title: string): WorkerHost {
    const kept = this.idle.pop();
    if (kept === undefined) return this.begin(title);
    kept.title = title;
    return kept;
  }

  private begin(title: string): WorkerHost {
    const { plugins, hookPatienceMs } = this;
    const patience = hookPatienceMs === undefined ? {} : { hookPatienceMs };
    return new WorkerHost(this.module, title, { plugins, ...patience });
  }

  /** A Worker that is in order and not needed any more. */
  give(host: WorkerHost): void {
    if (this.idle.length >= MOST_IDLE || !host.isFit) return host.terminate();
    try {
      host.askNow({ ask: "clear" });
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      // Nobody needs it any more, so its failure is nobody's.
      return host.terminate();
    }
    this.idle.push(host);
  }

  /** Ends the idle ones. */
  end(): void {
    for (const host of this.idle.splice(0)) host.terminate();
  }
}
