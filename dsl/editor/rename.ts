/** Whether a name may become another one. */
import { FUNCTIONS, NAMES } from "../functions.ts";
import { machinery } from "../parse.ts";
import { MANAGER } from "../draft.ts";
import type { Analysis } from "./analysis.ts";
import type { Loaded } from "../load.ts";
import { type Occurrence, sectionOf } from "./names.ts";

/** Why a declared name cannot be called so, or nothing. */
export function renameProblem(
  to: string,
  places: readonly Occurrence[],
  analyses: readonly Analysis[],
): string | undefined {
  const { lexer, tokens } = machinery().machinery;
  const read = lexer.tokenize(to);
  const [only, ...others] = read.tokens;
  const isWhole = only?.image === to && others.length === 0 && read.errors.length === 0;
  if (!isWhole || !/^[A-Za-z_]/.test(to)) {
    return `'${to}' is no name: a name has letters, digits and _, and begins with no digit`;
  }
  const isName = only.tokenType === tokens.Name ||
    only.tokenType.CATEGORIES?.includes(tokens.Name) === true;
  if (!isName) return `'${to}' is a word of the language and cannot be a name`;
  if ([...NAMES, ...FUNCTIONS].some(({ name }) => name === to) || to === MANAGER) {
    return `'${to}' belongs to the language`;
  }
  const [renamed] = places;
  const taken =
    analyses.flatMap(({ occurrences, loaded }) =>
      occurrences.filter((one) =>
        one.text === to && renamed !== undefined && meet(one, renamed, loaded)
      )
    )[0];
  return taken === undefined
    ? undefined
    : `'${to}' is declared already in ${taken.target.source.name}`;
}

/** Two names of one scenario, or one that is visible in all of them. */
function meet(one: Occurrence, other: Occurrence, loaded: Loaded): boolean {
  const [here, there] = [sectionOf(one, loaded), sectionOf(other, loaded)];
  return here === undefined || there === undefined || here.start === there.start;
}
