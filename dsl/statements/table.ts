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
      const body = draft.point.caseRow?.[i];
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
    for (const cell of draft.point.caseRow ?? []) {
      draft.constant(cell, draft.scope.outer ?? draft.scope);
    }
    names.cells.forEach((cell, i) => {
      const value = draft.point.caseRow?.[i];
      if (value !== undefined) draft.row.push([printExpr(cell), printExpr(value)]);
    });
  },
});

export const matrix = statement("matrix [<pairwise:pairwise>] { <axes:axis*> }", {
  place: "setup",
  help: "A cell for each combination of the values of names, but for those excluded. A value is " +
    "anything a let may be: a number, a strategy, an object. With cases, each combination has " +
    "each of their rows. pairwise: only so many combinations that every two values of two names " +
    "meet in one, for many names.",
  example: "matrix { n in [2, 4, 8] exclude if n > 4 }",
  declare: (draft, { axes }) => {
    for (const { name } of axes) {
      if (name === undefined) continue;
      const value = draft.point.axes.find((axis) => axis.name === name.text);
      // An axis without values has been reported; its uses are no errors.
      if (value === undefined) draft.declare(name, { kind: "doubtful" });
      else draft.declare(name, { kind: "let", body: value.expr, scope: value.scope });
    }
  },
  build: (draft, { axes }, span) => {
    draft.once("matrix", span);
    if (axes.every(({ name }) => name === undefined)) {
      draft.report("CK0509", span, "a matrix needs a name that takes values: n in [2, 4, 8]");
    }
    for (const { name, expr, scope } of draft.point.axes) {
      draft.constant(expr, scope);
      draft.row.push([name, printExpr(expr)]);
    }
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
      if (!draft.once("compare", span)) return;
      for (const { name, strategy } of alternatives) {
        const found = draft.strategy(strategy, what.text);
        if (found === undefined) continue;
        draft.alternatives.push({ name: name.text, what: what.text, strategy: found });
      }
    },
  },
);
