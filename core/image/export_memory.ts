/** The address space of a frozen program, as steps of its script. */
import { deflateSync } from "node:zlib";
import { hex32 } from "../base/bits.ts";
import { isZero } from "../base/bytes.ts";
import { pageUp } from "../kernel/address_space.ts";
import { ACTION_FLAGS, HANDLER } from "../kernel/signals.ts";
import { PROTECTION } from "../kernel/vma.ts";
import { CALL, type Script } from "./export_script.ts";
import { type Image, PAGE_BYTES } from "./image.ts";
import type { ProcessState, SpaceState, VmaState } from "./process_state.ts";

/** Flags of mmap. */
const MAP = {
  shared: 0x01,
  private: 0x02,
  fixed: 0x10,
  anonymous: 0x20,
  noReserve: 0x4000,
} as const;
/** Kept free between the stack and what lies below it, as the kernel does. */
const STACK_GAP = 16 * PAGE_BYTES;
const READ_WRITE = PROTECTION.read | PROTECTION.write;

/** Bytes by page number. */
export type Pages = ReadonlyMap<number, Uint8Array>;

/** The pages that are not all zeros: from the image, or from the executable where it leaves them. */
export function pagesOf(image: Image, executable: Uint8Array | undefined): Pages {
  const pages = new Map<number, Uint8Array>();
  const { vmas } = image.manifest.process.space;
  for (const { vpn, bytes } of image.pages) {
    const content = bytes ?? fileBytes(vpn, vmas, executable ?? new Uint8Array(0));
    if (!isZero(content)) pages.set(vpn, content);
  }
  return pages;
}

function fileBytes(vpn: number, vmas: readonly VmaState[], file: Uint8Array): Uint8Array {
  const address = vpn * PAGE_BYTES;
  const bytes = new Uint8Array(PAGE_BYTES);
  const vma = vmas.find(({ start, end }) => start <= address && address < end);
  if (vma?.backing === undefined) return bytes;
  const from = address - vma.start;
  const length = Math.max(0, Math.min(PAGE_BYTES, vma.backing.length - from));
  const offset = vma.backing.offset + from;
  bytes.set(file.subarray(offset, offset + length));
  return bytes;
}

/**
 * The areas as they are mapped: the stack is as long as it may grow, for elsewhere nobody would let
 * it grow at this place.
 */
export function areasOf({ vmas, stackTop, stackLimit }: SpaceState): readonly VmaState[] {
  const first = vmas.findIndex(({ kind }) => kind === "stack");
  return vmas.map((vma, index) => {
    if (index !== first) return vma;
    const below = vmas[index - 1]?.end ?? 0;
    const lowest = Math.max(stackTop - pageUp(stackLimit), below + STACK_GAP);
    return { ...vma, start: Math.min(vma.start, lowest) };
  });
}

/**
 * Areas in which instructions may lie that a handler returns by: the kernel writes them onto the
 * stack unless the program has some. SH-4 executes what may be read; elsewhere it has to be said.
 */
function areasOfFrames({ actions, threads, space }: ProcessState): readonly VmaState[] {
  const written = actions.some(({ handler, flags }) =>
    handler !== HANDLER.default && handler !== HANDLER.ignore &&
    (flags & ACTION_FLAGS.restorer) === 0
  );
  if (!written) return [];
  const stacks = threads.map(({ alternateStack: { address, size } }) => address + size - 1);
  return areasOf(space).filter(({ kind, start, end }) =>
    kind === "stack" || stacks.some((address) => address >= start && address < end)
  );
}

/** Whether brk has made an area already. */
const isHeap = ({ kind, shared, start, end }: VmaState, { heapStart, heapEnd }: SpaceState) =>
  kind === "heap" && !shared && start >= heapStart && end <= pageUp(heapEnd);

/** The parts of the heap that the program has unmapped. */
function heapGaps({ vmas, heapStart, heapEnd }: SpaceState): readonly (readonly number[])[] {
  const gaps: (readonly number[])[] = [];
  const top = pageUp(heapEnd);
  let at = heapStart;
  for (const { start, end } of vmas) {
    if (end <= at || start >= top) continue;
    if (start > at) gaps.push([at, start - at]);
    at = end;
  }
  if (at < top) gaps.push([at, top - at]);
  return gaps;
}

function mapAreas(script: Script, space: SpaceState): void {
  const { vmas, heapStart, heapEnd } = space;
  script.exactly("cannot give the heap its place and size", heapEnd, CALL.brk, [heapEnd]);
  for (const gap of heapGaps(space)) {
    script.demand("cannot unmap a part of the heap", CALL.munmap, gap);
  }
  const last = heapStart - PAGE_BYTES;
  if (!vmas.some(({ start, end }) => start <= last && end > last)) {
    // The executable's last segment lies there, for the heap to begin behind it.
    script.demand("cannot unmap the page below the heap", CALL.munmap, [last, PAGE_BYTES]);
  }
  for (const area of areasOf(space)) {
    if (isHeap(area, space)) continue;
    const { start, end, shared } = area;
    const failure = `cannot map ${hex32(start)} to ${hex32(end)}`;
    const sharing = shared ? MAP.shared : MAP.private | MAP.noReserve;
    const flags = sharing | MAP.fixed | MAP.anonymous;
    script.exactly(failure, start, CALL.mmap2, [start, end - start, READ_WRITE, flags, -1, 0]);
  }
}

/** Stretches of pages that follow each other: address and length. */
function runsOf(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const vpn of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === vpn * PAGE_BYTES) last[1] += PAGE_BYTES;
    else runs.push([vpn * PAGE_BYTES, PAGE_BYTES]);
  }
  return runs;
}

function fillPages(script: Script, pages: Pages): void {
  const numbers = [...pages.keys()].sort((a, b) => a - b);
  const plain = new Uint8Array(numbers.length * PAGE_BYTES);
  numbers.forEach((vpn, i) => plain.set(pages.get(vpn) as Uint8Array, i * PAGE_BYTES));
  const packed = new Uint8Array(deflateSync(plain, { level: 9 }));
  script.unpack("the pages are damaged", packed, runsOf(numbers));
}

function protectAreas(script: Script, state: ProcessState): void {
  const executed = areasOfFrames(state).map(({ start }) => start);
  for (const { start, end, protection } of areasOf(state.space)) {
    const rights = protection | (executed.includes(start) ? PROTECTION.execute : 0);
    if (rights === READ_WRITE) continue;
    const failure = `cannot protect ${hex32(start)} to ${hex32(end)}`;
    script.demand(failure, CALL.mprotect, [start, end - start, rights]);
  }
}

/** Maps all areas, fills them, and protects them. */
export function addMemory(script: Script, state: ProcessState, pages: Pages): void {
  mapAreas(script, state.space);
  fillPages(script, pages);
  protectAreas(script, state);
}
