/** Holds a plugin to the laws and says how far it may be trusted. */
import type { Plugin, UsedPlugin } from "../lab/plugin.ts";
import { guardHost } from "../lab/plugin_guard.ts";
import { type Kind, KINDS, PLUGIN_KINDS, scoped } from "../lab/plugin_kinds.ts";
import { manifestProblems } from "../lab/plugin_manifest.ts";
import {
  type Bench,
  type Failure,
  type Law,
  LAW_NAMES,
  type LawId,
  type Level,
  LEVELS,
  type Subject,
} from "./law.ts";
import { LAWS } from "./laws.ts";
import { isEndless, wordsOf } from "./trial.ts";

/** A law to be tried on a row. */
export interface Trial {
  readonly law: Law;
  readonly kind: Kind;
  /** The row's own name. */
  readonly row: string;
  /** "L3 point in time: checkpointer snapshot" */
  readonly title: string;
  /** Why it is not tried, by the row's manifest. */
  readonly skipped: string | undefined;
  readonly run: () => Promise<Failure | undefined>;
}

/** What came of a trial. */
export interface Judged {
  readonly law: LawId;
  readonly name: string;
  readonly kind: Kind;
  readonly row: string;
  readonly verdict: "held" | "broken" | "skipped";
  /** Why it is skipped, or how it is broken. */
  readonly message?: string;
  readonly script?: string;
  readonly again?: string;
  /** Skipped for what an earlier law found: nobody knows whether it holds. */
  readonly untried?: true;
}

/** "round trip", "round trip, migration" */
const nameOf = ({ id, about }: Law): string =>
  about === undefined ? LAW_NAMES[id] : `${LAW_NAMES[id]}, ${about}`;

/** The name a plugin's rows are called by in the kit. */
const aliasOf = ({ name }: Plugin): string => name.replaceAll("-", "_");

/** Every law that is about some row of the plugin. `url`: where its module is, for scripts. */
export function trialsOf(plugin: Plugin, bench: Bench, url = ""): readonly Trial[] {
  guardHost();
  const used: UsedPlugin = { alias: aliasOf(plugin), url, plugin };
  return KINDS.flatMap((kind) =>
    scoped(kind, used).flatMap((row, n): readonly Trial[] => {
      const own = plugin.contributes[kind]?.[n]?.name ?? row.name;
      const subject = { plugin: used, row, bench } as Subject<Kind>;
      return LAWS.filter((law) => law.kind === kind).map((law) => ({
        law,
        kind,
        row: own,
        title: `${law.id} ${nameOf(law)}: ${PLUGIN_KINDS[kind].one} ${own}`,
        ...trialOf(law, subject),
      }));
    })
  );
}

/** Whether a law is skipped may be asked of a hook of the row: what that throws breaks the law. */
function trialOf(law: Law, subject: Subject<Kind>): Pick<Trial, "skipped" | "run"> {
  try {
    const skipped = law.skips?.(subject.row as never);
    return { skipped, run: async () => await law.check(subject) };
  } catch (error) {
    const message = wordsOf(error);
    return { skipped: undefined, run: () => Promise.resolve({ message }) };
  }
}

/** Tries one law. */
export async function judge({ law, kind, row, skipped, run }: Trial): Promise<Judged> {
  const head = { law: law.id, name: nameOf(law), kind, row };
  if (skipped !== undefined) return { ...head, verdict: "skipped", message: skipped };
  const failure = await run();
  return failure === undefined
    ? { ...head, verdict: "held" }
    : { ...head, verdict: "broken", ...failure };
}

/** Tries one law, unless there is a reason not to that no manifest gives. */
async function judgeUnless(reason: string | undefined, trial: Trial): Promise<Judged> {
  if (reason === undefined || trial.skipped !== undefined) return await judge(trial);
  return { ...await judge({ ...trial, skipped: reason }), untried: true };
}

/** A plugin's certificate. */
export interface Certificate {
  readonly plugin: string;
  readonly version: string;
  readonly level: Level | "refused";
  readonly manifest: readonly string[];
  readonly laws: readonly Judged[];
}

/** The highest level whose laws, and those of the levels below, all hold; where none was tried, none. */
function levelOf(judged: readonly Judged[]): Level {
  if (!judged.some(({ verdict }) => verdict === "held")) return "loads";
  const isHeld = (level: Level) =>
    judged.every(({ law, kind, verdict, untried }) =>
      verdict !== "broken" && untried !== true ||
      LAWS.every((row) => row.id !== law || row.kind !== kind || row.level !== level)
    );
  const first = LEVELS.findIndex((level) => !isHeld(level));
  return LEVELS[first < 0 ? LEVELS.length - 1 : Math.max(0, first - 1)] as Level;
}

/** Holds a plugin to every law. `onLaw` is told of each as it is judged. */
export async function certify(
  value: unknown,
  bench: Bench,
  { url = "", onLaw = () => {} }: {
    readonly url?: string;
    readonly onLaw?: (judged: Judged) => void;
  } = {},
): Promise<Certificate> {
  const manifest = manifestProblems(value).map(({ message }) => message);
  if (manifest.length > 0) {
    return { plugin: "", version: "", level: "refused", manifest, laws: [] };
  }
  const plugin = value as Plugin;
  const laws: Judged[] = [];
  // Whoever has no end has none under the other laws, and each of them would wait as long for it.
  const endless = new Map<string, string>();
  for (const trial of trialsOf(plugin, bench, url)) {
    const row = `${trial.kind} ${trial.row}`;
    const judged = await judgeUnless(endless.get(row), trial);
    if (judged.verdict === "broken" && isEndless(judged.message ?? "")) {
      endless.set(row, `under ${judged.law} it has no end`);
    }
    laws.push(judged);
    onLaw(judged);
  }
  const { name, version } = plugin;
  return { plugin: name, version, level: levelOf(laws), manifest, laws };
}

const COLOURS: Readonly<Record<Certificate["level"], string>> = {
  refused: "red",
  loads: "red",
  safe: "yellow",
  recoverable: "yellowgreen",
  certified: "brightgreen",
};

/** The certificate as a badge, in the form of an endpoint badge: four fields of JSON. */
export const badgeOf = ({ level }: Certificate) => ({
  schemaVersion: 1,
  label: "ckptlab",
  message: level,
  color: COLOURS[level],
});
