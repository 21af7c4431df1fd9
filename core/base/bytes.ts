/** Bytes compared by the host, which takes a tenth of the time that a loop over a page takes. */
import { Buffer } from "node:buffer";

// As it was when this module was loaded: whatever becomes of it later.
const { compare } = Buffer;

/**
 * Whether both are the same bytes, as many and each.
 *
 * @example
 * ```ts
 * import { sameBytes } from "./bytes.ts";
 * const bytes = Uint8Array.of(1, 2, 3);
 * if (!sameBytes(bytes, bytes.slice())) throw new Error("unreachable");
 * if (sameBytes(bytes, bytes.subarray(1))) throw new Error("unreachable");
 * ```
 */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => compare(a, b) === 0;

const ZEROS = new Uint8Array(4096);

/** Whether every byte is zero: a page never touched and a page of zeros are the same to a program. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (!sameBytes(part, ZEROS.subarray(0, part.length))) return false;
  }
  return true;
}
