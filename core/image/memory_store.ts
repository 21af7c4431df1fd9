/**
 * A store in memory, over a disk that is only a model: it knows which bytes are durable, so that a
 * crash can take away the rest, or cut it short.
 */
import { DirectoryStore } from "./directory_store.ts";
import { ImageError } from "./image.ts";
import type { Directory } from "./store.ts";

/** How many bytes of an unsynced file reach the disk in a crash, of how many. */
export type Tear = (name: string, bytes: number) => number;

interface File {
  bytes: Uint8Array;
  /** What a crash leaves of it at least; undefined: never synced. */
  durable: Uint8Array | undefined;
}

/** A folder of the model disk. */
export class MemoryDirectory implements Directory {
  private names = new Map<string, File>();
  /** The names as they are on the disk. */
  private durable = new Map<string, File>();
  private readonly inside = new Map<string, MemoryDirectory>();
  private there = false;

  constructor(readonly where: string) {}

  exists(): boolean {
    return this.there;
  }

  create(): void {
    this.there = true;
  }

  files(): readonly string[] {
    this.mustExist();
    return [...this.names.keys()].sort();
  }

  folders(): readonly string[] {
    this.mustExist();
    return [...this.inside].filter(([, folder]) => folder.there).map(([name]) => name).sort();
  }

  folder(name: string): MemoryDirectory {
    let folder = this.inside.get(name);
    if (folder === undefined) {
      folder = new MemoryDirectory(`${this.where}/${name}`);
      this.inside.set(name, folder);
    }
    return folder;
  }

  read(name: string): Uint8Array {
    return this.file(name).bytes.slice();
  }

  write(name: string, bytes: Uint8Array): void {
    this.mustExist();
    const file = this.names.get(name);
    if (file === undefined) this.names.set(name, { bytes, durable: undefined });
    else file.bytes = bytes;
  }

  sync(name: string): void {
    const file = this.file(name);
    file.durable = file.bytes;
    this.durable.set(name, file);
  }

  syncFolder(): void {
    this.mustExist();
    this.durable = new Map(this.names);
  }

  rename(from: string, to: string): void {
    this.names.set(to, this.file(from));
    this.names.delete(from);
  }

  remove(name: string): void {
    this.file(name);
    this.names.delete(name);
  }

  removeFolder(name: string): void {
    const folder = this.folder(name);
    if (folder.files().length + folder.folders().length > 0) {
      throw new ImageError(`${folder.where}: expected an empty folder, found files in it`);
    }
    // What was removed from it and not synced could only come back with the folder.
    this.inside.delete(name);
  }

  /** A crash: names and contents fall back to what is durable, and torn ends of new files stay. */
  loseUnsynced(tear: Tear): void {
    const left = new Map(this.durable);
    for (const [name, file] of this.names) {
      if (file.durable !== undefined) continue;
      const bytes = file.bytes.slice(0, Math.max(0, tear(name, file.bytes.length)));
      if (bytes.length > 0 || left.has(name)) left.set(name, { bytes, durable: bytes });
    }
    for (const file of left.values()) file.bytes = file.durable ?? file.bytes;
    this.names = left;
    this.durable = new Map(left);
    for (const folder of this.inside.values()) folder.loseUnsynced(tear);
  }

  /** A crash of the disk: the folder is empty. */
  loseAll(): void {
    this.names.clear();
    this.durable.clear();
    this.inside.clear();
  }

  private mustExist(): void {
    if (!this.there) throw new ImageError(`${this.where}: there is no such folder`);
  }

  private file(name: string): File {
    this.mustExist();
    const file = this.names.get(name);
    if (file === undefined) throw new ImageError(`${this.where}/${name}: there is no such file`);
    return file;
  }
}

/**
 * Keeps images in memory.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "./memory_store.ts";
 * const store = new MemoryStore("the disk of n1");
 * store.loseAll();
 * if (store.labels().length > 0) throw new Error("unreachable");
 * ```
 */
export class MemoryStore extends DirectoryStore {
  private readonly disk: MemoryDirectory;

  constructor(where = "memory") {
    const disk = new MemoryDirectory(where);
    disk.create();
    super(disk);
    this.disk = disk;
  }

  /**
   * A crash that takes away what is not synced; writings under way end. Files that were written but
   * not synced are gone, unless `tear` says how many of their bytes are left.
   */
  loseUnsynced(tear: Tear = () => 0): void {
    this.endWritings();
    this.disk.loseUnsynced(tear);
  }

  /** A crash that takes away the disk. */
  loseAll(): void {
    this.endWritings();
    this.disk.loseAll();
  }
}
