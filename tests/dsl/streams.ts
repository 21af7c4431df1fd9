/** Scripts whose runs are stored as event streams, and how to get the streams. */
import type { RunEvent } from "../../core/mod.ts";
import { main } from "../../dsl/cli.ts";
import { fakeHost } from "./fake.ts";

const head = (title: string, tags = ""): string =>
  `scenario "${title}" ${tags} {\n  node n0\n  proc p0 on n0 runs matmul { size: n }\n` +
  "  at 5ms checkpoint p0 as c1\n";

const matrix = "  matrix { n in [10, 20, 30] }\n";

/** A run worth reporting: what is run, and what it is an example of. */
export const RUNS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  green: {
    "green.ckpt": "ckpt 1\n" +
      head('a <green> one & \\"quoted\\"', "@smoke").replace("\\\\", "\\") + matrix +
      '  expect p0.exited\n  law p0.run_time == 1ms * n as "linear, #1"\n}\n',
  },
  failing: {
    "failing.ckpt": "ckpt 1\nlet n = 10\n" + head("it passes") + "  expect p0.exited\n}\n" +
      head("it fails", "@slow @paper") + matrix.replace("n in", "m in") +
      '  expect p0.run_time < 1ms * n * 15 / m as "short enough"\n  expect c1.pages == m / 2\n' +
      '  law c1.control_messages == 2 * c1.write_faults + 2 as "2N+2"\n}\n',
  },
  unknown: {
    "unknown.ckpt": "ckpt 1\nlet n = 10\n" + head("it is not known") +
      "  when p0.crashes > 0 checkpoint p0 as c9\n  expect c9.committed\n}\n" +
      head("it is vacuous") + "  matrix { m in [1, 2] }\n" +
      "  expect p0.exited if m > 5\n  expect p0.exited\n}\n",
  },
  script_error: {
    "bad.ckpt": "ckpt 1\nlet n = 10\n" + head("it is wrong") + "  expect p0.exitd\n}\n",
    "good.ckpt": "ckpt 1\nlet n = 10\n" + head("it is right") + "  expect p0.exited\n}\n",
  },
  plugin: {
    "plugin.ckpt": "ckpt 1\nlet n = 10\n" + head("a strategy breaks its contract") +
      "  at 6ms checkpoint p0 as broken\n  expect p0.exited\n}\n",
  },
  // Along a number, along names, alone, in alternatives, without a value.
  figures: {
    "figures.ckpt": `ckpt 1
// How long it takes.
//
//   time = n ms
//
// Notice that \`n\` is all that counts.
let unit = 1ms

// It is measured at three sizes,
// and what is <shown> is no markup.
scenario "figures" @paper {
  node n0 { clock: 100MHz * n }
  proc p0 on n0 runs matmul { size: n }
  compare checkpointer {
    slow = stop_world
    fast = concurrent
  }
  matrix {
    n in [10, 20, 30]
    kind in ["a", "b"]
  }
  at 5ms checkpoint p0 as c1
  expect p0.run_time <= n * unit as "no longer than it is large"
  expect p0.run_time in 50% * n * unit .. n * unit
  show p0.run_time along n as "run time"
  show p0.run_time / unit along kind as "ms"
  show (slow.p0.run_time - fast.p0.run_time) / slow.p0.run_time
  show p0.output as "what it says"
  when p0.crashes > 0 checkpoint p0 as c9
  show c9.pages
}
// Of the second.
scenario "one figure" {
  node n0
  proc p0 on n0 runs matmul { size: 10 }
  at 5ms checkpoint p0 as c2
  show p0.progress as "how far"
  show c2.committed
}
scenario "none" {
  node n0
  proc p0 on n0 runs matmul { size: 10 }
  expect p0.exited
}
`,
  },
};

/** What a run tells, as it would be recorded. */
export async function streamOf(name: string): Promise<string> {
  const files = RUNS[name] ?? {};
  const captured = fakeHost(files);
  await main(["run", ...Object.keys(files), "--reporter", "ndjson"], captured.host);
  return captured.out();
}

/** The events of a recording. */
export const eventsOf = (text: string): readonly RunEvent[] =>
  text.trimEnd().split("\n").map((line) => JSON.parse(line) as RunEvent);
