import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LabError } from "../../core/mod.ts";
import { renderDiagnostic } from "../../dsl/diagnostic.ts";
import { main } from "../../dsl/cli.ts";
import { load, type Loaded } from "../../dsl/load.ts";
import { parseExpression } from "../../dsl/parse.ts";
import type { ScenarioResult } from "../../dsl/results.ts";
import { runCell, type Running, scenarioResult } from "../../dsl/run.ts";
import { type Captured, fakeHost, FakeLab, VOCABULARY } from "./fake.ts";

const DEFAULTS = { vocabulary: VOCABULARY, maxTimeNs: 10_000_000_000, interrupted: () => false };

/** A scenario of three processes on two nodes, with these lines; the first is line 5. */
const scene = (...lines: readonly string[]): string =>
  `ckpt 1\nscenario "s" {\nnode n[2]\nproc p[3] on n runs matmul { size: 10 }\n${
    lines.join("\n")
  }\n}\n`;

async function read(text: string, set: Readonly<Record<string, string>> = {}): Promise<Loaded> {
  const values = new Map(
    Object.entries(set).map(([name, value]) => {
      const { expr } = parseExpression(value, name);
      assert(expr !== undefined);
      return [name, expr] as const;
    }),
  );
  const options = { vocabulary: VOCABULARY, overrides: { values, used: new Set<string>() } };
  return await load("s.ckpt", fakeHost({ "s.ckpt": text }).host.readFile, options);
}

async function run(
  text: string,
  change: Partial<Running> = {},
): Promise<{ result: ScenarioResult; captured: Captured; calls: readonly string[] }> {
  const captured = fakeHost({});
  const { scenarios: [scenario], diagnostics } = await read(text);
  assertEquals(diagnostics.filter((one) => one.severity === "error").map(renderDiagnostic), []);
  assert(scenario !== undefined);
  const running = { ...DEFAULTS, makeLab: captured.host.makeLab, ...change };
  const cells = [];
  for (const plan of scenario.plans) cells.push(await runCell(plan, running));
  const result = scenarioResult(scenario, "s.ckpt", cells);
  return { result, captured, calls: captured.labs[0]?.calls ?? [] };
}

const codes = ({ diagnostics }: Loaded): readonly string[] =>
  diagnostics.map(({ code, severity, message }) => `${severity} ${code} ${message}`);

const points = ({ scenarios }: Loaded): readonly string[] =>
  (scenarios[0]?.plans ?? []).map(({ row }) => row.map((pair) => pair.join("=")).join(" "));

Deno.test("channels, isolation and the protocol reach the lab before the first step", async () => {
  const { calls } = await run(scene(
    "isolation pool(4)",
    "protocol counting { retry: 5ms }",
    'channel p[0] -> manager { order: "any", latency: exponential(10us, 1ms) }',
    "channel all { latency: 50us..200us }",
    "channel p -> p[1] { latency: [1ms, 2ms], order: any }",
    "expect p.exited",
  ));
  assertEquals(calls, [
    'isolate {"kind":"pool","count":4}',
    "proc p[0] on n[0] at 0",
    "proc p[1] on n[1] at 0",
    "proc p[2] on n[0] at 0",
    'connect p[0] -> manager any reliable {"shape":"exponential","low":10000,"mean":1000000}',
    "connect p[0],p[1],p[2],manager -> p[0],p[1],p[2],manager fifo reliable " +
    '{"shape":"uniform","low":50000,"high":200000}',
    'connect p[0],p[1],p[2] -> p[1] any reliable {"shape":"script","values":[1000000,2000000]}',
    'coordinate message-counting {"retry":5000000}',
  ]);
});

Deno.test("every way to write a latency, and what stays the default", async () => {
  const latency = async (text: string): Promise<unknown> => {
    const { scenarios, diagnostics } = await read(scene(
      "let two = uniform(10us, 20us)",
      "let net = { latency: two }",
      `channel all ${text}`,
      "expect p.exited",
    ));
    assertEquals(diagnostics.map(renderDiagnostic), []);
    return scenarios[0]?.plans[0]?.channels[0]?.options.latency;
  };
  assertEquals(await latency("{ latency: 1ms }"), { shape: "constant", value: 1_000_000 });
  assertEquals(await latency("{ latency: 1us..2us }"), { shape: "uniform", low: 1e3, high: 2e3 });
  assertEquals(await latency("net"), { shape: "uniform", low: 10e3, high: 20e3 });
  assertEquals(await latency("{ latency: [3us] }"), { shape: "script", values: [3000] });
  assertEquals(await latency("{}"), { shape: "constant", value: 50_000 });
});

Deno.test("a process may begin later; 'at' on its own still begins a step", async () => {
  const { calls, result } = await run(scene(
    "proc late on n[1] runs fft { size: 3 } at 2ms + 3ms",
    "proc early on n[1] runs fft at 20ms checkpoint early as c",
    "expect late.run_time == 3ms and c.committed",
  ));
  assertEquals(calls.slice(3), [
    "proc late on n[1] at 5000000",
    "proc early on n[1] at 0",
    "checkpoint early stop-the-world",
  ]);
  assertEquals(result.verdict, "holds");
});

Deno.test("a scenario on one line can have both", async () => {
  const { calls } = await run(
    'ckpt 1 scenario "s" { node n proc a on n runs fft at 1ms proc b on n runs fft ' +
      "at 2ms crash a expect b.exited }",
  );
  assertEquals(calls, ["proc a on n at 1000000", "proc b on n at 0", "crash a losing nothing"]);
});

Deno.test("matrix: a cell for each combination that is not excluded", async () => {
  const loaded = await read(scene(
    "let most = 4",
    "matrix { w in [2, 4] proto in [counting, flush_markers { }] k in 1..2",
    "exclude if w >= most and proto == flush_markers",
    "exclude if proto == message_counting and k == 2 }",
    "node m[w]",
    "protocol proto",
    "expect p.exited",
  ));
  assertEquals(codes(loaded), []);
  assertEquals(points(loaded), [
    "w=2 proto=counting k=1",
    "w=2 proto=flush_markers {} k=1",
    "w=2 proto=flush_markers {} k=2",
    "w=4 proto=counting k=1",
  ]);
  const plans = loaded.scenarios[0]?.plans ?? [];
  assertEquals(plans.map(({ nodes }) => nodes.length), [4, 4, 4, 6]);
  assertEquals(plans.map(({ protocol }) => protocol?.name), [
    "message-counting",
    "flush-markers",
    "flush-markers",
    "message-counting",
  ]);
  assertEquals(plans[1]?.id, "s.ckpt#s[w=2,proto=flush_markers{},k=1]@1");
});

Deno.test("matrix and cases together are their product; --set narrows an axis", async () => {
  const text = scene(
    "cases {",
    "| load |",
    "| fft |",
    "| matmul { size: 3 } |",
    "}",
    "matrix { n in sizes }",
    "proc q[n] on n runs load",
    "expect q.exited",
  ).replace("ckpt 1\n", "ckpt 1\nlet sizes = [1, 2]\n");
  const clash = await read(text);
  assertEquals(clash.diagnostics[0]?.code, "CK0302");
  const good = text.replaceAll("node n[2]", "node m[2]").replaceAll("on n ", "on m ");
  assertEquals(points(await read(good)), [
    "load=fft n=1",
    "load=matmul { size: 3 } n=1",
    "load=fft n=2",
    "load=matmul { size: 3 } n=2",
  ]);
  assertEquals(points(await read(good, { n: "7" })), [
    "load=fft n=7",
    "load=matmul { size: 3 } n=7",
  ]);
});

Deno.test("what is wrong in an excluded cell is not looked at", async () => {
  const loaded = await read(scene(
    "matrix { m in [1, 5000] exclude if m > 4096 }",
    "node q[m]",
    "expect p.exited",
  ));
  assertEquals([codes(loaded), points(loaded)], [[], ["m=1"]]);
});

Deno.test("law: three distinct points of a matrix, or a warning", async () => {
  const matrix = (values: string) =>
    scene(
      `matrix { k in ${values} }`,
      "protocol counting",
      "at 5ms checkpoint all as g",
      'law g.sent("ACK") + g.sent("OP") == 2 * 3 if k < 9 and g.committed',
    );
  assertEquals((await run(matrix("[1, 2, 3]"))).result.warnings, []);
  const messages = async (values: string) =>
    (await run(matrix(values))).result.warnings.map((one) => one.message);
  assertEquals(await messages("[1, 2, 9]"), [
    "vacuous law: judged in 2 of 3 cases, at least 3 wanted",
  ]);
  assertEquals(await messages("[1, 1, 1, 9]"), [
    "vacuous law: judged in 1 of 4 cases, at least 3 wanted",
  ]);
});

Deno.test("compare protocol: a run for each, and the twin goes without", async () => {
  const { result, captured } = await run(scene(
    "compare protocol { a = counting b = flush_markers }",
    "at 5ms checkpoint all as g1",
    'expect a.g1.sent("ACK") == 3 and b.g1.sent("CLS") == 3 * 2',
    'expect b.cluster.sent("CLS") == 6 and a.cluster.checkpoints == 1',
    "expect g1.lost == 0",
    "expect a.p.output == undisturbed.p.output",
  ));
  assertEquals(captured.labs.map((lab) => lab.protocol?.name), [
    "message-counting",
    "flush-markers",
    undefined,
  ]);
  assertEquals(result.cells[0]?.claims.map(({ alternative, verdict }) => [alternative, verdict]), [
    [undefined, "holds"],
    [undefined, "holds"],
    ["a", "holds"],
    ["b", "failed"],
    [undefined, "holds"],
  ]);
  assertEquals(captured.labs.map(({ ends }) => ends), [1, 1, 1]);
});

Deno.test("compare replaces one of the two that coordinate and save; the twin has no protocol", async () => {
  const worlds = async (compared: string, stated: string) => {
    const { captured } = await run(scene(
      compared,
      stated,
      "at 1ms checkpoint all as g",
      "expect a.p.output == undisturbed.p.output",
    ));
    return captured.labs.map(({ protocol, calls }) => [
      protocol?.name,
      calls.find((call) => call.startsWith("checkpoint"))?.split(" ").at(-1),
    ]);
  };
  assertEquals(await worlds("compare checkpointer { a = concurrent }", "protocol counting"), [
    ["message-counting", "concurrent-cow"],
    [undefined, undefined],
  ]);
  assertEquals(await worlds("compare protocol { a = counting }", "checkpointer concurrent"), [
    ["message-counting", "concurrent-cow"],
    [undefined, undefined],
  ]);
});

Deno.test("crash takes processes, nodes and the manager; any is drawn when it happens", async () => {
  const { calls } = await run(scene(
    "protocol counting",
    "at 1ms crash p[0], n[1], manager losing unsynced",
    "at 2ms crash any proc losing disk",
    "at 3ms crash any node",
    "expect p.crashes == 1",
  ));
  assertEquals(calls.filter((call) => /crash|pick/.test(call)), [
    "crash p[0],n[1],manager losing unsynced",
    "pick p[2]",
    "crash p[2] losing disk",
    "pick n[0],n[1]",
    "crash n[1] losing nothing",
  ]);
});

Deno.test("any proc with nobody left is refused by the step", async () => {
  const { result } = await run(scene(
    "at 1ms crash all",
    "at 2ms crash any proc",
    "expect p.crashes == 1",
  ));
  assertEquals(result.cells[0]?.problems.map(({ message }) => message), [
    "at 2ms the lab refused 'crash any proc': no process runs that could be drawn",
  ]);
});

Deno.test("restart any proc draws among those that were crashed", async () => {
  const { calls } = await run(scene(
    "proc done on n[0] runs fft { size: 2 }",
    "at 1ms checkpoint all as c",
    "at 3ms crash p[1]",
    "at 4ms restart any proc from latest on n[0]",
    "expect p.exited and latest == c",
  ));
  assertEquals(calls.slice(-2), ["pick p[1]", "restart p[1] from c"]);
});

Deno.test("partitions last as long as they say, and an older one goes on", async () => {
  const { calls, result } = await run(scene(
    "node m",
    "at 1ms partition n[0] from all for 3ms",
    "at 2ms partition n[0] from m",
    "at 6ms heal all",
    "until time >= 9ms",
    "expect true",
  ));
  assertEquals(calls.filter((call) => /partition|heal/.test(call)), [
    "1 partition n[0] from n[1],m",
    "2 partition n[0] from m",
    "4 heal n[0]",
    "4 partition n[0] from m",
    "6 heal n[0],n[1],m",
  ]);
  assertEquals(result.cells[0]?.worlds[0]?.fired.map(({ ns, text }) => `${ns / 1e6} ${text}`), [
    "1 partition n[0] from all for 3ms",
    "2 partition n[0] from m",
    "4 heal n[0]",
    "6 heal all",
  ]);
});

Deno.test("a partition ends to the nanosecond, and also in a lab at rest", async () => {
  const { calls } = await run(scene(
    "at 1ms partition n[0] from n[1] for 1.234567ms",
    "at 9ms crash all",
    "at 9.5ms partition n[0] from n[1] for 100ms",
    "expect p.crashes == 1",
  ));
  assertEquals(calls.filter((call) => /heal/.test(call)), [
    "2.234567 heal n[0]",
    "109.5 heal n[0]",
  ]);
});

Deno.test("a partition healed by hand is not healed again", async () => {
  const { calls } = await run(scene(
    "at 1ms partition n[0] from n[1] for 5ms",
    "at 2ms heal n[1]",
    "at 3ms partition n[0] from n[1]",
    "expect p.exited",
  ));
  assertEquals(calls.filter((call) => /heal/.test(call)), ["2 heal n[1]"]);
});

Deno.test("pause, resume and migrate", async () => {
  const { result, calls } = await run(scene(
    "checkpointer concurrent",
    "at 1ms pause p[0], p[1]",
    "at 4ms resume p[1]",
    "at 5ms migrate p[1] to n[0]",
    "at 6ms migrate p[2] to n[1] using stop_world",
    "at 20ms resume p[0]",
    "expect p[0].exited and p[1].node == n[0] and time == 29ms",
  ));
  assertEquals(result.verdict, "holds");
  assertEquals(calls.slice(3), [
    "migrate p[1] to n[0] concurrent-cow",
    "migrate p[2] to n[1] stop-the-world",
  ]);
});

Deno.test("metrics with arguments, of one and of many", async () => {
  const { result } = await run(scene(
    "protocol counting",
    "at 5ms checkpoint all as g",
    'when g.phase(p[1]) == "copy p[1]" and g.pages_done(p[1]) >= 3 note "copied"',
    'expect sum(p.value("balance")) == 3 * 700',
    'expect cluster.sent("ACK") == 3 and cluster.messages == 21',
    "expect p.rank in 0..2 and sum(p.rank) == 3",
    "expect sum(g.pages_done(p)) == 12",
    "expect all(p.exited) and not any(p.running) and count(p.exited) == 3",
  ));
  assertEquals(result.cells[0]?.claims.map(({ verdict }) => verdict), Array(5).fill("holds"));
  assertEquals(result.cells[0]?.worlds[0]?.fired.at(-1), { ns: 5_750_000, text: 'note "copied"' });
});

Deno.test("a failing claim shows figures, not the processes they were asked for", async () => {
  const { result } = await run(scene(
    "at 5ms checkpoint all as g",
    'expect g.phase(p) == "copy"',
    "expect any(p.exit > g.pages_done(p[1]))",
  ));
  assertEquals(result.cells[0]?.claims.map(({ details }) => details), [
    [["left", 'g.phase(p) = ["done", "done", "done"]'], ["right", '"copy"']],
    [
      ["with", "p.exit = [0, 0, 0]"],
      ["with", "g.pages_done(p[1]) = 4"],
      ["with", "any(p.exit > g.pages_done(p[1])) = false"],
    ],
  ]);
});

Deno.test("a protocol on channels that do not fit is refused, or warned of", async () => {
  const said = async (...lines: readonly string[]) => codes(await read(scene(...lines)));
  const fifo = 'CK0510 flush_markers requires order: "fifo", and the channel has order: "any"';
  const [any, markers] = ['channel all { order: "any" }', "protocol flush_markers"];
  const lossy = 'channel all { delivery: "lossy" }';
  assertEquals(await said(any, markers, "expect p.exited"), [`error ${fifo}`]);
  assertEquals(await said(any, "channel p[0] -> p[1] { order: any }", markers, "expect p.exited"), [
    `error ${fifo}`,
  ]);
  assertEquals(await said(any, "protocol counting", "expect p.exited"), []);
  assertEquals(await said(any, markers, "at 1ms checkpoint all as g", "expect g.lost > 0"), [
    `warning ${fifo}`,
  ]);
  // By a let, too.
  assertEquals(
    await said(
      any,
      markers,
      "let f(x) = x.orphans",
      "at 1ms checkpoint all as g",
      "expect f(g) > 0",
    ),
    [`warning ${fifo}`],
  );
  assertEquals(await said(any, 'channel all { order: "fifo" }', markers, "expect p.exited"), []);
  assertEquals(
    await said(
      'channel all { order: "fifo" }',
      "channel p[0] -> p[1] { order: any }",
      markers,
      "expect p.exited",
    ),
    [`error ${fifo}`],
  );
  const reliable = 'requires delivery: "reliable", and the channel has delivery: "lossy" without ' +
    'transport: "retransmit"';
  assertEquals(await said(lossy, "protocol counting", "expect p.exited"), [
    `error CK0510 message_counting ${reliable}`,
  ]);
  assertEquals(
    await said(lossy, "compare protocol { a = counting b = flush_markers }", "expect p.exited"),
    [`error CK0510 message_counting ${reliable}`, `error CK0510 flush_markers ${reliable}`],
  );
  const mended = 'channel all { delivery: "lossy", transport: "retransmit" }';
  assertEquals(await said(mended, "protocol counting", "expect p.exited"), []);
});

Deno.test("only channels some pair really has count against a protocol", async () => {
  const end = fc.constantFrom("p", "p[0]", "p[1]", "p[2]", "manager");
  const ends = fc.oneof(
    fc.constant("all"),
    fc.tuple(end, end).map(([from, to]) => `${from} -> ${to}`),
  );
  const statement = fc.tuple(ends, fc.constantFrom("fifo", "any"));
  const namesOf = (end = "all"): readonly string[] =>
    end === "all"
      ? ["p[0]", "p[1]", "p[2]", "manager"]
      : end === "p"
      ? ["p[0]", "p[1]", "p[2]"]
      : [end];
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { maxLength: 6 }), async (statements) => {
      const orders = new Map<string, string>();
      for (const [link, order] of statements) {
        const [from, to = from] = link.split(" -> ");
        for (const a of namesOf(from)) for (const b of namesOf(to)) orders.set(`${a} ${b}`, order);
      }
      const reorders = [...orders].some(([pair, order]) => {
        const [a, b] = pair.split(" ");
        return a !== b && order === "any";
      });
      const lines = statements.map(([link, order]) => `channel ${link} { order: "${order}" }`);
      const loaded = await read(scene(...lines, "protocol flush_markers", "expect p.exited"));
      assertEquals(loaded.diagnostics.some(({ code }) => code === "CK0510"), reorders);
    }),
    { numRuns: 200 },
  );
});

Deno.test("every lab is ended, also when one breaks or cannot be made", async () => {
  const text = scene("compare protocol { a = counting b = flush_markers }", "expect p.exited");
  const labs: FakeLab[] = [];
  const failing = (at: number, how: (lab: FakeLab) => void): Running["makeLab"] => () => {
    const lab = new FakeLab();
    if (labs.length === at) how(lab);
    labs.push(lab);
    return lab;
  };
  const thrown = async (makeLab: Running["makeLab"]): Promise<string> => {
    labs.length = 0;
    try {
      await run(text, { makeLab });
    } catch (error) {
      return (error as Error).message;
    }
    return "nothing";
  };
  const broken = failing(1, (lab) => lab.advance = () => Promise.reject(new Error("broke")));
  assertEquals([await thrown(broken), labs.map(({ ends }) => ends)], ["broke", [1, 1]]);
  const unmade = failing(1, () => {
    throw new Error("no lab");
  });
  assertEquals([await thrown(unmade), labs.map(({ ends }) => ends)], ["no lab", [1]]);
  const stuck = failing(0, (lab) =>
    lab.end = () => {
      throw new Error("stuck");
    });
  assertEquals([await thrown(stuck), labs.map(({ ends }) => ends)], ["stuck", [0, 1]]);
  const refusing = failing(0, (lab) =>
    lab.coordinate = () => {
      throw new LabError("no");
    });
  const { result } = await run(text, { makeLab: (labs.length = 0, refusing) });
  assertEquals(result.cells[0]?.problems.map(({ message }) => message), [
    "in a: the lab refused the setup: no",
  ]);
  assertEquals(labs.map(({ ends }) => ends), [1, 1]);
});

Deno.test("--workers reaches the lab", async () => {
  const asked: unknown[] = [];
  const files = { "s.ckpt": scene("expect p.exited") };
  const { host } = fakeHost(files, {
    makeLab: ({ workers }) => {
      asked.push(workers);
      return new FakeLab();
    },
  });
  for (const args of [["--workers", "0"], ["--workers=3"], ["--workers", "auto"], []]) {
    assertEquals(await main(["run", "s.ckpt", ...args], host), 0);
  }
  assertEquals(asked, [0, 3, "auto", undefined]);
});

Deno.test("--jit reaches the lab", async () => {
  const asked: unknown[] = [];
  const files = { "s.ckpt": scene("expect p.exited") };
  const { host } = fakeHost(files, {
    makeLab: ({ jit }) => {
      asked.push(jit);
      return new FakeLab();
    },
  });
  for (const args of [["--jit", "off"], ["--jit=verify"], ["--jit", "on"], []]) {
    assertEquals(await main(["run", "s.ckpt", ...args], host), 0);
  }
  assertEquals(asked, ["off", "verify", "on", "on"]);
});
