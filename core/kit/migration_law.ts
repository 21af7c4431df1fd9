/** The law of checkpointers that move processes, for those that say they can. */
import { readOptions } from "../base/option.ts";
import { PROFILE } from "../cluster/profile.ts";
import type { Strategy } from "../lab/lab.ts";
import type { World } from "../lab/world.ts";
import { type Found, type KitProgram, law, type Subject } from "./law.ts";
import { scriptOf, strategyText } from "./reproduction.ts";
import { attempted } from "./variants.ts";

const MS = 1_000_000;

/** Longest a program may take, in virtual time. */
const LONGEST_NS = 5_000 * MS;

/** Runs a program on the first of two nodes; moved to the other if a strategy is given. */
async function moved(world: World, program: KitProgram, using: Strategy | undefined) {
  try {
    const profile = readOptions(PROFILE, { ram: 16 * 2 ** 20, disk: 400_000_000 }).values;
    for (const name of ["a", "b"]) world.addNode(name, profile);
    world.addProcess("p", "a", { name: program.name, options: program.options });
    await world.begin();
    await world.advance(MS / 10);
    if (using !== undefined) await world.migrate(["p"], "b", using);
    while (!world.atRest && world.now < LONGEST_NS) await world.advance(world.now + MS);
    const ask = (metric: string) => String(world.processMetric("p", metric));
    return { node: ask("node"), end: `${ask("exit")}: ${ask("output")}` };
  } finally {
    world.end();
  }
}

async function check({ plugin, row, bench }: Subject<"checkpointers">): Promise<Found> {
  const { values } = readOptions(row.options, {});
  const using = { name: row.name, options: values } as Strategy;
  for (const program of bench.programs) {
    const message = await attempted(async () => {
      const twin = await moved(bench.world(1, [plugin]), program, undefined);
      const found = await moved(bench.world(1, [plugin]), program, using);
      if (found.node !== "b") return `the program is on ${found.node} and not where it was sent`;
      return found.end === twin.end ? undefined : "moved, it does not end as undisturbed";
    });
    if (message === undefined) continue;
    const script = scriptOf(plugin, "L2 round trip: migration", [
      "node a { ram: 16MiB, disk: 400MB/s }",
      "node b { ram: 16MiB, disk: 400MB/s }",
      `proc p on a runs ${program.workload}`,
      `at 100us migrate p to b using ${strategyText(row.name, using.options, row.options)}`,
      "until p.exited",
      'expect p.node == "b"',
      "expect p.output == undisturbed.p.output",
    ]);
    return { message: `${message} (${program.workload})`, script };
  }
  return undefined;
}

/** A process that moves goes on elsewhere as if nothing had happened. */
export const migration = law({
  id: "L2",
  kind: "checkpointers",
  about: "migration",
  level: "recoverable",
  tries: "A process that is moved to another node in the middle ends as undisturbed.",
  skips: (row) =>
    row.supports?.migration === false ? "it says that it does not support migration" : undefined,
  check,
});
