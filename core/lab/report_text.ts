/** Which texts of a report may be written where, and how events are handed to reporters. */
import { frozen } from "./plugin_data.ts";
import type { RecordedEvent } from "./run_events.ts";

/** What a terminal takes for a colour. */
const COLOUR = new RegExp("\u{1b}\\[[\\d;]*m", "gu");

/** A control character that is no tab and no end of a line. */
const CONTROL = /(?![\t\n]|\r\n)\p{Cc}/u;
const CONTROLS = new RegExp(CONTROL, "gu");

/**
 * Why a text may not be written, or nothing: control characters do things to terminals and to who
 * reads a file, but for colours where they are wanted.
 *
 * @example
 * ```ts
 * import { unwritable } from "./report_text.ts";
 * if (unwritable("\u{1b}[1mbold\u{1b}[0m\n", true) !== undefined) throw new Error("unreachable");
 * const why = unwritable("\u{1b}[1mbold\u{1b}[0m\n", false);
 * if (why?.startsWith("the control character U+001B") !== true) throw new Error("unreachable");
 * ```
 */
export function unwritable(text: string, isColoured: boolean): string | undefined {
  const [sign] = CONTROL.exec(isColoured ? text.replaceAll(COLOUR, "") : text) ?? [];
  if (sign === undefined) return undefined;
  const code = sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  const why = isColoured ? "is part of no colour" : "may not stand where colours are not wanted";
  return `the control character U+${code}, which ${why}`;
}

/** The picture of a control character; those above have none. */
const picture = (sign: string): string => {
  const code = sign.charCodeAt(0);
  return code === 0x7f ? "\u{2421}" : code < 0x20 ? String.fromCharCode(0x2400 + code) : "\u{fffd}";
};

/**
 * An event as a recording has it, frozen, so that a run and its recording are told alike; control
 * characters in what programs or plugins said stand as their pictures.
 */
export const asRecorded = (event: RecordedEvent): RecordedEvent =>
  frozen(JSON.parse(
    JSON.stringify(event),
    (_, value: unknown) => typeof value === "string" ? value.replaceAll(CONTROLS, picture) : value,
  ));
