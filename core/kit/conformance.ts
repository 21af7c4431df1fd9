/** The kit as tests: one for each law and row, in whatever runs tests by a name and a function. */
import type { Plugin } from "../lab/plugin.ts";
import { manifestProblems } from "../lab/plugin_manifest.ts";
import { judge, trialsOf } from "./certify.ts";
import type { Bench, LawId } from "./law.ts";

type Register = (name: string, run: () => void | Promise<void>) => void;

/** What registers a test, as `Deno.test` does; `ignore`, if it is there, one that is not run. */
export type RegisterTest = Register & { readonly ignore?: Register };

/** What the kit is told. */
export interface Conformance {
  readonly test: RegisterTest;
  /** Makes the plugin; called once. */
  readonly factory: () => Plugin;
  /** Where its module is, so that scripts that show a mistake can name it: `import.meta.url`. */
  readonly url?: string;
  /** Only these laws. */
  readonly only?: readonly LawId[];
}

/** Registers the laws that apply to a plugin's rows as tests on that bench. */
export function conformanceOn(
  bench: Bench,
  { test, factory, url = "", only }: Conformance,
): void {
  const plugin = factory();
  const problems = manifestProblems(plugin).map(({ message }) => message);
  test(`manifest: ${String(plugin?.name)}`, () => {
    if (problems.length > 0) throw new Error(problems.join("\n"));
  });
  if (problems.length > 0) return;
  for (const trial of trialsOf(plugin, bench, url)) {
    if (only !== undefined && !only.includes(trial.law.id)) continue;
    const why = trial.skipped === undefined ? "" : ` (skipped: ${trial.skipped})`;
    const register = trial.skipped === undefined ? test : test.ignore ?? test;
    register(trial.title + why, async () => {
      const { verdict, message, script, again } = await judge(trial);
      if (verdict !== "broken") return;
      const command = again === undefined ? "" : `\n\nthis command shows it: ${again}`;
      const shown = script === undefined ? command : `\n\nthis script shows it:\n\n${script}`;
      throw new Error(`${trial.title}: ${message}${shown}`);
    });
  }
}
