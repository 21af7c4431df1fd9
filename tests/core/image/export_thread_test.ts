/** The number a C library remembers of its thread is that of the thread the process has then. */
import { assertEquals } from "@std/assert";
import { exportImage, type Image } from "../../../core/mod.ts";
import { call, DATA, exitWith, tinyElf } from "../kernel/tiny_elf.ts";
import { imageAt, runAll } from "./frozen_fixture.ts";

const OLD = 77, RECORD = DATA + 0x80, NUMBER = RECORD + 16, CLEARED = DATA + 0xc0;

/** Sets GBR and the address to clear, waits a little, and prints what lies at both places. */
const program = (words: Readonly<Record<number, number>>): Uint8Array => {
  const data = new Uint8Array(0x100);
  const view = new DataView(data.buffer);
  for (const [at, word] of Object.entries(words)) view.setUint32(Number(at) - DATA, word, true);
  const address = ["mov #64,r8", "shll16 r8", "mov #32,r0", "shll8 r0", "or r0,r8"];
  const print = (offset: number) => [
    ...["mov r8,r5", `mov #${offset / 2},r0`, "shll r0", "add r0,r5"],
    ...["mov #1,r4", "mov #4,r6", ...call(4)],
  ];
  const lines = [
    ...address,
    ...["mov r8,r4", "mov #96,r0", "shll r0", "add r0,r4", "mov #1,r3", "shll8 r3", "add #2,r3"],
    ...["trapa #31", "mov r8,r1", "add #120,r1", "add #72,r1", "ldc r1,gbr", "nop", "nop", "nop"],
    ...print(NUMBER - DATA),
    ...print(CLEARED - DATA),
    ...exitWith(0),
  ];
  return tinyElf(lines, data).bytes;
};

/** The image as if the thread had had another number. */
function renumbered(image: Image): Image {
  const { manifest } = image;
  const threads = manifest.process.threads.map((thread) => ({ ...thread, id: OLD }));
  return { ...image, manifest: { ...manifest, process: { ...manifest.process, threads } } };
}

/** What is printed of a program whose data have these words. */
function printed(words: Readonly<Record<number, number>>): readonly number[] {
  const executable = program(words);
  const image = renumbered(imageAt({ executable }, 19));
  const { output } = runAll({ executable: exportImage(image, executable).bytes });
  return [output.charCodeAt(0), output.charCodeAt(4)];
}

const NEW = 100;
const SELF = { [RECORD]: RECORD, [RECORD + 4]: RECORD, [RECORD + 8]: RECORD };

Deno.test("musl's record of the thread has the new number", () => {
  assertEquals(printed({ ...SELF, [NUMBER]: OLD }), [NEW, 0]);
});

Deno.test("glibc's number is at the address that is cleared", () => {
  assertEquals(printed({ [CLEARED]: OLD }), [0, NEW]);
});

Deno.test("the same number elsewhere is a number", () => {
  assertEquals(printed({ [NUMBER]: OLD, [CLEARED]: OLD - 1 }), [OLD, OLD - 1]);
  assertEquals(printed({ ...SELF, [RECORD + 8]: RECORD + 4, [NUMBER]: OLD }), [OLD, 0]);
  assertEquals(printed({ ...SELF, [NUMBER]: OLD + 1 }), [OLD + 1, 0]);
});
