/** Figures for who reads the report. */
import { printExpr } from "../print.ts";
import { statement } from "../statement.ts";
import { nearest } from "../suggest.ts";

export const show = statement("show <value:expr> [along <axis:name>] [as <title:text>]", {
  place: "claim",
  help: "A figure for the reports: what the expression is worth at the end of the run, with " +
    "compare in each alternative. Nothing is judged by it. With along it is drawn as a chart over " +
    "that axis or column.",
  example: 'show prdt(con.c1, non.c1) along size as "PRDT"',
  build: (draft, { value: expr, axis, title }, span) => {
    const { context: { uses } } = draft.look(expr, "claim");
    const axes = draft.row.map(([name]) => name);
    if (axis !== undefined && !axes.includes(axis.text)) {
      const known = axes.length === 0 ? "this scenario has none" : `there are ${axes.join(", ")}`;
      const message = `no axis or column is called '${axis.text}'; ${known}`;
      draft.report("CK0301", axis.span, message, nearest(axis.text, axes));
    }
    draft.figures.push({
      expr,
      text: printExpr(expr),
      ...(title === undefined ? {} : { title: title.value }),
      ...(axis === undefined ? {} : { along: axis.text }),
      span,
      here: uses.here || uses.time,
    });
  },
});
