/** The options a row is tried with, and what a law finds with them. */
import type { OptionTable, OptionValue } from "../base/option.ts";
import type { UsedPlugin } from "../lab/plugin.ts";
import type { Found } from "./law.ts";
import { scriptOf, strategyText } from "./reproduction.ts";
import { type Options, wordsOf } from "./trial.ts";

/** Values worth trying for one option. */
function candidates(option: OptionTable[string]): readonly OptionValue[] {
  switch (option.type) {
    case "truth":
      return [option.default, !option.default];
    case "text":
      return option.choices ?? [option.default];
    case "texts":
    case "times":
      return [option.default];
    default: {
      const { min = option.default, max = option.default } = option;
      const near = Math.min(option.max ?? Infinity, min + 2);
      return [...new Set([option.default, min, near, max])];
    }
  }
}

/** Combinations tried at most; taken at equal distances from all there are. */
const MOST_VARIANTS = 18;

/** The options of a table at their bounds and choices, in combination; the defaults come first. */
export function variantsOf(table: OptionTable): readonly Options[] {
  let all: Options[] = [{}];
  for (const [name, option] of Object.entries(table)) {
    all = all.flatMap((given) => candidates(option).map((value) => ({ ...given, [name]: value })));
    if (all.length > 4096) all = all.filter((_, n) => n % 2 === 0);
  }
  const step = Math.max(1, all.length / MOST_VARIANTS);
  const count = Math.min(all.length, MOST_VARIANTS);
  return Array.from({ length: count }, (_, n) => all[Math.floor(n * step)] as Options);
}

/** The usual options alone. */
export const usualOf = (table: OptionTable): readonly Options[] => variantsOf(table).slice(0, 1);

/** What a check says; what it throws is what is wrong, in words. */
export async function attempted(
  check: () => string | undefined | Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    return wordsOf(error);
  }
}

/** Whose options are tried. */
interface Tried {
  readonly plugin: UsedPlugin;
  readonly row: { readonly name: string; readonly options: OptionTable };
}

/** How what is found is shown: a script's title, and its lines with the row as it is written. */
export interface Shown {
  readonly title: string;
  readonly lines: (row: string) => readonly string[];
}

/** Checks with each of these options; of the first that break the law what is wrong, and a script. */
export async function forVariants(
  { plugin, row }: Tried,
  variants: readonly Options[],
  { title, lines }: Shown,
  check: (options: Options) => Promise<string | undefined>,
): Promise<Found> {
  for (const options of variants) {
    const message = await attempted(() => check(options));
    if (message === undefined) continue;
    const text = strategyText(row.name, options, row.options);
    return { message: `${message} (${text})`, script: scriptOf(plugin, title, lines(text)) };
  }
  return undefined;
}
