/**
 * Random programs that run on for long: loops with counters, calls, branches to anywhere near,
 * pools of literals, pages crossed by code and by data, every row of the table, all from one seed.
 */
import { RandomStream } from "../../core/base/random.ts";
import type { Mode } from "../../core/isa/decode.ts";
import { RAM_START } from "../../core/machine/state.ts";
import {
  CODE_FRAMES,
  DATA,
  DATA_PAGES,
  FRAMES,
  HOT_PAGES,
  randomAddress,
  randomFpscr,
} from "./random_data.ts";
import { ProgramBuilder } from "./program_builder.ts";
import { chance, pick, randomSlot, randomWord, rowByNumber } from "./random_rows.ts";

/** Where a program of translated addresses begins. */
const CODE = 0x00400000;
/** Words behind which a program stays together, so that it fits. */
const GAPS_BEFORE = (CODE_FRAMES - 2) * 2048;

/** A page as the kernel of the test knows it. */
export interface ProgramPage {
  readonly address: number;
  readonly frame: number;
  readonly writable: boolean;
  readonly dirty: boolean;
  readonly present: boolean;
}

/** One program and all it needs. */
export interface RandomProgram {
  readonly seed: number;
  readonly base: number;
  readonly words: readonly number[];
  /** Addresses where control may begin. */
  readonly entries: readonly number[];
  readonly pages: readonly ProgramPage[];
  /** Whether it runs with SR.MD = 1. */
  readonly privileged: boolean;
  /** MMUCR.URB: the UTLB has so few entries, or all of them for 0. */
  readonly entriesUsed: number;
  /** What the kernel takes for a miss. */
  readonly missCycles: number;
  /** Pages it has are of the kinds an ordinary kernel makes. */
  readonly ordinary: boolean;
}

const modeOf = (fpscr: number): Mode => ({
  PR: ((fpscr >> 19) & 1) as 0 | 1,
  SZ: ((fpscr >> 20) & 1) as 0 | 1,
});

/** What is done to page after page, with r9. */
const SWEEPS = [
  "mov.l @r9,r3",
  "mov.l r3,@r9",
  "mov.b @r9,r3",
  "fmov.s fr3,@r9",
  "tas.b @r9",
  "mac.l @r9+,@r0+",
  "mac.l @r0+,@r9+",
  "mac.w @r9+,@r0+",
] as const;

/** Writes one program. */
class Writer {
  readonly builder: ProgramBuilder;
  readonly entries: number[] = [];
  readonly functions: number[] = [];
  private mode: Mode = { PR: 0, SZ: 0 };
  private row: number;

  /** Whether it writes into itself. */
  private readonly changes: boolean;

  constructor(private readonly random: RandomStream, base: number, seed: number) {
    this.builder = new ProgramBuilder(base);
    this.row = 61 * seed;
    this.changes = chance(random, 30);
  }

  write(): void {
    const { random, builder } = this;
    for (let n = 0; n < 900 + random.below(1000); n++) builder.word(0x0009);
    for (let n = 0; n < 3; n++) this.function(n > 0);
    for (let n = 0; n < 26; n++) {
      this.entries.push(builder.here);
      this.fragment();
      if (chance(random, 20) && builder.here < GAPS_BEFORE) this.gap();
      if (builder.isFull) builder.flush();
    }
    builder.literal(1, builder.addressOf(this.entries[0] as number));
    builder.line("jmp @r1");
    this.slot();
    builder.pool();
  }

  private fragment(): void {
    const { random } = this;
    const fragments = [
      () => this.soup(2 + random.below(8)),
      () => this.pointers(),
      () => this.floats(),
      () => this.loop(0),
      () => this.loop(0),
      () => this.loop(0),
      () => this.branch(),
      () => this.wild(),
      () => this.call(),
      () => this.call(),
      () => this.jump(),
      () => this.fpscr(),
      () => this.sweep(),
      () => this.recursion(),
      () => this.every(4),
      ...(this.changes ? [() => this.patch()] : []),
    ];
    pick(random, fragments)();
  }

  /** Instructions in line. */
  private soup(count: number): void {
    const { builder, random } = this;
    if (chance(random, 40)) this.pointers();
    for (let n = 0; n < count; n++) {
      const { word, op, index } = randomWord(random, this.mode);
      if (index !== undefined && chance(random, 90)) {
        builder.line(`mov #${8 * random.below(12)},r0`);
      }
      builder.word(word);
      if (op.syntax === "fschg") this.mode = { ...this.mode, SZ: this.mode.SZ === 0 ? 1 : 0 };
    }
  }

  /** Rows in the order of the table, whatever the mode. */
  private every(count: number): void {
    for (let n = 0; n < count; n++) this.builder.word(rowByNumber(this.random, this.row++).word);
  }

  private slot(): void {
    this.builder.word(randomSlot(this.random, this.mode).word);
  }

  /** Registers are aimed at data again. */
  private pointers(): void {
    const { builder, random } = this;
    const sizes = [[8, 8], [9, 4], [10, 4], [11, 2], [12, 1]] as const;
    for (const [register, size] of sizes) {
      if (chance(random, 50)) builder.literal(register, randomAddress(random, size));
    }
    if (chance(random, 20)) {
      builder.literal(4, randomAddress(random, 4));
      builder.line("ldc r4,gbr");
    }
  }

  /** Numbers from memory into floating-point registers. */
  private floats(): void {
    const { builder, random } = this;
    builder.literal(8, randomAddress(random, 8) & ~7);
    for (let n = 0; n < 4; n++) {
      const register = 2 * random.below(8);
      if (this.mode.SZ === 1) builder.line(`fmov @r8+,dr${register}`, this.mode);
      else builder.line(`fmov.s @r8+,fr${register}`, this.mode);
    }
    this.arithmetic();
  }

  private arithmetic(): void {
    for (let n = 0; n < 4; n++) this.builder.word(randomWord(this.random, this.mode, "float").word);
  }

  private fpscr(): void {
    const { builder, random } = this;
    const value = randomFpscr(random);
    builder.literal(1, value);
    builder.line("lds r1,fpscr");
    this.mode = modeOf(value);
    for (let n = 0; n < 3; n++) builder.word(randomWord(random, this.mode, "float").word);
  }

  /** Page after page: more than the UTLB holds. */
  private sweep(): void {
    const { builder, random } = this;
    const start = DATA + 4096 * random.below(DATA_PAGES / 2) + 8 * random.below(512);
    const access = pick(random, SWEEPS);
    builder.literal(9, start);
    builder.literal(4, pick(random, [4096, 4096, 4096, 4100, 8192, -4096]));
    builder.line(`mov #${8 + random.below(40)},r14`);
    const head = builder.here;
    if (chance(random, 40)) builder.literal(5, random.next());
    if (access.includes("r0")) { // the program's own text
      builder.line(
        `mova ${(builder.addressOf(builder.here + 6 + random.below(20)) & ~3) >>> 0},r0`,
      );
    }
    builder.line(access, { PR: 0, SZ: 0 });
    if (chance(random, 40)) builder.literal(5, random.next());
    builder.line("add r4,r9");
    builder.line("dt r14");
    builder.aim(builder.hole(), "bf", head);
  }

  private loop(depth: number): void {
    const { builder, random } = this;
    const counter = depth === 0 ? 14 : 15;
    builder.line(`mov #${1 + random.below(depth === 0 ? 60 : 7)},r${counter}`);
    const head = builder.here;
    if (chance(random, 25)) builder.line("sts fpscr,r3");
    this.soup(2 + random.below(8));
    if (depth === 0 && chance(random, 30)) this.loop(1);
    else if (chance(random, 25)) this.branch();
    else if (chance(random, 15)) this.call();
    else if (chance(random, 8)) this.fpscr();
    if (chance(random, 25)) this.arithmetic();
    builder.line(`dt r${counter}`);
    const delayed = chance(random, 50);
    const back = builder.hole();
    if (delayed) this.slot();
    const near = 2 * (builder.here - head) < 240;
    if (near) builder.aim(back, delayed ? "bf/s" : "bf", head);
    else { // too far for a condition
      const skip = builder.here + (delayed ? 2 : 3);
      if (!delayed) builder.word(0x0009);
      builder.aim(back, delayed ? "bt/s" : "bt", skip);
      builder.aim(builder.hole(), "bra", head);
      this.slot();
    }
  }

  /** Over some instructions, on a condition or not. */
  private branch(): void {
    const { builder, random } = this;
    const kind = pick(random, ["bt", "bf", "bt/s", "bf/s", "bra", "braf"]);
    if (kind === "braf") return this.braf();
    const hole = builder.hole();
    if (kind.length > 2) this.slot();
    this.soup(1 + random.below(4));
    builder.aim(hole, kind, builder.here);
  }

  private braf(): void {
    const { builder, random } = this;
    const skipped = random.below(5);
    builder.line(`mov #${2 * skipped},r1`);
    builder.line("braf r1");
    this.slot();
    for (let n = 0; n < skipped; n++) builder.word(randomWord(random, this.mode).word);
  }

  /** To some word near by, whatever it is: into the middle of loops, slots and pools. */
  private wild(): void {
    const { builder, random } = this;
    const hole = builder.hole();
    const kind = pick(random, ["bt", "bf", "bt/s", "bf/s"]);
    if (kind.length > 2) this.slot();
    const target = chance(random, 50)
      ? Math.max(0, builder.here - 1 - random.below(90))
      : builder.here + random.below(60);
    builder.aim(hole, kind, target);
  }

  private call(): void {
    const { builder, random } = this;
    if (this.functions.length === 0) return this.soup(3);
    const target = pick(random, this.functions);
    const distance = 2 * (target - builder.here);
    const kind = pick(random, ["bsr", "jsr", "bsrf"]);
    if (kind === "bsr" && distance > -4000) builder.aim(builder.hole(), "bsr", target);
    else if (kind === "bsrf") {
      const settle = builder.later(1);
      builder.line("bsrf r1");
      settle(builder.addressOf(target) - builder.addressOf(builder.here + 1));
    } else {
      builder.literal(1, builder.addressOf(target));
      builder.line("jsr @r1");
    }
    this.slot();
  }

  private jump(): void {
    const { builder } = this;
    const settle = builder.later(2);
    builder.line("jmp @r2");
    this.slot();
    if (chance(this.random, 50)) builder.pool();
    settle(builder.addressOf(builder.here));
  }

  /** A function; some of them call another one. */
  private function(calls: boolean): void {
    const { builder, random } = this;
    const start = builder.here;
    if (calls) builder.line("sts pr,r6");
    this.soup(2 + random.below(6));
    if (calls) {
      this.call();
      this.soup(1 + random.below(3));
      builder.line("lds r6,pr");
    } else if (chance(random, 50)) this.loop(1);
    builder.line("rts");
    this.slot();
    builder.pool();
    this.functions.push(start);
  }

  /** A function that calls itself, deeper than translated calls go. */
  private recursion(): void {
    const { builder, random } = this;
    builder.literal(13, DATA + 4096 * random.below(HOT_PAGES) + 2048 + 8 * random.below(200));
    builder.line(`mov #${2 + random.below(126)},r7`);
    const over = builder.hole();
    builder.line("nop");
    const start = builder.here;
    builder.line("dt r7");
    const last = builder.hole();
    builder.line("sts.l pr,@-r13");
    builder.aim(builder.hole(), "bsr", start);
    this.slot();
    builder.line("lds.l @r13+,pr");
    builder.aim(last, "bt", builder.here);
    builder.line("rts");
    this.slot();
    builder.aim(over, "bra", builder.here);
    builder.aim(builder.hole(), "bsr", start);
    this.slot();
  }

  /** Writes another instruction into the program a little further on. */
  private patch(): void {
    const { builder, random } = this;
    builder.literal(1, randomWord(random, this.mode, "integer").word);
    const settle = builder.later(2);
    builder.line("mov.w r1,@r2");
    this.soup(random.below(3));
    settle(builder.addressOf(builder.here));
    builder.word(0x0009);
  }

  /** On to shortly before the end of the page. */
  private gap(): void {
    const { builder, random } = this;
    const left = (4096 - (builder.addressOf(builder.here) & 4095)) / 2;
    const skipped = left - 2 - random.below(24);
    if (skipped < 8) return;
    const over = builder.hole();
    this.slot();
    builder.pool();
    while ((4096 - (builder.addressOf(builder.here) & 4095)) / 2 > 24) {
      builder.word(random.below(65536));
    }
    builder.aim(over, "bra", builder.here);
  }
}

/** Where a program lies, and with which right it runs. */
function placeOf(random: RandomStream): { readonly base: number; readonly privileged: boolean } {
  if (chance(random, 70)) return { base: CODE, privileged: false };
  return chance(random, 35)
    ? { base: CODE, privileged: true }
    : { base: (0x80000000 + RAM_START) | 0, privileged: true };
}

function randomPages(random: RandomStream): ProgramPage[] {
  const codeIsWritable = chance(random, 50);
  const code = Array.from({ length: CODE_FRAMES }, (_, n) => ({
    address: CODE + 4096 * n,
    frame: n,
    writable: codeIsWritable,
    dirty: chance(random, 50),
    present: true,
  }));
  const data = Array.from({ length: DATA_PAGES }, (_, n) => ({
    address: DATA + 4096 * n,
    frame: chance(random, 2)
      ? random.below(CODE_FRAMES)
      : CODE_FRAMES + random.below(FRAMES - CODE_FRAMES),
    writable: chance(random, 88),
    dirty: chance(random, 60),
    present: chance(random, 97),
  }));
  return [...code, ...data];
}

/** The program of a seed. */
export function randomProgram(seed: number): RandomProgram {
  const random = RandomStream.of(seed, "program", 0);
  const { base, privileged } = placeOf(random);
  const writer = new Writer(random, base, seed);
  writer.write();
  const { words } = writer.builder;
  if (words.length > CODE_FRAMES * 2048) throw new Error(`${words.length} words are too many`);
  return {
    seed,
    base,
    words,
    entries: writer.entries.map((place) => writer.builder.addressOf(place)),
    pages: randomPages(random),
    privileged,
    entriesUsed: pick(random, [0, 5, 9, 20, 40]),
    missCycles: pick(random, [0, 1, 7, 7, 60, 500]),
    ordinary: chance(random, 97),
  };
}
