/** A small file that says itself whether it is whole: the SHA-256 of the rest as text, then the rest. */
import { sameBytes } from "../base/bytes.ts";
import { sha256, SHA256_DIGITS } from "../base/digest.ts";
import { fromCbor, type Plain, toCbor } from "./codec_cbor.ts";
import type { Check } from "./check.ts";
import { ImageError } from "./image.ts";

/** The bytes of a value. */
export function sealed(value: unknown): Uint8Array {
  const rest = toCbor(value);
  const bytes = new Uint8Array(SHA256_DIGITS + rest.length);
  bytes.set(new TextEncoder().encode(sha256(rest)));
  bytes.set(rest, SHA256_DIGITS);
  return bytes;
}

/** The value of the bytes of a file. `advice`: what to do about a file that is damaged. */
export function unsealed(bytes: Uint8Array, where: string, check: Check, advice: string): Plain {
  const refused = (problem: string) => new ImageError(`${where}: ${problem}; ${advice}`);
  const rest = bytes.subarray(SHA256_DIGITS), digest = sha256(rest);
  const expected = new TextEncoder().encode(digest);
  if (!sameBytes(expected, bytes.subarray(0, SHA256_DIGITS))) {
    throw refused(`expected contents of SHA-256 ${digest}, found the file damaged`);
  }
  const value = fromCbor(rest, where), problem = check(value, "");
  if (problem !== undefined) throw refused(problem);
  return value;
}
