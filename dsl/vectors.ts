/** `vectors` at work: every file of a folder, and a report that names what differs and why. */
import {
  DEVIATIONS,
  EngineDifference,
  type MachineVectorResult,
  runMachineVectors,
  runVectors,
  type VectorFile,
  type VectorResult,
} from "../core/mod.ts";
import { EXIT } from "./exit.ts";
import type { Host, VectorsRequest } from "./host.ts";

/** Failures shown for one pattern. */
const MOST_SHOWN = 3;

/** A folder or file that cannot be read. */
class Unreadable extends Error {}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const none = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (none) throw new Unreadable(`there is no folder '${path}' with vectors`);
    const why = error instanceof Error ? error.message : String(error);
    throw new Unreadable(`cannot read '${path}': ${why.replace(/ \(os error \d+\).*$/s, "")}`);
  }
}

/** The vector files of a folder, by name; throws where something cannot be read. */
function* filesOf(folder: string): Generator<VectorFile> {
  const names = attempt(folder, () => [...Deno.readDirSync(folder)])
    .filter(({ isFile }) => isFile)
    .map(({ name }) => name).filter((name) => name.endsWith(".bin")).sort();
  for (const name of names) {
    const path = `${folder}/${name}`;
    yield { name, bytes: attempt(path, () => Deno.readFileSync(path)) };
  }
}

function show({ pattern, failures, cases, error }: VectorResult, host: Host): void {
  if (error !== undefined) return host.stdout(`FAILED ${pattern}: ${error}\n`);
  host.stdout(`FAILED ${pattern}: ${failures.length} of ${cases} cases\n`);
  for (const { index, differences } of failures.slice(0, MOST_SHOWN)) {
    host.stdout(`  case ${index}: ${differences.join("; ")}\n`);
  }
}

function showDeviations(deviations: ReadonlyMap<string, number>, host: Host): void {
  if (deviations.size === 0) return;
  host.stdout("cases that differ from the record as the manual demands:\n");
  for (const { name, rule } of DEVIATIONS) {
    const count = deviations.get(name);
    if (count !== undefined) host.stdout(`  ${String(count).padStart(5)}  ${name}: ${rule}\n`);
  }
}

/** Adds the counts of one file to those of all. */
function addAll(totals: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of counts) totals.set(name, (totals.get(name) ?? 0) + count);
}

/** What all files came to. */
class Tally {
  files = 0;
  passed = 0;
  failed = 0;
  readonly #deviations = new Map<string, number>();
  readonly #engines = { translated: 0, left: 0, evaluated: new Map<string, number>() };

  constructor(readonly host: Host) {}

  add(result: VectorResult): void {
    this.files++;
    const bad = result.failures.length + (result.error === undefined ? 0 : 1);
    this.failed += bad;
    this.passed += result.cases - result.failures.length;
    addAll(this.#deviations, result.deviations);
    if (bad > 0) show(result, this.host);
  }

  /** The same of a machine, and through which engine its cases went. */
  addTranslated(result: MachineVectorResult): void {
    this.add(result);
    this.#engines.translated += result.translated;
    this.#engines.left += result.left;
    addAll(this.#engines.evaluated, result.evaluated);
  }

  show(isTranslated: boolean): void {
    showDeviations(this.#deviations, this.host);
    if (isTranslated) this.#showEngines();
    this.host.stdout(`${this.files} files\n${this.passed} passed, ${this.failed} failed\n`);
  }

  #showEngines(): void {
    const { translated, left, evaluated } = this.#engines;
    const line = (count: number, what: string) =>
      this.host.stdout(`  ${String(count).padStart(5)}  ${what}\n`);
    this.host.stdout("cases by who executed their instruction:\n");
    line(translated, "translated code");
    line(left, "the evaluator, to which translated code left it");
    for (const [why, count] of [...evaluated].sort(([a], [b]) => a < b ? -1 : 1)) {
      line(count, `the evaluator by itself, because no machine could run the case: ${why}`);
    }
  }
}

/** Runs a folder of vectors; counts cases, and a file that cannot be read as one. */
export function vectors({ folder, jit }: VectorsRequest, host: Host): Promise<number> {
  const tally = new Tally(host);
  let present = "";
  const files = function* (): Generator<VectorFile> {
    for (const file of filesOf(folder)) {
      present = file.name;
      yield file;
    }
  };
  try {
    if (jit === "off") {
      for (const result of runVectors(files())) tally.add(result);
    } else {
      for (const result of runMachineVectors(files(), { jit })) tally.addTranslated(result);
    }
  } catch (error) {
    // The command ends and tells the code, as for any program; here is told the file.
    if (error instanceof EngineDifference) host.stderr(`in ${folder}/${present}\n`);
    if (!(error instanceof Unreadable)) throw error;
    host.stderr(`error: ${error.message}\n`);
    return Promise.resolve(EXIT.usage);
  }
  if (tally.files === 0) {
    host.stderr(`error: '${folder}' holds no vectors (files that end in .bin)\n`);
    return Promise.resolve(EXIT.nothing);
  }
  tally.show(jit !== "off");
  return Promise.resolve(tally.failed === 0 ? EXIT.holds : EXIT.failed);
}
