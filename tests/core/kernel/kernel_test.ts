import { assert, assertEquals, assertThrows } from "@std/assert";
import { exitCode, reportDeath } from "../../../core/kernel/death.ts";
import { SpawnError } from "../../../core/kernel/spawn.ts";
import { dataAddress, newKernel, start, text, words } from "./kernel_fixture.ts";
import { call, CODE, DATA, exitWith, type Line } from "./tiny_elf.ts";

/** write(1, DATA, length) */
const write = (length: number): Line[] => [
  "mov #1,r4",
  ...dataAddress(5, 1),
  `mov #${length},r6`,
  ...call(4),
];

/** Counts r8 down from `count * 256` in a loop of two instructions. */
const spin = (count: number): Line[] => [`mov #${count},r8`, "shll8 r8", "dt r8", 0x8bfd];

Deno.test("kernel: a program writes, ends with a code and leaves nothing behind", () => {
  const kernel = newKernel();
  const free = kernel.frames.available;
  const { process, output } = start(kernel, [...write(3), ...exitWith(42)], text("hi\n"));
  assertEquals(kernel.run(1e6), "finished");
  assertEquals(process.exit, { kind: "exited", code: 42 });
  assertEquals(output(), "hi\n");
  assertEquals(kernel.frames.available, free);
  assertEquals(process.systemCalls, 2);
});

Deno.test("kernel: argc, argv, envp and the auxiliary vector are where Linux leaves them", () => {
  const kernel = newKernel();
  const options = { args: ["one", "two"], environment: ["A=b"] };
  const { process } = start(kernel, exitWith(0), undefined, options);
  const stack = process.threads[0]?.context.r[15] ?? 0;
  assertEquals(stack % 16, 0);
  const memory = process.memory;
  assertEquals(memory.readWord(stack), 3);
  const argv = memory.readAddresses(stack + 4);
  assertEquals(argv.map((at) => memory.readText(at)), ["/tiny", "one", "two"]);
  const envp = memory.readAddresses(stack + 4 + 16);
  assertEquals(envp.map((at) => memory.readText(at)), ["A=b"]);
  const auxiliary = new Map<number, number>();
  for (let at = stack + 4 + 16 + 8;; at += 8) {
    const type = memory.readWord(at);
    if (type === 0) break;
    auxiliary.set(type, memory.readWord(at + 4));
  }
  assertEquals([3, 5, 6, 9].map((type) => auxiliary.get(type)), [0x400034, 2, 4096, CODE]);
  assertEquals((auxiliary.get(16) ?? 0) & 0x440, 0);
  assertEquals(memory.readText(auxiliary.get(31) ?? 0), "/tiny");
  assertEquals(memory.read(auxiliary.get(25) ?? 0, 16).some((byte) => byte !== 0), true);
});

/** Programs that end badly: the signal, a part of the reason, and the fault address. */
const DEATHS: readonly (readonly [string, Line[], string, string, number | undefined])[] = [
  ["an illegal instruction", [0xfffd], "SIGILL", "illegal instruction", undefined],
  ["a privileged instruction", ["sleep"], "SIGILL", "illegal instruction", undefined],
  ["a branch in a delay slot", ["bra 0x400090", "rts"], "SIGILL", "delay slot", undefined],
  ["a read of address 0", ["mov #0,r1", "mov.l @r1,r2"], "SIGSEGV", "not mapped", 0],
  [
    "a write of its code",
    ["mov #64,r1", "shll16 r1", "mov.l r2,@r1"],
    "SIGSEGV",
    "not permitted",
    0x400000,
  ],
  ["a misaligned read", ["mov #2,r1", "mov.l @r1,r2"], "SIGBUS", "misaligned", 2],
  [
    "a read of kernel space",
    ["mov #-128,r1", "shll16 r1", "shll8 r1", "mov.l @r1,r2"],
    "SIGBUS",
    "privileged",
    0x80000000,
  ],
  ["a jump to nowhere", ["mov #16,r1", "jmp @r1", "nop"], "SIGSEGV", "not mapped", 16],
  ["a jump to an odd address", ["mov #17,r1", "jmp @r1", "nop"], "SIGBUS", "misaligned", 17],
  ["a trap that is no system call", ["trapa #1"], "SIGTRAP", "no system call", undefined],
];

for (const [what, lines, signal, reason, address] of DEATHS) {
  Deno.test(`kernel: ${what} ends the process with ${signal}`, () => {
    const kernel = newKernel();
    const free = kernel.frames.available;
    const { process } = start(kernel, lines);
    assertEquals(kernel.run(1e6), "finished");
    const { exit } = process;
    assert(exit?.kind === "killed");
    assertEquals([exit.death.signal, exit.death.address], [signal, address]);
    assert(exit.death.reason.includes(reason), exit.death.reason);
    const report = reportDeath(process.name, process.id, exit.death);
    assert(report.includes(`ended by ${signal}`) && report.includes("fpscr"), report);
    assertEquals(kernel.frames.available, free);
  });
}

Deno.test("kernel: a death names the spot and the registers", () => {
  const kernel = newKernel();
  const { process } = start(kernel, ["mov #7,r9", "mov #4,r1", "mov.l @r1,r2", "nop"]);
  kernel.run(1e6);
  assert(process.exit?.kind === "killed");
  const { death } = process.exit;
  assertEquals([death.pc, death.registers.r[9]], [CODE + 4, 7]);
  const spot = death.disassembly.find((line) => line.startsWith("->"));
  assert(spot?.includes("mov.l @r1,r2"), spot);
  assertEquals(exitCode(process.exit), 139);
});

Deno.test("kernel: an unknown call answers ENOSYS and is listed once, with its count", () => {
  const kernel = newKernel();
  const lines = [...call(2), ...call(2), ...call(127), "neg r0,r4", ...call(1)];
  const { process } = start(kernel, lines);
  kernel.run(1e6);
  assertEquals(process.exit, { kind: "exited", code: 38 });
  const seen = kernel.unknownCalls.map(({ number, name, count }) => [number, name, count]);
  assertEquals(seen, [[2, "fork", 2], [127, undefined, 1]]);
});

Deno.test("kernel: tracing sees every call as strace prints it", () => {
  const kernel = newKernel();
  const lines: string[] = [];
  kernel.observer = { call: ({ line }) => void lines.push(line) };
  start(kernel, [...write(2), ...call(20), ...exitWith(3)], text("ab"));
  kernel.run(1e6);
  assertEquals(lines, ["write(1, 0x402000, 2) = 2", "getpid() = 100", "exit(3) = ?"]);
});

Deno.test("kernel: runInstructions stops at exactly that instruction, whatever it costs", () => {
  const kernel = newKernel();
  start(kernel, [...write(1), ...spin(3), ...exitWith(0)], text("x"));
  for (const count of [1, 2, 3, 50, 7, 1]) {
    const before = kernel.machine.instructions;
    assertEquals(kernel.runInstructions(count), "time");
    assertEquals(kernel.machine.instructions, before + count);
  }
});

/** Everything of a finished run that somebody could see. */
function outcome(slices: (kernel: ReturnType<typeof newKernel>) => void) {
  const kernel = newKernel(100);
  const programs = ["a", "b", "c"].map((letter) =>
    start(kernel, [...write(1), ...spin(2), ...write(1), ...exitWith(0)], text(letter))
  );
  const events: string[] = [];
  kernel.observer = {
    call: ({ at, process, line }) => void events.push(`${at} ${process} ${line}`),
  };
  slices(kernel);
  assertEquals(kernel.run(1e7), "finished");
  const cycles = programs.map(({ process }) => process.cycles);
  return { events, cycles, now: kernel.now, instructions: kernel.machine.instructions };
}

Deno.test("kernel: how a run is cut into slices changes nothing", () => {
  const whole = outcome(() => {});
  assertEquals(whole.cycles.reduce((sum, cycles) => sum + cycles, 0), whole.now);
  for (const step of [1, 7, 64, 1000]) {
    const cut = outcome((kernel) => {
      for (let at = step; at < 4000; at += step) kernel.run(at);
    });
    assertEquals(cut, whole);
  }
  const single = outcome((kernel) => {
    for (let n = 0; n < 500; n++) kernel.runInstructions(1);
  });
  assertEquals(single, whole);
});

Deno.test("kernel: processes take turns", () => {
  const kernel = newKernel(200);
  const order: number[] = [];
  kernel.observer = { call: ({ process }) => void order.push(process) };
  const lines = [...write(1), ...spin(4), ...write(1), ...exitWith(0)];
  start(kernel, lines, text("a"));
  start(kernel, lines, text("b"));
  kernel.run(1e6);
  assertEquals(order, [100, 101, 100, 100, 101, 101]);
});

Deno.test("kernel: a frozen process stands still, the others go on, thawed it goes on", () => {
  const kernel = newKernel();
  const first = start(kernel, [...spin(4), ...exitWith(1)]);
  const second = start(kernel, [...spin(4), ...exitWith(2)]);
  kernel.run(300);
  kernel.freeze(first.process);
  const before = first.process.threads[0]?.record;
  assertEquals(kernel.run(1e5), "idle");
  assertEquals(second.process.exit, { kind: "exited", code: 2 });
  assertEquals(first.process.threads[0]?.record, before);
  kernel.thaw(first.process);
  assertEquals(kernel.run(1e5), "finished");
  assertEquals(first.process.exit, { kind: "exited", code: 1 });
});

Deno.test("kernel: a removed process leaves no trace, and nobody is told", () => {
  const kernel = newKernel();
  const free = kernel.frames.available;
  const { process } = start(kernel, [...spin(100), ...exitWith(0)]);
  let told = 0;
  kernel.observer = { exit: () => void told++ };
  kernel.run(500);
  kernel.remove(process);
  assertEquals([[...kernel.processes()], told], [[], 0]);
  assertEquals(kernel.frames.available, free);
  assertEquals(kernel.run(1e4), "finished");
});

Deno.test("kernel: kill ends a process with the state it was in", () => {
  const kernel = newKernel();
  const { process } = start(kernel, [...spin(100), ...exitWith(0)]);
  kernel.run(500);
  kernel.kill(process, 15);
  assert(process.exit?.kind === "killed");
  assertEquals(process.exit.death.signal, "SIGTERM");
  assert((process.exit.death.registers.r[8] ?? 0) > 0);
});

Deno.test("kernel: many processes share 255 address space numbers", () => {
  const kernel = newKernel();
  for (let n = 0; n < 600; n++) {
    const { process } = start(kernel, [...dataAddress(1, 2), "mov.l @r1,r4", ...call(1)], words(n));
    kernel.run(kernel.now + 1e5);
    assertEquals(process.exit, { kind: "exited", code: n & 255 });
    kernel.remove(process);
  }
});

Deno.test("kernel: a denormal operand is computed by the kernel", () => {
  const kernel = newKernel();
  // The smallest denormal double, twice: the FPU gives it back, the kernel adds it.
  const lines = [
    ...dataAddress(1, 2),
    "fmov.s @r1+,fr1",
    "fmov.s @r1+,fr0",
    "fadd dr0,dr0",
    "add #-8,r1",
    "fmov.s fr1,@r1",
    "mov.l @r1,r4",
    ...call(1),
  ];
  const { process } = start(kernel, lines, words(1, 0));
  kernel.run(1e6);
  assertEquals(process.exit, { kind: "exited", code: 2 });
});

Deno.test("kernel: what cannot be started is refused and leaves nothing behind", () => {
  const kernel = newKernel();
  const free = kernel.frames.available;
  const args = ["x".repeat(3_000_000)];
  assertThrows(() => start(kernel, exitWith(0), undefined, { args }), SpawnError);
  start(kernel, exitWith(0), undefined, { id: 7 });
  assertThrows(() => start(kernel, exitWith(0), undefined, { id: 7 }), SpawnError);
  kernel.run(1e6);
  assertEquals(kernel.frames.available, free);
});

Deno.test("kernel: memory that runs out ends the process, not the kernel", () => {
  const kernel = newKernel();
  // brk as far as it goes, then a store in every page of it.
  const lines = [
    "mov #0,r4",
    ...call(45),
    "mov r0,r9",
    "mov #1,r4",
    "shll16 r4",
    "shll2 r4",
    "shll2 r4",
    "add r0,r4",
    "add #-1,r4",
    ...call(45),
    "mov #16,r2",
    "shll8 r2",
    "mov.l r2,@r9",
    "add r2,r9",
    0xaffc, // back to the store
    "nop",
  ];
  const { process } = start(kernel, lines);
  assertEquals(kernel.run(1e7), "finished");
  assert(process.exit?.kind === "killed");
  assertEquals(process.exit.death.signal, "SIGKILL");
  assertEquals(process.exit.death.reason, "no memory is left for a page");
  assert((process.exit.death.address ?? 0) > DATA);
});
