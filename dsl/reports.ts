/** The reports of one run: which were asked for, and where what they yield goes. */
import { type RunEvent, StrategyError, type UsedPlugin } from "../core/mod.ts";
import { ISOLATE_FLAG, loaderOf } from "./commands/scripts.ts";
import { coloursFor, isColoured, PLAIN_COLOURS } from "./colour.ts";
import { EXIT, exitCode } from "./exit.ts";
import { type Flag, type Given, UsageError, withMeant } from "./flags.ts";
import type { Host } from "./host.ts";
import { reportersOf, type ReportMaker, reportMaker } from "./plugin_report.ts";
import { USE_FLAG, usedBy } from "./plugins.ts";
import { REPORTERS } from "./reporters/mod.ts";
import { ndjson } from "./reporters/stream.ts";
import type { Piece, Report, Reporter, Surroundings } from "./reporters/reporter.ts";
import { summaryLine } from "./reporters/text.ts";
import { written } from "./vocabulary.ts";

/** `--reporter` and what belongs to it. */
export const REPORT_FLAGS: readonly Flag[] = [
  {
    name: "reporter",
    value: "name[:file]",
    repeat: true,
    help: `How it is told: ${REPORTERS.map(({ name }) => name).join(", ")}; to standard output, ` +
      "or to a file. Of a plugin it is called plugin.name. Repeatable; people are told too, unless " +
      "another has standard output.",
  },
  USE_FLAG,
  {
    name: "unknown-as",
    value: "what",
    choices: ["skipped", "failure"],
    help: "What unknown counts as in junit and tap (skipped). The exit code stays 2.",
  },
];

/** A reporter that was asked for. */
interface Wanted {
  readonly row: Reporter;
  /** Without it standard output. */
  readonly file?: string;
}

/** A reporter there is, and the module it is from, if a plugin has it. */
interface Known {
  readonly row: Reporter;
  readonly url?: string;
}

/** All there are: a plugin that several scripts use once, two of one name both. */
function knownReporters(plugins: readonly UsedPlugin[], maker: ReportMaker): readonly Known[] {
  const different = plugins.filter(({ alias, url }, n) =>
    plugins.findIndex((one) => one.alias === alias && one.url === url) === n
  );
  return [
    ...REPORTERS.map((row) => ({ row })),
    ...different.flatMap((used) => reportersOf(used, maker).map((row) => ({ row, url: used.url }))),
  ];
}

function readWanted(text: string, known: readonly Known[]): Wanted {
  const [, asked = "", file] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  const name = written(asked);
  const [first, second] = known.filter(({ row }) => row.name === name);
  if (first === undefined) {
    const names = known.map(({ row }) => row.name);
    const message = `--reporter ${text}: expected one of ${names.join(", ")}, not '${asked}'`;
    const told = withMeant(message, name, names);
    const isOfPlugin = name.includes(".") && told === message;
    throw new UsageError(
      isOfPlugin ? `${told}; a plugin's reporter needs --use alias=module` : told,
    );
  }
  if (second !== undefined) {
    throw new UsageError(
      `--reporter ${text}: '${name}' is of ${first.url} and of ${second.url}; ` +
        "bring one in under another name: --use other=MODULE",
    );
  }
  const { row } = first;
  if (file === "") throw new UsageError(`--reporter ${text}: name a file behind the colon`);
  return file === undefined ? { row } : { row, file };
}

/** What was asked for, and what is meant without asking. */
function wantedBy(given: Given, host: Host, known: readonly Known[]): readonly Wanted[] {
  const asked = given.texts("reporter").map((text) => readWanted(text, known));
  if (given.on("json")) asked.push(...REPORTERS.filter(byName("json")).map((row) => ({ row })));
  const actions = (host.environment["GITHUB_ACTIONS"] ?? "") !== "";
  if (actions && !asked.some(({ row }) => row.name === "github")) {
    asked.push(...REPORTERS.filter(byName("github")).map((row) => ({ row })));
  }
  const [first, second] = asked.filter(({ row, file }) => file === undefined && !row.beside);
  if (first !== undefined && second !== undefined) {
    throw new UsageError(
      `${first.row.name} and ${second.row.name} cannot share standard output; ` +
        `give one a file: --reporter ${second.row.name}:FILE`,
    );
  }
  const usual = REPORTERS.slice(0, 1).map((row) => ({ row }));
  const all: readonly Wanted[] = first === undefined ? [...usual, ...asked] : asked;
  // Where standard output is for a program, nothing else may be printed.
  const isForProgram = first?.row.machine === true;
  return all.filter(({ row, file }) => !isForProgram || file !== undefined || !row.beside);
}

const byName = (name: string) => (row: Reporter): boolean => row.name === name;

/** Refuses what could not be written in the end. */
function checkFiles(wanted: readonly Wanted[], host: Host): void {
  const files = wanted.flatMap(({ file }) => file === undefined ? [] : [file]);
  const twice = files.find((file, i) => files.indexOf(file) !== i);
  if (twice !== undefined) throw new UsageError(`two reporters would write '${twice}'`);
  for (const file of files) {
    const why = host.cannotWrite(file);
    if (why !== undefined) throw new UsageError(`--reporter: cannot write '${file}': ${why}`);
  }
}

interface Open extends Wanted {
  readonly report: Report;
  text: string;
}

/** What reports are made with. */
export interface ReportsOptions {
  /** Where the stream is kept besides, for later. */
  readonly recording?: string | undefined;
  /** It is; without it only what else is left lies there. Usually true. */
  readonly isKept?: boolean;
  /** Plugins whose reporters may be named, beside those of `--use`. */
  readonly plugins?: readonly UsedPlugin[];
}

/** Hands every event to every report, and writes what they yield. */
export class Reports {
  readonly #open: readonly Open[];
  #isPassing = false;
  #summary = "";

  private constructor(
    open: readonly Open[],
    readonly host: Host,
    readonly recording: string | undefined,
  ) {
    this.#open = open;
  }

  /** Begins those that were asked for. Throws a `UsageError` for one there is not. */
  static async begin(
    given: Given,
    host: Host,
    { recording, isKept = true, plugins = [] }: ReportsOptions,
  ): Promise<Reports> {
    const all = [...plugins, ...await usedBy(given, loaderOf(given, host))];
    const maker = reportMaker(given.on(ISOLATE_FLAG.name), host);
    const asked = wantedBy(given, host, knownReporters(all, maker));
    checkFiles(asked, host);
    const kept = recording === undefined || !isKept ? [] : [{ row: ndjson, file: recording }];
    const wanted: readonly Wanted[] = [...asked, ...kept];
    const around = surroundings(given, host);
    const plain: Surroundings = {
      ...around,
      colours: PLAIN_COLOURS,
      isColoured: false,
      isTerminal: false,
    };
    const open = wanted.map(async (one): Promise<Open> => ({
      ...one,
      report: await one.row.begin(
        one.file === undefined ? around : { ...plain, file: one.file },
      ),
      text: "",
    }));
    return new Reports(await Promise.all(open), host, recording);
  }

  /** Standard output is read by a program, so nothing is printed for people. */
  get isForProgram(): boolean {
    return this.#open.some(({ row, file }) => file === undefined && row.machine === true);
  }

  /** Tells all reports. */
  take(event: RunEvent): void {
    for (const open of this.#open) {
      for (const piece of open.report.take(event)) this.#write(open, piece);
    }
    if (event.event !== "run-ended") return;
    this.#summary = summaryLine(event.scenarios, event.refused, PLAIN_COLOURS);
  }

  tell(events: Iterable<RunEvent>): void {
    for (const event of events) this.take(event);
  }

  /** Writes the files, when all is told. The exit code: that one, or that of a plugin that broke. */
  async end(exit: number): Promise<number> {
    const broken: StrategyError[] = [];
    let isSilent = false;
    for (const open of this.#open) {
      try {
        for (const piece of await open.report.rest?.() ?? []) this.#write(open, piece);
        if (open.file !== undefined) this.host.writeFile(open.file, open.text);
      } catch (error) {
        if (!(error instanceof StrategyError)) throw error;
        broken.push(error);
        isSilent ||= open.file === undefined;
      }
    }
    if (broken.length === 0) return exit;
    this.wipe();
    for (const { message } of broken) this.host.stderr(`error: ${message}\n`);
    // Nobody else has told what the run came to.
    if (isSilent) this.host.stderr(this.#summary);
    return exitCode([exit, EXIT.plugin]);
  }

  /** Ends what reports have begun elsewhere, also when the command breaks off. */
  close(): void {
    for (const { report } of this.#open) report.close?.();
  }

  /** Wipes the line that says how far it is, before somebody else prints. */
  wipe(): void {
    if (this.#isPassing) this.host.stdout("\r\x1b[K");
    this.#isPassing = false;
  }

  #write(open: Open, piece: Piece): void {
    if ("passing" in piece) {
      if (!this.host.isTerminal) return;
      this.host.stdout(`\r\x1b[K${piece.passing.slice(0, 78)}`);
      this.#isPassing = true;
    } else if ("aside" in piece) {
      if (open.file === undefined) this.host.stderr(piece.aside);
    } else if ("file" in piece) {
      this.#append(piece.file, piece.text);
    } else if (open.file !== undefined) {
      open.text += piece.text;
    } else {
      this.wipe();
      this.host.stdout(piece.text);
    }
  }

  /** A summary that cannot be written is no failure of the run; it stands beside the recording. */
  #append(file: string, text: string): void {
    const why = this.host.cannotWrite(file);
    if (why === undefined) return this.host.appendFile(file, text);
    const { recording } = this;
    const beside = recording?.replace(/[^/]*$/, "summary.md");
    if (beside !== undefined) this.host.writeFile(beside, text);
    const place = beside === undefined ? "" : `; it is in ${beside}: cat ${beside} >> '${file}'`;
    this.host.stderr(`warning: cannot write the summary to '${file}': ${why}${place}\n`);
  }
}

function surroundings(given: Given, host: Host): Surroundings {
  const coloured = isColoured(given, host);
  return {
    colours: coloursFor(coloured),
    isColoured: coloured,
    isTerminal: host.isTerminal,
    verbose: given.on("verbose"),
    quiet: given.on("quiet"),
    unknownAs: given.text("unknown-as") === "failure" ? "failure" : "skipped",
    environment: host.environment,
    clock: host.clock,
  };
}
