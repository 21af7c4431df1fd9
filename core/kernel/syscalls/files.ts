/** System calls on open files: read, write and what moves in them. */
import { Refusal } from "../errno.ts";
import { Directory } from "../files/directory.ts";
import { OPEN, OpenFile } from "../files/open_file.ts";
import { RegularFile } from "../files/regular_file.ts";
import { syscall, type SystemCall } from "../syscall.ts";
import { demand, type Task } from "../task.ts";
import { AT_FDCWD, locate, nameOf, ownFile, terminalOf } from "./paths.ts";
import { Layout } from "./structures.ts";
import { readFile, readSpans, writeFile } from "./transfer.ts";

/** The inode to open, made if it is not there and O_CREAT asks for it. */
function openInode(task: Task, fd: number, path: string, flags: number, mode: number): OpenFile {
  const { fileSystem } = task.kernel;
  const creates = (flags & OPEN.create) !== 0;
  const exclusive = creates && (flags & OPEN.exclusive) !== 0;
  const follows = (flags & OPEN.noFollow) === 0 && !exclusive;
  const place = locate(task, fd, path, follows);
  let { inode } = place;
  if (inode === undefined) {
    demand(creates, "ENOENT");
    demand(!place.mustBeDirectory && place.name !== "", "EISDIR");
    inode = new RegularFile(mode & ~task.process.umask);
    inode.uid = task.process.credentials.effectiveUserId;
    inode.gid = task.process.credentials.effectiveGroupId;
    fileSystem.link(place.directory, place.name, inode);
  } else demand(!exclusive, "EEXIST");
  demand(inode.kind !== "link" || (flags & OPEN.path) !== 0, "ELOOP");
  return new OpenFile(inode, nameOf(task, place), flags);
}

/** open(2): a new description, or the shared one behind /dev/stdin and the like. */
export function open(task: Task, fd: number, path: string, flags: number, mode: number): number {
  const { files } = task.process;
  const closeOnExec = (flags & OPEN.closeOnExec) !== 0;
  const kept = flags & ~(OPEN.closeOnExec | OPEN.create | OPEN.exclusive | OPEN.truncate);
  const own = ownFile(task, path);
  if (own !== undefined) return files.add(own, closeOnExec);
  const terminal = terminalOf(task, path);
  if (terminal !== undefined) return files.add(new OpenFile(terminal, path, kept), closeOnExec);
  const file = openInode(task, fd, path, flags, mode);
  const { inode } = file;
  file.flags = kept;
  if (inode instanceof Directory) demand(!file.writes && (flags & OPEN.create) === 0, "EISDIR");
  else demand((flags & OPEN.directory) === 0, "ENOTDIR");
  demand(!file.writes || !inode.readOnly, "EROFS");
  const number = files.add(file, closeOnExec);
  if ((flags & OPEN.truncate) !== 0 && file.writes && inode instanceof RegularFile) {
    inode.truncate(0);
    task.kernel.fileSystem.touch(inode);
  }
  return number;
}

function seek(file: OpenFile, offset: number, whence: number): number {
  const { inode } = file;
  demand(inode.seekable || inode.kind === "directory" || inode.kind === "device", "ESPIPE");
  demand(!file.isTerminal, "ESPIPE");
  const bases = [0, file.position, inode.size, offset, inode.size];
  const base = bases[whence];
  if (base === undefined) throw new Refusal("EINVAL");
  // SEEK_DATA and SEEK_HOLE: a file here is all data, with a hole at its end.
  const target = whence === 3 ? offset : whence === 4 ? inode.size : base + offset;
  demand(whence < 3 || (offset >= 0 && offset < inode.size), "ENXIO");
  demand(target >= 0, "EINVAL");
  if (target === 0) file.listing = undefined;
  return file.position = target;
}

function truncate(task: Task, inode: OpenFile["inode"], length: number): number {
  demand(length >= 0, "EINVAL");
  demand(!(inode instanceof Directory), "EISDIR");
  demand(!inode.readOnly, "EROFS");
  inode.truncate(length);
  task.kernel.fileSystem.touch(inode);
  return 0;
}

function truncateOpen(task: Task, fd: number, length: number): number {
  const file = task.process.files.get(fd);
  demand(file.writes, "EINVAL");
  return truncate(task, file.inode, length);
}

function truncatePath(task: Task, path: string, length: number): number {
  const { inode } = locate(task, AT_FDCWD, path);
  if (inode === undefined) throw new Refusal("ENOENT");
  return truncate(task, inode, length);
}

/** Copies between two files by way of a kernel buffer. */
function sendFile(task: Task, out: number, input: number, at: number, count: number): number {
  const from = task.process.files.get(input), to = task.process.files.get(out);
  demand(from.reads && to.writes, "EBADF");
  demand(from.inode.seekable, "EINVAL");
  const wide = at === 0 ? undefined : task.memory.view(at, 8);
  const start = wide === undefined
    ? from.position
    : wide.getUint32(0, true) + wide.getInt32(4, true) * 2 ** 32;
  const buffer = new Uint8Array(Math.min(count, 65536));
  const got = from.inode.read(start, buffer);
  if (got === "wait") throw new Refusal("EAGAIN");
  const moved = to.inode.write(to.position, buffer.subarray(0, got));
  if (moved === "wait") throw new Refusal("EAGAIN");
  if (to.inode.seekable) to.position += moved;
  if (at === 0) from.position = start + moved;
  else task.memory.write(at, new Layout(8).long(start + moved).bytes);
  return moved;
}

const files = (task: Task, fd: number) => task.process.files.get(fd);

/** Rows on open files. */
export const FILE_CALLS: readonly SystemCall[] = [
  syscall(
    3,
    "read(fd:fd, buffer:ptr, length:size)",
    (task, { fd, buffer, length }) =>
      readFile(task, files(task, fd), [{ address: buffer, length }]),
  ),
  syscall(
    4,
    "write(fd:fd, buffer:ptr, length:size)",
    (task, { fd, buffer, length }) =>
      writeFile(task, files(task, fd), [{ address: buffer, length }]),
  ),
  syscall(
    5,
    "open(path:path, flags:flags, mode:mode)",
    (task, { path, flags, mode }) => open(task, AT_FDCWD, path, flags, mode),
  ),
  syscall(6, "close(fd:fd)", (task, { fd }) => {
    task.process.files.close(fd);
    return 0;
  }),
  syscall(
    8,
    "creat(path:path, mode:mode)",
    (task, { path, mode }) =>
      open(task, AT_FDCWD, path, OPEN.create | OPEN.writeOnly | OPEN.truncate, mode),
  ),
  syscall(19, "lseek(fd:fd, offset:int, whence:int)", (task, { fd, offset, whence }) => {
    const position = seek(files(task, fd), offset, whence);
    demand(position < 2 ** 31, "EOVERFLOW");
    return position;
  }),
  syscall(
    92,
    "truncate(path:path, length:int)",
    (task, { path, length }) => truncatePath(task, path, length),
  ),
  syscall(
    93,
    "ftruncate(fd:fd, length:int)",
    (task, { fd, length }) => truncateOpen(task, fd, length),
  ),
  syscall(118, "fsync(fd:fd)", (task, { fd }) => {
    files(task, fd);
    return 0;
  }),
  syscall(
    140,
    "_llseek(fd:fd, high:int, low:size, result:ptr, whence:int)",
    (task, { fd, high, low, result, whence }) => {
      const position = seek(files(task, fd), high * 2 ** 32 + low, whence);
      task.memory.write(result, new Layout(8).long(position).bytes);
      return 0;
    },
  ),
  syscall(143, "flock(fd:fd, operation:int)", (task, { fd }) => {
    files(task, fd); // nobody else can hold a lock while every process has its own tree's files
    return 0;
  }),
  syscall(
    145,
    "readv(fd:fd, vector:ptr, count:int)",
    (task, { fd, vector, count }) =>
      readFile(task, files(task, fd), readSpans(task, vector, count)),
  ),
  syscall(
    146,
    "writev(fd:fd, vector:ptr, count:int)",
    (task, { fd, vector, count }) =>
      writeFile(task, files(task, fd), readSpans(task, vector, count)),
  ),
  syscall(148, "fdatasync(fd:fd)", (task, { fd }) => {
    files(task, fd);
    return 0;
  }),
  syscall(
    180,
    "pread64(fd:fd, buffer:ptr, length:size, gap:pad, position:long)",
    (task, { fd, buffer, length, position }) =>
      readFile(task, files(task, fd), [{ address: buffer, length }], position),
  ),
  syscall(
    181,
    "pwrite64(fd:fd, buffer:ptr, length:size, gap:pad, position:long)",
    (task, { fd, buffer, length, position }) =>
      writeFile(task, files(task, fd), [{ address: buffer, length }], position),
  ),
  syscall(
    193,
    "truncate64(path:path, length:long)",
    (task, { path, length }) => truncatePath(task, path, length),
  ),
  syscall(
    194,
    "ftruncate64(fd:fd, length:long)",
    (task, { fd, length }) => truncateOpen(task, fd, length),
  ),
  syscall(
    239,
    "sendfile64(out:fd, input:fd, position:ptr, count:size)",
    (task, { out, input, position, count }) => sendFile(task, out, input, position, count),
  ),
  syscall(250, "fadvise64(fd:fd, offset:long, length:size, advice:int)", (task, { fd }) => {
    files(task, fd);
    return 0;
  }),
  syscall(272, "fadvise64_64(fd:fd, offset:long, length:long, advice:int)", (task, { fd }) => {
    files(task, fd);
    return 0;
  }),
  syscall(
    295,
    "openat(directory:fd, path:path, flags:flags, mode:mode)",
    (task, { directory, path, flags, mode }) => open(task, directory, path, flags, mode),
  ),
  syscall(
    333,
    "preadv(fd:fd, vector:ptr, count:int, position:long)",
    (task, { fd, vector, count, position }) =>
      readFile(task, files(task, fd), readSpans(task, vector, count), position),
  ),
  syscall(
    334,
    "pwritev(fd:fd, vector:ptr, count:int, position:long)",
    (task, { fd, vector, count, position }) =>
      writeFile(task, files(task, fd), readSpans(task, vector, count), position),
  ),
];
