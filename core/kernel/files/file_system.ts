/**
 * The file system of a kernel: one tree in memory. Paths are resolved here and nowhere else; `from`
 * is the directory a relative path starts at.
 */
import { Refusal } from "../errno.ts";
import type { Timespec } from "../virtual_clock.ts";
import { Directory, SymbolicLink } from "./directory.ts";
import { nullDevice, randomDevice, zeroDevice } from "./device.ts";
import { hostInode, type HostProvider } from "./host_mount.ts";
import type { Inode } from "./inode.ts";
import { RegularFile } from "./regular_file.ts";

/** Links followed in one path before ELOOP, as in Linux. */
const MOST_LINKS = 40;
const LONGEST_NAME = 255;

/** The last step of a path: the directory, the name in it, and what is there now. */
export interface Place {
  readonly directory: Directory;
  /** "" for the root, or a path that ends in "." or "..": nothing can be made there. */
  readonly name: string;
  readonly inode: Inode | undefined;
  /** The path ended with a slash: only a directory will do. */
  readonly mustBeDirectory: boolean;
}

/** What a file system needs of its kernel. */
export interface FileSystemOptions {
  /** The time of day, for time stamps. */
  readonly now: () => Timespec;
  /** Bytes of /dev/random and /dev/urandom. */
  readonly random: (window: Uint8Array) => void;
}

/** A tree of inodes with the usual folders and devices. */
export class FileSystem {
  readonly root: Directory;
  private nextNumber = 16; // the first numbers belong to the consoles

  constructor(private readonly options: FileSystemOptions) {
    this.root = this.adopt(new Directory());
    for (const name of ["dev", "tmp", "home", "etc"]) {
      this.link(this.root, name, new Directory(name === "tmp" ? 0o1777 : 0o755));
    }
    const dev = this.root.lookup("dev") as Directory;
    const devices = [
      nullDevice(),
      zeroDevice(),
      randomDevice("random", options.random),
      randomDevice("urandom", options.random),
    ];
    for (const device of devices) this.link(dev, device.name, device);
  }

  /** Gives a new inode its number and its time stamps. */
  adopt<T extends Inode>(inode: T): T {
    inode.number = this.nextNumber++;
    if (inode.modified.seconds === 0) {
      inode.accessed = inode.modified = inode.changed = this.options.now();
    }
    return inode;
  }

  /** Puts a new inode into a directory. */
  link(directory: Directory, name: string, inode: Inode): void {
    if (directory.readOnly) throw new Refusal("EROFS");
    if (inode.number === 0) this.adopt(inode);
    directory.enter(name, inode);
    if (inode instanceof Directory) directory.links++;
    this.touch(directory);
  }

  /** Takes a name out of its directory. */
  unlink(directory: Directory, name: string): void {
    if (directory.readOnly) throw new Refusal("EROFS");
    const inode = directory.lookup(name);
    directory.leave(name);
    if (inode === undefined) return;
    inode.links--;
    inode.changed = this.options.now();
    if (inode instanceof Directory) directory.links--;
    this.touch(directory);
  }

  /** Content or entries changed now. */
  touch(inode: Inode): void {
    inode.modified = inode.changed = this.options.now();
  }

  /** Mounts host files read-only at a path; the folders above it are made. */
  mount(path: string, provider: HostProvider): void {
    const parts = path.split("/").filter((part) => part !== "");
    const name = parts.pop();
    const inode = hostInode(provider, "", (made) => void this.adopt(made));
    if (inode === undefined) throw new Refusal("ENOENT");
    if (name === undefined) throw new Refusal("EBUSY");
    this.link(this.makeFolders("/" + parts.join("/")), name, inode);
  }

  /** The directory at an absolute path, made with all above it where missing. */
  makeFolders(path: string): Directory {
    let directory = this.root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      const next = directory.lookup(name) ?? new Directory();
      if (!(next instanceof Directory)) throw new Refusal("ENOTDIR");
      if (next.number === 0) this.link(directory, name, next);
      directory = next;
    }
    return directory;
  }

  /** Writes a whole file, with the folders above it. */
  install(path: string, content: Uint8Array, permissions = 0o644): RegularFile {
    const slash = path.lastIndexOf("/");
    const file = new RegularFile(permissions, content.slice());
    this.link(this.makeFolders(path.slice(0, slash)), path.slice(slash + 1), file);
    return file;
  }

  /** Where a path leads, the last name included or not yet there. */
  locate(path: string, from: Directory, followLast = true): Place {
    if (path === "") throw new Refusal("ENOENT");
    if (path.length >= 4096) throw new Refusal("ENAMETOOLONG");
    return this.walk(path, path.startsWith("/") ? this.root : from, followLast, { links: 0 });
  }

  private walk(
    path: string,
    start: Directory,
    followLast: boolean,
    seen: { links: number },
  ): Place {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    const mustBeDirectory = /(^|\/)\.{0,2}$/.test(path);
    let directory = start;
    let place: Place = { directory, name: "", inode: directory, mustBeDirectory };
    for (const [index, name] of parts.entries()) {
      const last = index === parts.length - 1;
      if (name.length > LONGEST_NAME) throw new Refusal("ENAMETOOLONG");
      if (name === "..") {
        directory = directory.parent;
        place = { directory, name: "", inode: directory, mustBeDirectory };
        continue;
      }
      let inode = directory.lookup(name);
      place = { directory, name, inode, mustBeDirectory };
      if (inode instanceof SymbolicLink && (!last || followLast || mustBeDirectory)) {
        if (++seen.links > MOST_LINKS) throw new Refusal("ELOOP");
        const { target } = inode;
        const base = target.startsWith("/") ? this.root : directory;
        const followed = this.walk(target, base, true, seen);
        place = { ...followed, mustBeDirectory: mustBeDirectory || followed.mustBeDirectory };
        inode = followed.inode;
      }
      if (last) break;
      if (inode === undefined) throw new Refusal("ENOENT");
      if (!(inode instanceof Directory)) throw new Refusal("ENOTDIR");
      directory = inode;
    }
    if (mustBeDirectory && place.inode !== undefined && !(place.inode instanceof Directory)) {
      throw new Refusal("ENOTDIR");
    }
    return place;
  }

  /** What is at a path, or ENOENT. */
  find(path: string, from: Directory = this.root, followLast = true): Inode {
    const { inode } = this.locate(path, from, followLast);
    if (inode === undefined) throw new Refusal("ENOENT");
    return inode;
  }

  /** The directory at a path, or ENOTDIR. */
  findDirectory(path: string, from: Directory = this.root): Directory {
    const inode = this.find(path, from);
    if (!(inode instanceof Directory)) throw new Refusal("ENOTDIR");
    return inode;
  }

  /** The absolute path of a directory. */
  pathOf(directory: Directory): string {
    const names: string[] = [];
    for (let at = directory; at !== this.root; at = at.parent) {
      if (!at.parent.holds(at)) throw new Refusal("ENOENT"); // removed meanwhile
      names.unshift(at.name);
    }
    return "/" + names.join("/");
  }
}
