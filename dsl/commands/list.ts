/** `list`: the scenarios under some paths, or a topic of the reference. */
import { isError } from "../diagnostic.ts";
import { chosen } from "../discover.ts";
import { EXIT } from "../exit.ts";
import { type Command, type Given, UsageError, withMeant } from "../flags.ts";
import type { Host } from "../host.ts";
import { TOPICS, topicText } from "../reference.ts";
import { costKey } from "../shard.ts";
import { placeOf } from "../source.ts";
import { costsOf } from "../wanted.ts";
import {
  allDiagnostics,
  CHOICE_FLAGS,
  choiceOf,
  JSON_FLAG,
  loadAll,
  printDiagnostics,
  SCRIPT_FLAGS,
} from "./scripts.ts";

async function listScenarios(
  given: Given,
  paths: readonly string[],
  host: Host,
): Promise<number> {
  const loaded = await loadAll(given, paths, host);
  const choice = choiceOf(given);
  const found = loaded.flatMap(({ scenarios }) =>
    scenarios.flatMap((scenario) => {
      const plans = chosen(scenario, choice);
      return plans.length === 0 ? [] : [{ scenario, plans }];
    })
  );
  const diagnostics = allDiagnostics(loaded);
  printDiagnostics(diagnostics.filter(isError), host);
  if (given.on("cells")) {
    const costs = await costsOf(given, host);
    const cells = found.flatMap(({ scenario: { tags }, plans }) =>
      plans.map(({ id, file, title, seed, row }) => {
        const cost = costs?.[costKey(id)];
        const known = cost === undefined ? {} : { cost };
        return { id, file, scenario: title, tags, seed, case: Object.fromEntries(row), ...known };
      })
    );
    const text = given.on("json")
      ? JSON.stringify({ version: 1, cells }, undefined, 2) + "\n"
      : cells.map(({ id, cost }) => `${id}${cost === undefined ? "" : ` (${cost} events)`}\n`)
        .join("");
    host.stdout(text);
  } else if (given.on("json")) {
    const scenarios = found.map(({ scenario, plans }) => ({
      title: scenario.title,
      tags: scenario.tags,
      place: placeOf(scenario.span),
      cells: plans.map((plan) => plan.id),
    }));
    host.stdout(JSON.stringify({ version: 1, scenarios }, undefined, 2) + "\n");
  } else {
    for (const { scenario, plans } of found) {
      const tags = scenario.tags.map((tag) => ` @${tag}`).join("");
      const count = plans.length === 1 ? "" : ` (${plans.length} cases)`;
      host.stdout(`${placeOf(scenario.span)} ${scenario.title}${tags}${count}\n`);
    }
  }
  return diagnostics.some(isError) ? EXIT.script : found.length === 0 ? EXIT.nothing : EXIT.holds;
}

async function list(given: Given, host: Host): Promise<number> {
  if (given.text("plan") !== undefined && !given.on("cells")) {
    throw new UsageError("--plan says what cells cost: it goes with --cells");
  }
  const [what, ...others] = given.rest;
  if (what === "scenarios") return await listScenarios(given, others, host);
  const topic = TOPICS.find((one) => one.name === what);
  if (topic === undefined) return await scenariosOrMistake(given, what, host);
  if (others.length > 0) throw new UsageError(`list ${topic.name} takes no paths`);
  const entries = topic.entries(host.vocabulary).map(({ name, help, rows = [] }) => ({
    name,
    help,
    rows: Object.fromEntries(rows),
  }));
  const document = { version: 1, topic: topic.name, entries };
  host.stdout(
    given.on("json")
      ? JSON.stringify(document, undefined, 2) + "\n"
      : topicText(topic, host.vocabulary),
  );
  return EXIT.holds;
}

/** A word that is neither a topic nor a path was probably meant as a topic. */
async function scenariosOrMistake(
  given: Given,
  what: string | undefined,
  host: Host,
): Promise<number> {
  try {
    return await listScenarios(given, given.rest, host);
  } catch (error) {
    if (!(error instanceof UsageError) || what === undefined) throw error;
    throw new UsageError(withMeant(error.message, what, TOPICS.map((one) => one.name)));
  }
}

export const listCommand: Command = {
  name: "list",
  usage: "[what] [paths]",
  help: `Lists scenarios, or a part of the reference. The parts are: ${
    TOPICS.map((topic) => `${topic.name} (${topic.help})`).join(", ")
  }.`,
  flags: [
    ...CHOICE_FLAGS,
    ...SCRIPT_FLAGS,
    { name: "cells", help: "Every cell by its id instead of scenarios." },
    { name: "plan", value: "costs.json", help: "With --cells: what they cost in an earlier run." },
    JSON_FLAG,
  ],
  run: list,
};
