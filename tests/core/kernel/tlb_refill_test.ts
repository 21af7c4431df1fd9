import { assert, assertEquals } from "@std/assert";
import { TlbRefill } from "../../../core/kernel/tlb_refill.ts";
import { RAM_START } from "../../../core/machine/state.ts";
import { newSpace, NotingGuard, QuarterGuard, READ_WRITE } from "./space_fixture.ts";

const AT = 0x10000000;
const VALID = 0x100, SIZE_4K = 0x10, USER = 0x40, WRITE = 0x20, DIRTY = 0x04;

/** A machine that only notes what is loaded. */
function fakeMachine() {
  const loaded: number[] = [];
  const purged: number[] = [];
  const kept: number[] = [];
  let ptel = 0, charged = 0;
  return {
    loaded,
    purged,
    kept,
    reloads: 0,
    keepTranslation: () => void kept.push(ptel),
    get charged() {
      return charged;
    },
    setPtel: (value: number) => void (ptel = value),
    loadTlb: () => void loaded.push(ptel),
    invalidatePage: (address: number) => void purged.push(address),
    charge: (cycles: number) => void (charged += cycles),
  };
}

function fixture(protection = READ_WRITE) {
  const made = newSpace();
  made.space.map({ address: AT, length: 0x4000, protection, fixed: true });
  const machine = fakeMachine();
  const refill = new TlbRefill(machine, 100, 300);
  refill.space = made.space;
  return { ...made, machine, refill };
}

Deno.test("refill: a read miss of a clean page loads D = 0, of a dirty one D = 1", () => {
  const { refill, machine, space } = fixture();
  assert(refill.refill("tlbMissRead", AT + 5));
  const page = space.table.get(AT >>> 12);
  const [clean = 0] = machine.loaded;
  assertEquals(clean & 0x1ff, VALID | SIZE_4K | USER | WRITE | 0x08);
  assertEquals(clean >>> 12, (RAM_START >>> 12) + (page?.frame ?? -1));
  if (page !== undefined) page.dirty = true;
  assert(refill.refill("tlbMissRead", AT));
  assertEquals((machine.loaded[1] ?? 0) & DIRTY, DIRTY);
  assertEquals(machine.charged, 300 + 100 + 100);
});

Deno.test("refill: a write miss sets dirty and D; an initial page write purges the old entry", () => {
  const { refill, machine, space } = fixture();
  assert(refill.refill("tlbMissWrite", AT));
  assertEquals(space.table.get(AT >>> 12)?.dirty, true);
  assertEquals(machine.purged, []);
  assert(refill.refill("tlbMissRead", AT + 0x1000));
  assert(refill.refill("initialPageWrite", AT + 0x1000));
  assertEquals(machine.purged, [AT + 0x1000]);
  assertEquals(machine.loaded.map((ptel) => ptel & DIRTY), [DIRTY, 0, DIRTY]);
});

Deno.test("refill: a translation is kept only when the next refill would load the same", () => {
  const { refill, machine, space } = fixture();
  assert(refill.refill("tlbMissRead", AT)); // clean: a write will change the entry
  assertEquals(machine.kept, []);
  assert(refill.refill("initialPageWrite", AT));
  assert(refill.refill("tlbMissRead", AT));
  assert(refill.refill("tlbMissWrite", AT));
  const [, ...loaded] = machine.loaded;
  assertEquals(machine.kept, loaded);
  assertEquals(new Set(machine.kept).size, 1);
  const guard = space.guard = new NotingGuard(space.frames);
  assert(refill.refill("tlbMissRead", AT));
  assertEquals(machine.kept.length, 3, "it wants to hear of each");
  guard.isCurious = false;
  assert(refill.refill("tlbMissRead", AT));
  assertEquals(machine.kept.length, 3, "its next store is still to be told of");
  assert(refill.refill("tlbMissWrite", AT));
  assert(refill.refill("tlbMissRead", AT));
  assertEquals(machine.kept.length, 5);
  assertEquals(machine.kept.at(-1), loaded.at(-1));
});

Deno.test("refill: what cannot be written is kept at once", () => {
  const { refill, machine } = fixture(1);
  assert(refill.refill("tlbMissRead", AT));
  assertEquals(machine.kept, machine.loaded);
});

Deno.test("refill: what is not permitted or not mapped is taken for real", () => {
  const { refill, machine } = fixture(1);
  assertEquals(refill.refill("tlbMissWrite", AT), false);
  assert(refill.refill("tlbMissRead", AT));
  assertEquals((machine.loaded[0] ?? 0) & (WRITE | DIRTY), 0);
  assertEquals(refill.refill("initialPageWrite", AT), false);
  assertEquals(refill.refill("tlbMissRead", AT - 1), false);
  assertEquals(refill.refill("tlbMissRead", 0x80000000 | 0), false);
  assertEquals(refill.refill("tlbMissRead", 0x7fffffff), false);
  refill.space = undefined;
  assertEquals(refill.refill("tlbMissRead", AT), false);
});

type Refill = InstanceType<typeof TlbRefill>["refill"];

/** The law: while a guard protects a page no entry with D = 1 is loaded before it has been told. */
function guardLaw(mutate: (refill: TlbRefill) => Refill): boolean {
  const { refill, machine, space, memory, frames } = fixture();
  memory.write(AT, new Uint8Array(0x2000).fill(1));
  const guard = new NotingGuard(frames);
  space.guard = guard;
  const run = mutate(refill);
  run("tlbMissRead", AT);
  const readClean = ((machine.loaded[0] ?? 0) & DIRTY) === 0;
  run("initialPageWrite", AT);
  run("tlbMissWrite", AT + 0x1000);
  run("tlbMissRead", AT + 0x1000);
  const page = (AT >>> 12).toString(16), next = ((AT >>> 12) + 1).toString(16);
  return readClean && guard.heard.join("; ") ===
      `refill ${page} 100; user writes ${page}; refill ${page} 100; ` +
        `user writes ${next}; refill ${next} 100; refill ${next} 100` &&
    machine.loaded.slice(1).every((ptel) => (ptel & DIRTY) !== 0);
}

Deno.test("refill: the guard hears before the first store and of every refill", () => {
  assert(guardLaw((refill) => refill.refill.bind(refill)));
});

Deno.test("refill: a page is in quarters from the first that is written until the last", () => {
  const { refill, machine, space, memory, frames, dropped } = fixture();
  memory.write(AT, new Uint8Array(0x1000).fill(1));
  const guard = new QuarterGuard(frames);
  space.guard = guard;
  const frame = RAM_START + 4096 * (space.table.get(AT >>> 12)?.frame ?? -1);
  /** The bytes of physical memory an entry covers, and whether it may be written. */
  const loaded = () => {
    const ptel = machine.loaded.at(-1) ?? 0;
    const size = (ptel & SIZE_4K) === 0 ? 0x400 : 0x1000;
    return [(ptel & 0x1ffffc00) - frame, size, (ptel & DIRTY) !== 0];
  };
  assert(refill.refill("tlbMissRead", AT + 0x404));
  assertEquals(loaded(), [0, 0x1000, false]);
  assert(refill.refill("initialPageWrite", AT + 0x404));
  assertEquals(loaded(), [0x400, 0x400, true]);
  assert(refill.refill("tlbMissRead", AT + 0x800));
  assertEquals(loaded(), [0x800, 0x400, false]);
  assert(refill.refill("initialPageWrite", AT + 0x808));
  assertEquals(loaded(), [0x800, 0x400, true]);
  assert(refill.refill("tlbMissWrite", AT));
  assertEquals(loaded(), [0, 0x400, true]);
  assertEquals(dropped, [AT], "the entry of the whole page, when the first was written");
  dropped.length = 0;
  assert(refill.refill("tlbMissWrite", AT + 0xffc));
  assertEquals(loaded(), [0, 0x1000, true]);
  assertEquals(dropped, [0, 0x400, 0x800, 0xc00].map((part) => AT + part));
  const page = (AT >>> 12).toString(16);
  const writes = guard.heard.filter((what) => what.includes("writes"));
  assertEquals(writes, ["10", "100", "1", "1000"].map((one) => `user writes ${page}:${one}`));
  assertEquals(machine.kept, [], "nothing of a page is kept while it is watched");
});

Deno.test("refill: a guard that goes leaves no entries of a quarter beside one of the page", () => {
  const { refill, space, memory, frames, dropped } = fixture();
  memory.write(AT, new Uint8Array(0x1000).fill(1));
  space.guard = new QuarterGuard(frames);
  assert(refill.refill("tlbMissWrite", AT + 0x404));
  space.guard = undefined;
  dropped.length = 0;
  assert(refill.refill("tlbMissRead", AT));
  assertEquals(dropped, [0, 0x400, 0x800, 0xc00].map((part) => AT + part));
});

/** Refills that break the law. */
const MUTANTS: Readonly<Record<string, (refill: TlbRefill) => Refill>> = {
  "D = 1 on a read miss": (refill) => (exception, address) => {
    const { space } = refill;
    const guard = space?.guard;
    if (exception !== "tlbMissRead" || space === undefined) {
      return refill.refill(exception, address);
    }
    space.guard = undefined;
    const done = refill.refill(exception, address);
    space.guard = guard;
    const page = space.table.get(address >>> 12);
    if (page !== undefined) guard?.refilled(page, 100);
    return done;
  },
  "a write miss that does not ask": (refill) => (exception, address) => {
    const { space } = refill;
    if (exception !== "tlbMissWrite" || space === undefined) {
      return refill.refill(exception, address);
    }
    const { guard } = space;
    space.guard = undefined;
    const done = refill.refill(exception, address);
    space.guard = guard;
    return done;
  },
};

for (const [name, mutate] of Object.entries(MUTANTS)) {
  Deno.test(`refill: the law finds out ${name}`, () => assertEquals(guardLaw(mutate), false));
}
