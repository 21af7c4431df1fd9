/** Moving bytes between open files and user memory: what all reads and writes share. */
import { Refusal } from "../errno.ts";
import type { OpenFile } from "../files/open_file.ts";
import { SI_KERNEL, SIGNALS } from "../signals.ts";
import { Block, demand, type Outcome, type Task } from "../task.ts";

/** A part of user memory. */
export interface Span {
  readonly address: number;
  readonly length: number;
}

/** The most one call moves, as in Linux. */
const MOST = 0x7ffff000;
/** The most a read from a pipe or a console returns at once. */
const STREAM_CHUNK = 65536;
const MOST_SPANS = 1024;

const total = (spans: readonly Span[]): number =>
  spans.reduce((sum, { length }) => sum + length, 0);

/** Reads an array of struct iovec. */
export function readSpans(task: Task, address: number, count: number): Span[] {
  demand(count >= 0 && count <= MOST_SPANS, "EINVAL");
  const view = task.memory.view(address, 8 * count);
  const spans = Array.from({ length: count }, (_, i) => ({
    address: view.getUint32(8 * i, true),
    length: view.getUint32(8 * i + 4, true),
  }));
  demand(total(spans) <= MOST, "EINVAL");
  return spans;
}

/** Reads from a file that may have nothing yet: once, into a buffer, then into user memory. */
function readStream(task: Task, file: OpenFile, spans: readonly Span[]): Outcome {
  for (const { address, length } of spans) task.memory.check(address, length, true);
  const buffer = new Uint8Array(Math.min(total(spans), STREAM_CHUNK));
  const moved = file.inode.read(0, buffer);
  if (moved === "wait") {
    if (!file.blocks) throw new Refusal("EAGAIN");
    return new Block(file.inode.queues());
  }
  let done = 0;
  for (const { address, length } of spans) {
    const part = buffer.subarray(done, Math.min(done + length, moved));
    task.memory.write(address, part);
    done += part.length;
  }
  return moved;
}

/** Reads into spans, at `position` or where the file stands. */
export function readFile(
  task: Task,
  file: OpenFile,
  spans: readonly Span[],
  position?: number,
): Outcome {
  demand(file.reads, "EBADF");
  demand(position === undefined || file.inode.seekable, "ESPIPE");
  demand(position === undefined || position >= 0, "EINVAL");
  const { inode } = file;
  if (inode.queues().length > 0) return readStream(task, file, spans);
  let at = position ?? file.position;
  let done = 0;
  for (const { address, length } of spans) {
    const moved = task.memory.fill(address, Math.min(length, MOST), (window) => {
      const count = inode.read(at, window);
      if (count === "wait") return 0;
      at += count;
      return count;
    });
    done += moved;
    if (moved < length) break;
  }
  if (inode.kind === "directory") inode.read(0, new Uint8Array(0)); // answers EISDIR
  if (position === undefined && inode.seekable) file.position = at;
  return done;
}

/** The bytes of spans, from the `skip`th on. */
function gather(task: Task, spans: readonly Span[], skip: number): Uint8Array {
  const bytes = new Uint8Array(total(spans));
  let done = 0;
  for (const { address, length } of spans) {
    bytes.set(task.memory.read(address, length), done);
    done += length;
  }
  return bytes.subarray(skip);
}

/** Writes bytes that came from spans, at `position` or where the file stands. */
export function writeFile(
  task: Task,
  file: OpenFile,
  spans: readonly Span[],
  position?: number,
): Outcome {
  demand(file.writes, "EBADF");
  demand(position === undefined || file.inode.seekable, "ESPIPE");
  demand(position === undefined || position >= 0, "EINVAL");
  demand(total(spans) <= MOST, "EINVAL");
  const { inode } = file;
  const done = task.progress;
  const bytes = gather(task, spans, done);
  const appends = (file.flags & 0o2000) !== 0 && inode.seekable;
  const at = position ?? (appends ? inode.size : file.position);
  const moved = writeOrSignal(task, file, at, bytes);
  if (moved === "wait") {
    if (file.blocks) return new Block(inode.queues(), { progress: done });
    throw new Refusal("EAGAIN");
  }
  if (inode.seekable) {
    task.kernel.fileSystem.touch(inode);
    if (position === undefined) file.position = at + moved;
  }
  if (moved < bytes.length && file.blocks && inode.queues().length > 0) {
    return new Block(inode.queues(), { progress: done + moved });
  }
  return done + moved;
}

function writeOrSignal(task: Task, file: OpenFile, at: number, bytes: Uint8Array) {
  try {
    return file.inode.write(at, bytes);
  } catch (error) {
    if (error instanceof Refusal && error.errno === "EPIPE") {
      const { process, thread } = task;
      const info = { signal: SIGNALS.SIGPIPE, code: SI_KERNEL, process: 0, user: 0, value: 0 };
      task.kernel.send(process, info, thread);
    }
    throw error;
  }
}
