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
