/** A cell ready to run: everything decided, no name left to look up. Data but for the actions. */
import type { Lab, Profile, Strategy } from "../core/mod.ts";
import type { Expr } from "./ast.ts";
import type { Scope } from "./scope.ts";
import type { Span } from "./source.ts";

/** One run of a cell, as an action sees it. */
export interface World {
  readonly lab: Lab;
  /** What `checkpoint` without `using` uses. */
  readonly checkpointer: Strategy | undefined;
}

/** What an action does. The undisturbed twin skips what disturbs. */
export interface Doing {
  readonly disturbs: boolean;
  readonly perform: (world: World) => void;
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

/** An expectation or a law. */
export interface Claim {
  readonly law: boolean;
  readonly expr: Expr;
  readonly condition?: Expr;
  readonly title?: string;
  readonly span: Span;
  readonly text: string;
  /** Looks at this run, not only at named alternatives: with compare it must hold in each. */
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
}

/** One cell: a scenario with one row of its cases. */
export interface Plan {
  /** `file#scenario[case]@seed`, stable under reordering. */
  readonly id: string;
  readonly file: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly span: Span;
  readonly seed: number;
  /** The row of cases, as written, by column. */
  readonly row: readonly (readonly [string, string])[];
  /** Values of `--set`, for the replay command. */
  readonly set: readonly (readonly [string, string])[];
  readonly nodes: readonly PlannedNode[];
  readonly processes: readonly PlannedProcess[];
  readonly checkpointer: Strategy | undefined;
  readonly alternatives: readonly { readonly name: string; readonly strategy: Strategy }[];
  readonly steps: readonly Step[];
  readonly until?: Until;
  readonly claims: readonly Claim[];
  /** Some claim mentions the undisturbed twin. */
  readonly twin: boolean;
  /** How often conditions are looked at. */
  readonly tickNs: number;
  readonly scope: Scope;
}
