/** Tiny programs that make one system call after another, whatever the calls answer. */
import { CODE, DATA, type Line, tinyElf } from "./tiny_elf.ts";

/** One call: its number, then the words of r4, r5, r6, r7, r0, r1; those left out are 0. */
export type ScriptedCall = readonly number[];

/** Where the text of a script begins. */
export const TEXT = DATA + 0x800;
/** A page nothing is in, readable and writable. */
export const SPACE = DATA + 0x1000;

export const CALL = {
  exit: 1,
  pause: 29,
  action: 174,
  exitGroup: 252,
  rank: 1000,
  size: 1001,
  send: 1002,
  receive: 1003,
  name: 1004,
  abort: 1005,
  value: 1006,
} as const;

/** Loads a call's number and words from the table r14 walks over, and makes it. */
const ONE_CALL: readonly Line[] = [
  ...[3, 4, 5, 6, 7, 0, 1].map((register) => `mov.l @r14+,r${register}`),
  "trapa #31",
];

/** The address of a handler that only returns; each script has one. */
export const HANDLER = CODE + 4;

/** An executable that makes these calls; `text` is at {@linkcode TEXT}. */
export function script(calls: readonly ScriptedCall[], text = ""): Uint8Array {
  const lines: Line[] = [`bra ${"0x" + (CODE + 8).toString(16)}`, "nop", "rts", "nop"];
  lines.push("mov #64,r14", "shll16 r14", "mov #32,r0", "shll8 r0", "or r0,r14");
  lines.push(...calls.flatMap(() => ONE_CALL));
  const encoded = new TextEncoder().encode(text);
  const data = new Uint8Array(TEXT - DATA + encoded.length);
  const view = new DataView(data.buffer);
  calls.forEach((words, index) =>
    words.forEach((word, n) => view.setUint32(28 * index + 4 * n, word >>> 0, true))
  );
  data.set(encoded, TEXT - DATA);
  return tinyElf(lines, data).bytes;
}

/** msg_send of the text's bytes from `at` on. */
export const send = (to: number, tag: number, length: number, flags = 0, at = 0): ScriptedCall => [
  CALL.send,
  to,
  tag,
  TEXT + at,
  length,
  flags,
];

/** msg_receive to the beginning of SPACE, its status 256 bytes behind. */
export const receive = (from: number, tag: number, size: number, flags = 0): ScriptedCall => [
  CALL.receive,
  from,
  tag,
  SPACE,
  size,
  SPACE + 256,
  flags,
];
