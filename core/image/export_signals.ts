/** Signals, timers and the like of a frozen program, as steps of its script. */
import { signalInfoWords } from "../kernel/signal_frame.ts";
import { signalName, SIGNALS, type SignalSet, signalWords } from "../kernel/signals.ts";
import { timeOf } from "../kernel/virtual_clock.ts";
import { CALL, type Place, type Script, wordBytes } from "./export_script.ts";
import type { ProcessState, SignalSetText, TimerState } from "./process_state.ts";

const SIGNAL_INFO_WORDS = 32;
const SET_MASK = 2, SET_BYTES = 8;
const ALL_SIGNALS = wordBytes([0xffffffff, 0xffffffff]);
/** The number by which setitimer knows a timer. */
const TIMERS = ["real", "virtual", "profile"] as const;
const MONOTONIC = 1, ABSOLUTE = 1;

/** A set as an image names it. */
export const setOf = (text: SignalSetText): SignalSet => BigInt(`0x${text}`);

/** Until the last step no signal may be delivered: there is nobody yet who could take it. */
export function holdSignals(script: Script): void {
  const args = [SET_MASK, script.data(ALL_SIGNALS), 0, SET_BYTES];
  script.demand("cannot hold back signals", CALL.rt_sigprocmask, args);
}

/** Defaults, too: what whoever starts it ignores, the process would ignore, if nothing was said. */
function addActions(script: Script, { actions }: ProcessState): void {
  const places = new Map<string, Place>();
  for (const [index, { handler, flags, restorer, mask }] of actions.entries()) {
    const signal = index + 1;
    // These two have the default action and take no other.
    if (signal === SIGNALS.SIGKILL || signal === SIGNALS.SIGSTOP) continue;
    const words = [handler, flags, restorer, ...signalWords(setOf(mask))];
    const place = places.get(String(words)) ?? script.data(wordBytes(words));
    places.set(String(words), place);
    const args = [signal, place, 0, SET_BYTES];
    script.demand(`cannot handle ${signalName(signal)}`, CALL.rt_sigaction, args);
  }
}

function addPending(script: Script, { pending, threads }: ProcessState): void {
  for (const info of [...threads.flatMap((thread) => thread.pending), ...pending]) {
    const words = signalInfoWords(info);
    const rest = new Array<number>(SIGNAL_INFO_WORDS - words.length).fill(0);
    const bytes = wordBytes([...words, ...rest]);
    script.raise(`cannot send ${signalName(info.signal)} again`, info.signal, bytes);
  }
}

/** Handlers, what goes with them, and the signals that wait. */
export function addSignals(script: Script, state: ProcessState): void {
  addActions(script, state);
  const [thread] = state.threads;
  if (thread === undefined) return;
  const { alternateStack: { address, size, flags } } = thread;
  const stack = script.data(wordBytes([address, flags, size]));
  script.demand("cannot set the signal stack", CALL.sigaltstack, [stack, 0]);
  addPending(script, state);
}

/** Microseconds as struct timeval; what is not zero stays so. */
function timeval(cycles: number, clockHz: number): number[] {
  const microseconds = cycles <= 0 ? 0 : Math.max(1, Math.round(cycles / clockHz * 1e6));
  return [Math.floor(microseconds / 1e6), microseconds % 1e6];
}

function timerWords({ at, interval }: TimerState, now: number, clockHz: number): Uint8Array {
  const left = Math.max(1, (at ?? 0) - now);
  return wordBytes([...timeval(interval, clockHz), ...timeval(left, clockHz)]);
}

/**
 * The monotonic clock must not go back: where it is earlier than it was, as after a boot, the
 * process waits. Here that costs nothing.
 */
function waitForClock(script: Script, { clock, clockHz }: ProcessState): void {
  const { seconds, nanoseconds } = timeOf(clock, clockHz);
  const long = script.data(wordBytes([seconds, 0, nanoseconds, 0]));
  const short = script.data(wordBytes([seconds, nanoseconds]));
  // Linux before 5.1 has the second only.
  script.firstOf("cannot wait for the clock", [
    [CALL.clock_nanosleep_time64, [MONOTONIC, ABSOLUTE, long, 0]],
    [CALL.clock_nanosleep, [MONOTONIC, ABSOLUTE, short, 0]],
  ]);
}

/** The clock, and the timers that are set: they begin again with what is left of them. */
export function addTimers(script: Script, state: ProcessState): void {
  const { timers, clock, cycles, clockHz } = state;
  waitForClock(script, state);
  for (const [which, name] of TIMERS.entries()) {
    if (timers[name].at === undefined) continue;
    const words = timerWords(timers[name], name === "real" ? clock : cycles, clockHz);
    const args = [which, script.data(words), 0];
    script.demand(`cannot set the ${name} timer`, CALL.setitimer, args);
  }
}
