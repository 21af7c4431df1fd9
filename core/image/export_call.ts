/**
 * A system call in which a frozen program waits. It is made again: at its trapa, as after a signal;
 * or, if it gives up at a moment that would be forgotten, on the loader's page with the time that is
 * left.
 */
import { timeOf } from "../kernel/virtual_clock.ts";
import type { RegistersState, WaitingCallState } from "./process_state.ts";

/** Where the words of a call are. */
const ARGUMENTS = [4, 5, 6, 7, 0, 1] as const;
const TRAPA_BYTES = 2;

/** How a call takes the time it waits at most. */
interface TimedCall {
  readonly number: number;
  /** Which of its words says it. */
  readonly word: number;
  /** The word is the time in ms, or the address of a struct with fields of 32 or 64 bits. */
  readonly form: "milliseconds" | 32 | 64;
  /** A word that would make the time a moment, and its bits. */
  readonly absolute?: { readonly word: number; readonly bits: number };
}

const CLOCK_FLAGS = { word: 1, bits: 1 } as const;

/** Calls that wait for a time and leave its struct alone. */
export const TIMED_CALLS: readonly TimedCall[] = [
  { number: 162, word: 0, form: 32 }, // nanosleep
  { number: 168, word: 2, form: "milliseconds" }, // poll
  { number: 177, word: 2, form: 32 }, // rt_sigtimedwait
  { number: 267, word: 2, form: 32, absolute: CLOCK_FLAGS }, // clock_nanosleep
  { number: 309, word: 2, form: 32 }, // ppoll
  { number: 407, word: 2, form: 64, absolute: CLOCK_FLAGS }, // clock_nanosleep_time64
  { number: 414, word: 2, form: 64 }, // ppoll_time64
  { number: 421, word: 2, form: 64 }, // rt_sigtimedwait_time64
];

/** Calls that write what is left of the time into its struct, so that it may be put there before. */
export const TIME_KEEPING_CALLS: readonly TimedCall[] = [
  { number: 142, word: 4, form: 32 }, // _newselect, in microseconds
  { number: 308, word: 4, form: 32 }, // pselect6
  { number: 413, word: 4, form: 64 }, // pselect6_time64
];
const SELECT = 142;

/** The clock by which the time that is left is told. */
export interface Clock {
  readonly now: number;
  readonly clockHz: number;
}

/** How a thread that waits goes on. */
export interface MadeAgain {
  /** The registers with which it leaves the loader; its pc is set where `time` is there. */
  readonly first: RegistersState;
  /** The time that is left: words for the loader's page, and the register that holds its address. */
  readonly time?: { readonly words: readonly number[]; readonly register: number | undefined };
  /** The registers after the call, but for r0. */
  readonly then?: RegistersState;
}

/** What is left of the time of a call that keeps it in a struct: where that is, and its words. */
export function timeKept(
  { number, words, deadline }: WaitingCallState,
  { now, clockHz }: Clock,
): { readonly address: number; readonly words: readonly number[] } | undefined {
  const timed = TIME_KEEPING_CALLS.find((each) => each.number === number);
  if (timed === undefined || deadline === undefined) return undefined;
  const address = (words[timed.word] ?? 0) >>> 0;
  const left = Math.max(0, deadline - now);
  const [seconds = 0, nanoseconds = 0] = timeWords(left, clockHz, 32);
  if (number === SELECT) return { address, words: [seconds, Math.floor(nanoseconds / 1000)] };
  return { address, words: timeWords(left, clockHz, timed.form as 32 | 64) };
}

const withRegister = (registers: RegistersState, n: number, value: number): RegistersState => ({
  ...registers,
  r: registers.r.map((old, i) => i === n ? value >>> 0 : old),
});

function timeWords(left: number, clockHz: number, form: 32 | 64): readonly number[] {
  const { seconds, nanoseconds } = timeOf(left, clockHz);
  return form === 32 ? [seconds, nanoseconds] : [seconds, 0, nanoseconds, 0];
}

/** The call a thread waits in, made again; `registers` are those behind its trapa. */
export function madeAgain(
  registers: RegistersState,
  call: WaitingCallState,
  { now, clockHz }: Clock,
): MadeAgain {
  const { number, words, deadline } = call;
  const asked = withRegister(registers, 0, words[4] ?? 0);
  const timed = TIMED_CALLS.find((each) => each.number === number);
  if (timed === undefined || deadline === undefined) {
    return { first: { ...asked, pc: (registers.pc - TRAPA_BYTES) >>> 0 } };
  }
  const left = Math.max(0, deadline - now);
  const register = ARGUMENTS[timed.word] as number;
  if (timed.form === "milliseconds") {
    const milliseconds = Math.ceil(left / clockHz * 1000);
    const first = withRegister(asked, register, milliseconds);
    return { first, time: { words: [], register: undefined }, then: registers };
  }
  const { absolute } = timed;
  const flags = absolute === undefined ? undefined : words[absolute.word] ?? 0;
  const first = absolute === undefined || flags === undefined
    ? asked
    : withRegister(asked, ARGUMENTS[absolute.word] as number, flags & ~absolute.bits);
  const time = { words: timeWords(left, clockHz, timed.form), register };
  return { first, time, then: registers };
}
