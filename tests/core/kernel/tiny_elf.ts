/** Small SH-4 executables for tests: a header, one code segment, one data segment. */
import { assemble } from "../../../core/isa/text.ts";

/** Where the code of a tiny program begins; the ELF headers lie below it on the same page. */
export const CODE = 0x400080;
/** Where its data begin: a page of their own, readable and writable. */
export const DATA = 0x402000;

const HEADER = 52, PROGRAM_HEADER = 32;
export const FILE_CODE = CODE - 0x400000;

/** A place in the file that a test may break. */
export interface TinyElf {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** One instruction as text, a raw word, or a 32-bit literal to load (as two words). */
export type Line = string | number;

/** Assembles lines at `CODE`. A number is a 16-bit word as it stands. */
export function assembleLines(lines: readonly Line[]): number[] {
  return lines.map((line, index) =>
    typeof line === "number" ? line : assemble(line, CODE + 2 * index, { PR: 1, SZ: 0 })
  );
}

/** The two words of a 32-bit literal, little endian. */
export const literal = (value: number): number[] => [value & 0xffff, value >>> 16];

/** An executable of these instructions, with `data` at `DATA` and some zero bytes behind it. */
export function tinyElf(lines: readonly Line[], data: Uint8Array = new Uint8Array(16)): TinyElf {
  const words = assembleLines(lines);
  const dataOffset = 0x1000;
  const bytes = new Uint8Array(dataOffset + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  [[16, 2], [18, 42], [40, HEADER], [42, PROGRAM_HEADER], [44, 2]].forEach(([at = 0, value = 0]) =>
    view.setUint16(at, value, true)
  );
  [[20, 1], [24, CODE], [28, HEADER], [36, 9]].forEach(([at = 0, value = 0]) =>
    view.setUint32(at, value, true)
  );
  const size = FILE_CODE + 2 * words.length;
  const headers = [
    [1, 0, 0x400000, 0x400000, size, size, 5, 0x1000],
    [1, dataOffset, DATA, DATA, data.length, data.length + 0x2000, 6, 0x1000],
  ];
  headers.flat().forEach((word, i) => view.setUint32(HEADER + 4 * i, word, true));
  words.forEach((word, i) => view.setUint16(FILE_CODE + 2 * i, word, true));
  bytes.set(data, dataOffset);
  return { bytes, view };
}

/** Lines that make a system call whose arguments are in place. */
export const call = (number: number): Line[] => [`mov #${number},r3`, "trapa #31"];

/** Lines that end the program with a code. */
export const exitWith = (code: number): Line[] => [`mov #${code},r4`, ...call(1)];
