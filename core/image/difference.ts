/** Where two images differ, in words: each field by its path, each page by its address. */
import { hex32 } from "../base/bits.ts";
import { type Image, type ImagePage, PAGE_BYTES } from "./image.ts";

/** Longer lists end with how many differences there are besides. */
const MOST_LINES = 50;

/** Numbers that are read in hexadecimal: everything below this field, and fields named so. */
const HEX_PARENT = /(^|\.)registers\b/;
const HEX_FIELD =
  /(^|\.)(address|start|end|flags|handler|restorer|pc|pr|sr|gbr)$|(Address|Start|End|Top)$/;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
  !(value instanceof Uint8Array);

function shown(value: unknown, path: string): string {
  if (value === undefined) return "absent";
  if (value instanceof Uint8Array) return value.length === 1 ? "1 byte" : `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isRecord(value)) return "a record";
  if (typeof value === "string") {
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  }
  const is32 = typeof value === "number" && Number.isInteger(value) && value >= -(2 ** 31) &&
    value < 2 ** 32;
  const field = path.replaceAll(/\[\d+\]/g, "");
  if (is32 && (HEX_PARENT.test(field) || HEX_FIELD.test(field))) return hex32(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

function line(path: string, a: unknown, b: unknown): string {
  const here = shown(a, path), there = shown(b, path);
  if (here !== there) return `${path}: ${here} here, ${there} there`;
  if (typeof a !== "string" || typeof b !== "string") return `${path}: ${a} here, ${b} there`;
  let same = 0;
  while (a[same] === b[same]) same++;
  const rest = (text: string) => shown(text.slice(same), path);
  return `${path}: from character ${same} on ${rest(a)} here, ${rest(b)} there`;
}

/** How many bytes differ in two stretches of one length, and the first that does. */
function compareBytes(a: Uint8Array, b: Uint8Array): { count: number; first: number } {
  let count = 0, first = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    if (count++ === 0) first = i;
  }
  return { count, first };
}

const bytesDiffer = (count: number): string =>
  count === 1 ? "1 byte differs" : `${count} bytes differ`;

function* bytesDifference(a: Uint8Array, b: Uint8Array, path: string): Iterable<string> {
  if (a.length !== b.length) {
    yield line(path, a, b);
    return;
  }
  const { count, first } = compareBytes(a, b);
  if (count === 0) return;
  const byte = (bytes: Uint8Array) => "0x" + (bytes[first] ?? 0).toString(16).padStart(2, "0");
  yield `${path}: ${bytesDiffer(count)}, first at [${first}]: ` +
    `${byte(a)} here, ${byte(b)} there`;
}

function* valueDifference(a: unknown, b: unknown, path: string): Iterable<string> {
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    yield* bytesDifference(a, b, path);
  } else if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) yield `${path}: ${a.length} entries here, ${b.length} there`;
    const common = Math.min(a.length, b.length);
    for (let i = 0; i < common; i++) yield* valueDifference(a[i], b[i], `${path}[${i}]`);
  } else if (isRecord(a) && isRecord(b)) {
    // Sorted, so that neither image's order of fields shows.
    for (const key of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
      yield* valueDifference(a[key], b[key], path === "" ? key : `${path}.${key}`);
    }
  } else if (a !== b && !(Number.isNaN(a) && Number.isNaN(b))) {
    yield line(path, a, b);
  }
}

const wordAt = (bytes: Uint8Array, at: number): string =>
  hex32(
    (bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0) << 16 |
      (bytes[at + 3] ?? 0) << 24,
  );

const PLACES: Readonly<Record<ImagePage["source"], string>> = {
  image: "in the image",
  executable: "from the executable",
  parent: "from the parent",
};

function* samePageDifference(a: ImagePage, b: ImagePage): Iterable<string> {
  const page = `page ${hex32(a.vpn * PAGE_BYTES)}`;
  if (a.dirty !== b.dirty) {
    const word = (dirty: boolean) => dirty ? "dirty" : "clean";
    yield `${page}: ${word(a.dirty)} here, ${word(b.dirty)} there`;
  }
  if (a.source !== b.source) {
    yield `${page}: ${PLACES[a.source]} here, ${PLACES[b.source]} there`;
  }
  if (a.bytes === undefined || b.bytes === undefined) return;
  const { count, first } = compareBytes(a.bytes, b.bytes);
  if (count === 0) return;
  const word = first - first % 4;
  yield `${page}: ${bytesDiffer(count)}, first at ${hex32(a.vpn * PAGE_BYTES + first)}: ` +
    `word ${wordAt(a.bytes, word)} here, ${wordAt(b.bytes, word)} there`;
}

function* pagesDifference(a: readonly ImagePage[], b: readonly ImagePage[]): Iterable<string> {
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const here = a[i], there = b[j];
    if (here !== undefined && (there === undefined || here.vpn < there.vpn)) {
      yield `page ${hex32(here.vpn * PAGE_BYTES)}: only here`;
      i++;
    } else if (there !== undefined && (here === undefined || there.vpn < here.vpn)) {
      yield `page ${hex32(there.vpn * PAGE_BYTES)}: only there`;
      j++;
    } else if (here !== undefined && there !== undefined) {
      yield* samePageDifference(here, there);
      i++;
      j++;
    }
  }
}

/**
 * One sentence for each difference, fields first, then pages by address; none for equal images. `a`
 * is "here", `b` is "there". Fields that are `undefined` count as absent. After `most` sentences a
 * last one tells how many there are besides.
 *
 * @example
 * ```ts
 * import { difference } from "./difference.ts";
 * import type { Image, ImageManifest } from "./image.ts";
 * const image = (name: string): Image => ({
 *   manifest: { process: { pid: 1, name } } as unknown as ImageManifest,
 *   pages: [],
 * });
 * const [first] = difference(image("sort"), image("fft"));
 * if (first !== 'process.name: "sort" here, "fft" there') throw new Error("unreachable");
 * ```
 */
export function difference(a: Image, b: Image, most = MOST_LINES): string[] {
  const lines: string[] = [];
  let more = 0;
  const add = (line: string) => lines.length < most ? lines.push(line) : more++;
  for (const line of valueDifference(a.manifest, b.manifest, "")) add(line);
  for (const line of pagesDifference(a.pages, b.pages)) add(line);
  if (more > 0) lines.push(`… and ${more} more`);
  return lines;
}
