/**
 * The inside of a Worker that runs cells, or makes a report: it reads the scripts itself, and gives
 * results back.
 */
import { expose, type ProxyMarked, type Remote } from "comlink";
import { EngineDifference, outlineOf, useBoard, WorkerError } from "../core/mod.ts";
import type { Host } from "./host.ts";
import type { Modules } from "./isolated.ts";
import { LANGUAGE } from "./language.ts";
import type { Lender } from "./lent_files.ts";
import { load, type Loaded } from "./load.ts";
import { overridesOf } from "./overrides.ts";
import { type CellOptions, type CellRun, runOne } from "./one_cell.ts";
import type { AskedSeeds } from "./plan.ts";
import { importPlugin, type PluginLoader } from "./plugins.ts";
import { type ReportApi, reportServer } from "./report_server.ts";

/** What all cells of a run have in common, as plain data. */
export interface Batch extends CellOptions {
  /** `--set`, as given. */
  readonly set: readonly (readonly [string, string])[];
  /** What was asked about seeds. */
  readonly asked: AskedSeeds;
}

/** One cell to run. */
export interface CellOrder {
  readonly file: string;
  readonly id: string;
  readonly twice: boolean;
}

/** What came of it, or how it broke: errors lose their kind on the way between Workers. */
export type CellAnswer =
  | { readonly run: CellRun }
  | { readonly difference: Pick<EngineDifference, "differences" | "pc" | "disassembly" | "wasm"> }
  | { readonly worker: string }
  | { readonly failed: string; readonly name: string; readonly stack: string };

/** What the Worker does on calls. */
export interface CellApi extends ReportApi {
  /** `board`: where it writes whose hook it is in; `lender`: who reads for it, if it may not. */
  begin(batch: Batch, board: SharedArrayBuffer, lender?: Lender & ProxyMarked): void;
  run(order: CellOrder): Promise<CellAnswer>;
  /** What the module of a plugin exports, as plain data, and changed: of an isolated Worker alone. */
  exports(url: string): Exported;
}

/** What came of evaluating a plugin's module. */
export interface Exported {
  readonly outline: unknown;
  readonly changed: readonly string[];
}

/** What is different in a Worker without permissions. */
export interface Isolation {
  /** The plugins, evaluated already. */
  readonly modules: Modules;
  /** What they changed of what everybody shares; it is put back. */
  readonly changed: readonly string[];
  readonly plugins: PluginLoader;
  /** Told who reads files from now on. */
  readonly use: (lender: Remote<Lender>) => void;
}

/** Makes this Worker one that runs cells; called once by the Worker's module. */
export function serveCells(host: Host, isolation?: Isolation): void {
  let batch: Batch | undefined;
  const files = new Map<string, Promise<Loaded>>();
  const loaded = (file: string, { set, asked }: Batch): Promise<Loaded> => {
    const known = files.get(file);
    if (known !== undefined) return known;
    const { vocabulary, readFile } = host;
    const options = { vocabulary, overrides: overridesOf(set), ...asked };
    const found = load(file, readFile, options, isolation?.plugins ?? importPlugin);
    files.set(file, found);
    return found;
  };
  const run = async (order: CellOrder): Promise<CellRun> => {
    if (batch === undefined) throw new Error("a Worker without its batch");
    const { scenarios, scripts } = await loaded(order.file, batch);
    const plan = scenarios.flatMap(({ plans }) => plans).find(({ id }) => id === order.id);
    if (plan === undefined) {
      throw new Error(`there is no cell ${order.id}: has the script changed?`);
    }
    const { makeLab, version, clock } = host;
    return await runOne(plan, {
      ...batch,
      makeLab,
      clock,
      interrupted: () => false,
      twice: order.twice,
      ingredients: {
        ckptlab: version,
        language: LANGUAGE,
        sources: scripts.map(({ span }) => span.source),
      },
    });
  };
  const api: CellApi = {
    ...reportServer(isolation?.plugins),
    begin: (given, board, lender) => {
      useBoard(board);
      if (lender !== undefined) isolation?.use(lender as unknown as Remote<Lender>);
      batch = given;
      files.clear();
    },
    run: async (order) => {
      try {
        return { run: await run(order) };
      } catch (error) {
        return broken(error);
      }
    },
    exports: (url) => ({
      outline: outlineOf({ ...isolation?.modules.get(url) }),
      changed: isolation?.changed ?? [],
    }),
  };
  expose(api);
}

function broken(error: unknown): CellAnswer {
  if (error instanceof EngineDifference) {
    const { differences, pc, disassembly, wasm } = error;
    return { difference: { differences, pc, disassembly, wasm } };
  }
  if (error instanceof WorkerError) return { worker: error.message };
  const known = error instanceof Error ? error : new Error(String(error));
  return { failed: known.message, name: known.name, stack: known.stack ?? "" };
}

/** The error that a broken cell stands for. */
export function errorOf(answer: Exclude<CellAnswer, { readonly run: CellRun }>): Error {
  if ("difference" in answer) {
    const { differences, pc, disassembly, wasm } = answer.difference;
    return new EngineDifference(differences, pc, disassembly, wasm);
  }
  if ("worker" in answer) return new WorkerError(answer.worker);
  return Object.assign(new Error(answer.failed), { name: answer.name, stack: answer.stack });
}
