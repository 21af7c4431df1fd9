/** A script as an editor sees it: text, tree, diagnostics, cells and what its names mean. */
import type { Script, StatementNode } from "../ast.ts";
import { load, type Loaded, type ReadFile } from "../load.ts";
import type { Known } from "../notes.ts";
import type { Scope } from "../scope.ts";
import type { Source } from "../source.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { type Occurrence, occurrencesOf } from "./names.ts";

/** What stands at a place. */
export interface Noted {
  readonly start: number;
  readonly end: number;
  readonly known: Known;
}

/** Everything known about one file; it may be broken. */
export interface Analysis {
  readonly path: string;
  readonly source: Source;
  readonly loaded: Loaded;
  /** With what its plugins add. */
  readonly vocabulary: Vocabulary;
  readonly script: Script;
  /** Names of the registry by where they stand in the file, in order. */
  readonly notes: readonly Noted[];
  /** Every use and declaration of a name the script declares. */
  readonly occurrences: readonly Occurrence[];
}

/** A metric with arguments is noted with all of its call; its name stands behind the dot. */
function notedAt(source: Source, start: number, end: number, known: Known): Noted {
  if (known.kind !== "metric") return { start, end, known };
  const name = known.row.name.replaceAll("-", "_");
  const text = source.text.slice(start, end);
  const found = [...text.matchAll(/\.\s*(\w+)/g)].find(([, word]) => word === name);
  const at = start + (found === undefined ? 0 : found.index + found[0].length - name.length);
  return { start: at, end: at + name.length, known };
}

/** The scenario a place stands in, as the loader found it: its names are those of its first cell. */
export function scopeOf(loaded: Loaded, node: StatementNode): Scope {
  const found = loaded.scenarios.find(({ span }) =>
    span.source === node.span.source && span.start === node.span.start
  );
  return found?.plans[0]?.scope ?? loaded.scope;
}

/** Reads, checks and indexes a file with what it includes. Undefined when it cannot be read. */
export async function analyse(
  path: string,
  readFile: ReadFile,
  vocabulary: Vocabulary,
): Promise<Analysis | undefined> {
  const notes = new Map<string, { start: number; end: number; source: Source; known: Known }>();
  const loaded = await load(path, readFile, {
    vocabulary,
    overrides: { values: new Map(), used: new Set() },
    note: ({ source, start, end }, known) => {
      notes.set(`${source.name}:${start}:${end}`, { source, start, end, known });
    },
  });
  const script = loaded.scripts.find((one) => one.span.source.name === path);
  if (script === undefined) return undefined;
  const { source } = script.span;
  const own = [...notes.values()].filter((note) => note.source === source)
    .map(({ start, end, known }) => notedAt(source, start, end, known))
    .sort((a, b) => a.start - b.start);
  const occurrences = occurrencesOf(loaded);
  const extended = loaded.scenarios[0]?.plans[0]?.vocabulary ?? vocabulary;
  return { path, source, loaded, vocabulary: extended, script, notes: own, occurrences };
}
