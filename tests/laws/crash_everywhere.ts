/**
 * A crash at every step of a global checkpoint. A first run writes down at what times something
 * happens while it is under way: control messages leave and arrive, captures go from step to step,
 * the disk changes, the line is recorded. Then each of these moments is the last of some victim.
 *
 * Two of the three processes stay where the line before was saved; the third has moved since, so
 * that losing its node's disk takes nothing of that line.
 */
import type { ClusterListener } from "../../core/cluster/cluster.ts";
import type { Fact } from "../../core/cluster/facts.ts";
import {
  CHANNEL,
  LabError,
  type Loss,
  readOptions,
  type Victims,
  type World,
} from "../../core/mod.ts";
import { protocols } from "../../plugins/mod.ts";
import {
  addNode,
  load,
  MS,
  newWorld,
  protocol as usually,
  until,
  using,
} from "../core/lab/world_fixture.ts";
import {
  checkpointProblems,
  type Ends,
  endsOf,
  leftoverProblems,
  restartProblems,
  runProblems,
  toTheEnd,
} from "./cluster_claims.ts";

const PROCESSES = ["p0", "p1", "p2"] as const;
const NODES = ["n0", "n1", "n2", "n3"] as const;

/** Every protocol that takes all back to one line. */
const COORDINATED = protocols.filter(({ recovery }) => recovery === "line");

/** A global checkpoint to be disturbed. */
export interface Situation {
  /** Both strategies. */
  readonly name: string;
  readonly guest: "gossip" | "bank";
  readonly protocol: string;
  readonly order: "any" | "fifo";
  readonly checkpointer: "stop-the-world" | "concurrent-cow";
}

/** Who crashes. */
export type Victim =
  | { readonly process: string }
  | { readonly node: string; readonly losing: Loss }
  | "manager"
  /** All of them: the power goes. */
  | "everything";

/** Every protocol with every checkpointer. */
export const SITUATIONS: readonly Situation[] = COORDINATED.flatMap((
  { name: protocol, requires },
) =>
  (["stop-the-world", "concurrent-cow"] as const).map((checkpointer) => (
    {
      name: `${protocol} ${checkpointer}`,
      guest: requires.order === "fifo" ? "bank" : "gossip",
      protocol,
      order: requires.order,
      checkpointer,
    } as const
  ))
);

/** Everybody that can crash, and each way to lose a disk; n3 is where p2 has moved to. */
export const VICTIMS: readonly Victim[] = [
  ...PROCESSES.map((process) => ({ process })),
  { node: "n0", losing: "unsynced" },
  { node: "n3", losing: "unsynced" },
  { node: "n0", losing: "disk" },
  { node: "n3", losing: "disk" },
  "manager",
  "everything",
];

/** One crash. */
export interface CrashCase {
  /** Its place among all, from 0. */
  readonly number: number;
  readonly situation: Situation;
  /** When, in ns. */
  readonly moment: number;
  /** When the line is recorded if nothing happens, in ns. */
  readonly recordedNs: number;
  readonly victim: Victim;
  /** The victim in words. */
  readonly who: string;
  /** How the processes end if nothing happens. */
  readonly twin: Ends;
}

/** All crashes; neighbours differ in the victim. */
export async function allCases(): Promise<readonly CrashCase[]> {
  const all: CrashCase[] = [];
  for (const situation of SITUATIONS) {
    const twin = await undisturbed(situation);
    const { moments, recordedNs } = await momentsOf(situation);
    for (const moment of moments) {
      for (const victim of VICTIMS) {
        const number = all.length, who = victimInWords(victim);
        all.push({ number, situation, moment, recordedNs, victim, who, twin });
      }
    }
  }
  return all;
}

/** A crash in words, and the command that runs it again. */
export const crashInWords = ({ number, situation, moment, who }: CrashCase): string =>
  `${situation.name}: ${who} crashes at ${moment} ns; again: deno task crashes --only ${number}`;

/** What came of a crash. */
export type Outcome =
  | "back to the line before"
  | "back to the new line"
  | "nothing to go back to"
  | "went on with the new line"
  | "went on without it"
  | "failed";

/** It polls, or its moves take messages: there must be somebody left to be saved a second time. */
function isSlow(protocol: string): boolean {
  const { perRound, moves } = COORDINATED.find(({ name }) => name === protocol) ?? {};
  return perRound !== undefined || moves !== undefined;
}

function worldOf({ guest, protocol, order }: Situation): World {
  const world = newWorld({ seed: 7 });
  for (const node of NODES) addNode(world, node, { ram: 2 ** 20 });
  const traffic = { gap: 250_000, seed: 5 };
  const messages = isSlow(protocol) ? 32 : 16;
  const workload = guest === "bank"
    ? load("bank", { transfers: messages, accounts: 4, ...traffic })
    : load("gossip", { messages, size: 64, ...traffic });
  for (const [rank, name] of PROCESSES.entries()) world.addProcess(name, `n${rank}`, workload);
  const latency = { shape: "uniform", low: 20_000, high: 200_000 };
  const ends = [...PROCESSES, "manager"];
  world.connect(ends, ends, readOptions(CHANNEL, { order, latency }).values);
  world.coordinate(usually(protocol));
  return world;
}

/** How it ends when nothing happens to it. */
async function undisturbed(situation: Situation): Promise<Ends> {
  const world = worldOf(situation);
  const stuck = await toTheEnd(world);
  if (stuck !== undefined) throw new Error(stuck);
  const ends = endsOf(world);
  world.end();
  return ends;
}

/** A world in which c1 is committed, p2 has moved, and c2 begins. */
async function atSecondCheckpoint(situation: Situation): Promise<World> {
  const world = worldOf(situation);
  const strategy = using(situation.checkpointer);
  await world.advance(MS / 2);
  await world.checkpoint(PROCESSES, "c1", strategy);
  await until(world, () => world.coordination?.isBusy === false);
  if (!world.committed.includes("c1")) throw new Error("the first checkpoint was not committed");
  await world.advance(world.now + MS / 4);
  await world.migrate(["p2"], "n3", strategy);
  await until(world, () => world.trace.events.some(({ kind }) => kind === "migrated"));
  // Where a protocol takes part in moves, everybody has to know first.
  await until(world, () => world.coordination?.moves.areUnderWay === false);
  await world.advance(world.now + MS / 4);
  await world.checkpoint(PROCESSES, "c2", strategy);
  return world;
}

const POLL_NS = 1000;

/** The times, in ns, at which something happens from the request of c2 to its last message. */
async function momentsOf(
  situation: Situation,
): Promise<{ readonly moments: readonly number[]; readonly recordedNs: number }> {
  const world = await atSecondCheckpoint(situation);
  const from = world.now, times = new Set<number>([from]);
  watchFacts(world, (at) => times.add(at));
  watchArrivals(world, (at) => times.add(at));
  let last = "";
  const isOver = () =>
    world.coordination?.isBusy === false &&
    !world.cluster.packetsInFlight().some(({ body }) => body.kind === "control");
  while (!isOver()) {
    await world.advance(world.now + POLL_NS);
    const now = stepsOf(world);
    if (now !== last) times.add(world.now);
    last = now;
  }
  for (const { time } of world.trace.events) if (time >= from) times.add(time);
  const recordedNs = world.checkpoints.get("c2")?.coordinated?.recordedNs;
  if (recordedNs === undefined) {
    throw new Error(`${situation.name}: the second checkpoint was not committed`);
  }
  world.end();
  // Just before it happens and just after.
  const both = [...times].flatMap((time) => [time, time + 1]);
  const moments = [...new Set(both)].filter((time) => time >= from).sort((a, b) => a - b);
  return { moments, recordedNs };
}

/** Facts tell what the trace does not keep: every change of a disk, every cut. */
function watchFacts(world: World, onFact: (at: number) => void): void {
  const listener = Reflect.get(world.cluster, "listener") as ClusterListener | undefined;
  if (listener === undefined) throw new Error("the cluster has no listener");
  const tell = listener.fact;
  listener.fact = (rank: number, fact: Fact) => {
    onFact(fact.at);
    tell(rank, fact);
  };
}

/** What arrives at the manager is no fact of a domain. */
function watchArrivals(world: World, onArrival: (at: number) => void): void {
  const { network } = world.cluster;
  const advance = network.advance.bind(network);
  network.advance = (to: number) => {
    const deliveries = advance(to);
    for (const { at } of deliveries) onArrival(at);
    return deliveries;
  };
}

/** How far each capture is: its step, and what it has copied and written. */
const stepsOf = (world: World): string =>
  PROCESSES.map((_, rank) =>
    (world.cluster.statusOf(rank)?.sessions ?? []).map(([label, { state, step, counts }]) =>
      [label, state, step, ...Object.values(counts)].join(" ")
    ).join()
  ).join(";");

/** What is found after a crash of a victim at a moment. */
export interface Finding {
  readonly outcome: Outcome;
  readonly problems: readonly string[];
}

/** Lets the victim crash and looks at all that follows. */
export async function runCase({ situation, moment, victim, twin }: CrashCase): Promise<Finding> {
  const world = await atSecondCheckpoint(situation);
  await world.advance(moment);
  try {
    return victim === "manager"
      ? await withoutManager(world, situation, twin)
      : await withoutProcesses(world, situation, victim, twin);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { outcome: "failed", problems: [`${error.name}: ${error.message}`] };
  } finally {
    world.end();
  }
}

async function withoutManager(world: World, situation: Situation, twin: Ends): Promise<Finding> {
  await world.crash({ processes: [], nodes: [], manager: true }, "nothing");
  await world.advance(world.now + MS);
  await world.restart(["manager"], undefined, undefined);
  const problems = await thirdCheckpoint(world, situation, twin);
  const kept = world.committed.includes("c2");
  if (!kept && world.checkpointMetric("c2", "aborted") !== true) problems.push("c2 is in between");
  return { outcome: kept ? "went on with the new line" : "went on without it", problems };
}

function crashOf(
  victim: Exclude<Victim, "manager">,
): { readonly victims: Victims; readonly losing: Loss } {
  const none = { processes: [], nodes: [], manager: false };
  if (victim === "everything") {
    return { victims: { processes: [], nodes: NODES, manager: true }, losing: "unsynced" };
  }
  return "process" in victim
    ? { victims: { ...none, processes: [victim.process] }, losing: "nothing" }
    : { victims: { ...none, nodes: [victim.node] }, losing: victim.losing };
}

async function withoutProcesses(
  world: World,
  situation: Situation,
  victim: Exclude<Victim, "manager">,
  twin: Ends,
): Promise<Finding> {
  const had = world.committed.includes("c2"), before = world.trace.events.length;
  const { victims, losing } = crashOf(victim);
  await world.crash(victims, losing);
  await world.advance(world.now + MS / 5);
  const newest = world.committed.at(-1);
  const problems: string[] = [];
  const recorded = world.trace.events.slice(before).some(({ kind }) => kind === "recorded");
  if (recorded && newest !== "c2") problems.push("c2 was recorded, but not all of it was there");
  if (had && newest !== "c2" && losing !== "disk") {
    problems.push("c2 was committed, and is not any more");
  }
  try {
    await world.restart(
      [...PROCESSES, ...victims.manager ? ["manager"] : []],
      undefined,
      undefined,
    );
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    if (newest !== undefined) problems.push(`with '${newest}' committed: ${error.message}`);
    return { outcome: "nothing to go back to", problems };
  }
  if (newest === undefined) return { outcome: "nothing to go back to", problems: ["not refused"] };
  problems.push(...restartProblems(world, newest));
  problems.push(...await thirdCheckpoint(world, situation, twin));
  if (world.committed.includes("c2") !== (newest === "c2")) {
    problems.push(`c2 was ${newest === "c2" ? "" : "not "}committed when all went back`);
  }
  return {
    outcome: newest === "c2" ? "back to the new line" : "back to the line before",
    problems,
  };
}

/** Everything works as before, to the end. */
async function thirdCheckpoint(
  world: World,
  { checkpointer }: Situation,
  twin: Ends,
): Promise<string[]> {
  await world.advance(world.now + MS / 2);
  await world.checkpoint(PROCESSES, "c3", using(checkpointer));
  await until(world, () => world.checkpoints.get("c3")?.coordinated?.over === true);
  const leftovers = leftoverProblems(world);
  const stuck = await toTheEnd(world);
  const problems = [
    ...leftovers,
    ...runProblems(world, twin),
    ...checkpointProblems(world, ["c3"]),
  ];
  if (!world.committed.includes("c3")) problems.push("c3 came to nothing");
  return stuck === undefined ? problems : [stuck, ...problems];
}

/** A victim in words. */
function victimInWords(victim: Victim): string {
  if (typeof victim === "string") return victim;
  return "process" in victim ? victim.process : `${victim.node} losing ${victim.losing}`;
}
