/** System calls on paths: what makes, removes and describes the tree. */
import { Refusal } from "../errno.ts";
import { Directory, SymbolicLink } from "../files/directory.ts";
import type { Inode } from "../files/inode.ts";
import type { OpenFile } from "../files/open_file.ts";
import { syscall, type SystemCall } from "../syscall.ts";
import { demand, type Task } from "../task.ts";
import { encodeText } from "../user_memory.ts";
import { timeOfDay, type Timespec } from "../virtual_clock.ts";
import { AT_FDCWD, AT_FLAGS, inodeAt, linkTarget, locate, startOf } from "./paths.ts";
import { directoryEntry, readTime, stat32, stat64, statfs64, statx } from "./structures.ts";

function makeDirectory(task: Task, fd: number, path: string, mode: number): number {
  const { directory, name, inode } = locate(task, fd, path);
  demand(inode === undefined && name !== "", "EEXIST");
  task.kernel.fileSystem.link(directory, name, new Directory(mode & ~task.process.umask));
  return 0;
}

function remove(task: Task, fd: number, path: string, wantsDirectory: boolean): number {
  const place = locate(task, fd, path, false);
  const { directory, name, inode } = place;
  if (inode === undefined) throw new Refusal("ENOENT");
  demand(name !== "", wantsDirectory ? "EBUSY" : "EISDIR");
  if (wantsDirectory) {
    if (!(inode instanceof Directory)) throw new Refusal("ENOTDIR");
    demand(inode.names().length === 0, "ENOTEMPTY");
  } else demand(!(inode instanceof Directory), "EISDIR");
  demand(!place.mustBeDirectory || wantsDirectory, "ENOTDIR");
  task.kernel.fileSystem.unlink(directory, name);
  return 0;
}

/** Whether `directory` lies in `folder` or is it. */
function isWithin(directory: Directory, folder: Inode): boolean {
  for (let at = directory;; at = at.parent) {
    if (at === folder) return true;
    if (at.parent === at) return false;
  }
}

function rename(task: Task, from: [number, string], to: [number, string], flags: number): number {
  const { fileSystem } = task.kernel;
  const source = locate(task, from[0], from[1], false);
  const target = locate(task, to[0], to[1], false);
  const { inode } = source;
  demand((flags & ~1) === 0, "EINVAL"); // only RENAME_NOREPLACE
  if (inode === undefined) throw new Refusal("ENOENT");
  demand(source.name !== "" && target.name !== "", "EBUSY");
  demand(!source.directory.readOnly && !target.directory.readOnly, "EROFS");
  demand((flags & 1) === 0 || target.inode === undefined, "EEXIST");
  if (inode === target.inode) return 0;
  if (inode instanceof Directory) {
    demand(!isWithin(target.directory, inode), "EINVAL");
    if (target.inode !== undefined) {
      if (!(target.inode instanceof Directory)) throw new Refusal("ENOTDIR");
      demand(target.inode.names().length === 0, "ENOTEMPTY");
    }
  } else {
    demand(!(target.inode instanceof Directory), "EISDIR");
    demand(!target.mustBeDirectory, "ENOTDIR");
  }
  if (target.inode !== undefined) fileSystem.unlink(target.directory, target.name);
  fileSystem.unlink(source.directory, source.name);
  inode.links++;
  fileSystem.link(target.directory, target.name, inode);
  return 0;
}

function hardLink(task: Task, from: [number, string], to: [number, string], flags: number): number {
  const inode = inodeAt(
    task,
    from[0],
    from[1],
    (flags & AT_FLAGS.follow) !== 0 ? 0 : 0x100 | flags,
  );
  const target = locate(task, to[0], to[1], false);
  demand(!(inode instanceof Directory), "EPERM");
  demand(target.inode === undefined, "EEXIST");
  demand(!inode.readOnly, "EXDEV");
  task.kernel.fileSystem.link(target.directory, target.name, inode);
  inode.links++;
  return 0;
}

function symbolicLink(task: Task, target: string, fd: number, path: string): number {
  demand(target !== "", "ENOENT");
  const place = locate(task, fd, path, false);
  demand(place.inode === undefined, "EEXIST");
  task.kernel.fileSystem.link(place.directory, place.name, new SymbolicLink(target));
  return 0;
}

function readLink(task: Task, fd: number, path: string, buffer: number, size: number): number {
  demand(size > 0, "EINVAL");
  const bytes = encodeText(linkTarget(task, fd, path)).subarray(0, size);
  task.memory.write(buffer, bytes);
  return bytes.length;
}

/** Root may read and write everything; execute needs at least one x. */
function access(task: Task, fd: number, path: string, mode: number, flags: number): number {
  demand((mode & ~7) === 0, "EINVAL");
  const inode = inodeAt(task, fd, path, flags);
  demand((mode & 2) === 0 || !inode.readOnly, "EROFS");
  const executable = inode instanceof Directory || (inode.permissions & 0o111) !== 0;
  demand((mode & 1) === 0 || executable, "EACCES");
  return 0;
}

function changeMode(task: Task, inode: Inode, mode: number): number {
  demand(!inode.readOnly, "EROFS");
  inode.permissions = mode;
  inode.changed = timeOfDay(task.time);
  return 0;
}

function changeOwner(task: Task, inode: Inode, user: number, group: number): number {
  demand(!inode.readOnly, "EROFS");
  if (user !== -1) inode.uid = user >>> 0;
  if (group !== -1) inode.gid = group >>> 0;
  inode.changed = timeOfDay(task.time);
  return 0;
}

const UTIME_NOW = 0x3fffffff, UTIME_OMIT = 0x3ffffffe;

function setTimes(task: Task, inode: Inode, address: number, bits: 32 | 64): number {
  demand(!inode.readOnly, "EROFS");
  const now = timeOfDay(task.time);
  const size = bits === 32 ? 8 : 16;
  const given = [0, size].map((offset) =>
    address === 0 ? undefined : readTime(task.memory, address + offset, bits)
  );
  const choose = (time: Timespec | undefined, old: Timespec): Timespec => {
    if (time === undefined || time.nanoseconds === UTIME_NOW) return now;
    return time.nanoseconds === UTIME_OMIT ? old : time;
  };
  inode.accessed = choose(given[0], inode.accessed);
  inode.modified = choose(given[1], inode.modified);
  inode.changed = now;
  return 0;
}

function setTimesAt(task: Task, args: TimesArguments, bits: 32 | 64): number {
  const { directory, path, times, flags } = args;
  const inode = path === 0
    ? task.process.files.get(directory).inode
    : inodeAt(task, directory, task.memory.readText(path), flags);
  return setTimes(task, inode, times, bits);
}

interface TimesArguments {
  readonly directory: number;
  readonly path: number;
  readonly times: number;
  readonly flags: number;
}

function listDirectory(task: Task, file: OpenFile, buffer: number, size: number): number {
  const { inode } = file;
  if (!(inode instanceof Directory)) throw new Refusal("ENOTDIR");
  if (file.position === 0 || file.listing === undefined) {
    file.listing = [".", "..", ...inode.names()];
  }
  let used = 0;
  while (file.position < file.listing.length) {
    const name = file.listing[file.position] ?? ".";
    const entry = name === "." ? inode : name === ".." ? inode.parent : inode.lookup(name);
    if (entry !== undefined) {
      const bytes = directoryEntry(name, entry, file.position + 1);
      if (used + bytes.length > size) {
        demand(used > 0, "EINVAL");
        break;
      }
      task.memory.write(buffer + used, bytes);
      used += bytes.length;
    }
    file.position++;
  }
  return used;
}

function changeDirectory(task: Task, directory: Directory): number {
  task.process.cwd = task.kernel.fileSystem.pathOf(directory);
  return 0;
}

function workingDirectory(task: Task, buffer: number, size: number): number {
  const bytes = encodeText(task.process.cwd + "\0");
  demand(size >= bytes.length, "ERANGE");
  task.memory.write(buffer, bytes);
  return bytes.length;
}

type StatBytes = (inode: Inode) => Uint8Array;

function stat(task: Task, inode: Inode, buffer: number, bytes: StatBytes = stat64): number {
  task.memory.write(buffer, bytes(inode));
  return 0;
}

function fileSystemInfo(task: Task, size: number, buffer: number): number {
  demand(size === 84 || size === 88, "EINVAL");
  const { memoryBytes, freeBytes } = task.kernel;
  task.memory.write(buffer, statfs64(memoryBytes / 4096, freeBytes / 4096));
  return 0;
}

const AT = AT_FDCWD;
const NO_FOLLOW = AT_FLAGS.noFollow;
const open = (task: Task, fd: number) => task.process.files.get(fd);

/** Rows that make and remove names. */
const NAME_CALLS: readonly SystemCall[] = [
  syscall(
    9,
    "link(from:path, to:path)",
    (task, { from, to }) => hardLink(task, [AT, from], [AT, to], 0),
  ),
  syscall(10, "unlink(path:path)", (task, { path }) => remove(task, AT, path, false)),
  syscall(
    38,
    "rename(from:path, to:path)",
    (task, { from, to }) => rename(task, [AT, from], [AT, to], 0),
  ),
  syscall(
    39,
    "mkdir(path:path, mode:mode)",
    (task, { path, mode }) => makeDirectory(task, AT, path, mode),
  ),
  syscall(40, "rmdir(path:path)", (task, { path }) => remove(task, AT, path, true)),
  syscall(
    83,
    "symlink(target:path, path:path)",
    (task, { target, path }) => symbolicLink(task, target, AT, path),
  ),
  syscall(
    85,
    "readlink(path:path, buffer:ptr, size:int)",
    (task, { path, buffer, size }) => readLink(task, AT, path, buffer, size),
  ),
  syscall(
    296,
    "mkdirat(directory:fd, path:path, mode:mode)",
    (task, { directory, path, mode }) => makeDirectory(task, directory, path, mode),
  ),
  syscall(
    301,
    "unlinkat(directory:fd, path:path, flags:flags)",
    (task, { directory, path, flags }) =>
      remove(task, directory, path, (flags & AT_FLAGS.removeDirectory) !== 0),
  ),
  syscall(
    302,
    "renameat(fromDirectory:fd, from:path, toDirectory:fd, to:path)",
    (task, { fromDirectory, from, toDirectory, to }) =>
      rename(task, [fromDirectory, from], [toDirectory, to], 0),
  ),
  syscall(
    303,
    "linkat(fromDirectory:fd, from:path, toDirectory:fd, to:path, flags:flags)",
    (task, { fromDirectory, from, toDirectory, to, flags }) =>
      hardLink(task, [fromDirectory, from], [toDirectory, to], flags),
  ),
  syscall(
    304,
    "symlinkat(target:path, directory:fd, path:path)",
    (task, { target, directory, path }) => symbolicLink(task, target, directory, path),
  ),
  syscall(
    305,
    "readlinkat(directory:fd, path:path, buffer:ptr, size:int)",
    (task, { directory, path, buffer, size }) => readLink(task, directory, path, buffer, size),
  ),
  syscall(
    371,
    "renameat2(fromDirectory:fd, from:path, toDirectory:fd, to:path, flags:flags)",
    (task, { fromDirectory, from, toDirectory, to, flags }) =>
      rename(task, [fromDirectory, from], [toDirectory, to], flags),
  ),
];

/** Rows that change what is known of an inode. */
const CHANGE_CALLS: readonly SystemCall[] = [
  syscall(
    15,
    "chmod(path:path, mode:mode)",
    (task, { path, mode }) => changeMode(task, inodeAt(task, AT, path), mode),
  ),
  syscall(
    94,
    "fchmod(fd:fd, mode:mode)",
    (task, { fd, mode }) => changeMode(task, open(task, fd).inode, mode),
  ),
  syscall(
    198,
    "lchown32(path:path, user:int, group:int)",
    (task, { path, user, group }) =>
      changeOwner(task, inodeAt(task, AT, path, NO_FOLLOW), user, group),
  ),
  syscall(
    207,
    "fchown32(fd:fd, user:int, group:int)",
    (task, { fd, user, group }) => changeOwner(task, open(task, fd).inode, user, group),
  ),
  syscall(
    212,
    "chown32(path:path, user:int, group:int)",
    (task, { path, user, group }) => changeOwner(task, inodeAt(task, AT, path), user, group),
  ),
  syscall(
    298,
    "fchownat(directory:fd, path:path, user:int, group:int, flags:flags)",
    (task, { directory, path, user, group, flags }) =>
      changeOwner(task, inodeAt(task, directory, path, flags), user, group),
  ),
  syscall(
    306,
    "fchmodat(directory:fd, path:path, mode:mode)",
    (task, { directory, path, mode }) => changeMode(task, inodeAt(task, directory, path), mode),
  ),
  syscall(
    320,
    "utimensat(directory:fd, path:ptr, times:ptr, flags:flags)",
    (task, args) => setTimesAt(task, args, 32),
  ),
  syscall(
    412,
    "utimensat_time64(directory:fd, path:ptr, times:ptr, flags:flags)",
    (task, args) => setTimesAt(task, args, 64),
  ),
];

/** Rows that look. */
const LOOK_CALLS: readonly SystemCall[] = [
  syscall(12, "chdir(path:path)", (task, { path }) => {
    const inode = inodeAt(task, AT, path);
    if (!(inode instanceof Directory)) throw new Refusal("ENOTDIR");
    return changeDirectory(task, inode);
  }),
  syscall(
    33,
    "access(path:path, mode:int)",
    (task, { path, mode }) => access(task, AT, path, mode, 0),
  ),
  syscall(
    106,
    "stat(path:path, buffer:ptr)",
    (task, { path, buffer }) => stat(task, inodeAt(task, AT, path), buffer, stat32),
  ),
  syscall(
    107,
    "lstat(path:path, buffer:ptr)",
    (task, { path, buffer }) => stat(task, inodeAt(task, AT, path, NO_FOLLOW), buffer, stat32),
  ),
  syscall(
    108,
    "fstat(fd:fd, buffer:ptr)",
    (task, { fd, buffer }) => stat(task, open(task, fd).inode, buffer, stat32),
  ),
  syscall(133, "fchdir(fd:fd)", (task, { fd }) => changeDirectory(task, startOf(task, fd))),
  syscall(
    183,
    "getcwd(buffer:ptr, size:size)",
    (task, { buffer, size }) => workingDirectory(task, buffer, size),
  ),
  syscall(
    195,
    "stat64(path:path, buffer:ptr)",
    (task, { path, buffer }) => stat(task, inodeAt(task, AT, path), buffer),
  ),
  syscall(
    196,
    "lstat64(path:path, buffer:ptr)",
    (task, { path, buffer }) => stat(task, inodeAt(task, AT, path, NO_FOLLOW), buffer),
  ),
  syscall(
    197,
    "fstat64(fd:fd, buffer:ptr)",
    (task, { fd, buffer }) => stat(task, open(task, fd).inode, buffer),
  ),
  syscall(
    220,
    "getdents64(fd:fd, buffer:ptr, size:size)",
    (task, { fd, buffer, size }) => listDirectory(task, open(task, fd), buffer, size),
  ),
  syscall(
    268,
    "statfs64(path:path, size:size, buffer:ptr)",
    (task, { path, size, buffer }) => {
      inodeAt(task, AT, path);
      return fileSystemInfo(task, size, buffer);
    },
  ),
  syscall(269, "fstatfs64(fd:fd, size:size, buffer:ptr)", (task, { fd, size, buffer }) => {
    open(task, fd);
    return fileSystemInfo(task, size, buffer);
  }),
  syscall(
    300,
    "fstatat64(directory:fd, path:path, buffer:ptr, flags:flags)",
    (task, { directory, path, buffer, flags }) =>
      stat(task, inodeAt(task, directory, path, flags), buffer),
  ),
  syscall(
    307,
    "faccessat(directory:fd, path:path, mode:int)",
    (task, { directory, path, mode }) => access(task, directory, path, mode, 0),
  ),
  syscall(
    383,
    "statx(directory:fd, path:path, flags:flags, mask:flags, buffer:ptr)",
    (task, { directory, path, flags, buffer }) =>
      stat(task, inodeAt(task, directory, path, flags), buffer, statx),
  ),
  syscall(
    439,
    "faccessat2(directory:fd, path:path, mode:int, flags:flags)",
    (task, { directory, path, mode, flags }) => access(task, directory, path, mode, flags),
  ),
];

/** Rows on the tree. */
export const TREE_CALLS: readonly SystemCall[] = [...NAME_CALLS, ...CHANGE_CALLS, ...LOOK_CALLS];
