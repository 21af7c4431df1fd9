/** ELF files that must be refused. */
import { EXIT } from "../../dsl/exit.ts";
import { tinyElf } from "../core/kernel/tiny_elf.ts";
import { exitWith } from "../core/kernel/tiny_elf.ts";
import type { BadRow, More } from "./bad_row.ts";
import { guest } from "./workshop.ts";

/** Where things are in an ELF header and in a program header. */
const AT = { class: 4, data: 5, type: 16, machine: 18, entry: 24, flags: 36, count: 44 } as const;
const PROGRAM = { type: 0, offset: 4, address: 8, fileSize: 16, memorySize: 20 } as const;
const HEADERS = 52, HEADER_SIZE = 32;

const segment = (number: number, field: number): number => HEADERS + number * HEADER_SIZE + field;

/** A sound program of two segments with 32-bit words changed, each at its place. */
function broken(...words: readonly (readonly [at: number, value: number])[]): Uint8Array {
  const { bytes, view } = tinyElf(exitWith(0));
  for (const [at, value] of words) view.setUint32(at, value, true);
  return bytes;
}

function brokenByte(at: number, value: number): Uint8Array {
  const { bytes } = tinyElf(exitWith(0));
  bytes[at] = value;
  return bytes;
}

const row = (name: string, says: string, bytes: Uint8Array | string, more: More = {}): BadRow => ({
  name: `program: ${name}`,
  args: ["exec", "@/bad.elf"],
  files: () => ({ "bad.elf": bytes }),
  exit: EXIT.script,
  says: ["error: ", ...says.split("|")],
  ...more,
});

const whole = guest("echo");
const cuts = [1, 4, 16, 51, 52, 84, 147, 148, 4096, whole.length >> 1];

export const BAD_PROGRAMS: readonly BadRow[] = [
  row("empty", "ELF header: expected at least 52 bytes but found 0 bytes", "", { child: true }),
  row("text", "ELF magic: expected 7f 45 4c 46 but found 23 21|no ELF file", "#! sh\n".repeat(20)),
  row("of 64 bits", "ELF class: expected 1 (32 bits) but found 2|-m4", brokenByte(AT.class, 2)),
  row("big endian", "ELF data: expected 1 (little endian) but found 2", brokenByte(AT.data, 2)),
  row(
    "for another processor",
    "ELF machine: expected 42 (SuperH) but found 3",
    brokenByte(
      AT.machine,
      3,
    ),
  ),
  row("for SH-2A", "ELF flags: expected SH-4 or below but found SH2A", broken([AT.flags, 13])),
  row("an object file", "ELF type: |found a relocatable object", brokenByte(AT.type, 1)),
  row("a shared object", "ELF type: |found a shared object", brokenByte(AT.type, 3)),
  row(
    "dynamic",
    "program: expected a static program but found a dynamic section|-static",
    broken(
      [segment(0, PROGRAM.type), 2],
    ),
  ),
  row(
    "one with an interpreter",
    "found one that needs an interpreter",
    broken(
      [segment(1, PROGRAM.type), 3],
    ),
  ),
  row(
    "no program headers",
    "program headers: expected 1 to 64 of them but found 0",
    brokenByte(
      AT.count,
      0,
    ),
  ),
  row(
    "nothing to load",
    "program: expected a segment to load but found none",
    broken(
      [segment(0, PROGRAM.type), 4],
      [segment(1, PROGRAM.type), 4],
    ),
  ),
  row(
    "a segment beyond the file",
    "segment 1: expected bytes within the file's",
    broken(
      [segment(1, PROGRAM.offset), 0x100000],
    ),
  ),
  row(
    "more in the file than in memory",
    "segment 0: expected at most its 4 bytes in memory",
    broken(
      [segment(0, PROGRAM.memorySize), 4],
    ),
  ),
  row(
    "a segment in kernel space",
    "segment 1: expected addresses from 0x1000|0x80002000",
    broken(
      [segment(1, PROGRAM.address), 0x80002000],
    ),
  ),
  row(
    "a segment at 0",
    "segment 0: expected addresses from 0x1000|user space",
    broken(
      [segment(0, PROGRAM.address), 0],
    ),
  ),
  row(
    "a segment of 4 GiB",
    "segment 1: expected addresses from|to 0x100401fff",
    broken(
      [segment(1, PROGRAM.memorySize), 0xffffffff],
    ),
  ),
  row(
    "a segment too big for memory",
    "not enough memory; give the machine more",
    broken(
      [segment(1, PROGRAM.memorySize), 0x40000000],
    ),
    { child: true },
  ),
  row(
    "segments that overlap",
    "program: expected segments in ascending order",
    broken(
      [segment(1, PROGRAM.address), 0x400000],
    ),
  ),
  row(
    "offset and address apart",
    "segment 1: expected offset and address alike",
    broken(
      [segment(1, PROGRAM.address), 0x402010],
    ),
  ),
  row(
    "an entry outside",
    "entry point: expected an address in an executable segment",
    broken(
      [AT.entry, 0x500000],
    ),
  ),
  row(
    "an entry among the data",
    "entry point: expected an address in an executable",
    broken(
      [AT.entry, 0x402000],
    ),
  ),
  row(
    "an odd entry",
    "entry point: expected an even address but found 0x400081",
    broken(
      [AT.entry, 0x400081],
    ),
  ),
  ...cuts.map((length) =>
    row(
      `cut to ${length} bytes`,
      "expected|but found|the file is damaged",
      whole.subarray(0, length),
    )
  ),
  row("not there", "cannot read the program '@/none.elf': there is no such file", "", {
    args: ["exec", "@/none.elf"],
    child: true,
  }),
  row("a folder", "cannot read the program '@/': it is a folder", "", { args: ["exec", "@/"] }),
  row("a device", "cannot read the program '/dev/zero': it is a device", "", {
    args: ["exec", "/dev/zero"],
  }),
  row(
    "arguments too long",
    "@/good.elf: arguments and environment are too long; shorten them",
    "",
    {
      args: ["exec", "@/good.elf", "x".repeat(3 * 2 ** 20)],
      files: () => ({ "good.elf": whole }),
    },
  ),
];
