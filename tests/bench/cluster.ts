/**
 * What a cluster costs on this host: Workers against one thread, delivered messages, processes.
 * Every configuration runs in a process of its own, in turn with the others.
 */
import { type ClusterSetup, runApart } from "./cluster_run.ts";
import type { Sheet } from "./figure.ts";
import type { BenchOptions } from "./options.ts";
import { ratiosOf } from "./pair.ts";

const MATPOWER: ClusterSetup = {
  guest: "matpower",
  options: { size: 160, power: 8 },
  count: 4,
  nodes: 4,
  latencyNs: 200_000,
  workers: 1,
  checkpointsAtNs: [],
};

const GOSSIP: ClusterSetup = {
  guest: "gossip",
  options: { messages: 6, size: 256, gap: 25_000_000 },
  count: 16,
  nodes: 4,
  latencyNs: 50_000,
  workers: 0,
  checkpointsAtNs: [],
};

/** Two Workers against one, and against none, on the computing program. */
function speedUp({ pairs, quick }: BenchOptions, sheet: Sheet): void {
  sheet.progress("cluster: Workers on a computing program");
  const setup = quick ? { ...MATPOWER, options: { size: 64, power: 4 } } : MATPOWER;
  const one: number[] = [], two: number[] = [], none: number[] = [];
  const hashes = new Set<string>();
  const timed = (workers: number) => {
    const { seconds, traceHash } = runApart({ ...setup, workers });
    hashes.add(traceHash);
    return seconds;
  };
  for (let n = 0; n < pairs; n++) {
    one.push(timed(1));
    two.push(timed(2));
    none.push(timed(0));
  }
  if (hashes.size > 1) throw new Error("the traces differ with the number of Workers");
  const name = `matpower 4 x ${setup.options["size"]}`;
  sheet.figure(`${name}: time on 1 Worker / on 2`, "ratio", ratiosOf(one, two));
  sheet.figure(`${name}: time in one thread / on 2 Workers`, "ratio", ratiosOf(none, two));
}

/** What 10,000 delivered messages take. */
function messages({ pairs, quick }: BenchOptions, sheet: Sheet): void {
  sheet.progress("cluster: messages");
  const count = quick ? 50 : 1250;
  const setup = { ...GOSSIP, options: { messages: count, size: 256, gap: 20_000 } };
  const samples = { thread: [] as number[], workers: [] as number[] };
  const timed = (workers: number) => {
    const { seconds, messages } = runApart({ ...setup, workers });
    return seconds * 10_000 / messages;
  };
  for (let n = 0; n < pairs; n++) {
    samples.thread.push(timed(0));
    samples.workers.push(timed(2));
  }
  const name = `gossip 16 x ${count}: 10,000 delivered messages`;
  sheet.figure(
    `${name}, 2 Workers / one thread`,
    "ratio",
    ratiosOf(samples.workers, samples.thread),
  );
  sheet.figure(`${name}, one thread`, "s", samples.thread);
  sheet.figure(`${name}, 2 Workers`, "s", samples.workers);
}

/** What a process costs as there are more of them: two checkpoints of all by message counting. */
function processes({ pairs, most }: BenchOptions, sheet: Sheet): void {
  for (const count of [16, 64, 256, 1024, 4096].filter((count) => count <= most)) {
    sheet.progress(`cluster: ${count} processes`);
    const time: number[] = [], memory: number[] = [];
    for (let n = 0; n < (count > 256 ? 1 : pairs); n++) {
      const workers = count > 64 ? 2 : 0;
      const checkpointsAtNs = [3_000_000, 70_000_000];
      const outcome = runApart({ ...GOSSIP, count, workers, checkpointsAtNs });
      time.push((outcome.seconds + outcome.bootSeconds) * 1000 / count);
      memory.push(outcome.megabytes * 1024 / count);
    }
    sheet.figure(`${count} processes, two global checkpoints: a process`, "ms", time);
    sheet.figure(`${count} processes: resident memory a process`, "KiB", memory);
  }
}

/** A Worker for each process. */
function isolated({ pairs, most }: BenchOptions, sheet: Sheet): void {
  const count = Math.min(64, most);
  sheet.progress(`cluster: ${count} Workers`);
  const options = { messages: 6, size: 256, gap: 200_000 };
  const boot: number[] = [], memory: number[] = [];
  for (let n = 0; n < pairs; n++) {
    const outcome = runApart({ ...GOSSIP, options, count, workers: "process" });
    boot.push(outcome.bootSeconds);
    memory.push(outcome.megabytes / count);
  }
  const name = `${count} processes in ${count} Workers`;
  sheet.figure(`${name}: until all have begun`, "s", boot);
  sheet.figure(`${name}: resident memory a Worker`, "MiB", memory);
}

/** The part. */
export function cluster(options: BenchOptions, sheet: Sheet): void {
  speedUp(options, sheet);
  messages(options, sheet);
  processes(options, sheet);
  isolated(options, sheet);
}
