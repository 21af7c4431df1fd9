/** The folder a run leaves things in: its recording, what cells cost, files about failing cells. */
import { type CellEnded, Digest } from "../core/mod.ts";
import { type Flag, type Given, UsageError } from "./flags.ts";
import type { Host } from "./host.ts";
import { type CellFile, IMAGE_FLAG, IMAGES } from "./one_cell.ts";
import { readRecording, readText } from "./recording.ts";
import { costKey, type Costs, costsText, readCosts } from "./shard.ts";
import type { ArtefactTold } from "./tell.ts";

export const OUT_FLAG: Flag = {
  name: "out",
  value: "folder",
  help: "Where a run leaves its recording (last.ndjson), costs.json, and a folder of files for " +
    "each cell that does not hold (.ckpt/out).",
};

const USUAL = ".ckpt/out";

/** A cell's id as the name of a folder: readable, of plain letters, and of no other cell. */
export function folderName(cell: string): string {
  const words = cell.slice(cell.lastIndexOf("/") + 1).replaceAll(/[^\w.=]+/g, "-");
  return `${words.slice(0, 60).replaceAll(/^[-.]+|[-.]+$/g, "")}-${new Digest().add(cell).hex}`;
}

/** The folder, if anything may be written there. */
export class OutFolder {
  readonly path: string;
  readonly isUsable: boolean;

  constructor(given: Given, readonly host: Host) {
    const asked = given.text(OUT_FLAG.name);
    this.path = (asked ?? USUAL).replace(/\/+$/, "");
    const why = host.cannotWrite(this.recording);
    if (asked !== undefined && why !== undefined) {
      throw new UsageError(`--out ${asked}: cannot write there: ${why}`);
    }
    const images = given.text(IMAGE_FLAG.name) ?? "never";
    if (images !== "never" && why !== undefined) {
      throw new UsageError(`--save-image ${images}: cannot write to '${this.path}': ${why}`);
    }
    this.isUsable = why === undefined;
  }

  /** Where the recording of the last run is. */
  get recording(): string {
    return `${this.path}/last.ndjson`;
  }

  /** The cells that did not hold in the last run, whatever seed they had. */
  async failed(): Promise<ReadonlySet<string>> {
    let text;
    try {
      text = await readText(this.recording, this.host);
    } catch {
      throw new UsageError(
        `--only-failed: there is no earlier run in '${this.path}'; run once without it`,
      );
    }
    const { events } = readRecording(text, this.recording);
    return new Set(
      events.flatMap((event) =>
        event.event === "cell-ended" && event.verdict !== "holds" ? [costKey(event.cell)] : []
      ),
    );
  }

  /** Writes the files about a cell, in a folder of its own; those of text are told. */
  keep(cell: string, files: readonly CellFile[]): readonly ArtefactTold[] {
    if (!this.isUsable) return [];
    const folder = `${this.path}/${folderName(cell)}`;
    // An image of an earlier run beside those of this one would be taken for one of them.
    if (files.some(({ kind }) => kind === "image")) this.host.removeFolder(`${folder}/${IMAGES}`);
    return files.flatMap(({ kind, name, content }) => {
      const path = `${folder}/${name}`;
      this.host.writeFile(path, content);
      return typeof content === "string" ? [{ kind, path, text: content }] : [];
    });
  }

  /** Adds what cells cost this time to what is known. */
  async keepCosts(events: readonly CellEnded[]): Promise<void> {
    if (!this.isUsable) return;
    const path = `${this.path}/costs.json`;
    const costs: Record<string, number> = { ...await this.#known(path) };
    for (const { cell, cost } of events) costs[costKey(cell)] = cost;
    this.host.writeFile(path, costsText(costs));
  }

  /** A file that cannot be used is written anew. */
  async #known(path: string): Promise<Costs> {
    try {
      return readCosts(await readText(path, this.host), path);
    } catch {
      return {};
    }
  }
}
