/** Random scripts of every statement: each hole of a usage line is filled by its kind. */
import fc from "fast-check";
import { STATEMENTS } from "../../dsl/statements/mod.ts";
import { type HolePart, type Part } from "../../dsl/usage.ts";

/** Words that are surely no words of the language. */
const name = fc.constantFrom("a", "b2", "load", "p0", "n_1", "matmul", "todo", "skip");
const text = fc.string({ unit: fc.constantFrom("x", " ", "é", "\\\\", '\\"', "\\n", "//", "{") })
  .map((inner) => `"${inner}"`);
const numeral = fc.constantFrom(
  "0",
  "42",
  "1_000",
  "0x1f",
  "20ms",
  "4KiB",
  "8MB/s",
  "2/ms",
  "21.4%",
  "1.5s",
);
const tag = fc.constantFrom("@smoke", "@a-b");

const list = (item: fc.Arbitrary<string>, open: string, close: string): fc.Arbitrary<string> =>
  fc.array(item, { maxLength: 3 }).map((items) => `${open}${items.join(", ")}${close}`);

/** Expressions by the grammar, level by level. */
const { expr, object } = fc.letrec<
  { expr: string; object: string; primary: string; unary: string }
>(
  (tie) => ({
    primary: fc.oneof(
      { maxDepth: 3, depthIdentifier: "e" },
      numeral,
      text,
      name,
      fc.constantFrom("true", "false", "all"),
      tie("expr").map((inner) => `( ${inner} )`),
      list(tie("expr"), "[", "]"),
      tie("object"),
      fc.tuple(name, tie("object")).map(([head, inner]) => `${head}${inner}`),
    ),
    unary: fc.tuple(
      fc.constantFrom("", "-"),
      tie("primary"),
      fc.array(
        fc.oneof(
          name.map((one) => `.${one}`),
          fc.constantFrom(".node", ".crash", ".if"),
          tie("expr").map((inner) => `[${inner}]`),
          list(tie("expr"), "(", ")"),
        ),
        { maxLength: 2, depthIdentifier: "e" },
      ),
    ).map(([sign, head, tail]) => `${sign}${head}${tail.join("")}`),
    expr: fc.tuple(
      fc.constantFrom("", "not "),
      tie("unary"),
      fc.constantFrom(
        "",
        " + ",
        " - ",
        "*",
        " / ",
        " .. ",
        " == ",
        " != ",
        " <= ",
        " in ",
        " and ",
        " or ",
      ),
      tie("unary"),
      fc.constantFrom("", " within 5%"),
    ).map(([not, left, op, right, within]) => {
      const tail = op === " == " || op === " != " ? within : "";
      return op === "" ? not + left : not + left + op + right + tail;
    }),
    object: fc.array(
      fc.tuple(
        fc.constantFrom("size", "node", "every", "if"),
        tie("expr"),
        fc.constantFrom(", ", "\n"),
      ),
      { maxLength: 2, depthIdentifier: "e" },
    ).map((pairs) => `{ ${pairs.map(([key, value, end]) => `${key}: ${value}${end}`).join("")} }`),
  }),
);

const ref = fc.tuple(name, fc.constantFrom("", "[1]", "[ n ]")).map((parts) => parts.join(""));
const strategy = fc.tuple(name, fc.constantFrom("", ".b"), fc.option(object, { nil: "" }))
  .map(([head, member, options]) => `${head}${member} ${options}`);

/** How each kind of hole may be filled; statements inside statements come by recursion. */
const HOLES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  name,
  text,
  number: numeral,
  tag,
  expr,
  object,
  ref,
  strategy,
  targets: fc.oneof(
    fc.constantFrom("all", "any proc", "any node"),
    fc.array(ref, { minLength: 1, maxLength: 3 }).map((refs) => refs.join(" , ")),
  ),
  signature: fc.tuple(name, fc.option(list(name, "(", ")"), { nil: "" })).map((parts) =>
    parts.join("")
  ),
  row: fc.array(expr, { minLength: 1, maxLength: 3 }).map((cells) => `| ${cells.join(" |")} |`),
  axis: fc.oneof(
    fc.tuple(name, expr).map(([head, values]) => `${head} in ${values}`),
    expr.map((condition) => `exclude if ${condition}`),
  ),
  alternative: fc.tuple(name, strategy).map(([head, inner]) => `${head}=${inner}`),
  // The second end has its index: a list behind a bare name would be taken for one.
  link: fc.oneof(
    fc.constant("all"),
    fc.tuple(ref, name, fc.constantFrom("[1]", "[ n ]")).map(([from, to, index]) =>
      `${from} -> ${to}${index}`
    ),
  ),
};

function hole(part: HolePart): fc.Arbitrary<string> {
  const one = part.choices !== undefined
    ? fc.constantFrom(...part.choices)
    : part.kind === "item"
    ? statements("setup", "step", "claim")
    : part.kind === "action"
    ? statements("action")
    : HOLES[part.kind];
  if (one === undefined) throw new Error(`no way to make a ${part.kind}`);
  if (part.repeat === undefined) return one;
  const minLength = part.repeat === "+" ? 1 : 0;
  return fc.array(one, { minLength, maxLength: 4 }).map((lines) => lines.join("\n"));
}

const partText = (part: Part): fc.Arbitrary<string> =>
  part.part === "word"
    ? fc.constant(part.word)
    : part.part === "hole"
    ? hole(part)
    : fc.option(sequence(part.parts), { nil: "" });

/** Behind a reference a list would be its index: `channel a -> b [1]`. */
const apart = (piece: string, i: number, parts: readonly Part[]): string => {
  const before = parts[i - 1];
  const isIndex = before?.part === "hole" && ["ref", "link", "targets"].includes(before.kind);
  return isIndex && piece.startsWith("[") ? `(${piece})` : piece;
};

const sequence = (parts: readonly Part[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map(partText)).map((pieces) =>
    pieces.map((piece, i) => apart(piece, i, parts)).filter((one) => one !== "").join(" ")
  );

function statements(...places: readonly string[]): fc.Arbitrary<string> {
  const rows = STATEMENTS.filter((row) =>
    places.includes(row.place) || row.also !== undefined && places.includes(row.also)
  );
  const comment = fc.constantFrom("", "", "", "  // why\n", "\n// alone\n");
  const end = places.includes("action") ? fc.constant("") : comment;
  return fc.oneof(
    ...rows.map((row) => fc.tuple(sequence(row.parts), end).map((two) => two.join(""))),
  );
}

/** Scripts of every statement, with comments between them. */
export const randomScript = fc.array(statements("file"), { minLength: 1, maxLength: 3 })
  .map((lines) => `ckpt 1\n${lines.join("\n")}\n`);
