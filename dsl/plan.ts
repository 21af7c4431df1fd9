/** A cell ready to run: everything decided, no name left to look up. Data but for the actions. */
import type { ChannelOptions, Isolation, Lab, Profile, Strategy, UsedPlugin } from "../core/mod.ts";
import type { Expr } from "./ast.ts";
import type { PlannedChaos } from "./chaos_plan.ts";
import type { Scope } from "./scope.ts";
import type { Span } from "./source.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Nodes that are cut off from others. */
export interface Cut {
  readonly nodes: readonly string[];
  readonly others: readonly string[];
}

/** One run of a cell, as an action sees it. */
export interface World {
  readonly lab: Lab;
  /** What `checkpoint` without `using` uses. */
  readonly checkpointer: Strategy | undefined;
  /** Who coordinates; nobody in the undisturbed twin. */
  readonly protocol: Strategy | undefined;
  /** Processes may be down without a step having said so. */
  readonly isChaotic: boolean;
  /** Partitions that last. */
  readonly cuts: Set<Cut>;
  /** Does something later in virtual time, as a step of the script would; without a text untold. */
  readonly later: (afterNs: number, text: string, act: () => void | Promise<void>) => void;
  /** The same, but a lab at rest is not kept going for it. */
  readonly perhaps: World["later"];
  /** Notes among the steps of the run what chaos did, as an action of a script. */
  readonly tell: (text: string) => void;
}

/** What an action does. The undisturbed twin skips what disturbs. */
export interface Doing {
  readonly disturbs: boolean;
  /** The label of the checkpoint it begins, or goes back to. */
  readonly makes?: string;
  readonly needs?: string;
  readonly perform: (world: World) => void | Promise<void>;
}

/** When a step is due. `after` counts from the step before it. */
export type Timing =
  | { readonly kind: "at" | "after" | "every"; readonly ns: number }
  | { readonly kind: "when"; readonly condition: Expr; readonly timed: boolean };

/** A step of the schedule. */
export interface Step {
  readonly timing: Timing;
  readonly doing: Doing;
  readonly span: Span;
  /** The action as the script has it, for messages. */
  readonly text: string;
}

/** When a claim is judged: at the end, or by what it was at every tick. */
export type Quantifier = "always" | "sometimes" | "never";

/** An expectation or a law. */
export interface Claim {
  readonly law: boolean;
  /** Looked at on every tick; without it the claim is judged once, at the end. */
  readonly how?: Quantifier;
  readonly expr: Expr;
  readonly condition?: Expr;
  /** What the condition is in this cell, where that is known before the run. */
  readonly applies?: boolean;
  readonly title?: string;
  readonly span: Span;
  readonly text: string;
  /** Looks at this run, not only at named alternatives: with compare it must hold in each. */
  readonly here: boolean;
}

/** A figure for the reports; nothing is judged by it. */
export interface PlannedFigure {
  readonly expr: Expr;
  readonly text: string;
  readonly title?: string;
  /** The axis or column it is drawn along. */
  readonly along?: string;
  readonly span: Span;
  /** As of a {@linkcode Claim}: with compare it has a value in each alternative. */
  readonly here: boolean;
}

/** Ends the run. */
export interface Until {
  readonly condition: Expr;
  readonly span: Span;
  /** Reads `time`, so it may come true in a lab at rest. */
  readonly timed: boolean;
}

/** A machine to be. */
export interface PlannedNode {
  readonly name: string;
  readonly profile: Profile;
}

/** A process to be. */
export interface PlannedProcess {
  readonly name: string;
  readonly node: string;
  readonly workload: Strategy;
  /** When it begins, in ns. */
  readonly startsAt: number;
}

/** What the channels of some processes are like, every one to every other. */
export interface PlannedChannel {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly options: ChannelOptions;
}

/** Seeds from one number to another, both among them. */
export interface Seeds {
  readonly first: number;
  readonly last: number;
}

/** More seeds than anybody can wait for. */
export const MOST_SEEDS = 10_000_000;

/** What a command says about seeds. It wins over the scripts. */
export interface AskedSeeds {
  /** Of every cell. */
  readonly seed?: number;
  /** Of cells that explore. */
  readonly seeds?: Seeds;
  /** Time of the host for each cell that explores, in ns. */
  readonly budgetNs?: number;
}

/** A cell that is run under many seeds. */
export interface Explore {
  /** Those that are run: all of `stated`, or what `--seed` or `--seeds` ask for. */
  readonly seeds: Seeds;
  readonly stated: Seeds;
  /** A row of the vocabulary's searches. */
  readonly search: Strategy;
  /** Each seed draws which kinds of chaos it has, and how often. */
  readonly swarm: boolean;
  /** Time of the host after which the search is given up undecided; 0: none. */
  readonly budgetNs: number;
  /** The one the script states. */
  readonly statedBudgetNs: number;
  /** Virtual time of all its runs together after which the search ends; 0: none. */
  readonly virtualNs: number;
  /** Failing seeds after which the search ends; 0: it goes through all seeds. */
  readonly stopAfter: number;
  readonly shrink: ShrinkOptions;
}

/** How a failure is made smaller. */
export interface ShrinkOptions {
  /** Runs it may take. */
  readonly steps: number;
  /** What must stay: the failure itself, or that something fails. */
  readonly keep: string;
}

/** What the alternatives of compare stand for. */
export type Compared = "checkpointer" | "protocol" | "storage";

/** One alternative of compare. */
export interface PlannedAlternative {
  readonly name: string;
  readonly what: Compared;
  readonly strategy: Strategy;
}

/** One cell: a scenario with one point of its matrix and one row of its cases. */
export interface Plan {
  /** `file#scenario[case]@seed`, stable under reordering. */
  readonly id: string;
  readonly file: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly span: Span;
  readonly seed: number;
  /** The point of the matrix and the row of cases, as written, by name. */
  readonly row: readonly (readonly [string, string])[];
  /** Values of `--set`, for the replay command. */
  readonly set: readonly (readonly [string, string])[];
  readonly nodes: readonly PlannedNode[];
  readonly processes: readonly PlannedProcess[];
  /** In order: a later one replaces an earlier one for the pairs it names. */
  readonly channels: readonly PlannedChannel[];
  readonly isolation?: Isolation;
  readonly checkpointer: Strategy | undefined;
  readonly protocol: Strategy | undefined;
  /** Where images are kept; without it as the lab does. */
  readonly storage: Strategy | undefined;
  readonly alternatives: readonly PlannedAlternative[];
  readonly steps: readonly Step[];
  readonly explore?: Explore;
  readonly chaos: readonly PlannedChaos[];
  readonly until?: Until;
  readonly claims: readonly Claim[];
  readonly figures: readonly PlannedFigure[];
  /** Some claim or figure mentions the undisturbed twin. */
  readonly twin: boolean;
  /** How often conditions are looked at. */
  readonly tickNs: number;
  readonly scope: Scope;
  /** The names it was checked against, those of its plugins among them. */
  readonly vocabulary: Vocabulary;
  readonly plugins: readonly UsedPlugin[];
}
