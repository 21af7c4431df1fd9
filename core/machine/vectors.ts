/**
 * Instruction vectors of the SingleStepTests form: one file an encoding and mode, in it records of a
 * state before, a state after, what the bus saw, and the opcodes. This module reads such files and
 * runs their cases on any machine that can play the driver; where a case may differ from the SH-4's
 * manual, and why, is in vector_deviations.ts.
 */
import { hex32 } from "../base/bits.ts";
import { type ExceptionName, Fault } from "./exception.ts";
import { deviationOf, exceptionDeviation } from "./vector_deviations.ts";
import {
  type DataAccess,
  STATE,
  STATE_NAMES,
  STATE_WORDS,
  type VectorCase,
  type VectorName,
} from "./vector_state.ts";

/** A file that is no vector file: where, and what was found. */
export class VectorError extends Error {
  override name = "VectorError";
}

const NAME = /(?:^|[\\/])([01a-z]{16})_sz([01])_pr([01])[^\\/]*$/;

/**
 * Takes a vector file's name apart.
 *
 * @example
 * ```ts
 * import { vectorName } from "./vectors.ts";
 * const { pattern, PR } = vectorName("sst/1111nnn0mmm00000_sz0_pr1.bin");
 * if (pattern !== "1111nnn0mmm00000" || PR !== 1) throw new Error("unreachable");
 * ```
 *
 * @throws {VectorError} if it is not the name of one.
 */
export function vectorName(file: string): VectorName {
  const found = NAME.exec(file);
  if (found === null) {
    throw new VectorError(
      `${file}: expected a name such as 0110nnnnmmmm0110_sz0_pr0.bin: 16 characters of the ` +
        "encoding, then SZ and PR",
    );
  }
  const [, pattern = "", SZ, PR] = found;
  return { file, pattern, SZ: SZ === "1" ? 1 : 0, PR: PR === "1" ? 1 : 0 };
}

const HEADER = 8; // size and tag
const CYCLES = 4;
const CYCLE_BYTES = 36;
const OPCODES = 5;
const READ = 1;
const WRITE = 2;

/** The parts of a record, with the bytes each must have at least. */
const SECTIONS = [
  { what: "the state before", bytes: HEADER + 4 * STATE_WORDS },
  { what: "the state after", bytes: HEADER + 4 * STATE_WORDS },
  { what: "the cycles", bytes: 12 + CYCLES * CYCLE_BYTES },
  { what: "the opcodes", bytes: HEADER + 4 * OPCODES },
] as const;

/** Reads one file's records, and complains by name and number of the first that is not right. */
class VectorReader {
  readonly #view: DataView;
  #record = 0;

  constructor(readonly name: VectorName, bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  *cases(): Generator<VectorCase> {
    const { byteLength } = this.#view;
    if (byteLength === 0) this.#fail("expected records, found an empty file");
    for (let at = 0; at < byteLength; this.#record++) {
      const end = at + this.#size(at, "the record", 4, byteLength);
      yield this.#case(at + 4, end);
      at = end;
    }
  }

  #case(start: number, end: number): VectorCase {
    const places: number[] = [];
    let at = start;
    for (const { what, bytes } of SECTIONS) {
      places.push(at);
      at += this.#size(at, what, bytes, end);
    }
    if (at !== end) this.#fail(`expected its end after the opcodes, found ${end - at} bytes more`);
    const [before = 0, after = 0, cycles = 0, opcodes = 0] = places;
    return {
      name: this.name,
      index: this.#record,
      before: this.#words(before + HEADER, STATE_WORDS),
      after: this.#words(after + HEADER, STATE_WORDS),
      writes: this.#accesses(cycles + 12, WRITE, 12),
      reads: this.#accesses(cycles + 12, READ, 24),
      opcodes: [...this.#words(opcodes + HEADER, OPCODES)],
    };
  }

  /** The size a section states, if it has at least `least` bytes and ends before `end`. */
  #size(at: number, what: string, least: number, end: number): number {
    if (end - at < 4) {
      this.#fail(`expected the size of ${what} at byte ${at}, found ${end - at} bytes`);
    }
    const size = this.#view.getUint32(at, true);
    if (size < least) {
      this.#fail(`expected ${what} at byte ${at} to have ${least} bytes or more, found ${size}`);
    }
    if (size > end - at) {
      this.#fail(`expected ${size} bytes of ${what} at byte ${at}, found ${end - at}`);
    }
    return size;
  }

  #words(at: number, count: number): Uint32Array {
    return Uint32Array.from({ length: count }, (_, n) => this.#view.getUint32(at + 4 * n, true));
  }

  /** The data accesses of one kind: in a cycle, its address lies at `offset`, its value after it. */
  #accesses(at: number, kind: number, offset: number): DataAccess[] {
    const found: DataAccess[] = [];
    for (let cycle = at; cycle < at + CYCLES * CYCLE_BYTES; cycle += CYCLE_BYTES) {
      if ((this.#view.getUint32(cycle, true) & kind) === 0) continue;
      found.push({
        address: this.#view.getUint32(cycle + offset, true),
        value: this.#view.getBigUint64(cycle + offset + 4, true),
      });
    }
    return found;
  }

  #fail(text: string): never {
    throw new VectorError(`${this.name.file}: record ${this.#record}: ${text}`);
  }
}

/**
 * The cases of one vector file.
 *
 * @throws {VectorError} if the file is cut off or not of this form.
 */
export function parseVectors(file: string, bytes: Uint8Array): readonly VectorCase[] {
  return [...new VectorReader(vectorName(file), bytes).cases()];
}

/** Memory as a case has recorded it. Addresses and values are 32-bit words of either sign. */
export interface VectorBus {
  fetch(address: number): number;
  /** Zero-extended; a register pair is two reads of 4 bytes, the lower address first. */
  read(address: number, bytes: 1 | 2 | 4): number;
  write(address: number, bytes: 1 | 2 | 4, value: number): void;
}

/** The machine under test. It must neither translate addresses nor check their alignment. */
export interface VectorDriver {
  set(state: Uint32Array, bus: VectorBus): void;
  /**
   * One step: answers how many instructions it was, 2 for a branch and its slot, Infinity when the
   * machine sleeps. Throws Fault for an exception, TRAPA's included, and does not enter it.
   */
  step(): number;
  state(): Uint32Array;
  /** Whether denormalized operands are computed with instead of raising an FPU error. */
  computeDenormals(on: boolean): void;
}

/** How a case went: equal, different in ways the table names, or wrong. */
export type Verdict =
  | { readonly outcome: "equal" }
  | { readonly outcome: "deviates"; readonly deviations: readonly string[] }
  | { readonly outcome: "failed"; readonly differences: readonly string[] };

const MASKS = { 1: 0xffn, 2: 0xffffn, 4: 0xffffffffn } as const;

/** Answers from the record, and notes what the record does not have. */
class RecordedBus implements VectorBus {
  readonly problems: string[] = [];
  readonly #written = new Set<DataAccess>();

  constructor(readonly recorded: VectorCase) {}

  fetch(address: number): number {
    const { opcodes, before } = this.recorded;
    const place = ((address - (before[STATE.PC] ?? 0)) >>> 0) / 2;
    return (place < 4 ? opcodes[place] : opcodes[4]) ?? 0;
  }

  read(address: number, bytes: 1 | 2 | 4): number {
    const { access, value } = this.#part(this.recorded.reads, address, bytes);
    if (access === undefined) this.problems.push(`read ${hex32(address)}, which is not recorded`);
    return Number(value);
  }

  write(address: number, bytes: 1 | 2 | 4, value: number): void {
    const { access, value: expected } = this.#part(this.recorded.writes, address, bytes);
    const found = BigInt(value >>> 0) & MASKS[bytes];
    if (access === undefined) {
      this.problems.push(`write of ${hex32(value)} at ${hex32(address)} is not recorded`);
    } else if (found !== expected) {
      const shouldBe = hex32(Number(expected));
      this.problems.push(`write at ${hex32(address)}: expected ${shouldBe}, found ${hex32(value)}`);
    } else {
      this.#written.add(access);
    }
  }

  /** Notes every recorded write that did not happen. */
  finish(): void {
    for (const access of this.recorded.writes) {
      if (!this.#written.has(access)) this.problems.push(`no write at ${hex32(access.address)}`);
    }
  }

  /** The recorded access at an address, or the upper half of one 4 bytes below. */
  #part(accesses: readonly DataAccess[], address: number, bytes: 1 | 2 | 4) {
    const at = (offset: number) =>
      accesses.find((access) => ((access.address + offset) >>> 0) === (address >>> 0));
    const whole = at(0);
    if (whole !== undefined) return { access: whole, value: whole.value & MASKS[bytes] };
    const half = at(4);
    return { access: half, value: (half?.value ?? 0n) >> 32n & MASKS[bytes] };
  }
}

interface Run {
  readonly state: Uint32Array;
  readonly problems: readonly string[];
  readonly exception: ExceptionName | undefined;
}

function execute(recorded: VectorCase, driver: VectorDriver): Run {
  const bus = new RecordedBus(recorded);
  driver.set(recorded.before, bus);
  try {
    for (let done = 0; done < 4; done += driver.step());
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { state: driver.state(), problems: bus.problems, exception: fault.exception };
  }
  bus.finish();
  return { state: driver.state(), problems: bus.problems, exception: undefined };
}

/** An instruction that faults has written nothing but FPSCR's cause and flags. */
function changedByFault({ before }: VectorCase, state: Uint32Array): readonly string[] {
  return STATE_NAMES.filter((_, word) =>
    word !== STATE.PC && word !== STATE.FPSCR && state[word] !== before[word]
  ).map((name) => `${name} was written although the instruction faults`);
}

/** Runs one case: four instructions, then every word of the state is compared. */
export function runCase(recorded: VectorCase, driver: VectorDriver): Verdict {
  const deviations = new Set<string>();
  driver.computeDenormals(false);
  let run = execute(recorded, driver);
  if (run.exception !== undefined) {
    const known = exceptionDeviation(recorded, run.exception);
    if (known === undefined) {
      return { outcome: "failed", differences: [`raised ${run.exception}, which is not recorded`] };
    }
    deviations.add(known.name);
    const changed = changedByFault(recorded, run.state);
    if (changed.length > 0) return { outcome: "failed", differences: changed };
    if (!known.emulated) return { outcome: "deviates", deviations: [...deviations] };
    // The exception is right; what the kernel would compute after it must still agree.
    driver.computeDenormals(true);
    run = execute(recorded, driver);
    driver.computeDenormals(false);
  }
  const differences = [...run.problems];
  if (run.exception !== undefined) differences.push(`raised ${run.exception} when emulated`);
  for (let word = 0; word < STATE_WORDS; word++) {
    const expected = recorded.after[word] ?? 0;
    const found = run.state[word] ?? 0;
    if (found === expected) continue;
    const known = deviationOf(recorded, word, run.state);
    if (known !== undefined) deviations.add(known);
    else {differences.push(
        `${STATE_NAMES[word]}: expected ${hex32(expected)}, found ${hex32(found)}`,
      );}
  }
  if (differences.length > 0) return { outcome: "failed", differences };
  return deviations.size === 0
    ? { outcome: "equal" }
    : { outcome: "deviates", deviations: [...deviations] };
}
