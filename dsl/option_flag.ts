/** The flag `--option name=value`: options of a strategy, each as a script writes it. */
import type { Option, OptionTable, OptionValue } from "../core/mod.ts";
import { type Flag, type Given, pairs, UsageError, withMeant } from "./flags.ts";
import { describeOption, readPlain } from "./options.ts";
import * as rationals from "./rational.ts";
import { readMeasure } from "./units.ts";
import { number, text, truth, type Value } from "./value.ts";
import { written } from "./vocabulary.ts";

/** The flag, of whose options there may be some. */
export const optionFlag = (of: string): Flag => ({
  name: "option",
  value: "name=value",
  repeat: true,
  help: `An option of ${of}, as a script writes it: timeout=20ms. Repeatable.`,
});

/** What stands there as the language would read it: a number with its unit, a truth value, a text. */
function valueOf(option: Option, given: string): Value {
  if (option.type === "text") return text("text", given);
  if (option.type === "texts") {
    return { kind: "list", items: given.split(",").map((item) => text("text", item)) };
  }
  if (option.type === "truth" && (given === "true" || given === "false")) {
    return truth(given === "true");
  }
  const [, minus = "", amount] = /^(-?)(\d.*)$/s.exec(given) ?? [];
  if (amount === undefined) return text("text", given);
  const measure = readMeasure(amount);
  if ("problem" in measure) throw new UsageError(measure.problem);
  const value = minus === "" ? measure.value : rationals.negate(measure.value);
  return number(value, measure.dimension, measure.percent);
}

/**
 * The options that `--option` gives a strategy, by their names in the table; those of none are a
 * UsageError. `owner`: "the protocol 'park-yeom'".
 */
export function optionsFlag(
  given: Given,
  table: OptionTable,
  owner: string,
): Readonly<Record<string, OptionValue>> {
  const values: Record<string, OptionValue> = {};
  for (const [asked, value] of pairs(given, "option")) {
    const name = Object.keys(table).find((each) => written(each) === written(asked));
    const option = name === undefined ? undefined : table[name];
    if (name === undefined || option === undefined) {
      const known = Object.keys(table).map(written);
      throw new UsageError(withMeant(`${owner} has no option '${asked}'`, asked, known));
    }
    if (Object.hasOwn(values, name)) throw new UsageError(`--option ${asked} is given twice`);
    if (value === "" && option.type !== "text" && option.type !== "texts") {
      throw new UsageError(`--option ${asked}= needs a value: ${describeOption(option)}`);
    }
    const read = readPlain(option, valueOf(option, value));
    if ("problem" in read) throw new UsageError(`--option ${asked}: ${read.problem}`);
    values[name] = read.value;
  }
  return values;
}
