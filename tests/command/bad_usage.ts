/** Command lines that must be refused, and folders of vectors. */
import { EXIT } from "../../dsl/exit.ts";
import type { BadRow, More } from "./bad_row.ts";
import { imageFiles, takeImage } from "./images.ts";
import { encode } from "../../core/mod.ts";
import { guest } from "./workshop.ts";

const files = () => ({ "good.elf": guest("counter"), "file": "text\n" });

const SCRIPT = "ckpt 1\n" +
  'scenario "s" {\n  node n0\n  proc p0 on n0 runs matmul\n  expect p0.exited\n}\n';

const row = (args: string, says: string, more: More = {}): BadRow => ({
  name: `flags: ${args}`,
  args: args.split(" "),
  files,
  exit: EXIT.usage,
  says: says.split("|"),
  ...more,
});

const GOOD = "@/good.elf 2 10";
const holdsImage = (checkpointer: string): More => ({
  files: (folder) => ({
    ...files(),
    ...imageFiles("image", encode(takeImage(checkpointer, `${folder}/good.elf`))),
  }),
});
const HOLDS_IMAGE = holdsImage("stop-the-world");
/** One that leaves pages to its program. */
const NEEDS_PROGRAM = holdsImage("concurrent-cow");

const FLAGS: readonly BadRow[] = [
  row("frobnicate", "there is no file or folder 'frobnicate'", { child: true }),
  row("chek @/", "there is no file or folder 'chek'|did you mean 'check'?"),
  row("help frobnicate", "there is no command 'frobnicate'"),
  row("--frobnicate", "run has no flag '--frobnicate'"),
  row("--seed x @/", "--seed takes a whole number, git or random, not 'x'"),
  row("--max-time 5 @/", "--max-time takes a time such as 10s, not '5'"),
  row("--filter /[/ @/", "--filter /[/: ", {
    files: () => ({ "s.ckpt": SCRIPT }),
  }),
  row("--set a @/", "--set takes name=value, not 'a'"),
  row("--color red @/", "--color takes auto, always, never, not 'red'"),
  row("run --reporter junit:@/file/a/b.xml @/", "cannot write '@/file/a/b.xml': '@/file' is no", {
    files: () => ({ "s.ckpt": SCRIPT, "file": "text\n" }),
  }),
  row("run --out @/file/a @/", "--out @/file/a: cannot write there: '@/file' is no folder", {
    files: () => ({ "s.ckpt": SCRIPT, "file": "text\n" }),
  }),
  row("run --jit maybe @/", "--jit takes on, off, verify, not 'maybe'"),
  row("chart --jit maybe @/", "--jit takes on, off, verify, not 'maybe'"),
  row("list frobnicate", "there is no file or folder 'frobnicate'"),
  row("version 2", "version takes no arguments"),
  row("exec", "exec needs a program, or --restore with a folder", { child: true }),
  row(`exec --stat ${GOOD}`, "exec has no flag '--stat'|did you mean 'stats'?"),
  row(`exec --strace=yes ${GOOD}`, "--strace is a switch and takes no value"),
  row("exec --budget", "--budget needs a value: N"),
  row(`exec --budget many ${GOOD}`, "--budget takes a whole number, not 'many'"),
  row(`exec --budget=-5 ${GOOD}`, "--budget takes a whole number, not '-5'"),
  row(`exec --budget=1e3 ${GOOD}`, "--budget takes a whole number, not '1e3'"),
  row(`exec --budget 99999999999999999999 ${GOOD}`, "--budget takes a whole number"),
  row(`exec --jit maybe ${GOOD}`, "--jit takes on, off, verify, not 'maybe'", { child: true }),
  row(`exec --jit verfy ${GOOD}`, "--jit takes on, off, verify, not 'verfy'|mean 'verify'?"),
  row(`exec --jit= ${GOOD}`, "--jit needs a value: engines"),
  row(`exec --ranks 2 --jit none ${GOOD}`, "--jit takes on, off, verify, not 'none'"),
  row(`exec --env HOME ${GOOD}`, "--env takes name=value, not 'HOME'"),
  row(`exec --image @/new ${GOOD}`, "--image goes with --checkpoint-at"),
  row(`exec --checkpoint-at 9 ${GOOD}`, "--checkpoint-at goes with --image or --export"),
  row(`exec --export @/new.elf ${GOOD}`, "--export goes with --checkpoint-at or --restore"),
  row(`exec --checkpoint-at 9 --export @/ ${GOOD}`, "--export @/: it is a folder; name a file"),
  row(`exec --checkpoint-at 9 --export @/file/a ${GOOD}`, "--export @/file/a: |written there"),
  row(`exec --checkpoint-at 9 --export @/new.elf ${GOOD}`, "--export @/new.elf: nothing can be", {
    child: true,
    permissions: (folder) => ["--allow-read", "--allow-env", `--allow-write=${folder}/other`],
  }),
  row(`exec --checkpoint-at 9 --export /dev/null ${GOOD}`, "--export /dev/null: |no regular file"),
  row(
    `exec --checkpoint-at 9 --export @/good.elf ${GOOD}`,
    "--export @/good.elf: it is the program '@/good.elf' itself; name another file",
  ),
  row(
    "exec --restore @/image --export @/good.elf",
    "--export @/good.elf: it is the program '@/good.elf' itself",
    NEEDS_PROGRAM,
  ),
  row(
    "exec --restore @/image --checkpoint-at 2000 --export @/good.elf",
    "--export @/good.elf: it is the program '@/good.elf' itself",
    NEEDS_PROGRAM,
  ),
  row(
    "exec --restore @/image --export @/new.elf --stats",
    "--stats: with --restore and --export, but without --checkpoint-at, nothing is run",
    HOLDS_IMAGE,
  ),
  row(`exec --ranks 2 --export @/new.elf ${GOOD}`, "--export does not go with --ranks"),
  row(`exec --checkpoint-at 9 --image @/file ${GOOD}`, "--image @/file: '@/file' is no folder"),
  row(`exec --checkpoint-at 9 --image @/file/new ${GOOD}`, "--image @/file/new: |written there"),
  row(
    `exec --checkpoint-at 9 --image @/image ${GOOD}`,
    "--image @/image: the folder holds an image already; name another",
    HOLDS_IMAGE,
  ),
  row(`exec --checkpoint-at 9 --image @/new ${GOOD}`, "--image @/new: nothing can be written", {
    child: true,
    permissions: (folder) => ["--allow-read", "--allow-env", `--allow-write=${folder}/other`],
  }),
  row(
    `exec --checkpointer fast --checkpoint-at 9 --image @/new ${GOOD}`,
    "there is no checkpointer 'fast'",
  ),
  row(`exec --checkpointer concurrent-cow ${GOOD}`, "--checkpointer goes with --checkpoint-at"),
  row(`exec --compress ${GOOD}`, "--compress goes with --image"),
  row(`exec --replicas 3 ${GOOD}`, "--replicas goes with --image redis://host:port/name"),
  row(
    `exec --checkpoint-at 9 --image @/i --replicas 3 ${GOOD}`,
    "--replicas goes with --image redis://host:port/name",
  ),
  row(`exec --ranks 2 --replicas 3 ${GOOD}`, "--replicas does not go with --ranks"),
  row(`exec --checkpoint-at 9 --image redis://h:99999/x ${GOOD}`, "'redis://h:99999/x'"),
  row(`exec --mount data ${GOOD}`, "--mount takes name=value, not 'data'"),
  row(`exec --mount /data=@/none ${GOOD}`, "--mount /data=@/none: there is no '@/none'"),
  row(`exec --mount /data= ${GOOD}`, "--mount /data=: there is no ''"),
  row(`exec --mount /zero=/dev/zero ${GOOD}`, "there is no '/dev/zero' that is a file or folder"),
  row(`exec --mount /=@/ ${GOOD}`, "must be an absolute path below '/'", { child: true }),
  row(`exec --mount data=@/ ${GOOD}`, "must be an absolute path below '/'"),
  row(`exec --mount /a/../b=@/ ${GOOD}`, "must be an absolute path below '/'"),
  row(`exec --mount /dev/null/x=@/ ${GOOD}`, "'/dev' holds the devices"),
  row(`exec --mount /a=@/ --mount /a/b=@/file ${GOOD}`, "'/a' is mounted already"),
  row(`exec --mount /a/b=@/ --mount /a=@/file ${GOOD}`, "'/a/b' is mounted already"),
  row("exec --restore", "--restore needs a value: folder"),
  row(`exec --restore @/image ${GOOD}`, "with --restore the image names its program", HOLDS_IMAGE),
  row("exec --restore @/image --env A=b", "--env: with --restore the image has", HOLDS_IMAGE),
  row(
    "exec --restore @/image --checkpoint-at 9 --image @/new",
    "--checkpoint-at 9: the program of the image has run 1000 instructions already",
    HOLDS_IMAGE,
  ),
];

const NAME = "0110nnnnmmmm0110_sz0_pr0.bin";

const vectors = (name: string, args: string, says: string, more: More = {}): BadRow => ({
  ...row(args, says, more),
  name: `vectors: ${name}`,
});

const report = (what: RegExp): RegExp =>
  new RegExp(`^FAILED .*${what.source}.*\\n1 files\\n0 passed, 1 failed\\n$`);

/** A file that cannot be read is a failure of its own, told in the report. */
const failing = { exit: EXIT.failed, errors: 0 } as const;

const VECTORS: readonly BadRow[] = [
  vectors("no folder named", "vectors", "vectors takes one folder"),
  vectors("two folders", "vectors @/a @/b", "vectors takes one folder"),
  vectors("no such engines", "vectors --jit maybe @/v", "--jit takes on, off, verify, not 'maybe'"),
  vectors("no engines", "vectors --jit", "--jit needs a value: engines"),
  vectors("no such folder for a machine", "vectors --jit on @/none", "there is no folder '@/none'"),
  vectors("no such folder", "vectors @/none", "there is no folder '@/none' with vectors"),
  vectors("a file", "vectors @/file", "there is no folder '@/file' with vectors", { child: true }),
  vectors("an empty folder", "vectors @/empty", "'@/empty' holds no vectors", {
    files: () => ({ empty: undefined }),
    exit: EXIT.nothing,
  }),
  vectors("a truncated file", "vectors @/v", "", {
    ...failing,
    files: () => ({ [`v/${NAME}`]: new Uint8Array(100) }),
    prints: report(/expected .* found /),
  }),
  vectors("a truncated file for a machine", "vectors --jit verify @/v", "", {
    ...failing,
    files: () => ({ [`v/${NAME}`]: new Uint8Array(100) }),
    prints: /^FAILED .*expected .* found [^]*\n0 passed, 1 failed\n$/,
  }),
  vectors("a garbled file", "vectors @/v", "", {
    ...failing,
    files: () => ({ [`v/${NAME}`]: "garbage\n".repeat(1000) }),
    prints: report(/expected .*/),
  }),
  vectors("a file of another name", "vectors @/v", "", {
    ...failing,
    files: () => ({ "v/some.bin": new Uint8Array(100) }),
    prints: report(/some.bin: expected a name such as/),
  }),
  vectors("not permitted", "vectors @/v", "cannot read '@/v': ", {
    files: () => ({ [`v/${NAME}`]: new Uint8Array(100) }),
    child: true,
    permissions: () => ["--allow-env"],
  }),
];

export const BAD_USAGE: readonly BadRow[] = [...FLAGS, ...VECTORS];
