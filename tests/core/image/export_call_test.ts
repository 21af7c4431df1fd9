/** A system call that waits, made again: with the time that is left, and by the same registers. */
import { assertEquals } from "@std/assert";
import {
  madeAgain,
  TIME_KEEPING_CALLS,
  TIMED_CALLS,
  timeKept,
} from "../../../core/image/export_call.ts";
import type { RegistersState, WaitingCallState } from "../../../core/image/process_state.ts";
import { freezeAt, runAll } from "./frozen_fixture.ts";
import { callsProgram, INTO, PARCEL, PARCELS } from "./frozen_programs.ts";

const zeros = new Array<number>(16).fill(0);
const registers: RegistersState = {
  r: Array.from({ length: 16 }, (_, n) => 0x100 + n),
  pc: 0x400102,
  pr: 1,
  gbr: 2,
  mach: 3,
  macl: 4,
  sr: 1,
  fpscr: 5,
  fpul: 6,
  fr: zeros,
  xf: zeros,
};
/** 2.5 ms are left, at 1 MHz. */
const clock = { now: 1000, clockHz: 1_000_000 };
const waiting = (number: number, more: Partial<WaitingCallState> = {}): WaitingCallState => ({
  number,
  words: [0x104, 0x105, 0x106, 0x107, 0x77, 0x101],
  deadline: 3500,
  progress: 0,
  woken: false,
  interrupted: false,
  restarts: false,
  ...more,
});
const REGISTER_OF = [4, 5, 6, 7, 0, 1];

Deno.test("a call without a deadline is made again at its trapa, with the r0 it was made with", () => {
  const { deadline: _, ...call } = waiting(3);
  const { first, time } = madeAgain(registers, call, clock);
  assertEquals(time, undefined);
  assertEquals(first, { ...registers, pc: 0x400100, r: [0x77, ...registers.r.slice(1)] });
});

for (const { number, word, form, absolute } of TIMED_CALLS) {
  Deno.test(`call ${number} is made again with the time that is left`, () => {
    const { first, time, then } = madeAgain(registers, waiting(number), clock);
    assertEquals(then, registers, "afterwards all but r0 is as it was");
    const words = { milliseconds: [], 32: [0, 2_500_000], 64: [0, 0, 2_500_000, 0] }[form];
    assertEquals(time?.words, words);
    const place = REGISTER_OF[word] as number;
    if (form === "milliseconds") assertEquals([time?.register, first.r[place]], [undefined, 3]);
    else assertEquals(time?.register, place);
    if (absolute === undefined) return;
    assertEquals((first.r[REGISTER_OF[absolute.word] as number] ?? 0) & absolute.bits, 0);
  });
}

for (const { number, form } of TIME_KEEPING_CALLS) {
  Deno.test(`call ${number} finds the time that is left where it keeps it`, () => {
    const short = number === 142 ? [0, 2500] : [0, 2_500_000];
    const words = form === 32 ? short : [0, 0, 2_500_000, 0];
    assertEquals(timeKept(waiting(number), clock), { address: 0x77, words });
    const { first, time } = madeAgain(registers, waiting(number), clock);
    assertEquals([first.pc, time], [0x400100, undefined]);
  });
}

Deno.test("a time that is over is none", () => {
  const { time } = madeAgain(registers, waiting(162), { ...clock, now: 9999 });
  assertEquals(time?.words, [0, 0]);
});

Deno.test("a timer goes on with what is left of it", () => {
  const microseconds = new Uint8Array(Uint32Array.of(0, 700_000, 0, 500_000).buffer);
  const nap = new Uint8Array(Uint32Array.of(0, 200_000_000).buffer);
  const executable = callsProgram(
    [
      [104, 0, PARCEL(0), 0],
      [162, PARCEL(16), 0],
      [20],
      [20],
      [105, 0, INTO(0)],
      [4, 1, INTO(0), 16],
      [1, 0],
    ],
    [{ at: PARCELS, bytes: microseconds }, { at: PARCELS + 16, bytes: nap }],
  );
  const program = { executable };
  const whole = runAll(program);
  const letters = new TextDecoder("latin1").decode(Uint8Array.from({ length: 256 }, (_, n) => n));
  const milliseconds = (output: string): readonly number[] => {
    const bytes = Uint8Array.from(output, (letter) => letters.indexOf(letter));
    return [...new Uint32Array(bytes.buffer)].map((word) => Math.round(word / 1000));
  };
  const { frozen } = freezeAt(program, whole.instructions - 40, whole);
  assertEquals(milliseconds(whole.output), [0, 700, 0, 300], "700 ms again and again, 300 left");
  assertEquals(milliseconds(runAll(frozen).output), [0, 700, 0, 300]);
});
