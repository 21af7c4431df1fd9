/** Checks of plain data as values: what a field must be, and what to say when it is not. */
import { SHA256_DIGITS } from "../base/digest.ts";

/** What is wrong with a value, as "field F: expected E, found G", or nothing. */
export type Check = (value: unknown, path: string) => string | undefined;

/** A value in a few words, for "found …". */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "a record";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}… (${text.length} characters)` : text;
}

const wrong = (path: string, expected: string, value: unknown): string =>
  `${path === "" ? "the content" : `field ${path}`}: expected ${expected}, found ${shown(value)}`;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
  !(value instanceof Uint8Array);

const when = (expected: string, holds: (value: unknown) => boolean): Check => (value, path) =>
  holds(value) ? undefined : wrong(path, expected, value);

/** Exactly this value. */
export const exactly = (wanted: string | number): Check =>
  when(shown(wanted), (value) => value === wanted);
/** One of these texts. */
export const oneOf = (wanted: readonly string[]): Check =>
  when(
    `one of ${wanted.join(", ")}`,
    (value) => typeof value === "string" && wanted.includes(value),
  );
/** A whole number between two bounds, both possible. */
export const whole = (least: number, most: number = Number.MAX_SAFE_INTEGER): Check =>
  when(
    most === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${least}`
      : `a whole number from ${least} to ${most}`,
    (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
  );
/** Any text. */
export const text: Check = when("a text", (value) => typeof value === "string");
/** True or false. */
export const truth: Check = when("true or false", (value) => typeof value === "boolean");
/** Any record. */
export const anyRecord: Check = when("a record", isRecord);
/** A SHA-256 as lower-case hexadecimal digits. */
export const hash: Check = when(
  `${SHA256_DIGITS} hexadecimal digits`,
  (value) =>
    typeof value === "string" && value.length === SHA256_DIGITS && /^[0-9a-f]*$/.test(value),
);
/** What passes a check, or nothing. */
export const optional = (check: Check): Check => (value, path) =>
  value === undefined ? undefined : check(value, path);
/** A list whose items pass a check. */
export const listOf = (item: Check): Check => (value, path) => {
  if (!Array.isArray(value)) return wrong(path, "a list", value);
  for (let i = 0; i < value.length; i++) {
    const problem = item(value[i], `${path}[${i}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
};
/** A record with exactly these fields; the type names them, so that none is forgotten. */
export const record = <T>(fields: { readonly [K in keyof T]-?: Check }): Check => (value, path) => {
  if (!isRecord(value)) return wrong(path, "a record", value);
  const prefix = path === "" ? "" : `${path}.`;
  for (const [name, check] of Object.entries<Check>(fields)) {
    const problem = check(value[name], prefix + name);
    if (problem !== undefined) return problem;
  }
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown === undefined) return undefined;
  return wrong(prefix + unknown, "no field of this name", value[unknown]);
};
