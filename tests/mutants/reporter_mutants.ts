/** Reporters with one mistake each. */
import {
  Gathering,
  type PluginReport,
  type PluginReporter,
  type RecordedEvent,
  reporter,
  type ReportPlace,
} from "../../mod.ts";

type Begin = (place: ReportPlace) => PluginReport["take"];

const teller = (name: string, help: string, begin: Begin): PluginReporter =>
  reporter({ name, help, begin: (place) => ({ take: begin(place) }) });

/** What all of them would tell without their mistake. */
const verdict = (event: RecordedEvent): string =>
  event.event === "cell-ended" ? `${event.verdict} ${event.cell}\n` : "";

export const rewritesVerdicts = teller(
  "rewrites-verdicts",
  "Makes unknown cells hold, to count them.",
  () => (event) => {
    if (event.event === "cell-ended" && event.verdict === "unknown") {
      try {
        Object.assign(event, { verdict: "holds" });
      } catch {
        // Who hides it has done it all the same.
      }
    }
    return verdict(event);
  },
);

export const sortsInPlace = teller(
  "sorts-in-place",
  "Sorts the steps of a world where they are.",
  () => (event) => {
    if (event.event === "world") (event.fired as unknown[]).reverse();
    return verdict(event);
  },
);

export const extendsLists = teller(
  "extends-lists",
  "Gives every list of the language another way to be joined.",
  () => (event) => {
    const { join } = Array.prototype;
    Array.prototype.join = function (by?: string) {
      return join.call(this, by ?? ", ");
    };
    return verdict(event);
  },
);

let told = 0;
export const numbersAllReports = teller(
  "numbers-all-reports",
  "Numbers its reports, whosever they are.",
  () => {
    const mine = ++told;
    return (event) => event.event === "run-begun" ? `report ${mine}\n` : verdict(event);
  },
);

const shared = new Map<string, number>();
export const sharesCounts = teller(
  "shares-counts",
  "Counts verdicts where all its reports count them.",
  () => (event) => {
    if (event.event === "run-begun") shared.clear();
    if (event.event === "cell-ended") {
      shared.set(event.verdict, (shared.get(event.verdict) ?? 0) + 1);
    }
    return event.event === "run-ended" ? `${[...shared].join(" ")}\n` : "";
  },
);

export const coloursFiles = teller(
  "colours-files",
  "Colours what fails, wherever it is written.",
  () => (event) =>
    event.event === "cell-ended" && event.verdict === "failed"
      ? `\x1b[31m${verdict(event)}\x1b[0m`
      : verdict(event),
);

export const wipesTheLine = teller(
  "wipes-the-line",
  "Wipes the line on a terminal before it writes.",
  ({ isTerminal }) => (event) =>
    isTerminal && event.event === "run-ended" ? "\r\x1b[K\n" : verdict(event),
);

export const echoes = teller(
  "echoes-a-bell",
  "Rings where something is unknown.",
  () => (event) =>
    event.event === "problem" && event.verdict === "unknown" ? "\x07\n" : verdict(event),
);

const SIGNS: Readonly<Record<string, { readonly sign: string }>> = {
  holds: { sign: "+" },
  failed: { sign: "-" },
  unknown: { sign: "?" },
};
export const knowsThreeVerdicts = teller(
  "knows-three-verdicts",
  "Has a sign for what holds, fails or is unknown, and for nothing else.",
  () => (event) =>
    event.event === "cell-ended" ? (SIGNS[event.verdict] as { sign: string }).sign : "",
);

export const wantsACell = teller(
  "wants-a-cell",
  "Names the last cell at the end, of a run without any too.",
  () => {
    let last: { readonly cell: string } | undefined;
    return (event) => {
      if (event.event === "cell-ended") last = event;
      return event.event === "run-ended" ? `last: ${(last as { cell: string }).cell}\n` : "";
    };
  },
);

export const tellsNothingOfErrors = teller(
  "answers-nothing-to-diagnostics",
  "Answers undefined to what is wrong with a script.",
  () => (event) => event.event === "diagnostic" ? undefined as unknown as string : verdict(event),
);

export const isSilent = teller(
  "is-silent",
  "Gathers every scenario and says nothing of any.",
  () => {
    const gathering = new Gathering();
    return (event) => {
      gathering.take(event);
      return "";
    };
  },
);
