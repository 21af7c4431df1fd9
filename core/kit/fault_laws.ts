/** The laws of faults: something happens, it is over some time, and nobody is deceived by it. */
import { readOptions } from "../base/option.ts";
import { LabError, type Strategy } from "../lab/lab.ts";
import type { World } from "../lab/world.ts";
import { endOf, type JobEnd, NAMES, settled, setUpJob } from "./job_trial.ts";
import { law, type Subject } from "./law.ts";
import type { Options } from "./trial.ts";
import { forVariants, type Shown, usualOf, variantsOf } from "./variants.ts";

type Row = Subject<"faults">;

const MS = 1_000_000;

/** Longest a job may take with the fault, and a checkpoint that it hits, in virtual time. */
const LONGEST_NS = 5_000 * MS;
const CHECKPOINT_NS = 200 * MS;

/** Seeds a fault is tried with: it may choose a place where nothing is to be seen. */
const SEEDS = [1, 2, 3] as const;

/** What came of a job with a fault. */
interface Outcome extends JobEnd {
  /** What the lab refused, with its words: the user was told. */
  readonly told: string | undefined;
  /** Every process ended by itself. */
  readonly isOver: boolean;
  /** It was injected, and did not refuse itself. */
  readonly isInjected: boolean;
  /** What happened, but for the fault itself. */
  readonly events: string;
}

const strategyOf = (
  row: { readonly name: string; readonly options: never } | undefined,
): Strategy => {
  const { values } = readOptions(row?.options ?? {}, {});
  return { name: row?.name ?? "", options: values } as Strategy;
};

/** Three processes that send messages over channels that repair what is lost. */
function job({ bench, plugin }: Row, seed: number): World {
  const world = bench.world(seed, [plugin]);
  const { protocols: [protocol] } = world.options.registry;
  const setup = { workload: "bank", order: "any", transport: "retransmit" } as const;
  setUpJob(world, setup, strategyOf(protocol as never));
  return world;
}

/** A checkpoint, the fault, another checkpoint, a crash, and a restart from the first. */
async function steps(world: World, fault: Strategy | undefined): Promise<void> {
  const using = strategyOf(world.options.registry.checkpointers[0] as never);
  await world.advance(MS);
  await world.checkpoint(NAMES, "c1", using);
  await settled(world);
  if (fault !== undefined) world.inject(fault, { nodes: [], processes: [] });
  await world.checkpoint(NAMES, "c2", using);
  await settled(world, world.now + CHECKPOINT_NS);
  await world.crash({ processes: ["p1"], nodes: [], manager: false }, "nothing");
  await world.advance(world.now + 2 * MS);
  await world.restart(NAMES, "c1", undefined);
}

/** Runs the job with these steps, or undisturbed. */
async function outcome(
  subject: Row,
  seed: number,
  act: (world: World) => Promise<void> = () => Promise.resolve(),
): Promise<Outcome> {
  const world = job(subject, seed);
  let told: string | undefined;
  try {
    await world.begin();
    try {
      await act(world);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      told = error.message;
    }
    while (told === undefined && !world.atRest && world.now < LONGEST_NS) {
      await world.advance(world.now + 5 * MS);
    }
    return {
      ...endOf(world, seed),
      told,
      isOver: NAMES.every((name) => world.processMetric(name, "exited") === true),
      isInjected: world.trace.events.some(({ kind }) => kind === "fault"),
      events: JSON.stringify(world.trace.events.filter(({ kind }) => kind !== "fault")),
    };
  } finally {
    world.end();
  }
}

const withFault = (subject: Row, seed: number, options: Options): Promise<Outcome> =>
  outcome(
    subject,
    seed,
    (world) => steps(world, { name: subject.row.name, options } as Strategy),
  );

/** A script of a job with the fault. */
const shown = (title: string): Shown => ({
  title,
  lines: (fault) => [
    "seed 1",
    "node n[3] { ram: 1MiB, quantum: 100us, disk: 200MB/s }",
    "proc p[3] on n runs bank { transfers: 24, accounts: 4, gap: 250us, seed: 5 }",
    'channel all { order: "any", latency: 20us..200us, transport: "retransmit" }',
    "protocol message_counting",
    "at 1ms checkpoint all as c1",
    `when c1.committed inject ${fault}`,
    "after 1ms crash p[1]",
    "after 2ms restart all from c1",
    "until p.exited",
    "expect p.output == undisturbed.p.output",
  ],
});

const acts = law({
  id: "L11",
  kind: "faults",
  about: "it happens",
  level: "safe",
  tries: "With one of three seeds something in a run is not as it is without the fault.",
  check: (subject) =>
    forVariants(subject, usualOf(subject.row.options), shown("L11 it happens"), async (options) => {
      let told: string | undefined;
      for (const seed of SEEDS) {
        const found = await withFault(subject, seed, options);
        const twin = await outcome(subject, seed, (world) => steps(world, undefined));
        if (found.isInjected && found.events !== twin.events) return undefined;
        told = found.told;
      }
      return `it changes nothing of a run${told === undefined ? "" : `: ${told}`}`;
    }),
});

const ends = law({
  id: "L7",
  kind: "faults",
  level: "safe",
  tries: "A job with the fault comes to its end, or the lab says why it cannot go on.",
  check: (subject) =>
    forVariants(subject, usualOf(subject.row.options), shown("L7 termination"), async (options) => {
      for (const seed of SEEDS) {
        const { isOver, told } = await withFault(subject, seed, options);
        if (!isOver && told === undefined) {
          return "the job does not end within five seconds of virtual time";
        }
      }
      return undefined;
    }),
});

const repeats = law({
  id: "L11",
  kind: "faults",
  level: "safe",
  tries: "The same run with the fault, twice, leaves the same trace, whatever its options.",
  check: (subject) =>
    forVariants(subject, variantsOf(subject.row.options), shown("L11"), async (options) => {
      const first = await withFault(subject, 1, options);
      const second = await withFault(subject, 1, options);
      return first.hash === second.hash ? undefined : "run twice, it does not do the same";
    }),
});

const isTold = law({
  id: "L12",
  kind: "faults",
  level: "certified",
  tries: "A job with the fault ends as it does undisturbed, with no message lost or taken twice, " +
    "or the lab says what it refuses.",
  check: (subject) =>
    forVariants(
      subject,
      usualOf(subject.row.options),
      shown("L12 refuse, do not guess"),
      async (options) => {
        for (const seed of SEEDS) {
          const twin = await outcome(subject, seed);
          const found = await withFault(subject, seed, options);
          if (found.told !== undefined || !found.isOver) continue;
          if (found.ends !== twin.ends) return "the job ends otherwise, and nobody is told";
          if (found.lost + found.orphans + found.duplicated > 0) {
            return "messages are lost or taken twice, and nobody is told";
          }
        }
        return undefined;
      },
    ),
});

/** The laws of faults. */
export const FAULT_LAWS = [acts, ends, repeats, isTold] as const;
