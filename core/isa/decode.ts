/** From a word to the row that gives it meaning, with its fields taken out. */
import type { Op, Semantics } from "./op.ts";
import { sh4 } from "./sh4.ts";

/** The FPSCR bits that choose between rows of the same pattern. */
export interface Mode {
  readonly PR: 0 | 1;
  readonly SZ: 0 | 1;
}

/**
 * The fields of one instruction. All instructions have the same five, 0 where the pattern has
 * none, so that V8 sees one shape; an engine writes `pc` before it runs the instruction.
 */
export type InstructionFields = {
  readonly n: number;
  readonly m: number;
  readonly i: number;
  readonly d: number;
  pc: number;
};

/** A decoded word: its row, and the row's traits where an engine reaches them fastest. */
export interface Instruction {
  readonly op: Op;
  readonly exec: Semantics<string>;
  readonly fields: InstructionFields;
  readonly delayed: boolean;
  readonly ends: boolean;
  readonly notInSlot: boolean;
  readonly privileged: boolean;
  readonly fpu: boolean;
}

/** Where a field lies in the word; a field the pattern has not has mask 0. */
export interface Place {
  readonly shift: number;
  readonly mask: number;
}

/** A row with its pattern taken apart. */
export interface Encoding {
  readonly op: Op;
  /** The fixed bits of the word, and what they must be. */
  readonly mask: number;
  readonly match: number;
  readonly n: Place;
  readonly m: Place;
  readonly i: Place;
  readonly d: Place;
}

function place(pattern: string, letter: string): Place {
  const last = pattern.lastIndexOf(letter);
  if (last < 0) return { shift: 0, mask: 0 };
  const width = last - pattern.indexOf(letter) + 1;
  return { shift: 15 - last, mask: (1 << width) - 1 };
}

/**
 * Takes a pattern apart.
 *
 * @example
 * ```ts
 * import { encoding } from "./decode.ts";
 * import { op } from "./op.ts";
 * const { mask, match, n } = encoding(op("0100nnnn00010000", "dt Rn", () => {}));
 * if (mask !== 0xf0ff || match !== 0x4010 || n.shift !== 8) throw new Error("unreachable");
 * ```
 */
export function encoding(op: Op): Encoding {
  const { pattern } = op;
  return {
    op,
    mask: parseInt(pattern.replace(/[01]/g, "1").replace(/[^1]/g, "0"), 2),
    match: parseInt(pattern.replace(/[^1]/g, "0"), 2),
    n: place(pattern, "n"),
    m: place(pattern, "m"),
    i: place(pattern, "i"),
    d: place(pattern, "d"),
  };
}

/** Whether a row has a meaning in a mode. */
export const isIn = ({ when }: Op, mode: Mode): boolean =>
  when === undefined ||
  ((when.PR === undefined || when.PR === mode.PR) &&
    (when.SZ === undefined || when.SZ === mode.SZ));

/**
 * The rows that a word's outer nibbles leave possible, seldom more than a few; each list is made
 * when the first word asks for it, so that starting costs nothing.
 */
const candidates: (readonly Encoding[] | undefined)[] = new Array(256).fill(undefined);
let encodings: readonly Encoding[] | undefined;

const OUTER = 0xf00f;
const outerKey = (word: number): number => ((word >> 8) & 0xf0) | (word & 0xf);

function candidatesOf(word: number): readonly Encoding[] {
  const key = outerKey(word);
  encodings ??= sh4.map(encoding);
  return candidates[key] ??= encodings.filter(({ mask, match }) =>
    ((word ^ match) & mask & OUTER) === 0
  );
}

const fieldOf = (word: number, { shift, mask }: Place): number => (word >> shift) & mask;

/**
 * Decodes a word; undefined means a general illegal instruction. Each call makes a new object,
 * which its caller owns.
 *
 * @example
 * ```ts
 * import { decode } from "./decode.ts";
 * const add = decode(0x321c, { PR: 0, SZ: 0 });
 * if (add?.op.syntax !== "add Rm,Rn" || add.fields.n !== 2) throw new Error("unreachable");
 * ```
 */
export function decode(word: number, mode: Mode): Instruction | undefined {
  for (const row of candidatesOf(word)) {
    if ((word & row.mask) !== row.match || !isIn(row.op, mode)) continue;
    const { op } = row;
    return {
      op,
      exec: op.exec,
      fields: {
        n: fieldOf(word, row.n),
        m: fieldOf(word, row.m),
        i: fieldOf(word, row.i),
        d: fieldOf(word, row.d),
        pc: 0,
      },
      delayed: op.delayed === true,
      ends: op.ends === true,
      notInSlot: op.notInSlot === true,
      privileged: op.privileged === true,
      fpu: op.fpu === true,
    };
  }
  return undefined;
}
