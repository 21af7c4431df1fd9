import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import fc from "fast-check";
import { TASK_SIZE } from "../../../core/kernel/address_space.ts";
import { ElfError, readElf } from "../../../core/kernel/elf.ts";
import { CODE, DATA, exitWith, type TinyElf, tinyElf } from "./tiny_elf.ts";

const good = (): TinyElf => tinyElf(exitWith(0));

const half = (at: number, value: number) => ({ view }: TinyElf) => view.setUint16(at, value, true);
const word = (at: number, value: number) => ({ view }: TinyElf) => view.setUint32(at, value, true);
const byte = (at: number, value: number) => ({ bytes }: TinyElf) => void (bytes[at] = value);
/** A field of the nth program header. */
const header = (n: number, field: number, value: number) => word(52 + 32 * n + 4 * field, value);

/** Broken files: what was done to them, and a part of the message. */
const BROKEN: readonly (readonly [string, (elf: TinyElf) => void, string])[] = [
  ["no ELF magic", byte(0, 0x7e), "45 4c 46"],
  ["a script", ({ bytes }) => bytes.set(new TextEncoder().encode("#!/bin/sh")), "no ELF file"],
  ["64 bits", byte(4, 2), "32 bits"],
  ["no class", byte(4, 0), "32 bits"],
  ["big endian", byte(5, 2), "little endian"],
  ["another identification version", byte(6, 2), "identification version"],
  ["a relocatable object", half(16, 1), "relocatable"],
  ["a shared object", half(16, 3), "not as PIE"],
  ["a core dump", half(16, 4), "core dump"],
  ["an unknown type", half(16, 0x1234), "type 4660"],
  ["x86", half(18, 3), "SuperH"],
  ["another version", word(20, 7), "ELF version"],
  ["FDPIC", word(36, 0x8009), "FDPIC"],
  ["SH-2A", word(36, 13), "SH2A"],
  ["SH4AL-DSP", word(36, 6), "SH4AL-DSP"],
  ["a short header", half(40, 20), "header size"],
  ["odd program headers", half(42, 56), "32 bytes each"],
  ["no program headers", half(44, 0), "1 to 64"],
  ["too many program headers", half(44, 5000), "1 to 64"],
  ["program headers beyond the end", word(28, 0x100000), "program headers"],
  ["program headers in the header", word(28, 4), "program headers"],
  ["program headers at 4 GiB", word(28, 0xfffffff0), "program headers"],
  ["program headers out of step", word(28, 54), "multiple of 4"],
  ["an interpreter", header(0, 0, 3), "interpreter"],
  ["a dynamic section", header(1, 0, 2), "dynamic"],
  ["nothing to load", (elf) => (header(0, 0, 6)(elf), header(1, 0, 4)(elf)), "segment to load"],
  ["more in the file than in memory", header(1, 4, 0x8000), "in memory"],
  ["a segment beyond the end", header(1, 1, 0x2000), "bytes within"],
  ["a segment at 4 GiB of the file", header(1, 1, 0xfffff000), "bytes within"],
  ["a segment at address 0", header(0, 2, 0), "addresses from"],
  ["a segment in kernel space", header(1, 2, 0x80000000), "addresses from"],
  ["a segment over the stack", header(1, 2, TASK_SIZE - 0x2000), "addresses from"],
  ["a segment that wraps", header(1, 5, 0xffffff00), "addresses from"],
  ["offset and address out of step", header(1, 2, DATA + 4), "modulo"],
  ["segments that overlap", header(1, 2, 0x400000), "ascending"],
  ["segments in disorder", header(0, 2, 0x500000), "ascending"],
  ["an entry in data", word(24, DATA), "executable segment"],
  ["an entry nowhere", word(24, 0x12345678), "executable segment"],
  ["an odd entry", word(24, CODE + 1), "even address"],
  ["code without the right to execute", header(0, 6, 4), "executable segment"],
];

Deno.test("a good executable is read", () => {
  const program = readElf(good().bytes);
  assertEquals(program.entry, CODE);
  assertEquals(program.segments.map(({ address }) => address), [0x400000, DATA]);
  assertEquals(program.headerAddress, 0x400000 + 52);
  assertEquals([program.headerSize, program.headerCount], [32, 2]);
  assertEquals(program.end, DATA + 16 + 0x2000);
});

for (const [what, damage, expected] of BROKEN) {
  Deno.test(`ELF refused: ${what}`, () => {
    const elf = good();
    damage(elf);
    const error = assertThrows(() => readElf(elf.bytes), ElfError);
    assert(error.message.includes(expected), error.message);
    assert(/expected .* but found .*; /.test(error.message), error.message);
  });
}

Deno.test("ELF: every truncation is refused or loads what is still there", () => {
  const { bytes } = good();
  for (let length = 0; length < bytes.length; length++) {
    try {
      readElf(bytes.subarray(0, length));
      assert(false, `${length} bytes were accepted`);
    } catch (error) {
      assertInstanceOf(error, ElfError);
    }
  }
});

Deno.test("ELF: any change of any bytes gives sane segments or an ElfError", () => {
  const { bytes } = good();
  const change = fc.tuple(fc.nat(180), fc.nat(255));
  fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
    const copy = bytes.slice();
    for (const [at, value] of changes) copy[at] = value;
    try {
      const program = readElf(copy);
      for (const { address, offset, fileSize, memorySize } of program.segments) {
        assert(offset + fileSize <= copy.length && fileSize <= memorySize);
        assert(address >= 4096 && address + memorySize < TASK_SIZE);
      }
    } catch (error) {
      assertInstanceOf(error, ElfError);
    }
  }));
});
