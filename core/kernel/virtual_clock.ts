/** What time it is for a guest: cycles of its machine, in the units Linux speaks. */

/** The time of day at cycle 0: 2011-01-01 00:00:00 UTC, in seconds since 1970. */
export const EPOCH_SECONDS = 1_293_840_000;

/** A moment or a length of time, as Linux splits it. */
export interface Timespec {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Cycles as seconds and nanoseconds; never runs backwards for growing cycles. */
export function timeOf(cycles: number, clockHz: number): Timespec {
  const seconds = Math.floor(cycles / clockHz);
  const rest = Math.floor(((cycles - seconds * clockHz) * 1e9) / clockHz);
  return { seconds, nanoseconds: Math.min(rest, 999_999_999) };
}

/** The cycles a length of time takes at least. */
export const cyclesOf = ({ seconds, nanoseconds }: Timespec, clockHz: number): number =>
  seconds * clockHz + Math.ceil((nanoseconds * clockHz) / 1e9);

/** The same moment counted from 1970. */
export const timeOfDay = ({ seconds, nanoseconds }: Timespec): Timespec => ({
  seconds: seconds + EPOCH_SECONDS,
  nanoseconds,
});
