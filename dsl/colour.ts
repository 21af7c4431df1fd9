/** Colour for terminals, and nothing but text everywhere else. */
import type { Given } from "./flags.ts";
import type { Host } from "./host.ts";

/** Wraps text in a colour, or leaves it alone. */
export type Paint = (text: string) => string;

/** The few colours reports use. */
export interface Colours {
  readonly good: Paint;
  readonly bad: Paint;
  readonly unsure: Paint;
  readonly faint: Paint;
  readonly strong: Paint;
}

const asItIs: Paint = (text) => text;

/** No colour at all. */
export const PLAIN_COLOURS: Colours = {
  good: asItIs,
  bad: asItIs,
  unsure: asItIs,
  faint: asItIs,
  strong: asItIs,
};

const paint = (enabled: boolean, code: number): Paint => (text) =>
  enabled ? `\x1b[${code}m${text}\x1b[0m` : text;

/** Whether colours are wanted, by `--color`, `NO_COLOR` and whether somebody is watching. */
export function isColoured(given: Given, host: Host): boolean {
  const asked = given.text("color") ?? "auto";
  const wanted = host.isTerminal && (host.environment["NO_COLOR"] ?? "") === "";
  return asked === "always" || asked === "auto" && wanted;
}

/** The colours where they are wanted. */
export function coloursFor(enabled: boolean): Colours {
  return {
    good: paint(enabled, 32),
    bad: paint(enabled, 31),
    unsure: paint(enabled, 33),
    faint: paint(enabled, 2),
    strong: paint(enabled, 1),
  };
}
