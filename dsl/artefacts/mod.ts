/** The files about a cell, each a row: what it is called, and how it is made of what was recorded. */
import { traceText } from "../trace_file.ts";
import type { Plan } from "../plan.ts";
import type { CellResult } from "../results.ts";
import { perfettoText } from "./perfetto.ts";
import { type Ingredients, reproText } from "./repro.ts";
import { shivizText } from "./shiviz.ts";
import { spacetimeSvg } from "./spacetime.ts";
import { mainStory, type Story } from "./story.ts";

/** What files are made of. */
export interface Told {
  readonly plan: Plan;
  readonly result: CellResult;
  readonly stories: readonly Story[];
  readonly ingredients: Ingredients;
}

/** One kind of file. */
export interface Artefact {
  readonly kind: string;
  readonly name: string;
  /** Nothing where there is nothing to show. */
  readonly make: (told: Told) => string | undefined;
}

/** The table. */
export const ARTEFACTS: readonly Artefact[] = [
  {
    kind: "repro",
    name: "repro.json",
    make: ({ plan, result, ingredients }) => reproText(plan, result, ingredients),
  },
  {
    kind: "trace",
    name: "trace.ndjson",
    make: ({ plan, stories }) => traceText({ cell: plan.id, stories }),
  },
  {
    kind: "perfetto",
    name: "trace.perfetto.json",
    make: ({ stories }) => perfettoText(stories),
  },
  {
    kind: "spacetime",
    name: "spacetime.svg",
    make: ({ plan, result, stories }) => {
      const story = mainStory(result, stories);
      const view = story?.view ?? "";
      return story && spacetimeSvg(story, view === "" ? plan.id : `${plan.id}, ${view}`);
    },
  },
  { kind: "shiviz", name: "shiviz.log", make: ({ stories }) => shivizText(stories) },
];
