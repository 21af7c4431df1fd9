/**
 * What a translator must know of an instruction before it emits any: where it leads, whether it can
 * be translated, which floating-point pairs it takes as doubles. A third reading of the rows, in
 * which a value is known when decoding, or nothing.
 */
import { type Cpu, SPECIAL, type Special } from "../isa/cpu.ts";
import type { InstructionFields } from "../isa/decode.ts";
import type { Op } from "../isa/op.ts";

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

/** Looks at instructions; `pairs` gathers over all of them. */
export class Surveyor {
  /** Even registers that were taken as doubles. */
  readonly pairs = new Set<number>();
  private readonly cpu: Cpu<Seen>;
  private refused = false;
  private calls = false;
  private setsFpscr = false;
  private pc = 0;

  constructor() {
    const table: Record<string, (...args: never[]) => unknown> = {};
    for (const name of YIELDING) table[name] = () => UNKNOWN;
    for (const name of SILENT) table[name] = () => undefined;
    for (const name of REFUSED) {
      const usual = table[name] as () => unknown;
      table[name] = () => {
        this.refused = true;
        return usual();
      };
    }
    table["int"] = (number: number): Seen => ({ kind: "number", number });
    table["select"] = (_: Seen, yes: Seen, no: Seen): Seen =>
      yes.kind === "number" && no.kind === "number"
        ? { kind: "choice", yes: yes.number, no: no.number }
        : UNKNOWN;
    table["setSpecial"] = (which: Special, value: Seen) => {
      const back = (this.pc + 4) | 0;
      if (which === SPECIAL.pr && value.kind === "number" && value.number === back) {
        this.calls = true;
      }
    };
    table["dr"] = (n: number): Seen => {
      this.pairs.add(n);
      return UNKNOWN;
    };
    table["setDr"] = (n: number) => void this.pairs.add(n);
    table["setFpscr"] = () => void (this.setsFpscr = true);
    this.cpu = table as unknown as Cpu<Seen>;
  }

  /** Runs a meaning on values nobody knows. */
  look(op: Op, fields: InstructionFields): Survey {
    this.refused = this.calls = this.setsFpscr = false;
    this.pc = fields.pc;
    const next = op.exec(this.cpu, fields) as Seen | undefined;
    return { next, calls: this.calls, refused: this.refused, setsFpscr: this.setsFpscr };
  }
}
