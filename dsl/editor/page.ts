/**
 * A page that is being written: lines with the comments and blank lines the author had around them,
 * and columns that line up over neighbouring lines.
 */
import type { Comment, Script } from "../ast.ts";
import { positionOf } from "../source.ts";

/** How long a line may get before it is broken, or its columns are no longer aligned. */
export const WIDTH = 100;

/** Columns of neighbouring lines of one kind stand below each other. */
export interface Column {
  /** Blanks before the next column. */
  readonly gap: number;
  /** What is wider does not push the others aside. */
  readonly widest: number;
}

/** What stands in columns: a step's time, a claim before its title, a name before its value. */
const COLUMNS = {
  step: { gap: 2, widest: 32 },
  claim: { gap: 2, widest: 60 },
  axis: { gap: 1, widest: 24 },
  alternative: { gap: 1, widest: 24 },
} as const satisfies Readonly<Record<string, Column>>;

/** The columns of a kind of line; the rest is one piece. */
const columnOf = (kind: string): Column | undefined =>
  (COLUMNS as Readonly<Record<string, Column>>)[kind];

/** A stretch of the source that becomes one line. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface Line {
  readonly indent: string;
  readonly cells: readonly string[];
  readonly kind: string;
  readonly comment: string;
}

/** Cells with their gaps, not aligned with anything. */
export const unaligned = (cells: readonly string[], kind: string): string =>
  cells.join(" ".repeat(columnOf(kind)?.gap ?? 1));

/** Lines go out here; comments come along at the places where they stood. */
export class Page {
  readonly #lines: Line[] = [];
  #next = 0;

  constructor(readonly script: Script) {}

  /** True when a comment stands between the two offsets and was not written yet. */
  hasComment({ start, end }: Stretch): boolean {
    return this.script.comments.some(({ span }) => span.start > start && span.start < end);
  }

  /** A line for a stretch of the source, with the comments before, inside and behind it. */
  line(indent: string, cells: readonly string[], kind: string, from: Stretch): void {
    this.#commentsBefore(from.start, indent);
    this.#blankBefore(from.start);
    // A comment in the middle of a line has no place there: it goes before it.
    this.#commentsBefore(from.end, indent, false);
    this.#push(indent, cells, kind, this.#trailing(from));
  }

  /** A closing bracket that stood at `offset`; comments before it belong to what it closes. */
  close(indent: string, text: string, offset: number): void {
    this.#commentsBefore(offset, indent + "  ");
    this.#push(indent, [text], "", this.#trailing({ start: offset, end: offset + 1 }));
  }

  /** The whole text. */
  finish(): string {
    this.#commentsBefore(Infinity, "");
    const lines: string[] = [];
    for (let from = 0; from < this.#lines.length;) {
      let to = from + 1;
      while (to < this.#lines.length && areNeighbours(this.#lines[from], this.#lines[to])) to++;
      lines.push(...aligned(this.#lines.slice(from, to)));
      from = to;
    }
    return lines.length === 0 ? "" : lines.join("\n") + "\n";
  }

  #push(indent: string, cells: readonly string[], kind: string, comment = ""): void {
    this.#lines.push({ indent, cells, kind, comment });
  }

  #comment(): Comment | undefined {
    return this.script.comments[this.#next];
  }

  /** Comments that stand before this offset, each on its own line. */
  #commentsBefore(offset: number, indent: string, blanks = true): void {
    for (;;) {
      const comment = this.#comment();
      if (comment === undefined || comment.span.start >= offset) return;
      if (blanks) this.#blankBefore(comment.span.start);
      this.#push(indent, [comment.text], "comment");
      this.#next++;
    }
  }

  /** Keeps one blank line where the author left some. */
  #blankBefore(offset: number): void {
    const { text } = this.script.span.source;
    let at = offset;
    let ends = 0;
    while (at > 0 && /\s/.test(text[at - 1] ?? "")) if (text[--at] === "\n") ends++;
    const last = this.#lines.at(-1);
    const opens = last === undefined || last.kind !== "comment" && last.cells.at(-1)?.endsWith("{");
    if (ends > 1 && !opens && last?.cells[0] !== "") this.#push("", [""], "blank");
  }

  #trailing({ start, end }: Stretch): string {
    const comment = this.#comment();
    if (comment === undefined || comment.span.start < start) return "";
    const { source } = this.script.span;
    const same = positionOf(source, comment.span.start).line === positionOf(source, end - 1).line;
    // Between the statement and its comment nothing else may stand, or the comment is another's.
    if (!same || !/^[ \t,]*$/.test(source.text.slice(end, comment.span.start))) return "";
    this.#next++;
    return `  ${comment.text}`;
  }
}

const areNeighbours = (a: Line | undefined, b: Line | undefined): boolean =>
  a !== undefined && a.kind === b?.kind && a.indent === b.indent && columnOf(a.kind) !== undefined;

/** Pads the first cell of each line that has more than one, as far as everything still fits. */
function aligned(lines: readonly Line[]): readonly string[] {
  const column = columnOf(lines[0]?.kind ?? "");
  const gap = column?.gap ?? 1;
  const width = (line: Line) => line.cells[0]?.length ?? 0;
  const rest = ({ indent, cells }: Line) => indent.length + gap + (cells[1]?.length ?? 0);
  const columned = lines.filter((line) =>
    column !== undefined && line.cells.length > 1 && width(line) <= column.widest
  );
  const widths = columned.map(width).sort((a, b) => b - a);
  const to =
    widths.find((wanted) =>
      columned.every((line) => width(line) > wanted || wanted + rest(line) <= WIDTH)
    ) ?? 0;
  return lines.map(({ indent, cells: [first = "", ...others], comment }) => {
    const padded = others.length > 0 && columned.length > 0 ? first.padEnd(to) : first;
    return indent + [padded, ...others].join(" ".repeat(gap)) + comment;
  });
}
