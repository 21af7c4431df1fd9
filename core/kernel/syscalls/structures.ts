/** Structures of the SH ABI as bytes. Every layout is that of the kernel's own headers. */
import type { Inode } from "../files/inode.ts";
import { encodeText, type UserMemory } from "../user_memory.ts";
import type { Timespec } from "../virtual_clock.ts";

/** Writes fields one after another, little endian. */
export class Layout {
  private readonly view: DataView;
  private at = 0;
  readonly bytes: Uint8Array;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  half(value: number): this {
    this.view.setUint16(this.at, value, true);
    this.at += 2;
    return this;
  }

  word(value: number): this {
    this.view.setUint32(this.at, value >>> 0, true);
    this.at += 4;
    return this;
  }

  /** 64 bits from a number that is exact. */
  long(value: number): this {
    return this.word(value % 2 ** 32).word(Math.floor(value / 2 ** 32));
  }

  skip(bytes: number): this {
    this.at += bytes;
    return this;
  }

  text(value: string, bytes: number): this {
    this.bytes.set(encodeText(value).subarray(0, bytes - 1), this.at);
    return this.skip(bytes);
  }

  /** Two 32-bit words. */
  time32({ seconds, nanoseconds }: Timespec): this {
    return this.word(seconds).word(nanoseconds);
  }

  /** 64 bits of seconds, then 64 of nanoseconds (the upper half is padding). */
  time64({ seconds, nanoseconds }: Timespec): this {
    return this.long(seconds).long(nanoseconds);
  }
}

const BLOCK = 4096;
const blocksOf = (size: number): number => Math.ceil(size / 512);
/** The device number all files of the tree report. */
const FILE_DEVICE = 1;

/** struct stat64. */
export function stat64(inode: Inode): Uint8Array {
  return new Layout(96)
    .long(FILE_DEVICE).skip(4).word(inode.number)
    .word(inode.mode).word(inode.links).word(inode.uid).word(inode.gid)
    .long(inode.device).skip(4)
    .long(inode.size).word(BLOCK).long(blocksOf(inode.size))
    .time32(inode.accessed).time32(inode.modified).time32(inode.changed)
    .long(inode.number).bytes;
}

/** struct stat, of the old calls. */
export function stat32(inode: Inode): Uint8Array {
  return new Layout(64)
    .word(FILE_DEVICE).word(inode.number).half(inode.mode).half(inode.links)
    .half(inode.uid).half(inode.gid).word(inode.device)
    .word(inode.size).word(BLOCK).word(blocksOf(inode.size))
    .time32(inode.accessed).time32(inode.modified).time32(inode.changed).bytes;
}

/** STATX_BASIC_STATS: every field an old stat has. */
const STATX_BASIC = 0x7ff;

/** struct statx. */
export function statx(inode: Inode): Uint8Array {
  const stamp = ({ seconds, nanoseconds }: Timespec, layout: Layout) =>
    layout.long(seconds).word(nanoseconds).skip(4);
  const layout = new Layout(256)
    .word(STATX_BASIC).word(BLOCK).long(0)
    .word(inode.links).word(inode.uid).word(inode.gid).half(inode.mode).skip(2)
    .long(inode.number).long(inode.size).long(blocksOf(inode.size)).long(0);
  stamp(inode.accessed, layout);
  layout.skip(16); // creation time is not kept
  stamp(inode.changed, layout);
  stamp(inode.modified, layout);
  const { device } = inode;
  return layout.word(device >>> 8).word(device & 255).word(0).word(FILE_DEVICE).bytes;
}

/** struct statfs64 of a file system that lies in memory. */
export function statfs64(blocks: number, free: number): Uint8Array {
  const TMPFS = 0x01021994;
  return new Layout(84)
    .word(TMPFS).word(BLOCK).long(blocks).long(free).long(free)
    .long(blocks).long(free).long(0).word(255).word(BLOCK).bytes;
}

/** Reads a struct timespec; 0 is no time. */
export function readTime(memory: UserMemory, address: number, bits: 32 | 64): Timespec | undefined {
  if (address === 0) return undefined;
  const view = memory.view(address, bits === 32 ? 8 : 16);
  if (bits === 32) {
    return { seconds: view.getInt32(0, true), nanoseconds: view.getInt32(4, true) };
  }
  const seconds = view.getInt32(4, true) * 2 ** 32 + view.getUint32(0, true);
  return { seconds, nanoseconds: view.getInt32(8, true) };
}

/** Reads a struct timeval. */
export function readMicroseconds(memory: UserMemory, address: number): Timespec | undefined {
  const time = readTime(memory, address, 32);
  return time === undefined ? undefined : { ...time, nanoseconds: time.nanoseconds * 1000 };
}

/** A struct timespec as bytes. */
export const timeBytes = (time: Timespec, bits: 32 | 64): Uint8Array =>
  bits === 32 ? new Layout(8).time32(time).bytes : new Layout(16).time64(time).bytes;

/** A struct timeval as bytes. */
export const microsecondBytes = ({ seconds, nanoseconds }: Timespec): Uint8Array =>
  new Layout(8).word(seconds).word(Math.floor(nanoseconds / 1000)).bytes;

/** Whether a struct timespec is one: EINVAL otherwise. */
export const isTime = ({ seconds, nanoseconds }: Timespec): boolean =>
  seconds >= 0 && nanoseconds >= 0 && nanoseconds < 1e9;

/** One struct linux_dirent64. */
export function directoryEntry(name: string, inode: Inode, next: number): Uint8Array {
  const bytes = encodeText(name);
  const size = Math.ceil((19 + bytes.length + 1) / 8) * 8;
  const layout = new Layout(size).long(inode.number).long(next).half(size);
  layout.bytes[18] = inode.mode >>> 12;
  layout.bytes.set(bytes, 19);
  return layout.bytes;
}
