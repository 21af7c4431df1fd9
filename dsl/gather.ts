/** Puts events together again: scenarios with their cells, as reports want to see them. */
import type {
  ArtefactWritten,
  CellBegun,
  CellEnded,
  ClaimData,
  DiagnosticData,
  FigureData,
  ProblemData,
  RunEvent,
  ScenarioBegun,
  Verdict,
  WorldEnded,
} from "../core/mod.ts";

/** One world of a cell, with what there is to say of it. */
export interface WorldReport extends Omit<WorldEnded, "event" | "cell"> {
  readonly remarks: readonly string[];
}

/** One cell with all that was told of it. */
export interface CellReport extends Omit<CellBegun, "event">, Omit<CellEnded, "event" | "cell"> {
  readonly worlds: readonly WorldReport[];
  readonly claims: readonly ClaimData[];
  readonly figures: readonly FigureData[];
  readonly problems: readonly ProblemData[];
  readonly artefacts: readonly Omit<ArtefactWritten, "event" | "cell">[];
  /** The host's time it took; only while a run is watched. */
  readonly wallMs?: number;
}

/** One scenario with its cells, as far as they were run. */
export interface ScenarioReport extends Omit<ScenarioBegun, "event" | "cells"> {
  readonly cells: readonly CellReport[];
  readonly problems: readonly ProblemData[];
  readonly warnings: readonly DiagnosticData[];
  readonly verdict: Verdict;
}

type Open<T> = { -readonly [K in keyof T]: T[K] };

/** A cell that is being told. */
interface OpenCell {
  readonly begun: CellBegun;
  readonly worlds: Open<WorldReport>[];
  readonly claims: ClaimData[];
  readonly figures: FigureData[];
  readonly problems: ProblemData[];
  readonly artefacts: Omit<ArtefactWritten, "event" | "cell">[];
}

/** The event without what says which event of whom it is. */
function bare<E extends RunEvent>(event: E): Omit<E, "event" | "cell" | "scenario"> {
  const { event: _, cell: _cell, scenario: _scenario, ...rest } = event as E & {
    cell?: unknown;
    scenario?: unknown;
  };
  return rest;
}

/**
 * Takes in a stream and gives each scenario back when it has ended.
 *
 * @example
 * ```ts
 * import { Gathering } from "./gather.ts";
 * const gathering = new Gathering();
 * const place = { file: "a.ckpt", line: 2, column: 1 };
 * const scenario = "a.ckpt#a";
 * gathering.take({ event: "scenario-begun", scenario, title: "a", tags: [], cells: 0, of: 1, ...place });
 * const whole = gathering.take({ event: "scenario-ended", scenario, verdict: "holds" });
 * if (whole?.title !== "a" || whole.cells.length !== 0) throw new Error("unreachable");
 * ```
 */
export class Gathering {
  #scenario: ScenarioBegun | undefined;
  #cells: CellReport[] = [];
  #cell: OpenCell | undefined;
  #problems: ProblemData[] = [];
  #warnings: DiagnosticData[] = [];
  readonly #wall = new Map<string, number>();

  /** The scenario that ended with this event, if one did. */
  take(event: RunEvent): ScenarioReport | undefined {
    switch (event.event) {
      case "scenario-begun":
        this.#scenario = event;
        this.#cells = [];
        this.#problems = [];
        this.#warnings = [];
        return undefined;
      case "problem":
        (event.cell === undefined ? this.#problems : this.#cell?.problems)?.push(bare(event));
        return undefined;
      case "warning":
        this.#warnings.push(bare(event));
        return undefined;
      case "progress":
        if (event.wallMs !== undefined) this.#wall.set(event.cell, event.wallMs);
        return undefined;
      case "scenario-ended":
        return this.#end(event.verdict);
      default:
        return this.#ofCell(event);
    }
  }

  #ofCell(event: RunEvent): undefined {
    const cell = this.#cell;
    switch (event.event) {
      case "cell-begun":
        this.#cell = {
          begun: event,
          worlds: [],
          claims: [],
          figures: [],
          problems: [],
          artefacts: [],
        };
        return;
      case "world":
        cell?.worlds.push({ ...bare(event), remarks: [] });
        return;
      case "remark": {
        const world = cell?.worlds.at(-1);
        if (world !== undefined) world.remarks = [...world.remarks, event.text];
        return;
      }
      case "claim":
        cell?.claims.push(bare(event));
        return;
      case "figure":
        cell?.figures.push(bare(event));
        return;
      case "artefact":
        cell?.artefacts.push(bare(event));
        return;
      case "cell-ended":
        if (cell !== undefined) this.#close(cell, event);
        return;
      default:
        return;
    }
  }

  #close({ begun, ...told }: OpenCell, ended: CellEnded): void {
    const wallMs = this.#wall.get(begun.cell);
    const { event: _, ...about } = begun;
    this.#cells.push({
      ...about,
      ...told,
      ...bare(ended),
      ...(wallMs === undefined ? {} : { wallMs }),
    });
    this.#cell = undefined;
  }

  #end(verdict: Verdict): ScenarioReport | undefined {
    if (this.#scenario === undefined) return undefined;
    const { event: _, ...about } = this.#scenario;
    const [cells, problems, warnings] = [this.#cells, this.#problems, this.#warnings];
    return { ...about, cells, problems, warnings, verdict };
  }
}
