/** Pages made of event streams, and what tests read out of them. */
import type { RunEvent } from "../../core/mod.ts";
import { assert } from "@std/assert";
import { parseHTML } from "linkedom";
import { html } from "../../dsl/reporters/html.ts";
import type { Reporter } from "../../dsl/reporters/reporter.ts";
import { eventsOf } from "../dsl/streams.ts";
import { AROUND } from "../dsl/surroundings.ts";

/** The page of a run, for who looks for failures or for figures. */
export async function pageOf(
  events: readonly RunEvent[],
  reporter: Reporter = html,
): Promise<string> {
  const report = await reporter.begin(AROUND);
  const pieces = events.flatMap((event) => [...report.take(event)]);
  const [only, ...more] = pieces;
  assert(only !== undefined && "text" in only && more.length === 0, "one page, at the end");
  return only.text;
}

/** A real run that has every kind of figure: kept here, so that the page alone is tested. */
export const REAL = eventsOf(
  Deno.readTextFileSync(new URL("streams/compare.ndjson", import.meta.url)),
);

/** The same with failures of every kind, a line that lost messages, and its diagram. */
export const REAL_FAILING = eventsOf(
  Deno.readTextFileSync(new URL("streams/failing.ndjson", import.meta.url)),
);

type Parsed = ReturnType<typeof parseHTML>["document"];

/** The page as a tree. */
export const treeOf = (page: string): Parsed => parseHTML(page).document;

const OUTLINED = "h1, h2, h3, h4, caption, figcaption, legend, summary, th, li, dt, dd, .chip, " +
  ".title, .claim > p, .command, a[href^='#']";

const textOf = (element: Element): string =>
  (element.textContent ?? "").replaceAll(/\s+/g, " ").trim();

/** What the page says, a line each, without how it looks. */
export function outlineOf(page: string): string {
  const document = treeOf(page);
  const lines = [...document.querySelectorAll(OUTLINED)].flatMap((element) => {
    const inner = element.querySelector(OUTLINED) !== null;
    const name = element.localName;
    if (inner && name !== "a") return [];
    const id = element.closest("details.cell")?.id ?? element.closest("section")?.id ?? "";
    const href = name === "a" ? ` -> ${element.getAttribute("href")}` : "";
    return [`${id.padEnd(4)} ${name} ${textOf(element)}${href}`];
  });
  return `${document.title}\n${lines.join("\n")}\n`;
}
