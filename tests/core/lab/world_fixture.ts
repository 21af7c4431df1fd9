/** Worlds with the built-in strategies and guests, and orders in short. */
import { PROFILE, readOptions, type Strategy, World } from "../../../core/mod.ts";
import { LabError, Registry } from "../../../core/mod.ts";
import { checkpointers, protocols, workloads } from "../../../plugins/mod.ts";
import type { Checkpointer } from "../../../core/mod.ts";

/** A millisecond in ns. */
export const MS = 1_000_000;

/** A world, with more checkpointers than the built-in ones if given. */
export function newWorld(
  { seed = 1, more = [], ...rest }: {
    readonly seed?: number;
    readonly more?: readonly Checkpointer[];
    readonly worker?: URL;
    readonly workers?: number;
  } = {},
): World {
  return new World({
    ...rest,
    seed,
    registry: new Registry([...checkpointers, ...more], workloads, protocols),
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
