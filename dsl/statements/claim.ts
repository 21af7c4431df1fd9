/** What must come of a run. */
import type { Expr, TextLiteral, Word } from "../ast.ts";
import type { Draft } from "../draft.ts";
import type { Quantifier } from "../plan.ts";
import { printExpr } from "../print.ts";
import type { Span } from "../source.ts";
import { statement } from "../statement.ts";

interface Claimed {
  readonly how?: Word<Quantifier>;
  readonly claim: Expr;
  readonly condition?: Expr;
  readonly title?: TextLiteral;
}

function build(draft: Draft, law: boolean, given: Claimed, span: Span): void {
  const { how, claim, condition, title } = given;
  // Over many seeds the quantifier is about the seeds, and the claim about the end of each run.
  const where = how === undefined || draft.explore !== undefined ? "claim" : "monitor";
  const uses = draft.check(claim, where).uses;
  const also = condition === undefined ? uses : draft.check(condition, where).uses;
  draft.claims.push({
    law,
    expr: claim,
    span,
    text: (how === undefined ? "" : `${how.text} `) + printExpr(claim),
    ...(how === undefined ? {} : { how: how.text }),
    here: uses.here || also.here || uses.time || also.time,
    ...(condition === undefined ? {} : { condition, ...draft.known(condition) }),
    ...(title === undefined ? {} : { title: title.value }),
  });
}

export const expect = statement(
  "expect [<how:always|sometimes|never>] <claim:expr> [if <condition:expr>] [as <title:text>]",
  {
    place: "claim",
    help: "What must hold at the end of the run; with if, only where that holds. A list of truth " +
      "values means all of them. always and never: at every tick at which it has a value; " +
      "sometimes: at one of them. With explore they are about the seeds: at the end of the run of " +
      "every seed, of at least one, of none.",
    example: 'expect p0.output == undisturbed.p0.output as "the crash is invisible"',
    build: (draft, given, span) => build(draft, false, given, span),
  },
);

export const law = statement(
  "law [<how:always|sometimes|never>] <claim:expr> [if <condition:expr>] [as <title:text>]",
  {
    place: "claim",
    help:
      "An expectation that must hold in every case; tried in fewer than three of several cases " +
      "it warns.",
    example: "law c1.control_messages == 2 * c1.write_faults + 2",
    build: (draft, given, span) => build(draft, true, given, span),
  },
);
