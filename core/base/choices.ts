/**
 * Every nondeterministic choice of a run, made by named streams and recorded: the record with the
 * seed is the run. A choice with one alternative is none: it is neither drawn nor recorded.
 */
import { Digest } from "./digest.ts";
import type { Distribution } from "./distribution.ts";
import { belowWide, exponential } from "./exponential.ts";
import { RandomStream } from "./random.ts";

/** Who chooses: a rank, or a name as "0->3". */
export type Entity = number | string;

/** One choice. */
export interface ChoiceRecord {
  readonly stream: string;
  readonly entity: Entity;
  /** How many answers there were; {@linkcode UNBOUNDED} for any whole number. */
  readonly alternatives: number;
  /** The answer: a whole number from 0, below `alternatives`. */
  readonly taken: number;
}

/** Alternatives of a choice that may be any whole number, as an exponential draw. */
export const UNBOUNDED = 0;

/** A choice before it is made. */
export type Asked = Omit<ChoiceRecord, "taken">;

/**
 * Says what a choice takes, the `index`th of the run; undefined: its random stream says. What it says
 * is recorded like any other answer. Throws what ends the run.
 */
export type Decide = (asked: Asked, index: number) => number | undefined;

/** A replay came to a choice that is not the recorded one. */
export class ChoiceError extends Error {
  override readonly name = "ChoiceError";
}

/** Where choices are made: a stream of an entity. */
interface Place {
  readonly number: number;
  readonly stream: string;
  readonly entity: Entity;
  /** Made when the first number is drawn. */
  random?: RandomStream;
}

/** Room for so many records at first; it doubles. */
const FIRST_ROOM = 256;
/** A chance is decided by a draw below this. */
const CHANCE_STEPS = 2 ** 32;

const alternativesText = (alternatives: number): string =>
  alternatives === UNBOUNDED ? "any number" : `${alternatives} alternatives`;

const describe = (record: Asked): string =>
  `stream '${record.stream}' of '${record.entity}' with ${alternativesText(record.alternatives)}`;

const fits = ({ alternatives }: Asked, taken: number): boolean =>
  Number.isSafeInteger(taken) && taken >= 0 &&
  (alternatives === UNBOUNDED || taken < alternatives);

/** The recorded answer, if this is the choice it was recorded for. */
function recorded(script: readonly ChoiceRecord[], asked: Asked, index: number): number {
  const where = `choice ${index} of the replay: the run asks ${describe(asked)}`;
  const answer = script[index];
  if (answer === undefined) {
    throw new ChoiceError(`${where}, but the record ends after ${script.length} choices`);
  }
  const { stream, entity, alternatives, taken } = answer;
  if (stream !== asked.stream || entity !== asked.entity || alternatives !== asked.alternatives) {
    throw new ChoiceError(`${where}, but the record has ${describe(answer)}`);
  }
  if (!fits(asked, taken)) {
    throw new ChoiceError(`${where}, but the recorded answer is ${taken}`);
  }
  return taken;
}

/**
 * The choices of one run.
 *
 * @example
 * ```ts
 * import { Choices } from "./choices.ts";
 * const choices = new Choices(42);
 * const latency = { shape: "uniform", low: 10_000, high: 20_000 } as const;
 * const taken = [choices.below("order", 3, 5), choices.draw("latency", "0->1", latency, 0)];
 * const again = Choices.replaying(42, choices.records);
 * const same = [again.below("order", 3, 5), again.draw("latency", "0->1", latency, 0)];
 * if (taken.join() !== same.join() || again.hash !== choices.hash) throw new Error("unreachable");
 * ```
 */
export class Choices {
  private readonly places = new Map<string, Map<Entity, Place>>();
  private readonly byNumber: Place[] = [];
  private placeOf = new Uint32Array(FIRST_ROOM);
  private alternativesOf = new Float64Array(FIRST_ROOM);
  private takenOf = new Float64Array(FIRST_ROOM);
  private used = 0;
  private readonly digest = new Digest();
  private expected: number | undefined;

  /** `decide` is asked before the random streams are. */
  constructor(private readonly seed: number | string, private readonly decide?: Decide) {}

  /**
   * Choices that answer what was recorded, and nothing else: the first that is not the recorded one,
   * or comes after the last, throws a {@linkcode ChoiceError}.
   */
  static replaying(seed: number | string, records: Iterable<ChoiceRecord>): Choices {
    const script = [...records];
    const choices = new Choices(seed, (asked, index) => recorded(script, asked, index));
    choices.expected = script.length;
    return choices;
  }

  /**
   * Choices that answer what was recorded for the same stream and entity, in that order, and draw
   * where there is no such record or it does not fit: what was left out of a run does not shift the
   * answers of others.
   */
  static following(seed: number | string, records: Iterable<ChoiceRecord>): Choices {
    const waiting = new Map<string, ChoiceRecord[]>();
    const key = ({ stream, entity }: Asked): string => JSON.stringify([stream, entity]);
    for (const record of records) {
      const place = key(record);
      const others = waiting.get(place);
      if (others === undefined) waiting.set(place, [record]);
      else others.push(record);
    }
    for (const each of waiting.values()) each.reverse();
    return new Choices(seed, (asked) => {
      const answer = waiting.get(key(asked))?.pop();
      return answer !== undefined && fits(asked, answer.taken) ? answer.taken : undefined;
    });
  }

  /** Choices made so far. */
  get count(): number {
    return this.used;
  }

  /** In a replay: recorded choices that have not come yet. */
  get left(): number {
    return this.expected === undefined ? 0 : this.expected - this.used;
  }

  /** Digest of all choices so far, 16 hexadecimal digits. */
  get hash(): string {
    return this.digest.hex;
  }

  /** The choices so far, in the order they were made. */
  get records(): Iterable<ChoiceRecord> {
    return { [Symbol.iterator]: () => this.eachRecord() };
  }

  /** A whole number from 0 to `count - 1`, each equally likely. */
  below(stream: string, entity: Entity, count: number): number {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new RangeError(
        `stream '${stream}' of '${entity}': expected a whole count of at least 1, found ${count}`,
      );
    }
    if (count === 1) return 0;
    return this.choose(stream, entity, count, (random) => belowWide(random, count));
  }

  /** Whether something happens that does in `ratio` of all cases, from 0 to 1. */
  chance(stream: string, entity: Entity, ratio: number): boolean {
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new RangeError(
        `stream '${stream}' of '${entity}': expected a ratio from 0 to 1, found ${ratio}`,
      );
    }
    if (ratio === 0 || ratio === 1) return ratio === 1;
    const limit = ratio * CHANCE_STEPS;
    return this.choose(stream, entity, 2, (random) => Number(random.next() < limit)) === 1;
  }

  /**
   * How long something takes, in ns. A uniform time is any of `low`, `low + 1`, … up to `high`; an
   * exponential one is `low` and an exponential variable of mean `mean` more; of a script it is the
   * value of that index, or the last.
   */
  draw(stream: string, entity: Entity, distribution: Distribution, index: number): number {
    switch (distribution.shape) {
      case "constant":
        return distribution.value;
      case "script": {
        const value = distribution.values[Math.min(index, distribution.values.length - 1)];
        if (value !== undefined) return value;
        throw new RangeError(`stream '${stream}' of '${entity}': expected times, found none`);
      }
      case "uniform": {
        const { low, high } = distribution;
        return low + this.below(stream, entity, Math.floor(high - low) + 1);
      }
      case "exponential": {
        const { low, mean } = distribution;
        return low + this.choose(stream, entity, UNBOUNDED, (random) => exponential(random, mean));
      }
    }
  }

  private choose(
    stream: string,
    entity: Entity,
    alternatives: number,
    pick: (random: RandomStream) => number,
  ): number {
    const place = this.place(stream, entity);
    const taken = this.decide?.({ stream, entity, alternatives }, this.used) ??
      pick(place.random ??= RandomStream.of(this.seed, stream, entity));
    this.record(place, alternatives, taken);
    return taken;
  }

  private place(stream: string, entity: Entity): Place {
    let ofStream = this.places.get(stream);
    if (ofStream === undefined) this.places.set(stream, ofStream = new Map());
    let place = ofStream.get(entity);
    if (place === undefined) {
      place = { number: this.byNumber.length, stream, entity };
      ofStream.set(entity, place);
      this.byNumber.push(place);
      this.digest.add(stream, entity);
    }
    return place;
  }

  private record(place: Place, alternatives: number, taken: number): void {
    if (this.used === this.placeOf.length) this.grow();
    this.placeOf[this.used] = place.number;
    this.alternativesOf[this.used] = alternatives;
    this.takenOf[this.used] = taken;
    this.used++;
    this.digest.add(place.number, alternatives, taken);
  }

  private grow(): void {
    const room = this.used * 2;
    const { placeOf, alternativesOf, takenOf } = this;
    (this.placeOf = new Uint32Array(room)).set(placeOf);
    (this.alternativesOf = new Float64Array(room)).set(alternativesOf);
    (this.takenOf = new Float64Array(room)).set(takenOf);
  }

  private *eachRecord(): Generator<ChoiceRecord> {
    for (let i = 0; i < this.used; i++) {
      const { stream, entity } = this.byNumber[this.placeOf[i] as number] as Place;
      const alternatives = this.alternativesOf[i] as number, taken = this.takenOf[i] as number;
      yield { stream, entity, alternatives, taken };
    }
  }
}
