/** What goes wrong by chance, as rows: each draws its times and its victims by recorded choices. */
import { type Distribution, LOSSES, type OptionTable, type OptionValues } from "../core/mod.ts";
import { MANAGER } from "./draft.ts";
import type { World } from "./plan.ts";
import { cutOff } from "./statements/network.ts";
import type { Found, Wanted } from "./targets.ts";
import { formatNs } from "./units.ts";

/** The chaos of one run. */
export interface Storm {
  readonly world: World;
  /** Every process and node of the scenario. */
  readonly processes: readonly string[];
  readonly nodes: readonly string[];
  /** The manager while it is down, and processes while they are paused. */
  readonly down: Set<string>;
  /** Told after each crash. */
  afterCrash: () => void;
}

/** A kind of chaos. */
export interface Chaos<T extends OptionTable = OptionTable> {
  readonly name: string;
  readonly help: string;
  readonly options: T;
  /** Whom it can be done to; without it the row only answers what others do. */
  readonly wanted?: Wanted;
  /** Does it once, now, to one of these that it draws. What it did, or nothing: there was nobody. */
  strike?(
    storm: Storm,
    options: OptionValues<T>,
    of: Found,
  ): Promise<string | undefined> | string | undefined;
}

const chaos = <const T extends OptionTable>(row: Chaos<T>): Chaos => row as unknown as Chaos;

const every = (low: number, high: number) =>
  ({
    type: "times",
    default: { shape: "uniform", low, high },
    min: 1000,
    doc: "From the beginning to the first time, and from one to the next.",
  }) as const;

const atMost = { type: "count", default: 3, min: 1, max: 10_000, doc: "Times in a run." } as const;

const lasts = {
  type: "times",
  default: { shape: "uniform", low: 2_000_000, high: 10_000_000 },
  min: 0,
  doc: "How long it lasts.",
} as const;

/** ns drawn from a distribution, for one kind of chaos. */
export const drawNs = ({ lab }: World, what: string, kind: string, times: Distribution): number =>
  lab.choices.draw(`chaos ${what}`, kind, times, 0);

/** One of several, drawn; nothing of none. */
const drawn = ({ lab }: World, kind: string, from: readonly string[]): string | undefined =>
  from.length === 0 ? undefined : from[lab.choices.below("chaos whom", kind, from.length)];

const runs = ({ lab }: World, process: string): boolean =>
  lab.processMetric(process, "running") === true;

const crash = chaos({
  name: "crash",
  help: "A process, or a node with all its processes, or the manager crashes.",
  options: {
    every: every(5_000_000, 40_000_000),
    at_most: atMost,
    losing: {
      type: "text",
      default: "nothing",
      choices: LOSSES,
      doc: "What is lost besides, as in crash.",
    },
  },
  wanted: { processes: true, nodes: true, manager: true },
  strike: async ({ world, down, processes, afterCrash }, { losing }, of) => {
    const { lab } = world;
    const alive = processes.filter((name) => runs(world, name));
    const places = new Set(alive.map((name) => lab.processMetric(name, "node")));
    const victim = drawn(world, "crash", [
      ...of.processes.filter((name) => alive.includes(name)),
      ...of.nodes.filter((name) => places.has(name)),
      ...of.manager && !down.has(MANAGER) ? [MANAGER] : [],
    ]);
    if (victim === undefined) return undefined;
    const manager = victim === MANAGER, isNode = of.nodes.includes(victim);
    if (manager) down.add(MANAGER);
    const nodes = isNode ? [victim] : [];
    const victims = { processes: manager || isNode ? [] : [victim], nodes, manager };
    await lab.crash(victims, LOSSES.find((one) => one === losing) ?? "nothing");
    afterCrash();
    return `crash ${victim}${losing === "nothing" ? "" : ` losing ${losing}`}`;
  },
});

const restart = chaos({
  name: "restart",
  help:
    "After each crash by chaos: what is down comes back from the newest checkpoint, or another " +
    "(from: a label), or from its beginning where there is none. With a protocol all go back.",
  options: {
    after: {
      type: "times",
      default: { shape: "uniform", low: 1_000_000, high: 3_000_000 },
      min: 0,
      doc: "From the crash to the restart.",
    },
  },
});

const partition = chaos({
  name: "partition",
  help: "A node is cut off from all others for a while.",
  options: { every: every(20_000_000, 60_000_000), at_most: atMost, lasts },
  wanted: { nodes: true },
  strike: ({ world, nodes }, { lasts }, of) => {
    const cut = [...world.cuts].flatMap((one) => one.nodes);
    const victim = drawn(world, "partition", of.nodes.filter((name) => !cut.includes(name)));
    const others = nodes.filter((name) => name !== victim);
    if (victim === undefined || others.length === 0) return undefined;
    const ns = drawNs(world, "lasts", "partition", lasts);
    cutOff(world, [victim], others, ns);
    return `partition ${victim} from ${others.join(", ")} for ${formatNs(ns)}`;
  },
});

const pause = chaos({
  name: "pause",
  help: "A process stands still for a while.",
  options: { every: every(10_000_000, 40_000_000), at_most: atMost, lasts },
  wanted: { processes: true },
  strike: ({ world, down }, { lasts }, of) => {
    const { lab } = world;
    const victim = drawn(
      world,
      "pause",
      of.processes.filter((name) => runs(world, name) && !down.has(name)),
    );
    if (victim === undefined) return undefined;
    const ns = drawNs(world, "lasts", "pause", lasts);
    down.add(victim);
    lab.pause([victim]);
    world.later(ns, "", () => {
      down.delete(victim);
      if (!runs(world, victim)) return;
      lab.resume([victim]);
      world.tell(`resume ${victim}`);
    });
    return `pause ${victim}`;
  },
});

/** The kinds of chaos. */
export const CHAOS: readonly Chaos[] = [crash, restart, partition, pause];

/** Brings back what is down; with a protocol all go back together. */
export async function bringBack(storm: Storm, from: string | undefined): Promise<void> {
  const { world, processes, down } = storm;
  const { lab, protocol } = world;
  const crashed = processes.filter((name) =>
    !runs(world, name) && lab.processMetric(name, "exited") === false &&
    Number(lab.processMetric(name, "crashes")) > 0
  );
  const manager = down.delete(MANAGER) ? [MANAGER] : [];
  const back = crashed.length === 0 ? [] : protocol === undefined ? crashed : processes;
  const all = [...back, ...manager];
  if (all.length === 0) return;
  await lab.restart(all, from, undefined, true);
  const origin = from === undefined ? "" : ` from ${from}`;
  world.tell(`restart ${all.join(", ")}${origin}${back.length === 0 ? "" : " or beginning"}`);
}
