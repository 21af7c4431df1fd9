/** System calls on the address space. */
import { pageUp } from "../address_space.ts";
import { Refusal } from "../errno.ts";
import { Device } from "../files/device.ts";
import { RegularFile } from "../files/regular_file.ts";
import { PAGE_SIZE } from "../frames.ts";
import { syscall, type SystemCall } from "../syscall.ts";
import { demand, type Task } from "../task.ts";
import { type Backing, PROTECTION } from "../vma.ts";

/** Flags of mmap. */
const MAP = {
  shared: 0x01,
  private: 0x02,
  fixed: 0x10,
  anonymous: 0x20,
  noReplace: 0x100000,
} as const;

interface MapArguments {
  readonly address: number;
  readonly length: number;
  readonly protection: number;
  readonly flags: number;
  readonly fd: number;
}

function backingOf(task: Task, args: MapArguments, offset: number): Backing | undefined {
  if ((args.flags & MAP.anonymous) !== 0) return undefined;
  const file = task.process.files.get(args.fd);
  demand(file.reads, "EACCES");
  const shared = (args.flags & MAP.shared) !== 0;
  demand(!shared || (args.protection & PROTECTION.write) === 0 || file.writes, "EACCES");
  if (file.inode instanceof Device && file.inode.name === "zero") return undefined;
  if (!(file.inode instanceof RegularFile)) throw new Refusal("ENODEV");
  const length = Math.min(pageUp(args.length), Math.max(0, file.inode.size - offset));
  return { file: file.inode, path: file.path, offset, length };
}

function map(task: Task, args: MapArguments, offset: number): number {
  const { address, length, protection, flags } = args;
  const kind = flags & 3;
  demand(kind !== 0 && length > 0 && offset % PAGE_SIZE === 0, "EINVAL");
  const noReplace = (flags & MAP.noReplace) !== 0;
  return task.process.space.map({
    address,
    length,
    protection: protection & 7,
    fixed: noReplace || (flags & MAP.fixed) !== 0,
    noReplace,
    shared: (flags & MAP.shared) !== 0,
    backing: backingOf(task, args, offset),
  });
}

const REMAP = { mayMove: 1, fixed: 2 } as const;

interface RemapArguments {
  readonly address: number;
  readonly oldLength: number;
  readonly newLength: number;
  readonly flags: number;
  readonly newAddress: number;
}

function remap(task: Task, args: RemapArguments): number {
  const { address, oldLength, newLength, flags, newAddress } = args;
  demand((flags & ~3) === 0 && oldLength > 0, "EINVAL");
  if ((flags & REMAP.fixed) === 0) {
    const move = (flags & REMAP.mayMove) === 0 ? "no" : "may";
    return task.process.space.remap(address, oldLength, newLength, move);
  }
  demand((flags & REMAP.mayMove) !== 0 && newAddress % PAGE_SIZE === 0, "EINVAL");
  const apart = newAddress + newLength <= address || address + oldLength <= newAddress;
  demand(apart, "EINVAL");
  return task.process.space.remap(address, oldLength, newLength, newAddress);
}

const MADVISE = { dontNeed: 4, last: 25 } as const;

function advise(task: Task, address: number, length: number, advice: number): number {
  const end = address + pageUp(length);
  const { space } = task.process;
  demand(address % PAGE_SIZE === 0 && advice >= 0 && advice <= MADVISE.last, "EINVAL");
  demand(space.vmas.covers(address, end), "ENOMEM");
  if (advice === MADVISE.dontNeed) space.discard(address, end);
  return 0;
}

function resident(task: Task, address: number, length: number, vector: number): number {
  const { space } = task.process;
  const end = address + pageUp(length);
  demand(address % PAGE_SIZE === 0, "EINVAL");
  demand(space.vmas.covers(address, end), "ENOMEM");
  const bytes = new Uint8Array((end - address) / PAGE_SIZE);
  for (const page of space.table.range(address >>> 12, end >>> 12)) {
    bytes[page.vpn - (address >>> 12)] = 1;
  }
  task.memory.write(vector, bytes);
  return 0;
}

/** All memory stays in memory here. */
const locked = (task: Task, address: number, length: number): number => {
  demand(task.process.space.vmas.covers(address, address + length), "ENOMEM");
  return 0;
};

/** Rows on memory. */
export const MEMORY_CALLS: readonly SystemCall[] = [
  syscall(45, "brk(end:ptr)", (task, { end }) => task.process.space.setHeapEnd(end)),
  syscall(
    90,
    "mmap(address:ptr, length:size, protection:flags, flags:flags, fd:fd, offset:size)",
    (task, args) => map(task, args, args.offset),
  ),
  syscall(91, "munmap(address:ptr, length:size)", (task, { address, length }) => {
    task.process.space.unmap(address, length);
    return 0;
  }),
  syscall(123, "cacheflush(address:ptr, length:size, operation:int)", () => 0),
  syscall(
    125,
    "mprotect(address:ptr, length:size, protection:flags)",
    (task, { address, length, protection }) => {
      task.process.space.protect(address, length, protection & 7);
      return 0;
    },
  ),
  syscall(144, "msync(address:ptr, length:size, flags:flags)", (task, { address, length }) => {
    const { space } = task.process;
    demand(address % PAGE_SIZE === 0, "EINVAL");
    demand(space.vmas.covers(address, address + pageUp(length)), "ENOMEM");
    space.writeBack(address, address + pageUp(length));
    return 0;
  }),
  syscall(
    150,
    "mlock(address:ptr, length:size)",
    (task, { address, length }) => locked(task, address, length),
  ),
  syscall(
    151,
    "munlock(address:ptr, length:size)",
    (task, { address, length }) => locked(task, address, length),
  ),
  syscall(152, "mlockall(flags:flags)", () => 0),
  syscall(153, "munlockall()", () => 0),
  syscall(
    163,
    "mremap(address:ptr, oldLength:size, newLength:size, flags:flags, newAddress:ptr)",
    (task, args) => remap(task, args),
  ),
  syscall(
    192,
    "mmap2(address:ptr, length:size, protection:flags, flags:flags, fd:fd, page:size)",
    (task, args) => map(task, args, args.page * PAGE_SIZE),
  ),
  syscall(
    218,
    "mincore(address:ptr, length:size, vector:ptr)",
    (task, { address, length, vector }) => resident(task, address, length, vector),
  ),
  syscall(
    219,
    "madvise(address:ptr, length:size, advice:int)",
    (task, { address, length, advice }) => advise(task, address, length, advice),
  ),
];
