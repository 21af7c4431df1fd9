/** Random instructions: any row of the table, registers so chosen that most accesses go well. */
import type { RandomStream } from "../../core/base/random.ts";
import { type Encoding, encoding, isIn, type Mode, type Place } from "../../core/isa/decode.ts";
import type { Op } from "../../core/isa/op.ts";
import { sh4 } from "../../core/isa/sh4.ts";

/** Registers that hold addresses, by the size of the accesses made with them. */
export const POINTERS: Readonly<Record<1 | 2 | 4 | 8, readonly number[]>> = {
  1: [12],
  2: [11],
  4: [9, 10],
  8: [8],
};
/** Registers arithmetic may write without care. */
const FREE = 6;

/** How a row is drawn. */
const KINDS = ["memory", "integer", "float", "system", "rare"] as const;
type Kind = (typeof KINDS)[number];
const WEIGHTS: Readonly<Record<Kind, number>> = {
  memory: 38,
  integer: 30,
  float: 27,
  system: 4,
  rare: 1,
};

const BRANCHES = /^(b[tf]|bra|bsr|braf|bsrf|jmp|jsr|rts)\b/;
const RARE = /^(trapa|sleep|ldtlb|rte|ldc(\.l)? .*,(SR|VBR)|lds(\.l)? .*,(FPSCR|PR)|fschg)\b/;

function kindOf({ syntax, fpu }: Op): Kind {
  if (RARE.test(syntax)) return "rare";
  if (syntax.includes("@")) return "memory";
  if (fpu === true) return "float";
  return /^(ld|st)[cs]/.test(syntax) ? "system" : "integer";
}

interface Row {
  readonly op: Op;
  readonly kind: Kind;
  readonly encoding: Encoding;
  /** Fields that name registers with addresses. */
  readonly pointers: readonly ("n" | "m")[];
  readonly size: 1 | 2 | 4 | 8;
  readonly isIndexed: boolean;
}

function sizeOf({ syntax, when }: Op): 1 | 2 | 4 | 8 {
  if (syntax.includes(".b")) return 1;
  if (syntax.includes(".w")) return 2;
  return when?.SZ === 1 ? 8 : 4;
}

const ROWS: readonly Row[] = sh4.filter(({ syntax }) => !BRANCHES.test(syntax)).map((op) => ({
  op,
  kind: kindOf(op),
  encoding: encoding(op),
  pointers: (["n", "m"] as const).filter((field) =>
    new RegExp(`@(-R${field}|\\(?([^)]*,)?R${field}\\b)`).test(op.syntax)
  ),
  size: sizeOf(op),
  isIndexed: op.syntax.includes("(R0,"),
}));

/** The rows of one mode by kind. */
const BY_MODE = new Map(
  [0, 1, 2, 3].map((key) => {
    const mode: Mode = { PR: (key & 1) as 0 | 1, SZ: (key >> 1) as 0 | 1 };
    const here = ROWS.filter(({ op }) => isIn(op, mode));
    return [key, new Map(KINDS.map((kind) => [kind, here.filter((row) => row.kind === kind)]))];
  }),
);

/** One of a list. */
export const pick = <T>(random: RandomStream, list: readonly T[]): T =>
  list[random.below(list.length)] as T;
/** True so many times of a hundred. */
export const chance = (random: RandomStream, percent: number): boolean =>
  random.below(100) < percent;

function drawKind(random: RandomStream): Kind {
  let left = random.below(100);
  for (const kind of KINDS) if ((left -= WEIGHTS[kind]) < 0) return kind;
  return "integer";
}

const anyField = (random: RandomStream, { mask }: Place): number => random.below(mask + 1);

function registerField(random: RandomStream, row: Row, field: "n" | "m"): number {
  const place = row.encoding[field];
  if (place.mask !== 15 || row.op.syntax.includes(`FR${field}`)) return anyField(random, place);
  if (row.pointers.includes(field)) {
    return chance(random, 96) ? pick(random, POINTERS[row.size]) : 8 + random.below(6);
  }
  if (/^ldc(\.l)? .*GBR/.test(row.op.syntax)) return 9;
  return chance(random, 99) ? random.below(FREE) : random.below(16);
}

/** A word of a row, and the row. */
export interface RandomWord {
  readonly word: number;
  readonly op: Op;
  /** R0 is an index, and should be a small multiple of this. */
  readonly index: number | undefined;
}

function wordOf(random: RandomStream, row: Row): RandomWord {
  const { encoding: { match, n, m, i, d } } = row;
  const put = (place: Place, value: number) => (value & place.mask) << place.shift;
  const word = match | put(n, registerField(random, row, "n")) |
    put(m, registerField(random, row, "m")) | put(i, anyField(random, i)) |
    put(d, anyField(random, d));
  return { word, op: row.op, index: row.isIndexed ? row.size : undefined };
}

/** A random instruction of a mode. */
export function randomWord(random: RandomStream, mode: Mode, kind?: Kind): RandomWord {
  const rows = BY_MODE.get(mode.PR | (mode.SZ << 1))?.get(kind ?? drawKind(random)) as Row[];
  return wordOf(random, pick(random, rows));
}

/** A random instruction that may stand behind a delayed branch. */
export function randomSlot(random: RandomStream, mode: Mode): RandomWord {
  for (;;) {
    const kind = chance(random, 50) ? "memory" as const : undefined;
    const found = randomWord(random, mode, kind);
    if (chance(random, 1) || (found.op.notInSlot !== true && found.op.ends !== true)) return found;
  }
}

/** Rows by number, so that programs can go through all of them: which, and how many there are. */
export function rowByNumber(random: RandomStream, number: number): RandomWord {
  return wordOf(random, ROWS[number % ROWS.length] as Row);
}
/** How many rows {@linkcode rowByNumber} knows: all but the branches. */
export const ROW_COUNT = ROWS.length;
