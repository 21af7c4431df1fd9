/** `explore`: every interleaving of protocols with a small application; prints what is wrong. */
import {
  casesOf,
  caseText,
  type CounterExample,
  type Exploration,
  explore,
  type ExploreCase,
  type ExploreScope,
  type Option,
  type Protocol,
  replayScript,
  scopesOf,
} from "../../core/mod.ts";
import { EXIT, exitCode } from "../exit.ts";
import {
  type Command,
  type Flag,
  type Given,
  UsageError,
  wholeNumber,
  withMeant,
} from "../flags.ts";
import type { Host } from "../host.ts";
import { optionFlag, optionsFlag } from "../option_flag.ts";
import { showOption } from "../options.ts";
import { findNamed, namesOf, type ProtocolEntry, written } from "../vocabulary.ts";
import { JSON_FLAG } from "./scripts.ts";

/** Larger worlds have more states than fit. */
const MOST = { processes: 4, messages: 4 } as const;

const EVENTS = [
  "requests",
  "exits",
  "kills",
  "crashes",
  "joins",
  "timeouts",
  "restarts",
  "moves",
  "failures",
] as const;
type EventName = typeof EVENTS[number];

const EVENT_HELP: Readonly<Record<EventName, string>> = {
  requests: "Checkpoints asked for (1).",
  exits: "Processes that end when they have sent everything (0).",
  kills: "Processes that a signal ends (0).",
  crashes: "Processes that are lost (0).",
  joins: "Processes that begin late (0).",
  timeouts: "Timers that go off (0).",
  restarts: "Crashes of the manager, which comes back (0).",
  moves: "Moves of a process, under a protocol that takes part in them (0).",
  failures: "Local checkpoints that come to nothing (0).",
};

/** One exploration and what it was of. */
interface Row {
  readonly protocol: string;
  /** The protocol as a script names it, with its options. */
  readonly inScript: string;
  readonly given: ExploreCase;
  readonly found: Exploration;
}

interface Chosen extends Pick<Row, "inScript"> {
  readonly protocol: ProtocolEntry & Protocol;
}

const hasActors = (entry: ProtocolEntry): entry is ProtocolEntry & Protocol =>
  "handle" in entry && "member" in entry;

/** The protocols that are meant: those named, or all. */
function chosenProtocols(given: Given, host: Host): readonly (ProtocolEntry & Protocol)[] {
  const { protocols } = host.vocabulary;
  const named = given.rest.map((asked) => {
    const row = findNamed(host.vocabulary, "protocol", written(asked));
    if (row !== undefined) return row.name;
    const message = `there is no protocol '${asked}'`;
    throw new UsageError(withMeant(message, written(asked), namesOf(host.vocabulary, "protocol")));
  });
  return protocols.filter(({ name }) => named.length === 0 || named.includes(name))
    .filter(hasActors);
}

/** A number from a flag, within what can be explored. */
function bounded(given: Given, name: string, least: number, most: number): number | undefined {
  const value = wholeNumber(given, name);
  if (value === undefined || (value >= least && value <= most)) return value;
  throw new UsageError(`--${name} takes ${least} to ${most}, not ${value}`);
}

/** What the flags say; nothing when they say nothing. */
function scopeOf(given: Given): ExploreScope | undefined {
  const processes = bounded(given, "processes", 1, MOST.processes);
  const messages = bounded(given, "messages", 0, MOST.messages);
  const events = EVENTS.flatMap((name) => {
    const count = bounded(given, name, 0, MOST.processes);
    return count === undefined ? [] : [[name, count] as const];
  });
  if (processes === undefined && messages === undefined && events.length === 0) {
    return undefined;
  }
  const scope: ExploreScope = {
    processes: processes ?? 2,
    messages: messages ?? 1,
    ...Object.fromEntries(events),
  };
  if ((scope.joins ?? 0) >= scope.processes) {
    throw new UsageError("--joins takes less than the number of processes: somebody has to begin");
  }
  return scope;
}

/** The protocols that are meant, each with the options it is given as if they were its defaults. */
function withOptions(given: Given, host: Host): readonly Chosen[] {
  const chosen = chosenProtocols(given, host);
  if (given.text("option") !== undefined && chosen.length !== 1) {
    throw new UsageError("--option is for one protocol: name it");
  }
  return chosen.map((row) => {
    const values = optionsFlag(given, row.options, `the protocol '${row.name}'`);
    const options = Object.fromEntries(
      Object.entries(row.options).map((
        [name, option],
      ) => [name, { ...option, default: values[name] ?? option.default } as Option]),
    );
    const shown = Object.keys(values).map((name) =>
      `${written(name)}: ${showOption(options[name] as Option)}`
    );
    const inScript = shown.length === 0 ? row.name : `${row.name} { ${shown.join(", ")} }`;
    return { protocol: { ...row, options }, inScript };
  });
}

function exploreAll(given: Given, host: Host): readonly Row[] {
  const scope = scopeOf(given);
  const maxStates = wholeNumber(given, "max-states");
  const worlds = withOptions(given, host).flatMap(({ protocol, inScript }) => {
    const order = given.text("order") ?? protocol.requires.order;
    const scopes = scope === undefined ? scopesOf(protocol) : [scope];
    return scopes.flatMap((one) => casesOf({ ...one, ...ordered(order) }))
      .map((each) => ({ protocol, inScript, each }));
  });
  const rows: Row[] = [], waiting = new Waiting(host);
  const tell = (states: number) => {
    const { protocol, each } = worlds[rows.length] as typeof worlds[0];
    const where = `${protocol.name}: ${caseText(each)}`;
    const place = `[${rows.length + 1}/${worlds.length}]`;
    waiting.tell(`${place} ${where}: ${states} states`);
    return host.interrupted?.() !== true;
  };
  for (const { protocol, inScript, each } of worlds) {
    if (!tell(0)) break;
    const found = explore(protocol, each, {
      ...maxStates === undefined ? {} : { maxStates },
      onProgress: tell,
    });
    rows.push({ protocol: protocol.name, inScript, given: each, found });
  }
  waiting.end();
  return rows;
}

const ordered = (order: string): Pick<ExploreCase, "order"> => ({
  order: order === "fifo" ? "fifo" : "any",
});

/** Where nobody watches something is said after so long, and then after twice as long each time. */
const FIRST_WORD_MS = 15_000;

/** Says on the error output how far it is, for the table comes at the end. */
class Waiting {
  private readonly begun: number;
  private next = FIRST_WORD_MS;

  constructor(private readonly host: Pick<Host, "isTerminal" | "clock" | "stderr">) {
    this.begun = host.clock();
  }

  tell(text: string): void {
    if (this.host.isTerminal) return this.host.stderr(`\r\x1b[K${text.slice(0, 78)}`);
    const elapsed = this.host.clock() - this.begun;
    if (elapsed < this.next) return;
    while (this.next <= elapsed) this.next *= 2;
    this.host.stderr(`${text} after ${Math.round(elapsed / 1000)} s\n`);
  }

  end(): void {
    if (this.host.isTerminal) this.host.stderr("\r\x1b[K");
  }
}

const verdictOf = ({ counterExample, complete }: Exploration): string =>
  counterExample?.violation.kind ?? (complete ? "holds" : "unfinished");

/** Columns as wide as they must be; numbers to the right. */
function tableText(rows: readonly Row[]): string {
  const cells = [
    ["protocol", "case", "states", "terminal", "verdict"],
    ...rows.map(({ protocol, given, found }) => [
      protocol,
      caseText(given),
      String(found.states),
      String(found.terminals),
      verdictOf(found),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) =>
    row.map((cell, at) => {
      const width = widths[at] ?? 0;
      return at === 2 || at === 3 ? cell.padStart(width) : cell.padEnd(width);
    }).join("  ").trimEnd() + "\n"
  ).join("");
}

function counterExampleText(protocol: string, found: CounterExample): string {
  const steps = found.steps.map(({ text }, index) => `${String(index + 1).padStart(5)}. ${text}\n`);
  return `\n${protocol}, ${caseText(found.given)}: ${found.violation.kind}\n${steps.join("")}` +
    `       ${found.violation.message}\n`;
}

function writeScript(path: string, script: string): void {
  try {
    Deno.writeTextFileSync(path, script);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--output: cannot write '${path}': ${why}`);
  }
}

function show(rows: readonly Row[], output: string | undefined, host: Host): void {
  host.stdout(tableText(rows));
  const failed = rows.flatMap(({ protocol, inScript, found: { counterExample } }) =>
    counterExample === undefined ? [] : [{ protocol, inScript, counterExample }]
  );
  for (const { protocol, counterExample } of failed) {
    host.stdout(counterExampleText(protocol, counterExample));
  }
  const [first] = failed;
  if (first === undefined) return;
  const script = replayScript(first.counterExample, first.inScript);
  if (output === undefined) host.stdout(`\n${script}`);
  else {
    writeScript(output, script);
    host.stdout(`\nthe script that replays the first one is in ${output}\n`);
  }
}

function document(rows: readonly Row[], exit: number): string {
  const cases = rows.map(({ protocol, inScript, given, found }) => ({
    protocol,
    case: given,
    states: found.states,
    terminals: found.terminals,
    verdict: verdictOf(found),
    ...found.counterExample === undefined ? {} : {
      message: found.counterExample.violation.message,
      steps: found.counterExample.steps.map(({ text }) => text),
      script: replayScript(found.counterExample, inScript),
    },
  }));
  return JSON.stringify({ version: 1, exit, cases }, undefined, 2) + "\n";
}

function run(given: Given, host: Host): Promise<number> {
  const rows = exploreAll(given, host);
  const code = exitCode([
    ...host.interrupted?.() === true ? [EXIT.interrupted] : [],
    ...rows.map(({ found }) =>
      found.counterExample !== undefined ? EXIT.failed : found.complete ? EXIT.holds : EXIT.unknown
    ),
    ...rows.length === 0 ? [EXIT.nothing] : [],
  ]);
  if (given.on("json")) host.stdout(document(rows, code));
  else if (rows.length === 0) host.stderr("nothing to explore: no protocol has actors\n");
  else show(rows, given.text("output"), host);
  return Promise.resolve(code);
}

const EVENT_FLAGS: readonly Flag[] = EVENTS.map((name) => ({
  name,
  value: "N",
  help: EVENT_HELP[name],
}));

export const exploreCommand: Command = {
  name: "explore",
  usage: "[protocols]",
  help: "Explores coordination protocols: every order of messages, captures and other events in " +
    "small worlds, up to equal states. Prints a shortest counter-example and a script that replays " +
    "it. Without flags a standard set of worlds is explored.",
  flags: [
    { name: "processes", value: "N", help: "Processes (2)." },
    { name: "messages", value: "N", help: "Messages each process sends (1)." },
    {
      name: "order",
      value: "fifo|any",
      choices: ["fifo", "any"],
      help: "Whether channels keep order (what the protocol requires).",
    },
    ...EVENT_FLAGS,
    optionFlag("the one protocol that is named"),
    { name: "max-states", value: "N", help: "States after which a world is given up (5000000)." },
    { name: "output", value: "file", help: "Where the script goes (standard output)." },
    JSON_FLAG,
  ],
  run,
};
