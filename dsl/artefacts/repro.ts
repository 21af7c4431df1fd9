/** `repro.json`: all it takes to have a cell again: which scripts, which seed, what it came to. */
import { type ChoiceRecord, sha256 } from "../../core/mod.ts";
import type { Plan } from "../plan.ts";
import type { CellResult } from "../results.ts";
import { placeData, type Source } from "../source.ts";
import type { Story } from "./story.ts";

/** The version of the file; counts up when a field changes its meaning. */
export const REPRO_VERSION = 1;

/** What is not in the result itself. */
export interface Ingredients {
  readonly ckptlab: string;
  readonly language: number;
  /** The script and what it includes. */
  readonly sources: readonly Source[];
}

/** A choice in few letters: who, of how many, which. */
const choice = ({ stream, entity, alternatives, taken }: ChoiceRecord) => (
  [stream, entity, alternatives, taken] as const
);

/** Whom the cell names; what is no plugin's has the version of the program. */
const strategiesOf = ({ checkpointer, protocol, processes, alternatives }: Plan) => ({
  ...(checkpointer === undefined ? {} : { checkpointer }),
  ...(protocol === undefined ? {} : { protocol }),
  workloads: [...new Set(processes.map(({ workload }) => workload.name))],
  ...(alternatives.length === 0 ? {} : { alternatives }),
});

/** The file. */
export function reproText(
  plan: Plan,
  result: CellResult,
  stories: readonly Story[],
  { ckptlab, language, sources }: Ingredients,
): string {
  const bytes = new TextEncoder();
  const failed = result.claims.filter(({ verdict }) =>
    verdict !== "holds" && verdict !== "skipped"
  );
  const document = {
    version: REPRO_VERSION,
    ckptlab,
    language,
    cell: plan.id,
    file: plan.file,
    seed: plan.seed,
    case: Object.fromEntries(plan.row),
    set: Object.fromEntries(plan.set),
    scripts: sources.map(({ name, text }) => ({ file: name, sha256: sha256(bytes.encode(text)) })),
    strategies: strategiesOf(plan),
    plugins: plan.plugins.map(({ alias, plugin: { name, version } }) => (
      { alias, name, version }
    )),
    verdict: result.verdict,
    claims: failed.map(({ span, text, verdict }) => ({ ...placeData(span), text, verdict })),
    problems: result.problems.map(({ span, message, verdict }) => (
      { ...placeData(span), message, verdict }
    )),
    fingerprint: Object.fromEntries(result.worlds.map(({ view, traceHash }) => [view, traceHash])),
    choices: Object.fromEntries(
      stories.map(({ view, recording }) => [view, recording.choices.map(choice)]),
    ),
    command: result.replay,
  };
  return JSON.stringify(document) + "\n";
}
