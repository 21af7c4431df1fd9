/** Walks the grammar over the tokens before a place: what may stand there, also in broken texts. */
import { type IToken, tokenMatcher, type TokenType } from "chevrotain";
import type { GrammarGraph, Place } from "./grammar_graph.ts";

/** Where to go on when a rule has ended. */
interface Frame {
  readonly back: Place;
  readonly outer: Frame | undefined;
  /** Frames on top of this one by their place: equal stacks are the same object. */
  readonly above: Map<Place, Frame>;
}

/** One way to have read the tokens so far. */
interface State {
  readonly place: Place;
  readonly stack: Frame | undefined;
}

/** Something that may come next. */
export interface Next {
  readonly token: TokenType;
  /** The rule it stands in and those around it, innermost first. */
  readonly rules: readonly string[];
}

/** All readings of the tokens so far. */
export class Walk {
  #states: readonly State[];
  readonly #graph: GrammarGraph;
  readonly #roots = new Map<Place, Frame>();

  constructor(graph: GrammarGraph, rule: string) {
    this.#graph = graph;
    this.#states = this.#closed([{ place: graph.start(rule), stack: undefined }]);
  }

  /**
   * Reads a token. What does not fit ends rules until it does, or is passed over. The token behind
   * it tells, as it does the parser, whether a word is a key: `{ clock:` and then a statement.
   */
  read(token: IToken, behind?: IToken): void {
    const fitting = this.#over(this.#states, token, behind);
    if (fitting.length > 0) {
      this.#states = this.#closed(fitting);
      return;
    }
    let stacks = new Set(this.#states.map(({ stack }) => stack));
    while (stacks.size > 0) {
      const resumed = [...stacks].flatMap((frame) =>
        frame === undefined ? [] : [{ place: frame.back, stack: frame.outer }]
      );
      const found = this.#over(this.#closed(resumed), token, behind);
      if (found.length > 0) {
        this.#states = this.#closed(found);
        return;
      }
      stacks = new Set(resumed.map(({ stack }) => stack));
    }
  }

  /** Everything that may come next. */
  next(): readonly Next[] {
    return this.#states.flatMap(({ place, stack }) =>
      place.ways.flatMap((way) =>
        "over" in way ? [{ token: way.over, rules: [place.rule, ...rulesOf(stack)] }] : []
      )
    );
  }

  /**
   * The fewest tokens that end what has been begun, up to and with the statement of the innermost
   * of the rules named; of several readings the shortest.
   */
  ending(...blocks: readonly string[]): readonly TokenType[] {
    const ends = this.#states.map(({ place, stack }) => {
      const tokens = [...this.#graph.rest(place)];
      let rule = place.rule;
      for (let frame = stack; frame !== undefined; frame = frame.outer) {
        if (blocks.includes(rule)) break;
        tokens.push(...this.#graph.rest(frame.back));
        rule = frame.back.rule;
        if (frame.outer === undefined) break;
      }
      return tokens;
    });
    return ends.sort((a, b) => a.length - b.length)[0] ?? [];
  }

  #over(states: readonly State[], token: IToken, behind: IToken | undefined): State[] {
    const isKey = behind === undefined || behind.tokenType.name === "Colon";
    return states.filter(({ place }) => isKey || !this.#beginsPair(place)).flatMap(({
      place,
      stack,
    }) =>
      place.ways.flatMap((way) =>
        "over" in way && tokenMatcher(token, way.over) ? [{ place: way.to, stack }] : []
      )
    );
  }

  /** The parser looks further ahead here, and its gates are no part of the rules. */
  #beginsPair(place: Place): boolean {
    return place === this.#graph.start("pair");
  }

  #frame(back: Place, outer: Frame | undefined): Frame {
    const siblings = outer?.above ?? this.#roots;
    const found = siblings.get(back) ?? { back, outer, above: new Map() };
    siblings.set(back, found);
    return found;
  }

  /** All that can be reached without a token. */
  #closed(states: readonly State[]): readonly State[] {
    const seen = new Map<Frame | undefined, Set<Place>>();
    const found: State[] = [];
    const open = [...states];
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      const { place, stack } = state;
      const places = seen.get(stack) ?? new Set();
      if (places.has(place)) continue;
      seen.set(stack, places.add(place));
      found.push(state);
      if (place.ends && stack !== undefined) open.push({ place: stack.back, stack: stack.outer });
      for (const way of place.ways) {
        if ("call" in way) {
          open.push({ place: this.#graph.start(way.call), stack: this.#frame(way.to, stack) });
        } else if (!("over" in way)) open.push({ place: way.to, stack });
      }
    }
    return found;
  }
}

const rulesOf = (stack: Frame | undefined): readonly string[] =>
  stack === undefined ? [] : [stack.back.rule, ...rulesOf(stack.outer)];
