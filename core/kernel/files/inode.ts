/** What a path leads to: the nouns of the file system share this much. */
import { Refusal } from "../errno.ts";
import type { Timespec } from "../virtual_clock.ts";
import type { WaitQueue } from "../wait_queue.ts";

/** File type bits of st_mode. */
export const FILE_TYPE = {
  pipe: 0o010000,
  device: 0o020000,
  directory: 0o040000,
  file: 0o100000,
  link: 0o120000,
} as const;

/** The kinds of inode. */
export type InodeKind = keyof typeof FILE_TYPE;

/** What poll and select ask. */
export interface Readiness {
  readonly readable: boolean;
  readonly writable: boolean;
  /** The other end is gone. */
  readonly hangup: boolean;
  /** Writing would fail with EPIPE. */
  readonly broken: boolean;
}

/** Regular files are always ready. */
export const READY: Readiness = { readable: true, writable: true, hangup: false, broken: false };

/** How many bytes were moved, or "wait" when none can be moved yet. */
export type Transfer = number | "wait";

/** A file, directory, link, device or pipe. */
export abstract class Inode {
  abstract readonly kind: InodeKind;
  /** Unique in its file system; set when it is linked in. */
  number = 0;
  uid = 0;
  gid = 0;
  links = 1;
  accessed: Timespec = { seconds: 0, nanoseconds: 0 };
  modified: Timespec = { seconds: 0, nanoseconds: 0 };
  changed: Timespec = { seconds: 0, nanoseconds: 0 };
  /** Part of a host mount: nothing can be changed. */
  readonly readOnly: boolean = false;
  /** Reads and writes have a position; pread, lseek and mmap work. */
  readonly seekable: boolean = false;

  /** `permissions`: the lower twelve bits of st_mode. */
  constructor(public permissions: number) {}

  get mode(): number {
    return FILE_TYPE[this.kind] | this.permissions;
  }

  get size(): number {
    return 0;
  }

  /** Device number of a device, else 0. */
  get device(): number {
    return 0;
  }

  /** Reads into `window`; 0 is the end. */
  read(_position: number, _window: Uint8Array): Transfer {
    throw new Refusal("EINVAL");
  }

  /** Writes; fewer bytes than given only when no more fit. */
  write(_position: number, _bytes: Uint8Array): Transfer {
    throw new Refusal("EINVAL");
  }

  truncate(_size: number): void {
    throw new Refusal("EINVAL");
  }

  /** What could be done now by an open file with these access rights. */
  readiness(_reads: boolean, _writes: boolean): Readiness {
    return READY;
  }

  /** Who waits for the readiness to change. */
  queues(): readonly WaitQueue[] {
    return [];
  }

  /** An open file came into being, or its last descriptor went. */
  opened(_reads: boolean, _writes: boolean): void {}
  closed(_reads: boolean, _writes: boolean): void {}
}
