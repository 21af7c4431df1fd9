/** Directories and symbolic links. */
import { Refusal } from "../errno.ts";
import { Inode } from "./inode.ts";

/** Names and what they lead to, in the order they were made. */
export class Directory extends Inode {
  override readonly kind = "directory";
  protected readonly entries = new Map<string, Inode>();
  /** The directory that holds this one; the root holds itself. */
  parent: Directory = this;
  /** Its name there; the root has none. */
  name = "";

  constructor(permissions = 0o755) {
    super(permissions);
    this.links = 2;
  }

  override get size(): number {
    return 4096;
  }

  override read(): never {
    throw new Refusal("EISDIR");
  }

  /** What `name` leads to. */
  lookup(name: string): Inode | undefined {
    return this.entries.get(name);
  }

  /** The names that have been looked at or made: those of a host folder only as far as they were. */
  known(): readonly string[] {
    return [...this.entries.keys()];
  }

  /** All names, without "." and "..". */
  names(): readonly string[] {
    return [...this.entries.keys()];
  }

  /** Adds a name, replacing what it led to. */
  enter(name: string, inode: Inode): void {
    if (inode instanceof Directory) {
      inode.parent = this;
      inode.name = name;
    }
    this.entries.set(name, inode);
  }

  /** Whether a directory is still where its name says. */
  holds(directory: Directory): boolean {
    return this.entries.get(directory.name) === directory;
  }

  /** Removes a name. */
  leave(name: string): void {
    this.entries.delete(name);
  }
}

/** A name for another path. */
export class SymbolicLink extends Inode {
  override readonly kind = "link";

  constructor(readonly target: string) {
    super(0o777);
  }

  override get size(): number {
    return new TextEncoder().encode(this.target).length;
  }
}
