/** poll and select: waiting for several files at once. */
import type { OpenFile } from "../files/open_file.ts";
import { signalSet, UNMASKABLE } from "../signals.ts";
import { syscall, type SystemCall } from "../syscall.ts";
import { Block, demand, type Outcome, type Task } from "../task.ts";
import { timeOf, type Timespec } from "../virtual_clock.ts";
import type { WaitQueue } from "../wait_queue.ts";
import { isTime, microsecondBytes, readMicroseconds, readTime, timeBytes } from "./structures.ts";

const POLL = { in: 0x1, out: 0x4, error: 0x8, hangup: 0x10, invalid: 0x20 } as const;
const POLL_READ = POLL.in | 0x40, POLL_WRITE = POLL.out | 0x100;
const MOST_FILES = 1024;

/** What of `wanted` is true of a file now, in poll's bits. */
function pollBits(file: OpenFile, wanted: number): number {
  const { readable, writable, hangup, broken } = file.readiness();
  return (readable ? wanted & POLL_READ : 0) | (writable ? wanted & POLL_WRITE : 0) |
    (hangup ? POLL.hangup : 0) | (broken ? POLL.error : 0);
}

const fileOf = (task: Task, fd: number): OpenFile | undefined =>
  task.process.files.all.find(([number]) => number === fd)?.[1].file;

/** Waits in all queues, or not at all when the time is over. */
function waitIn(queues: readonly WaitQueue[], until: number | undefined): Block {
  return new Block(queues, { until, restarts: false });
}

function poll(task: Task, at: number, count: number, length: Timespec | undefined): Outcome {
  demand(count <= MOST_FILES, "EINVAL");
  demand(length === undefined || isTime(length), "EINVAL");
  const view = task.memory.view(at, 8 * count);
  const queues: WaitQueue[] = [];
  let ready = 0;
  for (let i = 0; i < count; i++) {
    const fd = view.getInt32(8 * i, true);
    if (fd < 0) {
      view.setUint16(8 * i + 6, 0, true);
      continue;
    }
    const file = fileOf(task, fd);
    const wanted = view.getUint16(8 * i + 4, true);
    const bits = file === undefined ? POLL.invalid : pollBits(file, wanted);
    view.setUint16(8 * i + 6, bits, true);
    if (bits !== 0) ready++;
    queues.push(...file?.inode.queues() ?? []);
  }
  const deadline = task.deadlineAfter(length);
  if (ready === 0 && !task.isOver(deadline)) return waitIn(queues, deadline);
  task.memory.write(at, new Uint8Array(view.buffer));
  return ready;
}

/** The three sets of select; undefined where the pointer was null. */
interface Sets {
  readonly addresses: readonly number[];
  readonly views: readonly (DataView | undefined)[];
}

function readSets(task: Task, count: number, addresses: readonly number[]): Sets {
  demand(count >= 0 && count <= MOST_FILES, "EINVAL");
  const bytes = 4 * Math.ceil(count / 32);
  const views = addresses.map((at) => at === 0 ? undefined : task.memory.view(at, bytes));
  return { addresses, views };
}

/** Which bits of readiness each set of select asks for. */
const SELECT_BITS = [POLL_READ | POLL.hangup | POLL.error, POLL_WRITE | POLL.error, 0] as const;

function select(task: Task, count: number, sets: Sets, length: Timespec | undefined): Outcome {
  demand(length === undefined || isTime(length), "EINVAL");
  const queues: WaitQueue[] = [];
  const results = sets.views.map((view) =>
    new Uint32Array(view === undefined ? 0 : view.byteLength / 4)
  );
  let ready = 0;
  sets.views.forEach((view, which) => {
    if (view === undefined) return;
    for (let fd = 0; fd < count; fd++) {
      const word = fd >>> 5, bit = 1 << (fd & 31);
      if ((view.getUint32(4 * word, true) & bit) === 0) continue;
      const file = task.process.files.get(fd);
      queues.push(...file.inode.queues());
      if ((pollBits(file, POLL_READ | POLL_WRITE) & (SELECT_BITS[which] ?? 0)) === 0) continue;
      const words = results[which];
      if (words !== undefined) words[word] = (words[word] ?? 0) | bit;
      ready++;
    }
  });
  const deadline = task.deadlineAfter(length);
  if (ready === 0 && !task.isOver(deadline)) return waitIn(queues, deadline);
  sets.addresses.forEach((at, which) => {
    const words = results[which];
    if (at !== 0 && words !== undefined) task.memory.writeWords(at, [...words]);
  });
  return ready;
}

/** What is left of a wait, for the calls that say so. */
function remaining(task: Task, deadline: number | undefined): Timespec {
  const left = Math.max(0, (deadline ?? task.kernel.now) - task.kernel.now);
  return timeOf(left, task.kernel.clockHz);
}

/** Waits with another signal mask in place: ppoll and pselect6. */
function masked(task: Task, address: number, wait: () => Outcome): Outcome {
  if (address !== 0 && task.thread.call === undefined) {
    const { signals } = task.thread;
    const view = task.memory.view(address, 8);
    signals.restoreMask = signals.mask;
    signals.mask = signalSet(view.getUint32(0, true), view.getUint32(4, true)) & ~UNMASKABLE;
  }
  return wait();
}

function selectOld(task: Task, args: SelectArguments): Outcome {
  const { count, reads, writes, excepts, time } = args;
  const length = readMicroseconds(task.memory, time);
  const deadline = task.deadlineAfter(length);
  const outcome = select(task, count, readSets(task, count, [reads, writes, excepts]), length);
  if (typeof outcome === "number" && time !== 0) {
    task.memory.write(time, microsecondBytes(remaining(task, deadline)));
  }
  return outcome;
}

function selectNew(task: Task, args: SelectArguments & { mask: number }, bits: 32 | 64): Outcome {
  const { count, reads, writes, excepts, time, mask } = args;
  const set = mask === 0 ? 0 : task.memory.readWord(mask);
  return masked(task, set, () => {
    const length = readTime(task.memory, time, bits);
    const deadline = task.deadlineAfter(length);
    const outcome = select(task, count, readSets(task, count, [reads, writes, excepts]), length);
    if (typeof outcome === "number" && time !== 0) {
      task.memory.write(time, timeBytes(remaining(task, deadline), bits));
    }
    return outcome;
  });
}

interface SelectArguments {
  readonly count: number;
  readonly reads: number;
  readonly writes: number;
  readonly excepts: number;
  readonly time: number;
}

interface PollArguments {
  readonly files: number;
  readonly count: number;
  readonly time: number;
  readonly mask: number;
}

const pollNew = (task: Task, { files, count, time, mask }: PollArguments, bits: 32 | 64): Outcome =>
  masked(task, mask, () => poll(task, files, count, readTime(task.memory, time, bits)));

/** Rows that wait for files. */
export const POLL_CALLS: readonly SystemCall[] = [
  syscall(
    142,
    "_newselect(count:int, reads:ptr, writes:ptr, excepts:ptr, time:ptr)",
    (task, args) => selectOld(task, args),
  ),
  syscall(168, "poll(files:ptr, count:size, milliseconds:int)", (task, args) => {
    const { files, count, milliseconds } = args;
    const length = milliseconds < 0 ? undefined : {
      seconds: Math.floor(milliseconds / 1000),
      nanoseconds: (milliseconds % 1000) * 1e6,
    };
    return poll(task, files, count, length);
  }),
  syscall(
    308,
    "pselect6(count:int, reads:ptr, writes:ptr, excepts:ptr, time:ptr, mask:ptr)",
    (task, args) => selectNew(task, args, 32),
  ),
  syscall(
    309,
    "ppoll(files:ptr, count:size, time:ptr, mask:ptr, size:size)",
    (task, args) => pollNew(task, args, 32),
  ),
  syscall(
    413,
    "pselect6_time64(count:int, reads:ptr, writes:ptr, excepts:ptr, time:ptr, mask:ptr)",
    (task, args) => selectNew(task, args, 64),
  ),
  syscall(
    414,
    "ppoll_time64(files:ptr, count:size, time:ptr, mask:ptr, size:size)",
    (task, args) => pollNew(task, args, 64),
  ),
];
