import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { JITS } from "../../core/mod.ts";
import { COMMANDS, main } from "../../dsl/cli.ts";
import { exitCode } from "../../dsl/exit.ts";
import type { Host } from "../../dsl/host.ts";
import { fakeHost } from "./fake.ts";
import { assertGolden } from "./golden.ts";

const scenario = (title: string, claim: string, more = ""): string =>
  `scenario "${title}" ${more} {\n  node n0\n  proc p0 on n0 runs matmul { size: 10 }\n` +
  `  at 5ms checkpoint p0 as c1\n  expect ${claim}\n}\n`;

const GOOD = "ckpt 1\n" + scenario("good", "p0.exited", "@smoke");
const FAILS = "ckpt 1\nlet most = 5ms\n" + scenario("fails", 'p0.run_time <= most as "short"');
const UNKNOWN = "ckpt 1\n" + scenario("unknown", "c9.committed").replace(
  "  expect",
  "  when p0.crashes > 0 checkpoint p0 as c9\n  expect",
);
const BROKEN = "ckpt 1\n" + scenario("broken", "p0.exitd");
const CASES = `ckpt 1\nscenario "cases" @slow {
  cases {
    | n  |
    | 10 |
    | 20 |
    | 30 |
  }
  node n0
  proc p0 on n0 runs matmul { size: n }
  expect p0.run_time <= 20ms
}
`;

const FILES = {
  "scenarios/1.ckpt": GOOD,
  "scenarios/2.ckpt": FAILS,
  "scenarios/deep/3.ckpt": UNKNOWN,
  "scenarios/lib/shared.ckpt": "ckpt 1\nlet shared = 1\n",
  "scenarios/.hidden/x.ckpt": BROKEN,
  "scenarios/README.md": "no script",
  "cases.ckpt": CASES,
  "broken.ckpt": BROKEN,
  "good.ckpt": GOOD,
  "explodes.ckpt": GOOD.replace("matmul { size: 10 }", "explodes"),
  "worker.ckpt": GOOD.replace("matmul { size: 10 }", "loses_its_worker"),
  "program.elf": "ELF",
};

async function command(args: string, change: Partial<Host> = {}) {
  const captured = fakeHost(FILES, change);
  const words = args.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', "")) ?? [];
  const code = await main(words, captured.host);
  const { out, err, requests, written } = captured;
  return { code, out: out(), err: err(), requests, written };
}

const CODES: readonly (readonly [string, number])[] = [
  ["good.ckpt", 0],
  ["run good.ckpt", 0],
  ["run scenarios/2.ckpt", 1],
  ["run scenarios/deep", 2],
  ["run broken.ckpt", 3],
  ["run broken.ckpt scenarios/2.ckpt", 3],
  ["run scenarios", 1],
  ["", 1],
  ["run scenarios/lib", 6],
  ["run good.ckpt --filter nothing", 6],
  ["run good.ckpt --tag slow", 6],
  ["run good.ckpt --tag smoke", 0],
  ["run scenarios --tag=-smoke --filter good", 6],
  ["run scenarios/2.ckpt --set most=20ms", 0],
  ["run scenarios --bail", 1],
  ["run cases.ckpt --filter n=10", 0],
  ["run cases.ckpt --filter /n=[12]0/", 0],
  ["run cases.ckpt", 1],
  ["run cases.ckpt --set n=5", 0],
  ["run good.ckpt --max-time 1ms", 2],
  ["run good.ckpt --workers auto", 0],
  ["run good.ckpt --workers 0", 0],
  ["run explodes.ckpt", 70],
  ["run worker.ckpt", 71],
  ["check scenarios good.ckpt", 0],
  ["check broken.ckpt", 3],
  ["check scenarios/lib", 0],
  ["list", 0],
  ["list broken.ckpt", 3],
  ["list scenarios/lib", 6],
  ["list statements", 0],
  ["list protocols", 0],
  ["list channel", 0],
  ["list scenarios good.ckpt", 0],
  ["version", 0],
  ["--version", 0],
  ["help", 0],
  ["help run", 0],
  ["--help", 0],
  ["-h", 0],
  ["exec --help", 0],
];

for (const [args, wanted] of CODES) {
  Deno.test(`'${args}' ends with ${wanted}`, async () => {
    const { code, err, out } = await command(args);
    assertEquals(code, wanted, err + out);
  });
}

const MISTAKES: readonly (readonly [string, string])[] = [
  ["chek", "there is no file or folder 'chek'; did you mean 'check'?"],
  ["run nowhere", "there is no file or folder 'nowhere'"],
  ["run nowhere.ckpt", "there is no file or folder 'nowhere.ckpt'"],
  ["run program.elf", "'program.elf' is no .ckpt file and no folder"],
  ["run --fliter x", "run has no flag '--fliter'; did you mean 'filter'?"],
  ["run --no-json", "run has no flag '--no-json'"],
  ["run -x", "run has no flag '-x'"],
  ["run --seed", "--seed needs a value: N|git|random"],
  ["run --seed --json", "--seed needs a value: N|git|random"],
  ["run --seed x", "--seed takes a whole number, git or random, not 'x'"],
  ["run --seed 1.5", "--seed takes a whole number, not '1.5'"],
  ["run --seed=-1", "--seed takes a whole number, git or random, not '-1'"],
  ["run --seed 99999999999999999999", "--seed takes a whole number, not '99999999999999999999'"],
  ["run --color red", "--color takes auto, always, never, not 'red'"],
  ["run --color alway", "--color takes auto, always, never, not 'alway'; did you mean 'always'?"],
  ["run --json=yes", "--json is a switch and takes no value"],
  ["run --filter /(/ good.ckpt", "--filter /(/: Invalid regular expression"],
  ["run --tag , good.ckpt", "--tag takes tags such as smoke,-slow, not ','"],
  ["run --set most", "--set takes name=value, not 'most'"],
  ["run --set most=", "--set most=: --set most:1:1 error CK0204"],
  ["run --set most=1+ scenarios", "--set most=1+: --set most:1:3 error CK0204"],
  [
    "run --set mots=1 scenarios",
    "--set mots: no script has a let, axis or column of that name; did you mean 'most'?",
  ],
  ["run --workers x", "--workers takes a whole number up to 256, or auto, not 'x'"],
  ["run --workers=-1", "--workers takes a whole number up to 256, or auto, not '-1'"],
  ["run --workers 1.5", "--workers takes a whole number up to 256, or auto, not '1.5'"],
  ["run --workers 1e1", "--workers takes a whole number up to 256, or auto, not '1e1'"],
  ["run --workers 257", "--workers takes a whole number up to 256, or auto, not '257'"],
  ["run --workers", "--workers needs a value: N|auto"],
  ["check --workers 2", "check has no flag '--workers'"],
  ["run --max-time 10", "--max-time takes a time such as 10s, not '10'"],
  ["run --max-time 4KiB", "--max-time takes a time such as 10s, not '4KiB'"],
  ["run --max-time soon", "--max-time takes a time such as 10s, not 'soon'"],
  [
    "run --reporter prety",
    "--reporter prety: expected one of pretty, quiet, dot, junit, tap, github, html, study, json, ndjson, blob, not 'prety'; did you mean 'pretty'?",
  ],
  [
    "run --reporter slow.slowest",
    "--reporter slow.slowest: expected one of pretty, quiet, dot, junit, tap, github, html, study, json, ndjson, blob, not 'slow.slowest'; a plugin's reporter needs --use alias=module",
  ],
  ["run --reporter junit:", "--reporter junit:: name a file behind the colon"],
  [
    "run --reporter tap --json",
    "tap and json cannot share standard output; give one a file: --reporter json:FILE",
  ],
  ["run --reporter junit:forbidden/a", "--reporter: cannot write 'forbidden/a': nobody may"],
  ["run --reporter junit:a --reporter tap:a", "two reporters would write 'a'"],
  ["run --unknown-as green", "--unknown-as takes skipped, failure, not 'green'"],
  ["run -q -v", "--quiet and --verbose exclude each other"],
  ["check --bail", "check has no flag '--bail'"],
  ["list statments", "there is no file or folder 'statments'; did you mean 'statements'?"],
  ["list units good.ckpt", "list units takes no paths"],
  ["help rnu", "there is no command 'rnu'; did you mean 'run'?"],
  ["version now", "version takes no arguments"],
  ["vectors", "vectors takes one folder"],
  ["vectors a b", "vectors takes one folder"],
  ["exec", "exec needs a program, or --restore with a folder"],
  ["exec --strase a.elf", "exec has no flag '--strase'; did you mean 'strace'?"],
  ["exec --budget lots a.elf", "--budget takes a whole number, not 'lots'"],
  ["exec --mount /data a.elf", "--mount takes name=value, not '/data'"],
  ["exec --env =x a.elf", "--env takes name=value, not '=x'"],
  ["exec --checkpoint-at 100 a.elf", "--checkpoint-at goes with --image or --export"],
  ["exec --image i a.elf", "--image goes with --checkpoint-at"],
  ["exec --export e a.elf", "--export goes with --checkpoint-at or --restore"],
  ["exec --restore i --image j --export e", "--image goes with --checkpoint-at"],
  ["exec --restore i a.elf", "with --restore the image names its program; leave it away"],
  [
    "exec --checkpointer conccurrent a.elf",
    "there is no checkpointer 'conccurrent'; did you mean 'concurrent'?",
  ],
];

for (const [args, wanted] of MISTAKES) {
  Deno.test(`'${args}' is answered by one line`, async () => {
    const { code, err, out, requests } = await command(args);
    assertEquals([code, out, requests], [64, "", []]);
    assert(err.startsWith(`error: ${wanted}`), err);
    assertEquals(err.trimEnd().split("\n").length, 1, err);
  });
}

Deno.test("exec passes the guest's arguments through untouched", async () => {
  const args = "exec --mount /data=host/dir --mount=/x=y=z --env A=1 --env B= --strace --stats " +
    "--jit verify --budget 1_000 --checkpoint-at 50 --image out --export e.elf --checkpointer concurrent a.elf --strace 007 -- -x";
  const { code, requests } = await command(args);
  assertEquals(code, 0);
  assertEquals(requests, [{
    program: "a.elf",
    args: ["--strace", "007", "--", "-x"],
    mounts: [{ guest: "/data", host: "host/dir" }, { guest: "/x", host: "y=z" }],
    environment: { A: "1", B: "" },
    strace: true,
    stats: true,
    jit: "verify",
    compress: false,
    budget: 1000,
    checkpointAt: 50,
    image: "out",
    export: "e.elf",
    checkpointer: "concurrent-cow",
  }]);
});

Deno.test("exec --restore needs no program; -- ends the flags", async () => {
  const restored = await command("exec --restore img --checkpointer stop-the-world");
  assertEquals(restored.requests, [{
    program: undefined,
    args: [],
    mounts: [],
    environment: {},
    strace: false,
    stats: false,
    jit: "on",
    compress: false,
    restore: "img",
    checkpointer: "stop-the-world",
  }]);
  const ended = await command("exec -- --odd.elf --help");
  assertEquals((ended.requests[0] as { program: string; args: string[] }).args, ["--help"]);
});

Deno.test("vectors hands its folder and the engines on", async () => {
  assertEquals((await command("vectors ../sst")).requests, [{ folder: "../sst", jit: "off" }]);
  for (const jit of JITS) {
    const { requests } = await command(`vectors --jit ${jit} ../sst`);
    assertEquals(requests, [{ folder: "../sst", jit }]);
  }
});

Deno.test("what run prints reads as stored", async () => {
  const parts: string[] = [];
  for (
    const args of [
      "run scenarios cases.ckpt",
      "run cases.ckpt -v",
      "run scenarios -q",
      "run broken.ckpt",
    ]
  ) {
    const { out, err, code } = await command(args);
    parts.push(`$ ${args}\n${out}--- stderr\n${err}--- exit ${code}\n`);
  }
  assertGolden("run.txt", parts.join("\n"));
});

Deno.test("help reads as stored, for every command", async () => {
  const parts = [(await command("help")).out];
  for (const { name } of COMMANDS) parts.push(`== ${name}\n${(await command(`help ${name}`)).out}`);
  assertGolden("help.txt", parts.join("\n"));
});

Deno.test("the reference reads as stored", async () => {
  const parts: string[] = [];
  for (
    const topic of [
      "statements",
      "checkpointers",
      "protocols",
      "workloads",
      "metrics",
      "profile",
      "channel",
      "reporters",
      "functions",
      "units",
    ]
  ) {
    const { out } = await command(`list ${topic}`);
    parts.push(`== ${topic}\n${out}`);
    const json = JSON.parse((await command(`list ${topic} --json`)).out);
    assert(
      json.entries.length > 0 && json.entries.every((one: { help: string }) => one.help !== ""),
    );
  }
  assertGolden("reference.txt", parts.join("\n"));
});

Deno.test("--json is one document and nothing else", async () => {
  const { out, err, code } = await command("run scenarios broken.ckpt --json");
  const document = JSON.parse(out);
  assertEquals([code, err, document.exit], [3, "", 3]);
  assertEquals(document.summary, { holds: 1, failed: 1, unknown: 1, broken: 0 });
  assertEquals(document.diagnostics.length, 1);
  const [, failed] = document.scenarios;
  assertEquals([failed.title, failed.line, failed.cells[0].claims[0].verdict], [
    "fails",
    3,
    "failed",
  ]);
  assertEquals(failed.cells[0].claims[0].details[0], { label: "left", text: "p0.run_time = 10ms" });
});

Deno.test("reporters to files: people are told besides, and all is written", async () => {
  const { out, written, code } = await command(
    "run scenarios/2.ckpt --reporter junit:out/a.xml --reporter ndjson:a.ndjson",
  );
  assertEquals(code, 1);
  assertStringIncludes(out, "1 scenario: 0 hold, 1 failed");
  assertStringIncludes(written.get("out/a.xml") ?? "", 'failures="1"');
  assertStringIncludes(written.get("a.ndjson") ?? "", '"event":"run-ended"');
  const escape = await command("run scenarios/2.ckpt --color always --reporter dot:a");
  assertEquals(escape.written.get("a")?.includes("\x1b"), false, "no colour in a file");
});

Deno.test("github is on by itself in Actions, and never in the way of a program", async () => {
  const environment = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: "summary.md" };
  const plain = await command("run scenarios/2.ckpt", { environment });
  assertStringIncludes(plain.out, "1 scenario: 0 hold, 1 failed");
  assertStringIncludes(plain.out, "::error file=scenarios/2.ckpt,line=7,col=3,title=");
  assertStringIncludes(plain.written.get("summary.md") ?? "", "## 1 scenario: 0 hold, 1 failed");
  JSON.parse((await command("run scenarios/2.ckpt --json", { environment })).out);
  const forbidden = { ...environment, GITHUB_STEP_SUMMARY: "forbidden/summary" };
  const { err, code, written } = await command("run good.ckpt", { environment: forbidden });
  const beside = ".ckpt/out/summary.md";
  assertEquals([code, err], [
    0,
    "warning: cannot write the summary to 'forbidden/summary': nobody may; " +
    `it is in ${beside}: cat ${beside} >> 'forbidden/summary'\n`,
  ]);
  assertStringIncludes(written.get(beside) ?? "", "## 1 scenario: 1 hold");
});

Deno.test("check and version print documents too", async () => {
  const checked = JSON.parse((await command("check broken.ckpt --json")).out);
  assertEquals([checked.exit, checked.diagnostics[0].code, checked.diagnostics[0].line], [
    3,
    "CK0305",
    6,
  ]);
  const version = JSON.parse((await command("version --json")).out);
  assertEquals(version, {
    ckptlab: "1.2.3",
    language: 1,
    results: 1,
    events: 1,
    trace: 1,
    costs: 1,
    repro: 2,
  });
});

Deno.test("list names scenarios and the ids of their cells", async () => {
  const { out } = await command("list cases.ckpt good.ckpt");
  assertEquals(out, "cases.ckpt:2:1 cases @slow (3 cases)\ngood.ckpt:2:1 good @smoke\n");
  const json = JSON.parse((await command("list cases.ckpt --json --filter n=2 --seed 5")).out);
  assertEquals(json.scenarios[0].cells, ["cases.ckpt#cases[n=20]@5"]);
});

Deno.test("the replay command of a failing cell runs that cell alone", async () => {
  const { out } = await command("run cases.ckpt");
  const replay = /deno task scenario (run .*)/.exec(out)?.[1] ?? "";
  const again = await command(`${replay} --json`);
  const document = JSON.parse(again.out);
  assertEquals(document.scenarios[0].cells.map((cell: { id: string }) => cell.id), [
    "cases.ckpt#cases[n=30]@1",
  ]);
  assertEquals(again.code, 1);
});

Deno.test("colour: asked for, watched, or not at all", async () => {
  const escape = "\x1b[3";
  const coloured = async (args: string, change: Partial<Host>) =>
    (await command(args, change)).out.includes(escape);
  assertEquals(await coloured("good.ckpt", {}), false);
  assertEquals(await coloured("good.ckpt", { isTerminal: true }), true);
  assertEquals(
    await coloured("good.ckpt", { isTerminal: true, environment: { NO_COLOR: "1" } }),
    false,
  );
  assertEquals(
    await coloured("good.ckpt --color always", { environment: { NO_COLOR: "1" } }),
    true,
  );
  assertEquals(await coloured("good.ckpt --color never", { isTerminal: true }), false);
});

Deno.test("wall time and progress are for terminals only", async () => {
  let now = 0;
  const clock = () => (now += 1500);
  const watched = await command("good.ckpt", { isTerminal: true, clock });
  assertStringIncludes(watched.out, "1.5 s");
  assertStringIncludes(watched.out, "[1/1] good.ckpt#good@1");
  const piped = await command("good.ckpt", { clock });
  assertEquals(piped.out, "good.ckpt\n✓ good (1 case, 10ms)\n1 scenario: 1 hold\n");
});

Deno.test("--quiet leaves only what does not hold; --bail stops", async () => {
  assertEquals((await command("good.ckpt -q")).out, "1 scenario: 1 hold\n");
  const bailed = await command("run scenarios/2.ckpt good.ckpt --bail");
  assertStringIncludes(bailed.out, "1 scenario: 0 hold, 1 failed");
});

Deno.test("an interrupted run ends with 130", async () => {
  let looks = 0;
  const { code } = await command("run scenarios", { interrupted: () => ++looks > 5 });
  assertEquals(code, 130);
});

Deno.test("an internal error is one line, and a stack only for who asks", async () => {
  const plain = await command("run explodes.ckpt");
  assertEquals(
    plain.err,
    "internal error: Error: the fake lab broke at its seam; please report it with the command and the script\n",
  );
  const debug = await command("run explodes.ckpt", { environment: { CKPTLAB_DEBUG: "1" } });
  assertStringIncludes(debug.err, "fake.ts");
});

Deno.test("a Worker that fails is told by its name, with what to do", async () => {
  const { err } = await command("run worker.ckpt");
  assertEquals(
    err,
    "error: WorkerError: the Worker of p0 failed: why; try --workers 0: all in one thread, with the same results\n",
  );
});

Deno.test("the highest-priority cause decides the exit code", () => {
  assertEquals(exitCode([]), 0);
  assertEquals(exitCode([0, 0]), 0);
  assertEquals(exitCode([2, 1, 0]), 1);
  assertEquals(exitCode([1, 3, 2]), 3);
  assertEquals(exitCode([1, 5, 4]), 5);
  assertEquals(exitCode([5, 70]), 70);
  assertEquals(exitCode([6, 2]), 2);
});
