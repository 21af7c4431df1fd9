/** What must be true of a world in which processes crashed and went back to a global checkpoint. */
import { readOptions, type World } from "../../core/mod.ts";
import { costDifference, declaredCost } from "../../core/lab/declared_cost.ts";
import { isDurable } from "../../core/lab/checkpoint_record.ts";
import { protocols } from "../../plugins/mod.ts";
import { MS } from "../core/lab/world_fixture.ts";

/** How the processes of a world ended, by name. */
export type Ends = ReadonlyMap<string, { readonly output: string; readonly exit: number }>;

/** No run here takes as long in virtual time; the timeout of a protocol is one second. */
const LONGEST_NS = 5_000 * MS;

const namesOf = (world: World): readonly string[] => world.setup.processes.map(({ name }) => name);

/** How every process ended. */
export function endsOf(world: World): Ends {
  return new Map(
    namesOf(world).map((name) => [name, {
      output: world.processMetric(name, "output") as string,
      exit: world.processMetric(name, "exit") as number,
    }]),
  );
}

/** Some process has not come to its end. */
export const isAnybodyRunning = (world: World): boolean =>
  namesOf(world).some((name) => world.processMetric(name, "running") === true);

/** Runs until nothing can happen any more; in words why not every process has ended. */
export async function toTheEnd(world: World): Promise<string | undefined> {
  await world.begin();
  while (!world.atRest) {
    if (world.now > LONGEST_NS) return "it does not come to rest";
    await world.advance(world.now + MS / 2);
  }
  const left = namesOf(world).filter((name) => world.processMetric(name, "exited") !== true);
  return left.length === 0 ? undefined : `${left.join(", ")} wait for ever`;
}

/** Every process went back to that line and to no other. */
export function restartProblems(world: World, label: string): readonly string[] {
  const restarts = new Map<string, string>();
  for (const { kind, process, text, time } of world.trace.events) {
    if (kind === "restart" && time === world.now && process !== "manager") {
      restarts.set(process, text);
    }
  }
  if (restarts.size === 0) return [`nobody was restarted from '${label}'`];
  return [...restarts].filter(([process, image]) => image !== `${label}.${process}`)
    .map(([process, image]) => `${process} was restarted from ${image}, not from '${label}'`);
}

/** Of each process, the image of its newest permanent checkpoint that is there, or its beginning. */
export function newestPermanent(world: World): ReadonlyMap<string, string> {
  const newest = new Map(namesOf(world).map((name) => [name, { at: -1, image: "the beginning" }]));
  for (const { parts } of world.checkpoints.values()) {
    for (const part of parts) {
      const { record: { name }, image, takenNs: at = -1 } = part;
      if (isDurable(part) && at > (newest.get(name)?.at ?? -1)) newest.set(name, { at, image });
    }
  }
  return new Map([...newest].map(([name, { image }]) => [name, image]));
}

/** Every process went back to where that says, and no further. */
export function fallProblems(
  world: World,
  places: ReadonlyMap<string, string>,
): readonly string[] {
  const restarts = world.trace.events.filter(({ kind, process, time }) =>
    kind === "restart" && time === world.now && process !== "manager"
  );
  const found = new Map(restarts.map(({ process, text }) => [process, text]));
  return [...places].filter(([process, image]) => found.get(process) !== image)
    .map(([process, image]) =>
      `${process} was restarted from ${found.get(process) ?? "nowhere"}, not from ${image}`
    );
}

/** What is wrong with a line that is committed, whatever became of it later. */
function lineProblems(world: World, label: string): readonly string[] {
  const { orphans, lost, duplicated, strange, clocksAgree } = world.auditor.line(label);
  const found = { orphans, lost, duplicated };
  const problems = Object.entries(found).filter(([, messages]) => messages.length > 0)
    .map(([what, messages]) => `line '${label}': ${what} ${JSON.stringify(messages)}`);
  if (clocksAgree === false) problems.push(`line '${label}': the vector clocks judge otherwise`);
  return [
    ...problems,
    ...strange.map((each) => `line '${label}': ${each}`),
    ...costProblems(world, label),
  ];
}

/** A line in which nobody ended or crashed cost what its protocol declares. */
function costProblems(world: World, label: string): readonly string[] {
  const coordinated = world.checkpoints.get(label)?.coordinated;
  if (coordinated === undefined) return [`line '${label}' is of no protocol`];
  const { protocol, members = [], control, disturbed } = coordinated;
  const row = protocols.find(({ name }) => name === protocol);
  if (disturbed || row === undefined) return [];
  const { values: options } = readOptions(row.options, {});
  const found = new Map([...control].map(([kind, { messages }]) => [kind, messages]));
  const cost = declaredCost(row, { n: members.length, options });
  const difference = costDifference(cost, found);
  if (difference === undefined) return [];
  const { kind, declared, found: sent } = difference;
  return [`line '${label}' took ${sent} control messages ${kind}, declared are ${declared}`];
}

/** Of checkpoints nothing stood in the way of: each is committed, unless nobody was left. */
export function checkpointProblems(world: World, labels: readonly string[]): readonly string[] {
  return labels.filter((label) => !world.committed.includes(label))
    .map((label) => [label, world.checkpointMetric(label, "why")] as const)
    .filter(([, why]) =>
      why !== "no process is left to save" && !/^process \d has ended$/.test(`${why}`)
    )
    .map(([label, why]) => `the checkpoint '${label}' was not committed: ${why || "no reason"}`);
}

/** What the stores hold besides the images of lines that are committed. */
export function leftoverProblems(world: World): readonly string[] {
  const known = new Set(
    world.committed.flatMap((label) => world.checkpoints.get(label)?.parts ?? [])
      .map(({ node, image }) => `${image} on ${node.name}`),
  );
  const found = [...world.setup.nodes.values()].flatMap(({ name, store }) =>
    [...store.labels(), ...store.sweep()].map((image) => `${image} on ${name}`)
  );
  const left = found.filter((each) => !known.has(each));
  return left.length === 0 ? [] : [`left in the stores: ${left.join(", ")}`];
}

/** What is wrong with a world that has come to its end, compared with its undisturbed twin. */
export function runProblems(world: World, twin: Ends): readonly string[] {
  const problems: string[] = [];
  for (const [name, { output, exit }] of endsOf(world)) {
    const expected = twin.get(name);
    if (output !== expected?.output) {
      const [found, wanted] = [output, expected?.output].map((text) => JSON.stringify(text));
      problems.push(`${name} wrote ${found}, undisturbed ${wanted}`);
    }
    if (exit !== expected?.exit) {
      problems.push(`${name} ended with ${exit}, undisturbed with ${expected?.exit}`);
    }
  }
  for (const metric of ["orphans", "lost", "duplicated", "in_flight"]) {
    const count = world.clusterMetric(metric);
    if (count !== 0) problems.push(`the run has ${count} ${metric}`);
  }
  const { clean, strange } = world.auditor.run([]);
  problems.push(...strange);
  if (!clean) problems.push("the audit of the run is not clean");
  // A label of one process is no line; where each goes back to says whether there was one.
  if (world.coordination?.protocol.tentative === true) return problems;
  return [...problems, ...world.committed.flatMap((label) => lineProblems(world, label))];
}
