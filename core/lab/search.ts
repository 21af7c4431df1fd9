/**
 * How the seeds of an exploration choose: rows, each of which makes of a seed what answers the
 * choices of one run. One run is named by its seed alone, so that it can be run again by itself.
 */
import type { Asked, Decide } from "../base/choices.ts";
import type { OptionTable, OptionValues } from "../base/option.ts";
import { RandomStream } from "../base/random.ts";

/** A way to go through the possible runs of a scenario. */
export interface Search<T extends OptionTable = OptionTable> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One or two sentences; printed by `list searches`. */
  readonly help: string;
  readonly options: T;
  /** Who answers the choices of the run of this seed; nobody: the random streams do. */
  decide(seed: number, options: OptionValues<T>): Decide | undefined;
}

/** Makes a row; only here the types of its options are known. */
const search = <const T extends OptionTable>(row: Search<T>): Search => row as unknown as Search;

/** Choices about the network; those of a scenario itself are left to the random streams. */
const NETWORK: ReadonlySet<string> = new Set(["latency", "loss", "duplicate"]);

/**
 * Burckhardt, Kothari, Musuvathi, Nagarakatte: A randomized scheduler with probabilistic guarantees
 * of finding bugs, ASPLOS 2010; here the channels are what is scheduled. Messages of a channel of
 * high priority take the shortest latency there is, those of a low one the longest.
 */
function priorities(seed: number, depth: number, length: number): Decide {
  const random = RandomStream.of(seed, "pct", "changes");
  const changes = new Set(Array.from({ length: depth - 1 }, () => random.below(length)));
  const delays = new Map<string, number>();
  let latencies = 0;
  return ({ stream, entity, alternatives }: Asked) => {
    if (stream !== "latency" || alternatives === 0) return undefined;
    const channel = String(entity);
    let delay = delays.get(channel);
    if (delay === undefined) delay = RandomStream.of(seed, "pct", channel).next() / 2 ** 32;
    if (changes.has(latencies++)) delay = 1;
    delays.set(channel, delay);
    return Math.min(alternatives - 1, Math.floor(delay * alternatives));
  };
}

/** n over k, exact below 2^53. */
function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = result * (n - k + i) / i;
  return n < k ? 0 : result;
}

/**
 * The `number`th set of at most `most` places, from 1 on: the empty set first, then one place more
 * for each round through the sizes. Sets of one size are numbered in the combinatorial number system
 * (Knuth, The Art of Computer Programming 4A, 7.2.1.3), so every set has a number and none has two.
 *
 * @example
 * ```ts
 * import { placesOf } from "./search.ts";
 * const sets = [1, 2, 3, 4].map((number) => placesOf(number, 2).join(" "));
 * if (sets.join(", ") !== ", 0, 1 0, 1") throw new Error("unreachable");
 * ```
 */
export function placesOf(number: number, most: number): readonly number[] {
  if (number <= 1 || most === 0) return [];
  const size = (number - 2) % most + 1;
  let rest = Math.floor((number - 2) / most);
  const places: number[] = [];
  for (let k = size; k > 0; k--) {
    let place = k - 1;
    // The greatest place before which there are no more sets than are left.
    for (let step = 2 ** 52; step >= 1; step /= 2) {
      if (binomial(place + step, k) <= rest) place += step;
    }
    places.push(place);
    rest -= binomial(place, k);
  }
  return places;
}

/** Everything as early as can be, but for some choices of the network, which go the other way. */
function deviations(seed: number, preemptions: number): Decide {
  const places = new Set(placesOf(seed, preemptions));
  let asked = 0;
  return ({ stream, alternatives }: Asked) => {
    if (!NETWORK.has(stream) || alternatives === 0) return undefined;
    return places.has(asked++) ? alternatives - 1 : 0;
  };
}

/** The searches; the first is the usual one. */
export const SEARCHES: readonly Search[] = [
  search({
    name: "random",
    help: "Every choice is drawn from the random streams of the seed.",
    options: {},
    decide: () => undefined,
  }),
  search({
    name: "pct",
    help: "Probabilistic concurrency testing: each channel has a priority, which is how long its " +
      "messages take within the latency stated, and depth - 1 times in a run a channel falls to " +
      "the lowest. Finds a bug that needs depth messages in a wrong order with a chance that can " +
      "be reckoned. Losses, duplicates and exponential latencies stay random.",
    options: {
      depth: { type: "count", default: 3, min: 1, max: 64, doc: "Messages a bug needs." },
      length: {
        type: "count",
        default: 1000,
        min: 1,
        max: 1_000_000_000,
        doc: "Messages of a run, about: the changes are spread over the first so many.",
      },
    },
    decide: (seed, { depth, length }) => priorities(seed, depth, length),
  }),
  search({
    name: "exhaustive",
    help:
      "Every message takes the shortest latency and none is lost, but for at most preemptions " +
      "choices of the network, which go the other way: the seed is the number of the set of those " +
      "choices, so seeds from 1 on go through all of them in order. Exponential latencies stay " +
      "random.",
    options: {
      preemptions: {
        type: "count",
        default: 2,
        min: 0,
        max: 3,
        doc: "Choices that go the other way, at most.",
      },
    },
    decide: (seed, { preemptions }) => deviations(seed, preemptions),
  }),
];
