/** Statements that make several runs of one scenario. */
import { printExpr } from "../print.ts";
import { statement } from "../statement.ts";

export const cases = statement("cases { <rows:row+> }", {
  place: "setup",
  help: "A table: the first row names columns, each further row makes a cell in which the names " +
    "have that row's values.",
  example: "cases { | load | most | … | matmul { size: 128 } | 72% | }",
  declare: (draft, { rows }) => {
    rows[0]?.cells.forEach((cell, i) => {
      const body = draft.caseRow?.[i];
      if (cell.kind !== "name") return;
      const name = { text: cell.name, span: cell.span };
      // A row too short has been reported; the name stays known so that its uses are no errors.
      if (body === undefined) draft.declare(name, { kind: "doubtful" });
      else draft.declare(name, { kind: "let", body, scope: draft.scope.outer ?? draft.scope });
    });
  },
  build: (draft, { rows }, span) => {
    draft.once("cases", span);
    const [names, ...others] = rows;
    if (names === undefined) return;
    for (const cell of names.cells) {
      if (cell.kind === "name") continue;
      draft.report("CK0501", cell.span, "the first row of cases holds names");
    }
    if (others.length === 0) {
      draft.report("CK0501", names.span, "cases has names but no row of values");
    }
    const width = names.cells.length;
    for (const row of others) {
      if (row.cells.length === width) continue;
      const cells = `${row.cells.length} cell${row.cells.length === 1 ? "" : "s"}`;
      const message = `this row has ${cells}, the first row has ${width}`;
      draft.report("CK0501", row.span, message);
    }
    for (const cell of draft.caseRow ?? []) {
      draft.constant(cell, draft.scope.outer ?? draft.scope);
    }
    draft.row = names.cells.flatMap((cell, i) => {
      const value = draft.caseRow?.[i];
      return value === undefined ? [] : [[printExpr(cell), printExpr(value)] as const];
    });
  },
});

export const compare = statement(
  "compare <what:checkpointer|protocol|storage> { <alternatives:alternative+> }",
  {
    place: "setup",
    help:
      "Runs the cell once for each alternative with the same seed. con.c1 is the checkpoint c1 " +
      "of the alternative con; a claim without an alternative must hold in each.",
    example: "compare checkpointer { non = stop_world  con = concurrent { cow_slots: 64 } }",
    declare: (draft, { alternatives }) => {
      for (const { name } of alternatives) draft.declare(name, { kind: "alternative" });
    },
    build: (draft, { what, alternatives }, span) => {
      if (what.text !== "checkpointer") {
        const message = `'compare ${what.text}' is part of the language but not built yet; ` +
          "'compare checkpointer' is";
        draft.report("CK0601", what.span, message);
        return;
      }
      if (!draft.once("compare", span)) return;
      for (const { name, strategy } of alternatives) {
        const found = draft.strategy(strategy, "checkpointer");
        if (found !== undefined) draft.alternatives.push({ name: name.text, strategy: found });
      }
    },
  },
);
