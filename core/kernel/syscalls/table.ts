/** The system call table: every row by its number. */
import type { SystemCall } from "../syscall.ts";
import { DESCRIPTOR_CALLS } from "./descriptors.ts";
import { FILE_CALLS } from "./files.ts";
import { IDENTITY_CALLS } from "./identity.ts";
import { MEMORY_CALLS } from "./memory.ts";
import { MESSAGE_CALLS } from "./messages.ts";
import { POLL_CALLS } from "./polling.ts";
import { PROCESS_CALLS } from "./processes.ts";
import { SIGNAL_CALLS } from "./signals.ts";
import { TIME_CALLS } from "./time.ts";
import { TREE_CALLS } from "./tree.ts";
import { UNSUPPORTED_CALLS } from "./unsupported.ts";

/** All rows, in order of their numbers. */
export const ALL_CALLS: readonly SystemCall[] = [
  ...DESCRIPTOR_CALLS,
  ...FILE_CALLS,
  ...IDENTITY_CALLS,
  ...MEMORY_CALLS,
  ...MESSAGE_CALLS,
  ...POLL_CALLS,
  ...PROCESS_CALLS,
  ...SIGNAL_CALLS,
  ...TIME_CALLS,
  ...TREE_CALLS,
  ...UNSUPPORTED_CALLS,
].sort((a, b) => a.number - b.number);

/** Rows by number. */
export const SYSTEM_CALLS: ReadonlyMap<number, SystemCall> = new Map(
  ALL_CALLS.map((row) => [row.number, row]),
);
