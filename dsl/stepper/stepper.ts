/** `replay --step`: commands from standard input, each a row of a table. */
import { ChoiceError, type Lab } from "../../core/mod.ts";
import { EXIT } from "../exit.ts";
import { UsageError, withMeant } from "../flags.ts";
import type { Host } from "../host.ts";
import { decisionsOf } from "../repro/document.ts";
import type { FoundRepro } from "../repro/found.ts";
import type { Running } from "../run.ts";
import { formatNs, readMeasure, toEngine } from "../units.ts";
import { HERE } from "../value.ts";
import {
  checkpointsText,
  eventText,
  messagesText,
  processesText,
  registersText,
  sceneText,
} from "./scene_text.ts";
import { Session } from "./session.ts";

/** How a run is stepped through. */
export interface Stepping {
  readonly how: "strict" | "lenient";
  /** Where to begin, in ns. */
  readonly until?: number;
  /** Commands are read; else what there is at that time is shown, and that is all. */
  readonly isInteractive: boolean;
  /** An alternative of compare, or the undisturbed twin. */
  readonly world?: string;
}

/** Somebody who goes through a run. */
class Walker {
  #ns = 0;

  constructor(readonly session: Session, readonly print: (line: string) => void) {}

  get lab(): Promise<Lab> {
    return this.session.at(this.#ns);
  }

  /** Goes to a time, and tells where it is. */
  async goTo(ns: number, tells = this.#events(ns)): Promise<void> {
    const { moments } = this.session.whole;
    const last = moments.at(-1) ?? 0;
    this.#ns = Math.min(ns, last);
    await this.lab;
    for (const line of tells) this.print(`  ${line}`);
    const place = moments.findLastIndex((moment) => moment <= this.#ns) + 1;
    const end = this.#ns === last ? ", the end" : "";
    this.print(`at ${formatNs(this.#ns)}, moment ${place} of ${moments.length}${end}`);
  }

  /** What happens on the way to a time: forwards all of it, backwards what happened then. */
  #events(ns: number): readonly string[] {
    const after = ns > this.#ns ? this.#ns : ns - 1;
    return this.session.eventsBetween(after, ns).map(eventText);
  }

  /** So many moments on, or back. */
  async step(count: number): Promise<void> {
    const { moments } = this.session.whole;
    const here = moments.findLastIndex((moment) => moment <= this.#ns);
    const between = count < 0 && moments[here] !== this.#ns ? here + 1 : here;
    const wanted = Math.max(0, Math.min(moments.length - 1, between + count));
    await this.goTo(moments[wanted] ?? 0);
  }

  /** To the next event whose line has the text in it. */
  async find(text: string): Promise<void> {
    const found = this.session.whole.events.find((event) =>
      event.time > this.#ns && eventText(event).includes(text)
    );
    if (found === undefined) this.print(`nothing after ${formatNs(this.#ns)} has '${text}' in it`);
    else await this.goTo(found.time, [eventText(found)]);
  }

  /** The last events up to here. */
  log(count: number): void {
    const past = this.session.eventsBetween(-1, this.#ns);
    for (const event of past.slice(-count)) this.print(`  ${eventText(event)}`);
  }

  async show(part: typeof sceneText): Promise<void> {
    for (const line of part((await this.lab).scene)) this.print(line);
  }

  async registers(name: string): Promise<void> {
    const { processes } = (await this.lab).scene;
    const wanted = name === "" ? processes : processes.filter((one) => one.name === name);
    if (wanted.length === 0) {
      const names = processes.map((one) => one.name);
      return this.print(withMeant(`there is no process '${name}'`, name, names));
    }
    for (const line of wanted.flatMap(registersText)) this.print(line);
  }
}

/** A command. */
interface Row {
  readonly names: readonly string[];
  readonly takes?: string;
  readonly help: string;
  act(walker: Walker, rest: string): Promise<void> | void;
}

/** A whole number from 1, or 1. */
function countOf(rest: string): number {
  const count = rest === "" ? 1 : Number(rest);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new UsageError(`expected how many, a whole number, not '${rest}'`);
}

function timeOf(rest: string): number {
  const read = /^\d/.test(rest) ? readMeasure(rest) : { problem: "" };
  const ns = "problem" in read ? undefined : toEngine(read, "time");
  if (typeof ns === "number") return Math.round(ns);
  throw new UsageError(`expected a time such as 1.5ms, not '${rest}'`);
}

/** The commands; an empty line does the last one again. */
export const STEP_COMMANDS: readonly Row[] = [
  {
    names: ["n", "next"],
    takes: "[count]",
    help: "To the next moment at which something happens.",
    act: (walker, rest) => walker.step(countOf(rest)),
  },
  {
    names: ["b", "back"],
    takes: "[count]",
    help: "To the moment before.",
    act: (walker, rest) => walker.step(-countOf(rest)),
  },
  {
    names: ["t", "to"],
    takes: "time",
    help: "To a time, before or behind: t 1.5ms.",
    act: (walker, rest) => walker.goTo(timeOf(rest)),
  },
  {
    names: ["f", "find"],
    takes: "text",
    help: "To the next event with that text in its line.",
    act: (walker, rest) => walker.find(rest),
  },
  { names: ["s", "start"], help: "To the beginning.", act: (walker) => walker.goTo(0) },
  { names: ["e", "end"], help: "To the end.", act: (walker) => walker.goTo(Infinity, []) },
  {
    names: ["v", "view"],
    help: "Processes, messages and checkpoints, now.",
    act: (walker) => walker.show(sceneText),
  },
  {
    names: ["p", "processes"],
    help: "What each process does, where it is, and what it waits for.",
    act: (walker) => walker.show(processesText),
  },
  {
    names: ["r", "registers"],
    takes: "[process]",
    help: "Registers and the instructions around the program counter.",
    act: (walker, rest) => walker.registers(rest),
  },
  {
    names: ["m", "messages"],
    help: "The messages that are on their way.",
    act: (walker) => walker.show(messagesText),
  },
  {
    names: ["c", "checkpoints"],
    help: "The checkpoints so far.",
    act: (walker) => walker.show(checkpointsText),
  },
  {
    names: ["l", "log"],
    takes: "[count]",
    help: "The last events up to here.",
    act: (walker, rest) => walker.log(rest === "" ? 10 : countOf(rest)),
  },
  {
    names: ["h", "help"],
    help: "This list.",
    act: ({ print }) => {
      for (const { names, takes = "", help } of STEP_COMMANDS) {
        print(`  ${`${names.join(", ")} ${takes}`.padEnd(22)} ${help}`);
      }
      print("  q, quit                Ends. An empty line does the last command again.");
    },
  },
];

/** Does one line; a mistake in it is told and ends nothing. */
async function obey(line: string, walker: Walker): Promise<void> {
  const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
  const row = STEP_COMMANDS.find(({ names }) => names.includes(word));
  try {
    if (row !== undefined) return await row.act(walker, rest);
    const known = STEP_COMMANDS.flatMap(({ names }) => names);
    throw new UsageError(withMeant(`there is no command '${word}'; h lists them`, word, known));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    walker.print(error.message);
  }
}

async function obeyAll(walker: Walker, host: Host): Promise<void> {
  const prompt = () => {
    if (host.isTerminal) host.stdout("> ");
  };
  let last = "n";
  prompt();
  for await (const given of host.inputLines()) {
    const line = given.trim() === "" ? last : given.trim();
    if (line === "q" || line === "quit") return;
    last = line;
    await obey(line, walker);
    prompt();
  }
}

/** The world that is stepped through: the one asked for, or the first. */
function worldOf({ document: { worlds } }: FoundRepro, asked: string | undefined): string {
  const views = worlds.map(({ view }) => view);
  if (asked === undefined) return views[0] ?? HERE;
  if (views.includes(asked)) return asked;
  const names = views.filter((view) => view !== HERE);
  const known = names.length === 0 ? "there is only one" : `there are ${names.join(", ")}`;
  throw new UsageError(withMeant(`--world: no world '${asked}': ${known}`, asked, names));
}

/** Goes through a recorded run; the exit code. */
export async function stepThrough(
  found: FoundRepro,
  given: Running,
  host: Host,
  { how, until = 0, isInteractive, world }: Stepping,
): Promise<number> {
  const decisions = decisionsOf(found.document);
  const replay = { decisions, how: how === "strict" ? "strict" : "following" } as const;
  const plan = { ...found.plan, seed: decisions.seed };
  const view = worldOf(found, world);
  let session: Session;
  try {
    session = await Session.of(plan, view, { ...given, replay });
  } catch (error) {
    if (!(error instanceof ChoiceError)) throw error;
    host.stderr(`error: the run parts from the record: ${error.message}; --lenient goes on\n`);
    return EXIT.nondeterminism;
  }
  try {
    const walker = new Walker(session, (line) => host.stdout(`${line}\n`));
    await walker.goTo(until);
    if (isInteractive) await obeyAll(walker, host);
    else await walker.show(sceneText);
    return EXIT.holds;
  } finally {
    await session.end();
  }
}
