/** System calls on signals. */
import { Refusal } from "../errno.ts";
import type { Process } from "../process.ts";
import { popFrame, popInfoFrame, type Return, stackFlags } from "../signal_frame.ts";
import {
  ACTION_FLAGS,
  LAST_SIGNAL,
  NO_ALTERNATE_STACK,
  SI_TKILL,
  SI_USER,
  type SignalInfo,
  SIGNALS,
  type SignalSet,
  signalSet,
  signalWords,
  UNMASKABLE,
} from "../signals.ts";
import { syscall, type SystemCall } from "../syscall.ts";
import { Block, demand, NO_RESULT, type Outcome, type Task } from "../task.ts";
import type { Thread } from "../thread.ts";
import { isTime, readTime } from "./structures.ts";

const SET_BYTES = 8;

function readSet(task: Task, address: number): SignalSet {
  const view = task.memory.view(address, SET_BYTES);
  return signalSet(view.getUint32(0, true), view.getUint32(4, true));
}

const writeSet = (task: Task, address: number, set: SignalSet): void =>
  task.memory.writeWords(address, signalWords(set));

function checkSignal(signal: number, least: 0 | 1): void {
  demand(signal >= least && signal <= LAST_SIGNAL, "EINVAL");
}

/** An action as both calls read it: handler, flags, restorer and mask are in another order in each. */
interface ActionLayout {
  readonly bytes: number;
  readonly flags: number;
  readonly restorer: number;
  readonly mask: number;
  readonly maskWords: 1 | 2;
}

const NEW_ACTION: ActionLayout = { bytes: 20, flags: 4, restorer: 8, mask: 12, maskWords: 2 };
const OLD_ACTION: ActionLayout = { bytes: 16, flags: 8, restorer: 12, mask: 4, maskWords: 1 };

function setAction(task: Task, signal: number, now: number, old: number, layout: ActionLayout) {
  checkSignal(signal, 1);
  const { signals } = task.process;
  const { handler, flags, restorer, mask } = signals.action(signal);
  const given = now === 0 ? undefined : task.memory.view(now, layout.bytes);
  if (given !== undefined) {
    demand(signal !== SIGNALS.SIGKILL && signal !== SIGNALS.SIGSTOP, "EINVAL");
    const high = layout.maskWords === 2 ? given.getUint32(layout.mask + 4, true) : 0;
    signals.setAction(signal, {
      handler: given.getUint32(0, true),
      flags: given.getUint32(layout.flags, true),
      restorer: given.getUint32(layout.restorer, true),
      mask: signalSet(given.getUint32(layout.mask, true), high) & ~UNMASKABLE,
    });
    if (signals.ignores(signal)) dropPending(task.process, signal);
  }
  if (old === 0) return 0;
  const view = new DataView(new ArrayBuffer(layout.bytes));
  const [low, high] = signalWords(mask);
  view.setUint32(0, handler, true);
  view.setUint32(layout.flags, flags, true);
  view.setUint32(layout.restorer, restorer, true);
  view.setUint32(layout.mask, low, true);
  if (layout.maskWords === 2) view.setUint32(layout.mask + 4, high, true);
  task.memory.write(old, new Uint8Array(view.buffer));
  return 0;
}

function dropPending(process: Process, signal: number): void {
  process.signals.pending.drop(signal);
  for (const thread of process.threads) thread.signals.pending.drop(signal);
}

/** signal(2) of old: one handler, once. */
function setHandler(task: Task, signal: number, handler: number): number {
  checkSignal(signal, 1);
  demand(signal !== SIGNALS.SIGKILL && signal !== SIGNALS.SIGSTOP, "EINVAL");
  const { signals } = task.process;
  const old = signals.action(signal).handler;
  const flags = ACTION_FLAGS.resetHandler | ACTION_FLAGS.noDefer;
  signals.setAction(signal, { handler, flags: flags >>> 0, restorer: 0, mask: 0n });
  if (signals.ignores(signal)) dropPending(task.process, signal);
  return old | 0;
}

function changedMask(how: number, old: SignalSet, set: SignalSet): SignalSet {
  if (how === 0) return old | set;
  if (how === 1) return old & ~set;
  if (how === 2) return set;
  throw new Refusal("EINVAL");
}

function changeMask(task: Task, how: number, set: number, old: number): number {
  const { signals } = task.thread;
  const before = signals.mask;
  if (set !== 0) signals.mask = changedMask(how, before, readSet(task, set)) & ~UNMASKABLE;
  if (old !== 0) writeSet(task, old, before);
  return 0;
}

/** The old call knows the first 32 signals only. */
function changeOldMask(task: Task, how: number, set: number, old: number): number {
  const { signals } = task.thread;
  const before = signals.mask;
  const [low, high] = signalWords(before);
  if (set !== 0) {
    const given = signalSet(task.memory.readWord(set), how === 2 ? high : 0);
    signals.mask = changedMask(how, before, given) & ~UNMASKABLE;
  }
  if (old !== 0) task.memory.writeWords(old, [low]);
  return 0;
}

/** Waits for a signal with another mask in place; the handler's frame holds the old one. */
function suspend(task: Task, mask: SignalSet): Outcome {
  const { signals } = task.thread;
  if (task.thread.call === undefined) {
    signals.restoreMask ??= signals.mask;
    signals.mask = mask & ~UNMASKABLE;
  }
  return new Block([], { restarts: false });
}

function alternateStack(task: Task, now: number, old: number): number {
  const { signals } = task.thread;
  const stackPointer = task.kernel.registers().r[15] ?? 0;
  const before = signals.alternateStack;
  const flagsBefore = stackFlags(before, stackPointer);
  if (now !== 0) {
    demand(flagsBefore !== 1, "EPERM");
    const view = task.memory.view(now, 12);
    const [address, flags] = [view.getUint32(0, true), view.getUint32(4, true)];
    const size = view.getUint32(8, true);
    demand((flags & ~2) === 0 || flags === 1, "EINVAL");
    demand((flags & 2) !== 0 || size >= 2048, "ENOMEM");
    signals.alternateStack = (flags & 2) !== 0 ? NO_ALTERNATE_STACK : { address, size, flags: 0 };
  }
  if (old !== 0) task.memory.writeWords(old, [before.address, flagsBefore, before.size]);
  return 0;
}

const infoFrom = (task: Task, signal: number, code: number, value = 0): SignalInfo => ({
  signal,
  code,
  process: task.process.id,
  user: task.process.credentials.userId,
  value,
});

function kill(task: Task, target: number, signal: number): number {
  checkSignal(signal, 0);
  const { kernel, process: own } = task;
  const group = target === 0 ? own.group : -target;
  const chosen = [...kernel.processes()].filter((process) =>
    process.exit === undefined &&
    (target > 0 ? process.id === target : target === -1 ? process !== own : process.group === group)
  );
  demand(chosen.length > 0, "ESRCH");
  if (signal === 0) return 0;
  for (const process of chosen) kernel.send(process, infoFrom(task, signal, SI_USER));
  return 0;
}

function threadOf(task: Task, group: number | undefined, id: number): Thread {
  demand(id > 0 && (group === undefined || group > 0), "EINVAL");
  for (const process of task.kernel.processes()) {
    if (group !== undefined && process.id !== group) continue;
    const thread = process.threads.find((candidate) => candidate.id === id);
    if (thread !== undefined && process.exit === undefined) return thread;
  }
  throw new Refusal("ESRCH");
}

function killThread(task: Task, group: number | undefined, id: number, signal: number): number {
  checkSignal(signal, 0);
  const thread = threadOf(task, group, id);
  if (signal !== 0) task.kernel.send(thread.process, infoFrom(task, signal, SI_TKILL), thread);
  return 0;
}

function queueInfo(task: Task, target: number, signal: number, at: number): number {
  checkSignal(signal, 1);
  const process = task.kernel.process(target);
  if (process === undefined || process.exit !== undefined) throw new Refusal("ESRCH");
  const view = task.memory.view(at, 24);
  const code = view.getInt32(8, true);
  demand(code < 0 || target === task.process.id, "EPERM");
  task.kernel.send(process, infoFrom(task, signal, code, view.getUint32(20, true)));
  return 0;
}

/** Takes a pending signal of a set without a handler, waiting for one if need be. */
function waitForSignal(task: Task, set: number, at: number, time: number, bits: 32 | 64): Outcome {
  const wanted = readSet(task, set) & ~UNMASKABLE;
  const length = readTime(task.memory, time, bits);
  demand(length === undefined || isTime(length), "EINVAL");
  for (const pending of [task.thread.signals.pending, task.process.signals.pending]) {
    const info = pending.peek(wanted);
    if (info === undefined) continue;
    pending.take(info);
    if (at !== 0) {
      const words = [info.signal, 0, info.code, info.process, info.user, info.value];
      task.memory.writeWords(at, [...words, ...new Array<number>(26).fill(0)]);
    }
    return info.signal;
  }
  const deadline = task.deadlineAfter(length);
  if (task.isOver(deadline)) throw new Refusal("EAGAIN");
  return new Block([task.process.signalQueue], { until: deadline, restarts: false });
}

function returnFromHandler(task: Task, frame: Return): typeof NO_RESULT {
  task.thread.signals.mask = frame.mask & ~UNMASKABLE;
  task.kernel.setRegisters(frame.context);
  return NO_RESULT;
}

const stackPointer = (task: Task): number => task.kernel.registers().r[15] ?? 0;

/** The calls of old, which musl does not make and old programs do. */
const OLD_CALLS: readonly SystemCall[] = [
  syscall(
    48,
    "signal(signal:int, handler:ptr)",
    (task, { signal, handler }) => setHandler(task, signal, handler),
  ),
  syscall(
    67,
    "sigaction(signal:int, action:ptr, old:ptr)",
    (task, { signal, action, old }) => setAction(task, signal, action, old, OLD_ACTION),
  ),
  syscall(
    72,
    "sigsuspend(unused:int, history:int, mask:flags)",
    (task, { mask }) => suspend(task, signalSet(mask, 0)),
  ),
  syscall(73, "sigpending(set:ptr)", (task, { set }) => {
    const pending = task.thread.signals.pending.set | task.process.signals.pending.set;
    task.memory.writeWords(set, [signalWords(pending & task.thread.signals.mask)[0]]);
    return 0;
  }),
  syscall(
    126,
    "sigprocmask(how:int, set:ptr, old:ptr)",
    (task, { how, set, old }) => changeOldMask(task, how, set, old),
  ),
];

/** Rows on signals. */
export const SIGNAL_CALLS: readonly SystemCall[] = [
  ...OLD_CALLS,
  syscall(29, "pause()", () => new Block([], { restarts: false })),
  syscall(
    37,
    "kill(process:int, signal:int)",
    (task, { process, signal }) => kill(task, process, signal),
  ),
  syscall(
    119,
    "sigreturn()",
    (task) => returnFromHandler(task, popFrame(task.memory, stackPointer(task))),
  ),
  syscall(
    173,
    "rt_sigreturn()",
    (task) => returnFromHandler(task, popInfoFrame(task.memory, stackPointer(task))),
  ),
  syscall(
    174,
    "rt_sigaction(signal:int, action:ptr, old:ptr, size:size)",
    (task, { signal, action, old, size }) => {
      demand(size === SET_BYTES, "EINVAL");
      return setAction(task, signal, action, old, NEW_ACTION);
    },
  ),
  syscall(
    175,
    "rt_sigprocmask(how:int, set:ptr, old:ptr, size:size)",
    (task, { how, set, old, size }) => {
      demand(size === SET_BYTES, "EINVAL");
      return changeMask(task, how, set, old);
    },
  ),
  syscall(176, "rt_sigpending(set:ptr, size:size)", (task, { set, size }) => {
    demand(size <= SET_BYTES, "EINVAL");
    const pending = task.thread.signals.pending.set | task.process.signals.pending.set;
    writeSet(task, set, pending & task.thread.signals.mask);
    return 0;
  }),
  syscall(
    177,
    "rt_sigtimedwait(set:ptr, info:ptr, time:ptr, size:size)",
    (task, { set, info, time }) => waitForSignal(task, set, info, time, 32),
  ),
  syscall(
    178,
    "rt_sigqueueinfo(process:int, signal:int, info:ptr)",
    (task, args) => queueInfo(task, args.process, args.signal, args.info),
  ),
  syscall(179, "rt_sigsuspend(mask:ptr, size:size)", (task, { mask, size }) => {
    demand(size === SET_BYTES, "EINVAL");
    return suspend(task, readSet(task, mask));
  }),
  syscall(
    186,
    "sigaltstack(stack:ptr, old:ptr)",
    (task, { stack, old }) => alternateStack(task, stack, old),
  ),
  syscall(
    238,
    "tkill(thread:int, signal:int)",
    (task, { thread, signal }) => killThread(task, undefined, thread, signal),
  ),
  syscall(
    270,
    "tgkill(process:int, thread:int, signal:int)",
    (task, args) => killThread(task, args.process, args.thread, args.signal),
  ),
  syscall(
    421,
    "rt_sigtimedwait_time64(set:ptr, info:ptr, time:ptr, size:size)",
    (task, { set, info, time }) => waitForSignal(task, set, info, time, 64),
  ),
];
