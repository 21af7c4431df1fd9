/** Where the processes of an explored world are, and where the others take them to be. */
import type { ProcessId, ProcessPlace } from "../cluster/protocol.ts";

/** Stays; being saved; saved, and not there yet. */
const WAYS = ["stays", "departs", "away"] as const;

/** Lists are by rank, and replaced, never changed. */
export interface Moves {
  /** Moves the protocol has not answered, in the order they were asked for. */
  readonly asked: readonly ProcessId[];
  /** How many have come about. */
  readonly settled: number;
  readonly ways: readonly (typeof WAYS[number])[];
  readonly places: readonly ProcessPlace[];
  /** From sender times processes plus receiver to where messages go. */
  readonly maps: readonly ProcessPlace[];
}

/** Everybody is where it began. */
export const movesAtFirst = (count: number): Moves => ({
  asked: [],
  settled: 0,
  ways: Array.from({ length: count }, () => "stays"),
  places: Array.from({ length: count }, () => 0),
  maps: Array.from({ length: count ** 2 }, () => 0),
});

/** Equal for equal ones of one case, and for no others. */
export const codesOf = ({ asked, settled, ways, places, maps }: Moves): number[] => [
  asked.length,
  ...asked,
  settled,
  ...ways.map((way) => WAYS.indexOf(way)),
  ...places,
  ...maps,
];

/** It is saved, and neither here nor there. */
export const isAway = (moves: Moves | undefined, who: ProcessId): boolean =>
  moves?.ways[who] === "away";
