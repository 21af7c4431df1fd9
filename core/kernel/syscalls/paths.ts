/** Paths as system calls name them: relative to a directory descriptor, with a few special ones. */
import { Refusal } from "../errno.ts";
import { ConsoleStream } from "../files/console.ts";
import { Directory, SymbolicLink } from "../files/directory.ts";
import type { Place } from "../files/file_system.ts";
import type { Inode } from "../files/inode.ts";
import type { OpenFile } from "../files/open_file.ts";
import type { Task } from "../task.ts";

/** The descriptor that stands for the working directory. */
export const AT_FDCWD = -100;

/** Flags of the calls whose names end in "at". */
export const AT_FLAGS = {
  noFollow: 0x100,
  removeDirectory: 0x200,
  follow: 0x400,
  emptyPath: 0x1000,
} as const;

/** The directory a relative path starts at. */
export function startOf(task: Task, fd: number): Directory {
  if (fd === AT_FDCWD) return task.kernel.fileSystem.findDirectory(task.process.cwd);
  const { inode } = task.process.files.get(fd);
  if (!(inode instanceof Directory)) throw new Refusal("ENOTDIR");
  return inode;
}

/** Where a path leads, its last name perhaps not there yet. */
export function locate(task: Task, fd: number, path: string, followLast = true): Place {
  const from = path.startsWith("/") ? task.kernel.fileSystem.root : startOf(task, fd);
  return task.kernel.fileSystem.locate(path, from, followLast);
}

const OWN_DESCRIPTOR = /^(?:\/proc\/self\/fd|\/dev\/fd)\/(\d+)$/;
const STANDARD = ["/dev/stdin", "/dev/stdout", "/dev/stderr"];
const TERMINALS = ["/dev/tty", "/dev/console"];

/** The open file a path like /dev/stdin or /proc/self/fd/3 stands for. */
export function ownFile(task: Task, path: string): OpenFile | undefined {
  const standard = STANDARD.indexOf(path);
  const number = standard >= 0 ? standard : Number(OWN_DESCRIPTOR.exec(path)?.[1] ?? NaN);
  return Number.isNaN(number) ? undefined : task.process.files.get(number);
}

/** The console's own inode for /dev/tty and /dev/console. */
export function terminalOf(task: Task, path: string): Inode | undefined {
  if (!TERMINALS.includes(path)) return undefined;
  const { console } = task.process;
  if (!console.isTerminal("input")) throw new Refusal("ENXIO");
  return new ConsoleStream(console, "input");
}

/** What is at a path, or ENOENT; an empty path with AT_EMPTY_PATH is the descriptor itself. */
export function inodeAt(task: Task, fd: number, path: string, flags = 0): Inode {
  if (path === "" && (flags & AT_FLAGS.emptyPath) !== 0) {
    return fd === AT_FDCWD ? startOf(task, fd) : task.process.files.get(fd).inode;
  }
  const special = ownFile(task, path)?.inode ?? terminalOf(task, path);
  if (special !== undefined) return special;
  const { inode } = locate(task, fd, path, (flags & AT_FLAGS.noFollow) === 0);
  if (inode === undefined) throw new Refusal("ENOENT");
  return inode;
}

/** The text of a link, the few of /proc included. */
export function linkTarget(task: Task, fd: number, path: string): string {
  if (path === "/proc/self/exe") return task.process.executable.path;
  const own = OWN_DESCRIPTOR.test(path) ? ownFile(task, path) : undefined;
  if (own !== undefined) return own.path;
  const { inode } = locate(task, fd, path, false);
  if (inode === undefined) throw new Refusal("ENOENT");
  if (!(inode instanceof SymbolicLink)) throw new Refusal("EINVAL");
  return inode.target;
}

/** The absolute name of what was opened at a place. */
export function nameOf(task: Task, { directory, name }: Place): string {
  const folder = task.kernel.fileSystem.pathOf(directory);
  if (name === "") return folder;
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}
