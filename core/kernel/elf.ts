/**
 * Static SH executables: ELF32, little endian, ET_EXEC. Every field is checked before it is used, so
 * that a broken file gives an {@linkcode ElfError} and never an out-of-range read.
 */
import { TASK_SIZE } from "./address_space.ts";
import { PAGE_SIZE } from "./frames.ts";
import { PROTECTION } from "./vma.ts";

/** What is wrong with an executable: what was expected, what was found, and what to do. */
export class ElfError extends Error {
  override readonly name = "ElfError";
  constructor(what: string, expected: string, found: string, todo: string) {
    super(`${what}: expected ${expected} but found ${found}; ${todo}`);
  }
}

/** One segment that is loaded. */
export interface Segment {
  readonly address: number;
  readonly offset: number;
  readonly fileSize: number;
  readonly memorySize: number;
  /** Bits of `PROTECTION`. */
  readonly protection: number;
}

/** A program as its file describes it. */
export interface Program {
  readonly entry: number;
  /** Ascending by address, no page in two of them. */
  readonly segments: readonly Segment[];
  /** Where the program headers are in memory (AT_PHDR), or 0. */
  readonly headerAddress: number;
  readonly headerSize: number;
  readonly headerCount: number;
  /** First address after the last segment: where the heap begins. */
  readonly end: number;
}

const HEADER_SIZE = 52;
const PROGRAM_HEADER_SIZE = 32;
const MOST_HEADERS = 64;
const ET_EXEC = 2;
const EM_SH = 42;
const PT_LOAD = 1, PT_DYNAMIC = 2, PT_INTERP = 3, PT_PHDR = 6;
const PF_X = 1, PF_W = 2, PF_R = 4;
const EF_SH_FDPIC = 0x8000;
/** Room that must stay free above a program, for its stack and its mappings. */
const HIGHEST_END = TASK_SIZE - 0x0400_0000;

const COMPILE = "compile it with the SH-4 compiler (-m4 -ml -static)";
const DAMAGED = "the file is damaged or cut short: build or copy it again";

const TYPES = [
  "no type",
  "a relocatable object",
  "an executable",
  "a shared object",
  "a core dump",
];

/** The e_flags architecture numbers an SH-4 cannot run, with their names. */
const OTHER_PARTS: ReadonlyMap<number, string> = new Map([
  [4, "SH-DSP"],
  [5, "SH3-DSP"],
  [6, "SH4AL-DSP"],
  [11, "SH2E"],
  [13, "SH2A"],
  [19, "SH2A without FPU"],
]);

/** A sum of two words may have 33 bits. */
const hex = (n: number): string => "0x" + n.toString(16);

function checkIdentity(bytes: Uint8Array): void {
  if (bytes.length < HEADER_SIZE) {
    const found = `${bytes.length} bytes`;
    throw new ElfError("ELF header", `at least ${HEADER_SIZE} bytes`, found, DAMAGED);
  }
  const magic = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0"));
  if (magic.join("") !== "7f454c46") {
    const todo = "this is no ELF file; name a program built for SH-4";
    throw new ElfError("ELF magic", "7f 45 4c 46", magic.join(" "), todo);
  }
  if (bytes[4] !== 1) {
    throw new ElfError("ELF class", "1 (32 bits)", String(bytes[4]), COMPILE);
  }
  if (bytes[5] !== 1) {
    throw new ElfError("ELF data", "1 (little endian)", String(bytes[5]), COMPILE);
  }
  if (bytes[6] !== 1) {
    throw new ElfError("ELF identification version", "1", String(bytes[6]), DAMAGED);
  }
}

function checkHeader(view: DataView): void {
  const type = view.getUint16(16, true), machine = view.getUint16(18, true);
  if (type !== ET_EXEC) {
    const found = TYPES[type] ?? `type ${type}`;
    throw new ElfError("ELF type", "an executable (ET_EXEC)", found, `${COMPILE}, not as PIE`);
  }
  if (machine !== EM_SH) {
    throw new ElfError("ELF machine", `${EM_SH} (SuperH)`, String(machine), COMPILE);
  }
  const version = view.getUint32(20, true);
  if (version !== 1) throw new ElfError("ELF version", "1", String(version), DAMAGED);
  const flags = view.getUint32(36, true);
  if ((flags & EF_SH_FDPIC) !== 0) {
    throw new ElfError("ELF flags", "a program for a machine with MMU", "FDPIC", COMPILE);
  }
  const part = OTHER_PARTS.get(flags & 0x1f);
  if (part !== undefined) throw new ElfError("ELF flags", "SH-4 or below", part, COMPILE);
  const headerSize = view.getUint16(40, true);
  if (headerSize < HEADER_SIZE) {
    throw new ElfError("ELF header size", `${HEADER_SIZE}`, String(headerSize), DAMAGED);
  }
}

interface Headers {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

function checkProgramHeaders(view: DataView): Headers {
  const offset = view.getUint32(28, true);
  const size = view.getUint16(42, true), count = view.getUint16(44, true);
  if (size !== PROGRAM_HEADER_SIZE) {
    const expected = `${PROGRAM_HEADER_SIZE} bytes each`;
    throw new ElfError("program headers", expected, String(size), DAMAGED);
  }
  if (count === 0 || count > MOST_HEADERS) {
    const expected = `1 to ${MOST_HEADERS} of them`;
    throw new ElfError("program headers", expected, String(count), DAMAGED);
  }
  const end = offset + size * count;
  if (offset < HEADER_SIZE || end > view.byteLength) {
    const expected = `a table between byte ${HEADER_SIZE} and byte ${view.byteLength}`;
    throw new ElfError("program headers", expected, `bytes ${offset} to ${end}`, DAMAGED);
  }
  if (offset % 4 !== 0) {
    throw new ElfError(
      "program headers",
      "an offset that is a multiple of 4",
      `${offset}`,
      DAMAGED,
    );
  }
  return { offset, size, count };
}

function readSegment(view: DataView, at: number, number: number): Segment {
  const word = (index: number) => view.getUint32(at + 4 * index, true);
  const [offset, address, fileSize, memorySize, flags] = [
    word(1),
    word(2),
    word(4),
    word(5),
    word(6),
  ];
  const what = `segment ${number}`;
  if (fileSize > memorySize) {
    const expected = `at most its ${memorySize} bytes in memory`;
    throw new ElfError(what, expected, `${fileSize} bytes in the file`, DAMAGED);
  }
  if (offset + fileSize > view.byteLength) {
    const expected = `bytes within the file's ${view.byteLength}`;
    throw new ElfError(what, expected, `bytes ${offset} to ${offset + fileSize}`, DAMAGED);
  }
  if (address < PAGE_SIZE || address + memorySize > HIGHEST_END) {
    const expected = `addresses from ${hex(PAGE_SIZE)} to ${hex(HIGHEST_END)}`;
    const found = `${hex(address)} to ${hex(address + memorySize)}`;
    throw new ElfError(what, expected, found, "link it at an address in user space, as 0x400000");
  }
  if (offset % PAGE_SIZE !== address % PAGE_SIZE) {
    const expected = `offset and address alike modulo ${PAGE_SIZE}`;
    const todo = "link it with -z max-page-size=4096 or a multiple";
    throw new ElfError(what, expected, `${hex(offset)} and ${hex(address)}`, todo);
  }
  const protection = ((flags & PF_R) !== 0 ? PROTECTION.read : 0) |
    ((flags & PF_W) !== 0 ? PROTECTION.write : 0) | ((flags & PF_X) !== 0 ? PROTECTION.execute : 0);
  return { address, offset, fileSize, memorySize, protection };
}

function checkLayout(segments: readonly Segment[]): void {
  if (segments.length === 0) {
    throw new ElfError("program", "a segment to load", "none", COMPILE);
  }
  let end = 0;
  for (const segment of segments) {
    const first = Math.floor(segment.address / PAGE_SIZE) * PAGE_SIZE;
    if (first < end) {
      const found = `${hex(segment.address)} after a segment that ends at page ${hex(end)}`;
      const expected = "segments in ascending order with no page in two of them";
      throw new ElfError("program", expected, found, COMPILE);
    }
    end = Math.ceil((segment.address + segment.memorySize) / PAGE_SIZE) * PAGE_SIZE;
  }
}

function checkEntry(entry: number, segments: readonly Segment[]): void {
  const home = segments.find(({ address, fileSize }) =>
    entry >= address && entry + 2 <= address + fileSize
  );
  if (entry % 2 !== 0) {
    throw new ElfError("entry point", "an even address", hex(entry), DAMAGED);
  }
  if (home === undefined || (home.protection & PROTECTION.execute) === 0) {
    const expected = "an address in an executable segment";
    throw new ElfError("entry point", expected, hex(entry), COMPILE);
  }
}

/** The address of the program headers in memory: PT_PHDR says it, or the segment they lie in. */
function headerAddress(headers: Headers, declared: number, segments: readonly Segment[]): number {
  const length = headers.size * headers.count;
  const inSegment = (address: number) =>
    segments.some((s) => address >= s.address && address + length <= s.address + s.memorySize);
  if (inSegment(declared)) return declared;
  const home = segments.find((segment) =>
    headers.offset >= segment.offset && headers.offset + length <= segment.offset + segment.fileSize
  );
  return home === undefined ? 0 : home.address + (headers.offset - home.offset);
}

/**
 * Reads an executable.
 *
 * @example
 * ```ts
 * import { ElfError, readElf } from "./elf.ts";
 * try {
 *   readElf(new Uint8Array(64));
 * } catch (error) {
 *   if (!(error instanceof ElfError)) throw error;
 * }
 * ```
 */
export function readElf(bytes: Uint8Array): Program {
  checkIdentity(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkHeader(view);
  const headers = checkProgramHeaders(view);
  const segments: Segment[] = [];
  let declared = 0;
  for (let n = 0; n < headers.count; n++) {
    const at = headers.offset + n * headers.size;
    const type = view.getUint32(at, true);
    if (type === PT_INTERP || type === PT_DYNAMIC) {
      const found = type === PT_INTERP ? "one that needs an interpreter" : "a dynamic section";
      throw new ElfError("program", "a static program", found, "link it with -static and not -pie");
    }
    if (type === PT_PHDR) declared = view.getUint32(at + 8, true);
    if (type !== PT_LOAD || view.getUint32(at + 20, true) === 0) continue;
    segments.push(readSegment(view, at, n));
  }
  checkLayout(segments);
  const entry = view.getUint32(24, true);
  checkEntry(entry, segments);
  const last = segments[segments.length - 1];
  return {
    entry,
    segments,
    headerAddress: headerAddress(headers, declared, segments),
    headerSize: headers.size,
    headerCount: headers.count,
    end: last === undefined ? 0 : last.address + last.memorySize,
  };
}
