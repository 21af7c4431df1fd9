/** Files of instruction vectors, run one after the other: what a report needs to know of each. */
import { VectorProcessor } from "./vector_driver.ts";
import type { VectorCase } from "./vector_state.ts";
import { parseVectors, runCase, VectorError, vectorName, type Verdict } from "./vectors.ts";

/** A file as the caller has read it; the name says encoding and mode. */
export interface VectorFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** One case that is wrong: its number in the file, and each difference in words. */
export interface VectorFailure {
  readonly index: number;
  readonly differences: readonly string[];
}

/** How one file went. A file passes if it could be read and no case is wrong. */
export interface VectorResult {
  readonly file: string;
  /** The encoding and the mode: `1111nnnnmmmm0000 SZ=0 PR=0`; the file's name where it has none. */
  readonly pattern: string;
  readonly passed: boolean;
  readonly cases: number;
  /** Cases that differ from the record only as the manual demands, by the deviation's name. */
  readonly deviations: ReadonlyMap<string, number>;
  readonly failures: readonly VectorFailure[];
  /** Why the file could not be read, if it could not. */
  readonly error?: string;
}

/**
 * Runs files of vectors; each result comes as soon as its file is done.
 *
 * @example
 * ```ts
 * import { runVectors } from "./vector_run.ts";
 * const [result] = runVectors([{ name: "no_vectors.txt", bytes: new Uint8Array() }]);
 * if (result?.passed !== false || result.error === undefined) throw new Error("unreachable");
 * ```
 */
export function* runVectors(files: Iterable<VectorFile>): Generator<VectorResult> {
  const processor = new VectorProcessor();
  for (const file of files) yield judgeFile(file, (recorded) => runCase(recorded, processor));
}

/** Judges every case of a file. */
export function judgeFile(
  { name, bytes }: VectorFile,
  judge: (recorded: VectorCase) => Verdict,
): VectorResult {
  const deviations = new Map<string, number>();
  const failures: VectorFailure[] = [];
  let pattern = name, cases = 0, error: string | undefined;
  try {
    const known = vectorName(name);
    pattern = `${known.pattern} SZ=${known.SZ} PR=${known.PR}`;
    for (const recorded of parseVectors(name, bytes)) {
      cases++;
      const verdict = judge(recorded);
      if (verdict.outcome === "failed") {
        failures.push({ index: recorded.index, differences: verdict.differences });
      } else if (verdict.outcome === "deviates") {
        verdict.deviations.forEach((each) => count(deviations, each));
      }
    }
  } catch (problem) {
    if (!(problem instanceof VectorError)) throw problem;
    error = problem.message;
  }
  return {
    ...{ file: name, pattern, passed: error === undefined && failures.length === 0 },
    ...{ cases, deviations, failures },
    ...(error === undefined ? {} : { error }),
  };
}

/** Counts one more of a name. */
export const count = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);
