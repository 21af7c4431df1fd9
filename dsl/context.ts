/** What surrounds an expression while it is evaluated. */
import type { Lab } from "../core/mod.ts";
import type { CodeName } from "./codes.ts";
import { type Diagnostic, diagnostic } from "./diagnostic.ts";
import type { TakeNote } from "./notes.ts";
import type { Meant, Scope } from "./scope.ts";
import type { Span } from "./source.ts";
import { ERROR, type Value, type View } from "./value.ts";
import type { MetricEntry, Vocabulary } from "./vocabulary.ts";

/** Where the expression stands: it decides what it may look at. */
export type Where = "setup" | "condition" | "monitor" | "claim";

/** What an expression turned out to look at. */
export interface Uses {
  /** This run's processes or checkpoints. */
  here: boolean;
  undisturbed: boolean;
  time: boolean;
  /** Names of the metrics it asks for. */
  readonly metrics: Set<string>;
  /** The rows of those metrics, by what they are asked of. */
  readonly asked: Map<string, MetricEntry>;
}

/** Surroundings. Without labs the run is unknown and only types are found. */
export interface Context {
  readonly vocabulary: Vocabulary;
  readonly scope: Scope;
  readonly where: Where;
  readonly lab: (view: View) => Lab | undefined;
  /** Collects while checking; throws {@linkcode NoValue} while running. */
  readonly report: (item: Diagnostic) => void;
  readonly note?: TakeNote | undefined;
  readonly uses: Uses;
  /** Evaluation steps left: lets that call lets can ask for exponential work. */
  readonly work: { left: number; root?: Span };
  /** Lets being evaluated, to find circles. */
  readonly active: ReadonlySet<Meant>;
}

/** Thrown while running: the expression has no value, and why. */
export class NoValue extends Error {
  override readonly name = "NoValue";
  constructor(readonly item: Diagnostic) {
    super(item.message);
  }
}

const WORK = 100_000;

/** A context for a check, or for a run when labs are given. */
export function contextOf(
  given: Pick<Context, "vocabulary" | "scope" | "where" | "report" | "note"> & {
    readonly lab?: Context["lab"];
  },
): Context {
  return {
    ...given,
    lab: given.lab ?? (() => undefined),
    uses: { here: false, undisturbed: false, time: false, metrics: new Set(), asked: new Map() },
    work: { left: WORK },
    active: new Set(),
  };
}

/** Reports and returns the value that stays silent from then on. */
export function fail(
  context: Context,
  code: CodeName,
  span: Span,
  message: string,
  suggestion?: string,
): Value {
  context.report(diagnostic(code, span, message, suggestion));
  return ERROR;
}
