/**
 * A store in memory, over a disk that is only a model: it knows which bytes are durable, so that a
 * crash can take away the rest, or cut it short.
 */
import { DirectoryStore, type KnownDisk, type StoreOptions } from "./directory_store.ts";
import { holdsImage, holdsParent, PARENT_NAME } from "./directory_store_folder.ts";
import type { DiskJournal, DiskOperation } from "./disk_operation.ts";
import { ImageError } from "./image.ts";
import { keyOf, POOL_NAME } from "./page_pool.ts";
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

  /** `journal` is told of every change; `path` leads here from the root. */
  constructor(
    readonly where: string,
    private readonly journal?: DiskJournal,
    private readonly path: readonly string[] = [],
  ) {}

  exists(): boolean {
    return this.there;
  }

  create(): void {
    this.there = true;
    // The root is there from the beginning, wherever the disk is kept.
    if (this.path.length > 0) this.journal?.({ folder: this.path, action: "create" });
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
      folder = new MemoryDirectory(`${this.where}/${name}`, this.journal, [...this.path, name]);
      this.inside.set(name, folder);
    }
    return folder;
  }

  read(name: string): Uint8Array {
    return this.file(name).bytes.slice();
  }

  write(name: string, bytes: Uint8Array): void {
    this.mustExist();
    // Told first: who keeps the journal may refuse, and then nothing is written.
    this.journal?.({ folder: this.path, action: "write", name, bytes });
    const file = this.names.get(name);
    if (file === undefined) this.names.set(name, { bytes, durable: undefined });
    else file.bytes = bytes;
  }

  /** Has a file from now on, durable, of which no journal is told: it was there before. */
  place(name: string, bytes: Uint8Array): void {
    this.there = true;
    const file = { bytes, durable: bytes };
    this.names.set(name, file);
    this.durable.set(name, file);
  }

  sync(name: string): void {
    const file = this.file(name);
    file.durable = file.bytes;
    this.durable.set(name, file);
    this.journal?.({ folder: this.path, action: "sync", name });
  }

  syncFolder(): void {
    this.mustExist();
    this.durable = new Map(this.names);
    this.journal?.({ folder: this.path, action: "syncFolder" });
  }

  rename(from: string, to: string): void {
    this.names.set(to, this.file(from));
    this.names.delete(from);
    this.journal?.({ folder: this.path, action: "rename", name: from, to });
  }

  remove(name: string): void {
    this.file(name);
    this.names.delete(name);
    this.journal?.({ folder: this.path, action: "remove", name });
  }

  removeFolder(name: string): void {
    const folder = this.folder(name);
    if (folder.files().length + folder.folders().length > 0) {
      throw new ImageError(`${folder.where}: expected an empty folder, found files in it`);
    }
    // What was removed from it and not synced could only come back with the folder.
    this.inside.delete(name);
    this.journal?.({ folder: this.path, action: "removeFolder", name });
  }

  /** Does what another directory's journal was told. */
  apply(operation: DiskOperation): void {
    const folder = operation.folder.reduce<MemoryDirectory>((at, name) => at.folder(name), this);
    switch (operation.action) {
      case "create":
        return folder.create();
      case "syncFolder":
        return folder.syncFolder();
      case "write":
        return folder.write(operation.name, operation.bytes);
      case "rename":
        return folder.rename(operation.name, operation.to);
      case "sync":
        return folder.sync(operation.name);
      case "remove":
        return folder.remove(operation.name);
      case "removeFolder":
        return folder.removeFolder(operation.name);
    }
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

  /** Bytes of all files in it and below. */
  get bytes(): number {
    const here = [...this.names.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    return [...this.inside.values()].reduce((sum, folder) => sum + folder.bytes, here);
  }

  /** Gives a file other bytes, durable as it may be, as no write and no crash does; or none. */
  damage(name: string, change: (bytes: Uint8Array) => Uint8Array | undefined): void {
    const file = this.file(name);
    const bytes = change(file.bytes.slice());
    if (bytes !== undefined) file.bytes = file.durable = bytes;
    else {
      this.names.delete(name);
      this.durable.delete(name);
    }
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
  /** How often the disk has changed. */
  changes = 0;
  /** Files have gone or changed one by one: what it holds must be read to know. */
  isDamaged = false;
  private readonly disk: MemoryDirectory;

  /** `journal` is told of every change of the disk, so that another store can follow it. */
  constructor(where = "memory", journal?: DiskJournal, options: StoreOptions = {}) {
    const disk = new MemoryDirectory(where, (operation) => {
      this.changes++;
      journal?.(operation);
    });
    disk.create();
    super(disk, options);
    this.disk = disk;
  }

  /** Does what the journal of another store was told. Throws {@linkcode ImageError}. */
  follow(operation: DiskOperation): void {
    this.disk.apply(operation);
  }

  /**
   * A crash that takes away what is not synced; writings under way end. Files that were written but
   * not synced are gone, unless `tear` says how many of their bytes are left.
   */
  loseUnsynced(tear: Tear = () => 0): void {
    this.changes++;
    this.endWritings();
    this.disk.loseUnsynced(tear);
  }

  /** Bytes of all that is kept, also of what is half written. */
  get bytes(): number {
    return this.disk.bytes;
  }

  /** The disk does wrong to a file of {@linkcode filesOf}: other bytes, or undefined, no file. */
  damage(path: string, change: (bytes: Uint8Array) => Uint8Array | undefined): void {
    this.changes++;
    this.isDamaged = true;
    const [folder = "", file = ""] = path.split("/");
    this.disk.folder(folder).damage(file, change);
  }

  /**
   * All that is kept of an image is gone, as with the memory it was in, also where it is only a
   * parent; what builds on it cannot be read any more. Whether there was any.
   */
  lose(label: string): boolean {
    const folders = this.named(label).map(({ name }) => this.disk.folder(name));
    const files = folders.flatMap((folder) =>
      folder.files().map((file) => [folder, file] as const)
    );
    if (files.length === 0) return false;
    this.changes++;
    this.isDamaged = true;
    for (const [folder, file] of files) folder.damage(file, () => undefined);
    return true;
  }

  /** Files of writings that are not committed, by path. */
  get leftovers(): ReadonlyMap<string, Uint8Array> {
    const open = this.disk.folders().flatMap((name) => {
      const folder = this.disk.folder(name);
      if (holdsImage(folder) || holdsParent(folder)) return [];
      // A page that has its name is no leftover, whoever brought it.
      const files = folder.files().filter((file) =>
        name !== POOL_NAME || keyOf(file) === undefined
      );
      return files.map((file) => [`${name}/${file}`, folder.read(file)] as const);
    });
    return new Map(open);
  }

  /** The disk is known to have this already: as much of it as a new image must know is here. */
  adopt({ parent, pages = [] }: KnownDisk): void {
    if (parent !== undefined) {
      this.disk.folder(parent.folder).place(PARENT_NAME, parent.manifest);
    }
    if (this.pool !== undefined) this.pool.lent = new Set(pages);
  }

  /** Leaves bytes where a writing broke off; {@linkcode sweep} removes them. */
  leave(path: string, bytes: Uint8Array): void {
    const [name = "", file = ""] = path.split("/");
    const folder = this.disk.folder(name);
    folder.create();
    folder.write(file, bytes);
    folder.sync(file);
  }

  /** A crash that takes away the disk. */
  loseAll(): void {
    this.changes++;
    this.endWritings();
    this.adopt({});
    this.disk.loseAll();
  }
}
