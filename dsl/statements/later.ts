/** Statements that are part of the language and not built yet: read in full, refused by name. */
import { type Params, type Place, type Statement, statement } from "../statement.ts";

interface Planned {
  readonly place: Place;
  readonly help: string;
  readonly example: string;
  /** What to write meanwhile. */
  readonly instead: string;
}

function later<const U extends string>(
  usage: U,
  { place, help, example, instead }: Planned,
): Statement {
  const row: Statement = statement<U>(usage, {
    place,
    help,
    example,
    later: instead,
    build: (draft, _given: Params<U>, span) => {
      const word = { ...span, end: span.start + row.keyword.length };
      const message = `'${row.keyword}' is part of the language but not built yet; ${instead}`;
      draft.report("CK0601", word, message);
    },
  });
  return row;
}

export const LATER: readonly Statement[] = [
  later("storage <strategy>", {
    place: "setup",
    help: "Where images go.",
    example: "storage local { retain: 2 }",
    instead: "images stay in the memory of the lab",
  }),
  later("inject <strategy>", {
    place: "action",
    help: "Makes a fault happen.",
    example: "inject torn_write { page: 3 }",
    instead: "write a crash",
  }),
];
