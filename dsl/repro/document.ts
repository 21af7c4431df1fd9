/** What stands in a `repro.json`, and how it is read again. */
import { type ChoiceRecord, UNBOUNDED } from "../../core/mod.ts";
import { UsageError } from "../flags.ts";
import type { Decisions } from "../results.ts";

/** The version of the file; counts up when a field changes its meaning. */
export const REPRO_VERSION = 2;

/** The choices of one world, in order. */
export interface ChoiceLog {
  /** Stream, entity, alternatives (0: any whole number): who chose, and of how many. */
  readonly places: readonly (readonly [string, number | string, number])[];
  /** Pairs: the number of a place, and what was taken. */
  readonly log: readonly number[];
}

/** The file. */
export interface ReproDocument {
  readonly version: number;
  /** The version of the program and of the language. */
  readonly ckptlab: string;
  readonly language: number;
  readonly cell: string;
  readonly file: string;
  readonly seed: number;
  readonly case: Readonly<Record<string, string>>;
  readonly set: Readonly<Record<string, string>>;
  /** Where the run was given up; those of files of older programs are the usual ones. */
  readonly limits?: { readonly maxTimeNs: number; readonly maxEvents?: number };
  /** Its plugins were run without permissions. */
  readonly isolated?: boolean;
  /** The script last, what it includes before it, each as it was. */
  readonly scripts: readonly {
    readonly file: string;
    readonly sha256: string;
    readonly text: string;
  }[];
  readonly strategies: unknown;
  readonly plugins: readonly {
    readonly alias: string;
    readonly name: string;
    readonly version: string;
  }[];
  readonly verdict: string;
  /** Its search ended before its last seed, and nothing had failed. */
  readonly cutShort?: true;
  /** What does not hold, without the figures: what makes it the same failure. */
  readonly fingerprint: readonly string[];
  readonly claims: readonly unknown[];
  readonly problems: readonly unknown[];
  readonly worlds: readonly {
    readonly view: string;
    readonly traceHash: string;
    readonly choices: ChoiceLog;
  }[];
  /** The command that runs the cell again from its script. */
  readonly command: string;
}

/** What a field holds, for messages. */
type Kind = "a whole number" | "a text" | "a list" | "an object";

const isKind: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  "a whole number": (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  "a text": (value) => typeof value === "string",
  "a list": (value) => Array.isArray(value),
  "an object": (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

const FIELDS: Readonly<Record<string, Kind>> = {
  ckptlab: "a text",
  language: "a whole number",
  cell: "a text",
  file: "a text",
  seed: "a whole number",
  set: "an object",
  scripts: "a list",
  plugins: "a list",
  verdict: "a text",
  fingerprint: "a list",
  worlds: "a list",
};

const SCRIPT: Readonly<Record<string, Kind>> = {
  file: "a text",
  sha256: "a text",
  text: "a text",
};
const PLUGIN: Readonly<Record<string, Kind>> = {
  alias: "a text",
  name: "a text",
  version: "a text",
};
const WORLD: Readonly<Record<string, Kind>> = {
  view: "a text",
  traceHash: "a text",
  choices: "an object",
};

const LIMITS: Readonly<Record<string, Kind>> = { maxTimeNs: "a whole number" };

/** What is wrong with the fields of an object, or nothing. */
function problemOf(value: unknown, fields: typeof FIELDS, where: string): string | undefined {
  if (!isKind["an object"](value)) return `${where} is no object`;
  const given = value as Readonly<Record<string, unknown>>;
  const bad = Object.entries(fields).find(([name, kind]) => !isKind[kind](given[name]));
  if (bad === undefined) return undefined;
  const found = JSON.stringify(given[bad[0]])?.slice(0, 40) ?? "nothing";
  return `expected ${bad[1]} at '${where === "it" ? "" : `${where}.`}${bad[0]}', found ${found}`;
}

function logProblem({ places, log }: Partial<ChoiceLog>, where: string): string | undefined {
  const isPlace = (one: unknown): boolean =>
    Array.isArray(one) && one.length === 3 && typeof one[0] === "string" &&
    ["string", "number"].includes(typeof one[1]) && isKind["a whole number"](one[2]);
  if (!Array.isArray(places) || !places.every(isPlace)) {
    return `expected [stream, entity, alternatives] in each of '${where}.choices.places'`;
  }
  if (!Array.isArray(log) || log.length % 2 !== 0 || !log.every(isKind["a whole number"])) {
    return `expected pairs of whole numbers in '${where}.choices.log'`;
  }
  for (let i = 0; i < log.length; i += 2) {
    const alternatives = places[log[i] as number]?.[2];
    const taken = log[i + 1] as number;
    if (alternatives === undefined || alternatives !== UNBOUNDED && taken >= alternatives) {
      return `choice ${i / 2} of '${where}' is not one of its alternatives`;
    }
  }
  return undefined;
}

/** The first thing that is wrong in a file of this version. */
function contentProblem(document: ReproDocument): string | undefined {
  const parts: readonly (readonly [readonly unknown[], typeof FIELDS, string])[] = [
    [document.scripts, SCRIPT, "scripts"],
    [document.plugins, PLUGIN, "plugins"],
    [document.worlds, WORLD, "worlds"],
  ];
  for (const [items, fields, name] of parts) {
    for (const [i, item] of items.entries()) {
      const problem = problemOf(item, fields, `${name}[${i}]`);
      if (problem !== undefined) return problem;
    }
  }
  const { limits } = document;
  if (limits !== undefined) {
    const fields = "maxEvents" in Object(limits)
      ? { ...LIMITS, maxEvents: "a whole number" } as const
      : LIMITS;
    const problem = problemOf(limits, fields, "limits");
    if (problem !== undefined) return problem;
  }
  if (document.scripts.length === 0) return "it holds no script";
  for (const [i, { choices }] of document.worlds.entries()) {
    const problem = logProblem(choices, `worlds[${i}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * Reads a file.
 *
 * @throws {UsageError} with what was expected and what was found.
 */
export function readRepro(text: string, name: string): ReproDocument {
  let document: ReproDocument;
  try {
    document = JSON.parse(text) as ReproDocument;
  } catch {
    throw new UsageError(`'${name}' is no repro.json: it is no JSON, or was cut off`);
  }
  const version: unknown = (document as { version?: unknown } | null)?.version;
  if (!Number.isSafeInteger(version)) {
    throw new UsageError(`'${name}' is no repro.json: expected a 'version'`);
  }
  if (version !== REPRO_VERSION) {
    throw new UsageError(
      `'${name}' is of version ${version}, and this program reads version ${REPRO_VERSION}: ` +
        "use the program that wrote it, or run the cell again",
    );
  }
  const problem = problemOf(document, FIELDS, "it") ?? contentProblem(document);
  if (problem !== undefined) throw new UsageError(`'${name}' is damaged: ${problem}`);
  return document;
}

function* choicesOf({ places, log }: ChoiceLog): Generator<ChoiceRecord> {
  for (let i = 0; i < log.length; i += 2) {
    const place = places[log[i] as number];
    if (place === undefined) throw new Error("a choice without its place");
    const [stream, entity, alternatives] = place;
    yield { stream, entity, alternatives, taken: log[i + 1] as number };
  }
}

/** The choices as a run takes them. */
export const decisionsOf = ({ seed, worlds }: ReproDocument): Decisions => ({
  seed,
  worlds: worlds.map(({ view, traceHash, choices }) => (
    { view, traceHash, choices: [...choicesOf(choices)] }
  )),
});
