/** For every diagnostic a script that gets it, and the same script mended. Tests hold both to it. */
import { definePlugin, manifestProblems, type Plugin, PluginError } from "../../core/mod.ts";
import type { CodeName } from "../codes.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { load } from "../load.ts";
import type { Vocabulary } from "../vocabulary.ts";

/** One row. Lines are those of a scenario unless it is a whole file. */
export interface CodeExample {
  /** Gets the diagnostic. */
  readonly bad: string;
  /** Does not, and says what was meant; nothing where the language has no way to say it yet. */
  readonly good: string | undefined;
  /** The texts are whole files. */
  readonly whole?: true;
  /** Files it includes. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the modules of plugins it uses export, by their file's name. */
  readonly plugins?: Readonly<Record<string, unknown>>;
  /** Found by running, not by checking. */
  readonly runs?: true;
  /** The bad text is saved in another encoding. */
  readonly latin1?: true;
}

/** Something of the language this program does not do yet. */

/** A plugin. */
const SHARES = definePlugin({
  name: "shares",
  version: "1.0.0",
  api: "^1",
  contributes: {
    metrics: [{
      name: "stop_share",
      of: "checkpoint",
      unit: "ratio",
      help: "How much of the checkpoint the program stood still.",
      combine: "max",
      read: (ask) => Number(ask("downtime")) / Number(ask("elapsed")),
    }],
  },
});

/** A plugin with a metric that takes a random number, and one that does not. */
const CHANCY_MODULE = `import { definePlugin, metric } from "ckptlab";
const row = { of: "process", unit: "count", help: "Some number.", combine: "sum" } as const;
const late = metric({ ...row, name: "random", read: () => crypto.randomUUID().length });
const soon = metric({ ...row, name: "soon", read: (ask) => Number(ask("instructions")) });
const plugin = definePlugin({
  name: "chancy",
  version: "1.0.0",
  api: "^1",
  contributes: { metrics: [late, soon] },
});
export { plugin as default };
`;

const CHANCY = `ckpt 1
use "plugins/chancy.ts" as cow
scenario "an example" {
  node n0
  proc p0 on n0 runs counter
  expect p0.cow.metric > 0
}
`;

/** The table. */
export const CODE_EXAMPLES: Readonly<Record<CodeName, CodeExample>> = {
  CK0101: { bad: "seed 3;", good: "seed 3" },
  CK0102: { bad: 'at 1ms note "half way', good: 'at 1ms note "half way"' },
  CK0103: { bad: 'at 20sm note "x"', good: 'at 20ms note "x"' },
  CK0104: { bad: 'at 1ms note "C:\\qemu"', good: 'at 1ms note "C:\\\\qemu"' },
  CK0105: { bad: "// caf\u00e9", good: "// caf\u00e9", latin1: true },
  CK0106: {
    bad: `let a = ${"(".repeat(21)}1${")".repeat(21)}`,
    good: `let b = ${"(".repeat(10)}1${")".repeat(10)}\nlet a = ${"(".repeat(10)}b${
      ")".repeat(10)
    }`,
  },
  CK0107: {
    whole: true,
    bad: 'ckpt 1\ninclude "lib/machine.ckpt"\n',
    good: 'ckpt 1\ninclude "lib/machines.ckpt"\n',
    files: { "lib/machines.ckpt": "ckpt 1\nprofile small { ram: 4MiB }\n" },
  },
  CK0201: { bad: "cases { }", good: "cases { | n | | 1 | | 2 | }" },
  CK0202: { bad: "chekpointer concurrent_cow", good: "checkpointer concurrent_cow" },
  CK0203: { bad: "at 20ms chekpoint p0 as c1", good: "at 20ms checkpoint p0 as c1" },
  CK0204: { bad: "let a =\nseed 3", good: "let a = 1\nseed 3" },
  CK0205: { bad: "expect p0.exit = 0", good: "expect p0.exit == 0" },
  CK0206: { bad: "node n1 { clock: 200MHz\nseed 3", good: "node n1 { clock: 200MHz }\nseed 3" },
  CK0207: { bad: "node node", good: "node host" },
  CK0208: {
    whole: true,
    bad: "let limit = 20ms\n",
    good: "ckpt 1\nlet limit = 20ms\n",
  },
  CK0209: { whole: true, bad: "ckpt 2\n", good: "ckpt 1\n" },
  CK0301: { bad: "expect p1.exited", good: "expect p0.exited" },
  CK0302: { bad: "let p0 = 3", good: "let limit = 3" },
  CK0303: { bad: "checkpointer conccurrent_cow", good: "checkpointer concurrent_cow" },
  CK0304: { bad: "node n1 { clok: 200MHz }", good: "node n1 { clock: 200MHz }" },
  CK0305: { bad: "expect p0.exitd", good: "expect p0.exited" },
  CK0306: { bad: "at 1ms checkpoint n0", good: "at 1ms checkpoint p0" },
  CK0307: {
    bad: "at 1ms checkpoint p0 as c1\nat 2ms restart p0 from c2",
    good: "at 1ms checkpoint p0 as c1\nat 2ms restart p0 from c1",
  },
  CK0308: { bad: "let a = b\nlet b = a", good: "let a = b\nlet b = 1" },
  CK0309: {
    whole: true,
    bad: 'ckpt 1\ninclude "lib/circle.ckpt"\n',
    good: 'ckpt 1\ninclude "lib/machines.ckpt"\n',
    files: {
      "lib/circle.ckpt": 'ckpt 1\ninclude "circle.ckpt"\n',
      "lib/machines.ckpt": "ckpt 1\nprofile small { ram: 4MiB }\n",
    },
  },
  CK0401: { bad: "let a = 20ms + 4KiB", good: "let a = 20ms + 4us" },
  CK0402: { bad: 'expect p0.exit == "0"', good: "expect p0.exit == 0" },
  CK0403: { bad: "expect p0.run_time", good: "expect p0.run_time < 1s" },
  CK0404: { bad: "node n1 { ram: 4 }", good: "node n1 { ram: 4MiB }" },
  CK0405: {
    bad: "proc q[2] on n0 runs fft\nexpect q[2].exited",
    good: "proc q[2] on n0 runs fft\nexpect q[1].exited",
  },
  CK0406: {
    bad: "let f(a, b) = a + b\nexpect f(1) == 3",
    good: "let f(a, b) = a + b\nexpect f(1, 2) == 3",
  },
  CK0407: { bad: "let a = 1 / 0", good: "let a = 1 / 2" },
  CK0408: {
    bad: "proc p1 on n0 runs matmul { size: p0.exit }",
    good: "let size = 8\nproc p1 on n0 runs matmul { size: size }",
  },
  CK0409: {
    bad: "expect p0.run_time < 2ms within 5%",
    good: "expect p0.run_time == 2ms within 5%",
  },
  CK0410: {
    bad: `let a = 0x${"f".repeat(32)}\nlet b = ${Array(17).fill("a").join(" * ")}`,
    good: `let a = 0x${"f".repeat(32)}\nlet b = a * a`,
  },
  CK0411: { bad: "until undisturbed.p0.exited", good: "until p0.exited" },
  CK0412: {
    runs: true,
    bad: "when p0.crashes > 0 checkpoint p0 as c1\nexpect c1.committed",
    good: "at 1us checkpoint p0 as c1\nexpect c1.committed",
  },
  CK0501: { bad: "cases { | a | b | | 1 | }", good: "cases { | a | b | | 1 | 2 | }" },
  CK0502: { bad: "seed 1\nseed 2", good: "seed 1" },
  CK0503: {
    whole: true,
    bad: 'ckpt 1\nscenario "a" {\n  node n0\n  expect 1 == 1\n}\n',
    good:
      'ckpt 1\nscenario "a" {\n  node n0\n  proc p0 on n0 runs counter\n  expect p0.exited\n}\n',
  },
  CK0504: {
    whole: true,
    bad: 'ckpt 1\ninclude "lib/hidden.ckpt"\n',
    good: 'ckpt 1\ninclude "lib/machines.ckpt"\n',
    files: {
      "lib/hidden.ckpt":
        'ckpt 1\nscenario "a" {\n  node n0\n  proc p0 on n0 runs counter\n  expect p0.exited\n}\n',
      "lib/machines.ckpt": "ckpt 1\nprofile small { ram: 4MiB }\n",
    },
  },
  CK0505: {
    whole: true,
    bad: twoScenarios("a", "a"),
    good: twoScenarios("a", "b"),
  },
  CK0506: { bad: 'every 0ms note "x"', good: 'every 1ms note "x"' },
  CK0507: { bad: "every 1ms checkpoint p0 as c1", good: "every 1ms checkpoint p0" },
  CK0508: {
    bad: "checkpointer concurrent_cow\ncompare checkpointer { non = stop_the_world }",
    good: "compare checkpointer { non = stop_the_world  con = concurrent_cow }",
  },
  CK0509: {
    bad: "matrix { n in [1] exclude if n == 1 }",
    good: "matrix { n in [1, 2] exclude if n == 1 }",
  },
  CK0510: {
    bad: 'channel all { order: "any" }\nprotocol cls_flush',
    good: 'channel all { order: "any" }\nprotocol message_counting',
  },
  CK0601: {
    whole: true,
    bad: 'ckpt 1\nuse "plugins/for_another.ts" as cow\n',
    good: 'ckpt 1\nuse "plugins/shares.ts" as cow\n',
    plugins: { "shares.ts": SHARES, "for_another.ts": { ...SHARES, api: "^9" } },
  },
  CK0602: {
    whole: true,
    bad: 'ckpt 1\nuse "https://cow.example/mod.ts" as cow\n',
    good: 'ckpt 1\nuse "plugins/shares.ts" as cow\n',
    plugins: { "shares.ts": SHARES },
  },
  CK0603: {
    whole: true,
    bad: 'ckpt 1\nuse "plugins/no_version.ts" as cow\n',
    good: 'ckpt 1\nuse "plugins/shares.ts" as cow\n',
    plugins: { "shares.ts": SHARES, "no_version.ts": { ...SHARES, version: undefined } },
  },
  CK0610: {
    whole: true,
    runs: true,
    bad: CHANCY.replace("metric", "random"),
    good: CHANCY.replace("metric", "soon"),
    files: { "plugins/chancy.ts": CHANCY_MODULE },
  },
  CK0701: {
    runs: true,
    bad: "matrix { n in [1, 2] }\nlaw p0.exit == 0",
    good: "matrix { n in [1, 2, 3] }\nlaw p0.exit == 0",
  },
  CK0702: {
    whole: true,
    bad: 'ckpt 1\nscenario "a" {\n  node n0\n  proc p0 on n0 runs counter\n}\n',
    good:
      'ckpt 1\nscenario "a" {\n  node n0\n  proc p0 on n0 runs counter\n  expect p0.exit == 0\n}\n',
  },
  CK0704: {
    bad: 'at 60ms note "late"\nuntil time >= 50ms',
    good: 'at 40ms note "early"\nuntil time >= 50ms',
  },
  CK0705: {
    bad: "let slow = false\nexpect p0.exited if slow",
    good: "let slow = true\nexpect p0.exited if slow",
  },
  CK0703: { bad: "channel all { loss: 2% }", good: 'channel all { delivery: "lossy", loss: 2% }' },
};

function twoScenarios(...titles: readonly string[]): string {
  const each = titles.map((title) =>
    `scenario "${title}" { node n0  proc p0 on n0 runs counter  expect p0.exited }\n`
  );
  return `ckpt 1\n${each.join("")}`;
}

/** The lines of an example as a file. */
export function exampleScript(lines: string, whole: boolean): string {
  if (whole) return lines;
  const inside = lines.split("\n").map((line) => `  ${line}\n`).join("");
  return 'ckpt 1\nscenario "an example" {\n  node n0\n  proc p0 on n0 runs counter\n' +
    `${inside}  expect p0.exited\n}\n`;
}

/** The name of the file in what is said about an example. */
export const EXAMPLE_FILE = "example.ckpt";

const encode = (text: string, latin1: boolean): Uint8Array =>
  latin1 ? Uint8Array.from(text, (sign) => sign.charCodeAt(0)) : new TextEncoder().encode(text);

/** What checking says about one text of an example. */
export async function checkExample(
  { whole, files, plugins, latin1 }: CodeExample,
  text: string,
  vocabulary: Vocabulary,
  mended = false,
): Promise<readonly Diagnostic[]> {
  const main = encode(exampleScript(text, whole === true), latin1 === true && !mended);
  const { diagnostics } = await load(
    EXAMPLE_FILE,
    (path) => {
      if (path === EXAMPLE_FILE) return Promise.resolve(main);
      const found = files?.[path];
      if (found !== undefined) return Promise.resolve(encode(found, false));
      return Promise.reject(Object.assign(new Error(path), { name: "NotFound" }));
    },
    { vocabulary, overrides: { values: new Map(), used: new Set() } },
    (url) => {
      const found = plugins?.[url.slice(url.lastIndexOf("/") + 1)];
      const problems = manifestProblems(found);
      if (problems.length > 0) return Promise.reject(new PluginError(url, problems));
      return Promise.resolve(found as Plugin);
    },
  );
  return diagnostics;
}
