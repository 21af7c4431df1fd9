/** The comment above a scenario as paragraphs: what is indented in it stays as it is written. */
import { html, type Markup } from "../html/markup.ts";

/** Code between backquotes. */
const words = (text: string): readonly (string | Markup)[] =>
  text.split(/(`[^`]+`)/).map((part) =>
    part.startsWith("`") && part.endsWith("`") && part.length > 2
      ? html`<code>${part.slice(1, -1)}</code>`
      : part
  );

function block(lines: readonly string[]): Markup {
  if (lines.every((line) => line.startsWith("  "))) {
    const indent = Math.min(...lines.map((line) => line.search(/\S/)));
    return html`<pre>${lines.map((line) => line.slice(indent)).join("\n")}</pre>`;
  }
  return html`<p>${words(lines.join(" "))}</p>`;
}

/** The markup of a text with a line for each of the comment's. */
export const prose = (text: string): readonly Markup[] =>
  text.split(/\n\s*\n/).map((each) => each.split("\n").filter((line) => line.trim() !== ""))
    .filter((lines) => lines.length > 0).map(block);
