import { assert, assertEquals, assertThrows } from "@std/assert";
import type { AddressSpace } from "../../../core/kernel/address_space.ts";
import { Refusal } from "../../../core/kernel/errno.ts";
import { PAGE_SIZE } from "../../../core/kernel/frames.ts";
import { OutOfMemory, UserMemory } from "../../../core/kernel/user_memory.ts";
import { quarterOf } from "../../../core/kernel/page.ts";
import { newSpace, NotingGuard, QuarterGuard, READ_WRITE } from "./space_fixture.ts";

const AT = 0x10000000;

function mapped(pages = 2, frames = 16) {
  const fixture = newSpace(frames);
  fixture.space.map({
    address: AT,
    length: pages * PAGE_SIZE,
    protection: READ_WRITE,
    fixed: true,
  });
  return fixture;
}

const faults = (act: () => unknown): void => {
  const error = assertThrowsRefusal(act);
  assertEquals(error.errno, "EFAULT");
};

function assertThrowsRefusal(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("was not refused");
}

Deno.test("door: bytes, words and texts cross pages", () => {
  const { memory } = mapped();
  memory.write(AT + 4094, Uint8Array.of(1, 2, 3, 4));
  assertEquals(memory.readWord(AT + 4094), 0x04030201);
  memory.write(AT + 4090, new TextEncoder().encode("grüße!\0"));
  assertEquals(memory.readText(AT + 4090), "grüße!");
  memory.writeWords(AT, [1, -1, 0]);
  assertEquals(memory.readAddresses(AT), [1, 0xffffffff]);
  memory.writeSmall(AT, 0x12345, 2);
  assertEquals(memory.readWord(AT), 0x2345);
});

Deno.test("door: a guard hears of each quarter that is written, once, and of no other", () => {
  const { memory, space, frames } = mapped(2);
  const guard = new QuarterGuard(frames);
  space.guard = guard;
  const [page, next] = [AT >>> 12, (AT >>> 12) + 1].map((vpn) => vpn.toString(16));
  memory.write(AT + 0xbff, new Uint8Array(0x402));
  memory.write(AT + 0xc00, new Uint8Array(0x400));
  memory.read(AT, 0x1000);
  assertEquals(
    guard.heard,
    [`${page}:100`, `${page}:1000`, `${next}:1`].map((one) => `kernel writes ${one}`),
  );
});

Deno.test("door: what is not mapped is EFAULT, and nothing is written then", () => {
  const { memory, space } = mapped(1);
  faults(() => memory.read(AT - 1, 2));
  faults(() => memory.read(AT + 4095, 2));
  faults(() => memory.write(AT + 4094, Uint8Array.of(1, 2, 3, 4)));
  assertEquals([...memory.read(AT + 4094, 2)], [0, 0]);
  faults(() => memory.readText(0));
  faults(() => memory.readWord(0x7ffffffe));
  faults(() => memory.readWord(0xfffffffe));
  space.protect(AT, PAGE_SIZE, 1);
  faults(() => memory.writeWords(AT, [1]));
});

Deno.test("door: a text without an end is ENAMETOOLONG", () => {
  const { memory } = mapped();
  memory.write(AT, new Uint8Array(2 * PAGE_SIZE).fill(65));
  assertEquals(assertThrowsRefusal(() => memory.readText(AT)).errno, "ENAMETOOLONG");
  assertEquals(assertThrowsRefusal(() => memory.readText(AT, 10)).errno, "ENAMETOOLONG");
});

Deno.test("door: no frame left is not the program's error but its end", () => {
  const { memory } = mapped(4, 4);
  memory.write(AT, new Uint8Array(4 * PAGE_SIZE));
  const { space } = mapped(1, 1);
  new UserMemory(space).write(AT, Uint8Array.of(1));
  space.frames.share(0);
  space.discard(AT, AT + PAGE_SIZE);
  assertThrows(
    () => {
      try {
        new UserMemory(space).write(AT, Uint8Array.of(1));
      } catch (error) {
        assert(error instanceof OutOfMemory);
        throw new Error("out of memory");
      }
    },
    Error,
    "out of memory",
  );
});

Deno.test("door: fill stops where its source ends", () => {
  const { memory } = mapped();
  const count = memory.fill(AT + 4000, 200, (window) => {
    const part = Math.min(window.length, 96);
    window.fill(7, 0, part);
    return part;
  });
  assertEquals(count, 96 + 96);
  assertEquals(memory.read(AT + 4191, 2)[0], 7);
});

type Write = (space: AddressSpace, address: number, bytes: Uint8Array) => void;

/** The law: before a kernel store reaches a protected page the guard has its old content. */
function guardLaw(write: Write): boolean {
  const { space, memory, frames } = mapped();
  memory.write(AT, new Uint8Array(2 * PAGE_SIZE).fill(1));
  const guard = new NotingGuard(frames);
  space.guard = guard;
  for (const page of space.table.all()) page.dirty = false;
  write(space, AT + 4094, Uint8Array.of(9, 9, 9, 9));
  write(space, AT + 10, Uint8Array.of(9));
  const first = guard.before.get(AT >>> 12), second = guard.before.get((AT >>> 12) + 1);
  return guard.heard.join() === "kernel writes 10000,kernel writes 10001" &&
    first?.[4095] === 1 && second?.[0] === 1 &&
    [...space.table.all()].every((page) => page.dirty) && memory.read(AT + 10, 1)[0] === 9;
}

Deno.test("door: every kernel store tells the guard first, once a page", () => {
  assert(guardLaw((space, address, bytes) => new UserMemory(space).write(address, bytes)));
});

/** Stores that break the law; each must be found out. */
const MUTANTS: Readonly<Record<string, Write>> = {
  "a store that passes the door by": (space, address, bytes) => {
    bytes.forEach((byte, i) => {
      const page = space.touch(address + i, true);
      if (typeof page === "string") return;
      page.dirty = true;
      space.frames.bytes(page.frame)[(address + i) % PAGE_SIZE] = byte;
    });
  },
  "a guard told after the store": (space, address, bytes) => {
    const { guard } = space;
    space.guard = undefined;
    new UserMemory(space).write(address, bytes);
    space.guard = guard;
    for (let at = address; at < address + bytes.length; at++) {
      const page = space.touch(at, true);
      if (typeof page === "string" || !guard?.protects(page)) continue;
      guard.beforeWrite(page, "kernel", quarterOf(at));
    }
  },
  "a page that is not marked dirty": (space, address, bytes) => {
    new UserMemory(space).write(address, bytes);
    for (const page of space.table.all()) page.dirty = false;
  },
};

for (const [name, write] of Object.entries(MUTANTS)) {
  Deno.test(`door: the law finds out ${name}`, () => assertEquals(guardLaw(write), false));
}
