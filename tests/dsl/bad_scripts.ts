/** Broken scripts, each with what must be said about it: `line:column code`, in order. */

/** One broken script. */
export interface BadScript {
  readonly name: string;
  readonly text: string;
  readonly wants: readonly string[];
}

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

const nested = (open: string, close: string, depth: number): string =>
  open.repeat(depth) + "1" + close.repeat(depth);

const row = (name: string, wants: string, text: string): BadScript => ({
  name,
  text,
  wants: wants.split(", "),
});

/** The table. */
export const BAD_SCRIPTS: readonly BadScript[] = [
  // characters and numbers
  row("empty file", "1:1 CK0208", ""),
  row("only a comment", "1:1 CK0208", "// nothing\n"),
  row("nul character", "5:8 CK0101", scene("seed \u0000 3")),
  row("strange characters", "5:10 CK0101, 5:12 CK0101", scene("seed 3 ; §§")),
  row("open text", "5:15 CK0102", scene('at 1ms note "half')),
  row("open text at the end of the file", "2:10 CK0102, 2:12 CK0201", 'ckpt 1\nscenario "a'),
  row("unknown escape", "5:17 CK0104", scene('at 1ms note "a\\qb"')),
  row("unknown unit", "5:6 CK0103", scene('at 20sm note "x"')),
  row("unit in the wrong case", "5:11 CK0103", scene("let a = 4KIB")),
  row("malformed hexadecimal", "5:11 CK0103", scene("let a = 0xzz")),
  row("deep parentheses", "5:30 CK0106", scene(`let a = ${nested("(", ")", 10_000)}`)),
  row("deep lists", "5:30 CK0106", scene(`let a = ${nested("[", "]", 10_000)}`)),
  row("deep objects without an end", "2:109 CK0106", "ckpt 1\nlet a = " + "{ a: ".repeat(10_000)),
  row("long chain of members", "5:141 CK0106", scene(`let a = p0${".a".repeat(10_000)}`)),
  row("a very long line", "2:80009 CK0301", `ckpt 1\nlet a = ${"1 + ".repeat(20_000)}oops\n`),
  row("endless calls", "28:5 CK0410", "ckpt 1\n" + doubling(25)),
  row(
    "huge number by squaring",
    "13:11 CK0410, 17:5 CK0410, 18:5 CK0410, 19:5 CK0410, 20:5 CK0410, 21:5 CK0410, 22:5 CK0410",
    "ckpt 1\n" + squaring(20),
  ),
  // the shape of statements
  row("no version", "1:1 CK0208", 'scenario "a" { node n0 proc p on n0 runs fft expect p.exited }'),
  row("another version", "1:6 CK0209", "ckpt 2\n"),
  row("version twice", "2:1 CK0208", "ckpt 1\nckpt 1\n"),
  row("misspelled action", "5:11 CK0203", scene("at 20ms chekpoint p0 as c1")),
  row("misspelled statement", "5:3 CK0202", scene("chekpointer concurrent")),
  row("misspelled statement of the file", "2:1 CK0202", 'ckpt 1\nscenaro "a" { }\n'),
  row(
    "misspelled word inside",
    "6:24 CK0202",
    scene("at 1ms checkpoint p0 as c1", "after 1ms restart p0 form c1"),
  ),
  row("assignment as comparison", "5:18 CK0205", scene("expect p0.exit = 0")),
  row("keyword as a name", "5:8 CK0207", scene("node node")),
  row("missing value", "6:3 CK0204", scene("let a =")),
  row(
    "missing closing brace of an object",
    "6:3 CK0206",
    scene("node n1 { clock: 200MHz", "seed 3"),
  ),
  row(
    "missing closing brace of a scenario",
    "6:1 CK0206",
    'ckpt 1\nscenario "a" {\n  node n0\n  proc p on n0 runs fft\n  expect p.exited\nscenario "b" { node n0 proc p on n0 runs fft expect p.exited }\n',
  ),
  row("missing closing brace at the end", "3:10 CK0206", 'ckpt 1\nscenario "a" {\n  node n0\n'),
  row(
    "three errors",
    "5:11 CK0203, 6:24 CK0202, 7:18 CK0205",
    scene("at 20ms chekpoint p0 as c1", "after 1ms restart p0 form c1", "expect p0.exit = 0"),
  ),
  row("statement of a scenario in the file", "2:1 CK0202", "ckpt 1\nseed 3\n"),
  row("empty table", "5:3 CK0201", scene("cases { }")),
  row("row without an end", "5:19 CK0201", scene("cases { | a | b }")),
  // names
  row("unknown process", "5:21 CK0301", scene("at 1ms checkpoint q0")),
  row("unknown node", "5:14 CK0301", scene("proc p1 on n1 runs fft")),
  row("unknown name in a claim", "5:10 CK0301", scene("expect p1.exited")),
  row("unknown workload", "5:22 CK0303", scene("proc p1 on n0 runs matmull")),
  row("unknown checkpointer", "5:16 CK0303", scene("checkpointer conccurrent")),
  row("unknown profile", "5:13 CK0303", scene("node n1 : sh5")),
  row(
    "unknown option of a workload",
    "5:31 CK0304",
    scene("proc p1 on n0 runs matmul { sise: 3 }"),
  ),
  row("unknown key of a node", "5:13 CK0304", scene("node n1 { clok: 200MHz }")),
  row("unknown key of a profile", "2:16 CK0304", "ckpt 1\nprofile slow { dsk: 2MB/s }\n"),
  row("unknown metric of a process", "5:13 CK0305", scene("expect p0.exitd")),
  row(
    "unknown metric of a checkpoint",
    "6:13 CK0305",
    scene("at 1ms checkpoint p0 as c1", "expect c1.exited"),
  ),
  row("unknown function", "5:10 CK0301", scene("expect som(p0.run_time) > 1ms")),
  row(
    "unknown label",
    "6:26 CK0307",
    scene("at 1ms checkpoint p0 as c1", "at 2ms restart p0 from c2"),
  ),
  row("process declared twice", "5:8 CK0302", scene("proc p0 on n0 runs fft")),
  row("name of the language declared", "5:7 CK0302", scene("let time = 3")),
  row("label and process of one name", "5:27 CK0302", scene("at 1ms checkpoint p0 as p0")),
  row(
    "label twice",
    "6:27 CK0302",
    scene("at 1ms checkpoint p0 as c", "at 2ms checkpoint p0 as c"),
  ),
  row("parameter twice", "2:10 CK0302", "ckpt 1\nlet f(a, a) = a\n"),
  row("profile twice", "3:9 CK0302", "ckpt 1\nprofile a { cpus: 1 }\nprofile a { cpus: 2 }\n"),
  row("option twice", "5:22 CK0302", scene("node n1 { cpus: 1, cpus: 2 }")),
  row("node as a process", "5:21 CK0306", scene("at 1ms checkpoint n0")),
  row("process as a node", "5:14 CK0306", scene("proc p1 on p0 runs fft")),
  row("restart on an array", "6:24 CK0306", scene("node m[2]", "at 1ms restart p0 on m")),
  row("a let that needs itself", "2:9 CK0308, 3:9 CK0308", "ckpt 1\nlet a = b\nlet b = a\n"),
  row("a recursive function", "2:12 CK0308", "ckpt 1\nlet f(x) = f(x)\nlet a = f(1)\n"),
  row("same title twice", "7:1 CK0505", scene() + scene().replace("ckpt 1\n", "")),
  // values and units
  row("adding unlike units", "5:11 CK0401", scene("let a = 20ms + 4KiB")),
  row("comparing unlike units", "5:10 CK0401", scene("expect p0.run_time > 4KiB")),
  row("comparing unlike types", "5:10 CK0402", scene('expect p0.exit == "0"')),
  row("ordering texts", "5:10 CK0402", scene('expect p0.output < "a"')),
  row("comparing a state with a number", "5:10 CK0402", scene("expect p0.state == 3")),
  row("a claim that is a number", "5:10 CK0403", scene("expect p0.run_time")),
  row("a condition that is a text", "5:9 CK0403", scene("until p0.output or p0.exited")),
  row("an if that is a number", "5:23 CK0403", scene("expect p0.exited if 3")),
  row("text added", "5:11 CK0403", scene('let a = "x" + 1')),
  row("option with the wrong unit", "5:20 CK0404", scene("node n1 { clock: 20ms }")),
  row("option without its unit", "5:18 CK0404", scene("node n1 { ram: 4 }")),
  row("option below its least", "5:19 CK0404", scene("node n1 { tick: 10ns }")),
  row("option above its most", "5:19 CK0404", scene("node n1 { cpus: 3 }")),
  row(
    "option that is no whole number",
    "5:37 CK0404",
    scene("proc p1 on n0 runs matmul { size: 1.5 }"),
  ),
  row("percentage as a count", "5:37 CK0404", scene("proc p1 on n0 runs matmul { size: 50% }")),
  row(
    "text not among the choices",
    "5:35 CK0404",
    scene('checkpointer concurrent { full: "spil" }'),
  ),
  row(
    "option that depends on the run",
    "5:37 CK0408",
    scene("proc p1 on n0 runs matmul { size: p0.exit }"),
  ),
  row("time that is a count", "5:6 CK0401", scene('at 20 note "x"')),
  row("negative time", "5:6 CK0506", scene('at -1ms note "x"')),
  row("period of zero", "5:9 CK0506", scene('every 0ms note "x"')),
  row("index outside", "6:12 CK0405", scene("proc q[2] on n0 runs fft", "expect q[2].exited")),
  row("index on a single process", "5:16 CK0403", scene("at 1ms crash p0[1]")),
  row("array of nothing", "5:10 CK0404", scene("proc q[0] on n0 runs fft")),
  row("division by zero", "5:11 CK0407", scene("let a = 1 / 0")),
  row("wrong number of arguments", "6:10 CK0406", scene("let f(a, b) = a + b", "expect f(1) == 1")),
  row(
    "restored of a process",
    "5:10 CK0406, 5:26 CK0406",
    scene("expect restored(p0) == restored(p0)"),
  ),
  row("within a range", "5:10 CK0409", scene("expect p0.exit in 1..2 within 5%")),
  row("within an order", "5:10 CK0409", scene("expect p0.run_time < 2ms within 5%")),
  row("within another unit", "5:10 CK0409", scene("expect p0.run_time == 2ms within 4KiB")),
  row(
    "alternative in a condition",
    "6:9 CK0411",
    scene("compare checkpointer { a = stop_world }", "until a.p0.exited"),
  ),
  row("undisturbed in a condition", "5:9 CK0411", scene("until undisturbed.p0.exited")),
  row(
    "checkpoint of the undisturbed twin",
    "6:22 CK0411",
    scene("at 1ms checkpoint p0 as c1", "expect undisturbed.c1.committed"),
  ),
  row("unknown loss", "5:26 CK0404", scene("at 1ms crash p0 losing everything")),
  // the build of a scenario
  row(
    "row too short",
    "8:5 CK0501",
    scene("cases {", "  | a | b |", "  | 1 | 2 |", "  | 3 |", "}"),
  ),
  row("row too long", "7:5 CK0501", scene("cases {", "  | a |", "  | 1 | 2 |", "}")),
  row("column that is no name", "6:7 CK0501", scene("cases {", "  | 1 |", "  | 2 |", "}")),
  row("table without rows", "5:11 CK0501", scene("cases { | a | }")),
  row(
    "wrong value in one case",
    "10:6 CK0401",
    scene("cases {", "  | w |", "  | 1ms |", "  | 1 |", "}", 'at w note "x"'),
  ),
  row("seed twice", "6:3 CK0502", scene("seed 1", "seed 2")),
  row("until twice", "6:3 CK0502", scene("until p0.exited", "until p0.exited")),
  row(
    "checkpointer and compare",
    "2:1 CK0508",
    scene("checkpointer concurrent", "compare checkpointer { a = stop_world }"),
  ),
  row("repeated checkpoint with a label", "5:13 CK0507", scene("every 1ms checkpoint p0 as c")),
  row("no process", "2:1 CK0503", 'ckpt 1\nscenario "a" {\n  node n0\n  expect 1 == 1\n}\n'),
  row(
    "no expectation",
    "2:1 CK0702",
    'ckpt 1\nscenario "a" {\n  node n0\n  proc p on n0 runs fft\n}\n',
  ),
  // several processes
  row("unknown protocol", "5:12 CK0303", scene("protocol message_countin")),
  row("workload as a protocol", "5:12 CK0303", scene("protocol matmul")),
  row("protocol twice", "6:3 CK0502", scene("protocol counting", "protocol counting")),
  row(
    "protocol and compare",
    "2:1 CK0508",
    scene("protocol counting", "compare protocol { a = flush_markers }"),
  ),
  row("compare of another role", "5:26 CK0303", scene("compare protocol { a = stop_world }")),
  row("unknown key of a channel", "5:17 CK0304", scene("channel all { ordr: fifo }")),
  row("channel of a node", "5:11 CK0306", scene("channel n0 -> p0 { order: any }")),
  row("channel of nobody", "5:17 CK0301", scene("channel p0 -> p1 { order: any }")),
  row("channel that is no object", "5:15 CK0403", scene("channel all 5ms")),
  row("latency that is a size", "5:26 CK0404", scene("channel all { latency: 4KiB }")),
  row("latency that is too short", "5:26 CK0404", scene("channel all { latency: 1ns..1ms }")),
  row("latency with an empty range", "5:26 CK0404", scene("channel all { latency: 2ms..1ms }")),
  row("latency of no times", "5:26 CK0404", scene("channel all { latency: [] }")),
  row("latency of unlike times", "5:26 CK0404", scene("channel all { latency: [1ms, 4KiB] }")),
  row("distribution of one number", "5:26 CK0406", scene("channel all { latency: uniform(1ms) }")),
  row(
    "distribution upside down",
    "5:26 CK0406",
    scene("channel all { latency: exponential(2ms, 1ms) }"),
  ),
  row("distribution compared", "5:10 CK0402", scene("expect uniform(1ms, 2ms) == 1ms")),
  row("loss where nothing is lost", "5:17 CK0703", scene("channel all { loss: 2% }")),
  row(
    "markers on a channel that reorders",
    "5:3 CK0510",
    scene("channel all { order: any }", "protocol flush_markers"),
  ),
  row("pool without a size", "5:13 CK0406", scene("isolation pool")),
  row("pool of nothing", "5:18 CK0404", scene("isolation pool(0)")),
  row("isolation with a number", "5:18 CK0406", scene("isolation node(4)")),
  row("unknown isolation", "5:13 CK0201", scene("isolation thread")),
  row(
    "process that begins before the start",
    "5:29 CK0506",
    scene("proc p1 on n0 runs fft at -1ms"),
  ),
  row(
    "step of another line behind a process",
    "6:11 CK0203",
    scene("proc p1 on n0 runs fft", "at 20ms chekpoint p1"),
  ),
  row("axis that is no list", "5:17 CK0403", scene("matrix { k in 5 }")),
  row("axis without values", "5:17 CK0509", scene("matrix { k in [] }", "seed 3")),
  row("matrix without an axis", "5:3 CK0509", scene("matrix { }")),
  row("matrix that excludes all", "2:1 CK0509", scene("matrix { k in [1] exclude if k == 1 }")),
  row("matrix without an end", "5:3 CK0509", scene("matrix { k in 1..5000 }")),
  row("axis twice", "5:24 CK0302", scene("matrix { k in [1, 2] k in [3] }")),
  row(
    "exclusion by the run",
    "5:35 CK0408",
    scene("matrix { k in [1, 2] exclude if p0.exit == k }"),
  ),
  row("exclusion by a number", "5:35 CK0403", scene("matrix { k in [1, 2] exclude if k }")),
  row("unknown value of an axis", "5:18 CK0301", scene("matrix { k in [oops] }", "seed 3")),
  row("crash of the manager of nobody", "5:16 CK0306", scene("at 1ms crash manager")),
  row(
    "crash of a manager that is not there",
    "6:16 CK0306",
    scene("protocol flush_markers", "at 1ms crash manager"),
  ),
  row("restart of the manager", "5:18 CK0306", scene("at 1ms restart manager")),
  row("manager as a name", "5:8 CK0302", scene("node manager")),
  row("checkpoint of any node", "5:21 CK0306", scene("at 1ms checkpoint any node")),
  row("partition of a process", "5:20 CK0306", scene("at 1ms partition p0 from n0")),
  row("partition of a node from itself", "5:28 CK0306", scene("at 1ms partition n0 from n0")),
  row(
    "partition for a size",
    "6:35 CK0401",
    scene("node n1", "at 1ms partition n0 from n1 for 4KiB"),
  ),
  row("pause of a node", "5:16 CK0306", scene("at 1ms pause n0")),
  row("migration to an array", "6:24 CK0306", scene("node m[2]", "at 1ms migrate p0 to m")),
  row(
    "metric without its argument",
    "6:13 CK0406",
    scene("at 1ms checkpoint p0 as c1", "expect c1.sent == 2"),
  ),
  row("metric with an argument too many", "5:10 CK0406", scene("expect p0.exit(1) == 2")),
  row(
    "metric with an argument of another kind",
    "6:10 CK0406, 7:10 CK0406",
    scene("at 1ms checkpoint p0 as c1", "expect c1.sent(p0) == 2", 'expect c1.phase("p0") == "x"'),
  ),
  row("unknown kind of message", "5:10 CK0406", scene('expect cluster.sent("AKC") == 2')),
  row("unknown metric of the cluster", "5:18 CK0305", scene("expect cluster.mesages == 2")),
  row("call of a number", "5:10 CK0406", scene("expect 3(p0) == 2")),
  row("argument for a process of a run", "5:10 CK0406", scene("expect undisturbed.p0(1) == 2")),
  row("all of numbers", "5:10 CK0406", scene("expect all(p0.exit)")),
  row(
    "claims of every tick that look elsewhere",
    "6:17 CK0411, 7:16 CK0411",
    scene(
      "compare checkpointer { a = stop_world }",
      "expect always undisturbed.p0.running",
      "expect never a.p0.exited",
    ),
  ),
  row("never a state", "5:16 CK0403", scene("expect never p0.state")),
  // part of the language, not built yet
  row("use", "2:5 CK0602", 'ckpt 1\nuse "./cow.ts" as cow\n'),
  row("use a web address", "2:5 CK0602", 'ckpt 1\nuse "https://cow.example/mod.ts" as cow\n'),
  row("use a wrong plugin", "2:5 CK0603", 'ckpt 1\nuse "./wrong.ts" as cow\n'),
  row("use a plugin for another contract", "2:5 CK0601", 'ckpt 1\nuse "./old.ts" as cow\n'),
  row(
    "skip",
    "2:1 CK0601",
    'ckpt 1\nskip scenario "a" { node n0 proc p on n0 runs fft expect p.exited }\n',
  ),
  row("pairwise", "5:10 CK0601", scene("matrix pairwise { n in [1, 2] }")),
  row("storage", "5:3 CK0601", scene("storage local")),
  // many seeds, and chaos
  row("explore twice", "6:3 CK0502", scene("explore { }", "explore { }")),
  row("explore and seed", "2:1 CK0508", scene("seed 3", "explore { }")),
  row("misspelled option of explore", "5:13 CK0304", scene("explore { sedes: 1..5 }")),
  row("option of explore twice", "5:26 CK0302", scene("explore { seeds: 1..5, seeds: 1..6 }")),
  row("seeds that are a time", "5:20 CK0404", scene("explore { seeds: 1ms..5ms }")),
  row("seeds that are half", "5:20 CK0404", scene("explore { seeds: 1..2.5 }")),
  row("seeds backwards", "5:20 CK0404", scene("explore { seeds: 9..1 }")),
  row("seeds without end", "5:20 CK0404", scene("explore { seeds: 1..99999999999 }")),
  row("seeds that are a text", "5:20 CK0404", scene('explore { seeds: "all" }')),
  row("an unknown search", "5:23 CK0303", scene("explore { strategy: randm }")),
  row("a search that is a number", "5:23 CK0403", scene("explore { strategy: 3 }")),
  row("a depth of nothing", "5:36 CK0404", scene("explore { strategy: pct { depth: 0 } }")),
  row(
    "an unknown option of a search",
    "5:29 CK0304",
    scene("explore { strategy: pct { deep: 3 } }"),
  ),
  row("a budget in bytes", "5:21 CK0404", scene("explore { budget: 10MiB }")),
  row("shrink that is a number", "5:21 CK0403", scene("explore { shrink: 400 }")),
  row("shrink that keeps nothing", "5:29 CK0404", scene('explore { shrink: { keep: "all" } }')),
  row("chaos twice", "6:3 CK0502", scene("chaos { pause: { } }", "chaos { pause: { } }")),
  row("chaos of nothing", "5:3 CK0703", scene("chaos { }")),
  row("an unknown kind of chaos", "5:11 CK0303", scene("chaos { crahs: { } }")),
  row("a kind of chaos twice", "5:23 CK0302", scene("chaos { pause: { }, pause: { } }")),
  row("chaos without options", "5:18 CK0403", scene("chaos { crash: 3 }")),
  row("an unknown option of chaos", "5:20 CK0304", scene("chaos { crash: { evry: 5ms } }")),
  row("chaos in bytes", "5:27 CK0404", scene("chaos { crash: { every: 5KiB } }")),
  row("chaos of a number", "5:24 CK0403", scene("chaos { crash: { of: 3 } }")),
  row("chaos of nobody", "5:24 CK0301", scene("chaos { crash: { of: nx } }")),
  row("a partition of processes", "5:28 CK0306", scene("chaos { partition: { of: p0 } }")),
  row("chaos of no manager", "5:24 CK0306", scene("chaos { crash: { of: manager } }")),
  row("chaos that restarts from nowhere", "5:28 CK0307", scene("chaos { restart: { from: c9 } }")),
  row("chaos that restarts from a time", "5:28 CK0403", scene("chaos { restart: { from: 3ms } }")),
  row("inject", "5:10 CK0601", scene("at 1ms inject torn")),
  row("compare storage", "5:11 CK0601", scene("compare storage { a = local }")),
  row("plugin strategy", "5:16 CK0303", scene("checkpointer cow.snapshot")),
  row("options of no plugin", "5:30 CK0201", scene("matrix { a in [cow.one.two { x: 1 }] }")),
];

/** Each let calls the one before it twice: 2^n steps. */
function doubling(count: number): string {
  const lets = Array.from({ length: count }, (_, i) => `let f${i + 1}(x) = f${i}(x) + f${i}(x)`);
  return ["let f0(x) = x", ...lets, `let a = f${count}(1)`, ""].join("\n");
}

/** Each let squares the one before it: 2^n digits. */
function squaring(count: number): string {
  const lets = Array.from({ length: count }, (_, i) => `let a${i + 1} = a${i} * a${i}`);
  return ["let a0 = 3", ...lets, ""].join("\n");
}
