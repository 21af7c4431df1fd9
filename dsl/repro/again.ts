/** Does a recorded run again and looks where it parts from what was recorded. */
import { ChoiceError, type Choices, type Lab } from "../../core/mod.ts";
import type { CellResult } from "../results.ts";
import { runCell, type Running } from "../run.ts";
import { formatNs } from "../units.ts";
import { decisionsOf } from "./document.ts";
import type { FoundRepro } from "./found.ts";

/** What came of it. */
export interface Again {
  /** Nothing where the run was stopped at the first choice that is not the recorded one. */
  readonly cell: CellResult | undefined;
  /** How it differs from what was recorded, a line each. */
  readonly differences: readonly string[];
  /** Choices that were made. */
  readonly choices: number;
}

const inView = (view: string): string => view === "" ? "" : ` in ${view}`;

/** Choices that were recorded and never asked for. */
function leftOver(
  view: string,
  { left, count }: Choices,
  { worlds }: ReturnType<typeof decisionsOf>,
) {
  const next = worlds.find((world) => world.view === view)?.choices[count];
  if (left === 0 || next === undefined) return [];
  return [
    `the run${inView(view)} ended after ${count} choices, but ${left} more are recorded: next ` +
    `stream '${next.stream}' of '${next.entity}', which took ${next.taken}`,
  ];
}

/** The same choices and another trace: the program, a plugin or the host does something else. */
const otherTraces = ({ worlds }: CellResult["decisions"], recorded: typeof worlds) =>
  worlds.flatMap(({ view, traceHash }) => {
    const before = recorded.find((world) => world.view === view);
    if (before === undefined || before.traceHash === traceHash) return [];
    return [
      `the trace${inView(view)} is another one: ${traceHash}, recorded ${before.traceHash}`,
    ];
  });

/** Does the run again; "strict" stops at the first difference, "lenient" goes on. */
export async function runAgain(
  { document, plan }: FoundRepro,
  given: Running,
  how: "strict" | "lenient",
): Promise<Again> {
  const decisions = decisionsOf(document);
  const made: { view: string; choices: Choices; lab: Lab }[] = [];
  const running: Running = {
    ...given,
    replay: { decisions, how: how === "strict" ? "strict" : "following" },
    makeLab: async (request) => {
      const lab = await given.makeLab(request);
      made.push({ view: request.world, choices: request.choices, lab });
      return lab;
    },
  };
  const count = () => made.reduce((sum, { choices }) => sum + choices.count, 0);
  try {
    const cell = await runCell(plan, running);
    const differences = [
      ...made.flatMap(({ view, choices }) => leftOver(view, choices, decisions)),
      ...otherTraces(cell.decisions, decisions.worlds),
    ];
    return { cell, differences, choices: count() };
  } catch (error) {
    if (!(error instanceof ChoiceError)) throw error;
    const last = made.at(-1);
    const when = last === undefined ? "" : `at ${formatNs(last.lab.now)}${inView(last.view)}: `;
    return { cell: undefined, differences: [`${when}${error.message}`], choices: count() };
  }
}
