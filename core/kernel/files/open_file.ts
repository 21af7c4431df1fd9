/** An open file description: what descriptors share after dup, and later after fork. */
import { ConsoleStream } from "./console.ts";
import type { Inode, Readiness } from "./inode.ts";

/** Flags of open(2), as on SH. */
export const OPEN = {
  writeOnly: 0o1,
  readWrite: 0o2,
  accessMode: 0o3,
  create: 0o100,
  exclusive: 0o200,
  truncate: 0o1000,
  append: 0o2000,
  nonBlocking: 0o4000,
  directory: 0o200000,
  noFollow: 0o400000,
  largeFile: 0o100000,
  closeOnExec: 0o2000000,
  path: 0o10000000,
} as const;

/** Flags that F_SETFL may change. */
export const CHANGEABLE = OPEN.append | OPEN.nonBlocking;

/** One open file: an inode, a position, flags; counted by its descriptors. */
export class OpenFile {
  /** Descriptors that lead here. */
  references = 0;
  position = 0;
  /** Of a directory being listed: its names when the listing began, so that changes do not shift it. */
  listing: readonly string[] | undefined;

  /** `path`: the name it was opened by, absolute, or the like of "pipe:[3]". */
  constructor(readonly inode: Inode, readonly path: string, public flags: number) {}

  get reads(): boolean {
    const access = this.flags & OPEN.accessMode;
    return access !== OPEN.writeOnly && (this.flags & OPEN.path) === 0;
  }

  get writes(): boolean {
    return (this.flags & OPEN.accessMode) !== 0 && (this.flags & OPEN.path) === 0;
  }

  get blocks(): boolean {
    return (this.flags & OPEN.nonBlocking) === 0;
  }

  get isTerminal(): boolean {
    return this.inode instanceof ConsoleStream && this.inode.isTerminal;
  }

  readiness(): Readiness {
    return this.inode.readiness(this.reads, this.writes);
  }

  /** One more descriptor. */
  retain(): void {
    if (this.references++ === 0) this.inode.opened(this.reads, this.writes);
  }

  /** One descriptor less. */
  release(): void {
    if (--this.references === 0) this.inode.closed(this.reads, this.writes);
  }
}
