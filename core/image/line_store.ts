/**
 * The manifests of global checkpoints. A line is there from the moment its manifest has its name,
 * which is after all its images are durable; so an image without a line is only a leftover.
 */
import { type Check, exactly, listOf, optional, record, text, whole } from "./check.ts";
import { ImageError } from "./image.ts";
import { sealed, unsealed } from "./sealed_file.ts";
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
  /** Messages that cross the line, in the channel state beside the image; absent without one. */
  readonly crossing?: number;
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
  parts: listOf(record<LinePart>({
    rank: whole(0),
    process: text,
    node: text,
    image: text,
    crossing: optional(whole(0)),
  })),
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
    const line = unsealed(this.root.read(name), where, LINE, ADVICE) as unknown as LineFile;
    if (line.label !== label) {
      throw new ImageError(
        `${where}: expected the line '${label}', found '${line.label}'; ${ADVICE}`,
      );
    }
    return { label, protocol: line.protocol, parts: line.parts };
  }

  private names(): readonly string[] {
    return this.root.files().filter((name) => /^\d{6,}-.*\.line$/.test(name));
  }
}

const ADVICE = "restart from another global checkpoint";

const encoded = ({ label, protocol, parts }: Line): Uint8Array =>
  sealed({ format: LINE_FORMAT, version: LINE_VERSION, label, protocol, parts });
