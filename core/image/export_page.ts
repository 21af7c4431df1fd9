/**
 * The loader's page of a frozen program: the one that stays. The ELF header, the loader's code, and
 * the data of its door (scenarios/guests/thaw/door.S): the registers of the program.
 */
import { FPSCR_FR } from "../machine/state.ts";
import { frameWords } from "../kernel/signal_frame.ts";
import type { SignalSet } from "../kernel/signals.ts";
import type { MadeAgain } from "./export_call.ts";
import { wordBytes } from "./export_script.ts";
import { PAGE_BYTES } from "./image.ts";
import type { RegistersState } from "./process_state.ts";
import { THAW_CODE } from "./thaw_code.ts";

/** Where what lies on the page; door.S and thaw.ld say the same. */
export const ON_PAGE = { code: 0xe0, again: 0xc80, start: 0xca4, data: 0xd80 } as const;

/** Offsets in the door's data. */
const DATA = { stack: 0, script: 4, unmap: 8, signs: 24, bits: 32, fpscr: 40, bank: 44 } as const;
const FRAME = 112, ANSWER = 352, TIME = 592, ALL = 608;
const SR = { t: 1 << 0, s: 1 << 1, q: 1 << 8, m: 1 << 9 } as const;

/** A stretch of memory. */
export interface Stretch {
  readonly address: number;
  readonly length: number;
}

/** What the page is filled with. */
export interface PageContent {
  /** Where the page lies. */
  readonly address: number;
  readonly script: number;
  readonly stack: Stretch;
  /** Script and data, unmapped at the end. */
  readonly data: Stretch;
  readonly next: MadeAgain;
  readonly mask: SignalSet;
}

/** The loader's code as bytes. */
const code = (): Uint8Array => Uint8Array.from(atob(THAW_CODE), (letter) => letter.charCodeAt(0));

/** Registers as the kernel's frames take them. */
const contextOf = ({ r, fr, xf, ...rest }: RegistersState) => ({
  ...rest,
  r: [...r],
  fr: [...fr],
  xf: [...xf],
});

/** The frame to leave by: to the program, or to the call that is made again. */
function firstFrame({ address, next: { first, time }, mask }: PageContent): readonly number[] {
  const context = contextOf(first);
  if (time !== undefined) {
    context.pc = address + ON_PAGE.again;
    if (time.register !== undefined) context.r[time.register] = address + ON_PAGE.data + TIME;
  }
  return frameWords(context, mask);
}

/** Words whose signs are Q and M. */
const signs = (sr: number): readonly number[] =>
  [SR.q, SR.m].map((bit) => (sr & bit) === 0 ? 0 : 0x80000000);

/** The page but for its ELF header. */
export function pageBytes(content: PageContent): Uint8Array {
  const { next: { first, time, then }, stack, script, data, mask } = content;
  const page = new Uint8Array(PAGE_BYTES);
  page.set(code(), ON_PAGE.code);
  const put = (offset: number, words: readonly number[]) =>
    page.set(wordBytes(words), ON_PAGE.data + offset);
  put(DATA.stack, [stack.address + stack.length]);
  put(DATA.script, [script]);
  put(DATA.unmap, [data, stack].flatMap(({ address, length }) => [address, length]));
  put(DATA.signs, signs(first.sr));
  put(DATA.bits, [first.sr & SR.t, first.sr & SR.s]);
  put(DATA.fpscr, [first.fpscr]);
  put(DATA.bank, (first.fpscr & FPSCR_FR) === 0 ? first.xf : first.fr);
  put(FRAME, firstFrame(content));
  if (then !== undefined) put(ANSWER, frameWords(contextOf(then), mask));
  if (time !== undefined) put(TIME, time.words);
  put(ALL, [0xffffffff, 0xffffffff]);
  return page;
}
