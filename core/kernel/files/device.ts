/** The devices every program expects: null, zero and the random ones. */
import { Inode } from "./inode.ts";

/** Where a device's bytes come from. */
export interface DeviceSource {
  /** Fills the window; how many bytes there were. */
  read(window: Uint8Array): number;
}

/** A device that takes every write and reads from a source. */
export class Device extends Inode {
  override readonly kind = "device";

  constructor(
    readonly name: string,
    private readonly major: number,
    private readonly minor: number,
    private readonly source: DeviceSource,
  ) {
    super(0o666);
  }

  override get device(): number {
    return this.major * 256 + this.minor;
  }

  override read(_position: number, window: Uint8Array): number {
    return this.source.read(window);
  }

  override write(_position: number, bytes: Uint8Array): number {
    return bytes.length;
  }
}

/** Reads as the end of a file. */
export const nullDevice = (): Device => new Device("null", 1, 3, { read: () => 0 });

/** Reads as zeros without end. */
export const zeroDevice = (): Device =>
  new Device("zero", 1, 5, {
    read: (window) => {
      window.fill(0);
      return window.length;
    },
  });

/** Reads as random bytes from a seeded stream. */
export const randomDevice = (
  name: "random" | "urandom",
  fill: (window: Uint8Array) => void,
): Device =>
  new Device(name, 1, name === "random" ? 8 : 9, {
    read: (window) => {
      fill(window);
      return window.length;
    },
  });
