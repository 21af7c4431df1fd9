/**
 * One random program on two machines, of which one only evaluates: after every slice the two must
 * be the same in every word of their state, in memory, in counts and in why they stopped.
 */
import { Buffer } from "node:buffer";
import { RandomStream } from "../../core/base/random.ts";
import { SPECIAL } from "../../core/isa/cpu.ts";
import type { Op } from "../../core/isa/op.ts";
import { disassemble } from "../../core/isa/text.ts";
import type { Jit, Stop } from "../../core/machine/machine.ts";
import { EngineDifference } from "../../core/machine/verifier.ts";
import * as S from "../../core/machine/state.ts";
import { differenceText } from "../core/machine/wasm_text.ts";
import { ASIDS, ProgramMachine } from "./program_kernel.ts";
import {
  CODE_FRAMES,
  DATA,
  DATA_PAGES,
  fillData,
  FRAMES,
  randomAddress,
  randomFpscr,
} from "./random_data.ts";
import { type RandomProgram, randomProgram } from "./random_programs.ts";
import { chance, pick, POINTERS, randomWord } from "./random_rows.ts";

/** The state without the notes of the engines. */
const STATE_PARTS = [...S.ENGINE_OWN.toSorted((a, b) => a - b), S.STATE_END].map((end, n, ends) =>
  [n === 0 ? 0 : (ends[n - 1] as number) + 4, end] as const
).filter(([from, to]) => from < to);

/** Which case it is; the same one always goes the same way. */
export interface EngineCase {
  readonly seed: number;
  readonly instructions: number;
  readonly jit: Jit;
  /** The slice of this number gets this budget, and is the last one. */
  readonly last?: { readonly slice: number; readonly budget: number };
  /** Takes in every row that is executed: then all slices are of one cycle. */
  readonly rows?: Set<Op>;
}

/** What a case came to. */
export interface EngineOutcome {
  readonly instructions: number;
  /** How many of them translated code retired. */
  readonly translated: number;
  readonly regions: number;
  readonly invalidations: number;
  readonly exceptions: number;
  readonly misses: number;
  readonly reloads: number;
  /** Slices that went well. */
  readonly slices: number;
  /** The machines differ, in words; within which budget. */
  readonly problem?: string;
  readonly budget?: number;
}

/** Runs a case; where the machines differ, it reports the smallest budget in which they do. */
export function runEngineCase(engineCase: EngineCase): EngineOutcome {
  const outcome = new EnginePair(engineCase).run();
  if (outcome.problem === undefined) return outcome;
  const { slices: slice, budget: most = 1 } = outcome;
  let report = outcome, right = 0, wrong = most;
  while (wrong - right > 1) {
    const budget = (wrong + right) >> 1;
    const shorter = new EnginePair({ ...engineCase, last: { slice, budget } }).run();
    if (shorter.problem === undefined) right = budget;
    else {
      wrong = budget;
      report = shorter;
    }
  }
  return engineCase.jit === "verify" ? report : withRegion(engineCase, report);
}

/** The region that is wrong, and what it was translated to, if comparing each of them finds it. */
function withRegion(engineCase: EngineCase, report: EngineOutcome): EngineOutcome {
  const { problem = "nothing differs there" } = new EnginePair({ ...engineCase, jit: "verify" })
    .run();
  return { ...report, problem: `${report.problem}\ncompared region by region: ${problem}` };
}

const hex = (word: number): string => `0x${(word >>> 0).toString(16).padStart(8, "0")}`;

/** What lies in a word of the state. */
function nameOf(place: number): string {
  const arrays: readonly (readonly [number, number, string])[] = [
    [S.R, 16, "R"],
    [S.BANK, 8, "bank R"],
    [S.SPECIALS, 10, "special register "],
    [S.FLAGS, 3, "flag "],
    [S.FR, 16, "FR (words swapped) "],
    [S.XF, 16, "XF (words swapped) "],
    [S.SQ, 16, "store queue word "],
    [S.UTLB, 128, "UTLB word "],
    [S.ITLB, 8, "ITLB word "],
    [S.KEPT, 2 * S.KEPT_ENTRIES, "kept translation word "],
  ];
  for (const [start, count, name] of arrays) {
    if (place >= start && place < start + 4 * count) return `${name}${(place - start) >> 2}`;
  }
  const single = Object.entries(S).find(([, value]) => value === place);
  return single?.[0] ?? `state word ${place}`;
}

const bytesOf = (side: ProgramMachine): Buffer => Buffer.from(side.machine.memory.buffer);

/** The words in which two ranges differ. */
function differing(a: Buffer, b: Buffer, from: number, to: number): number[] {
  const found: number[] = [];
  for (let at = from; at < to && found.length < 12; at += 4) {
    if (a.readInt32LE(at) !== b.readInt32LE(at)) found.push(at);
  }
  return found;
}

/** Two machines with one program. */
class EnginePair {
  readonly program: RandomProgram;
  private readonly evaluated: ProgramMachine;
  private readonly translated: ProgramMachine;
  private readonly random: RandomStream;
  private exceptions = 0;
  private slices = 0;
  /** The present slice: where it began, and with which budget. */
  private began = 0;
  private budget = 0;

  constructor(readonly engineCase: EngineCase) {
    const { seed, jit } = engineCase;
    this.program = randomProgram(seed);
    this.random = RandomStream.of(seed, "slices", 0);
    this.evaluated = new ProgramMachine(this.program, { jit: "off" });
    this.translated = new ProgramMachine(this.program, { jit, hot: 1 + seed % 3 });
    const data = new Uint8Array((FRAMES - CODE_FRAMES) * 4096);
    fillData(RandomStream.of(seed, "data", 0), new DataView(data.buffer));
    this.both(({ machine }) => machine.ram.set(data, CODE_FRAMES * 4096));
    this.begin();
  }

  private both(act: (side: ProgramMachine) => void): void {
    act(this.evaluated);
    act(this.translated);
  }

  /** Runs until so many instructions are done or the machines differ. */
  run(): EngineOutcome {
    let problem: string | undefined;
    const { instructions, last } = this.engineCase;
    while (this.done < instructions && this.slices <= (last?.slice ?? Infinity)) {
      problem = this.slice();
      if (problem !== undefined) break;
      this.slices++;
    }
    const { machine, misses } = this.evaluated;
    const counts = this.translated.machine.translated;
    return {
      instructions: this.done,
      translated: counts?.instructions ?? 0,
      regions: (counts?.translations ?? 0) + (counts?.shared ?? 0),
      invalidations: counts?.invalidations ?? 0,
      exceptions: this.exceptions,
      misses,
      reloads: machine.reloads,
      slices: this.slices,
      ...(problem === undefined ? {} : { problem, budget: this.budget }),
    };
  }

  private get done(): number {
    return this.evaluated.machine.instructions;
  }

  /** One slice of both; what differs then. */
  private slice(): string | undefined {
    const { random } = this;
    const budget = this.budget = this.newBudget();
    this.began = this.evaluated.machine.pc;
    const op = this.evaluated.instructionAt(this.began)?.op;
    const stop = this.evaluated.machine.run(budget);
    let other: Stop;
    try {
      other = this.translated.machine.run(budget);
    } catch (error) {
      if (!(error instanceof EngineDifference)) throw error;
      return this.report([differenceText(error)]);
    }
    const found = this.engineCase.rows === undefined ? this.differences(stop, other) : [];
    if (found.length > 0) return this.report(found);
    if (stop.why === "exception") this.exceptions++;
    const isDone = stop.why !== "exception" || stop.exception === "trap";
    if (isDone && op !== undefined) this.engineCase.rows?.add(op);
    const anew = pick(random, this.program.entries);
    this.both((side) => side.goOn(stop, anew));
    if (chance(random, 12)) this.begin();
    if (chance(random, 25)) this.meddle();
    return undefined;
  }

  private newBudget(): number {
    const { random, engineCase: { last, rows } } = this;
    if (rows !== undefined) return 1;
    const most = pick(random, [3, 60, 400, 3000, 3000, 3000]);
    const budget = 1 + random.below(most);
    return last?.slice === this.slices ? last.budget : budget;
  }

  /** The program begins somewhere, with registers that are of use. */
  private begin(): void {
    const { random } = this;
    const anew = pick(random, this.program.entries);
    const fpscr = randomFpscr(random);
    const values = Array.from({ length: 8 }, () => random.next() | 0);
    const pointers = Object.entries(POINTERS).flatMap(([size, registers]) =>
      registers.map((register) => [register, randomAddress(random, Number(size))] as const)
    );
    pointers.push([13, randomAddress(random, 4)]);
    const gbr = randomAddress(random, 4);
    this.both(({ machine, ...side }) => {
      side.program.privileged ? machine.cpu.setSr(S.SR_MD) : machine.cpu.setSr(0);
      machine.cpu.setFpscr(fpscr);
      values.forEach((value, n) => machine.cpu.setR(n, n < 4 ? value >> (4 * n) : value));
      for (const [register, address] of pointers) machine.cpu.setR(register, address);
      machine.cpu.setSpecial(SPECIAL.gbr, gbr);
      machine.pc = anew;
    });
  }

  /** What a kernel may do between slices. */
  private meddle(): void {
    const { random } = this;
    const page = (DATA >>> 12) + random.below(DATA_PAGES), value = random.next();
    const data = 4096 * CODE_FRAMES + 2 * random.below(2048 * (FRAMES - CODE_FRAMES));
    const changesCode = chance(random, 25);
    const { word } = randomWord(random, { PR: 0, SZ: 0 }, "integer");
    const place = 2 * random.below(this.program.words.length);
    pick<() => void>(random, [
      () => this.both(({ machine }) => machine.invalidatePage(page << 12, pick2(value))),
      () => this.both((side) => changePage(side, page, value)),
      () => this.both(({ machine }) => machine.setPteh(pick2(value))),
      () => this.both(({ machine }) => value < 2 ** 30 && machine.invalidateTlb()),
      () => this.both((side) => side.writeWord(data, value & 0xffff)),
      () => changesCode && this.both((side) => side.writeWord(place, word)),
      () => this.both((side) => side.writeProgram()),
      () => this.both(({ machine }) => machine.charge(value & 255)),
    ])();
  }

  private differences(stop: Stop, other: Stop): string[] {
    const { evaluated: a, translated: b } = this;
    const found: string[] = [];
    const expect = (name: string, one: unknown, two: unknown) => {
      if (one !== two) found.push(`${name}: ${one} evaluated, ${two} translated`);
    };
    expect("stop", JSON.stringify(stop), JSON.stringify(other));
    for (const name of ["instructions", "spent", "reloads"] as const) {
      expect(name, a.machine[name], b.machine[name]);
    }
    expect("misses", a.misses, b.misses);
    const one = bytesOf(a), two = bytesOf(b);
    const ranges = [...STATE_PARTS, [S.RAM, S.RAM + a.machine.ram.length] as const];
    for (const [from, to] of ranges) {
      if (one.compare(two, from, to, from, to) === 0) continue;
      for (const at of differing(one, two, from, to)) {
        const name = at >= S.RAM ? `memory at ${hex(at - S.RAM)}` : nameOf(at);
        expect(name, hex(one.readInt32LE(at)), hex(two.readInt32LE(at)));
      }
    }
    return found;
  }

  private report(found: readonly string[]): string {
    const { seed, instructions, jit } = this.engineCase;
    const flags = jit === "verify" ? " --verify" : "";
    return [
      `seed ${seed}: the engines differ within ${this.budget} cycles from pc ${
        hex(this.began)
      } on, ` +
      `after ${this.done} instructions`,
      `again: deno task engines --seed ${seed} --each ${instructions} --instructions ` +
      `${instructions}${flags}`,
      ...found.map((line) => `  ${line}`),
      ...this.surroundings(this.began, "where the slice began"),
      ...this.surroundings(this.evaluated.machine.pc, "evaluated to"),
      ...this.surroundings(this.translated.machine.pc, "translated to"),
    ].join("\n");
  }

  private surroundings(pc: number, title: string): string[] {
    const { evaluated } = this;
    const { mode } = evaluated;
    const lines = Array.from({ length: 24 }, (_, n) => (pc & ~1) + 2 * (n - 12)).map((address) => {
      const word = evaluated.wordAt(address);
      const text = word === undefined ? "?" : disassemble(word, address, mode);
      return `  ${address === pc ? ">" : " "} ${hex(address)}  ${text}`;
    });
    return [`${title}, ${hex(pc)}:`, ...lines];
  }
}

const pick2 = (value: number): number => ASIDS[value & 1] as number;

/** A page gets other rights, and no entry remembers the old ones. */
function changePage({ machine, pages }: ProgramMachine, number: number, value: number): void {
  const page = pages.get(number);
  if (page === undefined) return;
  page.writable = (value & 7) !== 0;
  page.dirty = (value & 8) !== 0 && page.writable;
  page.present = (value & 0xf0) !== 0;
  for (const asid of ASIDS) machine.invalidatePage(number << 12, asid);
}
