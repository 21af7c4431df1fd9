/** What random programs work on: where memory lies, addresses in it, numbers of every kind. */
import type { RandomStream } from "../../core/base/random.ts";
import { RAM_START } from "../../core/machine/state.ts";
import { chance, pick } from "./random_rows.ts";

/** Frames of memory; the first ones hold the program. */
export const FRAMES = 128;
export const CODE_FRAMES = 8;
/** Where data begins. */
export const DATA = 0x00600000;
/** More pages than the UTLB has entries. */
/** Where data begins. */
export const DATA_PAGES = 96;
/** The pages used most. */
export const HOT_PAGES = 10;

/** FPSCR: mostly to nearest and nothing enabled; the inexact flag set or clear. */
export function randomFpscr(random: RandomStream): number {
  const mode = (chance(random, 35) ? 1 << 19 : 0) | (chance(random, 25) ? 1 << 20 : 0);
  const rounding = chance(random, 12) ? 1 : 0;
  const enabled = chance(random, 6) ? random.below(32) << 7 : 0;
  const flags = chance(random, 70) ? 0x4 : random.below(32) << 2;
  const denormals = chance(random, 60) ? 1 << 18 : 0;
  return mode | rounding | enabled | flags | denormals | (chance(random, 20) ? 1 << 21 : 0);
}

/** An address for accesses of a size: aligned, mostly in the pages used most. */
export function randomAddress(random: RandomStream, size: number): number {
  const page = chance(random, 70) ? random.below(HOT_PAGES) : random.below(DATA_PAGES + 2);
  const offset = chance(random, 25) ? 4096 - 8 * (1 + random.below(4)) : 8 * random.below(512);
  const skew = chance(random, 4) ? random.below(size) : 0;
  if (chance(random, 3)) return elsewhere(random);
  return DATA + 4096 * page + offset + skew;
}

/** Untranslated memory, the store queues, the TLB's arrays: most of them for privileged code. */
function elsewhere(random: RandomStream): number {
  const offset = 8 * random.below(512 * FRAMES);
  if (chance(random, 70)) return (0x80000000 + RAM_START + offset) | 0;
  if (chance(random, 90)) return (0xe0000000 + DATA + offset) | 0;
  return (0xf6000000 + (random.below(2) << 24) + (offset & 0x3f80)) | 0;
}

const SPECIAL_SINGLES = [
  0x00000000,
  0x80000000,
  0x00000001,
  0x807fffff,
  0x7f800000,
  0xff800000,
  0x7fbfffff,
  0x7fc00000,
  0x7f7fffff,
  0x00800000,
  0xff800001,
];
const SPECIAL_HIGHS = [0, 0x80000000, 0x000fffff, 0x7ff00000, 0xfff00000, 0x7ff7ffff, 0x7ff80000];

/** Data of every kind: numbers of both precisions, ordinary or not, small integers, anything. */
export function fillData(random: RandomStream, view: DataView): void {
  for (let at = 0; at < view.byteLength; at += 8) {
    const kind = random.below(20);
    if (kind < 9) {
      for (const half of [0, 4]) view.setFloat32(at + half, single(random), true);
    } else if (kind < 13) {
      const exact = new DataView(new ArrayBuffer(8));
      exact.setFloat64(0, single(random) * (1 + random.below(64) / 64));
      view.setUint32(at, exact.getUint32(0), true); // the high word of a pair comes first
      view.setUint32(at + 4, kind === 9 ? random.next() : exact.getUint32(4), true);
    } else if (kind < 15) {
      for (const half of [0, 4]) view.setUint32(at + half, pick(random, SPECIAL_SINGLES), true);
    } else if (kind < 16) {
      view.setUint32(at, pick(random, SPECIAL_HIGHS), true);
      view.setUint32(at + 4, random.below(3), true);
    } else for (const half of [0, 4]) view.setInt32(at + half, integer(random), true);
  }
}

const single = (random: RandomStream): number =>
  (random.below(2001) - 1000) * (chance(random, 50) ? 1 : 2 ** (random.below(60) - 30) / 3);

const integer = (random: RandomStream): number =>
  chance(random, 50) ? random.below(512) - 256 : random.next();
