/** What the fields of a plugin and of its rows must be: shapes as tables, mistakes as sentences. */
import { type Option, optionProblem } from "../base/option.ts";

/** What a field must be: its problems, each a sentence that goes behind `where: `. */
export type Check = (value: unknown) => readonly string[];

/** Fields by name. */
export type Shape = Readonly<Record<string, Check>>;

/** How a value is shown in a message. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** True for an object with fields: no list, no null. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A check by a predicate; `wanted` is what the message says was expected. */
export const is = (wanted: string, holds: (value: unknown) => boolean): Check => (value) =>
  holds(value) ? [] : [
    value === undefined
      ? `is missing: expected ${wanted}`
      : `expected ${wanted} but found ${shown(value)}`,
  ];

export const optional = (check: Check): Check => (value) => value === undefined ? [] : check(value);

export const text = is("a text", (value) => typeof value === "string" && value.trim() !== "");
export const method = is("a function", (value) => typeof value === "function");
export const truth = is("true or false", (value) => typeof value === "boolean");
export const oneOf = (...words: readonly string[]): Check =>
  is(`one of ${words.join(", ")}`, (value) => words.includes(value as string));

/** Each item of a list is checked; `what` names one of them. */
export const listOf = (what: string, check: Check): Check => (value) =>
  Array.isArray(value)
    ? value.flatMap((item, n) => check(item).map((problem) => `${what} ${n + 1} ${problem}`))
    : is(`a list of ${what}s`, () => false)(value);

export const names = listOf("name", text);

const WORD = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/;

/** A name a script can write: `forked-cow`, written `forked_cow` there. */
export const rowName = is(
  "a name of lower case letters, digits, - and _ that begins with a letter",
  (value) => typeof value === "string" && WORD.test(value),
);

/** An object with these fields and no others; a field may be missing only if its check says so. */
export const shape = (fields: Shape): Check => (value) => {
  if (!isObject(value)) return is("an object", () => false)(value);
  const known = Object.keys(fields).join(", ");
  const unknown = Object.keys(value).filter((key) => !Object.hasOwn(fields, key));
  return [
    ...Object.entries(fields).flatMap(([key, check]) =>
      check(value[key]).map((problem) => `'${key}' ${problem}`)
    ),
    ...unknown.map((key) => `has an unknown field '${key}'; known: ${known}`),
  ];
};

export const OPTION_TYPES = [
  "count",
  "cycles",
  "ratio",
  "time",
  "bytes",
  "frequency",
  "bandwidth",
  "text",
  "truth",
  "texts",
  "times",
];

/** One option: its type, a default that fits, bounds in order, a sentence. */
const option: Check = (value) => {
  if (!isObject(value)) return is("an object", () => false)(value);
  const { type, min, max, choices, doc } = value;
  const problems = [
    ...oneOf(...OPTION_TYPES)(type).map((problem) => `'type' ${problem}`),
    ...text(doc).map((problem) => `'doc' ${problem}`),
    ...optional(names)(choices).map((problem) => `'choices' ${problem}`),
    ...Object.entries({ min, max }).flatMap(([key, bound]) =>
      optional(is("a number", (one) => typeof one === "number" && Number.isFinite(one)))(bound)
        .map((problem) => `'${key}' ${problem}`)
    ),
  ];
  if (problems.length > 0) return problems;
  if (typeof min === "number" && typeof max === "number" && min > max) {
    return [`'min' ${min} is above 'max' ${max}`];
  }
  const wrong = optionProblem(value as unknown as Option, value["default"]);
  return wrong === undefined ? [] : [`'default': ${wrong}`];
};

/** Options by name. */
export const optionTable: Check = (value) =>
  isObject(value)
    ? Object.entries(value).flatMap(([name, one]) => [
      ...rowName(name).map(() => `option '${name}' is no name a script can write`),
      ...option(one).map((problem) => `option '${name}': ${problem}`),
    ])
    : is("an object of options", () => false)(value);
