/** `explain`: what a scenario will do, or what a word of the language or a diagnostic means. */
import { isSound } from "../load.ts";
import { type CodeName, CODES } from "../codes.ts";
import { isError, renderDiagnostic } from "../diagnostic.ts";
import { chosen } from "../discover.ts";
import { checkExample, CODE_EXAMPLES } from "../editor/code_examples.ts";
import { describePlan, type Section } from "../editor/describe_plan.ts";
import { entryText, lookUp, topicNames, topicOf } from "../editor/look_up.ts";
import { EXIT } from "../exit.ts";
import { type Command, type Given, UsageError, withMeant } from "../flags.ts";
import type { Host } from "../host.ts";
import type { Plan } from "../plan.ts";
import {
  allDiagnostics,
  CHOICE_FLAGS,
  choiceOf,
  JSON_FLAG,
  loadAll,
  printDiagnostics,
  SCRIPT_FLAGS,
} from "./scripts.ts";

const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");

/** The page of a diagnostic: cause, an example with what is said about it, the example mended. */
async function codePage(code: CodeName, host: Host): Promise<string> {
  const { name, page } = CODES[code];
  const example = CODE_EXAMPLES[code];
  const said = (await checkExample(example, example.bad, host.vocabulary))
    .filter((item) => item.code === code).slice(0, 1).map(renderDiagnostic);
  const parts = [`${code}: ${name}`, indented(page), "for example", indented(example.bad)];
  if (said.length > 0) parts.push("is answered by", indented(said.join("\n")));
  if (example.runs === true) parts.push("  (found when it runs)");
  if (example.good !== undefined) parts.push("instead", indented(example.good));
  return parts.map((part) => part.trimEnd() + "\n").join("");
}

async function explainCode(asked: string, host: Host): Promise<number> {
  const code = asked.toUpperCase();
  if (!Object.hasOwn(CODES, code)) {
    const message = `there is no diagnostic ${code}; 'list codes' prints them all`;
    throw new UsageError(withMeant(message, code, Object.keys(CODES)));
  }
  host.stdout(await codePage(code as CodeName, host));
  return EXIT.holds;
}

/** `explain metric c.downtime`, `explain crash` */
function explainWord(words: readonly string[], host: Host): number {
  const [first = "", ...others] = words;
  const topic = others.length === 0 ? undefined : topicOf(first);
  if (others.length > 1 || others.length === 1 && topic === undefined) {
    const message = `explain knows no '${first}'; it knows ${topicNames().join(", ")}`;
    throw new UsageError(withMeant(message, first, topicNames()));
  }
  const asked = others[0] ?? first;
  const answer = lookUp(asked, host.vocabulary, topic);
  if ("found" in answer) {
    host.stdout(answer.found.map(entryText).join("\n"));
    return EXIT.holds;
  }
  const what = topic === undefined ? "" : ` among the ${topic.name}`;
  const meant = answer.meant === undefined ? "" : `; did you mean '${answer.meant}'?`;
  throw new UsageError(`there is nothing called '${asked}'${what}${meant}`);
}

/** Words in lines of at most that length. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

const WIDTH = 100;

function sectionText({ title, rows }: Section): string {
  const width = Math.min(28, Math.max(...rows.map(([left]) => left.length)));
  const margin = " ".repeat(width + 6);
  const lines = rows.map(([left, right]) => {
    const [first = "", ...others] = wrapped(right, WIDTH - margin.length);
    const head = left.length > width ? `    ${left}\n${margin}` : `    ${left.padEnd(width)}  `;
    return [head + first, ...others.map((line) => margin + line)].map((line) => line + "\n").join(
      "",
    );
  });
  return `  ${title}\n${lines.join("")}`;
}

function planText(plan: Plan, host: Host): string {
  const sections = describePlan(plan, host.version);
  return `${plan.id}\n${sections.map(sectionText).join("")}`;
}

const planData = (plan: Plan, host: Host) => ({
  id: plan.id,
  sections: describePlan(plan, host.version)
    .map(({ title, rows }) => ({ title, rows: rows.map(([name, text]) => ({ name, text })) })),
});

async function explainScripts(given: Given, host: Host): Promise<number> {
  const loaded = await loadAll(given, given.rest, host);
  const choice = choiceOf(given);
  const plans = loaded.filter(isSound).flatMap(({ scenarios }) =>
    scenarios.flatMap((scenario) => chosen(scenario, choice))
  );
  printDiagnostics(allDiagnostics(loaded), host);
  if (given.on("json")) {
    const document = { version: 1, cells: plans.map((plan) => planData(plan, host)) };
    host.stdout(JSON.stringify(document, undefined, 2) + "\n");
  } else host.stdout(plans.map((plan) => planText(plan, host)).join("\n"));
  if (allDiagnostics(loaded).some(isError)) return EXIT.script;
  return plans.length === 0 ? EXIT.nothing : EXIT.holds;
}

/** A word is a path when it looks like one; anything else is looked up. */
const isPath = (word: string): boolean => word.endsWith(".ckpt") || word.includes("/");

async function explain(given: Given, host: Host): Promise<number> {
  const [first] = given.rest;
  if (first === undefined) {
    throw new UsageError(
      "explain takes a script, a diagnostic such as CK0401, or a word: " +
        topicNames().map((name) => `${name} <name>`).join(", "),
    );
  }
  if (given.rest.some(isPath)) return await explainScripts(given, host);
  if (/^ck\d*$/i.test(first) && given.rest.length === 1) return await explainCode(first, host);
  if (topicOf(first)?.name === "codes" && given.rest[1] !== undefined) {
    return await explainCode(given.rest[1], host);
  }
  return explainWord(given.rest, host);
}

export const explainCommand: Command = {
  name: "explain",
  usage: "<script | code | [topic] word>",
  help: "Explains the cells of a script before they run: resolved options, timeline, ties, the " +
    "metrics each claim reads, cost. Or a diagnostic (explain CK0401), or a word (explain metric " +
    `c1.downtime, explain crash). Topics: ${topicNames().join(", ")}.`,
  flags: [...CHOICE_FLAGS, ...SCRIPT_FLAGS, JSON_FLAG],
  run: explain,
};
