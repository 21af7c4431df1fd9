/**
 * The manifests of global checkpoints. A line is there from the moment its manifest has its name,
 * which is after all its images are durable; so an image without a line is only a leftover.
 */
import { sha256, SHA256_DIGITS } from "../base/digest.ts";
import { fromCbor, toCbor } from "./codec_cbor.ts";
import { type Check, exactly, listOf, record, text, whole } from "./check.ts";
import { ImageError } from "./image.ts";
import type { Directory } from "./store.ts";

/** The format's name and version. */
const LINE_FORMAT = "ckptlab line";
const LINE_VERSION = 1;

/** One process's part of a line. */
export interface LinePart {
  readonly rank: number;
  readonly process: string;
  /** The node whose store holds the image. */
  readonly node: string;
  /** The image's label there. */
  readonly image: string;
}

/** A global checkpoint. */
export interface Line {
  readonly label: string;
  readonly protocol: string;
  /** Ascending by rank. */
  readonly parts: readonly LinePart[];
}

interface LineFile extends Line {
  readonly format: typeof LINE_FORMAT;
  readonly version: typeof LINE_VERSION;
}

const LINE: Check = record<LineFile>({
  format: exactly(LINE_FORMAT),
  version: exactly(LINE_VERSION),
  label: text,
  protocol: text,
  parts: listOf(record<LinePart>({ rank: whole(0), process: text, node: text, image: text })),
});

/** Lines by number and label, oldest first. */
const fileOf = (number: number, label: string): string =>
  `${number.toString().padStart(6, "0")}-${encodeURIComponent(label)}.line`;

/** Keeps lines in a directory, whichever that is. */
export class LineStore {
  constructor(private readonly root: Directory) {
    if (!root.exists()) root.create();
  }

  /** Bytes the manifest of a line takes. */
  static bytesOf(line: Line): number {
    return encoded(line).length;
  }

  /** Makes a line durable. Throws {@linkcode ImageError} for a label that has one. */
  write(line: Line): void {
    const names = this.names();
    if (this.labels().includes(line.label)) {
      throw new ImageError(
        `${this.root.where}: expected a new label for a global checkpoint, found '${line.label}', ` +
          "which is committed already; choose another",
      );
    }
    const name = fileOf(names.length + 1, line.label);
    const temporary = `${name}.new`;
    this.root.write(temporary, encoded(line));
    this.root.sync(temporary);
    this.root.rename(temporary, name);
    this.root.syncFolder();
  }

  /** Labels of the lines, oldest first. */
  labels(): readonly string[] {
    return this.names().map((name) => decodeURIComponent(name.slice(7, -".line".length)));
  }

  /** A line, validated. Throws {@linkcode ImageError}. */
  read(label: string): Line {
    const name = this.names()[this.labels().indexOf(label)];
    if (name === undefined) {
      const found = this.labels().map((each) => `'${each}'`).join(", ") || "none";
      throw new ImageError(
        `${this.root.where}: expected a global checkpoint '${label}', found ${found}`,
      );
    }
    const where = `${this.root.where}/${name}`;
    const value = fromCbor(payload(this.root.read(name), where), where);
    const problem = LINE(value, "");
    if (problem !== undefined) throw refused(where, problem);
    const line = value as unknown as LineFile;
    if (line.label !== label) {
      throw refused(where, `expected the line '${label}', found '${line.label}'`);
    }
    return { label, protocol: line.protocol, parts: line.parts };
  }

  private names(): readonly string[] {
    return this.root.files().filter((name) => /^\d{6,}-.*\.line$/.test(name));
  }
}

const refused = (where: string, problem: string): ImageError =>
  new ImageError(`${where}: ${problem}; restart from another global checkpoint`);

/** The SHA-256 of the rest as text, then the rest. */
function encoded({ label, protocol, parts }: Line): Uint8Array {
  const rest = toCbor({ format: LINE_FORMAT, version: LINE_VERSION, label, protocol, parts });
  const bytes = new Uint8Array(SHA256_DIGITS + rest.length);
  bytes.set(new TextEncoder().encode(sha256(rest)));
  bytes.set(rest, SHA256_DIGITS);
  return bytes;
}

/** What the SHA-256 of a file is of. */
function payload(bytes: Uint8Array, where: string): Uint8Array {
  const rest = bytes.subarray(SHA256_DIGITS), digest = sha256(rest);
  const expected = new TextEncoder().encode(digest);
  if (bytes.length < SHA256_DIGITS || expected.some((byte, at) => byte !== bytes[at])) {
    throw refused(where, `expected contents of SHA-256 ${digest}, found the file damaged`);
  }
  return rest;
}
