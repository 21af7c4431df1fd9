/** Worlds with the built-in strategies and guests, and orders in short. */
import {
  CHANNEL,
  type Checkpointer,
  type Jit,
  LabError,
  PROFILE,
  type Protocol,
  readOptions,
  Registry,
  type Strategy,
  type Victims,
  type WorkerSupply,
  World,
  type WorldOptions,
} from "../../../core/mod.ts";
import { checkpointers, faults, protocols, storages, workloads } from "../../../plugins/mod.ts";

/** A millisecond in ns. */
export const MS = 1_000_000;

/** A world, with more strategies than the built-in ones if given. */
export function newWorld(
  { seed = 1, more = [], others = [], ...rest }: {
    readonly seed?: number;
    readonly more?: readonly Checkpointer[];
    readonly others?: readonly Protocol[];
    readonly supply?: WorkerSupply;
    readonly workers?: number;
    readonly jit?: Jit;
    readonly onFact?: NonNullable<WorldOptions["onFact"]>;
  } = {},
): World {
  return new World({
    ...rest,
    seed,
    registry: new Registry(
      [...checkpointers, ...more],
      workloads,
      [...protocols, ...others],
      [],
      storages,
      faults,
    ),
    readProgram: (file) => {
      try {
        return Deno.readFileSync(new URL(file));
      } catch {
        throw new LabError(`cannot read '${file}'`);
      }
    },
  });
}

/** A node of that profile in a world. */
export const addNode = (world: World, name: string, given: Record<string, unknown> = {}): void =>
  world.addNode(
    name,
    readOptions(PROFILE, { ram: 8 * 2 ** 20, quantum: 100_000, disk: 200_000_000, ...given })
      .values,
  );

/** A workload of the registry with options. */
export function load(name: string, given: Record<string, unknown> = {}): Strategy {
  const row = workloads.find((each) => each.name === name);
  const { values, problems } = readOptions(row?.options ?? {}, given);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return { name, options: values };
}

/** A checkpointer of the registry with options. */
export function using(name: string, given: Record<string, unknown> = {}): Strategy {
  const row = checkpointers.find((each) => each.name === name);
  return { name, options: readOptions(row?.options ?? {}, given).values as Strategy["options"] };
}

/** A world with one node and one process. */
export function oneProcess(
  workload: Strategy,
  profile: Record<string, unknown> = {},
  more: readonly Checkpointer[] = [],
): World {
  const world = newWorld({ more });
  addNode(world, "n0", profile);
  world.addProcess("p0", "n0", workload);
  return world;
}

/** Runs on until a condition holds. */
export async function until(world: World, holds: () => boolean, step = 50_000): Promise<void> {
  await world.begin();
  for (let n = 0; !holds(); n++) {
    if (n > 100_000) throw new Error("it never came to that");
    await world.advance(world.now + step);
  }
}

/** Runs until every named process has ended. */
export const toEnd = (world: World, ...names: readonly string[]): Promise<void> =>
  until(world, () => names.every((name) => world.processMetric(name, "exited") === true));

/** A crash of these processes alone. */
export const victims = (...processes: readonly string[]): Victims => (
  { processes, nodes: [], manager: false }
);

/** A protocol with its options. */
export function protocol(
  name: string,
  given: Record<string, unknown> = {},
  others: readonly Protocol[] = [],
): Strategy {
  const row = [...protocols, ...others].find((each) => each.name === name);
  return { name, options: readOptions(row?.options ?? {}, given).values as Strategy["options"] };
}

/** Several processes of one program under a protocol. */
export interface JobPlan {
  readonly workload: Strategy;
  /** Processes, `p0` and so on, on `nodes` nodes in turn. */
  readonly count?: number;
  readonly nodes?: number;
  readonly protocol?: Strategy | undefined;
  readonly profile?: Record<string, unknown>;
  readonly channel?: Record<string, unknown>;
  /** When each begins, in ns. */
  readonly starts?: readonly number[];
}

/** Names of the first processes. */
export const named = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, rank) => `p${rank}`);

/** A world with a job in it, set up and not begun. */
export function job(plan: JobPlan, options: Parameters<typeof newWorld>[0] = {}): World {
  const { workload, count = 3, nodes = count, profile = {}, channel = {}, starts = [] } = plan;
  const world = newWorld(options);
  for (let node = 0; node < nodes; node++) addNode(world, `n${node}`, profile);
  for (const [rank, name] of named(count).entries()) {
    world.addProcess(name, `n${rank % nodes}`, workload, starts[rank]);
  }
  const stations = [...named(count), "manager"];
  world.connect(stations, stations, readOptions(CHANNEL, channel).values);
  if (plan.protocol !== undefined) world.coordinate(plan.protocol);
  return world;
}
