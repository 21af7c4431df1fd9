/**
 * The conformance kit: the laws a strategy is held to, as rows. A law says what it is about, which
 * kinds of rows it applies to and what of their manifest lets it be skipped; its check says how the
 * row breaks it, with a script that shows it where one can.
 */
import type { Kind, RowOf } from "../lab/plugin_kinds.ts";
import type { UsedPlugin } from "../lab/plugin.ts";
import type { RecordedEvent } from "../lab/run_events.ts";
import type { World } from "../lab/world.ts";

/** The twelve laws, by what they are about. */
export const LAW_NAMES = {
  L1: "transparency",
  L2: "round trip",
  L3: "point in time",
  L4: "identity and sharing",
  L5: "no orphan",
  L6: "channel conservation",
  L7: "termination",
  L8: "abort is a no-op",
  L9: "commit and validation",
  L10: "incremental equivalence",
  L11: "declared costs are true",
  L12: "refuse, do not guess",
} as const;

/** One of the laws. */
export type LawId = keyof typeof LAW_NAMES;

/** How far a plugin may be trusted; each level has all the laws of those before it. */
export const LEVELS = ["loads", "safe", "recoverable", "certified"] as const;

/** One of {@linkcode LEVELS}. */
export type Level = typeof LEVELS[number];

/** A program of the kit. */
export interface KitProgram {
  /** As a script names it: `josephus { people: 5000, step: 3 }`. */
  readonly workload: string;
  readonly name: string;
  /** Its options, and what they make of its arguments. */
  readonly options: Readonly<Record<string, number>>;
  readonly executable: () => Uint8Array;
  readonly args: readonly string[];
  /** It is not over before so many instructions. */
  readonly instructions: number;
}

/** A recorded run of the kit. */
export interface KitStream {
  /** What it is an example of. */
  readonly name: string;
  readonly events: () => readonly RecordedEvent[];
  /** The command that tells it by a reporter of a plugin's module. */
  readonly again: (plugin: UsedPlugin, reporter: string, flags: string) => string;
}

/** What the laws are tried on. */
export interface Bench {
  readonly programs: readonly KitProgram[];
  /** Runs of every kind there is: what holds, what does not, what was broken off, what was merged. */
  readonly streams: readonly KitStream[];
  /** A world with the built-in strategies and those of a plugin. */
  readonly world: (seed: number, plugins: readonly UsedPlugin[]) => World;
}

/** A row under trial. */
export interface Subject<K extends Kind> {
  readonly plugin: UsedPlugin;
  /** As the lab calls it: under the guard, with its name in scripts. */
  readonly row: RowOf<K>;
  readonly bench: Bench;
}

/** How a law is broken. */
export interface Failure {
  readonly message: string;
  /** A script that shows it; absent where no statement can. */
  readonly script?: string;
  /** A command that does, where no statement can. */
  readonly again?: string;
}

/** What a check finds: nothing when the law holds. */
export type Found = Failure | undefined;

/** One law for one kind of row. */
export interface Law<K extends Kind = Kind> {
  readonly id: LawId;
  readonly kind: K;
  /** Which part of the law, where there are several. */
  readonly about?: string;
  readonly level: Exclude<Level, "loads">;
  /** What is tried, in a sentence. */
  readonly tries: string;
  /** Why the law does not apply to a row, by its manifest. */
  skips?(row: RowOf<K>): string | undefined;
  check(subject: Subject<K>): Found | Promise<Found>;
}

/** Declares a law; each of its kind is a row of `LAWS`. */
export const law = <K extends Kind>(row: Law<K>): Law<K> => row;
