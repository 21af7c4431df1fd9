/**
 * An image as an executable: a file that, when it is started, is the process again and goes on at its
 * very next instruction, under Linux on SH-4, under qemu's user mode, and under the kernel here.
 * CryoPID did this for Linux.
 *
 * What it cannot have back is refused by name ({@linkcode EXPORT_REFUSALS}). What stays behind by
 * rule: process numbers, the time of the clocks, the stream of random numbers, and published values.
 *
 * A mutex that is locked and checks or counts its owner (recursive, error-checking) holds the old
 * number of the thread in its own format, anywhere in memory: nothing tells it from other numbers, so
 * it keeps it, and to the thread with its new number it looks as if somebody else had it.
 */
import { addFiles, readsInputFirst } from "./export_files.ts";
import { madeAgain, timeKept } from "./export_call.ts";
import { headerBytes, layOut } from "./export_elf.ts";
import { addMemory, type Pages, pagesOf } from "./export_memory.ts";
import { ON_PAGE, pageBytes } from "./export_page.ts";
import { EXPORT_REFUSALS } from "./export_refusals.ts";
import { Script, wordBytes } from "./export_script.ts";
import { addSignals, addTimers, holdSignals, setOf } from "./export_signals.ts";
import { addThread } from "./export_thread.ts";
import { type Image, ImageError, PAGE_BYTES } from "./image.ts";
import { mustBeWhole } from "./image_chain.ts";
import type { ProcessState, ThreadState } from "./process_state.ts";
import { refusedBy } from "./refusal.ts";
import { checkExecutable } from "./restore.ts";

/** A frozen program. */
export interface Exported {
  /** The ELF file. */
  readonly bytes: Uint8Array;
  /** Pages that are packed into it; the others are zeros. */
  readonly pages: number;
  /** Bytes of its standard input that need not be given to it any more. */
  readonly inputTaken: number;
  /** Whether it reads all of its standard input, to the end, before the program goes on. */
  readonly readsInputFirst: boolean;
}

function refuse(image: Image): void {
  const { manifest } = image;
  mustBeWhole(image, "the process cannot become an executable (parent)");
  const refused = refusedBy(EXPORT_REFUSALS, manifest);
  if (refused === undefined) return;
  throw new ImageError(
    `the process cannot become an executable ${refused}; freeze it at another moment`,
  );
}

/** The pages with words written over a part of them. */
function patched(pages: Pages, address: number, words: readonly number[]): Pages {
  const changed = new Map(pages);
  wordBytes(words).forEach((byte, i) => {
    const vpn = Math.floor((address + i) / PAGE_BYTES);
    const page = changed.get(vpn)?.slice() ?? new Uint8Array(PAGE_BYTES);
    page[(address + i) % PAGE_BYTES] = byte;
    changed.set(vpn, page);
  });
  return changed;
}

/** The pages as the process must find them: a wait that keeps its time in memory has less of it. */
function pagesThen(image: Image, executable: Uint8Array | undefined, thread: ThreadState): Pages {
  const { clock, clockHz } = image.manifest.process;
  const pages = pagesOf(image, executable);
  const kept = thread.call && timeKept(thread.call, { now: clock, clockHz });
  return kept === undefined ? pages : patched(pages, kept.address, kept.words);
}

function scriptOf(state: ProcessState, thread: ThreadState, pages: Pages): Script {
  const script = new Script();
  holdSignals(script);
  addMemory(script, state, pages);
  addFiles(script, state);
  addThread(script, thread, pages);
  addSignals(script, state);
  addTimers(script, state);
  return script;
}

/**
 * The executable an image becomes. `executable` is the program's own file, which the image may leave
 * pages to. Throws {@linkcode ImageError}, with the name of what cannot be exported.
 *
 * @example
 * ```ts
 * import { exportImage, PROFILE, ProgramRun, readOptions } from "../mod.ts";
 * import { checkpointers } from "../../plugins/mod.ts";
 * const path = new URL("../../scenarios/guests/counter.elf", import.meta.url);
 * const executable = Deno.readFileSync(path);
 * const options = { profile: readOptions(PROFILE, {}).values, seed: 1, console: {} };
 * const run = ProgramRun.start(options, { path: "/counter", executable });
 * run.runTo(1_000_000);
 * const [strategy] = checkpointers;
 * if (strategy === undefined) throw new Error("unreachable");
 * const { image } = run.checkpoint(strategy, readOptions(strategy.options, {}).values);
 * const { bytes } = exportImage(image, executable); // Deno.writeFileSync("frozen.elf", bytes, …)
 * const frozen = ProgramRun.start(options, { path: "/frozen", executable: bytes });
 * if (frozen.runTo() !== "ended") throw new Error("unreachable");
 * ```
 */
export function exportImage(image: Image, executable: Uint8Array | undefined): Exported {
  refuse(image);
  checkExecutable(image, executable);
  const state = image.manifest.process;
  const [thread] = state.threads as readonly [ThreadState];
  const pages = pagesThen(image, executable, thread);
  const script = scriptOf(state, thread, pages);
  const layout = layOut(state.space, script.size);
  const { page, data, stack } = layout;
  const { registers, call, mask, restoreMask } = thread;
  const clock = { now: state.clock, clockHz: state.clockHz };
  const content = pageBytes({
    address: page.address,
    script: data.address,
    stack,
    data,
    next: call === undefined ? { first: registers } : madeAgain(registers, call, clock),
    mask: setOf(restoreMask ?? mask),
  });
  content.set(headerBytes(layout, script.size, page.address + ON_PAGE.start));
  const bytes = new Uint8Array(PAGE_BYTES + script.size);
  bytes.set(content);
  bytes.set(script.bytesAt(data.address), PAGE_BYTES);
  const { console } = state.files;
  return {
    bytes,
    pages: pages.size,
    inputTaken: console.input + console.pending.length,
    readsInputFirst: readsInputFirst(state.files),
  };
}
