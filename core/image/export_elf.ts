/** The executable that a frozen program is: where its parts lie, and its ELF header. */
import { hex32 } from "../base/bits.ts";
import { MMAP_FLOOR, pageUp } from "../kernel/address_space.ts";
import { PROTECTION } from "../kernel/vma.ts";
import { areasOf } from "./export_memory.ts";
import type { Stretch } from "./export_page.ts";
import { ImageError, PAGE_BYTES } from "./image.ts";
import type { SpaceState } from "./process_state.ts";

/** What the loader needs to unpack: 32 KiB that it has unpacked last, two codes, and room to spare. */
const STACK_BYTES = 64 * 1024;
const EM_SH = 42, ET_EXEC = 2, PT_LOAD = 1, PT_GNU_STACK = 0x6474e551, EF_SH4 = 9;
const HEADER_BYTES = 52, PROGRAM_HEADER_BYTES = 32;

/** Where everything lies. */
export interface Layout {
  readonly page: Stretch;
  readonly data: Stretch;
  readonly stack: Stretch;
  /** The page whose end is where the heap begins: brk begins behind the last segment. */
  readonly last: Stretch;
}

/** Free stretches below an address, taken from the lowest on. */
class Room {
  private readonly taken: { readonly start: number; readonly end: number }[];

  constructor(space: SpaceState, private readonly end: number) {
    this.taken = areasOf(space).map(({ start, end }) => ({ start, end }));
  }

  take(bytes: number): Stretch {
    const length = pageUp(bytes);
    let address = MMAP_FLOOR;
    for (const { start, end } of this.taken.sort((a, b) => a.start - b.start)) {
      if (address + length <= start) break;
      address = Math.max(address, end);
    }
    if (address + length > this.end) {
      throw new ImageError(
        `the process cannot become an executable (no-room): its loader needs ${length} bytes in ` +
          `one piece between ${hex32(MMAP_FLOOR)} and its heap at ${hex32(this.end)}; link the ` +
          "program at a higher address, or freeze it when it has less memory",
      );
    }
    this.taken.push({ start: address, end: address + length });
    return { address, length };
  }
}

/** Places for a script of that many bytes, where the process has nothing. Throws `ImageError`. */
export function layOut(space: SpaceState, scriptBytes: number): Layout {
  const last = { address: space.heapStart - PAGE_BYTES, length: PAGE_BYTES };
  const room = new Room(space, last.address);
  const page = room.take(PAGE_BYTES);
  return { page, data: room.take(scriptBytes), stack: room.take(STACK_BYTES), last };
}

interface Segment extends Stretch {
  readonly type: number;
  readonly offset: number;
  readonly fileSize: number;
  readonly protection: number;
}

/** PF_X, PF_W and PF_R are PROT_EXEC, PROT_WRITE and PROT_READ in the opposite order. */
const flagsOf = (protection: number): number =>
  (protection & PROTECTION.write) | (protection & PROTECTION.read) << 2 |
  (protection & PROTECTION.execute) >> 2;

function segmentsOf({ page, data, stack, last }: Layout, scriptBytes: number): readonly Segment[] {
  const { read, write, execute } = PROTECTION;
  const all = read | write | execute;
  const load = { type: PT_LOAD, offset: 0, fileSize: 0 };
  const loaded: readonly Segment[] = [
    { ...load, ...page, fileSize: PAGE_BYTES, protection: all },
    { ...load, ...data, offset: PAGE_BYTES, fileSize: scriptBytes, protection: read | write },
    { ...load, ...stack, protection: read | write },
    { ...load, ...last, protection: read | write },
  ];
  const none = { address: 0, length: 0, offset: 0, fileSize: 0 };
  return [
    ...loaded.toSorted((a, b) => a.address - b.address),
    { ...none, type: PT_GNU_STACK, protection: read | write },
  ];
}

/** The ELF header and the program headers: the first bytes of the loader's page. */
export function headerBytes(layout: Layout, scriptBytes: number, entry: number): Uint8Array {
  const segments = segmentsOf(layout, scriptBytes);
  const bytes = new Uint8Array(HEADER_BYTES + PROGRAM_HEADER_BYTES * segments.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]); // 32 bits, little endian
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM_SH, true);
  const words = [1, entry, HEADER_BYTES, 0, EF_SH4];
  words.forEach((word, i) => view.setUint32(20 + 4 * i, word, true));
  view.setUint16(40, HEADER_BYTES, true);
  view.setUint16(42, PROGRAM_HEADER_BYTES, true);
  view.setUint16(44, segments.length, true);
  segments.forEach(({ type, offset, address, fileSize, length, protection }, n) => {
    const fields = [
      type,
      offset,
      address,
      address,
      fileSize,
      length,
      flagsOf(protection),
      PAGE_BYTES,
    ];
    const at = HEADER_BYTES + PROGRAM_HEADER_BYTES * n;
    fields.forEach((field, i) => view.setUint32(at + 4 * i, field, true));
  });
  return bytes;
}
