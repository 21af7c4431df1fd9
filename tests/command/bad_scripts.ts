/** Scripts that must be refused. The language's own table of them is `tests/dsl/bad_scripts.ts`. */
import { EXIT } from "../../dsl/exit.ts";
import type { BadRow, More } from "./bad_row.ts";
import { guest } from "./workshop.ts";

const COUNTS = /^\d+ files, \d+ scenarios: \d+ errors, \d+ warnings\n$/;
const SUMMARY = /^0 scenarios: 0 hold, 1 file with errors\n$/;

/** A sound scenario around some lines, the first of which is line 5. */
const scene = (...lines: readonly string[]): string =>
  [
    "ckpt 1",
    'scenario "s" {',
    "  node n0",
    "  proc p0 on n0 runs matmul",
    ...lines.map((line) => `  ${line}`),
    "  expect p0.exited",
    "}",
    "",
  ].join("\n");

const row = (
  name: string,
  says: string,
  text: string | Uint8Array,
  more: More = {},
): BadRow => ({
  name: `script: ${name}`,
  args: ["check", "@/bad.ckpt"],
  files: () => ({ "bad.ckpt": text }),
  exit: EXIT.script,
  prints: COUNTS,
  says: says.split("|"),
  ...more,
});

const including = (name: string): string => `ckpt 1\ninclude "${name}.ckpt"\n`;

const badText = new TextEncoder().encode('ckpt 1\nlet a = "ab"\n');
badText[16] = 0xff;

export const BAD_SCRIPTS: readonly BadRow[] = [
  row("empty", "@/bad.ckpt:1:1 error CK0208|first line must be 'ckpt 1'", ""),
  row("an ELF file", "@/bad.ckpt:1:1 error CK0101|U+007F", guest("echo").subarray(0, 4), {
    errors: 3,
  }),
  row("bytes that are no UTF-8", "@/bad.ckpt:2:10 error CK0105|no UTF-8", badText),
  row("another version", "@/bad.ckpt:1:6 error CK0209", "ckpt 2\n"),
  row(
    "a misspelled action",
    "@/bad.ckpt:5:11 error CK0203|did you mean 'checkpoint'?",
    scene(
      "at 20ms chekpoint p0 as c1",
    ),
  ),
  row("a brace too few", ":3:10 error CK0206", 'ckpt 1\nscenario "a" {\n  node n0\n'),
  row("an open text", ":5:15 error CK0102", scene('at 1ms note "half')),
  row("no value", ":6:3 error CK0204", scene("let a =")),
  row("unlike units", ":2:9 error CK0401: cannot add a time", "ckpt 1\nlet a = 20ms + 4KiB\n", {
    args: ["run", "@/bad.ckpt"],
    prints: SUMMARY,
    child: true,
  }),
  row("an unknown unit", ":5:6 error CK0103", scene('at 20sm note "x"')),
  row("an option out of range", ":5:19 error CK0404", scene("node n1 { cpus: 3 }")),
  row("an unknown process", ":5:21 error CK0301|q0", scene("at 1ms checkpoint q0")),
  row(
    "an unknown workload",
    ":5:22 error CK0303|did you mean 'matmul'?",
    scene(
      "proc p1 on n0 runs matmull",
    ),
  ),
  row("an unknown metric", ":5:13 error CK0305|did you mean 'exited'?", scene("expect p0.exitd")),
  row("a name twice", ":5:8 error CK0302", scene("proc p0 on n0 runs fft")),
  row(
    "an unknown storage",
    ":5:11 error CK0303|did you mean 'local'?",
    scene("storage loca { retain: 2 }"),
  ),
  row(
    "a missing include",
    ":2:9 error CK0107|@/none.ckpt|there is no such file",
    including("none"),
  ),
  row("an include of itself", ":2:9 error CK0309|includes itself", including("bad")),
  row("a folder of that name", "nothing to run: no scenario in @/bad.ckpt", "", {
    args: ["run", "@/bad.ckpt"],
    files: () => ({ "bad.ckpt": undefined }),
    exit: EXIT.nothing,
    prints: /^$/,
  }),
  row("an empty folder", "nothing to run: no scenario in @/empty", "", {
    args: ["@/empty"],
    files: () => ({ empty: undefined }),
    exit: EXIT.nothing,
    prints: /^$/,
    child: true,
  }),
  row("no such file", "there is no file or folder '@/none.ckpt'", "", {
    args: ["@/none.ckpt"],
    exit: EXIT.usage,
    prints: /^$/,
  }),
  row("a file of another kind", "'@/bad.txt' is no .ckpt file and no folder", "", {
    args: ["@/bad.txt"],
    files: () => ({ "bad.txt": "ckpt 1\n" }),
    exit: EXIT.usage,
    prints: /^$/,
  }),
];
