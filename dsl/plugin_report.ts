/**
 * A report that a plugin makes: in a Worker of its own, so that one that never comes back is ended
 * and nobody else suffers. The rest of the command goes on meanwhile.
 */
import {
  isRecorded,
  type PluginReporter,
  type RecordedEvent,
  type RunEvent,
  scoped,
  StrategyError,
  type UsedPlugin,
  WorkerError,
} from "../core/mod.ts";
import { Hand, type HandMaker } from "./cell_hand.ts";
import type { Host } from "./host.ts";
import type { ReportAnswer, ReportOrder } from "./report_server.ts";
import { NOTHING, type Piece, type Report, type Reporter } from "./reporters/reporter.ts";
import { written } from "./vocabulary.ts";

/** How the Worker of a report of that plugin is made. */
export type ReportMaker = (url: string) => HandMaker;

/** In a Worker as cells run in; in one without any permission, if plugins are to have none. */
export const reportMaker = (isIsolated: boolean, host: Host): ReportMaker => (url) => {
  const { cellWorker, isolatedWorker } = host;
  const make = isIsolated ? isolatedWorker && (() => isolatedWorker([url])) : cellWorker;
  if (make === undefined) throw new Error("there are no Workers here");
  return { make, isIsolated, host };
};

/** The reporters of a plugin as rows of the table. */
export const reportersOf = (used: UsedPlugin, maker: ReportMaker): readonly Reporter[] =>
  scoped("reporters", used).map((row): Reporter => ({
    name: written(row.name),
    help: row.help,
    machine: row.machine === true,
    begin: ({ colours: _, environment: _environment, clock: _clock, ...place }) => {
      const { alias, url } = used;
      return new ToldElsewhere(maker(url), row, { alias, url, reporter: row.name, place });
    },
  }));

class ToldElsewhere implements Report {
  #hand: Hand | undefined;
  /** Told here, and not there yet. */
  #events: RecordedEvent[] = [];
  /** Said there, and not here yet. */
  #text = "";
  #failure: StrategyError | undefined;
  #telling: Promise<void> | undefined;

  constructor(
    readonly maker: HandMaker,
    readonly row: PluginReporter,
    readonly order: ReportOrder,
  ) {}

  take(event: RunEvent): readonly Piece[] {
    if (!isRecorded(event) || this.#failure !== undefined) return NOTHING;
    this.#events.push(event);
    this.#telling ??= this.#tell();
    // What is for a program comes whole or not at all.
    return this.row.machine === true ? NOTHING : this.#said();
  }

  async rest(): Promise<readonly Piece[]> {
    await this.#telling;
    this.close();
    if (this.#failure !== undefined) throw this.#failure;
    return this.#said();
  }

  close(): void {
    this.#hand?.end();
  }

  #said(): readonly Piece[] {
    const text = this.#text;
    this.#text = "";
    return text === "" ? NOTHING : [{ text }];
  }

  /** Tells what has gathered, until nothing has. */
  async #tell(): Promise<void> {
    try {
      if (this.#hand === undefined) {
        this.#hand = new Hand(this.maker);
        this.#take(await this.#hand.beginReport(this.order));
      }
      while (this.#events.length > 0) {
        this.#take(await this.#hand.tellReport(this.#events.splice(0)));
      }
    } catch (error) {
      const cause = error instanceof WorkerError ? error.cause : error;
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#failure = error instanceof StrategyError
        ? error
        : new StrategyError(`reporter '${this.order.reporter}': ${why}`);
      this.#events = [];
      this.close();
    }
    this.#telling = undefined;
  }

  #take(answer: ReportAnswer): void {
    if ("failed" in answer) throw new StrategyError(answer.failed);
    this.#text += answer.text;
  }
}
