/**
 * Instructions as text, both ways, from the syntax strings of the rows. Displacements are printed
 * in bytes and targets beside the program as addresses, as objdump does.
 */
import { hex16 } from "../base/bits.ts";
import { decode, type Encoding, encoding, isIn, type Mode } from "./decode.ts";
import type { Op } from "./op.ts";
import { sh4 } from "./sh4.ts";

/** What an operand may need besides its field. */
interface Site {
  readonly pc: number;
  /** Bytes of one access, by the mnemonic's suffix. */
  readonly size: number;
}

/** A placeholder of the syntax strings: how its field is written and read. */
interface Operand {
  readonly field: "n" | "m" | "i" | "d";
  /** What its text looks like; one group. */
  readonly text: string;
  show(field: number, width: number, site: Site): string;
  /** The field of a text, or what was expected instead. */
  read(text: string, width: number, site: Site): number | string;
}

const NUMBER = "(-?(?:0x[0-9a-f]+|[0-9]+))";

const numberOf = (text: string): number =>
  text.startsWith("-") ? -Number(text.slice(1)) : Number(text);

const address = (n: number): string => "0x" + (n >>> 0).toString(16);

const signed = (field: number, width: number): number => (field << (32 - width)) >> (32 - width);

/** The fields of a width, as numbers: all from zero, or half of them below it. */
const unsignedRange = (width: number): Range => ({ least: 0, most: (1 << width) - 1 });
const signedRange = (width: number): Range => ({
  least: -(1 << width - 1),
  most: (1 << width - 1) - 1,
});

interface Range {
  readonly least: number;
  readonly most: number;
}

const inSteps = (step: number): string => step === 1 ? "" : ` in steps of ${step}`;

/** The field of a number that counts in steps. */
function numberIn({ least, most }: Range, step: number, text: string): number | string {
  const steps = numberOf(text) / step;
  if (Number.isInteger(steps) && steps >= least && steps <= most) return steps;
  return `${least * step} to ${most * step}${inSteps(step)}`;
}

/** The field of an address that is reached from `base` in steps; addresses wrap at 32 bits. */
function addressIn({ least, most }: Range, step: number, base: number, text: string) {
  const value = numberOf(text);
  const steps = ((value - base) | 0) / step;
  const isAddress = value >= -(2 ** 31) && value < 2 ** 32;
  if (isAddress && Number.isInteger(steps) && steps >= least && steps <= most) return steps;
  return `${address(base + step * least)} to ${address(base + step * most)}${inSteps(step)}`;
}

/** A register named by a prefix and a number; `scale` is 2 for pairs and 4 for vectors. */
const register = (field: "n" | "m", prefix: string, scale = 1, suffix = ""): Operand => ({
  field,
  text: `${prefix}([0-9]+)${suffix}`,
  show: (v) => `${prefix}${v * scale}${suffix}`,
  read: (text, width) => {
    const v = Number(text) / scale;
    if (Number.isInteger(v) && v < 1 << width) return v;
    const last = ((1 << width) - 1) * scale;
    return `${prefix}0${suffix} to ${prefix}${last}${suffix}${inSteps(scale)}`;
  },
});

/** The odd register of a pair, named by the pair's number. */
const oddRegister: Operand = {
  field: "n",
  text: "fr([0-9]+)",
  show: (v) => `fr${2 * v + 1}`,
  read: (text) => {
    const v = (Number(text) - 1) / 2;
    return Number.isInteger(v) && v >= 0 && v < 8 ? v : "fr1 to fr15 in steps of 2";
  },
};

const signedImmediate: Operand = {
  field: "i",
  text: "#" + NUMBER,
  show: (v, width) => `#${signed(v, width)}`,
  read: (text, width) => numberIn(signedRange(width), 1, text),
};

const unsignedImmediate: Operand = {
  field: "i",
  text: "#" + NUMBER,
  show: (v) => `#${v}`,
  read: (text, width) => numberIn(unsignedRange(width), 1, text),
};

const displacement: Operand = {
  field: "d",
  text: NUMBER,
  show: (v, _width, { size }) => String(v * size),
  read: (text, width, { size }) => numberIn(unsignedRange(width), size, text),
};

/** Where displacement 0 beside the program points; longwords ignore the low bits of pc. */
const besideOf = ({ pc, size }: Site): number => (size === 4 ? pc & ~3 : pc) + 4;

const beside: Operand = {
  field: "d",
  text: NUMBER,
  show: (v, _width, site) => address(besideOf(site) + v * site.size),
  read: (text, width, site) => addressIn(unsignedRange(width), site.size, besideOf(site), text),
};

const label: Operand = {
  field: "d",
  text: NUMBER,
  show: (v, width, { pc }) => address(pc + 4 + 2 * signed(v, width)),
  read: (text, width, { pc }) => addressIn(signedRange(width), 2, pc + 4, text),
};

/** Every placeholder a syntax may hold; a longer one stands before the one it contains. */
const OPERANDS: ReadonlyMap<string, Operand> = new Map([
  ["Rm_BANK", register("m", "r", 1, "_bank")],
  ["Rn_BANK", register("n", "r", 1, "_bank")],
  ["DRm", register("m", "dr", 2)],
  ["DRn", register("n", "dr", 2)],
  ["XDm", register("m", "xd", 2)],
  ["FRodd", oddRegister],
  ["XDn", register("n", "xd", 2)],
  ["FVm", register("m", "fv", 4)],
  ["FVn", register("n", "fv", 4)],
  ["FRm", register("m", "fr")],
  ["FRn", register("n", "fr")],
  ["Rm", register("m", "r")],
  ["Rn", register("n", "r")],
  ["#imm", signedImmediate],
  ["#uimm", unsignedImmediate],
  ["@(disp,PC)", beside],
  ["disp", displacement],
  ["label", label],
]);

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

const PLACEHOLDER = new RegExp([...OPERANDS.keys()].map(literally).join("|"), "g");

/** A syntax string taken apart. */
interface Template {
  readonly row: Encoding;
  readonly mnemonic: string;
  readonly size: number;
  /** The text between placeholders, lower case: one more than there are operands. */
  readonly between: readonly string[];
  readonly operands: readonly Operand[];
  /** Matches a whole instruction; one group an operand. */
  readonly whole: RegExp;
}

function templateOf(row: Encoding): Template {
  const { syntax } = row.op;
  const mnemonic = syntax.split(" ", 1)[0] ?? "";
  const between = syntax.split(PLACEHOLDER).map((part) => part.toLowerCase());
  const operands = [...syntax.matchAll(PLACEHOLDER)].flatMap(([name]) => OPERANDS.get(name) ?? []);
  const source = between.map((part, k) => literally(part) + (operands[k]?.text ?? "")).join("");
  const size = mnemonic.endsWith(".b") ? 1 : mnemonic.endsWith(".w") ? 2 : 4;
  return { row, mnemonic, size, between, operands, whole: new RegExp(`^${source}$`) };
}

interface Templates {
  readonly byOp: ReadonlyMap<Op, Template>;
  readonly byMnemonic: ReadonlyMap<string, readonly Template[]>;
}

let made: Templates | undefined;

/** All templates, made when the first text is wanted, so that starting costs nothing. */
function templates(): Templates {
  if (made !== undefined) return made;
  const all = sh4.map((op) => templateOf(encoding(op)));
  return made = {
    byOp: new Map(all.map((template) => [template.row.op, template])),
    byMnemonic: Map.groupBy(all, ({ mnemonic }) => mnemonic),
  };
}

function widthOf(row: Encoding, field: Operand["field"]): number {
  return 32 - Math.clz32(row[field].mask);
}

/**
 * A word as text; a word without meaning in this mode is `.word 0x…`.
 *
 * @example
 * ```ts
 * import { disassemble } from "./text.ts";
 * const text = disassemble(0x8ffa, 0x1008, { PR: 0, SZ: 0 });
 * if (text !== "bf/s 0x1000") throw new Error(text);
 * ```
 */
export function disassemble(word: number, pc: number, mode: Mode): string {
  const instruction = decode(word, mode);
  if (instruction === undefined) return `.word ${hex16(word)}`;
  const { op, fields } = instruction;
  const { row, between, operands, size } = templates().byOp.get(op) ?? templateOf(encoding(op));
  return between.map((part, k) => {
    const operand = operands[k];
    if (operand === undefined) return part;
    const { field } = operand;
    return part + operand.show(fields[field], widthOf(row, field), { pc, size });
  }).join("");
}

const modeText = ({ when = {} }: Op): string =>
  Object.entries(when).map(([name, bit]) => `FPSCR.${name} = ${bit}`).join(" and ");

/** The error of a text whose mnemonic is known but which fits no row of this mode. */
function misfit(text: string, all: readonly Template[], mode: Mode): Error {
  const elsewhere = all.find(({ whole, row }) => whole.test(text) && !isIn(row.op, mode));
  if (elsewhere !== undefined) {
    return new Error(`"${text}" needs ${modeText(elsewhere.row.op)}`);
  }
  const here = all.filter(({ row }) => isIn(row.op, mode));
  const forms = (here.length > 0 ? here : all).map(({ row }) => `"${row.op.syntax}"`);
  return new Error(`expected ${forms.join(" or ")}, found "${text}"`);
}

/** The word of a template, given the texts of its operands. */
function wordOf({ row, operands, size }: Template, texts: readonly string[], pc: number): number {
  let word = row.match;
  for (const [k, operand] of operands.entries()) {
    const { field } = operand;
    const text = texts[k] ?? "";
    const value = operand.read(text, widthOf(row, field), { pc, size });
    if (typeof value === "string") {
      throw new Error(`expected ${value} in "${row.op.syntax}", found ${text}`);
    }
    word |= (value & row[field].mask) << row[field].shift;
  }
  return word;
}

/**
 * The word of one line of assembly, as {@linkcode disassemble} writes it; letter case and spaces
 * do not matter.
 *
 * @example
 * ```ts
 * import { assemble } from "./text.ts";
 * const word = assemble("mov.l @(8,r15),r1", 0, { PR: 0, SZ: 0 });
 * if (word !== 0x51f2) throw new Error(String(word));
 * ```
 *
 * @throws {Error} naming what was expected and what was found.
 */
export function assemble(text: string, pc: number, mode: Mode): number {
  const trimmed = text.trim().toLowerCase();
  const [mnemonic = ""] = trimmed.split(/\s/, 1);
  const rest = trimmed.slice(mnemonic.length).replace(/\s/g, "");
  const tidy = rest === "" ? mnemonic : `${mnemonic} ${rest}`;
  if (mnemonic === ".word" && /^0x[0-9a-f]{1,4}$/.test(rest)) return Number(rest);
  const all = templates().byMnemonic.get(mnemonic) ?? [];
  if (all.length === 0) throw new Error(`expected an SH-4 instruction, found "${text.trim()}"`);
  for (const template of all) {
    if (!isIn(template.row.op, mode)) continue;
    const match = template.whole.exec(tidy);
    if (match !== null) return wordOf(template, match.slice(1), pc);
  }
  throw misfit(tidy, all, mode);
}
