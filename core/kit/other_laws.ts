/** The laws of workloads and metrics. */
import { readOptions } from "../base/option.ts";
import { PROFILE } from "../cluster/profile.ts";
import type { Strategy } from "../lab/lab.ts";
import type { Kind } from "../lab/plugin_kinds.ts";
import type { World } from "../lab/world.ts";
import { type Found, law, type Subject } from "./law.ts";
import { type Options, wordsOf } from "./trial.ts";
import { forVariants, usualOf } from "./variants.ts";

const MS = 1_000_000;

/** Longest a program may take that a scenario is to wait for, in virtual time. */
const LONGEST_NS = 60_000 * MS;

/** Runs a workload by itself on one node; what is asked of the world when it is at rest. */
async function alone<T>(
  world: World,
  workload: Strategy,
  ask: (world: World) => T,
  during: (world: World) => Promise<void> = () => Promise.resolve(),
): Promise<T> {
  try {
    world.addNode("n", readOptions(PROFILE, { ram: 32 * 2 ** 20 }).values);
    world.addProcess("p", "n", workload);
    await world.begin();
    await during(world);
    while (!world.atRest && world.now < LONGEST_NS) await world.advance(world.now + 5 * MS);
    return ask(world);
  } finally {
    world.end();
  }
}

const endOf = (world: World) => ({
  exited: world.processMetric("p", "exited") === true,
  output: String(world.processMetric("p", "output")),
  hash: world.traceHash,
  instructions: instructionsOf(world),
});

const isOver = (world: World): boolean => world.processMetric("p", "running") !== true;

const instructionsOf = (world: World): number => Number(world.processMetric("p", "instructions"));

/** A program that the user names has nothing to be tried with. */
const unnamed = (row: Subject<"workloads">["row"]): string | undefined =>
  row.start(readOptions(row.options, {}).values).file === ""
    ? "an option without a default names its program"
    : undefined;

/** A program with each choice of its options; what is wrong with its runs. */
const forRuns = (
  subject: Subject<"workloads">,
  variants: readonly Options[],
  title: string,
  check: (run: Strategy, world: () => World) => Promise<string | undefined>,
): Promise<Found> =>
  forVariants(
    subject,
    variants,
    {
      title,
      lines: (program) => [
        "node n { ram: 32MiB }",
        `proc p on n runs ${program}`,
        "at 1ms checkpoint p as c1",
        "expect p.exited",
        "expect p.output == undisturbed.p.output",
      ],
    },
    (options) =>
      check(
        { name: subject.row.name, options },
        () => subject.bench.world(1, [subject.plugin]),
      ),
  );

/** The smallest values a workload's options allow, and the defaults where there is no bound. */
const smallest = (row: Subject<"workloads">["row"]): Options =>
  Object.fromEntries(
    Object.entries(row.options).map(([name, option]) => [
      name,
      "min" in option && typeof option.min === "number" && option.type !== "times"
        ? option.min
        : option.default,
    ]),
  );

const repeats = law({
  id: "L11",
  kind: "workloads",
  level: "safe",
  skips: unnamed,
  tries: "A program run twice writes the same and leaves the same trace.",
  check: (subject) =>
    forRuns(subject, usualOf(subject.row.options), "L11", async (run, world) => {
      const first = await alone(world(), run, endOf);
      const second = await alone(world(), run, endOf);
      return first.hash === second.hash && first.output === second.output
        ? undefined
        : "run twice, it does not do the same";
    }),
});

const ends = law({
  id: "L7",
  kind: "workloads",
  level: "safe",
  skips: unnamed,
  tries: "A program comes to its end, with its usual options and with the least they allow.",
  check: (subject) =>
    forRuns(
      subject,
      [...usualOf(subject.row.options), smallest(subject.row)],
      "L7 termination",
      async (run, world) => {
        const { exited } = await alone(world(), run, endOf);
        return exited ? undefined : "it does not end by itself within a minute of virtual time";
      },
    ),
});

const survives = law({
  id: "L2",
  kind: "workloads",
  level: "recoverable",
  skips: (row) =>
    row.supports?.rerun === false ? "what it writes depends on when it runs" : unnamed(row),
  tries: "A program that is checkpointed, crashed and restarted writes what it does undisturbed.",
  check: (subject) =>
    forRuns(subject, usualOf(subject.row.options), "L2", async (run, world) => {
      const twin = await alone(world(), run, endOf);
      const found = await alone(world(), run, endOf, async (lab) => {
        const row = lab.options.registry.checkpointers[0];
        const { values } = readOptions(row?.options ?? {}, {});
        // In the middle; a program that is over in no time is saved before it begins.
        while (!isOver(lab) && instructionsOf(lab) < twin.instructions / 2) {
          await lab.advance(lab.now + MS / 50);
        }
        if (isOver(lab)) return;
        await lab.checkpoint(["p"], "c1", { name: row?.name ?? "", options: values } as Strategy);
        while (!lab.committed.includes("c1") && !lab.atRest) await lab.advance(lab.now + MS / 10);
        if (isOver(lab)) return;
        await lab.crash({ processes: ["p"], nodes: [], manager: false }, "nothing");
        await lab.advance(lab.now + MS);
        await lab.restart(["p"], "c1", undefined);
      });
      return found.output === twin.output ? undefined : "restarted, it writes something else";
    }),
});

/** The laws of workloads. */
export const WORKLOAD_LAWS = [repeats, ends, survives] as const;

/** A world with a checkpoint in it, for metrics to be asked of and reporters to be told of. */
export async function observed(
  { bench, plugin }: Pick<Subject<Kind>, "bench" | "plugin">,
  ask: (world: World) => string,
  meanwhile: () => void = () => {},
): Promise<string> {
  const world = bench.world(1, [plugin]);
  const row = world.options.registry.workload("counter");
  const workload = { name: "counter", options: readOptions(row?.options ?? {}, {}).values };
  return await alone(world, workload as Strategy, ask, async (lab) => {
    const saver = lab.options.registry.checkpointers[0];
    await lab.advance(MS / 5);
    const { values } = readOptions(saver?.options ?? {}, {});
    await lab.checkpoint(["p"], "c1", { name: saver?.name ?? "", options: values } as Strategy);
    meanwhile();
  });
}

function askMetric({ row }: Subject<"metrics">, world: World): string {
  switch (row.of) {
    case "process":
      return String(world.processMetric("p", row.name));
    case "checkpoint":
      return String(world.checkpointMetric("c1", row.name));
    case "cluster":
      return String(world.clusterMetric(row.name));
  }
}

const onlyLooks = law({
  id: "L1",
  kind: "metrics",
  level: "safe",
  tries: "Asking a metric changes nothing of the run, and asked twice it answers the same.",
  check: async (subject) => {
    try {
      const twin = await observed(subject, (world) => world.traceHash);
      const found = await observed(subject, (world) => {
        const [first, second] = [askMetric(subject, world), askMetric(subject, world)];
        return first === second ? world.traceHash : `it answers ${first}, and then ${second}`;
      });
      if (found === twin) return undefined;
      return { message: found.startsWith("it ") ? found : "asking it changes the run" };
    } catch (error) {
      return { message: wordsOf(error) };
    }
  },
});

const value = law({
  id: "L12",
  kind: "metrics",
  level: "certified",
  tries: "Of a process, a checkpoint and a run that are over it has a value of its unit.",
  check: async (subject) => {
    try {
      const found = await observed(subject, (world) => askMetric(subject, world));
      const isNumber = subject.row.unit !== "text" && subject.row.unit !== "truth";
      return !isNumber || Number.isFinite(Number(found))
        ? undefined
        : { message: `it answers ${found}, which is no ${subject.row.unit}` };
    } catch (error) {
      return { message: wordsOf(error) };
    }
  },
});

/** The laws of metrics. */
export const METRIC_LAWS = [onlyLooks, value] as const;
