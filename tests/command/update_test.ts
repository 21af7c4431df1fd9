/** `run --update`: fingerprints in scripts are brought up to date, exactly they, and only where all else holds. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FINGERPRINTS } from "../../core/mod.ts";
import type { Host } from "../../dsl/cli.ts";
import { type Files, inProcess, prepare, temporary } from "./workshop.ts";

const RING = "  node n[2] { ram: 4MiB }\n  proc p[2] on n runs ring\n" +
  "  at 100us checkpoint all as c\n";

const scenario = (...lines: readonly string[]): string =>
  `scenario "golden" {\n${lines.map((line) => `  ${line}\n`).join("")}${RING}}\n`;

const scriptOf = (claims: readonly string[], setup: readonly string[] = []): string =>
  `ckpt 1\n${scenario(...setup)}`.replace(
    /}\n$/,
    `${claims.map((one) => `  ${one}\n`).join("")}}\n`,
  );

const TRACE = 'expect cluster.fingerprint("trace") == "old"';

/** A folder with a script, and the command on it. */
function withScript(script: string | Uint8Array, change: Partial<Host> = {}, files: Files = {}) {
  const folder = temporary();
  prepare(folder.path, { ...files, "g.ckpt": script });
  const path = `${folder.path}/g.ckpt`;
  return {
    path,
    bytes: () => Deno.readFileSync(path),
    text: () => Deno.readTextFileSync(path),
    run: (...flags: readonly string[]) =>
      inProcess(["run", "--out", `${folder.path}/out`, ...flags, path], change),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

Deno.test("-u writes what the fingerprints are, and nothing else of the file changes", async () => {
  const lines = FINGERPRINTS.map(({ name }, n) =>
    n % 2 === 0
      ? `expect   cluster.fingerprint("${name}") == "old"  // "old" ${name}`
      : `expect ("" == (cluster.fingerprint("${name}"))) as "${name} \u{1f300}"`
  );
  const text = "\uFEFF" + scriptOf(lines).replaceAll("\n", "\r\n") + "// no line end";
  using here = withScript(text);
  const { code, out, err } = await here.run("-u");
  assertEquals(code, 0, out + err);
  assertStringIncludes(out, "1 scenario: 1 hold");
  const now = here.text();
  const values = [...now.matchAll(/"([0-9a-f]{16})"/g)].map(([, value]) => value);
  assertEquals(new Set(values).size, FINGERPRINTS.length);
  let n = 0;
  const expected = text.replaceAll(/(?<=== )"old"|(?<=\()""(?= ==)/g, () => `"${values[n++]}"`);
  assertEquals(n, FINGERPRINTS.length);
  assertEquals(here.bytes(), new TextEncoder().encode(expected));
  for (const value of values) {
    assertMatch(err, RegExp(`g\\.ckpt:\\d+:\\d+ .* is "${value}" now, and`));
  }
});

Deno.test("brought up to date a script holds, with Workers too, and another -u changes nothing", async () => {
  using here = withScript(scriptOf([TRACE]));
  await here.run("--update");
  const before = here.text();
  for (const flags of [[], ["--workers", "auto"], ["--jobs", "2"]]) {
    assertEquals((await here.run(...flags)).code, 0);
  }
  const { code, err } = await here.run("-u");
  assertEquals([code, here.text()], [0, before]);
  assertStringIncludes(err, "update: every fingerprint is as it was");
});

Deno.test("what is golden in one alternative is written for it alone", async () => {
  using here = withScript(scriptOf(
    [
      'expect non.cluster.fingerprint("trace") == "a"',
      'expect con.cluster.fingerprint("trace") == "b"',
      'expect cluster.fingerprint("output") == "c"',
    ],
    ["compare checkpointer {", "non = stop_the_world", "con = concurrent_cow", "}"],
  ));
  const { code, err } = await here.run("-u");
  assertEquals(code, 0, err);
  const [one, other, both] = [...here.text().matchAll(/== "(\w{16})"/g)].map(([, value]) => value);
  assert(one !== other && both !== undefined);
});

/** What stays as it is: the claims, the lines before, the flags, what is said, the exit code. */
const LEFT: Readonly<
  Record<string, {
    readonly claims: readonly string[];
    readonly setup?: readonly string[];
    readonly flags?: readonly string[];
    readonly said: RegExp;
    readonly code: number;
  }>
> = {
  "where another claim fails": {
    claims: [TRACE, "expect p.crashes == 1"],
    said: /g\.ckpt:\d+:\d+ stays as it is: the scenario does not hold otherwise/,
    code: 1,
  },
  "where something is unknown": {
    claims: [TRACE, "expect c9.committed"],
    setup: ["when p[0].crashes > 0 checkpoint p[0] as c9"],
    said: /stays as it is: the scenario does not hold otherwise/,
    code: 1,
  },
  "where its cases differ": {
    claims: [TRACE],
    setup: [
      "matrix { x in [1MHz, 2MHz] }",
      "node other { clock: x }",
      "proc q on other runs counter",
    ],
    said: /stays as it is: it is judged of 2 runs that differ/,
    code: 1,
  },
  "where only some cases were run": {
    claims: [TRACE],
    setup: ["matrix { x in [1, 2] }"],
    flags: ["--filter", "x=1"],
    said: /stays as it is: only 1 of its 2 cases were run/,
    code: 1,
  },
  "where there are many runs": {
    claims: [TRACE],
    setup: ["explore { seeds: 1..2, strategy: random }"],
    said: /stays as it is: a search is many runs/,
    code: 1,
  },
  "where it was never judged": {
    claims: [`${TRACE} if p.crashes > 3`],
    said: /stays as it is: the scenario does not hold otherwise/,
    code: 2,
  },
  "a text that is no literal": {
    claims: ['expect cluster.fingerprint("trace") == golden'],
    setup: ['let golden = "old"'],
    said: /update: no claim compares a fingerprint with a text/,
    code: 1,
  },
  "another comparison": {
    claims: ['expect never cluster.fingerprint("trace") == "old"', 'expect p[0].node == "old"'],
    said: /update: no claim compares a fingerprint with a text/,
    code: 1,
  },
};

for (const [what, { claims, setup = [], flags = [], said, code: wanted }] of Object.entries(LEFT)) {
  Deno.test(`${what}, a script stays as it is`, async () => {
    const script = scriptOf(claims, setup);
    using here = withScript(script);
    const { code, out, err } = await here.run("-u", ...flags);
    assertMatch(err, said);
    assertEquals([code, here.text()], [wanted, script], out + err);
  });
}

/** What is refused before anything is run: what surrounds the command, the flags, what is said. */
const REFUSED: readonly (readonly [Partial<Host>, readonly string[], RegExp])[] = [
  [{ environment: { CI: "true" } }, [], /--update is refused where CI is set/],
  [
    { cannotWrite: (path) => path.endsWith(".ckpt") ? "it is sealed" : undefined },
    [],
    /--update: cannot write '.*g\.ckpt': it is sealed/,
  ],
  [{}, ["--seed", "3"], /--update and --seed exclude each other/],
  [{}, ["--set", "x=3"], /--update and --set exclude each other/],
  [{}, ["--shard", "1/2"], /--update and --shard exclude each other/],
  [{}, ["--watch"], /--update and --watch exclude each other/],
  [{}, ["--dry-run"], /--update and --dry-run exclude each other/],
  [{}, ["--bail"], /--update and --bail exclude each other/],
  [{}, ["--reporter", "prety"], /did you mean 'pretty'/],
];

for (const [change, flags, said] of REFUSED) {
  Deno.test(`-u ${flags.join(" ")}: refused (${said.source}), and nothing is written`, async () => {
    using here = withScript(scriptOf([TRACE]), change);
    const { code, out, err } = await here.run("-u", ...flags);
    assertMatch(err, said);
    assertEquals([code, out, here.text()], [64, "", scriptOf([TRACE])]);
  });
}

Deno.test("a script that was changed while it ran is left to who changed it", async () => {
  let reads = 0;
  const text = scriptOf([TRACE]);
  const readFile = () =>
    Promise.resolve(new TextEncoder().encode(reads++ > 1 ? `${text}// mine` : text));
  using here = withScript(text, { readFile });
  const { code, err } = await here.run("-u", "--jobs", "1");
  assertMatch(err, /--update: '.*g\.ckpt' has changed meanwhile/);
  assertEquals([code, here.text()], [64, text]);
});

Deno.test("a run that is interrupted writes nothing", async () => {
  using here = withScript(scriptOf([TRACE]), { interrupted: () => true });
  const { code } = await here.run("-u");
  assertEquals([code, here.text()], [130, scriptOf([TRACE])]);
});

Deno.test("nor does one that is interrupted when all cells are done", async () => {
  let asked = 0, written = 0;
  using whole = withScript(scriptOf([TRACE]), {
    interrupted: () => ++asked < 0,
    stderr: (text) => void (written ||= text.includes(" now, and was ") ? asked : 0),
  });
  assertEquals((await whole.run("-u", "--jobs", "1")).code, 0);
  assert(written > 2, "it was asked meanwhile");
  asked = 0;
  using here = withScript(scriptOf([TRACE]), { interrupted: () => ++asked >= written });
  const { code } = await here.run("-u", "--jobs", "1");
  assertEquals([code, here.text()], [130, scriptOf([TRACE])]);
});

Deno.test("a fingerprint sees its part of a run, and no other", async () => {
  const parts = FINGERPRINTS.map(({ name }) => name);
  const same = (view: string, ...names: readonly string[]) =>
    parts.map((part) =>
      `expect ${view}.cluster.fingerprint("${part}") ${names.includes(part) ? "==" : "!="} ` +
      `undisturbed.cluster.fingerprint("${part}") as "${part}"`
    );
  // Checkpointing costs time and control messages; the program does the same.
  using still = withScript(scriptOf(
    same("non", "messages", "output", "memory"),
    ["protocol message_counting", "compare checkpointer {", "non = stop_the_world", "}"],
  ));
  const checkpointed = await still.run();
  assertEquals(checkpointed.code, 0, checkpointed.out + checkpointed.err);
});
