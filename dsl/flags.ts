/** Commands and their flags as rows: arguments are read and help is printed from the same table. */
import { parseArgs } from "@std/cli/parse-args";
import { EXIT_HELP } from "./exit.ts";
import type { Host } from "./host.ts";
import { nearest } from "./suggest.ts";
import { readMeasure, toEngine } from "./units.ts";

/** One flag. Without `value` it is a switch. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What stands behind it, for help: `N`, `folder`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly repeat?: boolean;
  /** What is meant when it stands alone; another value then follows behind a `=`. */
  readonly alone?: string;
  readonly help: string;
}

/** The flags and arguments a command was given. */
export interface Given {
  readonly on: (name: string) => boolean;
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
  readonly rest: readonly string[];
}

/** A command. */
export interface Command {
  readonly name: string;
  /** Behind the name: `[paths]`. */
  readonly usage: string;
  readonly help: string;
  readonly flags: readonly Flag[];
  /** Flags end at the first argument; what follows belongs to the guest. */
  readonly stopEarly?: boolean;
  readonly run: (given: Given, host: Host) => Promise<number>;
}

/** The user's mistake on the command line: one line, exit code 64. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const HELP: Flag = { name: "help", short: "h", help: "Print this help." };

/** A message that ends with what was probably meant. */
export function withMeant(message: string, word: string, known: Iterable<string>): string {
  const meant = nearest(word, known);
  return meant === undefined ? message : `${message}; did you mean '${meant}'?`;
}

const nameOf = (arg: string): string => arg.replace(/^--?/, "").replace(/=.*$/s, "");

const flagFor = (flags: readonly Flag[], arg: string): Flag | undefined =>
  flags.find((flag) =>
    arg.startsWith("--") ? flag.name === nameOf(arg) : flag.short === nameOf(arg)
  );

/** Where the flags of a command end and its arguments begin. */
function headLength(flags: readonly Flag[], args: readonly string[]): number {
  let at = 0;
  while (at < args.length) {
    const arg = args[at] ?? "";
    if (arg === "--" || !arg.startsWith("-") || arg === "-") return at;
    const flag = flagFor(flags, arg);
    const takesNext = flag?.value !== undefined && flag.alone === undefined && !arg.includes("=");
    at += takesNext ? 2 : 1;
  }
  return args.length;
}

/** Mistakes that parsing would not notice. */
function checkSwitches(flags: readonly Flag[], args: readonly string[]): void {
  for (const arg of args) {
    if (arg === "--") return;
    const flag = arg.startsWith("--") && arg.includes("=") ? flagFor(flags, arg) : undefined;
    if (flag !== undefined && flag.value === undefined) {
      throw new UsageError(`--${flag.name} is a switch and takes no value`);
    }
  }
}

function checkValues(flags: readonly Flag[], texts: (name: string) => readonly string[]): void {
  for (const flag of flags) {
    if (flag.value === undefined) continue;
    for (const value of texts(flag.name)) {
      if (value === "") throw new UsageError(`--${flag.name} needs a value: ${flag.value}`);
      if (flag.choices !== undefined && !flag.choices.includes(value)) {
        const message = `--${flag.name} takes ${flag.choices.join(", ")}, not '${value}'`;
        throw new UsageError(withMeant(message, value, flag.choices));
      }
    }
  }
}

/** Flags that may stand alone get the value that is meant. */
function completed(flags: readonly Flag[], args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return args.map((arg, i) => {
    if (!arg.startsWith("-") || arg.includes("=") || end >= 0 && i > end) return arg;
    const alone = flagFor(flags, arg)?.alone;
    return alone === undefined ? arg : `${arg}=${alone}`;
  });
}

/** Reads the arguments of a command. */
export function readFlags(command: Command, args: readonly string[]): Given {
  const flags = [...command.flags, HELP];
  const cut = command.stopEarly === true ? headLength(flags, args) : args.length;
  const head = completed(flags, args.slice(0, cut));
  const tail = args.slice(cut);
  checkSwitches(flags, head);
  const valued = flags.filter((flag) => flag.value !== undefined);
  const parsed: Record<string, unknown> = parseArgs(head, {
    boolean: flags.filter((flag) => flag.value === undefined).map((flag) => flag.name),
    string: ["_", ...valued.map((flag) => flag.name)],
    collect: valued.map((flag) => flag.name),
    alias: Object.fromEntries(
      flags.flatMap((flag) => flag.short === undefined ? [] : [[flag.name, flag.short]]),
    ),
    "--": true,
    unknown: (arg, key) => {
      if (key === undefined) return;
      const known = flags.map((flag) => flag.name);
      const message = `${command.name} has no flag '${arg.replace(/=.*$/s, "")}'`;
      throw new UsageError(withMeant(message, nameOf(arg), known));
    },
  });
  const texts = (name: string): readonly string[] => {
    const value = parsed[name];
    return Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
  };
  checkValues(flags, texts);
  const own = [...texts("_"), ...texts("--")];
  // The guest's own '--' is the guest's.
  const rest = command.stopEarly === true && tail[0] === "--" ? tail.slice(1) : tail;
  return {
    on: (name) => parsed[name] === true,
    text: (name) => texts(name).at(-1),
    texts,
    rest: [...own, ...rest],
  };
}

/** A whole number from a flag. */
export function wholeNumber(given: Given, name: string): number | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const value = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll("_", "")) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new UsageError(`--${name} takes a whole number, not '${text}'`);
}

/** Pairs from a flag that may be repeated; `shape`: what they are called in its help. */
export function pairs(
  given: Given,
  name: string,
  shape = "name=value",
): readonly (readonly [string, string])[] {
  return given.texts(name).map((text) => {
    const at = text.indexOf("=");
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)] as const;
    throw new UsageError(`--${name} takes ${shape}, not '${text}'`);
  });
}

const column = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
};

function flagUsage(flag: Flag): string {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  const value = flag.choices?.join("|") ?? flag.value;
  const shown = value === undefined ? "" : flag.alone === undefined ? ` ${value}` : `[=${value}]`;
  return `${short}--${flag.name}${shown}`;
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const flags = [...command.flags, HELP].map((flag) => [flagUsage(flag), flag.help] as const);
  const usage = [command.name, command.usage].filter((part) => part !== "").join(" ");
  return `${command.help}\n\nusage: ${usage}\n\n${column(flags)}`;
}

/** The help of all. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map((one) => [`${one.name} ${one.usage}`.trim(), firstSentence(one.help)]);
  const codes = EXIT_HELP.map(([code, meaning]) => [String(code), meaning] as const);
  return "A deterministic laboratory for process checkpoint/restart of real SH-4 programs.\n\n" +
    `${column(rows as [string, string][])}\n'help <command>' tells its flags. Exit codes:\n` +
    column(codes);
}

const firstSentence = (text: string): string => text.replace(/\.\s.*$/s, ".");

/** A time such as `10s` from a flag, in ns. */
export function timeFlag(given: Given, name: string): number | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const read = /^\d/.test(text) ? readMeasure(text) : { problem: "" };
  const ns = "problem" in read ? read : toEngine(read, "time");
  if (typeof ns === "number" && ns > 0) return ns;
  throw new UsageError(`--${name} takes a time such as 10s, not '${text}'`);
}
