import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Context, FPSCR_START, startContext } from "../../../core/kernel/context.ts";
import {
  popFrame,
  popInfoFrame,
  pushFrame,
  stackFlags,
} from "../../../core/kernel/signal_frame.ts";
import { ACTION_FLAGS, NO_ALTERNATE_STACK, SIGNALS } from "../../../core/kernel/signals.ts";
import { newSpace, READ_WRITE } from "./space_fixture.ts";

const STACK = 0x10000000, TOP = STACK + 0x4000;
const INFO = { signal: SIGNALS.SIGSEGV, code: 1, process: 0, user: 0, value: 0xdead };

function newMemory() {
  const { space, memory } = newSpace();
  space.map({ address: STACK, length: 0x4000, protection: READ_WRITE, fixed: true });
  return memory;
}

/** Registers that are all different. */
function numbered(): Context {
  const context = startContext(0x400100, TOP - 4);
  const words = (from: number) => Array.from({ length: 16 }, (_, n) => from + n);
  return {
    ...context,
    r: [...words(100).slice(0, 15), TOP - 4],
    pr: 1,
    gbr: 2,
    mach: 3,
    macl: 4,
    sr: 0x301,
    fpul: 5,
    fr: words(200),
    xf: words(300),
  };
}

const action = (flags: number) => ({ handler: 0x400200, flags, restorer: 0x400300, mask: 0n });

function deliver(flags: number, context = numbered(), mask = 0x1_0000_0005n) {
  const memory = newMemory();
  const delivery = { info: INFO, action: action(flags), mask, alternateStack: NO_ALTERNATE_STACK };
  return { memory, next: pushFrame(memory, context, delivery), context };
}

Deno.test("frame with siginfo: the ucontext has its mcontext at +20 and its mask at +252", () => {
  const { memory, next } = deliver(ACTION_FLAGS.signalInfo | ACTION_FLAGS.restorer);
  const frame = next.r[15] ?? 0, ucontext = frame + 128;
  assertEquals([next.r[4], next.r[5], next.r[6]], [11, frame, ucontext]);
  assertEquals([next.pc, next.pr, next.fpscr], [0x400200, 0x400300, FPSCR_START]);
  const word = (address: number) => memory.readWord(address);
  assertEquals([0, 4, 8, 12].map((at) => word(frame + at)), [11, 0, 1, 0xdead]);
  const gregs = ucontext + 20 + 4;
  assertEquals([word(gregs), word(gregs + 56), word(gregs + 64)], [100, 114, 0x400100]);
  assertEquals([word(ucontext + 252), word(ucontext + 256)], [5, 1]);
  assertEquals([word(gregs + 68), word(gregs + 72), word(gregs + 76)], [1, 0x301, 2]);
  assertEquals(frame % 8, 0);
});

Deno.test("frame without siginfo: sigcontext lies at the stack pointer, the mask in two places", () => {
  const { memory, next } = deliver(ACTION_FLAGS.restorer);
  const frame = next.r[15] ?? 0;
  assertEquals([next.r[4], next.r[5], next.r[6]], [11, 0, frame]);
  assertEquals([memory.readWord(frame), memory.readWord(frame + 232)], [5, 1]);
  assertEquals(memory.readWord(frame + 4), 100);
});

Deno.test("frame without a restorer: the return call is on the stack", () => {
  for (const [flags, number] of [[0, 119], [ACTION_FLAGS.signalInfo, 173]] as const) {
    const { memory, next } = deliver(flags);
    const code = memory.view(next.pr, 16);
    assertEquals([code.getUint16(0, true), code.getUint16(2, true)], [0x9305, 0xc310]);
    assertEquals(code.getUint16(14, true), number); // mov.w @(disp,pc) reads it into r3
  }
});

Deno.test("frame: what is pushed is popped, in both banks of floating-point registers", () => {
  const word = fc.nat(0xffffffff);
  const words = fc.array(word, { minLength: 16, maxLength: 16 });
  const mask = fc.bigInt(0n, (1n << 64n) - 1n);
  const property = fc.property(words, words, words, mask, fc.boolean(), (r, fr, xf, set, bank) => {
    const fpscr = FPSCR_START | (bank ? 1 << 21 : 0);
    const context = { ...numbered(), r: [...r.slice(0, 15), TOP - 8], fr, xf, fpscr };
    const plain = deliver(ACTION_FLAGS.restorer, context, set);
    assertEquals(popFrame(plain.memory, plain.next.r[15] ?? 0), { context, mask: set });
    const info = deliver(ACTION_FLAGS.restorer | ACTION_FLAGS.signalInfo, context, set);
    assertEquals(popInfoFrame(info.memory, info.next.r[15] ?? 0), { context, mask: set });
  });
  fc.assert(property, { numRuns: 30 });
});

Deno.test("frame: a program cannot give itself privileges by a frame", () => {
  const { memory, next } = deliver(ACTION_FLAGS.restorer);
  const frame = next.r[15] ?? 0;
  memory.writeWords(frame + 4 + 72, [0xffffffff]);
  assertEquals(popFrame(memory, frame).context.sr, 0x303);
});

Deno.test("frame: an alternate stack is used once", () => {
  const memory = newMemory();
  const alternateStack = { address: STACK, size: 0x1000, flags: 0 };
  const flags = ACTION_FLAGS.onStack | ACTION_FLAGS.restorer;
  const delivery = { info: INFO, action: action(flags), mask: 0n, alternateStack };
  const first = pushFrame(memory, numbered(), delivery);
  const frame = first.r[15] ?? 0;
  assertEquals(frame > STACK && frame < STACK + 0x1000, true);
  assertEquals(stackFlags(alternateStack, frame), 1);
  assertEquals(stackFlags(alternateStack, TOP), 0);
  assertEquals(stackFlags(NO_ALTERNATE_STACK, frame), 2);
  const second = pushFrame(memory, first, delivery);
  assertEquals((second.r[15] ?? 0) < frame, true);
});
