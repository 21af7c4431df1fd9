/** System calls on processes and threads: ends, waits, futexes, scheduling. */
import { type Exit, waitStatus } from "../death.ts";
import { Refusal } from "../errno.ts";
import type { Process } from "../process.ts";
import { syscall, type SystemCall } from "../syscall.ts";
import { Block, demand, NO_RESULT, type Outcome, type Task } from "../task.ts";
import { EPOCH_SECONDS } from "../virtual_clock.ts";
import { leavingGate } from "./messages.ts";
import { isTime, readTime } from "./structures.ts";

/** Ends the calling thread; what waits for its end is told, as CLONE_CHILD_CLEARTID promises. */
function exitThread(task: Task, code: number): Outcome {
  const { clearChildId } = task.thread;
  const last = task.process.threads.length <= 1;
  const block = last ? leavingGate(task) : undefined;
  if (block !== undefined) return block;
  if (clearChildId !== 0 && !last) {
    task.memory.writeWords(clearChildId, [0]);
    task.process.futex(clearChildId).wake(1);
  }
  task.kernel.exitThread(task.thread, code);
  return NO_RESULT;
}

const WAIT = { noHang: 1 } as const;

function isWanted(task: Task, child: Process, wanted: number): boolean {
  if (child.parent !== task.process.id) return false;
  if (wanted > 0) return child.id === wanted;
  if (wanted === -1) return true;
  return child.group === (wanted === 0 ? task.process.group : -wanted);
}

function wait(
  task: Task,
  wanted: number,
  options: number,
  done: (child: Process, exit: Exit) => void,
) {
  const children = [...task.kernel.processes()].filter((child) => isWanted(task, child, wanted));
  demand(children.length > 0, "ECHILD");
  for (const child of children) {
    if (child.exit === undefined) continue;
    done(child, child.exit);
    task.kernel.reap(child);
    return child.id;
  }
  if ((options & WAIT.noHang) !== 0) return 0;
  return new Block([task.process.childQueue]);
}

const waitAndTell = (task: Task, wanted: number, status: number, options: number): Outcome =>
  wait(task, wanted, options, (_child, exit) => {
    if (status !== 0) task.memory.writeWords(status, [waitStatus(exit)]);
  });

/** waitid: P_ALL 0, P_PID 1, P_PGID 2. */
function waitWithInfo(
  task: Task,
  type: number,
  id: number,
  info: number,
  options: number,
): Outcome {
  demand(type >= 0 && type <= 2, "EINVAL");
  const outcome = wait(task, [-1, id, -id][type] ?? -1, options, (child, exit) => {
    if (info === 0) return;
    const killed = exit.kind === "killed";
    const status = exit.kind === "killed" ? exit.death.number : exit.code;
    const words = [17, 0, killed ? 2 : 1, child.id, child.credentials.userId, status];
    task.memory.writeWords(info, [...words, ...new Array<number>(26).fill(0)]);
  });
  return typeof outcome === "number" ? 0 : outcome;
}

const FUTEX = {
  wait: 0,
  wake: 1,
  requeue: 3,
  compareRequeue: 4,
  waitBitset: 9,
  wakeBitset: 10,
  command: 0x7f,
  realtime: 0x100,
} as const;

interface FutexArguments {
  readonly address: number;
  readonly operation: number;
  readonly value: number;
  readonly time: number;
  readonly value3: number;
}

function futexWait(task: Task, args: FutexArguments, bits: 32 | 64): Outcome {
  const { address, operation, value, time } = args;
  const absolute = (operation & FUTEX.command) === FUTEX.waitBitset;
  const length = readTime(task.memory, time, bits);
  demand(length === undefined || isTime(length), "EINVAL");
  if (task.woken) return 0;
  demand(task.memory.readWord(address) === (value >>> 0), "EAGAIN");
  const origin = (operation & FUTEX.realtime) === 0 ? 0 : EPOCH_SECONDS;
  const deadline = length === undefined || !absolute
    ? task.deadlineAfter(length)
    : task.deadlineAt({ ...length, seconds: length.seconds - origin });
  demand(!task.isOver(deadline), "ETIMEDOUT");
  return new Block([task.process.futex(address)], { until: deadline });
}

/** Requeueing wakes everybody instead: a waiter looks again, which futex users must allow for. */
function futex(task: Task, args: FutexArguments, bits: 32 | 64): Outcome {
  const { address, operation, value } = args;
  demand(address % 4 === 0, "EINVAL");
  switch (operation & FUTEX.command) {
    case FUTEX.wait:
    case FUTEX.waitBitset:
      return futexWait(task, args, bits);
    case FUTEX.wake:
    case FUTEX.wakeBitset:
      return task.process.futex(address).wake(value);
    case FUTEX.compareRequeue:
      demand(task.memory.readWord(address) === (args.value3 >>> 0), "EAGAIN");
      return task.process.futex(address).wake();
    case FUTEX.requeue:
      return task.process.futex(address).wake();
    default:
      throw new Refusal("ENOSYS");
  }
}

const NAME_BYTES = 16;
const PR = { setName: 15, getName: 16, getDumpable: 3, setDumpable: 4 } as const;

function processControl(task: Task, option: number, at: number): number {
  switch (option) {
    case PR.setName:
      task.memory.read(at, 1); // the name is not shown anywhere; EFAULT is
      return 0;
    case PR.getName: {
      const bytes = new Uint8Array(NAME_BYTES);
      bytes.set(new TextEncoder().encode(task.process.name).subarray(0, NAME_BYTES - 1));
      task.memory.write(at, bytes);
      return 0;
    }
    case PR.getDumpable:
      return 1;
    case PR.setDumpable:
      return 0;
    default:
      throw new Refusal("EINVAL");
  }
}

function affinity(task: Task, size: number, mask: number): number {
  demand(size >= 4 && size % 4 === 0, "EINVAL");
  task.memory.writeWords(mask, [1]); // one processor
  return 4;
}

/** Real-time policies have priorities 1 to 99; the ordinary ones have none. */
function priorityBound(policy: number, bound: number): number {
  demand(policy >= 0 && policy <= 6, "EINVAL");
  return policy === 1 || policy === 2 ? bound : 0;
}

/** Rows on processors and policies: there is one of each. */
const SCHEDULING: readonly SystemCall[] = [
  syscall(34, "nice(increment:int)", () => 0),
  syscall(96, "getpriority(which:int, who:int)", () => 20), // 20 - nice, as the raw call answers
  syscall(97, "setpriority(which:int, who:int, priority:int)", () => 0),
  syscall(155, "sched_getparam(process:int, parameters:ptr)", (task, { parameters }) => {
    task.memory.writeWords(parameters, [0]);
    return 0;
  }),
  syscall(157, "sched_getscheduler(process:int)", () => 0),
  syscall(158, "sched_yield()", (task) => {
    task.kernel.yield();
    return 0;
  }),
  syscall(
    159,
    "sched_get_priority_max(policy:int)",
    (_task, { policy }) => priorityBound(policy, 99),
  ),
  syscall(
    160,
    "sched_get_priority_min(policy:int)",
    (_task, { policy }) => priorityBound(policy, 1),
  ),
  syscall(241, "sched_setaffinity(process:int, size:size, mask:ptr)", (task, { size, mask }) => {
    demand(size >= 4 && (task.memory.readWord(mask) & 1) !== 0, "EINVAL");
    return 0;
  }),
  syscall(
    242,
    "sched_getaffinity(process:int, size:size, mask:ptr)",
    (task, { size, mask }) => affinity(task, size, mask),
  ),
  syscall(318, "getcpu(cpu:ptr, node:ptr, unused:ptr)", (task, { cpu, node }) => {
    if (cpu !== 0) task.memory.writeWords(cpu, [0]);
    if (node !== 0) task.memory.writeWords(node, [0]);
    return 0;
  }),
];

/** Rows on processes. */
export const PROCESS_CALLS: readonly SystemCall[] = [
  ...SCHEDULING,
  syscall(1, "exit(code:int)", (task, { code }) => exitThread(task, code)),
  syscall(
    7,
    "waitpid(process:int, status:ptr, options:flags)",
    (task, args) => waitAndTell(task, args.process, args.status, args.options),
  ),
  syscall(
    114,
    "wait4(process:int, status:ptr, options:flags, usage:ptr)",
    (task, { process, status, options }) => waitAndTell(task, process, status, options),
  ),
  syscall(
    172,
    "prctl(option:int, argument:ptr)",
    (task, { option, argument }) => processControl(task, option, argument),
  ),
  syscall(
    240,
    "futex(address:ptr, operation:flags, value:int, time:ptr, second:ptr, value3:int)",
    (task, args) => futex(task, args, 32),
  ),
  syscall(252, "exit_group(code:int)", (task, { code }) => {
    const block = leavingGate(task);
    if (block !== undefined) return block;
    task.kernel.exit(task.process, code);
    return NO_RESULT;
  }),
  syscall(258, "set_tid_address(address:ptr)", (task, { address }) => {
    task.thread.clearChildId = address;
    return task.thread.id;
  }),
  syscall(
    284,
    "waitid(type:int, id:int, info:ptr, options:flags, usage:ptr)",
    (task, { type, id, info, options }) => waitWithInfo(task, type, id, info, options),
  ),
  syscall(311, "set_robust_list(head:ptr, size:size)", (task, { head, size }) => {
    demand(size === 12, "EINVAL");
    task.thread.robustList = head;
    return 0;
  }),
  syscall(373, "getrandom(buffer:ptr, length:size, flags:flags)", (task, args) => {
    demand((args.flags & ~7) === 0, "EINVAL");
    return task.memory.fill(args.buffer, args.length, (window) => {
      task.process.random.fill(window);
      return window.length;
    });
  }),
  syscall(
    422,
    "futex_time64(address:ptr, operation:flags, value:int, time:ptr, second:ptr, value3:int)",
    (task, args) => futex(task, args, 64),
  ),
];
