/** `exec --export` as its users see it: a file that is started by the kernel here. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { EXIT } from "../../dsl/exit.ts";
import { callsProgram, INTO } from "../core/image/frozen_programs.ts";
import { tinyElf } from "../core/kernel/tiny_elf.ts";
import { guestPath, inChild, listing, prepare, temporary } from "./workshop.ts";

const COUNTER = guestPath("counter");
const LIFE = [COUNTER, "6", "1000"] as const;
const WHOLE = [1, 2, 3, 4, 5, 6].map((n) => `tick ${n}\n`).join("");

Deno.test("exec: --export makes an executable of a checkpoint, and --restore one of its image", async () => {
  using folder = temporary();
  const [image, direct, later] = ["image", "direct.elf", "sub/later.elf"].map((name) =>
    `${folder.path}/${name}`
  ) as [string, string, string];
  const begin = await inChild(["exec", "--budget", "8000", ...LIFE]);
  const flags = ["--checkpoint-at", "8000", "--image", image, "--export", direct];
  const whole = await inChild(["exec", ...flags, ...LIFE]);
  assertEquals([whole.code, whole.out], [0, WHOLE], "it runs on after its checkpoint");
  assertMatch(
    whole.err,
    /\nexecutable in '.*direct\.elf': \d+ bytes, \d+ pages; the first 0 bytes of standard input/,
  );
  const turned = await inChild(["exec", "--restore", image, "--export", later]);
  assertEquals([turned.code, turned.out], [0, ""], "nothing is run");
  assertMatch(turned.err, /^executable in '.*sub\/later\.elf': .*\n$/);
  assertEquals(Deno.readFileSync(later), Deno.readFileSync(direct));
  assert(((Deno.statSync(direct).mode ?? 0o100) & 0o100) !== 0, "it may be started");
  const rest = WHOLE.slice(begin.out.length);
  assertEquals(await inChild(["exec", direct]), { code: 0, out: rest, err: "" });
});

Deno.test("exec: --restore, --checkpoint-at and --export go on to where it is frozen", async () => {
  using folder = temporary();
  const [image, file] = [`${folder.path}/image`, `${folder.path}/frozen.elf`];
  await inChild(["exec", "--checkpoint-at", "3000", "--image", image, ...LIFE]);
  const begin = await inChild(["exec", "--budget", "9000", ...LIFE]);
  await inChild(["exec", "--restore", image, "--checkpoint-at", "9000", "--export", file]);
  assertEquals((await inChild(["exec", file])).out, WHOLE.slice(begin.out.length));
});

Deno.test("exec: what was read of standard input need not be given again", async () => {
  using folder = temporary();
  const file = `${folder.path}/frozen.elf`;
  const flags = ["--checkpoint-at", "1500", "--export", file];
  const input = "a\nb\nc\nd\n";
  const whole = await inChild(["exec", ...flags, guestPath("echo")], { input });
  assertMatch(whole.err, /the first 8 bytes of standard input have been read\n$/);
  const { code, out } = await inChild(["exec", file], { input: "e\nf\n" });
  assertEquals([code, out.slice(-10)], [0, "5: e\n6: f\n"]);
});

Deno.test("exec: who gives a frozen program its input is told that it reads all of it first", async () => {
  using folder = temporary();
  const file = `${folder.path}/frozen.elf`;
  // It reads six bytes in pieces of four.
  const pieces = [0, 4, 8].flatMap((at) => [[3, 0, INTO(at), 4], [4, 1, INTO(at), 4]]);
  const reader = callsProgram([...pieces, [1, 0]], []);
  prepare(folder.path, { "reader.elf": reader });
  const flags = ["--checkpoint-at", "45", "--export", file, `${folder.path}/reader.elf`];
  const { err } = await inChild(["exec", ...flags], { input: "abcdef" });
  assertMatch(
    err,
    /the first 6 bytes of .* have been read; it reads all the rest, to the end, before it goes on\n$/,
  );
  const { code, out } = await inChild(["exec", file], { input: "ghijkl" });
  assertEquals([code, out.slice(-8)], [0, "efghijkl"]);
});

Deno.test("exec: --export does not replace a pipe", async () => {
  using folder = temporary();
  const pipe = `${folder.path}/pipe`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  const { code, err } = await inChild([
    "exec",
    "--checkpoint-at",
    "8000",
    "--export",
    pipe,
    ...LIFE,
  ]);
  assertEquals(code, EXIT.usage);
  assertMatch(
    err,
    /^error: --export .*: it is a device, pipe or socket and no regular file; .*\n$/,
  );
  assertEquals(Deno.statSync(pipe).isFifo, true);
});

Deno.test("exec: --export does not replace the program by another name of it", async () => {
  using folder = temporary();
  const [program, other] = [`${folder.path}/program.elf`, `${folder.path}/other.elf`];
  prepare(folder.path, { "program.elf": Deno.readFileSync(COUNTER) });
  Deno.symlinkSync(program, other);
  const before = listing(folder.path);
  const { code, err } = await inChild(
    ["exec", "--checkpoint-at", "8000", "--export", other, program, "6", "1000"],
  );
  assertEquals(code, EXIT.usage);
  assertMatch(
    err,
    /^error: --export .*other\.elf: it is the program '.*program\.elf' itself; .*\n$/,
  );
  assertEquals(listing(folder.path), before);
});

Deno.test("exec: what cannot be exported is refused by name, and leaves no file", async () => {
  using folder = temporary();
  // creat("f"), and a turn for ever.
  const lines = [
    ...["mov #64,r4", "shll16 r4", "mov #32,r0", "shll8 r0", "or r0,r4", "mov #0,r5"],
    ...["mov #8,r3", "trapa #31", `bra ${0x400080 + 16}`, "nop"],
  ];
  const name = new TextEncoder().encode("/tmp/notes\0");
  prepare(folder.path, { "writer.elf": tinyElf(lines, name).bytes });
  const before = listing(folder.path);
  const flags = ["--checkpoint-at", "100", "--export", `${folder.path}/frozen.elf`];
  const { code, out, err } = await inChild(["exec", ...flags, `${folder.path}/writer.elf`]);
  assertEquals([code, out], [3, ""]);
  assertMatch(
    err,
    /^error: the process cannot become an executable \(own-file\): it has a file of its own, .*\n$/,
  );
  assertEquals(listing(folder.path), before);
});
