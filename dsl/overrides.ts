/** `--set`: other values for lets, axes and columns. */
import { headline } from "./diagnostic.ts";
import type { Overrides } from "./draft.ts";
import { UsageError } from "./flags.ts";
import { parseExpression } from "./parse.ts";

/** Reads the values of `--set`, each an expression. */
export function overridesOf(given: readonly (readonly [string, string])[]): Overrides {
  const values = new Map(
    given.map(([name, text]) => {
      const { expr, diagnostics } = parseExpression(text, `--set ${name}`);
      const [first] = diagnostics;
      if (expr === undefined) {
        const reason = first === undefined ? "no value" : headline(first);
        throw new UsageError(`--set ${name}=${text}: ${reason}`);
      }
      return [name, expr] as const;
    }),
  );
  return { values, used: new Set() };
}
