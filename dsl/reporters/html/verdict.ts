/** How the page shows a verdict: a sign, a word and a colour, never one of them alone. */
import type { ClaimData } from "../../../core/mod.ts";
import { PLAIN_COLOURS } from "../../colour.ts";
import { sign } from "../text.ts";
import { html, type Markup } from "./markup.ts";

/** A verdict, or that a claim was not judged in a cell. */
export type Shown = ClaimData["verdict"];

/** What each verdict means, for the legend. */
export const MEANINGS: Readonly<Record<Shown, string>> = {
  holds: "all that is claimed holds",
  failed: "a claim does not hold",
  unknown: "a claim could not be judged",
  broken: "a strategy broke its contract",
  nondeterministic: "run again, something else happened",
  skipped: "its if did not hold in this case",
};

/** The sign alone. */
export const signOf = (verdict: Shown): string => sign(PLAIN_COLOURS, verdict);

/** The word; the sheet puts its sign before it. */
export const badge = (verdict: Shown): Markup =>
  html`<b class="badge signed v-${verdict}">${verdict}</b>`;

/** The sheet's part: a sign before whatever is signed. It is not read out, for the word is. */
export const signs = (): string =>
  (Object.keys(MEANINGS) as readonly Shown[]).map((verdict) =>
    `.signed.v-${verdict}::before{content:"${signOf(verdict)} ";content:"${signOf(verdict)} "/""}`
  ).join("\n");
