/** HTML as a tagged template: whatever is put in is escaped, unless it is markup already. */
import { xmlText } from "../xml.ts";

/** A piece of a page. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand in a hole: text, markup, several of them, or nothing. */
export type Part = string | number | Markup | undefined | readonly Part[];

/** Text that is markup already. */
export const raw = (text: string): Markup => new Markup(text);

export const NO_MARKUP = raw("");

function markupOf(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (part === undefined) return "";
  if (typeof part === "object") return part.map(markupOf).join("");
  return xmlText(String(part)).replaceAll('"', "&quot;");
}

/**
 * A piece of a page with holes, also within attributes in double quotes.
 *
 * @example
 * ```ts
 * import { html } from "./markup.ts";
 * const made = html`<p title="${'"'}">${["1 < 2", html`<b>!</b>`]}</p>`;
 * if (made.text !== '<p title="&quot;">1 &lt; 2<b>!</b></p>') throw new Error(made.text);
 * ```
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  // A template is laid out for who reads it; on the page a space says as much as a new line.
  const last = strings.length - 1;
  const written = strings.map((text, i) => {
    const begun = i === 0 ? text.replace(/^\s*\n\s*/, "") : text;
    const ended = i === last ? begun.replace(/\s*\n\s*$/, "") : begun;
    return ended.replaceAll(/\s*\n\s*/g, " ");
  });
  return raw(written.map((text, i) => text + markupOf(parts[i])).join(""));
}

/** A region that scrolls sideways, where what is in it is wider than the page. */
export const scroller = (label: string, content: Part): Markup =>
  html`<div class="scroll" role="group" tabindex="0" aria-label="${label}">${content}</div>`;
