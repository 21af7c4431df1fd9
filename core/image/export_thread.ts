/**
 * What a thread of a frozen program is to its kernel, as steps of the script. It has another number
 * then, and a C library remembers the old one: to raise a signal by it would hit somebody else.
 * The owner that a locked mutex remembers is not among what is found: see `export.ts`.
 */
import { CALL, type Script } from "./export_script.ts";
import type { Pages } from "./export_memory.ts";
import { PAGE_BYTES } from "./image.ts";
import type { ThreadState } from "./process_state.ts";

const ROBUST_LIST_BYTES = 12;
/** How far below the thread pointer musl's record of a thread may begin, bytes. */
const MOST_BELOW = 512;
/** Its words: itself, the previous and the next thread, one for the system, the number. */
const NUMBER_WORD = 4;

/** A word of the process's memory; what is not there is zero. */
function wordAt(pages: Pages, address: number): number {
  const page = pages.get(Math.floor(address / PAGE_BYTES));
  if (page === undefined || address % 4 !== 0) return 0;
  return new DataView(page.buffer, page.byteOffset).getUint32(address % PAGE_BYTES, true);
}

/** Where the thread's number is remembered: nobody but these two keeps it at a place one can tell. */
function rememberedAt({ id, registers, clearChildId }: ThreadState, pages: Pages): number[] {
  // glibc has the kernel clear the very word.
  const places = clearChildId !== 0 && wordAt(pages, clearChildId) === id ? [clearChildId] : [];
  // musl: a thread that is alone is its own neighbour on both sides.
  const pointer = registers.gbr - registers.gbr % 4;
  for (let at = pointer - MOST_BELOW; at < pointer; at += 4) {
    const own = [0, 1, 2].every((word) => wordAt(pages, at + 4 * word) === at);
    const number = at + 4 * NUMBER_WORD;
    if (own && at > 0 && wordAt(pages, number) === id) places.push(number);
  }
  return places;
}

/** Tells the kernel of the thread, and the C library of its number. */
export function addThread(script: Script, thread: ThreadState, pages: Pages): void {
  const { clearChildId, robustList } = thread;
  script.call(CALL.set_tid_address, [clearChildId]);
  for (const place of rememberedAt(thread, pages)) {
    script.store("cannot learn the number of the thread", place, CALL.gettid, []);
  }
  // One thread alone locks nothing for others: where there is no such call, none is missed.
  if (robustList !== 0) script.call(CALL.set_robust_list, [robustList, ROBUST_LIST_BYTES]);
}
