/** The command line: a table of commands, and what happens when one goes wrong. */
import { EngineDifference, PluginError, WorkerError } from "../core/mod.ts";
import { chartCommand } from "./commands/chart.ts";
import { checkCommand } from "./commands/check.ts";
import { diffCommand } from "./commands/diff.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { execCommand } from "./commands/exec.ts";
import { explainCommand } from "./commands/explain.ts";
import { exploreCommand } from "./commands/explore.ts";
import { fmtCommand } from "./commands/fmt.ts";
import { lspCommand } from "./commands/lsp.ts";
import { listCommand } from "./commands/list.ts";
import { pluginCommand } from "./commands/plugin.ts";
import { mergeCommand, reportCommand } from "./commands/merge.ts";
import { replayCommand } from "./commands/replay.ts";
import { runCommand } from "./commands/run.ts";
import { shrinkCommand } from "./commands/shrink.ts";
import { vectorsCommand } from "./commands/vectors.ts";
import { versionCommand } from "./commands/version.ts";
import { EXIT } from "./exit.ts";
import { type Command, commandHelp, overview, readFlags, UsageError, withMeant } from "./flags.ts";
import { type Host, OutputError } from "./host.ts";

const helpCommand: Command = {
  name: "help",
  usage: "[command]",
  help: "Tells about all commands, or about one with its flags.",
  flags: [],
  run: (given, host) => {
    const [name] = given.rest;
    const command = COMMANDS.find((one) => one.name === name);
    if (name !== undefined && command === undefined) {
      const names = COMMANDS.map((one) => one.name);
      throw new UsageError(withMeant(`there is no command '${name}'`, name, names));
    }
    host.stdout(command === undefined ? overview(COMMANDS) : commandHelp(command));
    return Promise.resolve(EXIT.holds);
  },
};

/** The commands. The first runs when none is named. */
export const COMMANDS: readonly Command[] = [
  runCommand,
  checkCommand,
  fmtCommand,
  listCommand,
  mergeCommand,
  reportCommand,
  diffCommand,
  explainCommand,
  lspCommand,
  replayCommand,
  shrinkCommand,
  execCommand,
  exploreCommand,
  chartCommand,
  pluginCommand,
  vectorsCommand,
  doctorCommand,
  versionCommand,
  helpCommand,
];

/** The command that is meant and its arguments. */
function choose(args: readonly string[]): { command: Command; rest: readonly string[] } {
  const [first, ...rest] = args;
  if (first === "--help" || first === "-h") return { command: helpCommand, rest: [] };
  if (first === "--version") return { command: versionCommand, rest };
  const command = COMMANDS.find((one) => one.name === first);
  return command === undefined ? { command: runCommand, rest: args } : { command, rest };
}

/** A path that is no path was perhaps meant as a command. */
function usageMessage(error: UsageError, args: readonly string[]): string {
  const [first = ""] = args;
  const isWord = /^[a-z]+$/.test(first) && COMMANDS.every((one) => one.name !== first);
  if (!isWord || !error.message.includes(`'${first}'`)) return error.message;
  return withMeant(error.message, first, COMMANDS.map((one) => one.name));
}

/** What `--jit verify` is for: the engines differ, and here is all there is to know about it. */
function disagreement({ message }: EngineDifference, host: Host): number {
  host.stderr(
    `error: ${message.trimEnd()}\n` +
      "please report it with the command and the program; --jit off runs nothing translated\n",
  );
  return EXIT.nondeterminism;
}

/** What nobody meant to happen, in one line; the stack for who asks for it. */
function unforeseen(error: unknown, host: Host): number {
  const isWorker = error instanceof WorkerError;
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const line = reason.replaceAll(/\s*\n\s*/g, " ");
  host.stderr(
    isWorker
      ? `error: ${line}; try --workers 0: all in one thread, with the same results\n`
      : `internal error: ${line}; please report it with the command and the script\n`,
  );
  if ((host.environment["CKPTLAB_DEBUG"] ?? "") !== "" && error instanceof Error) {
    host.stderr(`${error.stack ?? ""}\n`);
  }
  return isWorker ? EXIT.worker : EXIT.internal;
}

/** Runs the command line and returns its exit code. Nothing is thrown and no process ended. */
export async function main(args: readonly string[], host: Host): Promise<number> {
  try {
    const { command, rest } = choose(args);
    const given = readFlags(command, rest);
    if (given.on("help")) {
      host.stdout(commandHelp(command));
      return EXIT.holds;
    }
    return await command.run(given, host);
  } catch (error) {
    if (error instanceof OutputError) {
      host.stderr(`error: ${error.message}\n`);
      return EXIT.usage;
    }
    if (error instanceof EngineDifference) return disagreement(error, host);
    if (error instanceof PluginError) {
      host.stderr(`error: ${error.message}\n`);
      return EXIT.plugin;
    }
    if (!(error instanceof UsageError)) return unforeseen(error, host);
    host.stderr(`error: ${usageMessage(error, args)}; --help tells more\n`);
    return EXIT.usage;
  }
}

export type { ExecRequest, Host, Parts, VectorsRequest } from "./host.ts";
export { denoHost } from "./host.ts";
export type { LabRequest, MakeLab } from "./run.ts";
export type { CheckpointerEntry, MetricEntry, Vocabulary } from "./vocabulary.ts";
