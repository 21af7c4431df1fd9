import { assert, assertEquals } from "@std/assert";
import { showResult, syscall } from "../../../core/kernel/syscall.ts";
import { ALL_CALLS, SYSTEM_CALLS } from "../../../core/kernel/syscalls/table.ts";
import type { Task } from "../../../core/kernel/task.ts";
import { UserMemory } from "../../../core/kernel/user_memory.ts";
import { newSpace, READ_WRITE } from "./space_fixture.ts";

function taskWithText(): Task {
  const { space } = newSpace();
  space.map({ address: 0x10000, length: 4096, protection: READ_WRITE, fixed: true });
  const memory = new UserMemory(space);
  memory.write(0x10000, new TextEncoder().encode('a "b"\0'));
  return { memory } as Task;
}

Deno.test("row: the signature decodes the arguments and prints the call", () => {
  const seen: unknown[] = [];
  const row = syscall(
    9999,
    "try(path:path, n:int, size:size, p:ptr, gap:pad, offset:long)",
    (_task, args) => {
      seen.push(args.path, args.n, args.size, args.p, args.offset);
      return 3;
    },
  );
  const words = [0x10000, -1, -1, 0, 77, 5, -1];
  const decoded: unknown[] = [];
  assertEquals(row.run(taskWithText(), words, decoded), 3);
  assertEquals(seen, ['a "b"', -1, 0xffffffff, 0, 5 - 2 ** 32]);
  assertEquals(row.show(words, decoded), `try("a \\"b\\"", -1, 4294967295, 0, ${5 - 2 ** 32})`);
  assertEquals(row.show(words, []), "try(0x10000, 0xffffffff, 0xffffffff, 0, 0x4d, 0x5)");
});

Deno.test("row: a kind that does not exist is found out when the table is built", () => {
  let message = "";
  try {
    // @ts-expect-error there is no such kind of argument, and the compiler says so
    syscall(1, "wrong(a:nonsense)", () => 0);
  } catch (error) {
    message = String(error);
  }
  assert(message.includes("nonsense"), message);
});

Deno.test("results are printed as strace does", () => {
  assertEquals([0, 12, -2, -4095, 0x7b000000, undefined].map(showResult), [
    "0",
    "12",
    "-1 ENOENT",
    "-1 errno 4095",
    "0x7b000000",
    "?",
  ]);
});

Deno.test("table: every number has one row, every gap says why", () => {
  assertEquals(SYSTEM_CALLS.size, ALL_CALLS.length);
  const names = ALL_CALLS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const { unsupported, number } of ALL_CALLS) {
    assert(unsupported === undefined || unsupported.length > 10);
    assert(number > 0 && number < 512 || number >= 1000 && number < 1100);
  }
});

/** Numbers that must never move: the ones real programs were seen to use. */
const FIXED: Readonly<Record<string, number>> = {
  exit: 1,
  read: 3,
  write: 4,
  open: 5,
  close: 6,
  pipe: 42,
  brk: 45,
  ioctl: 54,
  munmap: 91,
  sigreturn: 119,
  mprotect: 125,
  _llseek: 140,
  writev: 146,
  nanosleep: 162,
  rt_sigreturn: 173,
  rt_sigaction: 174,
  pread64: 180,
  mmap2: 192,
  getdents64: 220,
  futex: 240,
  exit_group: 252,
  set_tid_address: 258,
  openat: 295,
  getrandom: 373,
  statx: 383,
  clock_gettime64: 403,
};

Deno.test("table: names stand at the SH numbers", () => {
  for (const [name, number] of Object.entries(FIXED)) {
    assertEquals(SYSTEM_CALLS.get(number)?.name, name);
  }
});
