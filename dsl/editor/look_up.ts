/** Finds entries of the reference by what people type: a word, a metric of something, a topic. */
import type { Entry, Topic } from "../reference.ts";
import { TOPICS } from "../reference.ts";
import { nearest } from "../suggest.ts";
import type { Vocabulary } from "../vocabulary.ts";

/** An entry and the topic it belongs to. */
export interface Found {
  readonly topic: Topic;
  readonly entry: Entry;
}

/** What was found, or what was probably meant. */
export type Answer = { readonly found: readonly Found[] } | { readonly meant?: string };

/** What one of a topic is called: of `searches` a search; chaos has no plural. */
export const singular = (name: string): string => name.replace(/(?<=ch)es$|(?<!o)s$/, "");

/** `statement` and `statements` are the same topic. */
const isCalled = (topic: Topic, word: string): boolean =>
  [topic.name, singular(topic.name)].includes(word);

/** The topic of that name. */
export const topicOf = (word: string): Topic | undefined =>
  TOPICS.find((topic) => isCalled(topic, word));

/** What an entry answers to: its keys, or the names its heading lists. */
export const keysOf = ({ name, keys }: Entry): readonly string[] =>
  keys ?? name.split(", ").map((one) => one.replace(/\(.*$/, ""));

/** `process.downtime` answers to `downtime` and to `c1.downtime` as well. */
function answersTo(entry: Entry, asked: string): boolean {
  const last = (name: string) => name.slice(name.lastIndexOf(".") + 1);
  const plain = asked.replace(/\(.*$/, "").replaceAll("-", "_");
  const subjects = ["process", "checkpoint", "cluster"];
  const [subject = ""] = plain.split(".");
  return keysOf(entry).some((key) =>
    [asked, plain].includes(key) ||
    key.includes(".") && last(key) === last(plain) && !subjects.includes(subject)
  );
}

/**
 * Everything called so, in one topic or in all.
 *
 * @example
 * ```ts
 * import { lookUp } from "./look_up.ts";
 * import { parts } from "../../mod.ts";
 * const answer = lookUp("c1.downtime", parts.vocabulary);
 * if (!("found" in answer)) throw new Error("unreachable");
 * ```
 */
export function lookUp(asked: string, vocabulary: Vocabulary, within?: Topic): Answer {
  const topics = within === undefined ? TOPICS : [within];
  const all = topics.flatMap((topic) =>
    topic.entries(vocabulary).map((entry): Found => ({ topic, entry }))
  );
  const found = all.filter(({ entry }) => answersTo(entry, asked));
  if (found.length > 0) return { found };
  const names = all.flatMap(({ entry }) => keysOf(entry)).flatMap((key) =>
    key.includes(".") ? [key, key.slice(key.lastIndexOf(".") + 1)] : [key]
  );
  const meant = nearest(asked, within === undefined ? [...names, ...topicNames()] : names) ??
    nearest(asked.slice(asked.lastIndexOf(".") + 1), names);
  return meant === undefined ? {} : { meant };
}

/** What each topic is called when one of it is meant. */
export const topicNames = (): readonly string[] => TOPICS.map((topic) => singular(topic.name));

/** An entry for people. */
export function entryText({ topic, entry: { name, help, rows = [] } }: Found): string {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  const below = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
  return `${name}  (${topic.name})\n  ${help}\n${below}`;
}
