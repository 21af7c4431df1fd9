import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { AddressSpace, TASK_SIZE } from "../../../core/kernel/address_space.ts";
import { UserMemory } from "../../../core/kernel/user_memory.ts";
import { ERRNO, Refusal } from "../../../core/kernel/errno.ts";
import { PAGE_SIZE } from "../../../core/kernel/frames.ts";
import { newSpace, NotingGuard, patternFile, READ_WRITE } from "./space_fixture.ts";

const AT = 0x10000000;

function refused(errno: keyof typeof ERRNO, act: () => unknown): void {
  try {
    act();
  } catch (error) {
    assert(error instanceof Refusal, String(error));
    return assertEquals(error.errno, errno);
  }
  throw new Error(`expected ${errno}, was not refused`);
}

const anonymous = (space: AddressSpace, pages: number, address = AT) =>
  space.map({ address, length: pages * PAGE_SIZE, protection: READ_WRITE, fixed: true });

Deno.test("space: nothing has a frame before it is touched, and what is touched is zero", () => {
  const { space, frames, memory } = newSpace();
  anonymous(space, 4);
  assertEquals(frames.available, frames.count);
  assertEquals(memory.readWord(AT + 4096), 0);
  assertEquals(frames.available, frames.count - 1);
  assertEquals(space.table.get((AT + 4096) >>> 12)?.dirty, false);
});

Deno.test("space: file pages show the file, zeros behind it, and SIGBUS's reason beyond", () => {
  const { space, memory } = newSpace();
  const file = patternFile(5000);
  const backing = { file, path: "/f", offset: 0, length: 5000 };
  space.map({ address: AT, length: 3 * PAGE_SIZE, protection: 1, fixed: true, backing });
  assertEquals([...memory.read(AT + 4094, 4)], [4094 % 251, 4095 % 251, 4096 % 251, 4097 % 251]);
  assertEquals([...memory.read(AT + 4998, 4)], [4998 % 251, 4999 % 251, 0, 0]);
  assertEquals(space.touch(AT + 2 * PAGE_SIZE, false), "beyondFile");
  assertEquals(space.touch(AT, true), "protection");
  assertEquals(space.touch(AT - 1, false), "unmapped");
});

Deno.test("space: unmapping the middle of a file area keeps both ends right", () => {
  const { space, memory } = newSpace();
  const backing = { file: patternFile(0x4000), path: "/f", offset: 0x1000, length: 0x3000 };
  space.map({ address: AT, length: 0x3000, protection: 1, fixed: true, backing });
  space.unmap(AT + 0x1000, 0x1000);
  assertEquals(space.vmas.all.map(({ start, end }) => [start - AT, end - AT]), [
    [0, 0x1000],
    [0x2000, 0x3000],
  ]);
  assertEquals(memory.read(AT + 0x2000, 1)[0], 0x3000 % 251);
  assertEquals(space.touch(AT + 0x1000, false), "unmapped");
});

Deno.test("space: a page is watched where it lies, and nowhere else", () => {
  const { space, memory, dropped } = newSpace();
  anonymous(space, 3);
  memory.writeWords(AT, [1]);
  const vpn = AT >>> 12, frame = space.table.get(vpn)?.frame as number;
  dropped.length = 0;
  for (const wrong of [frame + 1, undefined]) assertEquals(space.watch(vpn, wrong), false);
  assertEquals(space.watch(vpn + 1, frame), false);
  assertEquals(dropped, []);
  assertEquals(space.watch(vpn, frame), true);
  assertEquals(space.watch(vpn + 1, undefined), true, "never touched");
  assertEquals(dropped.length, 2);
  const to = space.remap(AT, PAGE_SIZE, PAGE_SIZE, AT + 16 * PAGE_SIZE);
  assertEquals(space.watch(vpn, frame), false);
  assertEquals(space.watch(to >>> 12, frame), true);
});

Deno.test("space: protection is per page, applies to mapped pages and drops TLB entries", () => {
  const { space, memory, dropped } = newSpace();
  anonymous(space, 3);
  memory.write(AT, new Uint8Array(3 * PAGE_SIZE).fill(1));
  space.protect(AT + PAGE_SIZE, PAGE_SIZE, 1);
  assertEquals(dropped, [AT + PAGE_SIZE]);
  assertEquals(space.touch(AT + PAGE_SIZE, true), "protection");
  assertEquals(typeof space.touch(AT + 2 * PAGE_SIZE, true), "object");
  refused("ENOMEM", () => space.protect(AT, 5 * PAGE_SIZE, 1));
  space.protect(AT + PAGE_SIZE, PAGE_SIZE, READ_WRITE);
  assertEquals(space.vmas.all.length, 1);
});

Deno.test("space: the heap grows, shrinks, forgets, and refuses to run into others", () => {
  const { space, memory } = newSpace();
  space.heapStart = space.heapEnd = AT;
  assertEquals(space.setHeapEnd(AT + 5000), AT + 5000);
  memory.write(AT + 4999, Uint8Array.of(9));
  assertEquals(space.setHeapEnd(AT + 100), AT + 100);
  assertEquals(space.setHeapEnd(AT + 5000), AT + 5000);
  assertEquals(memory.read(AT + 4999, 1)[0], 0);
  anonymous(space, 1, AT + 0x4000);
  assertEquals(space.setHeapEnd(AT + 0x5000), AT + 5000);
  assertEquals(space.setHeapEnd(AT - 1), AT + 5000);
});

Deno.test("space: the stack grows to its limit and not into others", () => {
  const { space, memory } = newSpace();
  const top = space.stackTop;
  const first = { address: top - PAGE_SIZE, length: PAGE_SIZE, protection: READ_WRITE };
  space.map({ ...first, fixed: true, kind: "stack" });
  memory.write(top - 0x8000, Uint8Array.of(1));
  assertEquals(space.vmas.all[0]?.start, top - 0x8000);
  assertEquals(space.touch(top - space.stackLimit - 1, true), "unmapped");
  anonymous(space, 1, top - 0x80000);
  assertEquals(space.touch(top - 0x7f000, true), "unmapped");
});

Deno.test("space: remap grows in place, moves, keeps content and gives the old place back", () => {
  const { space, memory, frames } = newSpace();
  anonymous(space, 2);
  memory.write(AT, Uint8Array.of(1, 2, 3));
  assertEquals(space.remap(AT, 0x2000, 0x4000, "no"), AT);
  anonymous(space, 1, AT + 0x4000);
  refused("ENOMEM", () => space.remap(AT, 0x4000, 0x8000, "no"));
  const moved = space.remap(AT, 0x4000, 0x8000, "may");
  assertEquals([...memory.read(moved, 3)], [1, 2, 3]);
  assertEquals(space.touch(AT, false), "unmapped");
  assertEquals(space.table.count, 1);
  space.release();
  assertEquals(frames.available, frames.count);
});

Deno.test("space: impossible mappings are refused", () => {
  const { space } = newSpace();
  const map = (address: number, length: number) =>
    space.map({ address, length, protection: READ_WRITE, fixed: true });
  refused("EINVAL", () => map(AT, 0));
  refused("EINVAL", () => map(AT + 1, 4096));
  refused("ENOMEM", () => map(TASK_SIZE - 4096, 8192));
  refused("ENOMEM", () => map(0, 4096));
  refused("ENOMEM", () => map(AT, 65 * PAGE_SIZE));
  refused("EINVAL", () => space.unmap(AT + 1, 4096));
  refused("EFAULT", () => space.remap(AT, 4096, 8192, "may"));
});

Deno.test("space: the guard hears of every page before it leaves", () => {
  const { space, memory, frames } = newSpace();
  anonymous(space, 3);
  memory.write(AT, new Uint8Array(3 * PAGE_SIZE).fill(5));
  const guard = new NotingGuard(frames);
  space.guard = guard;
  space.unmap(AT, PAGE_SIZE);
  space.discard(AT + PAGE_SIZE, AT + 2 * PAGE_SIZE);
  space.release();
  assertEquals(guard.heard, ["unmap 10000", "unmap 10001", "unmap 10002"]);
  for (const bytes of guard.before.values()) assertEquals(bytes[0], 5);
});

Deno.test("space: a crash tells nobody and frees everything", () => {
  const { space, memory, frames } = newSpace();
  anonymous(space, 3);
  memory.write(AT, new Uint8Array(100).fill(5));
  const guard = new NotingGuard(frames);
  space.guard = guard;
  space.release(true);
  assertEquals(guard.heard, []);
  assertEquals(frames.available, frames.count);
});

Deno.test("space: rebuilt from its record and pages it is the same", () => {
  const { space, memory } = newSpace();
  const backing = { file: patternFile(9000), path: "/f", offset: 0, length: 9000 };
  space.map({ address: AT, length: 12288, protection: READ_WRITE, fixed: true, backing });
  anonymous(space, 2, AT + 0x10000);
  memory.write(AT + 10, Uint8Array.of(77));
  const other = newSpace(16);
  const copy = AddressSpace.from(
    space.record,
    other.frames,
    { invalidatePage: () => {} },
    () => patternFile(9000),
  );
  for (const page of space.table.all()) {
    copy.adoptPage(page.vpn, space.frames.bytes(page.frame), page.dirty);
  }
  assertEquals(copy.record, space.record);
  assertEquals([...copy.table.all()].map(({ vpn, dirty }) => [vpn, dirty]), [[AT >>> 12, true]]);
  // A page nobody touched comes from the file, before the restart and after.
  assertEquals(new UserMemory(copy).read(AT + 4096, 16), memory.read(AT + 4096, 16));
  assertThrows(() => copy.adoptPage(5, new Uint8Array(4096), true));
});

/** A model of a space: which pages are mapped writable, and one byte in each. */
const OPERATION = fc.record({
  kind: fc.constantFrom("map", "unmap", "write", "discard", "readOnly"),
  page: fc.nat(15),
  pages: fc.integer({ min: 1, max: 6 }),
  value: fc.integer({ min: 1, max: 255 }),
});

Deno.test("space: any sequence of operations agrees with a simple model", () => {
  fc.assert(fc.property(fc.array(OPERATION, { maxLength: 40 }), (operations) => {
    const { space, memory, frames } = newSpace(32);
    const model = new Map<number, { writable: boolean; value: number }>();
    for (const { kind, page, pages, value } of operations) {
      const range = Array.from({ length: pages }, (_, i) => page + i);
      const address = AT + page * PAGE_SIZE, length = pages * PAGE_SIZE;
      if (kind === "map") {
        space.map({ address, length, protection: READ_WRITE, fixed: true });
        for (const n of range) model.set(n, { writable: true, value: 0 });
      } else if (kind === "unmap") {
        space.unmap(address, length);
        for (const n of range) model.delete(n);
      } else if (kind === "readOnly" && range.every((n) => model.has(n))) {
        space.protect(address, length, 1);
        for (const n of range) model.set(n, { writable: false, value: model.get(n)?.value ?? 0 });
      } else if (kind === "discard") {
        space.discard(address, address + length);
        for (const n of range) {
          const known = model.get(n);
          if (known !== undefined) known.value = 0;
        }
      } else if (kind === "write" && model.get(page)?.writable === true) {
        memory.write(address, Uint8Array.of(value));
        model.set(page, { writable: true, value });
      }
    }
    for (let n = 0; n < 24; n++) {
      const expected = model.get(n);
      const address = AT + n * PAGE_SIZE;
      if (expected === undefined) assertEquals(space.touch(address, false), "unmapped");
      else {
        assertEquals(memory.read(address, 1)[0], expected.value);
        assertEquals(typeof space.touch(address, true) === "object", expected.writable);
      }
    }
    space.release();
    assertEquals(frames.available, frames.count);
  }));
});
