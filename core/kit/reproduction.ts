/** Scripts that show how a law is broken: ordinary scenarios that claim it and do not hold. */
import type { Option, OptionTable } from "../base/option.ts";
import type { UsedPlugin } from "../lab/plugin.ts";
import type { KitProgram } from "./law.ts";
import type { Options } from "./trial.ts";

/** How a registered name is written in a script. */
export const written = (name: string): string => name.replaceAll("-", "_");

/** The base unit of a quantity as a script has it. */
const UNITS: Readonly<Record<string, string>> = {
  time: "ns",
  bytes: "B",
  frequency: "Hz",
  bandwidth: "B/s",
};

/** A value of an option as a script has it. */
function valueText(value: Options[string], option: Option | undefined): string {
  if (typeof value === "number") return `${value}${UNITS[option?.type ?? ""] ?? ""}`;
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one) => JSON.stringify(one)).join(", ")}]`;
  return String(value);
}

/** `plugin.name { option: value }` */
export function strategyText(name: string, options: Options, table: OptionTable): string {
  const pairs = Object.entries(options).map(([key, value]) =>
    `${written(key)}: ${valueText(value, table[key])}`
  );
  return pairs.length === 0 ? written(name) : `${written(name)} { ${pairs.join(", ")} }`;
}

/** A file with one scenario. A plugin without a URL is built in. */
export function scriptOf(
  plugin: UsedPlugin,
  title: string,
  lines: readonly string[],
): string {
  const use = plugin.url === "" ? [] : [`use ${JSON.stringify(plugin.url)} as ${plugin.alias}`, ""];
  const name = (line: string) =>
    plugin.url === "" ? line.replaceAll(`${written(plugin.alias)}.`, "") : line;
  const body = lines.map((line) => `  ${name(line)}`);
  return ["ckpt 1", ...use, `scenario ${JSON.stringify(title)} {`, ...body, "}", ""].join("\n");
}

/** One checkpoint of a trial. */
export interface Shot {
  readonly program: KitProgram;
  /** The instruction at which it is asked for. */
  readonly at: number;
  readonly cpus: number;
  /** The program stands still until the image is there. */
  readonly still: boolean;
}

/** A checkpoint at an instruction, a crash, a restart: the output must be the undisturbed one. */
export const checkpointerScript = (
  plugin: UsedPlugin,
  title: string,
  strategy: string,
  { program, at, cpus, still }: Shot,
): string =>
  scriptOf(plugin, title, [
    `node n { cpus: ${cpus}, quantum: 5us, disk: 400MB/s }`,
    `proc p on n runs ${program.workload}`,
    `checkpointer ${strategy}`,
    ...still ? [`when p.instructions >= ${at} pause p`] : [],
    `when p.instructions >= ${at} checkpoint p as c1`,
    "when c1.committed crash p",
    "after 1ms restart p from c1",
    "until p.exited",
    "expect p.exit == undisturbed.p.exit",
    "expect p.output == undisturbed.p.output",
    "expect c1.committed",
  ]);
