/** The one place that reads kernel internals for an image. */
import { sha256 } from "../base/digest.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { IntervalTimer, Process } from "../kernel/process.ts";
import type { Limit, Limits, Resource } from "../kernel/credentials.ts";
import type { SignalSet } from "../kernel/signals.ts";
import type { ThreadRecord } from "../kernel/thread.ts";
import { captureFiles } from "./capture_files.ts";
import { IMAGE_FORMAT, IMAGE_VERSION } from "./image.ts";
import { captureMessages } from "./messages_state.ts";
import type { LimitState, ProcessState, ThreadState, TimerState } from "./process_state.ts";
import type { CaptureTarget, SourcePage } from "./capture_target.ts";
import { PageList } from "./page_list.ts";
import type { SavedState } from "./refusal.ts";
import { PageTracker } from "./page_tracker.ts";

const signalSetText = (set: SignalSet): string => set.toString(16).padStart(16, "0");

/** A moment of the machine's clock on the process's own, or nothing. */
const onOwnClock = (at: number | undefined, offset: number): number | undefined =>
  at === undefined ? undefined : at + offset;

function threadState(thread: ThreadRecord, clockOffset: number): ThreadState {
  const { context, call, mask, restoreMask, ...rest } = thread;
  const deadline = onOwnClock(call?.deadline, clockOffset);
  return {
    ...rest,
    registers: context,
    mask: signalSetText(mask),
    ...(restoreMask === undefined ? {} : { restoreMask: signalSetText(restoreMask) }),
    ...(call === undefined ? {} : { call: withDeadline(call, deadline) }),
  };
}

function withDeadline<T extends { deadline: number | undefined }>(call: T, at: number | undefined) {
  const { deadline: _, ...rest } = call;
  return at === undefined ? rest : { ...rest, deadline: at };
}

const timerState = ({ at, interval }: IntervalTimer, offset: number): TimerState =>
  at === undefined ? { interval } : { at: at + offset, interval };

const limitState = ({ soft, hard }: Limit): LimitState => ({
  ...(Number.isFinite(soft) ? { soft } : {}),
  ...(Number.isFinite(hard) ? { hard } : {}),
});

function limitsState(limits: Limits): ProcessState["limits"] {
  const entries = Object.entries(limits).map(([name, limit]) => [name, limitState(limit)]);
  return Object.fromEntries(entries) as Record<Resource, LimitState>;
}

/** The state of a process between two of its steps. */
export function captureState(process: Process, kernel: Kernel): ProcessState {
  const { clockOffset, credentials, timers } = process;
  return {
    id: process.id,
    parent: process.parent,
    group: process.group,
    session: process.session,
    args: [...process.args],
    environment: [...process.environment],
    cwd: process.cwd,
    umask: process.umask,
    credentials: { ...credentials, groups: [...credentials.groups] },
    limits: limitsState(process.limits),
    timers: {
      real: timerState(timers.real, clockOffset),
      virtual: timerState(timers.virtual, 0),
      profile: timerState(timers.profile, 0),
    },
    random: [...process.random.state],
    clock: kernel.now + clockOffset,
    clockHz: kernel.clockHz,
    startedAt: process.startedAt + clockOffset,
    cycles: process.cycles,
    instructions: process.instructions,
    systemCalls: process.systemCalls,
    stopped: process.stopped,
    space: process.space.record as ProcessState["space"],
    actions: process.signals.table.map((action) => ({
      ...action,
      mask: signalSetText(action.mask),
    })),
    pending: [...process.signals.pending.all],
    threads: process.threads.filter((thread) => thread.state !== "ended")
      .map((thread) => {
        const context = kernel.registersOf(thread);
        return threadState({ ...thread.record, context }, clockOffset);
      }),
    files: captureFiles(process, kernel.fileSystem),
    messages: captureMessages(process.endpoint),
  };
}

/** All of an image but its pages and who takes it. */
export function captureManifest(
  process: Process,
  kernel: Kernel,
): SavedState {
  const { path, bytes } = process.executable;
  return {
    format: IMAGE_FORMAT,
    version: IMAGE_VERSION,
    architecture: "sh4",
    executable: { path, bytes: bytes.length, sha256: sha256(bytes) },
    taken: { cycle: kernel.now, instructions: process.instructions },
    process: captureState(process, kernel),
  };
}

/** The pages of a process, ascending, one by one; see {@linkcode PageList}. */
export function capturePages(process: Process): SourcePage[] {
  const list = new PageList(process);
  return Array.from({ length: list.length }, (_, n) => list.at(n));
}

/** A process on its kernel, as a capture session wants it. */
export function processTarget(process: Process, kernel: Kernel): CaptureTarget {
  return {
    now: () => kernel.now,
    charge: (cycles) => kernel.charge(cycles),
    used: () => process.cycles,
    runnable: () => process.runnable && process.threads.some(({ state }) => state === "ready"),
    ended: () => process.exit !== undefined,
    freeze: () => kernel.freeze(process),
    thaw: () => kernel.thaw(process),
    manifest: () => captureManifest(process, kernel),
    pages: () => new PageList(process),
    guard: (guard) => {
      if (guard === undefined) process.space.guard = undefined;
      else kernel.setGuard(process, guard);
    },
    watch: ({ vpn, frame }) => process.space.watch(vpn, frame),
    residentPages: () => kernel.residentPages(process),
    tracker: () => process.tracker instanceof PageTracker ? process.tracker : undefined,
    keep: (tracker) => void (process.tracker = tracker),
    history: () => process.firstWrites,
    remember: (writes) => void (process.firstWrites = writes),
  };
}
