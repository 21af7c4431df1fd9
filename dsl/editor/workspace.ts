/** The files an editor has open, over those on disk, and what is known about them. */
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Diagnostic, TextDocuments } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { discover } from "../discover.ts";
import type { Host } from "../host.ts";
import type { ReadFile } from "../load.ts";
import { analyse, type Analysis } from "./analysis.ts";
import { type Occurrence, sectionOf, targetKey } from "./names.ts";
import type { FailedCell } from "./outline.ts";

/** The path of a document; one that was never saved is called by its address. */
export const pathOf = (uri: string): string => uri.startsWith("file:") ? fileURLToPath(uri) : uri;

/** The address of a path. */
export const uriOf = (path: string): string =>
  path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) ? pathToFileURL(path).href : path;

/** What an editor works on. */
export class Workspace {
  /** What the last run of a file found, and in which cells, until the file is changed. */
  readonly failed = new Map<string, readonly FailedCell[]>();
  readonly findings = new Map<string, readonly Diagnostic[]>();
  roots: readonly string[] = [];
  /** Counts changes of any open file: an analysis is of one of these states. */
  #state = 0;
  readonly #known = new Map<
    string,
    { readonly state: number; readonly analysis: Promise<Analysis | undefined> }
  >();

  constructor(readonly documents: TextDocuments<TextDocument>, readonly host: Host) {}

  /** A file as it is in the editor, or on disk. */
  readonly readFile: ReadFile = (path) => {
    const open = this.documents.get(uriOf(path));
    return open === undefined
      ? this.host.readFile(path)
      : Promise.resolve(new TextEncoder().encode(open.getText()));
  };

  /** Some open file is no longer what it was. */
  changed(): number {
    return ++this.#state;
  }

  get state(): number {
    return this.#state;
  }

  /** What is known about a file now. */
  analysis(path: string): Promise<Analysis | undefined> {
    const known = this.#known.get(path);
    if (known?.state === this.#state) return known.analysis;
    const analysis = analyse(path, this.readFile, this.host.vocabulary);
    this.#known.set(path, { state: this.#state, analysis });
    return analysis;
  }

  /** A file is changed: what was found in it may no longer be so. */
  forgetRun(uri: string): void {
    this.failed.delete(uri);
    this.findings.delete(uri);
  }

  /** A file is closed: nothing is kept of it. */
  forget(uri: string): void {
    this.#known.delete(pathOf(uri));
    this.forgetRun(uri);
  }

  /** Every place where the name of an occurrence stands, in all files that may have it. */
  async places(of: Occurrence, from: Analysis): Promise<readonly Occurrence[]> {
    const wanted = targetKey(of.target);
    const found = new Map<string, Occurrence>();
    const add = (analysis: Analysis | undefined) => {
      for (const one of analysis?.occurrences ?? []) {
        if (targetKey(one.target) === wanted) found.set(targetKey(one.span), one);
      }
    };
    add(from);
    // What is declared outside scenarios, other files may include.
    if (sectionOf(of, from.loaded) === undefined) {
      for (const path of await this.#scripts()) add(await this.analysis(path));
    }
    return [...found.values()];
  }

  /** Scripts that are open or under the folders of the workspace. */
  async #scripts(): Promise<readonly string[]> {
    const open = this.documents.all().map(({ uri }) => pathOf(uri));
    const found: string[] = [];
    for (const root of this.roots) {
      found.push(...await discover([root], this.host).catch(() => []));
    }
    return [...new Set([...open, ...found])];
  }
}
