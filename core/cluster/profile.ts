/**
 * What a node's hardware costs, as data a script names: every figure the lab reports in virtual time
 * follows from these numbers and from the instructions that ran.
 */
import type { OptionTable, OptionValues } from "../base/option.ts";

/** The keys of a `profile` or a node's object, their units and their defaults. */
export const PROFILE = {
  clock: { type: "frequency", default: 200_000_000, min: 1_000, doc: "Cycles a second." },
  cpus: {
    type: "count",
    default: 1,
    min: 1,
    max: 2,
    doc: "1: the copier takes turns with the process; 2: it has a processor of its own.",
  },
  ram: { type: "bytes", default: 128 * 2 ** 20, min: 2 ** 20, max: 2 ** 29, doc: "Memory." },
  quantum: { type: "time", default: 1_000_000, min: 1_000, doc: "Time slice of the scheduler." },
  tick: {
    type: "time",
    default: 50_000,
    min: 1_000,
    doc: "How often `when` and `until` conditions are looked at.",
  },
  tlb_miss: { type: "cycles", default: 100, min: 0, doc: "A TLB refill (t)." },
  trap: {
    type: "cycles",
    default: 300,
    min: 0,
    doc: "Entry, handler and return of a write fault (f).",
  },
  syscall: { type: "cycles", default: 200, min: 0, doc: "A system call." },
  message: {
    type: "cycles",
    default: 500,
    min: 0,
    doc: "One control message or context switch (m).",
  },
  page_copy: {
    type: "cycles",
    default: 4096,
    min: 0,
    doc: "Copying one 4 KiB page in memory (c).",
  },
  page_hash: {
    type: "cycles",
    default: 410_000,
    min: 0,
    doc: "SHA-256 of a 4 KiB page, for a storage that keeps pages by content (h).",
  },
  table_entry: {
    type: "cycles",
    default: 40,
    min: 0,
    doc: "Copying an entry of a page table and marking both read-only, as fork does (e).",
  },
  bit_word: {
    type: "cycles",
    default: 6,
    min: 0,
    doc: "Turning over 32 bits of a vector, as zigzag does for 32 pages at the stop.",
  },
  fixed_stop: {
    type: "cycles",
    default: 20_000,
    min: 0,
    doc: "Saving registers, files and the page list while stopped (s).",
  },
  disk: { type: "bandwidth", default: 20_000_000, min: 1, doc: "Bytes a second to the store." },
  disk_latency: { type: "time", default: 0, min: 0, doc: "Before the first byte of each write." },
  torn_writes: {
    type: "truth",
    default: false,
    doc: "A crash that loses what was not synced may leave a part of a file.",
  },
} as const satisfies OptionTable;

/** A node's hardware: the values of {@linkcode PROFILE}. */
export type Profile = OptionValues<typeof PROFILE>;
