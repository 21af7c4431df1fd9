/** What checkpoints cost, and how that is called on the page. */
import { BINS, type Measured } from "../../../core/mod.ts";
import type { CellReport } from "../../gather.ts";

/** A checkpoint in a world of a cell. */
export interface Cost extends Measured {
  readonly cell: CellReport;
  /** Of the world, as in events. */
  readonly view: string;
}

/** Every checkpoint of a cell, world by world. */
export const costsOf = (cell: CellReport): readonly Cost[] =>
  cell.worlds.flatMap(({ view, checkpoints }) =>
    checkpoints.map((measured) => ({ ...measured, cell, view }))
  );

/** The bins of a time account, with the metric that has each. */
export const BIN_METRICS: readonly {
  readonly name: string;
  readonly metric: string;
  readonly help: string;
}[] = Object.entries(BINS).map(([name, help]) => ({ name, metric: `${name}_time`, help }));

/** How many processes are in a checkpoint, as far as is known. */
export const processesOf = ({ memory = [] }: Measured): number =>
  memory.reduce((sum, { processes }) => sum + processes.length, 0);
