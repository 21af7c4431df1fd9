/** Tiny programs to be frozen: everything that a process has to have again shows in what they print. */
import { RandomStream } from "../../../core/base/random.ts";
import { CODE, DATA, type Line, tinyElf } from "../kernel/tiny_elf.ts";

/** Puts the address of the data into a register; r0 changes. */
const dataInto = (register: number): readonly Line[] => [
  `mov #64,r${register}`,
  `shll16 r${register}`,
  "mov #32,r0",
  "shll8 r0",
  `or r0,r${register}`,
];

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);
const words = (values: readonly number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setUint32(4 * i, value >>> 0, true));
  return new Uint8Array(view.buffer);
};

/** Words whose meaning depends on FPSCR.PR, which the assembler is told nothing of. */
const FRCHG = 0xfbfd, DIVIDE_FIRST_BY_SECOND = 0xf023;
const FPSCR = { rounding: 1, flags: 0x7c, dn: 1 << 18, pr: 1 << 19, sz: 1 << 20, fr: 1 << 21 };
/** Bytes before the end of the stack, in the page of the data. */
const STACK = DATA + 0x1800;
/** How many instructions do nothing while every register is live. */
export const IDLE = 24;

/** A number and its tenth, which rounds up: in double or single precision. */
const tenth = (double: boolean): readonly number[] =>
  double ? [0x3ff00000, 0, 0x40240000, 0] : [0x3f800000, 0, 0x41200000, 0];

interface LiveRegisters {
  readonly fpscr: number;
  /** Bank 0, bank 1, FPUL, MACH, MACL, PR, GBR, FPSCR, words with the signs of Q and M, R0 to R15. */
  readonly table: readonly number[];
  readonly bits: { readonly s: boolean; readonly t: boolean };
}

function liveRegisters(seed: number): LiveRegisters {
  const random = RandomStream.of(seed, "registers", 0);
  const word = () => random.below(2 ** 32);
  // The first seeds have each bit on and off; the others are random.
  const on = (bit: number) => seed < 8 ? (seed >> bit % 3 & 1) === 1 : random.below(2) === 1;
  const pr = on(0);
  const fpscr = (on(1) ? FPSCR.rounding : 0) | (word() & FPSCR.flags) | (on(2) ? FPSCR.dn : 0) |
    (pr ? FPSCR.pr : 0) | (on(1) ? FPSCR.sz : 0) | (on(2) ? FPSCR.fr : 0);
  const front = [...tenth(pr), ...numbers(12).map(word)];
  const back = numbers(16).map(word);
  const banks = (fpscr & FPSCR.fr) === 0 ? [...front, ...back] : [...back, ...front];
  const special = numbers(5).map(word);
  const signs = [on(0) ? 0x80000000 : 0, on(1) ? 0x80000000 : 0];
  const general = [...numbers(15).map(word), STACK];
  return {
    fpscr,
    table: [...banks, ...special, fpscr, ...signs, ...general, 1, 1],
    bits: { s: on(2), t: on(1) },
  };
}

/** All registers get their values; r8 walks over the table and is the last but r15. */
function load({ s, t }: LiveRegisters["bits"]): readonly Line[] {
  const single = numbers(16).map((n) => `fmov.s @r8+,fr${n}`);
  const plain = numbers(15).map((n) => n === 8 ? "mov.l @r8+,r15" : `mov.l @r8+,r${n}`);
  return [
    ...dataInto(8),
    ...["mov #0,r0", "lds r0,fpscr"],
    ...[...single, FRCHG, ...single, FRCHG],
    ...["fpul", "mach", "macl", "pr"].map((name) => `lds.l @r8+,${name}`),
    ...["ldc.l @r8+,gbr", "lds.l @r8+,fpscr"],
    ...["mov.l @r8+,r1", "mov.l @r8+,r2", "div0s r2,r1"],
    ...[s ? "sets" : "clrs", t ? "sett" : "clrt"],
    ...plain,
    // In the table r15 has r8's place, and r8 that of r15.
    "mov.l @r8,r8",
  ];
}

/** All of them go to the stack, with what shows the bits of SR and how numbers are rounded. */
function save(): readonly Line[] {
  const push = (register: string) => `mov.l ${register},@-r15`;
  const single = numbers(16).map((n) => `fmov.s fr${n},@-r15`);
  return [
    ...numbers(15).map((n) => push(`r${n}`)),
    ...["movt r0", push("r0")],
    DIVIDE_FIRST_BY_SECOND,
    ...["sts.l fpscr,@-r15", "sts.l fpul,@-r15", "sts.l mach,@-r15", "sts.l macl,@-r15"],
    ...["sts.l pr,@-r15", "stc.l gbr,@-r15"],
    ...["mov #5,r1", "mov #3,r2", "div1 r2,r1", push("r1"), "movt r0", push("r0")],
    // With S = 1 the sum has 48 bits; one that saturates is wrong under qemu-sh4.
    ...dataInto(8),
    ...["mov #1,r0", "shll8 r0", "add #-32,r0", "add r0,r8", "mov r8,r9", "add #4,r9"],
    ...["mov #0,r0", "lds r0,macl", "mov #127,r0", "shll16 r0", "lds r0,mach", "mac.l @r8+,@r9+"],
    ...["sts.l mach,@-r15", "sts.l macl,@-r15"],
    ...["mov #0,r0", "lds r0,fpscr", ...single, FRCHG, ...single],
  ];
}

/** Bytes that {@linkcode registersProgram} prints. */
export const PRINTED = 4 * (15 + 1 + 6 + 2 + 2 + 32);

/**
 * A program in which every register has a value of its own, which rests for a while and then prints
 * all of them. Seeds from 0 to 7 have the bits of FPSCR and SR in every state.
 */
export function registersProgram(
  seed: number,
): { readonly bytes: Uint8Array; readonly idle: number } {
  const { table, bits } = liveRegisters(seed);
  const before = load(bits);
  const write = [
    ...["mov r15,r5", "mov #1,r4", `mov #${PRINTED / 4},r6`, "shll2 r6", "mov #4,r3", "trapa #31"],
    ...["mov #0,r4", "mov #1,r3", "trapa #31"],
  ];
  const lines = [...before, ...numbers(IDLE).map(() => "nop"), ...save(), ...write];
  const places = [...table];
  const general = table.length - 2 - 16;
  [places[general + 8], places[general + 15]] = [table[general + 15] ?? 0, table[general + 8] ?? 0];
  return { bytes: tinyElf(lines, words(places)).bytes, idle: before.length };
}

/** A system call: its number, then the words of r4, r5, r6, r7, r0, r1. */
export type Call = readonly number[];

/** Bytes at places of the data. */
export interface Parcel {
  readonly at: number;
  readonly bytes: Uint8Array;
}

const COUNTER = 0x1c00, RESULTS = 0x1000, BUFFER = 0x1400;
/** Where parcels lie that {@linkcode PARCEL} leads to. */
export const PARCELS = 0xc00;
/** The handler's address: it counts the signals. */
const HANDLER = CODE + 4;

/** A program that makes calls one after the other and prints what each answered, and the buffers. */
export function callsProgram(calls: readonly Call[], parcels: readonly Parcel[]): Uint8Array {
  const handler: readonly Line[] = ["mov.l @r12,r1", "add #1,r1", "mov.l r1,@r12", "rts", "nop"];
  const begin = `0x${(CODE + 4 + 2 * handler.length).toString(16)}`;
  const once: readonly Line[] = [
    ...[3, 4, 5, 6, 7, 0, 1].map((register) => `mov.l @r14+,r${register}`),
    ...["trapa #31", "mov.l r0,@r13", "add #4,r13"],
  ];
  const at = (register: number, offset: number): readonly Line[] => [
    ...dataInto(register),
    ...[`mov #${offset >> 8},r0`, "shll8 r0", `add r0,r${register}`],
  ];
  const lines: readonly Line[] = [
    ...[`bra ${begin}`, "nop", ...handler],
    ...[...at(12, COUNTER), ...at(13, RESULTS), ...dataInto(14)],
    ...calls.flatMap(() => once),
  ];
  const data = new Uint8Array(0x1e00);
  calls.forEach((call, n) => data.set(words(numbers(7).map((k) => call[k] ?? 0)), 28 * n));
  for (const parcel of parcels) data.set(parcel.bytes, parcel.at);
  return tinyElf(lines, data).bytes;
}

/** The address of a place that has been filled. */
export const PARCEL = (offset: number): number => DATA + PARCELS + offset;
/** The address of a place that calls may write to. */
export const INTO = (offset: number): number => DATA + BUFFER + offset;
const SIGALRM = 14, ON_STACK = 0x08000000;
const BLOCK = 0, UNBLOCK = 1;

/** What lies at the places of {@linkcode PARCEL}. */
const PARCEL_BYTES: readonly (readonly [number, Uint8Array])[] = [
  [0, new TextEncoder().encode("hello\0")],
  [8, words([DATA + 0x2800, 0, 0x1000])], // a stack of its own
  [32, words([HANDLER, ON_STACK, 0, 0, 0])],
  [64, words([1 << SIGALRM - 1, 0])],
  [80, words([0, 0, 0, 20_000])], // once, after 20 ms
  [96, words([0, 60_000_000])], // 60 ms
  [104, words([0, 10_000, 0, 10_000])], // every 10 ms
  [120, words([0, 200_000_000])],
  [128, words([0, 0, 0, 0])],
  [144, words([3, 1])], // poll: descriptor 3, POLLIN
  [152, words([1 << 3])],
  [160, words([0, 20_000])], // 20 ms in microseconds
  [168, words([0, 0, 20_000_000, 0])], // the same as a timespec of 64 bits
  [184, new TextEncoder().encode("/tmp\0")],
];

/** One of everything that a process of one thread may have. */
const CALLS: readonly Call[] = [
  [42], // pipe: 3 and 4
  [4, 4, PARCEL(0), 5],
  [63, 4, 9], // dup2
  [6, 4],
  [221, 3, 4, 0o4000], // F_SETFL: O_NONBLOCK
  [221, 9, 2, 1], // F_SETFD: FD_CLOEXEC
  [186, PARCEL(8), 0], // sigaltstack
  [174, SIGALRM, PARCEL(32), 0, 8],
  [175, BLOCK, PARCEL(64), 0, 8],
  [104, 0, PARCEL(80), 0], // setitimer
  [162, PARCEL(96), 0], // nanosleep, undisturbed
  [176, INTO(0), 8], // rt_sigpending
  [3, 3, INTO(8), 2],
  [186, 0, INTO(16)],
  [175, UNBLOCK, PARCEL(64), 0, 8], // and the handler runs
  [4, 1, DATA + COUNTER, 4],
  [104, 0, PARCEL(104), 0],
  [162, PARCEL(120), 0], // nanosleep, interrupted
  [104, 0, PARCEL(128), 0],
  [3, 3, INTO(32), 16],
  [3, 3, INTO(32), 16], // nothing there
  [168, PARCEL(144), 1, 20], // poll
  [142, 4, PARCEL(152), 0, 0, PARCEL(160)], // select
  [407, 1, 0, PARCEL(168), 0], // clock_nanosleep_time64
  [60, 0o27], // umask
  [60, 0o22],
  [12, PARCEL(184)], // chdir
  [183, INTO(48), 16], // getcwd
  [45, 0], // brk
  [45, DATA + 0x8000],
  [91, DATA + 0x5000, 0x1000], // munmap a part of the heap
  [125, DATA + 0x6000, 0x1000, 1],
  [192, 0x50000000, 0x3000, 3, 0x32, -1, 0], // mmap2, fixed
  [3, 3, DATA + 0x6000, 1], // no right to write there
  [3, 3, DATA + 0x5000, 1], // nothing there
  [221, 9, 1], // F_GETFD
  [4, 9, 0x50000000, 3],
  [3, 3, 0x50001000, 16],
  [45, DATA + 0x9000],
  [221, 3, 4, 0],
  [104, 0, PARCEL(104), 0],
  [3, 3, INTO(32), 4], // waits, and is interrupted
  [104, 0, PARCEL(128), 0],
  [175, BLOCK, PARCEL(64), 0, 8],
  [104, 0, PARCEL(80), 0],
  [179, PARCEL(128), 8], // rt_sigsuspend with no signal held back
  [175, BLOCK, 0, INTO(64), 8], // and then with those from before
  [175, UNBLOCK, PARCEL(64), 0, 8],
  [6, 9],
  [3, 3, INTO(0), 16], // the end of the pipe
];

/** A program that uses one of everything and prints what came of it; it takes 130 ms or more. */
export const resourcesProgram = (): Uint8Array =>
  callsProgram(
    [...CALLS, [4, 1, DATA + RESULTS, 4 * CALLS.length], [4, 1, INTO(0), 0x60], [1, 7]],
    PARCEL_BYTES.map(([offset, bytes]) => ({ at: PARCELS + offset, bytes })),
  );
