/** The laws of storages: what is kept there can be had again, and no more is kept than was said. */
import { readOptions } from "../base/option.ts";
import { PROFILE } from "../cluster/profile.ts";
import { LabError, type Strategy } from "../lab/lab.ts";
import type { World } from "../lab/world.ts";
import { law, type Subject } from "./law.ts";
import type { Options } from "./trial.ts";
import { forVariants, type Shown, usualOf, variantsOf } from "./variants.ts";

const MS = 1_000_000;

/** Longest a checkpoint of a small program may take on a storage, in virtual time. */
const LONGEST_NS = 60_000 * MS;

/** Runs for some ms of virtual time by itself. */
const PROGRAM = { name: "counter", options: { ticks: 200, turns: 20_000 } };

/** A program on a node whose images are kept there; what is done with it, and what came of it. */
async function stored<T>(
  { bench, plugin, row }: Subject<"storages">,
  options: Options,
  act: (world: World) => T | Promise<T>,
): Promise<T> {
  const world = bench.world(1, [plugin]);
  try {
    world.keep({ name: row.name, options } as Strategy);
    // The second is for storages that keep something there.
    for (const name of ["n", "other"]) {
      world.addNode(name, readOptions(PROFILE, { disk: 200_000_000 }).values);
    }
    const table = world.options.registry.workload(PROGRAM.name)?.options ?? {};
    const workload = { name: PROGRAM.name, options: readOptions(table, PROGRAM.options).values };
    world.addProcess("p", "n", workload as Strategy);
    await world.begin();
    await world.advance(MS);
    return await act(world);
  } finally {
    world.end();
  }
}

/** Begins a checkpoint. */
async function begin(world: World, label: string): Promise<void> {
  const row = world.options.registry.checkpointers[0];
  const using = { name: row?.name ?? "", options: readOptions(row?.options ?? {}, {}).values };
  await world.checkpoint(["p"], label, using as Strategy);
}

/** Goes on until something is so; `what` says of what it was not within a minute. */
async function until(world: World, what: string, isSo: () => boolean): Promise<void> {
  const latest = world.now + LONGEST_NS;
  for (let step = MS / 10; !isSo() && world.now < latest; step *= 2) {
    await world.advance(Math.min(latest, world.now + step));
  }
  if (!isSo()) throw new LabError(`${what} not there within a minute`);
}

/** Takes a checkpoint and waits until it is durable. */
async function save(world: World, label: string): Promise<void> {
  await begin(world, label);
  const isDone = () => world.checkpointMetric(label, "committed") === true;
  await until(world, "a committed checkpoint is", isDone);
}

const placesOf = (world: World, label: string): number =>
  Number(world.checkpointMetric(label, "places"));

/** Brings the program back and runs it to its end; what it has written. */
async function ended(world: World, from: string | undefined): Promise<string> {
  await world.advance(world.now + MS);
  await world.restart(["p"], from, undefined);
  const until = world.now + LONGEST_NS;
  while (!world.atRest && world.now < until) await world.advance(world.now + 5 * MS);
  return String(world.processMetric("p", "output"));
}

const PROCESS = { processes: ["p"], nodes: [], manager: false };
const NODE = { processes: [], nodes: ["n"], manager: false };

/** The program's output when nothing is done to it. */
const undisturbed = (subject: Subject<"storages">, options: Options): Promise<string> =>
  stored(subject, options, async (world) => {
    while (!world.atRest && world.now < LONGEST_NS) await world.advance(world.now + 5 * MS);
    return String(world.processMetric("p", "output"));
  });

/** A script of a program saved there, and what is done with it then. */
const shown = (title: string, steps: readonly string[]): Shown => ({
  title,
  lines: (storage) => [
    "node n { disk: 200MB/s }",
    "node other { disk: 200MB/s }",
    "proc p on n runs counter { ticks: 200, turns: 20000 }",
    `storage ${storage}`,
    "at 1ms checkpoint p as c1",
    ...steps,
  ],
});

const GOES_ON = [
  "when c1.committed crash p",
  "after 1ms restart p from c1",
  "until p.exited",
  "expect p.output == undisturbed.p.output",
];

const roundTrip = law({
  id: "L2",
  kind: "storages",
  level: "recoverable",
  tries: "A program saved there, whose process crashes, is restarted and writes what it does " +
    "undisturbed.",
  check: (subject) =>
    forVariants(
      subject,
      usualOf(subject.row.options),
      shown("L2 round trip", GOES_ON),
      async (options) => {
        const found = await stored(subject, options, async (world) => {
          await save(world, "c1");
          await world.crash(PROCESS, "nothing");
          return await ended(world, "c1");
        });
        if (found === await undisturbed(subject, options)) return undefined;
        return "restarted, the program writes something else";
      },
    ),
});

const ends = law({
  id: "L7",
  kind: "storages",
  level: "safe",
  tries: "A checkpoint of a small program is committed within a minute of virtual time, with the " +
    "usual options of the storage.",
  check: (subject) =>
    forVariants(
      subject,
      usualOf(subject.row.options),
      shown("L7 termination", ["until time >= 60s", "expect c1.committed"]),
      (options) =>
        stored(subject, options, async (world) => {
          await save(world, "c1");
          return undefined;
        }),
    ),
});

const survives = law({
  id: "L9",
  kind: "storages",
  level: "recoverable",
  tries: "What is committed outlives the crash of its node that takes all that is not durable; a " +
    "storage in the node's memory alone loses it, and the restart is refused; where there are " +
    "levels, it outlives it when all of them have it.",
  check: (subject) =>
    forVariants(
      subject,
      usualOf(subject.row.options),
      shown("L9 commit and validation", [
        "// where there are levels: when c1.places says that all of them have it",
        "when c1.committed crash n losing unsynced",
        ...GOES_ON.slice(1),
      ]),
      async (options) => {
        const { medium, levels = [] } = subject.row.keep(options as never);
        const found = await stored(subject, options, async (world) => {
          await save(world, "c1");
          await until(world, "its copies are", () => placesOf(world, "c1") > levels.length);
          await world.crash(NODE, "unsynced");
          try {
            return { output: await ended(world, "c1") };
          } catch (error) {
            if (error instanceof LabError) return { refused: error.message };
            throw error;
          }
        });
        if (medium === "memory" && levels.length === 0) {
          return "refused" in found ? undefined : "an image in memory outlives its node";
        }
        if ("refused" in found) return `a committed image is gone: ${found.refused}`;
        return found.output === await undisturbed(subject, options)
          ? undefined
          : "restarted, the program writes something else";
      },
    ),
});

/** How many checkpoints are taken where some are to be forgotten: without levels, and more than are kept. */
const TAKEN = 3, MORE = 2;

const retains = law({
  id: "L9",
  kind: "storages",
  about: "retain",
  level: "recoverable",
  skips: ({ options }) => "retain" in options ? undefined : "it has no option 'retain'",
  tries:
    "As many checkpoints are kept as the option 'retain' says, the newest, and as many at each " +
    "level; from the newest the program goes on.",
  check: (subject) =>
    forVariants(
      subject,
      [0, 1, 2].map((retain) => ({ ...usualOf(subject.row.options)[0], retain })),
      shown("L9 retain", GOES_ON),
      async (options) => {
        const retain = Number(options["retain"]);
        const { levels = [] } = subject.row.keep(options as never);
        // Each level has its own newest, and one may be on its way there.
        const most = retain + levels.length * (retain + 1);
        const taken = retain === 0 || levels.length === 0 ? TAKEN : most + MORE;
        const labels = Array.from({ length: taken }, (_, n) => `c${n + 1}`);
        const found = await stored(subject, options, async (world) => {
          for (const label of labels) await save(world, label);
          const images = Number(world.clusterMetric("images"));
          await world.crash(PROCESS, "nothing");
          return { images, output: await ended(world, undefined) };
        });
        const [least, greatest] = retain === 0 ? [taken, taken] : [retain, most];
        if (found.images < least || found.images > greatest) {
          const wanted = least === greatest ? `${least}` : `${least} to ${greatest}`;
          return `${found.images} images are kept, not ${wanted}`;
        }
        return found.output === await undisturbed(subject, options)
          ? undefined
          : "restarted from the newest, the program writes something else";
      },
    ),
});

const repeats = law({
  id: "L11",
  kind: "storages",
  level: "safe",
  tries: "The same run on it, twice, leaves the same trace, whatever its options.",
  check: (subject) =>
    forVariants(
      subject,
      variantsOf(subject.row.options),
      shown("L11", ["until p.exited", "expect c1.committed"]),
      async (options) => {
        const run = () =>
          stored(subject, options, async (world) => {
            await begin(world, "c1");
            // With the least of its options a checkpoint may take for ever.
            await world.advance(world.now + 50 * MS);
            return world.traceHash;
          });
        return await run() === await run() ? undefined : "run twice, it does not do the same";
      },
    ),
});

/** The laws of storages. */
export const STORAGE_LAWS = [roundTrip, ends, survives, retains, repeats] as const;
