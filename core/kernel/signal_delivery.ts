/** What becomes of pending signals when a thread is about to return to its program. */
import { rewindGusa } from "./gusa.ts";
import type { Context } from "./context.ts";
import { Refusal } from "./errno.ts";
import type { Process } from "./process.ts";
import { pushFrame } from "./signal_frame.ts";
import {
  ACTION_FLAGS,
  defaultAction,
  HANDLER,
  signalBit,
  type SignalInfo,
  SIGNALS,
  UNMASKABLE,
} from "./signals.ts";
import type { Thread } from "./thread.ts";
import { OutOfMemory } from "./user_memory.ts";

/** What delivery needs of the kernel. */
export interface DeliveryServices {
  registersOf(thread: Thread): Context;
  setRegistersOf(thread: Thread, context: Context): void;
  /** Ends the process by a signal. */
  die(thread: Thread, signal: number, reason: string, address: number | undefined): void;
}

/** The signal this thread would take next, its own before the process's. */
export function nextSignal(thread: Thread): SignalInfo | undefined {
  const own = thread.signals.pending, shared = thread.process.signals.pending;
  if (own.all.length === 0 && shared.all.length === 0) return undefined;
  const open = ~(thread.signals.mask & ~UNMASKABLE);
  return own.peek(open) ?? shared.peek(open);
}

function take(thread: Thread, info: SignalInfo): void {
  const own = thread.signals.pending;
  (own.all.includes(info) ? own : thread.process.signals.pending).take(info);
}

/** The reason a report gives for a signal that somebody sent. */
const sentReason = (info: SignalInfo): string =>
  info.process === 0 ? "sent by the kernel" : `sent by process ${info.process}`;

/** Starts the handler of one signal; a stack that cannot take the frame ends the process. */
function startHandler(services: DeliveryServices, thread: Thread, info: SignalInfo): void {
  const { process, signals } = thread;
  const action = process.signals.action(info.signal);
  const context = services.registersOf(thread);
  rewindGusa(context);
  const mask = signals.restoreMask ?? signals.mask;
  try {
    const { alternateStack } = signals;
    const next = pushFrame(process.memory, context, { info, action, mask, alternateStack });
    services.setRegistersOf(thread, next);
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof OutOfMemory)) throw error;
    const reason = `no room on the stack for a handler of signal ${info.signal}`;
    return services.die(thread, SIGNALS.SIGSEGV, reason, context.r[15]);
  }
  signals.restoreMask = undefined;
  const own = (action.flags & ACTION_FLAGS.noDefer) === 0 ? signalBit(info.signal) : 0n;
  signals.mask = (signals.mask | action.mask | own) & ~UNMASKABLE;
  if ((action.flags & ACTION_FLAGS.resetHandler) !== 0) {
    process.signals.setAction(info.signal, { ...action, handler: HANDLER.default });
  }
}

/** Carries out the default action. */
function actByDefault(services: DeliveryServices, thread: Thread, info: SignalInfo): void {
  const { process } = thread;
  const action = defaultAction(info.signal);
  if (action === "stop") process.stopped = true;
  if (action === "terminate") {
    services.die(thread, info.signal, sentReason(info), undefined);
  }
}

/** Delivers everything this thread may take; afterwards it may have ended or stand in a handler. */
export function deliverSignals(services: DeliveryServices, thread: Thread): void {
  const { process } = thread;
  while (process.exit === undefined && !process.stopped) {
    const info = nextSignal(thread);
    if (info === undefined) break;
    take(thread, info);
    const { handler } = process.signals.action(info.signal);
    if (handler === HANDLER.ignore) continue;
    if (handler === HANDLER.default) actByDefault(services, thread, info);
    else startHandler(services, thread, info);
  }
  if (thread.signals.restoreMask !== undefined && !process.stopped) {
    thread.signals.mask = thread.signals.restoreMask;
    thread.signals.restoreMask = undefined;
  }
}

/** Sends a signal; a thread that waits and may take it stops waiting. */
export function sendSignal(process: Process, info: SignalInfo, thread?: Thread): void {
  if (process.exit !== undefined) return;
  const { signal } = info;
  if (signal === SIGNALS.SIGCONT || signal === SIGNALS.SIGKILL) process.stopped = false;
  const all = process.threads;
  const masked = (candidate: Thread) =>
    (candidate.signals.mask & ~UNMASKABLE & signalBit(signal)) !== 0n;
  const target = thread ?? all.find((candidate) => !masked(candidate)) ?? all[0];
  if (target === undefined) return;
  if (process.signals.ignores(signal) && !masked(target)) return;
  (thread === undefined ? process.signals.pending : thread.signals.pending).add(info);
  process.signalQueue.wake();
  if (target.state === "waiting" && target.call !== undefined && !masked(target)) {
    target.call.interrupted = true;
    target.rouse();
  }
}
