/** Threads that wait: for time, for signals, for each other; and what a waiting call is. */
import { assert, assertEquals } from "@std/assert";
import { AddressSpace } from "../../../core/kernel/address_space.ts";
import { Console } from "../../../core/kernel/files/console.ts";
import { noTimers } from "../../../core/kernel/process.ts";
import { executableFile } from "../../../core/kernel/program_start.ts";
import { ProcessSignals } from "../../../core/kernel/signals.ts";
import { consoleFiles } from "../../../core/kernel/spawn.ts";
import { CLOCK_HZ, dataAddress, newKernel, start, text, words } from "./kernel_fixture.ts";
import { call, CODE, exitWith, type Line } from "./tiny_elf.ts";

/** nanosleep(DATA, 0): the data hold the time. */
const sleep: Line[] = [...dataAddress(4, 1), "mov #0,r5", "mov #81,r3", "add r3,r3", "trapa #31"];

Deno.test("wait: a sleep takes its time, and an idle kernel skips to its end", () => {
  const kernel = newKernel();
  const { process } = start(kernel, [...sleep, ...exitWith(5)], words(2, 500_000_000));
  assertEquals(kernel.run(1e5), "time");
  assertEquals(kernel.now, 1e5);
  assertEquals(kernel.run(1e9), "finished");
  assertEquals(process.exit, { kind: "exited", code: 5 });
  const least = 2.5 * CLOCK_HZ;
  assert(kernel.now >= least && kernel.now < least + 1000, String(kernel.now));
  assert(process.cycles < 1000);
});

Deno.test("wait: who waits for nothing that can happen makes the kernel idle", () => {
  const kernel = newKernel();
  const { process } = start(kernel, [...call(29), ...exitWith(0)]);
  assertEquals(kernel.run(1e5), "idle");
  assert(kernel.now < 1000);
  kernel.advanceTo(5000);
  kernel.send(process, { signal: 15, code: 0, process: 1, user: 0, value: 0 });
  assertEquals(kernel.run(1e5), "finished");
  assert(process.exit?.kind === "killed" && process.exit.death.signal === "SIGTERM");
});

Deno.test("wait: console input that is not there yet is waited for", () => {
  const kernel = newKernel();
  const pieces = [undefined, text("A"), new Uint8Array(0)];
  const console = new Console({ input: () => pieces.shift() });
  const read = ["mov #0,r4", ...dataAddress(5, 1), "mov #8,r6", ...call(3)];
  const lines = [...read, ...dataAddress(5, 1), "mov.b @r5,r4", ...call(1)];
  const { process } = start(kernel, lines, undefined, { console });
  assertEquals(kernel.run(1e5), "idle");
  assertEquals(process.threads[0]?.call?.number, 3);
  console.inputArrived();
  assertEquals(kernel.run(1e5), "finished");
  assertEquals(process.exit, { kind: "exited", code: 65 });
});

/** pipe(), then write "hey" into it and read it back into DATA + 8; exits with the second byte. */
const PIPE: Line[] = [
  ...call(42),
  "mov r0,r8",
  "mov r1,r4",
  ...dataAddress(5, 2),
  "mov #3,r6",
  ...call(4),
  "mov r8,r4",
  ...dataAddress(5, 2, 8),
  "mov #8,r6",
  ...call(3),
  ...dataAddress(5, 2, 9),
  "mov.b @r5,r4",
  ...call(1),
];

Deno.test("wait: pipe answers in r0 and r1, and carries bytes", () => {
  const kernel = newKernel();
  const { process } = start(kernel, PIPE, text("hey"));
  kernel.run(1e5);
  assertEquals(process.exit, { kind: "exited", code: "e".charCodeAt(0) });
});

/** rt_sigaction(SIGUSR1, DATA, 0, 8), then kill(own, SIGUSR1); the handler sets r9 to DATA's value. */
function handlerProgram(): { lines: Line[]; handler: number } {
  const install: Line[] = [
    "mov #10,r4",
    ...dataAddress(5, 1),
    "mov #0,r6",
    "mov #8,r7",
    "mov #87,r3",
    "add r3,r3",
    "trapa #31",
  ];
  const raise: Line[] = [...call(20), "mov r0,r4", "mov #10,r5", "mov #1,r9", ...call(37)];
  const after: Line[] = [...dataAddress(1, 2, 32), "mov.l @r1,r4", "add r9,r4", ...call(1)];
  const before = [...install, ...raise, ...after];
  const handler = [...dataAddress(1, 2, 32), "mov #40,r9", "mov.l r9,@r1", "rts", "nop"];
  return { lines: [...before, ...handler], handler: CODE + 2 * before.length };
}

Deno.test("signals: a handler runs and everything is as before, by the stack's return call", () => {
  const kernel = newKernel();
  const { lines, handler } = handlerProgram();
  const data = new Uint8Array(64);
  data.set(words(handler, 0, 0, 0, 0));
  const { process } = start(kernel, lines, data);
  kernel.run(1e5);
  assertEquals(process.exit, { kind: "exited", code: 41 }); // 40 of the handler, r9 = 1 kept
});

Deno.test("signals: a stopped process stands still until it is continued", () => {
  const kernel = newKernel();
  const { process } = start(kernel, ["mov #100,r8", "shll8 r8", "dt r8", 0x8bfd, ...exitWith(1)]);
  kernel.run(500);
  const info = { code: 0, process: 1, user: 0, value: 0 };
  kernel.send(process, { signal: 19, ...info });
  assertEquals(kernel.run(1e5), "idle");
  kernel.send(process, { signal: 18, ...info });
  assertEquals(kernel.run(1e6), "finished");
  assertEquals(process.exit, { kind: "exited", code: 1 });
});

/** Adds 1 to the word at DATA `count` times by a gUSA sequence; exits with the sum. */
function atomicProgram(count: number): Line[] {
  const head: Line[] = [`mov #${count},r8`, ...dataAddress(9, 1)];
  const padded = head.length % 2 === 0 ? head : [...head, "nop"];
  const at = CODE + 2 * padded.length; // mova wants the end on a multiple of 4
  return [
    ...padded,
    `mova ${"0x" + (at + 12).toString(16)},r0`,
    "mov r15,r1",
    "mov #-6,r15",
    "mov.l @r9,r2",
    "add #1,r2",
    "mov.l r2,@r9",
    "mov r1,r15", // the end address: the sequence is over here
    "dt r8",
    0x8bf6, // bf back to mova
    "mov.l @r9,r4",
    ...call(1),
  ];
}

Deno.test("gUSA: a sequence frozen at every instruction still counts right", () => {
  const kernel = newKernel();
  const { process } = start(kernel, atomicProgram(40), words(0));
  let rewound = 0;
  for (let n = 0; n < 2000 && process.exit === undefined; n++) {
    kernel.runInstructions(n % 9 + 1); // always 1 would never get past a sequence: as on Linux
    const before = kernel.machine.cpu.r(15) | 0;
    kernel.freeze(process);
    const record = process.threads[0]?.record;
    if (before < 0 && record !== undefined) {
      rewound++;
      assert((record.context.r[15] ?? 0) < 0x7c000000);
    }
    kernel.thaw(process);
  }
  assertEquals(process.exit, { kind: "exited", code: 40 });
  assert(rewound > 20, `only ${rewound} sequences were met`);
});

Deno.test("gUSA: two processes that preempt each other inside sequences count right", () => {
  const kernel = newKernel(7);
  const both = [
    start(kernel, atomicProgram(50), words(0)),
    start(kernel, atomicProgram(60), words(0)),
  ];
  kernel.run(1e6);
  assertEquals(both.map(({ process }) => process.exit), [
    { kind: "exited", code: 50 },
    { kind: "exited", code: 60 },
  ]);
});

Deno.test("a process asleep is plain data: rebuilt on another kernel it wakes and ends", () => {
  const kernel = newKernel();
  const { process } = start(kernel, [...sleep, ...exitWith(9)], words(1, 0));
  kernel.run(1000);
  kernel.freeze(process);
  const other = newKernel();
  other.advanceTo(777);
  const { executable, space } = process;
  const file = executableFile(executable);
  const copy = AddressSpace.from(space.record, other.frames, other.machine, () => file);
  for (const { vpn, frame, dirty } of space.table.all()) {
    copy.adoptPage(vpn, space.frames.bytes(frame), dirty);
  }
  const clockOffset = kernel.now + process.clockOffset - other.now;
  const threads = process.threads.map(({ record }) => {
    const { call } = record;
    assert(call?.deadline !== undefined);
    const deadline = call.deadline + process.clockOffset - clockOffset;
    return { ...record, call: { ...call, deadline } };
  });
  const console = new Console();
  const { id, parent, args, environment, credentials, limits, cwd, umask, random } = process;
  const restored = other.admit({
    id,
    parent,
    args,
    environment,
    credentials,
    limits,
    cwd,
    umask,
    executable,
    space: copy,
    console,
    endpoint: process.endpoint,
    files: consoleFiles(console, 64),
    signals: new ProcessSignals(process.signals.table, process.signals.pending.all),
    timers: noTimers(),
    random: random.state,
    clockOffset,
    startedAt: 0,
    cycles: process.cycles,
    instructions: process.instructions,
    systemCalls: process.systemCalls,
  }, threads);
  assertEquals(other.run(1e7), "finished");
  assertEquals(restored.exit, { kind: "exited", code: 9 });
  const slept = other.now + clockOffset;
  assert(slept >= CLOCK_HZ && slept < CLOCK_HZ + 2000, String(slept));
});
