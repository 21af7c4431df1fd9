/**
 * The command `explore`, and its promise: a counter-example of the abstract world happens in the lab,
 * between programs on simulated nodes, when the script it prints is run.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  CHANNEL,
  CHECKPOINT_METRICS,
  CLUSTER_METRICS,
  PROCESS_METRICS,
  PROFILE,
  Registry,
  SEARCHES,
  World,
} from "../../core/mod.ts";
import type { Protocol } from "../../core/cluster/protocol.ts";
import {
  casesOf,
  explore,
  type ExploreScope,
  replayScript,
  type ViolationKind,
} from "../../core/lab/explorer.ts";
import { main } from "../../dsl/cli.ts";
import { checkpointers, protocols, workloads } from "../../plugins/mod.ts";
import { clsFlush } from "../../plugins/protocols/cls_flush.ts";
import { fakeHost } from "../dsl/fake.ts";
import * as counting from "../mutants/protocols/counting_mutants.ts";
import * as flush from "../mutants/protocols/flush_mutants.ts";

/** Runs the command with these protocols besides the built-in ones. */
async function run(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  more: readonly Protocol[] = [],
  around: { readonly isTerminal?: boolean; readonly clock?: () => number } = {},
) {
  const all = [...protocols, ...more];
  const registry = new Registry(checkpointers, workloads, all);
  const readProgram = (file: string) => Deno.readFileSync(new URL(file));
  const { host, out, err } = fakeHost(files, {
    ...around,
    vocabulary: {
      checkpointers,
      workloads,
      protocols: all,
      searches: SEARCHES,
      storages: [],
      faults: [],
      profile: PROFILE,
      channel: CHANNEL,
      processMetrics: PROCESS_METRICS,
      checkpointMetrics: CHECKPOINT_METRICS,
      clusterMetrics: CLUSTER_METRICS,
      reporters: [],
    },
    makeLab: ({ seed }) => new World({ seed, registry, readProgram }),
  });
  const code = await main(args, host);
  return { code, out: out(), err: err() };
}

const words = (line: string): readonly string[] => line.split(" ");

Deno.test("explore prints a table, and all hold", async () => {
  const { code, out, err } = await run(words("explore counting --processes 2 --messages 1"));
  assertEquals([code, err], [0, ""]);
  assertEquals(
    out,
    "protocol          case                            states  terminal  verdict\n" +
      "message-counting  0 to 1, 1 to 0; any; 1 request     261         5  holds\n",
  );
});

Deno.test("explore prints the counter-example and its script, or writes it", async () => {
  const line = "explore flush_markers --processes 2 --messages 1 --order any";
  const { code, out } = await run(words(line));
  assertEquals(code, 1);
  assertMatch(out, /cls-flush .* lost\n/);
  assertStringIncludes(out, "    1. process 0 sends message 1 to process 1\n");
  assertStringIncludes(out, "neither received nor saved\n\nckpt 1\n");
  const path = Deno.makeTempFileSync({ suffix: ".ckpt" });
  try {
    const written = await run([...words(line), "--output", path]);
    assertStringIncludes(written.out, `the script that replays the first one is in ${path}\n`);
    assert(out.endsWith(Deno.readTextFileSync(path)));
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("explore takes the options of a protocol, and its script has them", async () => {
  const line = "explore park_yeom --processes 3 --option";
  const ring = await run(words(`${line} pattern=ring`));
  assertEquals([ring.code, ring.err], [1, ""]);
  assertMatch(ring.out, /park-yeom, 0 to 1, 1 to 0, 2 to 0; fifo; 1 request: lost\n/);
  const script = ring.out.slice(ring.out.indexOf("ckpt 1\n"));
  assertStringIncludes(script, '\n  protocol park_yeom { pattern: "ring" }\n');
  const replayed = await run(["run", "replay.ckpt"], { "replay.ckpt": script });
  assertEquals(replayed.code, 0, replayed.out);
  assertEquals((await run(words(`${line} pattern=all`))).code, 0);
});

Deno.test("explore says how far it is: to who watches each step, to a log ever more seldom", async () => {
  const line = words("explore counting --messages 1");
  const { out } = await run(line);
  const watched = await run(line, {}, [], { isTerminal: true });
  assertEquals(watched.out, out);
  const where = "message-counting: 0 to 1, 1 to 0; any; 1 request";
  assertEquals(watched.err, `\r\x1b[K[1/1] ${where}: 0 states\r\x1b[K`);
  let seconds = 0;
  const logged = await run(words("explore counting"), {}, [], {
    clock: () => 1000 * seconds++,
  });
  const lines = logged.err.trimEnd().split("\n");
  assertEquals(lines.map((each) => / after (\d+) s$/.exec(each)?.[1]), ["15", "30"]);
  assertMatch(lines[0] ?? "", /^\[\d+\/\d+\] message-counting: .*: \d+ states after 15 s$/);
});

Deno.test("explore speaks JSON", async () => {
  const { code, out } = await run(words("explore flush --order any --messages 1 --json"));
  const { exit, cases: [first] } = JSON.parse(out);
  assertEquals([code, exit, first.verdict, first.case.order], [1, 1, "lost", "any"]);
  assertEquals([first.steps.length, first.script.slice(0, 6)], [12, "ckpt 1"]);
});

Deno.test("an exploration that is cut short is unknown", async () => {
  const { code, out } = await run(words("explore counting --messages 2 --max-states 50"));
  assertEquals(code, 2);
  assertMatch(out, /unfinished\n$/);
});

for (
  const [line, message] of [
    ["explore countin", "there is no protocol 'countin'; did you mean 'counting'?"],
    ["explore --processes 9", "--processes takes 1 to 4, not 9"],
    ["explore --messages many", "--messages takes a whole number, not 'many'"],
    ["explore --joins 2", "--joins takes less than the number of processes"],
    ["explore --option timeout=1s", "--option is for one protocol: name it"],
    ["explore flush --option pattern=ring", "the protocol 'cls-flush' has no option 'pattern'"],
    [
      "explore park_yeom --option patern=ring",
      "the protocol 'park-yeom' has no option 'patern'; did you mean 'pattern'?",
    ],
    ["explore park_yeom --option pattern=rin", "--option pattern: expected one of all, ring"],
    ["explore flush --option timeout=3", "--option timeout: expected a time such as 20ms"],
    [
      "explore flush --option timeout=-1ms",
      "--option timeout: expected at least 1us but found -1ms",
    ],
    [
      "explore spread_out --option writers=-1",
      "--option writers: expected at least 0 but found -1",
    ],
    ["explore spread_out --option writers=-", "expected a plain number but found a text"],
    ["explore spread_out --option writers=", "--option writers= needs a value: a plain number"],
    ["explore spread_out --option ahead=", "--option ahead: expected one of save, wait"],
    ["explore flush --option timeout", "--option takes name=value, not 'timeout'"],
    [
      "explore flush --option timeout=1s --option timeout=2s",
      "--option timeout is given twice",
    ],
    ["explore --order random", "--order takes fifo, any, not 'random'"],
    [
      "explore flush --messages 1 --order any --output /dev/null/x",
      "--output: cannot write '/dev/null/x'",
    ],
  ] as const
) {
  Deno.test(`refused: ${line}`, async () => {
    const { code, err } = await run(words(line));
    assertEquals(code, 64);
    assertStringIncludes(err, message);
  });
}

/** A protocol, the world in which it fails, and what the lab must see of it. */
const REPLAYED: readonly (readonly [Protocol, ExploreScope, ViolationKind])[] = [
  [clsFlush, { processes: 2, messages: 1, order: "any" }, "lost"],
  [counting.countingResumesEarly, { processes: 2, messages: 2 }, "orphan"],
  [counting.countingResumesEarly, { processes: 2, messages: 1 }, "abort"],
  [counting.countingExitsWithoutTable, { processes: 2, messages: 1, exits: 1 }, "lost"],
  [counting.countingExitsWithoutTable, { processes: 2, messages: 1, exits: 1 }, "abort"],
  [counting.countingHidesLostTables, { processes: 2, messages: 1, exits: 1 }, "lost"],
  [counting.countingNeverClearsReceived, { processes: 2, messages: 1, requests: 2 }, "abort"],
  [counting.countingForgetsNextInterval, { processes: 2, messages: 1, requests: 2 }, "deadlock"],
  [counting.countingSavesBeforeDrained, { processes: 2, messages: 1 }, "lost"],
  [counting.countingWaitsForTheDead, { processes: 2, messages: 1, exits: 1 }, "deadlock"],
  [flush.flushResumesEarly, { processes: 3, messages: 1 }, "orphan"],
  [flush.flushForgetsEarlyMarkers, { processes: 2, messages: 1 }, "deadlock"],
  [flush.flushLeavesAtOnce, { processes: 2, messages: 1, exits: 1 }, "lost"],
];

for (const [protocol, scope, kind] of REPLAYED) {
  Deno.test(`the lab replays ${protocol.name}: ${kind}`, async () => {
    const found = casesOf({ order: protocol.requires.order, ...scope })
      .map((given) => explore(protocol, given, { kinds: [kind] }).counterExample)
      .find((each) => each !== undefined);
    assert(found !== undefined);
    const more = protocols.includes(protocol) ? [] : [protocol];
    const script = replayScript(found, protocol.name);
    const { code, out, err } = await run(["run", "replay.ckpt"], { "replay.ckpt": script }, more);
    assertEquals(code, 0, `${out}${err}${script}`);
    // What is claimed is the protocol's fault: under the one without the mistake it is not so.
    const sound = replayScript(
      found,
      protocol.kinds.includes("OP") || more.length === 0 ? "message-counting" : "cls-flush",
    );
    assertEquals((await run(["run", "replay.ckpt"], { "replay.ckpt": sound })).code, 1, sound);
  });
}
