/**
 * Host files, only where the caller mounts them, only for reading. The provider lives outside; what
 * it answers is kept, so that a run sees one state of the host however often it looks.
 */
import { Refusal } from "../errno.ts";
import { Directory } from "./directory.ts";
import type { Inode } from "./inode.ts";
import { RegularFile } from "./regular_file.ts";

/** What a host says about a path; paths are relative to the mount, "" is the mount itself. */
export interface HostEntry {
  readonly kind: "file" | "directory";
  /** Permission bits; 0o444 or 0o555 when the host does not say. */
  readonly permissions?: number;
  /** Last change, seconds since 1970. */
  readonly modifiedSeconds?: number;
}

/** The host side of a mount. */
export interface HostProvider {
  stat(path: string): HostEntry | undefined;
  read(path: string): Uint8Array;
  list(path: string): readonly string[];
}

/** A host file. Its bytes are read when somebody first wants them, not when it is listed. */
class HostFile extends RegularFile {
  override readonly readOnly = true;
  private loaded: RegularFile | undefined;

  constructor(permissions: number, private readonly load: () => Uint8Array) {
    super(permissions);
  }

  private get copy(): RegularFile {
    return this.loaded ??= new RegularFile(this.permissions, this.load().slice());
  }

  override get size(): number {
    return this.copy.size;
  }
  override get bytes(): Uint8Array {
    return this.copy.bytes;
  }
  override readAt(position: number, window: Uint8Array): number {
    return this.copy.readAt(position, window);
  }
  override write(): never {
    throw new Refusal("EROFS");
  }
  override writeAt(): never {
    throw new Refusal("EROFS");
  }
  override truncate(): never {
    throw new Refusal("EROFS");
  }
}

class HostDirectory extends Directory {
  override readonly readOnly = true;
  private listed: readonly string[] | undefined;

  constructor(
    private readonly provider: HostProvider,
    private readonly path: string,
    private readonly adopt: (inode: Inode) => void,
    permissions: number,
  ) {
    super(permissions);
  }

  override lookup(name: string): Inode | undefined {
    const known = this.entries.get(name);
    if (known !== undefined) return known;
    const inode = hostInode(this.provider, join(this.path, name), this.adopt);
    if (inode !== undefined) super.enter(name, inode);
    return inode;
  }

  override names(): readonly string[] {
    return this.listed ??= [...this.provider.list(this.path)].sort();
  }
}

const join = (folder: string, name: string): string => folder === "" ? name : `${folder}/${name}`;

/** The inode for a host path, or undefined where there is nothing. */
export function hostInode(
  provider: HostProvider,
  path: string,
  adopt: (inode: Inode) => void,
): Inode | undefined {
  const entry = provider.stat(path);
  if (entry === undefined) return undefined;
  const inode = entry.kind === "file"
    ? new HostFile((entry.permissions ?? 0o444) & ~0o222, () => provider.read(path))
    : new HostDirectory(provider, path, adopt, (entry.permissions ?? 0o555) & ~0o222);
  if (entry.modifiedSeconds !== undefined) {
    inode.modified = { seconds: Math.floor(entry.modifiedSeconds), nanoseconds: 0 };
    inode.changed = inode.accessed = inode.modified;
  }
  adopt(inode);
  return inode;
}
