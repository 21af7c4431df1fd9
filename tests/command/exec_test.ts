/** `exec` as its users see it: real streams, exit codes, flags, and a program that comes back. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { call, exitWith, tinyElf } from "../core/kernel/tiny_elf.ts";
import { checkpointers } from "../../mod.ts";
import { command, guestPath, inChild, listing, prepare, temporary } from "./workshop.ts";

const COUNTER = guestPath("counter");
const ticks = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `tick ${from + i}\n`).join("");

Deno.test("exec: standard input goes in, standard output comes out", async () => {
  const { code, out, err } = await inChild(["exec", guestPath("echo")], {
    input: "one\ntwo\nhalf",
  });
  assertEquals([code, out, err], [0, "1: one\n2: two\n3: half", ""]);
});

Deno.test("exec: what is no text goes through as it is, however long", async () => {
  const line = "\u{1F600}é".repeat(3000) + "\n";
  const { code, out } = await inChild(["exec", guestPath("echo")], { input: line.repeat(20) });
  assertEquals(code, 0);
  assertEquals(out, Array.from({ length: 20 }, (_, i) => `${i + 1}: ${line}`).join(""));
});

Deno.test("exec: arguments and flags behind the program are the program's", async () => {
  const { code, out } = await inChild(["exec", COUNTER, "2", "10"]);
  assertEquals([code, out], [0, ticks(1, 2)]);
  const { code: refused, err } = await inChild(["exec", COUNTER, "--stats"]);
  assertEquals(refused, 2, "the guest refuses it, by its own exit code");
  assertMatch(err, /^counter: /);
});

Deno.test("exec: the program's exit code is the command's", async () => {
  using folder = temporary();
  prepare(folder.path, {
    "seven.elf": tinyElf(exitWith(7)).bytes,
    "illegal.elf": tinyElf([0xfffd]).bytes,
  });
  assertEquals(await inChild(["exec", `${folder.path}/seven.elf`]), { code: 7, out: "", err: "" });
  const { code, out, err } = await inChild(["exec", `${folder.path}/illegal.elf`]);
  assertEquals([code, out], [128 + 4, ""], "as a shell tells of SIGILL");
  assertMatch(err, /^illegal\.elf\b.*SIGILL/);
});

Deno.test("exec: --strace prints each call on standard error", async () => {
  const { code, out, err } = await inChild(["exec", "--strace", COUNTER, "1", "10"]);
  assertEquals([code, out], [0, ticks(1, 1)]);
  const calls = err.trimEnd().split("\n");
  assert(calls.some((line) => /^write\(1, .*, 7\) = 7$/.test(line)), err);
  assert(calls.every((line) => /^\w+\(.*\) = /.test(line)), err);
});

/** Rows of `--stats` that do not tell how fast the host was. */
const COUNTED = new RegExp(
  "^(instructions|virtual time|TLB refills|pages touched|first writes|system calls|translations| " +
    " (?:translated|evaluated|reloads|compiled|shared|invalidated|WebAssembly))" +
    " +([\\d.]+)(?: s| bytes)?$",
  "gm",
);

Deno.test("exec: --stats counts, alike in every run", async () => {
  const runs = await Promise.all(
    [1, 2].map(() => inChild(["exec", "--stats", COUNTER, "3", "1000"])),
  );
  const counts = runs.map(({ err }) =>
    [...err.matchAll(COUNTED)].map(([, name, count]) => [name, Number(count)])
  );
  assertEquals(counts[0]?.length, 14);
  assertEquals(counts[0], counts[1]);
  // Two instructions a turn, three ticks, and less than as much again for printing them.
  const instructions = Number(counts[0]?.[0]?.[1]);
  assert(instructions > 6000 && instructions < 12_000, `${instructions}`);
  assert(runs.every(({ out }) => out === ticks(1, 3)));
});

Deno.test("exec: --budget stops with exit code 2 and says so", async () => {
  const { code, out, err } = await inChild(["exec", "--budget", "7_000", COUNTER, "9", "1000"]);
  assertEquals(code, 2);
  assertEquals(out, ticks(1, 2));
  assertEquals(err, "stopped: the budget of 7000 instructions is spent\n");
});

/** Lines that put the address of a tiny program's data into r8. */
const DATA_IN_R8 = ["mov #64,r8", "shll16 r8", "mov #32,r0", "shll8 r0", "add r0,r8"] as const;

Deno.test("exec: --env sets what the program finds, and nothing else is there", async () => {
  using folder = temporary();
  // The stack begins with argc, one argument, 0, the first variable.
  const first = ["mov.l @(12,r15),r5", "mov #1,r4", "mov #10,r6", ...call(4), ...exitWith(0)];
  const count = ["mov.l @(12,r15),r0", "tst r0,r0", "movt r4", ...call(1)];
  prepare(folder.path, {
    "first.elf": tinyElf(first).bytes,
    "count.elf": tinyElf(count).bytes,
  });
  const set = await inChild(["exec", "--env", "GREET=a=b!", `${folder.path}/first.elf`]);
  assertEquals([set.code, set.out], [0, "GREET=a=b!"]);
  const { code } = await inChild(["exec", `${folder.path}/count.elf`]);
  assertEquals(code, 1, "no variable of the host is there");
});

/** Copies the file its data name to standard output, then ends with the error of opening it to write. */
const reader = (path: string): Uint8Array =>
  tinyElf(
    [
      ...DATA_IN_R8,
      ...["mov r8,r4", "mov #0,r5", "mov #0,r6", ...call(5)],
      ...["mov r0,r4", "mov r8,r5", "add #96,r5", "mov #64,r6", ...call(3)],
      ...["mov r0,r6", "mov r8,r5", "add #96,r5", "mov #1,r4", ...call(4)],
      ...["mov r8,r4", "mov #2,r5", "mov #0,r6", ...call(5)],
      ...["neg r0,r4", ...call(1)],
    ],
    new TextEncoder().encode(`${path}\0`),
  ).bytes;

const EROFS = 30;

Deno.test("exec: --mount shows a file or folder of the host, for reading only", async () => {
  using folder = temporary();
  prepare(folder.path, {
    "file.elf": reader("/data/one"),
    "folder.elf": reader("/host/inner/two"),
    "one.txt": "the first",
    "shown/inner/two": "the second",
  });
  const before = listing(folder.path);
  const mounts = ["/data/one=@/one.txt", "/host=@/shown"].map((mount) =>
    mount.replace("@", folder.path)
  );
  const flags = mounts.flatMap((mount) => ["--mount", mount]);
  const one = await inChild(["exec", ...flags, `${folder.path}/file.elf`]);
  assertEquals(one, { code: EROFS, out: "the first", err: "" });
  const two = await inChild(["exec", ...flags, `${folder.path}/folder.elf`]);
  assertEquals(two, { code: EROFS, out: "the second", err: "" });
  assertEquals(listing(folder.path), before);
  const ENOENT = 2;
  const none = await inChild(["exec", `${folder.path}/file.elf`]);
  assertEquals([none.code, none.out], [ENOENT, ""], "without --mount nothing is there");
});

/** A program with a C library; it is built where the toolchain is. */
const GREP = fileURLToPath(new URL("../../.cache/programs/grep", import.meta.url));
const hasGrep = existing(GREP);
/** A file nothing fits into; not every system has it. */
const hasFull = existing("/dev/full");
if (!hasFull) console.log("skipped: no /dev/full, to which nothing can be written");
if (!hasGrep) console.log("skipped: no .cache/programs/grep, a program with a C library");

function existing(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "exec: a program with a C library reads what is mounted",
  ignore: !hasGrep,
  fn: async () => {
    using folder = temporary();
    prepare(folder.path, { "text": "one\ntwo\nthree\n" });
    const mount = `/text=${folder.path}/text`;
    const found = await inChild(["exec", "--mount", mount, GREP, "-n", "t", "/text"]);
    assertEquals([found.code, found.out], [0, "2:two\n3:three\n"]);
    const none = await inChild(["exec", "--mount", mount, GREP, "four", "/text"]);
    assertEquals([none.code, none.out], [1, ""]);
  },
});

// Checkpoints.

const WHOLE = ticks(1, 6);
const LIFE = [COUNTER, "6", "1000"] as const;
/** Points in the counter's life: before its first instruction, at it, between ticks, near the end. */
const POINTS = [0, 1, 3000, 8000, 17_900] as const;

/** What it has printed by then: the same for every checkpointer, so each is run once. */
const beginnings = new Map<number, ReturnType<typeof inChild>>();
function beginningOf(at: number): ReturnType<typeof inChild> {
  const known = beginnings.get(at) ?? inChild(["exec", "--budget", `${at}`, ...LIFE]);
  beginnings.set(at, known);
  return known;
}

for (const [n, { name }] of checkpointers.entries()) {
  Deno.test(`exec: ${name} saves, and --restore prints exactly the rest, twice`, async () => {
    using folder = temporary();
    // One of them at every point; of the others each at its beginning and between two ticks.
    for (const at of n === 0 ? POINTS : [0, 3000]) {
      const image = `${folder.path}/at-${at}`;
      const flags = ["--checkpointer", name, "--checkpoint-at", `${at}`, "--image", image];
      const [begin, whole] = await Promise.all([
        beginningOf(at),
        inChild(["exec", ...flags, ...LIFE]),
      ]);
      assertEquals([whole.code, whole.out], [0, WHOLE], "it runs on after its checkpoint");
      assertMatch(whole.err, /^checkpoint in '.*': \d+ bytes, \d+ pages, \d+ left to the exec/);
      const files = listing(image);
      const times = at === 3000 ? [1, 2] : [1];
      const lives = await Promise.all(times.map(() => inChild(["exec", "--restore", image])));
      const rest = WHOLE.slice(begin.out.length);
      for (const life of lives) assertEquals(life, { code: 0, out: rest, err: "" });
      assertEquals(listing(image), files, "a restart changes nothing of its image");
    }
  });

  Deno.test(`exec: ${name} saves the input that was not read yet`, async () => {
    using folder = temporary();
    const image = `${folder.path}/image`;
    const input = "a\nb\nc\nd\n";
    const flags = ["--checkpointer", name, "--checkpoint-at", "1000", "--image", image];
    const [begin, whole] = await Promise.all([
      inChild(["exec", "--budget", "1000", guestPath("echo")], { input }),
      inChild(["exec", ...flags, guestPath("echo")], { input }),
    ]);
    assertEquals([whole.code, whole.out], [0, "1: a\n2: b\n3: c\n4: d\n"]);
    const { code, out } = await inChild(["exec", "--restore", image], { input: "e\nf\n" });
    // What it had taken of the first input is in the image; what it takes now is new.
    assertEquals([code, out], [0, whole.out.slice(begin.out.length) + "5: e\n6: f\n"]);
  });
}

Deno.test("exec: an image of an image comes back too, whoever took the first", async () => {
  using folder = temporary();
  const names = checkpointers.map(({ name }) => name);
  const rest = WHOLE.slice((await beginningOf(8000)).out.length);
  // Each takes the first image once, and the second once.
  await Promise.all(names.map(async (first, n) => {
    const second = names[(n + 1) % names.length] as string;
    const [one, two] = ["one", "two"].map((each) => `${folder.path}/${first}-${each}`);
    const take = (name: string, at: number, image = "") =>
      ["--checkpointer", name, "--checkpoint-at", `${at}`, "--image", image] as const;
    await inChild(["exec", ...take(first, 3000, one), ...LIFE]);
    await inChild(["exec", ...take(second, 8000, two), "--restore", one ?? ""]);
    const { code, out, err } = await inChild(["exec", "--restore", two ?? ""]);
    assertEquals([code, out, err], [0, rest, ""], `${first}, then ${second}`);
  }));
});

Deno.test("exec: no checkpoint is taken before its time", async () => {
  using folder = temporary();
  const flags = (at: number) => ["--checkpoint-at", `${at}`, "--image", `${folder.path}/image`];
  const late = await inChild(["exec", ...flags(999_999), ...LIFE]);
  assertEquals([late.code, late.out], [0, WHOLE]);
  assertMatch(
    late.err,
    /^no checkpoint: the program ended after \d+ instructions, before .* 999999\n$/,
  );
  const cut = await inChild(["exec", "--budget", "100", ...flags(3000), ...LIFE]);
  assertEquals([cut.code, cut.out], [2, ""]);
  assertMatch(
    cut.err,
    /^no checkpoint: .* spent its budget after 10\d instructions, .*\nstopped: /,
  );
  assertEquals(listing(folder.path), []);
});

Deno.test("exec: a program that is refused goes on, and is told why there is no image", async () => {
  using folder = temporary();
  const flags = ["--checkpoint-at", "10000", "--checkpointer", "condor"];
  const image = ["--image", `${folder.path}/image`];
  const program = [guestPath("notes"), "60", "8", "20"];
  const plain = await inChild(["exec", ...program]);
  const { code, out, err } = await inChild(["exec", ...flags, ...image, ...program]);
  assertEquals([code, out], [0, plain.out]);
  assertMatch(
    err,
    /^no checkpoint: checkpointer 'condor' refuses it \(pipes\): it has an open pipe/,
  );
  assertEquals(listing(folder.path), []);
});

Deno.test("exec: a budget counts from where the image was taken", async () => {
  using folder = temporary();
  const image = `${folder.path}/image`;
  await inChild(["exec", "--checkpoint-at", "3000", "--image", image, ...LIFE]);
  const [begin, both] = await Promise.all([
    inChild(["exec", "--budget", "3000", ...LIFE]),
    inChild(["exec", "--budget", "8000", ...LIFE]),
  ]);
  const { code, out } = await inChild(["exec", "--restore", image, "--budget", "5000"]);
  assertEquals([code, begin.out + out], [2, both.out]);
});

Deno.test({
  name: "exec: a stream that fails is told, and is no failure of ours",
  ignore: !hasFull,
  fn: async () => {
    const child = new Deno.Command("sh", {
      args: ["-c", 'exec "$@" >/dev/full', "sh", Deno.execPath(), ...command(["exec", ...LIFE])],
      stdout: "piped",
      stderr: "piped",
    });
    const { code, stderr } = await child.output();
    const err = new TextDecoder().decode(stderr);
    assertEquals(code, 64, err);
    assertMatch(err, /^error: cannot write standard output: No space left on device\n$/);
  },
});

Deno.test({
  name: "a listing that cannot be written is told, and is no failure of ours",
  ignore: !hasFull,
  fn: async () => {
    const child = new Deno.Command("sh", {
      args: ["-c", 'exec "$@" >/dev/full', "sh", Deno.execPath(), ...command(["list", "metrics"])],
      stdout: "piped",
      stderr: "piped",
    });
    const { code, stderr } = await child.output();
    assertEquals(code, 64);
    assertMatch(new TextDecoder().decode(stderr), /^error: cannot write the output: [^\n]*\n$/);
  },
});
