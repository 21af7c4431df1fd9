/** `fmt`: brings scripts into their one canonical form. A script with syntax errors stays as it is. */
import { diagnostic } from "../diagnostic.ts";
import { DEFAULT_PATHS, discover } from "../discover.ts";
import { formatScript } from "../editor/layout.ts";
import { EXIT, exitCode } from "../exit.ts";
import { type Command, type Given, UsageError } from "../flags.ts";
import type { Host } from "../host.ts";
import { parse } from "../parse.ts";
import { decodeSource } from "../source.ts";
import { printDiagnostics } from "./scripts.ts";

/** How a script reads now and how it should; no `text` when it cannot be read. */
interface Formatted {
  readonly given: string;
  readonly text?: string;
}

function format(name: string, bytes: Uint8Array, host: Host): Formatted {
  const { source, badAt } = decodeSource(name, bytes);
  const { script, diagnostics } = parse(source);
  const bad = badAt.map((start) =>
    diagnostic("CK0105", { source, start, end: start + 1 }, "these bytes are no UTF-8")
  );
  printDiagnostics([...bad, ...diagnostics], host);
  const given = source.text;
  // What the parser skipped would be lost: a broken script is refused as a whole.
  return bad.length + diagnostics.length > 0 ? { given } : { given, text: formatScript(script) };
}

/** The first line that is not in canonical form, from 1. */
function firstDifference(given: string, text: string): number {
  const wanted = text.split("\n");
  const lines = given.split("\n");
  const at = lines.findIndex((line, i) => line !== wanted[i]);
  return 1 + (at < 0 ? lines.length : at);
}

/** `-`: from standard input to standard output. */
async function filter(check: boolean, host: Host): Promise<number> {
  const { given, text } = format("<stdin>", await host.readInput(), host);
  if (text === undefined) return EXIT.script;
  if (!check) host.stdout(text);
  else if (given !== text) {
    host.stderr(`<stdin>:${firstDifference(given, text)} is not formatted\n`);
  }
  return check && given !== text ? EXIT.failed : EXIT.holds;
}

async function write(file: string, text: string, host: Host): Promise<void> {
  try {
    await host.replaceFile(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot write '${file}': ${reason}`);
  }
}

/** One file: the cause of the exit code. */
async function formatFile(file: string, check: boolean, host: Host): Promise<number> {
  const { given, text } = format(file, await host.readFile(file), host);
  if (text === undefined) return EXIT.script;
  if (given === text) return EXIT.holds;
  if (check) {
    host.stdout(`${file}:${firstDifference(given, text)} is not formatted\n`);
    return EXIT.failed;
  }
  await write(file, text, host);
  host.stdout(`formatted ${file}\n`);
  return EXIT.holds;
}

async function fmt(given: Given, host: Host): Promise<number> {
  const check = given.on("check");
  if (given.rest.includes("-")) {
    if (given.rest.length > 1) throw new UsageError("'-' is standard input and stands alone");
    return await filter(check, host);
  }
  const files = await discover(given.rest.length === 0 ? DEFAULT_PATHS : given.rest, host);
  const causes: number[] = [];
  for (const file of files) causes.push(await formatFile(file, check, host));
  const broken = causes.filter((cause) => cause === EXIT.script).length;
  const odd = causes.filter((cause) => cause === EXIT.failed).length;
  const left = broken === 0 ? "" : `, ${broken} with errors left as they are`;
  const hint = odd === 0 ? "" : `, ${odd} not formatted; 'fmt' without --check formats them`;
  host.stdout(`${files.length} files${left}${hint}\n`);
  return files.length === 0 ? EXIT.nothing : exitCode(causes);
}

export const fmtCommand: Command = {
  name: "fmt",
  usage: "[paths | -]",
  help: "Formats scripts, in place; '-' formats standard input to standard output. A script with " +
    "syntax errors is reported and left as it is.",
  flags: [{
    name: "check",
    help: "Write nothing; list what is not formatted and end with exit code 1.",
  }],
  run: fmt,
};
