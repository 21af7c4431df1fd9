/** Writes XML: elements, attributes, text. What XML 1.0 cannot hold is shown as an escape. */

/** A piece of a document. */
export type Xml = string;

// deno-lint-ignore no-control-regex
const IMPOSSIBLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu;

const possible = (text: string): string =>
  text.replace(IMPOSSIBLE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Text between tags. */
export const xmlText = (text: string): Xml =>
  possible(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");

const attribute = (text: string): string =>
  xmlText(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;")
    .replaceAll("\t", "&#9;");

/** Attributes by name; one that is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/**
 * An element. Without children it closes itself.
 *
 * @example
 * ```ts
 * import { element, xmlText } from "./xml.ts";
 * const made = element("a", { b: 'x"y', c: undefined }, [xmlText("1 < 2")]);
 * if (made !== '<a b="x&quot;y">1 &lt; 2</a>') throw new Error("unreachable");
 * ```
 */
export function element(name: string, attributes: Attributes, children: readonly Xml[] = []): Xml {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${attribute(String(value))}"`).join("");
  if (children.length === 0) return `<${name}${given}/>`;
  return `<${name}${given}>${children.join("")}</${name}>`;
}

/** Elements one below the other, each on lines of its own, a step further in. */
export const block = (elements: readonly Xml[]): readonly Xml[] =>
  elements.length === 0
    ? []
    : [`\n${elements.map((one) => `  ${one.replaceAll(/\n(?= *<)/g, "\n  ")}\n`).join("")}`];
