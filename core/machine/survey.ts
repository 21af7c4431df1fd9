/**
 * What a translator must know of an instruction before it emits any: where it leads, whether it can
 * be translated, which floating-point pairs it takes as doubles. A third reading of the rows, in
 * which a value is known when decoding, or nothing.
 */
import { type Cpu, SPECIAL, type Special } from "../isa/cpu.ts";
import type { InstructionFields } from "../isa/decode.ts";
import type { Op } from "../isa/op.ts";
import { placeOfDr, placeOfFr, placeOfR, placeOfXf } from "./registers.ts";
import * as S from "./state.ts";

/** A number, one of two numbers, or what only running will tell. */
export type Seen =
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "choice"; readonly yes: number; readonly no: number }
  | { readonly kind: "unknown" };

const UNKNOWN: Seen = { kind: "unknown" };

/** What was seen of one instruction. */
export interface Survey {
  /** Where it leads; undefined: to the next one. */
  readonly next: Seen | undefined;
  /** It leaves the address behind its slot in PR: control will probably come back there. */
  readonly calls: boolean;
  /** The evaluator must do it. */
  readonly refused: boolean;
  /** It writes FPSCR whole, so that what follows may be decoded otherwise. */
  readonly setsFpscr: boolean;
}

type Operation = keyof Cpu<unknown>;

/** Operations that are rare, or the system's: never translated. */
const REFUSED: readonly Operation[] = [
  "sr",
  "setSr",
  "trap",
  "sleep",
  "loadTlb",
  "prefetch",
  "cache",
  "dot4",
  "reciprocalSqrt",
  "sine",
  "cosine",
];

/** Operations that yield a value nobody knows before. */
const YIELDING: readonly Operation[] = (
  "r bank t flag special fpscr add sub mul mulHighS mulHighU and or xor not shl shr sar sext8 " +
  "sext16 zext8 zext16 eq gtS geS gtU geU load8 load16 load32 frBits xfBits fr xf dr addF32 " +
  "subF32 mulF32 divF32 sqrtF32 macF32 addF64 subF64 mulF64 divF64 sqrtF64 eqF32 gtF32 eqF64 " +
  "gtF64 f32FromInt f64FromInt intFromF32 intFromF64 f32FromF64 f64FromF32 sr dot4 " +
  "reciprocalSqrt sine cosine"
).split(" ") as Operation[];

const SILENT: readonly Operation[] = (
  "setR setBank setT setFlag setSpecial setSr setFpscr store8 store16 store32 loadPair " +
  "storePair prefetch cache setFrBits setXfBits setFr setDr trap loadTlb sleep"
).split(" ") as Operation[];

/** Where an operation finds what it reads or writes: `setR` and `r` at the place of a register. */
const PLACES: Partial<Record<Operation, (n: number) => number>> = {
  r: placeOfR,
  bank: (n) => S.BANK + 4 * n,
  t: () => S.T,
  flag: (n) => S.FLAGS + 4 * n,
  special: (n) => S.SPECIALS + 4 * n,
  frBits: placeOfFr,
  fr: placeOfFr,
  xfBits: placeOfXf,
  dr: placeOfDr,
};

/** Looks at instructions; what it gathers is of all of them, but for `written`. */
export class Surveyor {
  /** Words of the state that are read or written, and the doubles by their first word. */
  readonly words = new Set<number>();
  /** Those that were read, and written, since somebody put other sets here. */
  read = new Set<number>();
  written = new Set<number>();
  /** Even registers that were taken as doubles. */
  readonly pairs = new Set<number>();
  /** Some instruction computed in floating point, and so writes FPSCR. */
  hasArithmetic = false;
  private readonly cpu: Cpu<Seen>;
  private refused = false;
  private calls = false;
  private setsFpscr = false;
  private pc = 0;

  constructor() {
    const table: Record<string, (...args: never[]) => unknown> = {};
    for (const name of YIELDING) table[name] = () => UNKNOWN;
    for (const name of YIELDING.filter((each) => /F(32|64)|FromInt/.test(each))) {
      table[name] = () => {
        this.hasArithmetic = true;
        return UNKNOWN;
      };
    }
    for (const name of SILENT) table[name] = () => undefined;
    for (const name of REFUSED) {
      const usual = table[name] as () => unknown;
      table[name] = () => {
        this.refused = true;
        return usual();
      };
    }
    for (const [name, place] of Object.entries(PLACES)) this.note(table, name, place);
    table["int"] = (number: number): Seen => ({ kind: "number", number });
    table["select"] = (_: Seen, yes: Seen, no: Seen): Seen =>
      yes.kind === "number" && no.kind === "number"
        ? { kind: "choice", yes: yes.number, no: no.number }
        : UNKNOWN;
    table["setSpecial"] = (which: Special, value: Seen) => {
      this.write(S.SPECIALS + 4 * which);
      const back = (this.pc + 4) | 0;
      if (which === SPECIAL.pr && value.kind === "number" && value.number === back) {
        this.calls = true;
      }
    };
    table["setDr"] = (n: number) => {
      this.pairs.add(n);
      this.write(placeOfDr(n));
    };
    table["dr"] = (n: number): Seen => {
      this.pairs.add(n);
      this.take(placeOfDr(n));
      return UNKNOWN;
    };
    const pair = (bank: 0 | 1, n: number) => (bank === 0 ? [placeOfFr(n), placeOfFr(n + 1)] : [
      placeOfXf(n),
      placeOfXf(n + 1),
    ]);
    table["loadPair"] = (bank: 0 | 1, n: number) => pair(bank, n).forEach((at) => this.write(at));
    table["storePair"] = (bank: 0 | 1, n: number) => pair(bank, n).forEach((at) => this.take(at));
    table["setFpscr"] = () => void (this.setsFpscr = true);
    this.cpu = table as unknown as Cpu<Seen>;
  }

  private take(place: number): void {
    this.words.add(place);
    this.read.add(place);
  }

  private write(place: number): void {
    this.words.add(place);
    this.written.add(place);
  }

  /** Makes an operation, and the one that sets, tell where they do it. */
  private note(
    table: Record<string, (...args: never[]) => unknown>,
    name: string,
    place: (n: number) => number,
  ): void {
    table[name] = (n: number): Seen => {
      this.take(place(n));
      return UNKNOWN;
    };
    const setter = `set${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    table[setter] = (n: number) => this.write(place(n));
  }

  /** Runs a meaning on values nobody knows. */
  look(op: Op, fields: InstructionFields): Survey {
    this.refused = this.calls = this.setsFpscr = false;
    this.pc = fields.pc;
    const next = op.exec(this.cpu, fields) as Seen | undefined;
    return { next, calls: this.calls, refused: this.refused, setsFpscr: this.setsFpscr };
  }
}
