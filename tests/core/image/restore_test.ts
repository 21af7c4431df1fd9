/**
 * Laws L2 and L4: what was captured is what comes back, sharing included, more than once, on a
 * kernel where other processes have taken the frames and the address space numbers.
 */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { captureManifest, capturePages } from "../../../core/image/capture.ts";
import { difference } from "../../../core/image/difference.ts";
import { decode, encode, filesOf } from "../../../core/image/codec.ts";
import { type Image, ImageError, type ImagePage } from "../../../core/image/image.ts";
import { restore } from "../../../core/image/restore.ts";
import { stateDigest } from "../../../core/image/state_digest.ts";
import { FileTable } from "../../../core/kernel/files/file_table.ts";
import { OPEN, OpenFile } from "../../../core/kernel/files/open_file.ts";
import { Pipe } from "../../../core/kernel/files/pipe.ts";
import type { RegularFile } from "../../../core/kernel/files/regular_file.ts";
import type { Kernel } from "../../../core/kernel/kernel.ts";
import type { Process } from "../../../core/kernel/process.ts";
import { signalBit, SIGNALS } from "../../../core/kernel/signals.ts";
import { PROFILE, ProgramRun, readOptions } from "../../../core/mod.ts";
import { newKernel, start, text } from "../kernel/kernel_fixture.ts";
import { exitWith, tinyElf } from "../kernel/tiny_elf.ts";

/** Counts in registers and on its stack for a long while, then exits with 7. */
const PROGRAM = [
  "mov #100,r8",
  "shll8 r8",
  "dt r8",
  `bf/s ${0x400084}`,
  "mov.l r8,@-r15",
  "mov #0,r4",
  ...exitWith(7),
];

/** An image of a process that stands still, with all its pages. */
function imageOf(process: Process, kernel: Kernel): Image {
  kernel.freeze(process);
  const pages = capturePages(process).map(({ vpn, dirty, copy }): ImagePage => ({
    vpn,
    dirty,
    source: "image",
    bytes: copy(),
  }));
  const checkpointer = { name: "test", options: {} };
  const image = { manifest: { ...captureManifest(process, kernel), checkpointer }, pages };
  kernel.thaw(process);
  return image;
}

/** A process with something of every kind an image holds. */
function furnished(): { kernel: Kernel; process: Process } {
  const kernel = newKernel();
  const { process } = start(kernel, PROGRAM, undefined, { args: ["a", "b"], cwd: "/tmp" });
  const files: FileTable = process.files;
  const file = kernel.fileSystem.install("/tmp/notes", text("some notes"));
  const open = new OpenFile(file, "/tmp/notes", OPEN.readWrite);
  open.position = 5;
  files.put(5, open, false);
  files.put(9, open, true); // dup: one position for both
  files.put(6, new OpenFile(file, "/tmp/notes", 0), false); // opened again: its own position
  const gone = kernel.fileSystem.install("/tmp/gone", text("unlinked but open"));
  files.put(7, new OpenFile(gone, "/tmp/gone", OPEN.readWrite), false);
  kernel.fileSystem.unlink(kernel.fileSystem.findDirectory("/tmp"), "gone");
  const pipe = kernel.fileSystem.adopt(new Pipe(text("on its way")));
  files.put(10, new OpenFile(pipe, "pipe:[1]", 0), false);
  files.put(11, new OpenFile(pipe, "pipe:[1]", OPEN.writeOnly), false);
  kernel.fileSystem.link(kernel.fileSystem.findDirectory("/tmp"), "same", file);
  process.signals.setAction(SIGNALS.SIGUSR1, {
    handler: 0x400090,
    flags: 0x10000000,
    restorer: 0x4000a0,
    mask: signalBit(SIGNALS.SIGTERM),
  });
  const [thread] = process.threads;
  assert(thread !== undefined);
  thread.signals.mask = signalBit(SIGNALS.SIGUSR2) | signalBit(34);
  thread.signals.alternateStack = { address: 0x402000, size: 8192, flags: 0 };
  const info = { code: 0, process: 1, user: 0, value: 0 };
  thread.signals.pending.add({ ...info, signal: SIGNALS.SIGUSR2 });
  process.signals.pending.add({ ...info, signal: 34, value: 1 });
  process.signals.pending.add({ ...info, signal: 34, value: 2 });
  process.timers.real = { at: 900_000, interval: 5000 };
  process.umask = 0o077;
  process.random.next();
  kernel.runInstructions(5000);
  return { kernel, process };
}

const executable = tinyElf(PROGRAM).bytes;

/** The image again, through its encoded form. */
function coded(image: Image): Image {
  return decode(filesOf(encode(image, { compression: "zstd" })));
}

Deno.test("L2: dump(restore(I)) is I, but for the machine's own clock", () => {
  const { kernel, process } = furnished();
  const image = coded(imageOf(process, kernel));
  for (let time = 0; time < 3; time++) {
    const other = newKernel();
    const back = restore(image, { kernel: other, executable });
    const lines = difference(image, imageOf(back, other));
    assertEquals(lines.filter((line) => !line.startsWith("taken.cycle")), []);
    assertEquals(stateDigest(back, other), stateDigest(process, kernel));
  }
});

Deno.test("L2: a restart on a kernel with other frames and another ASID goes on to the same end", () => {
  const { kernel, process } = furnished();
  const image = coded(imageOf(process, kernel));
  const busy = newKernel();
  for (let n = 0; n < 3; n++) start(busy, PROGRAM);
  busy.runInstructions(3000);
  const back = restore(image, { kernel: busy, executable });
  const frames = (of: Process) => [...of.space.table.all()].map(({ frame }) => frame);
  assertNotEquals(frames(back), frames(process));
  while (back.exit === undefined) busy.runInstructions(10_000);
  while (process.exit === undefined) kernel.runInstructions(10_000);
  assertNotEquals(back.space.asid, process.space.asid);
  assertEquals(back.exit, process.exit);
  assertEquals(back.instructions, process.instructions);
});

Deno.test("L4: what descriptors share they share after the restart, and nothing else", () => {
  const { kernel, process } = furnished();
  const other = newKernel();
  const back = restore(coded(imageOf(process, kernel)), { kernel: other, executable });
  const { files } = back;
  assert(files.get(5) === files.get(9) && files.get(5) !== files.get(6));
  assertEquals([files.get(5).position, files.get(6).position], [5, 0]);
  assertEquals([files.entry(5).closeOnExec, files.entry(9).closeOnExec], [false, true]);
  assert(files.get(5).inode === files.get(6).inode);
  assert(files.get(5).inode === other.fileSystem.find("/tmp/notes"));
  assert(other.fileSystem.find("/tmp/same") === other.fileSystem.find("/tmp/notes"));
  const pipe = files.get(10).inode;
  assert(pipe instanceof Pipe && pipe === files.get(11).inode);
  assertEquals(new TextDecoder().decode(pipe.bytes), "on its way");
  assertEquals([pipe.readers, pipe.writers], [1, 1]);
  const gone = files.get(7).inode as RegularFile;
  assertEquals(new TextDecoder().decode(gone.bytes), "unlinked but open");
  assertThrows(() => other.fileSystem.find("/tmp/gone"));
});

Deno.test("a call that waits is made again, and gives up at the same moment of the process's clock", () => {
  // nanosleep({ 0, 25600 }): 26 cycles at 1 MHz
  const sleeper = [
    "mov r15,r4",
    "add #-16,r4",
    "mov #0,r0",
    "mov.l r0,@r4",
    "mov #100,r0",
    "shll8 r0",
    "mov.l r0,@(4,r4)",
    "mov #0,r5",
    "mov #81,r3", // 162 in two halves: mov takes a signed byte
    "add #81,r3",
    "trapa #31",
    ...exitWith(3),
  ];
  const kernel = newKernel();
  const { process } = start(kernel, sleeper);
  while (process.threads[0]?.state !== "waiting") kernel.runInstructions(1);
  const deadline = process.threads[0].call?.deadline as number;
  const left = deadline - kernel.now;
  const image = coded(imageOf(process, kernel));
  const other = newKernel();
  other.advanceTo(1_000_000);
  const back = restore(image, { kernel: other, executable: tinyElf(sleeper).bytes });
  other.run(1_000_000 + left - 1);
  assertEquals(back.exit, undefined);
  other.run(1_000_000 + left + 500);
  assertEquals(back.exit, { kind: "exited", code: 3 });
});

Deno.test("an executable that changed is refused by name, and the kernel stays as it was", () => {
  const { kernel, process } = furnished();
  const image = imageOf(process, kernel);
  const other = newKernel();
  const free = other.freeBytes;
  const changed = executable.slice();
  changed[0x90] = (changed[0x90] as number) ^ 1;
  const error = assertThrows(
    () => restore(image, { kernel: other, executable: changed }),
    ImageError,
  );
  assert(error.message.includes("'/tiny'") && error.message.includes("has changed"));
  assertEquals([other.freeBytes, [...other.processes()].length], [free, 0]);
  assertThrows(() => other.fileSystem.find("/tmp/notes"));
});

Deno.test("the profile of a node does not change what comes back", () => {
  const kernels = [PROFILE, PROFILE].map((table, n) => {
    const profile = readOptions(table, { ram: 2 ** 20, clock: 100_000_000 * (n + 1) }).values;
    const options = { profile, seed: 1, console: {} };
    const run = ProgramRun.start(options, { path: "/tiny", executable });
    run.runTo(4000);
    return { run, image: imageOf(run.process, run.node.kernel), options };
  });
  const [slow, fast] = kernels;
  assert(slow !== undefined && fast !== undefined);
  const back = ProgramRun.restore(fast.options, slow.image, executable);
  assertEquals(
    stateDigest(back.process, back.node.kernel),
    stateDigest(fast.run.process, fast.run.node.kernel),
  );
});
