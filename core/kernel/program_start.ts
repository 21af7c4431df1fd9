/** How a program comes to stand in an address space: its segments and its first stack. */
import type { RandomStream } from "../base/random.ts";
import { type AddressSpace, pageDown, pageUp } from "./address_space.ts";
import { FPSCR_START } from "./context.ts";
import type { Credentials } from "./credentials.ts";
import type { Program, Segment } from "./elf.ts";
import { Refusal } from "./errno.ts";
import { PAGE_SIZE } from "./frames.ts";
import type { Executable } from "./process.ts";
import { encodeText, type UserMemory } from "./user_memory.ts";
import { type BackingFile, PROTECTION } from "./vma.ts";

/** The auxiliary vector's entries (elf.h). */
const AT = {
  null: 0,
  headers: 3,
  headerSize: 4,
  headerCount: 5,
  pageSize: 6,
  base: 7,
  flags: 8,
  entry: 9,
  userId: 11,
  effectiveUserId: 12,
  groupId: 13,
  effectiveGroupId: 14,
  hardware: 16,
  clockTicks: 17,
  fpuControl: 18,
  secure: 23,
  random: 25,
  executable: 31,
} as const;

/**
 * FPU, P2 flush bug, PTEA: what Linux reports of an SH7750. Neither LLSC (0x40) nor CAS_L (0x400),
 * which plain SH-4 lacks: programs then use gUSA sequences.
 */
const HARDWARE = 0x01 | 0x02 | 0x20;

/** Clock ticks a second in times(2) and the like. */
export const CLOCK_TICKS = 100;

/** The stack's first area; it grows below. */
const FIRST_STACK = 132 * 1024;

/** An executable as the backing of its segments. */
export const executableFile = ({ bytes }: Executable): BackingFile => ({
  size: bytes.length,
  readAt(position, window) {
    const part = bytes.subarray(position, position + window.length);
    window.set(part);
    return part.length;
  },
});

function mapSegment(space: AddressSpace, segment: Segment, file: BackingFile, path: string): void {
  const { address, offset, fileSize, memorySize, protection } = segment;
  const start = pageDown(address), lead = address - start;
  const fileEnd = fileSize === 0 ? start : pageUp(address + fileSize);
  if (fileSize > 0) {
    const backing = { file, path, offset: offset - lead, length: lead + fileSize };
    const length = fileEnd - start;
    space.map({ address: start, length, protection, fixed: true, backing });
  }
  const end = pageUp(address + memorySize);
  if (end > fileEnd) {
    space.map({ address: fileEnd, length: end - fileEnd, protection, fixed: true });
  }
}

/** Maps a program, its heap (empty) and its stack. */
export function mapProgram(space: AddressSpace, program: Program, executable: Executable): void {
  const file = executableFile(executable);
  for (const segment of program.segments) mapSegment(space, segment, file, executable.path);
  space.heapStart = space.heapEnd = pageUp(program.end);
  space.map({
    address: space.stackTop - FIRST_STACK,
    length: FIRST_STACK,
    protection: PROTECTION.read | PROTECTION.write,
    fixed: true,
    kind: "stack",
  });
}

/** What the first stack holds. */
export interface StackContent {
  readonly path: string;
  readonly args: readonly string[];
  readonly environment: readonly string[];
  readonly program: Program;
  readonly credentials: Credentials;
  readonly random: RandomStream;
}

function auxiliary(content: StackContent, random: number, executable: number): number[] {
  const { program, credentials: who } = content;
  const entries: readonly (readonly [number, number])[] = [
    [AT.fpuControl, FPSCR_START],
    [AT.hardware, HARDWARE],
    [AT.pageSize, PAGE_SIZE],
    [AT.clockTicks, CLOCK_TICKS],
    [AT.headers, program.headerAddress],
    [AT.headerSize, program.headerSize],
    [AT.headerCount, program.headerCount],
    [AT.base, 0],
    [AT.flags, 0],
    [AT.entry, program.entry],
    [AT.userId, who.userId],
    [AT.effectiveUserId, who.effectiveUserId],
    [AT.groupId, who.groupId],
    [AT.effectiveGroupId, who.effectiveGroupId],
    [AT.secure, 0],
    [AT.random, random],
    [AT.executable, executable],
    [AT.null, 0],
  ];
  return entries.flat();
}

/**
 * Writes argc, argv, envp and the auxiliary vector as Linux leaves them, and returns the stack
 * pointer. Refuses with E2BIG when the texts would take more than a quarter of the stack.
 */
export function buildStack(space: AddressSpace, memory: UserMemory, content: StackContent): number {
  const texts = [content.path, ...content.environment, ...content.args];
  const encoded = texts.map((text) => encodeText(text + "\0"));
  const total = encoded.reduce((sum, bytes) => sum + bytes.length + 4, 0);
  if (total > space.stackLimit / 4) throw new Refusal("E2BIG");
  let at = space.stackTop - 4; // Linux leaves one zero word at the very top
  const place = (bytes: Uint8Array): number => {
    at -= bytes.length;
    memory.write(at, bytes);
    return at;
  };
  const [executable = 0, ...addresses] = encoded.map(place);
  const environment = addresses.slice(0, content.environment.length);
  const args = addresses.slice(content.environment.length);
  const bytes = new Uint8Array(16);
  content.random.fill(bytes);
  const random = place(bytes);
  const words = [
    args.length,
    ...args,
    0,
    ...environment,
    0,
    ...auxiliary(content, random, executable),
  ];
  const stackPointer = Math.floor((at - 4 * words.length) / 16) * 16;
  memory.writeWords(stackPointer, words);
  return stackPointer;
}
