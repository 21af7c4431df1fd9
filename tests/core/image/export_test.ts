/**
 * Images as executables: the process goes on at its very next instruction with all it had. Here the
 * kernel of the lab is the judge; tests/oracle/export.ts asks qemu-sh4, too.
 */
import { assert, assertEquals } from "@std/assert";
import { RandomStream } from "../../../core/base/random.ts";
import { ON_PAGE } from "../../../core/image/export_page.ts";
import { PAGE_BYTES } from "../../../core/image/image.ts";
import type { RegistersState } from "../../../core/image/process_state.ts";
import { readElf } from "../../../core/kernel/elf.ts";
import { exportImage, PROFILE, ProgramRun, readOptions } from "../../../core/mod.ts";
import { call, DATA, tinyElf } from "../kernel/tiny_elf.ts";
import { compareAt, freezeAt, imageAt, runAll, waitsOf } from "./frozen_fixture.ts";
import {
  callsProgram,
  IDLE,
  INTO,
  PARCEL,
  PARCELS,
  PRINTED,
  registersProgram,
  resourcesProgram,
} from "./frozen_programs.ts";

const text = (line: string) => new TextEncoder().encode(line);
const SEEDS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const TRAPA = 0xc31f, ILLEGAL = 0xfffd;

Deno.test("an exported image is an executable whose heap begins where the process's does", () => {
  const program = { executable: resourcesProgram() };
  const image = imageAt(program, 400);
  const { bytes } = exportImage(image, program.executable);
  const { segments, end, entry } = readElf(bytes);
  const { vmas, heapStart } = image.manifest.process.space;
  assertEquals(end, heapStart);
  const last = segments.at(-1);
  for (const segment of segments) {
    const { address, memorySize } = segment;
    const inside = vmas.filter(({ start, end }) => start < address + memorySize && end > address);
    assert(segment === last || inside.length === 0, `a segment at ${address} covers the process`);
  }
  assert(segments.some(({ address }) => entry === address + ON_PAGE.start));
});

Deno.test("the ELF header leaves the loader's code alone", () => {
  const program = { executable: resourcesProgram() };
  const view = new DataView(exportImage(imageAt(program, 9), program.executable).bytes.buffer);
  const end = view.getUint32(28, true) + view.getUint16(42, true) * view.getUint16(44, true);
  assert(end <= ON_PAGE.code, `it ends at ${end}, the code begins at ${ON_PAGE.code}`);
});

Deno.test("every register comes back: general, special, both banks, every bit of SR and FPSCR", () => {
  for (const seed of SEEDS) {
    const { bytes, idle } = registersProgram(seed);
    const program = { executable: bytes };
    const whole = runAll(program);
    assertEquals([whole.code, whole.output.length], [0, PRINTED]);
    for (const at of [idle - 3, idle + 1, idle + IDLE - 1, idle + IDLE + 19]) {
      const [expected, found] = compareAt(program, at, whole);
      assertEquals(found, expected, `seed ${seed}, frozen at ${at}`);
    }
  }
});

Deno.test("before sigreturn all is there that a kernel's sigreturn may leave out", () => {
  for (const seed of SEEDS) {
    const { bytes, idle } = registersProgram(seed);
    const image = imageAt({ executable: bytes }, idle + 3);
    const executable = exportImage(image, bytes).bytes;
    const view = new DataView(executable.buffer);
    // sigreturn is the door's last call.
    let at = ON_PAGE.data;
    while (view.getUint16(at, true) !== TRAPA) at -= 2;
    view.setUint16(at, ILLEGAL, true);
    const profile = readOptions(PROFILE, { ram: 64 * 2 ** 20 }).values;
    const run = ProgramRun.start({ profile, seed: 1, console: {} }, { path: "/a", executable });
    run.runTo();
    const { exit } = run.process;
    if (exit?.kind !== "killed") throw new Error("the door did not come to its end");
    const found = exit.death.registers;
    const registers = image.manifest.process.threads[0]?.registers as RegistersState;
    const FR = 1 << 21;
    const bank = ({ fpscr, fr, xf }: RegistersState) => (fpscr & FR) === 0 ? xf : fr;
    assertEquals(
      { sr: found.sr, fpscr: found.fpscr, bank: bank(found) },
      { sr: registers.sr, fpscr: registers.fpscr, bank: bank(registers) },
      `seed ${seed}`,
    );
  }
});

Deno.test("one of everything comes back, wherever the process is frozen", () => {
  const program = { executable: resourcesProgram() };
  const whole = runAll(program);
  assertEquals(whole.code, 7);
  const random = RandomStream.of(1, "points", 0);
  for (let at = 30; at < whole.instructions; at += 1 + random.below(19)) {
    const [expected, found] = compareAt(program, at, whole);
    assertEquals(found, expected, `frozen at ${at}`);
  }
  // While it waits: each of the calls that take a time, and those that a signal ends.
  const waits = waitsOf(program, whole.instructions);
  assertEquals(waits.map(([, number]) => number), [162, 162, 168, 142, 407, 3, 179]);
  for (const [at = 0, number] of waits) {
    const [expected, found] = compareAt(program, at, whole);
    assertEquals(found, expected, `frozen at ${at} in call ${number}`);
  }
});

Deno.test("a frozen program can be frozen again, and again", () => {
  const first = { executable: resourcesProgram() };
  const whole = runAll(first);
  let { frozen, rest } = freezeAt(first, 200, whole);
  for (const more of [40, 60]) {
    const all = runAll(frozen);
    assertEquals([all.code, all.output], [rest.code, rest.output]);
    // The loader's own instructions come first.
    const left = whole.instructions - 200;
    ({ frozen, rest } = freezeAt(frozen, all.instructions - left + more, all));
  }
  assertEquals(runAll(frozen).output, rest.output);
});

Deno.test("a frozen program can be frozen again while it still waits", () => {
  const program = { executable: resourcesProgram() };
  const whole = runAll(program);
  for (const [at = 0, number] of waitsOf(program, whole.instructions)) {
    const { frozen, rest } = freezeAt(program, at, whole);
    const all = runAll(frozen);
    // The loader comes first, and what it does after the call.
    const about = all.instructions - (whole.instructions - at);
    const [[waiting = 0] = []] = waitsOf(frozen, about + 2, about - 40);
    assert(waiting > 0, `it does not wait in call ${number}`);
    const again = runAll(freezeAt(frozen, waiting, all).frozen);
    assertEquals([again.code, again.output], [rest.code, rest.output], `call ${number}`);
  }
});

Deno.test("a frozen program leaves one page of its loader behind", () => {
  const program = { executable: resourcesProgram() };
  const whole = runAll(program);
  const before = imageAt(program, 250).manifest.process.space;
  const { frozen } = freezeAt(program, 250, whole);
  const { instructions } = runAll(frozen);
  const after = imageAt(frozen, instructions - 100).manifest.process.space;
  const low = after.vmas.filter(({ start }) => start < 0x400000);
  assertEquals(low.map(({ start, end }) => end - start), [PAGE_BYTES]);
  assertEquals([after.heapStart, after.stackTop], [before.heapStart, before.stackTop]);
});

Deno.test("the heap is one of brk again", () => {
  const program = { executable: resourcesProgram() };
  const whole = runAll(program);
  const at = whole.instructions - 30;
  const { frozen } = freezeAt(program, at, whole);
  const heapOf = (image: ReturnType<typeof imageAt>) =>
    image.manifest.process.space.vmas.filter(({ kind }) => kind === "heap");
  const before = heapOf(imageAt(program, at));
  assertEquals(before.length, 3, "two parts of it are not like the others");
  assertEquals(heapOf(imageAt(frozen, runAll(frozen).instructions - 20)), before);
});

Deno.test("pipes keep apart, and what is closed stays closed", () => {
  const executable = callsProgram(
    [
      [42], // 3, 4
      [42], // 5, 6
      [6, 0],
      [4, 4, PARCEL(0), 2],
      [4, 6, PARCEL(2), 2],
      [20],
      [3, 3, INTO(0), 2],
      [3, 5, INTO(2), 2],
      [4, 1, INTO(0), 4],
      [4, 0, INTO(0), 1], // EBADF
      [4, 1, DATA + 0x1024, 4],
    ],
    [{ at: PARCELS, bytes: text("abcd") }],
  );
  const program = { executable };
  const whole = runAll(program);
  assertEquals(whole.output, "abcd\xf7\xff\xff\xff");
  for (const at of [50, 60, 70, 80, 90]) {
    const [expected, found] = compareAt(program, at, whole);
    assertEquals(found, expected, `frozen at ${at}`);
  }
});

Deno.test("what the process has unmapped below its heap stays so", () => {
  const executable = callsProgram(
    [[91, DATA + 0x3000, 0x1000], [20], [20], [4, 1, DATA + 0x3000, 1], [4, 1, DATA + 0x100c, 4]],
    [],
  );
  const program = { executable };
  const whole = runAll(program);
  const EFAULT = "\xf2\xff\xff\xff";
  assertEquals(whole.output, EFAULT);
  const [expected, found] = compareAt(program, 45, whole);
  assertEquals(found, expected);
});

Deno.test("the stack still grows", () => {
  // A word a megabyte below, and back: it says where it was written.
  const lines = [
    ...["nop", "nop", "nop", "nop", "mov r15,r8", "mov #16,r0", "shll16 r0", "sub r0,r8"],
    ...["mov.l r8,@r8", "mov.l @r8,r4", "sub r8,r4", ...call(1)],
  ];
  const program = { executable: tinyElf(lines).bytes };
  const whole = runAll(program);
  assertEquals(whole.code, 0);
  for (const at of [2, 8, 9]) {
    const [expected, found] = compareAt(program, at, whole);
    assertEquals(found, expected, `frozen at ${at}`);
  }
});

/** Reads standard input in pieces of four bytes and prints them. */
const reader = callsProgram(
  [0, 1, 2, 3].flatMap((n) => [[3, 0, INTO(4 * n), 4], [4, 1, INTO(4 * n), 4]]).concat([[1, 0]]),
  [],
);

Deno.test("input that was taken in and not read is in the file", () => {
  for (const input of ["abcdefghijklmnop", "abcdefgh"]) {
    const program = { executable: reader, input: text(input) };
    const whole = runAll(program);
    for (const at of [40, 60, 80, 100]) {
      const [expected, found] = compareAt(program, at, whole);
      assertEquals(found, expected, `${input} at ${at}`);
    }
  }
});

Deno.test("more input may follow, and comes behind it", () => {
  const program = { executable: reader, input: text("abcdef") };
  const image = imageAt(program, 45);
  assertEquals(new TextDecoder().decode(image.manifest.process.files.console.pending), "ef");
  const { bytes, inputTaken } = exportImage(image, reader);
  assertEquals(inputTaken, 6);
  const { output } = runAll({ executable: bytes, input: text("ghijklmnop") });
  assertEquals(output.slice(-12), "efghijklmnop");
});

Deno.test("a file of the host is open again where it was", () => {
  const content = text("0123456789abcdef");
  const mounts = {
    "/data/file": {
      stat: () => ({ kind: "file" as const }),
      read: () => content,
      list: () => [],
    },
  };
  const executable = callsProgram(
    [
      [5, PARCEL(0), 0, 0],
      [41, 3], // dup: 4, with the same position
      ...[0, 1, 2, 3].flatMap((n) => [[3, 3 + n % 2, INTO(4 * n), 4], [4, 1, INTO(4 * n), 4]]),
      [1, 0],
    ],
    [{ at: PARCELS, bytes: text("/data/file\0") }],
  );
  const program = { executable, mounts };
  const whole = runAll(program);
  assertEquals(whole.output, "0123456789abcdef");
  for (const at of [50, 70, 90]) {
    const [expected, found] = compareAt(program, at, whole);
    assertEquals(found, expected, `frozen at ${at}`);
  }
  const { code, error } = runAll({ ...freezeAt(program, 70, whole).frozen, mounts: {} });
  assertEquals([code, error], [125, "cannot open /data/file (errno 2)\n"]);
});

Deno.test("pages that are damaged are not started", () => {
  const program = { executable: resourcesProgram() };
  const { bytes } = exportImage(imageAt(program, 300), program.executable);
  const packed = bytes.findIndex((byte, i) => byte === 0x78 && bytes[i + 1] === 0xda);
  let caught = 0;
  for (let at = packed + 2; at < packed + 300; at += 13) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    const { code, error, output } = runAll({ executable: damaged });
    assertEquals([code, error, output], [125, "the pages are damaged\n", ""], `byte ${at}`);
    caught++;
  }
  assertEquals(caught, 23);
});
