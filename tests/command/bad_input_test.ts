/**
 * Bad input, end to end: each answered by one clear error and the right exit code, with nothing run,
 * nothing printed and nothing written.
 */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encode, type EncodedFile, type Image, ImageError } from "../../core/mod.ts";
import { Directory } from "../../core/kernel/files/directory.ts";
import type { Inode } from "../../core/kernel/files/inode.ts";
import { RegularFile } from "../../core/kernel/files/regular_file.ts";
import { Kernel } from "../../core/kernel/kernel.ts";
import { restore } from "../../core/image/restore.ts";
import { Machine } from "../../core/machine/machine.ts";
import { EXIT } from "../../dsl/exit.ts";
import { BAD_CHART } from "./bad_chart.ts";
import { BAD_IMAGES, FORGERIES } from "./bad_images.ts";
import { BAD_PROGRAMS } from "./bad_programs.ts";
import { BAD_RANKS } from "./bad_ranks.ts";
import type { BadRow } from "./bad_row.ts";
import { BAD_SCRIPTS } from "./bad_scripts.ts";
import { BAD_USAGE } from "./bad_usage.ts";
import { forged, imageFiles, PROGRAM, put, smallProfile, takeImage } from "./images.ts";
import { type Ended, guest, inChild, inProcess, listing, prepare, temporary } from "./workshop.ts";

const ROWS: readonly BadRow[] = [
  ...BAD_SCRIPTS,
  ...BAD_PROGRAMS,
  ...BAD_IMAGES,
  ...BAD_USAGE,
  ...BAD_RANKS,
  ...BAD_CHART,
];

/** A line that tells an error; the others of a script's show the place. */
const TELLS = /^(error|internal error|nothing to run): |^\S+:\d+:\d+ error CK\d{4}: |^stopped: /;
const SHOWS = /^ *\d* \| |^$/;

/** Errors as they must be, whatever they say. */
function assertClear({ err }: Ended, errors: number): void {
  const lines = err.split("\n");
  assertEquals(lines.filter((line) => /^\s+at /.test(line)), [], "a stack trace");
  assertEquals(lines.filter((line) => TELLS.test(line)).length, errors, err);
  assertEquals(lines.filter((line) => !TELLS.test(line) && !SHOWS.test(line)), [], "other lines");
}

function assertSays(text: string, says: readonly string[]): void {
  let from = 0;
  for (const part of says) {
    const at = text.indexOf(part, from);
    assert(at >= 0, `expected '${part}' in: ${text}`);
    from = at + part.length;
  }
}

for (const row of ROWS) {
  Deno.test(`bad input: ${row.name}`, async () => {
    using folder = temporary();
    const here = (text: string): string => text.replaceAll("@", folder.path);
    if (row.files !== undefined) prepare(folder.path, row.files(folder.path));
    const before = listing(folder.path);
    const args = row.args.map(here);
    const permissions = row.permissions?.(folder.path);
    const ended = row.child === true
      ? await inChild(args, permissions === undefined ? {} : { permissions })
      : await inProcess(args);
    assertSays(ended.err, row.says.map(here));
    assertClear(ended, row.errors ?? 1);
    assertEquals(ended.code, row.exit);
    assertMatch(ended.out, row.prints ?? /^$/);
    assertEquals(listing(folder.path), before, "something was written");
  });
}

Deno.test("bad input: the table is long, and no name is there twice", () => {
  assertEquals(new Set(ROWS.map(({ name }) => name)).size, ROWS.length);
  assert(ROWS.length >= 150, `${ROWS.length} rows`);
  assert(ROWS.filter(({ child }) => child).length >= 12);
});

// Every byte and every length.

/** A folder that holds a small good image, and the means to see that a change is refused. */
async function whenChanged(
  each: (bytes: Uint8Array, refused: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  using folder = temporary();
  const image = takeImage("stop-the-world", `${folder.path}/${PROGRAM}`);
  prepare(folder.path, imageFiles("image", encode(image)));
  const manifest = `${folder.path}/image/manifest.ckpt`;
  await each(Deno.readFileSync(manifest), async (bytes) => {
    Deno.writeFileSync(manifest, bytes);
    const ended = await inProcess(["exec", "--restore", `${folder.path}/image`]);
    assertClear(ended, 1);
    assertEquals([ended.code, ended.out], [EXIT.script, ""]);
    assertMatch(ended.err, /^error: .*\/image\/manifest\.ckpt: expected .+, found .+; .+\n$/);
  });
}

Deno.test("bad input: every byte of an image's manifest flipped is refused", async () => {
  await whenChanged(async (bytes, refused) => {
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = ~(changed[at] ?? 0);
      await refused(changed);
    }
  });
});

Deno.test("bad input: an image's manifest cut short at every length is refused", async () => {
  await whenChanged(async (bytes, refused) => {
    for (let length = 0; length < bytes.length; length++) await refused(bytes.subarray(0, length));
  });
});

// A refused restart leaves the kernel as it was.

const newKernel = (): Kernel =>
  new Kernel({
    machine: new Machine({ ramBytes: smallProfile.ram }),
    seed: 0,
    clockHz: smallProfile.clock,
    quantum: 200_000,
    costs: { tlbMiss: 0, trap: 0, syscall: 0 },
  });

/** All of a kernel that a restart could have touched. */
function portrait(kernel: Kernel): unknown {
  const names: unknown[] = [];
  const walk = (inode: Inode, path: string): void => {
    const { kind, permissions, links, modified, number } = inode;
    const bytes = inode instanceof RegularFile ? [...inode.bytes] : [];
    names.push([path, kind, permissions, links, { ...modified }, number, bytes]);
    if (!(inode instanceof Directory)) return;
    for (const name of inode.known()) walk(inode.lookup(name) as Inode, `${path}/${name}`);
  };
  walk(kernel.fileSystem.root, "");
  return {
    names,
    frames: kernel.frames.available,
    processes: [...kernel.processes()].map(({ id }) => id),
    nextId: kernel.freeId(100),
    runnable: kernel.runnable,
    now: kernel.now,
  };
}

for (const { name, forge } of FORGERIES) {
  Deno.test(`bad input: a kernel is as it was after a refusal: ${name}`, () => {
    const kernel = newKernel();
    kernel.fileSystem.install("/tmp/new", Uint8Array.of(1, 2, 3));
    const image = forge(takeImage("stop-the-world", PROGRAM));
    const before = portrait(kernel);
    assertThrows(() => restore(image, { kernel, executable: undefined }), ImageError);
    assertEquals(portrait(kernel), before);
    // And it still does what it did: the good image comes to life on it.
    const sound = takeImage("stop-the-world", PROGRAM);
    const { id } = restore(sound, { kernel, executable: undefined });
    assertEquals(kernel.runInstructions(1e6), "finished");
    assertEquals(kernel.process(id)?.exit, { kind: "exited", code: 0 });
  });
}

// What is odd but possible is no refusal: the program has to bear it.

const POSSIBLE:
  readonly (readonly [name: string, changes: Record<string, unknown>, says: string])[] = [
    ["a pc that is odd", { "threads.0.registers.pc": 0x400001 }, "SIGBUS"],
    ["a pc in kernel space", { "threads.0.registers.pc": 0x80000000 }, "SIGBUS"],
    ["a pc where nothing is", { "threads.0.registers.pc": 0x10000000 }, "SIGSEGV"],
  ];

for (const [name, changes, says] of POSSIBLE) {
  Deno.test(`bad input: ${name} ends the program, not the command`, async () => {
    using folder = temporary();
    const image = forged(takeImage("stop-the-world", `${folder.path}/${PROGRAM}`), changes);
    prepare(folder.path, imageFiles("image", encode(image)));
    const { code, out, err } = await inProcess(["exec", "--restore", `${folder.path}/image`]);
    assertEquals(out, "");
    assert(code > 128 && code < 160, `${code}`);
    assertSays(err, [says]);
    assertEquals(err.split("\n").filter((line) => /^\s+at /.test(line)), []);
  });
}

// Anything at all.

/** Runs that found an internal error, a stack trace or an exception would fail here. */
async function assertBears(args: readonly string[]): Promise<void> {
  const { code, err } = await inProcess(args);
  assert(code !== EXIT.internal, err);
  assertEquals(err.split("\n").filter((line) => /^\s+at /.test(line)), [], err);
}

/** A change to bytes, told shortly, so that a failure can be read. */
interface Mutation {
  /** Places, as parts of the length, and what to put there. */
  readonly bytes: readonly (readonly [place: number, value: number])[];
  readonly from: number;
  readonly to: number;
  readonly how: "keep" | "cut" | "repeat" | "head";
}

const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const mutation: fc.Arbitrary<Mutation> = fc.record({
  bytes: fc.array(fc.tuple(part, fc.nat(255)), { maxLength: 8 }),
  from: part,
  to: part,
  how: fc.constantFrom("keep", "keep", "cut", "repeat", "head"),
});

function mutated(good: Uint8Array, { bytes, from, to, how }: Mutation): Uint8Array {
  const at = (place: number): number => Math.floor(place * good.length);
  const copy = good.slice();
  for (const [place, value] of bytes) copy[at(place)] = value;
  const [low, high] = [at(Math.min(from, to)), at(Math.max(from, to))];
  if (how === "keep") return copy;
  if (how === "head") return copy.slice(0, low);
  const middle = copy.subarray(low, high);
  const inner = how === "cut" ? [] : [...middle, ...middle];
  return Uint8Array.from([...copy.subarray(0, low), ...inner, ...copy.subarray(high)]);
}

const anyBytes = fc.uint8Array({ maxLength: 300 });

const CHAPTER = new TextEncoder().encode(
  'ckpt 1\nscenario "s" @smoke {\n  seed 42\n  node n0 { clock: 200MHz, ram: 4MiB }\n' +
    "  proc p0 on n0 runs sort { count: 20 }\n  checkpointer concurrent_cow\n" +
    "  at 50us checkpoint p0 as c1\n  after 10us crash p0\n  after 10us restart p0 from c1\n" +
    "  expect p0.output == undisturbed.p0.output\n  expect p0.run_time < 1s\n}\n",
);

Deno.test("bad input: no bytes as a script break the command", async () => {
  using folder = temporary();
  const path = `${folder.path}/any.ckpt`;
  const content = fc.oneof({ weight: 3, arbitrary: mutation }, anyBytes);
  await fc.assert(
    fc.asyncProperty(content, async (given) => {
      Deno.writeFileSync(path, given instanceof Uint8Array ? given : mutated(CHAPTER, given));
      await assertBears(["check", path]);
    }),
    { numRuns: 200 },
  );
});

Deno.test("bad input: no bytes as a program break the command", async () => {
  using folder = temporary();
  const path = `${folder.path}/any.elf`;
  const good = guest("echo");
  const content = fc.oneof({ weight: 9, arbitrary: mutation }, anyBytes);
  await fc.assert(
    fc.asyncProperty(content, async (given) => {
      Deno.writeFileSync(path, given instanceof Uint8Array ? given : mutated(good, given));
      await assertBears(["exec", "--budget", "5000", path]);
    }),
    { numRuns: 200 },
  );
});

/** Every place of a value that holds no other values, as `threads.0.registers.pc`. */
function leaves(value: unknown, place = ""): readonly string[] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [place];
  const inner = Object.entries(value).flatMap(([key, each]) =>
    leaves(each, place === "" ? key : `${place}.${key}`)
  );
  return place === "" ? inner : [place, ...inner];
}

const anyValue = fc.oneof(
  fc.constantFrom<unknown>(0, 1, -1, 3, 4096, 0x400000, 0x7bfff000, 2 ** 31, 2 ** 32 - 1, 2 ** 52),
  fc.constantFrom<unknown>(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0.5, NaN, Infinity),
  fc.constantFrom<unknown>(undefined, null, true, false, "", "/", "/tmp", "0123456789abcdef"),
  fc.constantFrom<unknown>([], {}, new Uint8Array(0), new Uint8Array(70_000)),
  fc.nat(),
  fc.string(),
);

Deno.test("bad input: no forged process state breaks the command", async () => {
  using folder = temporary();
  const program = `${folder.path}/${PROGRAM}`;
  Deno.writeFileSync(program, guest("counter"));
  const images = ["stop-the-world", "concurrent-cow"].map((name) => takeImage(name, program));
  const places = leaves(images[0]?.manifest.process);
  const changes = fc.array(fc.tuple(fc.constantFrom(...places), anyValue), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(fc.nat(images.length - 1), changes, async (number, list) => {
      const image = images[number] as Image;
      const process = structuredClone(image.manifest.process);
      for (const [place, value] of list) attempt(() => put(process, place, structuredClone(value)));
      const other: Image = { ...image, manifest: { ...image.manifest, process } };
      prepare(folder.path, imageFiles("image", encode(other)));
      const again = `${folder.path}/again`;
      const flags = ["--budget", "5000", "--checkpoint-at", "3000", "--image", again];
      await assertBears(["exec", ...flags, "--restore", `${folder.path}/image`]);
      Deno.mkdirSync(again, { recursive: true });
      Deno.removeSync(again, { recursive: true });
    }),
    { numRuns: 250 },
  );
});

/** A place may be gone by an earlier change. */
function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

Deno.test("bad input: no bytes in an image's files break the command", async () => {
  using folder = temporary();
  const image = takeImage("stop-the-world", `${folder.path}/${PROGRAM}`);
  const files = encode(image);
  await fc.assert(
    fc.asyncProperty(fc.nat(files.length - 1), mutation, async (number, given) => {
      const { name, bytes: same } = files[number] as EncodedFile;
      const changed = mutated(same, given);
      prepare(folder.path, { ...imageFiles("image", files), [`image/${name}`]: changed });
      const ended = await inProcess(["exec", "--restore", `${folder.path}/image`]);
      const isSame = changed.length === same.length && changed.every((byte, i) => byte === same[i]);
      assertEquals(ended.code, isSame ? 0 : EXIT.script, ended.err);
      if (!isSame) assertClear(ended, 1);
    }),
    { numRuns: 150 },
  );
});
