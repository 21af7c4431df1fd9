/** `vectors` at work: every file of a folder, and a report that names what differs and why. */
import { DEVIATIONS, runVectors, type VectorFile, type VectorResult } from "../core/mod.ts";
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

/** Runs a folder of vectors; counts cases, and a file that cannot be read as one. */
export function vectors({ folder }: VectorsRequest, host: Host): Promise<number> {
  let passed = 0, failed = 0, files = 0;
  const deviations = new Map<string, number>();
  try {
    for (const result of runVectors(filesOf(folder))) {
      files++;
      const bad = result.failures.length + (result.error === undefined ? 0 : 1);
      failed += bad;
      passed += result.cases - result.failures.length;
      for (const [name, count] of result.deviations) {
        deviations.set(name, (deviations.get(name) ?? 0) + count);
      }
      if (bad > 0) show(result, host);
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    host.stderr(`error: ${error.message}\n`);
    return Promise.resolve(EXIT.usage);
  }
  if (files === 0) {
    host.stderr(`error: '${folder}' holds no vectors (files that end in .bin)\n`);
    return Promise.resolve(EXIT.nothing);
  }
  showDeviations(deviations, host);
  host.stdout(`${files} files\n${passed} passed, ${failed} failed\n`);
  return Promise.resolve(failed === 0 ? EXIT.holds : EXIT.failed);
}
