/** `check`: reads scripts and says what is wrong with them; nothing is simulated. */
import { diagnosticData, isError } from "../diagnostic.ts";
import { EXIT, exitCode } from "../exit.ts";
import type { Command, Given } from "../flags.ts";
import type { Host } from "../host.ts";
import {
  allDiagnostics,
  ISOLATE_FLAG,
  JSON_FLAG,
  loadAll,
  printDiagnostics,
  refusals,
  SCRIPT_FLAGS,
} from "./scripts.ts";

async function check(given: Given, host: Host): Promise<number> {
  const loaded = await loadAll(given, given.rest, host);
  const diagnostics = allDiagnostics(loaded);
  const errors = diagnostics.filter(isError).length;
  const code = exitCode([
    ...refusals(diagnostics),
    ...loaded.length === 0 ? [EXIT.nothing] : [],
  ]);
  const scenarios = loaded.reduce((sum, one) => sum + one.scenarios.length, 0);
  if (given.on("json")) {
    const document = {
      version: 1,
      exit: code,
      files: loaded.map((one) => one.path),
      scenarios,
      diagnostics: diagnostics.map(diagnosticData),
    };
    host.stdout(JSON.stringify(document, undefined, 2) + "\n");
    return code;
  }
  printDiagnostics(diagnostics, host);
  const warnings = diagnostics.length - errors;
  const counts = `${loaded.length} files, ${scenarios} scenarios`;
  host.stdout(`${counts}: ${errors} errors, ${warnings} warnings\n`);
  return code;
}

export const checkCommand: Command = {
  name: "check",
  usage: "[paths]",
  help: "Checks scripts: grammar, names, types, units. Nothing is simulated.",
  flags: [...SCRIPT_FLAGS, ISOLATE_FLAG, JSON_FLAG],
  run: check,
};
