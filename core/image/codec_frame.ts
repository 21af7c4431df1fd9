/**
 * The frame of a manifest file: what a reader must know before it believes a single field.
 *
 *     0   8  magic                      89 43 4b 50 54 0d 0a 1a
 *     8   4  version of the format      little-endian, as every number here
 *     12  8  architecture               text, filled with zero bytes
 *     20  4  length of the payload, n
 *     24  n  payload                    CBOR
 *     …  32  SHA-256 of everything before it
 */
import { sha256, SHA256_DIGITS } from "../base/digest.ts";
import { IMAGE_VERSION } from "./image.ts";
import { refusal, RESTORE_OLDER } from "./validate.ts";

/**
 * As in PNG: a byte that is no text, a name, and line ends that a transfer as text would change.
 */
const MAGIC = Uint8Array.of(0x89, 0x43, 0x4b, 0x50, 0x54, 0x0d, 0x0a, 0x1a);
const AT = { version: 8, architecture: 12, length: 20, payload: 24 } as const;
const ARCHITECTURE = "sh4";
const HASH_BYTES = SHA256_DIGITS / 2;

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Puts the payload in a frame. */
export function frame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(AT.payload + payload.length + HASH_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(AT.version, IMAGE_VERSION, true);
  bytes.set(new TextEncoder().encode(ARCHITECTURE), AT.architecture);
  view.setUint32(AT.length, payload.length, true);
  bytes.set(payload, AT.payload);
  const end = AT.payload + payload.length;
  const digest = sha256(bytes.subarray(0, end));
  for (let i = 0; i < HASH_BYTES; i++) {
    bytes[end + i] = parseInt(digest.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** The payload of a framed file; an `ImageError` that begins with `file` when it is not one. */
export function unframe(bytes: Uint8Array, file: string): Uint8Array {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) {
    const found = bytes.length === 0 ? "an empty file" : `${hex(bytes.subarray(0, MAGIC.length))}`;
    const advice = "this is no image's manifest: name the folder that holds one";
    throw refusal(file, `a file that begins with ${hex(MAGIC)}`, found, advice);
  }
  if (bytes.length < AT.payload + HASH_BYTES) {
    const expected = `at least ${AT.payload + HASH_BYTES} bytes`;
    throw refusal(file, expected, `${bytes.length}: the file is cut short`, RESTORE_OLDER);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(AT.version, true);
  if (version !== IMAGE_VERSION) {
    const advice = "read it with the program that wrote it, or take the checkpoint again";
    throw refusal(file, `image format version ${IMAGE_VERSION}`, `version ${version}`, advice);
  }
  const name = bytes.subarray(AT.architecture, AT.length);
  const architecture = String.fromCharCode(...name).replace(/\0+$/, "");
  if (architecture !== ARCHITECTURE) {
    const advice = "only images of this processor can be restored";
    throw refusal(file, `architecture '${ARCHITECTURE}'`, JSON.stringify(architecture), advice);
  }
  const length = view.getUint32(AT.length, true);
  const end = AT.payload + length;
  if (bytes.length !== end + HASH_BYTES) {
    const found = `${bytes.length}: the file is ${
      bytes.length < end + HASH_BYTES ? "cut short" : "too long"
    }, or its length field is wrong`;
    throw refusal(file, `${end + HASH_BYTES} bytes`, found, RESTORE_OLDER);
  }
  const expected = hex(bytes.subarray(end));
  const found = sha256(bytes.subarray(0, end));
  if (found !== expected) throw refusal(file, `SHA-256 ${expected}`, found, RESTORE_OLDER);
  return bytes.subarray(AT.payload, end);
}
