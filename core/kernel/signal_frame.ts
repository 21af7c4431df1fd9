/**
 * Signal frames, as Linux for SH lays them out on a 32-bit machine: what a handler may look at and
 * change, and what sigreturn and rt_sigreturn read back.
 */
import { type Context, copyContext, FPSCR_START, SR_USER } from "./context.ts";
import { FPSCR_FR } from "../machine/state.ts";
import {
  ACTION_FLAGS,
  type AlternateStack,
  type SignalAction,
  type SignalInfo,
  SIGNALS,
  type SignalSet,
  signalSet,
  signalWords,
} from "./signals.ts";
import type { UserMemory } from "./user_memory.ts";

/** Words of struct sigcontext: oldmask, r0-r15, pc pr sr gbr mach macl, fpu, ownedfp. */
const SIGCONTEXT_WORDS = 58;
const SIGCONTEXT_BYTES = 4 * SIGCONTEXT_WORDS;
const SIGINFO_BYTES = 128;
/** struct ucontext: flags, link, stack (3 words), then mcontext; the mask comes last. */
const MCONTEXT_OFFSET = 20;
const SIGMASK_OFFSET = MCONTEXT_OFFSET + SIGCONTEXT_BYTES;
const UCONTEXT_BYTES = SIGMASK_OFFSET + 8;
const RETCODE_BYTES = 16;
const FRAME_BYTES = SIGCONTEXT_BYTES + 4 + RETCODE_BYTES;
const RT_FRAME_BYTES = SIGINFO_BYTES + UCONTEXT_BYTES + RETCODE_BYTES;

const SIGRETURN = 119, RT_SIGRETURN = 173;

const FAULTS: readonly number[] = [
  SIGNALS.SIGILL,
  SIGNALS.SIGFPE,
  SIGNALS.SIGSEGV,
  SIGNALS.SIGBUS,
  SIGNALS.SIGTRAP,
];

/** The words of a siginfo_t that carry meaning. */
export function signalInfoWords(info: SignalInfo): number[] {
  const head = [info.signal, 0, info.code];
  if (FAULTS.includes(info.signal) && info.code > 0) return [...head, info.value];
  return [...head, info.process, info.user, info.value];
}

/** FR0-15 of bank 0, then of bank 1, whichever is selected now. */
function banks(context: Context): [readonly number[], readonly number[]] {
  return (context.fpscr & FPSCR_FR) === 0 ? [context.fr, context.xf] : [context.xf, context.fr];
}

function sigcontextWords(context: Context, mask: SignalSet): number[] {
  const { r, pc, pr, sr, gbr, mach, macl, fpscr, fpul } = context;
  const [bank0, bank1] = banks(context);
  const [low] = signalWords(mask);
  return [low, ...r, pc, pr, sr, gbr, mach, macl, ...bank0, ...bank1, fpscr, fpul, 1];
}

/** The frame that sigreturn reads at the stack pointer: 59 words. */
export function frameWords(context: Context, mask: SignalSet): number[] {
  const [, high] = signalWords(mask);
  return [...sigcontextWords(context, mask), high];
}

function readSigcontext(memory: UserMemory, address: number): Context {
  const view = memory.view(address, SIGCONTEXT_BYTES);
  const word = (index: number) => view.getUint32(4 * index, true);
  const words = (from: number) => Array.from({ length: 16 }, (_, n) => word(from + n));
  const fpscr = word(55);
  const [bank0, bank1] = [words(23), words(39)];
  const swapped = (fpscr & FPSCR_FR) !== 0;
  return {
    r: words(1),
    pc: word(17),
    pr: word(18),
    sr: word(19) & SR_USER, // a program may not give itself privileges
    gbr: word(20),
    mach: word(21),
    macl: word(22),
    fpscr,
    fpul: word(56),
    fr: swapped ? bank1 : bank0,
    xf: swapped ? bank0 : bank1,
  };
}

const holds = (stack: AlternateStack, address: number): boolean =>
  stack.size > 0 && address > stack.address && address <= stack.address + stack.size;

/** ss_flags as sigaltstack answers them: 0 usable, 1 in use, 2 none. */
export const stackFlags = (stack: AlternateStack, stackPointer: number): number =>
  stack.size === 0 ? 2 : holds(stack, stackPointer) ? 1 : 0;

/** Instructions that make the return call, for actions without a restorer. */
function returnCode(number: number): Uint8Array {
  const code = new Uint8Array(RETCODE_BYTES);
  const view = new DataView(code.buffer);
  const words = [0x9305, 0xc310, 0x200b, 0x200b, 0x200b, 0x200b, 0x200b, number];
  words.forEach((word, i) => view.setUint16(2 * i, word, true));
  return code;
}

/** What a frame is built from. */
export interface Delivery {
  readonly info: SignalInfo;
  readonly action: SignalAction;
  /** The mask to return to. */
  readonly mask: SignalSet;
  readonly alternateStack: AlternateStack;
}

/** Pushes a frame and returns the registers the handler starts with. Refuses with EFAULT. */
export function pushFrame(memory: UserMemory, context: Context, delivery: Delivery): Context {
  const { info, action, mask, alternateStack } = delivery;
  const withInfo = (action.flags & ACTION_FLAGS.signalInfo) !== 0;
  const stackPointer = context.r[15] ?? 0;
  const onAlternate = (action.flags & ACTION_FLAGS.onStack) !== 0 &&
    alternateStack.size > 0 && !holds(alternateStack, stackPointer);
  const top = onAlternate ? alternateStack.address + alternateStack.size : stackPointer;
  const size = withInfo ? RT_FRAME_BYTES : FRAME_BYTES;
  const frame = Math.floor((top - size) / 8) * 8;
  const sigcontext = sigcontextWords(context, mask);
  const [low, high] = signalWords(mask);
  let code: number;
  if (withInfo) {
    const { address, size: bytes } = alternateStack;
    const words = signalInfoWords(info);
    memory.writeWords(frame, [...words, ...new Array<number>(32 - words.length).fill(0)]);
    const flags = stackFlags(alternateStack, stackPointer);
    const head = [0, 0, address, flags, bytes];
    memory.writeWords(frame + SIGINFO_BYTES, [...head, ...sigcontext, low, high]);
    code = frame + SIGINFO_BYTES + UCONTEXT_BYTES;
  } else {
    memory.writeWords(frame, frameWords(context, mask));
    code = frame + SIGCONTEXT_BYTES + 4;
  }
  const hasRestorer = (action.flags & ACTION_FLAGS.restorer) !== 0;
  if (!hasRestorer) memory.write(code, returnCode(withInfo ? RT_SIGRETURN : SIGRETURN));
  const next = copyContext(context);
  next.r[15] = frame;
  next.r[4] = info.signal;
  next.r[5] = withInfo ? frame : 0;
  next.r[6] = withInfo ? frame + SIGINFO_BYTES : frame;
  next.pr = hasRestorer ? action.restorer : code;
  next.pc = action.handler;
  next.fpscr = FPSCR_START; // the FPU begins anew, as for a new program
  return next;
}

/** What a return from a handler restores. */
export interface Return {
  readonly context: Context;
  readonly mask: SignalSet;
}

/** Reads the frame of sigreturn at the stack pointer. */
export function popFrame(memory: UserMemory, stackPointer: number): Return {
  const context = readSigcontext(memory, stackPointer);
  const low = memory.readWord(stackPointer);
  const high = memory.readWord(stackPointer + SIGCONTEXT_BYTES);
  return { context, mask: signalSet(low, high) };
}

/** Reads the frame of rt_sigreturn at the stack pointer. */
export function popInfoFrame(memory: UserMemory, stackPointer: number): Return {
  const ucontext = stackPointer + SIGINFO_BYTES;
  const context = readSigcontext(memory, ucontext + MCONTEXT_OFFSET);
  const low = memory.readWord(ucontext + SIGMASK_OFFSET);
  const high = memory.readWord(ucontext + SIGMASK_OFFSET + 4);
  return { context, mask: signalSet(low, high) };
}
