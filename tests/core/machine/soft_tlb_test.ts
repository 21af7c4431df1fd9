/** The soft TLB never shows more, or less, than a search of the UTLB at each access would. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ExceptionName } from "../../../core/machine/exception.ts";
import type { Machine } from "../../../core/machine/machine.ts";
import { MMUCR_AT, MMUCR_SV, MMUCR_TI } from "../../../core/machine/mmucr.ts";
import * as S from "../../../core/machine/state.ts";
import { dataWord, enter, type Entry, faultOf, machineWith, memoryWord } from "./guest.ts";
import { setMemoryWord } from "./guest.ts";

const PAGE = 0x00600000;
const SIZES = [0x400, 0x1000, 0x10000, 0x100000];

/** The UTLB as a list, searched from end to end at every access. */
class Model {
  readonly entries: (Entry & { readonly asid: number })[] = [];
  asid = 0;
  md = true;
  single = false;

  matches(address: number, asid = this.asid): number[] {
    return this.entries.flatMap((entry, n) => {
      const bytes = SIZES[entry.size ?? 1]!;
      const inside = Math.floor(entry.page / bytes) === Math.floor(address / bytes);
      const mine = entry.shared === true || entry.asid === asid || (this.single && this.md);
      return entry.valid !== false && inside && mine ? [n] : [];
    });
  }

  /** The offset in memory an access reaches, or the exception it raises. */
  access(address: number, write: boolean): number | ExceptionName {
    const found = this.matches(address);
    if (found.length > 1) return "tlbMultipleHit";
    const entry = this.entries[found[0] ?? -1];
    if (entry === undefined) return write ? "tlbMissWrite" : "tlbMissRead";
    const { protection = 3, size = 1, frame } = entry;
    if ((!this.md && protection < 2) || (write && (protection & 1) === 0)) {
      return write ? "protectionWrite" : "protectionRead";
    }
    if (write && entry.dirty === false) return "initialPageWrite";
    const bytes = SIZES[size]!;
    return Math.floor(frame / bytes) * bytes + address % bytes;
  }
}

interface Step {
  readonly name: string;
  readonly act: (machine: Machine, model: Model) => void;
}

const step = (name: string, act: Step["act"]): Step => ({ name, act });

/** Addresses that a small number of pages of every size share. */
const address = fc.nat({ max: 11 }).map((n) => PAGE + 0x400 * n + (n > 8 ? 0x10000 : 0));
const asid = fc.nat({ max: 2 });
const anyEntry = fc.record({
  page: address,
  frame: fc.nat({ max: 31 }).map((n) => 0x400 * n),
  asid,
  size: fc.constantFrom(0, 0, 1, 1, 1, 2, 3),
  protection: fc.constantFrom(0, 1, 2, 3, 3, 3),
  dirty: fc.boolean(),
  shared: fc.constantFrom(false, false, true),
  valid: fc.constantFrom(true, true, true, false),
});

/** Pages of a user, whole or in parts of 1 KiB: what a checkpoint makes of them. */
const userEntry = fc.record({
  page: address,
  frame: fc.nat({ max: 31 }).map((n) => 0x400 * n),
  asid: fc.constantFrom(0, 0, 1),
  size: fc.constantFrom(0, 0, 0, 1),
  protection: fc.constantFrom(2, 3, 3, 3),
  dirty: fc.boolean(),
});

/** Array writes need privilege, so they lend it; that may drop lines, so it is not the only way. */
function privileged(machine: Machine, model: Model, act: () => void): void {
  if (!model.md) machine.cpu.setSr(S.SR_MD);
  act();
  if (!model.md) machine.cpu.setSr(0);
}

const stepsOf = (entry: fc.Arbitrary<Entry & { readonly asid: number }>): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(entry, fc.nat({ max: 3 })).map(([chosen, at]) =>
        step(`ldtlb ${at} ${JSON.stringify(chosen)}`, (machine, model) => {
          // Few entries are replaced often: URC is set to one of four.
          const words = new Int32Array(machine.memory.buffer);
          words[S.MMUCR >> 2] = (words[S.MMUCR >> 2]! & ~(63 << 10)) | (at << 10);
          enter(machine, chosen);
          model.entries[at] = chosen;
        })
      ),
    },
    fc.tuple(address, asid).map(([page, space]) =>
      step(`invalidate ${page} ${space}`, (machine, model) => {
        machine.invalidatePage(page, space);
        const { single } = model;
        model.single = false;
        for (const n of model.matches(page, space)) {
          model.entries[n] = { ...model.entries[n]!, valid: false, dirty: false };
        }
        model.single = single;
      })
    ),
    fc.tuple(address, fc.boolean(), fc.boolean()).map(([page, valid, dirty]) =>
      step(`associative write ${page} ${valid} ${dirty}`, (machine, model) => {
        const { md } = model;
        model.md = true; // the write itself is privileged, and so compared
        const found = model.matches(page);
        model.md = md;
        const value = page | (valid ? 0x100 : 0) | (dirty ? 0x200 : 0);
        privileged(machine, model, () => {
          const fault = faultOf(() => machine.cpu.store32(0xf6000080 | 0, value));
          assertEquals(fault, found.length > 1 ? "tlbMultipleHit" : undefined);
        });
        if (found.length === 1) {
          model.entries[found[0]!] = { ...model.entries[found[0]!]!, valid, dirty };
        }
      })
    ),
    fc.tuple(fc.nat({ max: 3 }), entry).map(([n, chosen]) =>
      step(`array write ${n} ${JSON.stringify(chosen)}`, (machine, model) => {
        privileged(machine, model, () => {
          const { cpu } = machine;
          cpu.store32((0xf6000000 + (n << 8)) | 0, chosen.page | chosen.asid);
          cpu.store32((0xf7000000 + (n << 8)) | 0, dataWord(chosen));
        });
        model.entries[n] = chosen;
      })
    ),
    asid.map((space) =>
      step(`asid ${space}`, (machine, model) => {
        machine.setPteh(space);
        model.asid = space;
      })
    ),
    fc.boolean().map((md) =>
      step(`md ${md}`, (machine, model) => {
        machine.cpu.setSr(md ? S.SR_MD : 0);
        model.md = md;
      })
    ),
    fc.tuple(fc.boolean(), fc.constantFrom(false, false, false, true)).map(([single, all]) =>
      step(`mmucr ${single} ${all}`, (machine, model) => {
        machine.mmu.setMmucr(MMUCR_AT | (single ? MMUCR_SV : 0) | (all ? MMUCR_TI : 0));
        model.single = single;
        if (all) model.entries.forEach((old, n) => model.entries[n] = { ...old, valid: false });
      })
    ),
    {
      weight: 8,
      arbitrary: fc.tuple(address, fc.nat({ max: 255 }), fc.boolean()).map(([page, word, write]) =>
        step(`${write ? "store" : "load"} ${page + 4 * word}`, (machine, model) => {
          const at = page + 4 * word, expected = model.access(at, write);
          let found: number | ExceptionName | undefined;
          if (write) {
            found = faultOf(() => machine.cpu.store32(at, -7));
            if (found === undefined && typeof expected === "number") {
              assertEquals(memoryWord(machine, expected), -7);
              setMemoryWord(machine, expected, expected);
            }
          } else {
            let value = 0;
            found = faultOf(() => value = machine.cpu.load32(at)) ?? value;
          }
          assertEquals(found, write && typeof expected === "number" ? undefined : expected);
        })
      ),
    },
  );

Deno.test("soft tlb: random changes and accesses agree with a search of the UTLB", () => {
  const machine = machineWith([]);
  for (let at = 0; at < 1 << 20; at += 4) setMemoryWord(machine, at, at);
  fc.assert(
    fc.property(fc.array(stepsOf(anyEntry), { maxLength: 80, size: "max" }), (sequence) => {
      machine.cpu.setSr(S.SR_MD);
      machine.mmu.setMmucr(MMUCR_AT | MMUCR_TI);
      machine.setPteh(0);
      const model = new Model();
      for (const { act } of sequence) act(machine, model);
    }),
    { numRuns: 500 },
  );
});

Deno.test("soft tlb: parts of pages agree with a search, and leave other pages as quick", () => {
  const machine = machineWith([]);
  for (let at = 0; at < 1 << 20; at += 4) setMemoryWord(machine, at, at);
  let quick = 0, slow = 0;
  const look = step("look", ({ mmu: { soft } }, { entries, asid }) => {
    if (!entries.some((one) => one.size === 0 && one.valid !== false && one.asid === asid)) return;
    if (soft.special) slow++;
    else quick++;
  });
  const steps = stepsOf(userEntry);
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 60, size: "max" }), (sequence) => {
      machine.cpu.setSr(S.SR_MD);
      machine.mmu.setMmucr(MMUCR_AT | MMUCR_TI);
      machine.setPteh(0);
      const model = new Model();
      for (const { act } of sequence) {
        act(machine, model);
        look.act(machine, model);
      }
    }),
    { numRuns: 500 },
  );
  assert(quick > 1000 && slow > 1000, `${quick} times quick, ${slow} times searched for`);
});

Deno.test("soft tlb: a page in parts is neither kept nor taken for whole", () => {
  const machine = machineWith([]);
  const whole = { page: PAGE, frame: 0x4000, asid: 0, size: 1 };
  const load = () => faultOf(() => machine.cpu.load32(PAGE + 0x404));
  const evict = () => {
    for (let n = 1; n <= S.UTLB_ENTRIES; n++) {
      enter(machine, { page: PAGE + 0x1000 * n, frame: 0x1000 * n, asid: 0 });
    }
  };
  enter(machine, whole);
  machine.setPteh(PAGE);
  machine.setPtel(dataWord(whole));
  machine.keepTranslation(7);
  evict();
  assertEquals([load(), machine.reloads], [undefined, 1], "it is kept");
  evict();
  enter(machine, { ...whole, size: 0 });
  assertEquals([load(), machine.reloads], ["tlbMissRead", 1], "it is not kept any more");
  assertEquals(faultOf(() => machine.cpu.load32(PAGE + 4)), undefined);
  assertEquals(machine.mmu.soft.special, false, "other pages are as quick");
  // Entries of both sizes are a mistake, and found to be one.
  enter(machine, whole);
  assertEquals(faultOf(() => machine.cpu.load32(PAGE + 4)), "tlbMultipleHit");
});

Deno.test("soft TLB: a frame of code is shut for stores, also on the page it is kept for", () => {
  const machine = machineWith([]), { soft } = machine.mmu;
  const words = new Int32Array(machine.memory.buffer), frame = 0x10000;
  enter(machine, { page: PAGE, frame });
  machine.setPteh(PAGE);
  machine.keepTranslation(10);
  const page = PAGE >>> 12, kept = page & (S.KEPT_ENTRIES - 1);
  const open = () =>
    [S.READ_PAGES + 8 * page, S.KEPT_WORDS + 8 * kept].flatMap((at) =>
      [words[at >> 2], words[(at >> 2) + 1]].map((word) => word !== 0)
    );
  assertEquals(open(), [true, true, true, true]);
  soft.guardCode(frame >>> 12);
  assertEquals(open(), [true, false, true, false]);
  const told: number[] = [];
  soft.onCodeWritten = (written) => {
    told.push(written);
    soft.releaseCode(written);
  };
  for (const value of [1, 2]) machine.cpu.store32(PAGE, value);
  assertEquals(told, [frame >>> 12]);
  assertEquals(open(), [true, true, true, true]);
  machine.invalidatePage(PAGE, 0);
  assertEquals(open(), [false, false, true, true]);
  assertEquals(words[(S.KEPT + 8 * kept) >> 2], S.KEPT_NOTHING);
});
