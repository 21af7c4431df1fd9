/** What decides whether a change lands: what could not be checked does not count as passed. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { SKIPPED } from "./skipped.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Runs a command to its end. */
function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = new Deno.Command(command, {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  }).outputSync();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** What the checks come to, in a shell of their own: its last lines and its exit code. */
function checks(...lines: readonly string[]) {
  const script = ["source .ci/check", ...lines, "summary"].join("\n");
  const { code, out, err } = run("bash", ["-uo", "pipefail", "-c", script]);
  assertEquals(err, "");
  return { code, out, last: out.trimEnd().split("\n").at(-1) };
}

/** What checks come to: the lines, the sum and whether it may land. */
const SUMS:
  readonly (readonly [why: string, lines: readonly string[], sum: string, code: 0 | 1])[] = [
    ["what ends with 0 has passed", ["check a true"], "1 passed, 0 failed", 0],
    ["anything else has failed", ["check a true", "check b false"], "1 passed, 1 failed", 1],
    [
      "a command's own sum is added",
      ["check a echo '4 passed, 0 failed'", "check b true"],
      "5 passed, 0 failed",
      0,
    ],
    [
      "the sum of a command that fails has a failure",
      ["check a sh -c 'echo 4 passed, 0 failed; exit 3'"],
      "4 passed, 1 failed",
      1,
    ],
    [
      "its own failures are no other ones",
      ["check a sh -c 'echo 4 passed, 2 failed; exit 1'"],
      "4 passed, 2 failed",
      1,
    ],
    ["what is skipped counts as nothing", ["check a sh -c 'exit 77'"], "0 passed, 0 failed", 0],
    [
      "a failure that is wanted is none",
      ["check a exits 3 sh -c 'exit 3'"],
      "1 passed, 0 failed",
      0,
    ],
    ["another failure is one", ["check a exits 3 sh -c 'exit 70'"], "0 passed, 1 failed", 1],
    ["and so is success", ["check a exits 3 true"], "0 passed, 1 failed", 1],
  ];

for (const [why, lines, sum, code] of SUMS) {
  Deno.test(`CI: ${why}`, () => {
    const found = checks(...lines);
    assertEquals([found.last, found.code], [sum, code], found.out);
  });

  Deno.test(`CI, beside each other: ${why}`, () => {
    const besides = lines.map((line) => line.replace(/^check/, "beside"));
    const found = checks(...besides, "together");
    assertEquals([found.last, found.code], [sum, code], found.out);
  });
}

Deno.test("CI: checks run beside each other, and are told in the order of their beginning", () => {
  const { out, last } = checks(
    "lanes=2",
    "flag=$(mktemp -u)",
    'beside "who waits" sh -c "until [ -e $flag ]; do sleep 0.05; done; echo it came"',
    'beside "who is waited for" touch "$flag"',
    "beside third false",
    "together",
    'rm "$flag"',
  );
  assertEquals(last, "2 passed, 1 failed");
  const told = [...out.matchAll(/^-- (.*) in \d+ s$/gm)].map(([, line]) => line);
  assertEquals(told, ["who waits: ok", "who is waited for: ok", "third: FAILED"]);
  assertStringIncludes(out, "== who waits\nit came\n");
});

Deno.test("CI: a check of which nothing is heard has failed", () => {
  // The shell says on its own that one of its was killed.
  const { last } = checks("exec 2>/dev/null", "beside lost sh -c 'kill -9 $PPID'", "together");
  assertEquals(last, "0 passed, 1 failed");
});

Deno.test("CI: what is skipped is told at the end, with its reason", () => {
  const { out } = checks(
    `check "the moon" sh -c 'echo skipped: it is new; exit ${SKIPPED}'`,
    "skip 'the sun' 'it is night'",
    "check stars sh -c 'echo skipped: half of them; echo 3 passed, 0 failed'",
    "check 'a comet' sh -c 'exit 77'",
    "check 'the earth' true",
  );
  assertStringIncludes(out, "-- the moon: skipped in ");
  const told = [
    "skipped: the moon: it is new",
    "skipped: the sun: it is night",
    "skipped: stars: half of them",
    "skipped: a comet: it does not say why",
    "4 passed, 0 failed",
  ];
  assertStringIncludes(out, `\n\n${told.join("\n")}\n`);
});

const script = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Runs a script of the tests. */
const deno = (path: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
  run(Deno.execPath(), ["run", "--no-check", "--allow-all", script(path), ...args], env);

Deno.test("CI: without Neovim its check is skipped", () => {
  const { code, out } = deno("./oracle/neovim.ts", [], { PATH: "/nowhere" });
  assertEquals([code, out], [SKIPPED, "skipped: Neovim is not installed\n"]);
});

Deno.test("CI: without a browser the check of pages is skipped", () => {
  const page = script("./ci_test.ts");
  const { code, out } = deno("./html/check.ts", [page], { CHROMIUM: "/nowhere" });
  assertEquals(code, SKIPPED);
  assertStringIncludes(out, "skipped: no Chromium at /nowhere");
});

for (
  const [what, args] of [["no page is named", []], ["'nothing.html'", ["nothing.html"]]] as const
) {
  Deno.test(`CI: the check of pages is used wrongly: ${what}`, () => {
    const { code, err } = deno("./html/check.ts", args, { CHROMIUM: "/nowhere" });
    assertEquals(code, 64);
    assertStringIncludes(err, what);
    assertStringIncludes(err, "usage: check.ts");
  });
}
