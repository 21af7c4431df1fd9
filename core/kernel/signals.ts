/** Signals: names, what happens by default, and what a process and a thread hold of them. */

/** Signal numbers by name, as on SH. */
export const SIGNALS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

/** The highest signal number; 32 and up are real-time signals, which queue. */
export const LAST_SIGNAL = 64;
const FIRST_REAL_TIME = 32;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(SIGNALS).map(([name, number]) => [number, name]),
);

/** The name of a signal number. */
export const signalName = (signal: number): string =>
  NAMES.get(signal) ?? `SIGRT${signal - FIRST_REAL_TIME}`;

/** What happens to a process that has no handler. */
export type DefaultAction = "terminate" | "ignore" | "stop" | "continue";

const { SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU } = SIGNALS;
const IGNORED: readonly number[] = [SIGCHLD, SIGURG, SIGWINCH];
const STOPPING: readonly number[] = [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU];

/** The default action of a signal. */
export function defaultAction(signal: number): DefaultAction {
  if (signal === SIGCONT) return "continue";
  if (IGNORED.includes(signal)) return "ignore";
  return STOPPING.includes(signal) ? "stop" : "terminate";
}

/** A set of signals: bit n - 1 stands for signal n. */
export type SignalSet = bigint;
export const NO_SIGNALS: SignalSet = 0n;
/** The set of one signal. */
export const signalBit = (signal: number): SignalSet => 1n << BigInt(signal - 1);
/** What no mask can hold back. */
export const UNMASKABLE: SignalSet = signalBit(SIGNALS.SIGKILL) | signalBit(SIGSTOP);
/** The set from the two words of sigset_t. */
export const signalSet = (low: number, high: number): SignalSet =>
  BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n);
/** The two words of sigset_t. */
export const signalWords = (set: SignalSet): [number, number] => [
  Number(set & 0xffff_ffffn),
  Number(set >> 32n),
];

/** sa_handler values that are no address. */
export const HANDLER = { default: 0, ignore: 1 } as const;

/** sa_flags. */
export const ACTION_FLAGS = {
  signalInfo: 0x4,
  restorer: 0x04000000,
  onStack: 0x08000000,
  restart: 0x10000000,
  noDefer: 0x40000000,
  resetHandler: 0x80000000,
} as const;

/** What a process wants done for one signal. */
export interface SignalAction {
  /** An address, or one of {@linkcode HANDLER}. */
  readonly handler: number;
  readonly flags: number;
  readonly restorer: number;
  readonly mask: SignalSet;
}

const DEFAULT_ACTION: SignalAction = { handler: 0, flags: 0, restorer: 0, mask: NO_SIGNALS };

/** Why a signal was sent (si_code and what goes with it). */
export interface SignalInfo {
  readonly signal: number;
  readonly code: number;
  /** Sender, or the child of SIGCHLD. */
  readonly process: number;
  readonly user: number;
  /** Fault address, or the value of sigqueue, or the child's status. */
  readonly value: number;
}

/** si_code values that are the same for every signal. */
export const SI_USER = 0;
export const SI_KERNEL = 0x80;
export const SI_TKILL = -6;

/** Signals sent but not delivered yet, in order. */
export class PendingSignals {
  /** `queue`: as read from {@linkcode all}. */
  constructor(private queue: SignalInfo[] = []) {}

  get all(): readonly SignalInfo[] {
    return this.queue;
  }

  /** The set of their numbers. */
  get set(): SignalSet {
    let set = NO_SIGNALS;
    for (const { signal } of this.queue) set |= signalBit(signal);
    return set;
  }

  /** Adds one; an ordinary signal that is pending already is not added again. */
  add(info: SignalInfo): void {
    const known = this.queue.some(({ signal }) => signal === info.signal);
    if (!known || info.signal >= FIRST_REAL_TIME) this.queue.push(info);
  }

  /** The next that is in `wanted`, lowest number first, without taking it. */
  peek(wanted: SignalSet): SignalInfo | undefined {
    let best: SignalInfo | undefined;
    for (const info of this.queue) {
      if ((signalBit(info.signal) & wanted) === 0n) continue;
      if (best === undefined || info.signal < best.signal) best = info;
    }
    return best;
  }

  /** Takes one out. */
  take(info: SignalInfo): void {
    this.queue.splice(this.queue.indexOf(info), 1);
  }

  /** Forgets all of one number. */
  drop(signal: number): void {
    this.queue = this.queue.filter((info) => info.signal !== signal);
  }
}

/** What all threads of a process share of its signals. */
export class ProcessSignals {
  readonly pending: PendingSignals;
  private readonly actions: SignalAction[];

  /** Both as read from {@linkcode table} and `pending.all`; nothing for a new process. */
  constructor(actions: readonly SignalAction[] = [], pending: readonly SignalInfo[] = []) {
    this.actions = Array.from(
      { length: LAST_SIGNAL },
      (_, index) => actions[index] ?? DEFAULT_ACTION,
    );
    this.pending = new PendingSignals([...pending]);
  }

  /** Actions of signals 1 to 64, in order. */
  get table(): readonly SignalAction[] {
    return this.actions;
  }

  action(signal: number): SignalAction {
    return this.actions[signal - 1] ?? DEFAULT_ACTION;
  }

  setAction(signal: number, action: SignalAction): void {
    this.actions[signal - 1] = action;
  }

  /** Whether a signal would vanish without effect. */
  ignores(signal: number): boolean {
    const { handler } = this.action(signal);
    if (handler === HANDLER.ignore) return true;
    return handler === HANDLER.default && defaultAction(signal) === "ignore";
  }
}

/** The alternate stack of a thread; size 0 for none. */
export interface AlternateStack {
  readonly address: number;
  readonly size: number;
  readonly flags: number;
}

/** No alternate stack: ss_flags is SS_DISABLE. */
export const NO_ALTERNATE_STACK: AlternateStack = { address: 0, size: 0, flags: 2 };

/** What one thread has of its own. */
export interface ThreadSignals {
  mask: SignalSet;
  readonly pending: PendingSignals;
  alternateStack: AlternateStack;
  /** The mask sigsuspend or ppoll replaced, to be put back with the next return to the program. */
  restoreMask: SignalSet | undefined;
}
