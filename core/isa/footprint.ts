/**
 * What an instruction touches, found by running its meaning on a Cpu that only takes notes. For
 * tests and tools: an engine that also ran it would teach V8's call sites a second receiver.
 */
import { type Cpu, FLAG, SPECIAL } from "./cpu.ts";
import type { InstructionFields } from "./decode.ts";
import type { Op } from "./op.ts";

/** What an operation of the Cpu does, for the recorder. */
type Effect =
  | "compute"
  | "read"
  | "write"
  /** May fault, so no register may have been written before it. */
  | "load"
  /** The same, but yields no value. */
  | "access"
  /** Floating-point arithmetic: may fault, and reads and writes the FPSCR. */
  | "arithmetic"
  /** Leaves to the system: the block ends here. */
  | "leave";

/** A row for each operation: a new one in Cpu does not compile until it stands here. */
const EFFECTS: Readonly<Record<keyof Cpu<unknown>, Effect>> = {
  int: "compute",
  r: "read",
  setR: "write",
  bank: "read",
  setBank: "write",
  t: "read",
  setT: "write",
  flag: "read",
  setFlag: "write",
  special: "read",
  setSpecial: "write",
  sr: "read",
  setSr: "write",
  fpscr: "read",
  setFpscr: "write",
  add: "compute",
  sub: "compute",
  mul: "compute",
  mulHighS: "compute",
  mulHighU: "compute",
  and: "compute",
  or: "compute",
  xor: "compute",
  not: "compute",
  shl: "compute",
  shr: "compute",
  sar: "compute",
  sext8: "compute",
  sext16: "compute",
  zext8: "compute",
  zext16: "compute",
  eq: "compute",
  gtS: "compute",
  geS: "compute",
  gtU: "compute",
  geU: "compute",
  select: "compute",
  load8: "load",
  load16: "load",
  load32: "load",
  store8: "access",
  store16: "access",
  store32: "access",
  loadPair: "access",
  storePair: "access",
  prefetch: "access",
  cache: "access",
  frBits: "read",
  setFrBits: "write",
  xfBits: "read",
  setXfBits: "write",
  fr: "read",
  setFr: "write",
  xf: "read",
  dr: "read",
  setDr: "write",
  addF32: "arithmetic",
  subF32: "arithmetic",
  mulF32: "arithmetic",
  divF32: "arithmetic",
  sqrtF32: "arithmetic",
  macF32: "arithmetic",
  addF64: "arithmetic",
  subF64: "arithmetic",
  mulF64: "arithmetic",
  divF64: "arithmetic",
  sqrtF64: "arithmetic",
  eqF32: "arithmetic",
  gtF32: "arithmetic",
  eqF64: "arithmetic",
  gtF64: "arithmetic",
  f32FromInt: "arithmetic",
  f64FromInt: "arithmetic",
  intFromF32: "arithmetic",
  intFromF64: "arithmetic",
  f32FromF64: "arithmetic",
  f64FromF32: "arithmetic",
  dot4: "arithmetic",
  reciprocalSqrt: "arithmetic",
  sine: "arithmetic",
  cosine: "arithmetic",
  trap: "leave",
  loadTlb: "leave",
  sleep: "leave",
};

const FAULTS: ReadonlySet<Effect> = new Set(["load", "access", "arithmetic"]);
const YIELDS: ReadonlySet<Effect> = new Set(["compute", "read", "load", "arithmetic"]);

/** What an instruction touches. Registers go by their names in the manual, lower case. */
export interface Footprint {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
  /** It may raise an exception that makes it run again from its start. */
  readonly mayFault: boolean;
  /** It returns where to go. */
  readonly branches: boolean;
  /** Control leaves, or SR or FPSCR are written whole: the trait `ends`. */
  readonly endsBlock: boolean;
  /** Changes pc, reads it, traps or writes SR: the trait `notInSlot`. */
  readonly notInSlot: boolean;
}

/** A value of this reading: nothing but a mark that tells one from another. */
type Note = symbol;

const nameIn = (names: Readonly<Record<string, number>>, place: number): string =>
  Object.keys(names).find((name) => names[name] === place) ?? `?${place}`;

/** The registers an operation names, by its first arguments. */
function registersOf(operation: string, args: readonly unknown[]): readonly string[] {
  const what = operation.replace(/^set/, "").replace(/Bits$/, "").toLowerCase();
  const n = typeof args[0] === "number" ? args[0] : NaN;
  switch (what) {
    case "bank":
      return [`r${n}_bank`];
    case "flag":
      return [nameIn(FLAG, n)];
    case "special":
      return [nameIn(SPECIAL, n)];
    case "dr":
      return [`fr${n}`, `fr${n + 1}`];
    case "r":
    case "fr":
    case "xf":
      return [what + n];
    default:
      return [what];
  }
}

/** Collects what a meaning does, and objects to what may not be run again. */
class Recorder {
  readonly reads = new Set<string>();
  readonly writes = new Set<string>();
  readonly operations = new Set<string>();
  mayFault = false;
  #written: string | undefined;

  constructor(readonly syntax: string) {}

  note(operation: keyof Cpu<unknown>, args: readonly unknown[]): Note | undefined {
    const effect = EFFECTS[operation];
    this.operations.add(operation);
    if (FAULTS.has(effect)) this.#mayFault(operation);
    if (effect === "arithmetic") {
      this.reads.add("fpscr");
      this.writes.add("fpscr");
    }
    if (effect === "read") registersOf(operation, args).forEach((name) => this.reads.add(name));
    if (effect === "write") this.#write(registersOf(operation, args));
    if (operation === "loadPair") this.#write(pairOf(args));
    if (operation === "storePair") pairOf(args).forEach((name) => this.reads.add(name));
    // A meaning may end in `cpu.setR(…)`: what yields no value must not look like a target.
    return YIELDS.has(effect) ? Symbol(operation) : undefined;
  }

  #write(names: readonly string[]): void {
    for (const name of names) {
      this.writes.add(name);
      this.#written ??= name;
    }
  }

  #mayFault(operation: string): void {
    this.mayFault = true;
    if (this.#written === undefined) return;
    throw new Error(
      `${this.syntax}: ${operation} may fault after ${this.#written} was written, ` +
        `so the instruction could not run again`,
    );
  }
}

/** The two registers loadPair and storePair name. */
function pairOf([bank, n]: readonly unknown[]): readonly string[] {
  const file = bank === 0 ? "fr" : "xf";
  return [`${file}${Number(n)}`, `${file}${Number(n) + 1}`];
}

/** A Cpu whose every operation goes to the recorder. */
const noteTaking = (recorder: Recorder): Cpu<Note> =>
  new Proxy({} as Cpu<Note>, {
    get: (_, operation) => (...args: unknown[]) =>
      recorder.note(operation as keyof Cpu<unknown>, args),
  });

/**
 * Runs a row on the recorder. The fields may be given, because a meaning may differ by them (Rm
 * may be Rn); by default all registers differ.
 *
 * @example
 * ```ts
 * import { footprint } from "./footprint.ts";
 * import { op } from "./op.ts";
 * const dt = op("0100nnnn00010000", "dt Rn", (cpu, { n }) => {
 *   cpu.setR(n, cpu.sub(cpu.r(n), cpu.int(1)));
 *   cpu.setT(cpu.eq(cpu.r(n), cpu.int(0)));
 * });
 * const { writes } = footprint(dt, { n: 3 });
 * if ([...writes].join() !== "r3,t") throw new Error("unreachable");
 * ```
 *
 * @throws {Error} if the row breaks the restart law: it writes a register, and may fault later.
 */
export function footprint(op: Op, fields: Partial<InstructionFields> = {}): Footprint {
  const recorder = new Recorder(op.syntax);
  let readsPc = false;
  const { pc = 0x1000, ...given } = fields;
  const target = op.exec(noteTaking(recorder), {
    n: 2,
    m: 1,
    i: 0x12,
    d: 3,
    ...given,
    get pc() {
      readsPc = true;
      return pc;
    },
  });
  const { reads, writes, operations, mayFault } = recorder;
  const branches = target !== undefined;
  const traps = operations.has("trap");
  const writesSr = operations.has("setSr");
  const leaves = [...operations].some((name) => EFFECTS[name as keyof Cpu<unknown>] === "leave");
  return {
    reads,
    writes,
    mayFault,
    branches,
    endsBlock: leaves || writesSr || operations.has("setFpscr"),
    notInSlot: branches || readsPc || traps || writesSr,
  };
}
