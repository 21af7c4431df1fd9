/** Finds a `repro.json`, reads it, and makes a plan of the scripts in it. */
import { scriptHash } from "../artefacts/repro.ts";
import { headline, isError } from "../diagnostic.ts";
import { type Given, UsageError } from "../flags.ts";
import type { Host } from "../host.ts";
import { type FoundScenario, load, type Loaded } from "../load.ts";
import { folderName, OutFolder } from "../out_folder.ts";
import { overridesOf } from "../overrides.ts";
import type { AskedSeeds, Plan } from "../plan.ts";
import { readText } from "../recording.ts";
import { readRepro, type ReproDocument } from "./document.ts";

/** A failing run that was left by an earlier one. */
export interface FoundRepro {
  /** Where its file is. */
  readonly path: string;
  readonly document: ReproDocument;
  readonly scenario: FoundScenario;
  readonly plan: Plan;
  readonly scripts: Loaded["scripts"];
  /** What is not as it was when it was written, a line each. */
  readonly notes: readonly string[];
}

/** The file that is meant: by its path, or by its folder in the out folder, or the id of its cell. */
async function textOf(given: Given, host: Host): Promise<{ path: string; text: string }> {
  const [name, ...others] = given.rest;
  if (name === undefined || others.length > 0) {
    throw new UsageError(
      "expected one repro.json, or its folder below .ckpt/out, or the id of a cell that failed",
    );
  }
  const isId = name.includes("#");
  const folder = isId ? folderName(name) : name;
  const path = `${new OutFolder(given, host).path}/${folder}/repro.json`;
  if (!isId && /\/|\.json$/.test(name)) return { path: name, text: await readText(name, host) };
  try {
    return { path, text: await readText(path, host) };
  } catch {
    if (!isId) return { path: name, text: await readText(name, host) };
    throw new UsageError(
      `there is no '${path}': the last run left nothing about the cell ${name}; run it again, or ` +
        "name the file",
    );
  }
}

const decoder = new TextDecoder();

/** How the scripts on the disk differ from those in the file. */
async function changes({ scripts }: ReproDocument, host: Host): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const { file, sha256 } of scripts) {
    let now: string | undefined;
    try {
      now = scriptHash(decoder.decode(await host.readFile(file)).replace(/^\uFEFF/, ""));
    } catch {
      notes.push(`'${file}' is not there any more; the recorded script is run`);
    }
    if (now !== undefined && now !== sha256) {
      notes.push(`'${file}' has changed since; the script as it was recorded is run`);
    }
  }
  return notes;
}

/** The scripts of the file in the place of those on the disk. */
function recordedFiles({ scripts }: ReproDocument, path: string): Host["readFile"] {
  const texts = new Map(scripts.map(({ file, sha256, text }) => {
    if (scriptHash(text) === sha256) return [file, text] as const;
    throw new UsageError(
      `'${path}' is damaged: the text of '${file}' is not the one its sha256 is of`,
    );
  }));
  return (file) => {
    const text = texts.get(file);
    if (text !== undefined) return Promise.resolve(new TextEncoder().encode(text));
    return Promise.reject(new Error("it is not in the repro.json"));
  };
}

/** Plugins are not in the file: they must be there, in the version that was used. */
function checkPlugins({ plugins }: ReproDocument, plan: Plan): readonly string[] {
  return plugins.flatMap(({ alias, name, version }) => {
    const used = plan.plugins.find((one) => one.alias === alias)?.plugin;
    if (used === undefined || used.name === name && used.version === version) return [];
    return [`plugin '${alias}' was ${name} ${version}, and is ${used.name} ${used.version} now`];
  });
}

/** What may have been asked about seeds where a cell has this id: nothing, one seed, or many. */
function asksOf({ cell, seed }: ReproDocument): readonly AskedSeeds[] {
  const [, first, last] = /@(\d+)\.\.(\d+)$/.exec(cell) ?? [];
  if (first === undefined) return [{}, { seed }];
  return [{}, { seeds: { first: Number(first), last: Number(last) } }];
}

/** Loads the recorded scripts, as they were asked for. */
async function planOf(document: ReproDocument, path: string, host: Host) {
  const readFile = recordedFiles(document, path);
  const set = Object.entries(document.set);
  for (const asked of asksOf(document)) {
    const options = { vocabulary: host.vocabulary, overrides: overridesOf(set), ...asked };
    const loaded = await load(document.file, readFile, options);
    const broken = loaded.diagnostics.find(isError);
    if (broken !== undefined) {
      throw new UsageError(`'${path}' cannot be run any more: ${headline(broken)}`);
    }
    for (const scenario of loaded.scenarios) {
      const plan = scenario.plans.find(({ id }) => id === document.cell);
      if (plan !== undefined) return { scenario, plan, scripts: loaded.scripts };
    }
  }
  throw new UsageError(`'${path}' is damaged: its scripts have no cell ${document.cell}`);
}

/** What was not trusted when it was run is not trusted now. */
function refuseIsolated({ isolated, plugins }: ReproDocument, path: string): void {
  if (isolated !== true || plugins.length === 0) return;
  const names = plugins.map(({ name }) => `'${name}'`).join(", ");
  throw new UsageError(
    `'${path}' is of a run with --isolate, and here ${names} would have the permissions of this ` +
      "program: use run --isolate for this cell; who trusts its plugins runs it once without " +
      "--isolate and takes the repro.json of that run",
  );
}

/** Finds the run a command is about. Throws {@linkcode UsageError}. */
export async function findRepro(given: Given, host: Host): Promise<FoundRepro> {
  const { path, text } = await textOf(given, host);
  const document = readRepro(text, path);
  refuseIsolated(document, path);
  const found = await planOf(document, path, host);
  const notes = [
    ...document.ckptlab === host.version
      ? []
      : [`it was written by ckptlab ${document.ckptlab}; this is ${host.version}`],
    ...checkPlugins(document, found.plan),
    ...await changes(document, host),
  ];
  return { path, document, ...found, notes };
}
