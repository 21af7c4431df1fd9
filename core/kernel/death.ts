/** How a process ended. */
import { hex16, hex32 } from "../base/bits.ts";
import { disassemble } from "../isa/text.ts";
import { FPSCR_PR, FPSCR_SZ } from "../machine/state.ts";
import type { Context } from "./context.ts";
import { signalName } from "./signals.ts";

/** A process that a signal ended, with the state it was in. */
export interface Death {
  /** The name of the signal. */
  readonly signal: string;
  readonly number: number;
  /** What happened, in words. */
  readonly reason: string;
  readonly pc: number;
  /** The address that could not be reached, where that was the reason. */
  readonly address: number | undefined;
  /** The instructions around pc; the one at pc begins with "->". */
  readonly disassembly: readonly string[];
  readonly registers: Context;
}

/** How a process ended. */
export type Exit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly death: Death };

/** The status word of wait4. */
export const waitStatus = (exit: Exit): number =>
  exit.kind === "exited" ? (exit.code & 255) << 8 : exit.death.number & 127;

/** The exit code a shell would report. */
export const exitCode = (exit: Exit): number =>
  exit.kind === "exited" ? exit.code & 255 : 128 + exit.death.number;

/** Instructions shown before and after the spot. */
const AROUND = 3;

/** The instructions around where a thread is, as far as `fetch` can read them. */
export function listing(
  { pc, fpscr }: Pick<Context, "pc" | "fpscr">,
  fetch: (address: number) => number | undefined,
): readonly string[] {
  const mode = {
    PR: (fpscr & FPSCR_PR) === 0 ? 0 : 1,
    SZ: (fpscr & FPSCR_SZ) === 0 ? 0 : 1,
  } as const;
  const lines: string[] = [];
  for (let at = pc - 2 * AROUND; at <= pc + 2 * AROUND; at += 2) {
    const word = fetch(at >>> 0);
    if (word === undefined) continue;
    const text = disassemble(word, at >>> 0, mode);
    lines.push(`${at === pc ? "->" : "  "} ${hex32(at)}  ${hex16(word)}  ${text}`);
  }
  return lines;
}

/** Describes a death. `fetch` reads an instruction, or nothing where none can be read. */
export function describeDeath(
  signal: number,
  reason: string,
  address: number | undefined,
  registers: Context,
  fetch: (address: number) => number | undefined,
): Death {
  const disassembly = listing(registers, fetch);
  return {
    signal: signalName(signal),
    number: signal,
    reason,
    pc: registers.pc,
    address,
    disassembly,
    registers,
  };
}

const row = (names: readonly string[], words: readonly number[]): string =>
  "  " + names.map((name, i) => `${name.padEnd(6)}${hex32(words[i] ?? 0)}`).join("  ");

function rows(prefix: string, words: readonly number[]): string[] {
  const lines: string[] = [];
  for (let n = 0; n < words.length; n += 4) {
    const names = [0, 1, 2, 3].map((k) => `${prefix}${n + k}`);
    lines.push(row(names, words.slice(n, n + 4)));
  }
  return lines;
}

/** A death as text to print. */
export function reportDeath(name: string, process: number, death: Death): string {
  const { registers: r } = death;
  const where = death.address === undefined ? "" : ` at address ${hex32(death.address)}`;
  return [
    `${name} (process ${process}) was ended by ${death.signal}: ${death.reason}${where}, ` +
    `pc ${hex32(death.pc)}`,
    ...(death.disassembly.length === 0
      ? ["  no instruction can be read there"]
      : death.disassembly),
    ...rows("r", r.r),
    row(["pc", "pr", "sr", "gbr"], [r.pc, r.pr, r.sr, r.gbr]),
    row(["mach", "macl", "fpscr", "fpul"], [r.mach, r.macl, r.fpscr, r.fpul]),
    ...rows("fr", r.fr),
    ...rows("xf", r.xf),
  ].join("\n");
}
