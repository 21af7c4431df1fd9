/** Options of strategies, workloads and profiles: one table drives checking, completion and docs. */

import { type Distribution, least } from "./distribution.ts";

/** The kinds of quantity a script may write; in the engine each is a plain number in the base unit. */
export type Quantity =
  | "count"
  | "cycles"
  | "ratio"
  | "time" // ns
  | "bytes"
  | "frequency" // Hz
  | "bandwidth"; // bytes per second

/** One option. The type is a quantity, or a text, a truth value, or a list of texts. */
export type Option =
  | {
    readonly type: Quantity;
    readonly default: number;
    readonly min?: number;
    readonly max?: number;
    readonly doc: string;
  }
  | {
    readonly type: "text";
    readonly default: string;
    readonly choices?: readonly string[];
    readonly doc: string;
  }
  | { readonly type: "truth"; readonly default: boolean; readonly doc: string }
  | {
    /** A distribution of times in ns; `min` is the least it may give. */
    readonly type: "times";
    readonly default: Distribution;
    readonly min?: number;
    readonly doc: string;
  }
  | { readonly type: "texts"; readonly default: readonly string[]; readonly doc: string };

/** Options by name. */
export type OptionTable = Readonly<Record<string, Option>>;

/** What a value of one option is in the engine. */
export type OptionValue = number | string | boolean | readonly string[] | Distribution;

type ValueOf<O extends Option> = O extends { type: "text" } ? string
  : O extends { type: "truth" } ? boolean
  : O extends { type: "texts" } ? readonly string[]
  : O extends { type: "times" } ? Distribution
  : number;

/** The values an option table describes. */
export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]: ValueOf<T[K]> };

/** What is wrong with one given option: a sentence that says what was expected and what was found. */
export interface OptionProblem {
  readonly option: string;
  readonly message: string;
  /** A name that exists and looks like the one given. */
  readonly suggestion?: string;
}

const typeOf = (option: Option, value: unknown): boolean => {
  if (option.type === "text") return typeof value === "string";
  if (option.type === "truth") return typeof value === "boolean";
  if (option.type === "texts") {
    return Array.isArray(value) && value.every((item) => typeof item === "string");
  }
  if (option.type === "times") {
    return typeof value === "object" && value !== null && "shape" in value;
  }
  return typeof value === "number" && Number.isFinite(value);
};

/** What is wrong with a value of this option, or nothing. */
export function optionProblem(option: Option, value: unknown): string | undefined {
  if (!typeOf(option, value)) return `expected a ${option.type} but found ${JSON.stringify(value)}`;
  if (option.type === "text" && option.choices !== undefined) {
    if (!option.choices.includes(value as string)) {
      return `expected one of ${option.choices.join(", ")} but found ${value}`;
    }
  }
  if (option.type === "times" && option.min !== undefined) {
    const lowest = least(value as Distribution);
    if (lowest < option.min) return `expected at least ${option.min} ns but found ${lowest} ns`;
  }
  if (typeof value === "number" && "min" in option && option.min !== undefined) {
    if (value < option.min) return `expected at least ${option.min} but found ${value}`;
  }
  if (typeof value === "number" && "max" in option && option.max !== undefined) {
    if (value > option.max) return `expected at most ${option.max} but found ${value}`;
  }
  return undefined;
}

/**
 * Completes the given options by the table's defaults and lists every problem.
 *
 * @example
 * ```ts
 * import { readOptions } from "./option.ts";
 * const table = { size: { type: "count", default: 64, min: 1, doc: "Rows." } } as const;
 * const { values, problems } = readOptions(table, { size: 8 });
 * if (values.size !== 8 || problems.length > 0) throw new Error("unreachable");
 * ```
 */
export function readOptions<T extends OptionTable>(
  table: T,
  given: Readonly<Record<string, unknown>>,
): { values: OptionValues<T>; problems: readonly OptionProblem[] } {
  const problems: OptionProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) values[name] = option.default;
  for (const [name, value] of Object.entries(given)) {
    const option = table[name];
    if (option === undefined) {
      const known = Object.keys(table).join(", ") || "none";
      problems.push({ option: name, message: `unknown option '${name}'; known: ${known}` });
      continue;
    }
    const message = optionProblem(option, value);
    if (message === undefined) values[name] = value;
    else problems.push({ option: name, message: `option '${name}': ${message}` });
  }
  return { values: values as OptionValues<T>, problems };
}
