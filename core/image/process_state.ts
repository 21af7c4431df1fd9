/**
 * The state of a process as an image names it: plain data, every field checked before a restart
 * touches anything. What is derived (TLB, wait queues, decoded code, frame numbers) is not here.
 */
import { FILES, type FilesState } from "./files_state.ts";
import { MESSAGES, type MessagesState } from "./messages_state.ts";
import { LAST_SIGNAL } from "../kernel/signals.ts";
import { RESOURCES } from "../kernel/credentials.ts";
import { type Check, listOf, oneOf, record, text, truth, whole } from "./check.ts";

/** A set of signals as 16 hexadecimal digits; the lowest bit stands for signal 1. */
export type SignalSetText = string;

/** The registers of a thread: unsigned 32-bit words, floating point as bits. */
export interface RegistersState {
  readonly r: readonly number[];
  readonly pc: number;
  readonly pr: number;
  readonly gbr: number;
  readonly mach: number;
  readonly macl: number;
  readonly sr: number;
  readonly fpscr: number;
  readonly fpul: number;
  readonly fr: readonly number[];
  readonly xf: readonly number[];
}

/** A system call that waits; at a restart it is made again. */
export interface WaitingCallState {
  readonly number: number;
  readonly words: readonly number[];
  /** On the process's own clock, cycles. */
  readonly deadline?: number;
  readonly progress: number;
  readonly woken: boolean;
  readonly interrupted: boolean;
  readonly restarts: boolean;
}

/** A signal sent and not yet delivered. */
export interface SignalInfoState {
  readonly signal: number;
  readonly code: number;
  readonly process: number;
  readonly user: number;
  readonly value: number;
}

/** One thread. */
export interface ThreadState {
  readonly id: number;
  readonly registers: RegistersState;
  readonly call?: WaitingCallState;
  readonly mask: SignalSetText;
  readonly restoreMask?: SignalSetText;
  readonly pending: readonly SignalInfoState[];
  readonly alternateStack: {
    readonly address: number;
    readonly size: number;
    readonly flags: number;
  };
  readonly clearChildId: number;
  readonly robustList: number;
  readonly cycles: number;
}

/** One area of the address space. */
export interface VmaState {
  readonly start: number;
  readonly end: number;
  readonly protection: number;
  readonly shared: boolean;
  readonly kind: "file" | "anonymous" | "heap" | "stack";
  readonly backing?: { readonly path: string; readonly offset: number; readonly length: number };
}

/** The address space without its pages. */
export interface SpaceState {
  readonly vmas: readonly VmaState[];
  readonly heapStart: number;
  readonly heapEnd: number;
  readonly stackTop: number;
  readonly stackLimit: number;
}

/** A timer of setitimer, on the process's own clock. */
export interface TimerState {
  readonly at?: number;
  readonly interval: number;
}

/** A resource limit; absent for none. */
export interface LimitState {
  readonly soft?: number;
  readonly hard?: number;
}

/** Everything of a process but the bytes of its pages. */
export interface ProcessState {
  readonly id: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly args: readonly string[];
  readonly environment: readonly string[];
  readonly cwd: string;
  readonly umask: number;
  readonly credentials: {
    readonly userId: number;
    readonly effectiveUserId: number;
    readonly savedUserId: number;
    readonly groupId: number;
    readonly effectiveGroupId: number;
    readonly savedGroupId: number;
    readonly groups: readonly number[];
  };
  readonly limits: Readonly<Record<(typeof RESOURCES)[number], LimitState>>;
  readonly timers: {
    readonly real: TimerState;
    readonly virtual: TimerState;
    readonly profile: TimerState;
  };
  /** The state of its stream of random numbers. */
  readonly random: readonly number[];
  /** Its own clock at t0, in cycles, and how fast it goes. */
  readonly clock: number;
  readonly clockHz: number;
  /** When it began, on its own clock. */
  readonly startedAt: number;
  readonly cycles: number;
  readonly instructions: number;
  readonly systemCalls: number;
  /** Stopped by SIGSTOP or the like. */
  readonly stopped: boolean;
  readonly space: SpaceState;
  readonly actions: readonly {
    readonly handler: number;
    readonly flags: number;
    readonly restorer: number;
    readonly mask: SignalSetText;
  }[];
  readonly pending: readonly SignalInfoState[];
  readonly threads: readonly ThreadState[];
  readonly files: FilesState;
  readonly messages: MessagesState;
}

const word = whole(0, 0xffffffff);
const signedWord = whole(-0x80000000, 0xffffffff);
const address = whole(0, 0x7fffffff);

/** A field that may be absent. */
export const optional = (check: Check): Check => (value, path) =>
  value === undefined ? undefined : check(value, path);

/** A list of exactly so many items. */
const exactlyMany = (count: number, item: Check): Check => (value, path) =>
  Array.isArray(value) && value.length !== count
    ? `field ${path}: expected a list of ${count}, found a list of ${value.length}`
    : listOf(item)(value, path);

const signalSet: Check = (value, path) =>
  typeof value === "string" && /^[0-9a-f]{16}$/.test(value)
    ? undefined
    : `field ${path}: expected 16 hexadecimal digits, found ${JSON.stringify(value)}`;

const signalInfo = record<SignalInfoState>({
  signal: whole(1, LAST_SIGNAL),
  code: signedWord,
  process: whole(0),
  user: whole(0),
  value: signedWord,
});

const registers = record<RegistersState>({
  r: exactlyMany(16, word),
  pc: word,
  pr: word,
  gbr: word,
  mach: word,
  macl: word,
  sr: word,
  fpscr: word,
  fpul: word,
  fr: exactlyMany(16, word),
  xf: exactlyMany(16, word),
});

const thread = record<ThreadState>({
  id: whole(1),
  registers,
  call: optional(record<WaitingCallState>({
    number: whole(0),
    words: exactlyMany(6, signedWord),
    deadline: optional(whole(Number.MIN_SAFE_INTEGER)),
    progress: whole(0),
    woken: truth,
    interrupted: truth,
    restarts: truth,
  })),
  mask: signalSet,
  restoreMask: optional(signalSet),
  pending: listOf(signalInfo),
  alternateStack: record<ThreadState["alternateStack"]>({
    address: word,
    size: word,
    flags: signedWord,
  }),
  clearChildId: word,
  robustList: word,
  cycles: whole(0),
});

const space = record<SpaceState>({
  vmas: listOf(record<VmaState>({
    start: address,
    end: address,
    protection: whole(0, 7),
    shared: truth,
    kind: oneOf(["file", "anonymous", "heap", "stack"]),
    backing: optional(record<NonNullable<VmaState["backing"]>>({
      path: text,
      offset: whole(0),
      length: whole(0),
    })),
  })),
  heapStart: address,
  heapEnd: address,
  stackTop: address,
  stackLimit: whole(0),
});

const timer = record<TimerState>({ at: optional(whole(0)), interval: whole(0) });
const limit = record<LimitState>({ soft: optional(whole(0)), hard: optional(whole(0)) });

/** Every field of a {@linkcode ProcessState}. */
export const PROCESS: Check = record<ProcessState>({
  id: whole(1),
  parent: whole(0),
  group: whole(0),
  session: whole(0),
  args: listOf(text),
  environment: listOf(text),
  cwd: text,
  umask: whole(0, 0o777),
  credentials: record<ProcessState["credentials"]>({
    userId: whole(0),
    effectiveUserId: whole(0),
    savedUserId: whole(0),
    groupId: whole(0),
    effectiveGroupId: whole(0),
    savedGroupId: whole(0),
    groups: listOf(whole(0)),
  }),
  limits: record(
    Object.fromEntries(RESOURCES.map((name) => [name, limit])) as Record<
      (typeof RESOURCES)[number],
      Check
    >,
  ),
  timers: record<ProcessState["timers"]>({ real: timer, virtual: timer, profile: timer }),
  random: exactlyMany(4, signedWord),
  clock: whole(0),
  clockHz: whole(1),
  startedAt: whole(Number.MIN_SAFE_INTEGER),
  cycles: whole(0),
  instructions: whole(0),
  systemCalls: whole(0),
  stopped: truth,
  space,
  actions: exactlyMany(
    LAST_SIGNAL,
    record<ProcessState["actions"][number]>({
      handler: word,
      flags: signedWord,
      restorer: word,
      mask: signalSet,
    }),
  ),
  pending: listOf(signalInfo),
  threads: listOf(thread),
  files: FILES,
  messages: MESSAGES,
});
