/** System calls on descriptors themselves: copies, flags, pipes, terminals. */
import { Refusal } from "../errno.ts";
import { ConsoleStream } from "../files/console.ts";
import { CHANGEABLE, OPEN, OpenFile } from "../files/open_file.ts";
import { Pipe } from "../files/pipe.ts";
import { syscall, type SystemCall } from "../syscall.ts";
import { demand, type Task } from "../task.ts";

/** Commands of fcntl64. Locks always succeed: nobody else can hold one yet. */
const FCNTL = {
  duplicate: 0,
  getDescriptorFlags: 1,
  setDescriptorFlags: 2,
  getFlags: 3,
  setFlags: 4,
  getLock: 5,
  setLock: 6,
  setLockWaiting: 7,
  setOwner: 8,
  getOwner: 9,
  getLock64: 12,
  setLock64: 13,
  setLockWaiting64: 14,
  duplicateCloseOnExec: 1030,
  getPipeSize: 1032,
} as const;

const FD_CLOEXEC = 1;
const F_UNLCK = 2;

function control(task: Task, fd: number, command: number, argument: number): number {
  const { files } = task.process;
  const entry = files.entry(fd);
  switch (command) {
    case FCNTL.duplicate:
    case FCNTL.duplicateCloseOnExec:
      demand(argument < files.limit, "EINVAL");
      return files.add(entry.file, command !== FCNTL.duplicate, argument);
    case FCNTL.getDescriptorFlags:
      return entry.closeOnExec ? FD_CLOEXEC : 0;
    case FCNTL.setDescriptorFlags:
      entry.closeOnExec = (argument & FD_CLOEXEC) !== 0;
      return 0;
    case FCNTL.getFlags:
      return entry.file.flags | OPEN.largeFile;
    case FCNTL.setFlags:
      entry.file.flags = (entry.file.flags & ~CHANGEABLE) | (argument & CHANGEABLE);
      return 0;
    case FCNTL.getLock:
    case FCNTL.getLock64:
      task.memory.writeSmall(argument, F_UNLCK, 2);
      return 0;
    case FCNTL.setLock:
    case FCNTL.setLockWaiting:
    case FCNTL.setLock64:
    case FCNTL.setLockWaiting64:
    case FCNTL.setOwner:
    case FCNTL.getOwner:
      return 0;
    case FCNTL.getPipeSize:
      demand(entry.file.inode instanceof Pipe, "EBADF");
      return 65536;
    default:
      throw new Refusal("EINVAL");
  }
}

function duplicateTo(task: Task, from: number, to: number, closeOnExec: boolean): number {
  const { files } = task.process;
  const file = files.get(from);
  files.put(to, file, closeOnExec);
  return to;
}

function pipe(task: Task, flags: number): [number, number] {
  demand((flags & ~(OPEN.closeOnExec | OPEN.nonBlocking)) === 0, "EINVAL");
  const { files } = task.process;
  const inode = task.kernel.fileSystem.adopt(new Pipe());
  const path = `pipe:[${inode.number}]`;
  const kept = flags & OPEN.nonBlocking, closeOnExec = (flags & OPEN.closeOnExec) !== 0;
  const reader = files.add(new OpenFile(inode, path, kept), closeOnExec);
  try {
    return [reader, files.add(new OpenFile(inode, path, kept | OPEN.writeOnly), closeOnExec)];
  } catch (error) {
    files.close(reader);
    throw error;
  }
}

/** Requests of ioctl. SH has numbers of its own for some; musl uses the generic ones. */
const IOCTL = {
  getAttributes: [0x5401],
  setAttributes: [0x5402, 0x5403, 0x5404],
  getWindow: [0x80087468, 0x5413],
  setWindow: [0x40087467, 0x5414],
  getGroup: [0x80047477, 0x540f],
  setGroup: [0x40047476, 0x5410],
  available: [0x8004667f, 0x541b],
  nonBlocking: [0x8004667e, 0x5421],
  closeOnExec: [0x20006601, 0x5451],
  keepOnExec: [0x20006602, 0x5450],
} as const;

type Request = keyof typeof IOCTL;

const requestOf = (number: number): Request | undefined =>
  (Object.keys(IOCTL) as Request[]).find((name) =>
    (IOCTL[name] as readonly number[]).includes(number)
  );

function terminalControl(task: Task, stream: ConsoleStream, request: Request, at: number): number {
  const { console } = stream;
  switch (request) {
    case "getAttributes":
      task.memory.write(at, console.settings);
      return 0;
    case "setAttributes":
      console.settings = task.memory.read(at, console.settings.length);
      return 0;
    case "getWindow":
      task.memory.write(at, Uint8Array.of(24, 0, 80, 0, 0, 0, 0, 0));
      return 0;
    case "getGroup":
      task.memory.writeWords(at, [task.process.group]);
      return 0;
    case "setWindow":
    case "setGroup":
      return 0;
    default:
      throw new Refusal("ENOTTY");
  }
}

function deviceControl(task: Task, fd: number, number: number, argument: number): number {
  const entry = task.process.files.entry(fd);
  const { file } = entry;
  const request = requestOf(number);
  switch (request) {
    case undefined:
      throw new Refusal("ENOTTY");
    case "closeOnExec":
    case "keepOnExec":
      entry.closeOnExec = request === "closeOnExec";
      return 0;
    case "nonBlocking": {
      const on = task.memory.readWord(argument) !== 0;
      file.flags = on ? file.flags | OPEN.nonBlocking : file.flags & ~OPEN.nonBlocking;
      return 0;
    }
    case "available": {
      const { inode } = file;
      demand(inode instanceof Pipe || inode.seekable, "ENOTTY");
      const left = inode instanceof Pipe ? inode.bytes.length : inode.size - file.position;
      task.memory.writeWords(argument, [Math.max(0, left)]);
      return 0;
    }
    default:
      if (!(file.inode instanceof ConsoleStream) || !file.isTerminal) throw new Refusal("ENOTTY");
      return terminalControl(task, file.inode, request, argument);
  }
}

function closeRange(task: Task, first: number, last: number, flags: number): number {
  demand(first <= last && (flags & ~4) === 0, "EINVAL");
  for (const [number, entry] of task.process.files.all) {
    if (number < first || number > last) continue;
    if ((flags & 4) !== 0) entry.closeOnExec = true;
    else task.process.files.close(number);
  }
  return 0;
}

/** Rows on descriptors. */
export const DESCRIPTOR_CALLS: readonly SystemCall[] = [
  syscall(
    41,
    "dup(fd:fd)",
    (task, { fd }) => task.process.files.add(task.process.files.get(fd), false),
  ),
  syscall(42, "pipe()", (task) => {
    const [reader, writer] = pipe(task, 0);
    const registers = task.kernel.registers(); // the one call that answers in r0 and r1
    registers.r[1] = writer;
    task.kernel.setRegisters(registers);
    return reader;
  }),
  syscall(
    54,
    "ioctl(fd:fd, request:flags, argument:ptr)",
    (task, { fd, request, argument }) => deviceControl(task, fd, request, argument),
  ),
  syscall(
    55,
    "fcntl(fd:fd, command:int, argument:size)",
    (task, { fd, command, argument }) => control(task, fd, command, argument),
  ),
  syscall(60, "umask(mode:mode)", (task, { mode }) => {
    const old = task.process.umask;
    task.process.umask = mode & 0o777;
    return old;
  }),
  syscall(63, "dup2(from:fd, to:fd)", (task, { from, to }) => {
    task.process.files.get(from);
    return from === to ? to : duplicateTo(task, from, to, false);
  }),
  syscall(
    221,
    "fcntl64(fd:fd, command:int, argument:size)",
    (task, { fd, command, argument }) => control(task, fd, command, argument),
  ),
  syscall(330, "dup3(from:fd, to:fd, flags:flags)", (task, { from, to, flags }) => {
    demand(from !== to && (flags & ~OPEN.closeOnExec) === 0, "EINVAL");
    return duplicateTo(task, from, to, flags !== 0);
  }),
  syscall(331, "pipe2(ends:ptr, flags:flags)", (task, { ends, flags }) => {
    task.memory.check(ends, 8, true);
    task.memory.writeWords(ends, pipe(task, flags));
    return 0;
  }),
  syscall(
    436,
    "close_range(first:size, last:size, flags:flags)",
    (task, { first, last, flags }) => closeRange(task, first, last, flags),
  ),
];
