/**
 * The grammar as a graph: what may stand next anywhere, and the shortest way to the end of a
 * statement. It is read out of the parser's own rules, so it knows each statement there is.
 */
import {
  Alternation,
  Alternative,
  type IProduction,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  type Rule,
  Terminal,
  type TokenType,
} from "chevrotain";

/** A place in a rule. */
export interface Place {
  readonly rule: string;
  readonly ways: Way[];
  /** Nothing of the rule has to follow. */
  ends: boolean;
}

/** One way on: over a token, through another rule, or for nothing. */
export type Way =
  | { readonly over: TokenType; readonly to: Place }
  | { readonly call: string; readonly to: Place }
  | { readonly to: Place };

/** Ways of a token over a separator and round again. */
type Separated = RepetitionWithSeparator | RepetitionMandatoryWithSeparator;

/** The rules of a grammar as places and ways. */
export class GrammarGraph {
  readonly #starts = new Map<string, Place>();
  /** For each place the fewest tokens to the end of its rule. */
  readonly #least = new Map<Place, readonly TokenType[]>();
  readonly #places: Place[] = [];

  constructor(rules: Readonly<Record<string, Rule>>) {
    for (const rule of Object.values(rules)) {
      const start = this.#place(rule.name);
      this.#starts.set(rule.name, start);
      this.#sequence(rule.definition, start).ends = true;
    }
    this.#measure();
  }

  /** Where a rule begins. */
  start(rule: string): Place {
    const found = this.#starts.get(rule);
    if (found === undefined) throw new Error(`the grammar has no rule '${rule}'`);
    return found;
  }

  /** The fewest tokens from a place to the end of its rule. */
  rest(place: Place): readonly TokenType[] {
    return this.#least.get(place) ?? [];
  }

  #place(rule: string): Place {
    const place: Place = { rule, ways: [], ends: false };
    this.#places.push(place);
    return place;
  }

  #sequence(parts: readonly IProduction[], from: Place): Place {
    return parts.reduce((place, part) => this.#part(part, place), from);
  }

  /** Adds what a production allows; where it ends. */
  #part(part: IProduction, from: Place): Place {
    const to = this.#place(from.rule);
    if (part instanceof Terminal) from.ways.push({ over: part.terminalType, to });
    else if (part instanceof NonTerminal) from.ways.push({ call: part.nonTerminalName, to });
    else if (part instanceof Alternation) {
      for (const one of part.definition) this.#part(one, from).ways.push({ to });
    } else if (part instanceof Alternative) return this.#sequence(part.definition, from);
    else if (part instanceof Option) {
      from.ways.push({ to });
      this.#sequence(part.definition, from).ways.push({ to });
    } else if (part instanceof Repetition) {
      from.ways.push({ to });
      this.#sequence(part.definition, to).ways.push({ to });
    } else if (part instanceof RepetitionMandatory) {
      this.#sequence(part.definition, from).ways.push({ to });
      this.#sequence(part.definition, to).ways.push({ to });
    } else {
      const { definition, separator } = part as Separated;
      if (part instanceof RepetitionWithSeparator) from.ways.push({ to });
      this.#sequence(definition, from).ways.push({ to });
      const again = this.#place(from.rule);
      to.ways.push({ over: separator, to: again });
      this.#sequence(definition, again).ways.push({ to });
    }
    return to;
  }

  /** Fewest tokens to the end of the rule, until nothing gets shorter. */
  #measure(): void {
    for (let changed = true; changed;) {
      changed = false;
      for (const place of this.#places) {
        const now = this.#shortest(place);
        const before = this.#least.get(place);
        if (now !== undefined && (before === undefined || now.length < before.length)) {
          this.#least.set(place, now);
          changed = true;
        }
      }
    }
  }

  #shortest(place: Place): readonly TokenType[] | undefined {
    if (place.ends) return [];
    let best: readonly TokenType[] | undefined;
    for (const way of place.ways) {
      const head = "over" in way
        ? [way.over]
        : "call" in way
        ? this.#least.get(this.start(way.call))
        : [];
      const tail = this.#least.get(way.to);
      if (head === undefined || tail === undefined) continue;
      if (best === undefined || head.length + tail.length < best.length) best = [...head, ...tail];
    }
    return best;
  }
}
