/** The descriptors of a process. */
import { Refusal } from "../errno.ts";
import type { OpenFile } from "./open_file.ts";

/** One descriptor: it leads to an open file and has one flag of its own. */
export interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

/** Descriptor numbers and where they lead. */
export class FileTable {
  private readonly descriptors = new Map<number, Descriptor>();

  /** `limit`: numbers at or above it are refused (RLIMIT_NOFILE). */
  constructor(public limit = 1024) {}

  /** Builds a table from (number, open file, flag); open files that occur twice are shared. */
  static from(
    entries: Iterable<readonly [number, OpenFile, boolean]>,
    limit?: number,
  ): FileTable {
    const table = new FileTable(limit);
    for (const [number, file, closeOnExec] of entries) table.put(number, file, closeOnExec);
    return table;
  }

  /** All descriptors, by number. */
  get all(): readonly (readonly [number, Descriptor])[] {
    return [...this.descriptors].sort(([a], [b]) => a - b);
  }

  /** The descriptor, or EBADF. */
  entry(number: number): Descriptor {
    const descriptor = this.descriptors.get(number);
    if (descriptor === undefined) throw new Refusal("EBADF");
    return descriptor;
  }

  /** The open file behind a descriptor, or EBADF. */
  get(number: number): OpenFile {
    return this.entry(number).file;
  }

  /** Gives an open file the lowest free number from `lowest` on. */
  add(file: OpenFile, closeOnExec: boolean, lowest = 0): number {
    let number = lowest;
    while (this.descriptors.has(number)) number++;
    if (number >= this.limit) throw new Refusal("EMFILE");
    this.put(number, file, closeOnExec);
    return number;
  }

  /** Gives an open file exactly this number; what it led to before is closed. */
  put(number: number, file: OpenFile, closeOnExec: boolean): void {
    if (number < 0 || number >= this.limit) throw new Refusal("EBADF");
    file.retain();
    this.descriptors.get(number)?.file.release();
    this.descriptors.set(number, { file, closeOnExec });
  }

  /** Closes a descriptor, or EBADF. */
  close(number: number): void {
    const { file } = this.entry(number);
    this.descriptors.delete(number);
    file.release();
  }

  /** Closes all, at exit. */
  closeAll(): void {
    for (const [number] of this.all) this.close(number);
  }
}
