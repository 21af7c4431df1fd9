/** A kernel on a small machine, and tiny programs for it. */
import { Console } from "../../../core/kernel/files/console.ts";
import { Kernel } from "../../../core/kernel/kernel.ts";
import type { SpawnOptions } from "../../../core/kernel/options.ts";
import { Machine } from "../../../core/machine/machine.ts";
import { type Line, tinyElf } from "./tiny_elf.ts";

export const CLOCK_HZ = 1_000_000;

/** A kernel with 1 MiB of memory and small costs. */
export function newKernel(quantum = 1000): Kernel {
  return new Kernel({
    machine: new Machine({ ramBytes: 1 << 20 }),
    seed: 1,
    clockHz: CLOCK_HZ,
    costs: { tlbMiss: 10, trap: 30, syscall: 20 },
    quantum,
  });
}

/** A program started on a kernel, and what it has written so far. */
export function start(
  kernel: Kernel,
  lines: readonly Line[],
  data?: Uint8Array,
  options: Partial<SpawnOptions> = {},
) {
  let output = "";
  const sink = (_stream: string, bytes: Uint8Array) => {
    output += new TextDecoder().decode(bytes);
  };
  const { bytes } = tinyElf(lines, data);
  const console = new Console({ sink });
  const process = kernel.spawn({ path: "/tiny", executable: bytes, console, ...options });
  return { process, output: () => output };
}

/** Puts DATA + offset (a byte) into a register, using another one. */
export const dataAddress = (register: number, scratch: number, offset = 0): Line[] => [
  `mov #64,r${register}`,
  `shll16 r${register}`,
  `mov #32,r${scratch}`,
  `shll8 r${scratch}`,
  `or r${scratch},r${register}`,
  `add #${offset},r${register}`,
];

/** Bytes of a text. */
export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Little-endian words as bytes. */
export const words = (...values: number[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(values.map((value) => value >>> 0)).buffer);
