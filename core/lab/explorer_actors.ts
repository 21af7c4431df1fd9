/**
 * The actors of a protocol as numbers: equal states have equal numbers, and as an actor is a pure
 * function each state is asked about an event only once.
 */
import { type OptionValue, readOptions } from "../base/option.ts";
import type {
  ControlMessage,
  LineRange,
  Out,
  ProcessId,
  ProcessPlace,
  Protocol,
  ProtocolEvent,
  Station,
  Withheld,
} from "../cluster/protocol.ts";

/** No line at all. */
export const NO_LINES: LineRange = { first: 0, last: 0 };

/** What an actor asked for, in order. */
export type Effect =
  | {
    readonly effect: "send";
    readonly to: Station;
    readonly message: number;
    readonly kind: string;
  }
  | { readonly effect: "discard" | "hold" | "release" | "leave" | "drop" | "recovered" }
  | { readonly effect: "resend"; readonly to: ProcessId; readonly number: number }
  | { readonly effect: "capture"; readonly channels: "none" | "open" }
  | { readonly effect: "withhold" | "record" | "closeChannels" | "keep" }
  | { readonly effect: "admit"; readonly which?: readonly Withheld[] }
  | { readonly effect: "prune"; readonly to: ProcessId; readonly below: number }
  | { readonly effect: "piggyback"; readonly value: number }
  | { readonly effect: "holdTo" | "releaseTo"; readonly who: ProcessId }
  | { readonly effect: "mapTo"; readonly who: ProcessId; readonly place: ProcessPlace }
  | { readonly effect: "depart" }
  | { readonly effect: "settled" | "refused"; readonly who: ProcessId }
  | { readonly effect: "done"; readonly members: readonly ProcessId[] }
  | { readonly effect: "abort"; readonly why: string }
  | { readonly effect: "timer" | "clear"; readonly name: string };

/** What only a member can do: it has a process. */
export const MEMBER_EFFECTS: readonly Effect["effect"][] = [
  "capture",
  "discard",
  "hold",
  "release",
  "leave",
  "piggyback",
  "withhold",
  "admit",
  "record",
  "closeChannels",
  "keep",
  "prune",
  "drop",
  "resend",
  "recovered",
  "holdTo",
  "releaseTo",
  "mapTo",
  "depart",
];

/** The next state and what is to be done. */
export interface Reaction {
  readonly actor: number;
  readonly effects: readonly Effect[];
}

/** Plain data as text that does not depend on the order in which fields were set. */
export function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new TypeError(`a state or message holds ${value.constructor.name}: plain data is wanted`);
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => a < b ? -1 : 1);
  return `{${fields.map(([name, field]) => `${name}:${canonical(field)}`).join(",")}}`;
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}

/** Values by number, equal ones once. They are frozen: whoever changes one in place is caught. */
class Numbered {
  private readonly numbers = new Map<string, number>();
  /** Values that are kept, so that their text is not made again. */
  private readonly kept = new Map<unknown, number>();
  readonly values: unknown[] = [];

  numberOf(value: unknown): number {
    const kept = this.kept.get(value);
    if (kept !== undefined) return kept;
    const text = canonical(value);
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    freeze(value);
    this.numbers.set(text, this.values.length);
    this.kept.set(value, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** All states and messages seen so far. */
export class Actors {
  private readonly states = new Numbered();
  private readonly messages = new Numbered();
  private readonly piggybacks = new Numbered();
  private readonly events = new Numbered();
  /** By actor, then by event. */
  private readonly reactions: Map<number, Reaction>[] = [];
  private readonly options: Readonly<Record<string, OptionValue>>;

  constructor(readonly protocol: Protocol) {
    this.options = readOptions(protocol.options, {}).values;
  }

  /** `saved`: the state it comes back from. */
  member(self: ProcessId, members: readonly ProcessId[], saved?: number): number {
    const state = saved === undefined ? undefined : this.states.values[saved];
    return this.states.numberOf(this.protocol.member(self, members, this.options, state));
  }

  /** Undefined when the members do without. */
  manager(members: readonly ProcessId[]): number | undefined {
    const state = this.protocol.manager?.(members, this.options);
    return state === undefined ? undefined : this.states.numberOf(state);
  }

  message(number: number): ControlMessage {
    return this.messages.values[number] as ControlMessage;
  }

  /** What is on an application's message, by its number. */
  piggyback(number: number): unknown {
    return this.piggybacks.values[number];
  }

  /** The lines its local checkpoint is said to be a part of; none where nothing is said. */
  lines(actor: number): LineRange {
    return this.protocol.lines?.(this.states.values[actor]) ?? NO_LINES;
  }

  waitsFor(actor: number): string | undefined {
    return this.protocol.waitsFor?.(this.states.values[actor]);
  }

  /** What the actor does; throws what it throws. */
  handle(actor: number, event: ProtocolEvent): Reaction {
    const reactions = this.reactions[actor] ??= new Map();
    const number = this.events.numberOf(event);
    const known = reactions.get(number);
    if (known !== undefined) return known;
    const effects: Effect[] = [];
    const next = this.protocol.handle(this.states.values[actor], event, this.out(effects));
    const reaction = { actor: this.states.numberOf(next), effects };
    reactions.set(number, reaction);
    return reaction;
  }

  private out(effects: Effect[]): Out {
    return {
      send: (to, message) =>
        effects.push({
          effect: "send",
          to,
          message: this.messages.numberOf(message),
          kind: message.kind,
        }),
      piggyback: (value) =>
        effects.push({ effect: "piggyback", value: this.piggybacks.numberOf(value) }),
      keep: () => effects.push({ effect: "keep" }),
      prune: (to, below) => effects.push({ effect: "prune", to, below }),
      withhold: () => effects.push({ effect: "withhold" }),
      drop: () => effects.push({ effect: "drop" }),
      resend: (to, number) => effects.push({ effect: "resend", to, number }),
      admit: (which) =>
        effects.push({ effect: "admit", ...which === undefined ? {} : { which: [...which] } }),
      recovered: () => effects.push({ effect: "recovered" }),
      capture: (channels) => effects.push({ effect: "capture", channels: channels ?? "none" }),
      record: () => effects.push({ effect: "record" }),
      closeChannels: () => effects.push({ effect: "closeChannels" }),
      discard: () => effects.push({ effect: "discard" }),
      hold: () => effects.push({ effect: "hold" }),
      release: () => effects.push({ effect: "release" }),
      holdTo: (who) => effects.push({ effect: "holdTo", who }),
      releaseTo: (who) => effects.push({ effect: "releaseTo", who }),
      mapTo: (who, place) => effects.push({ effect: "mapTo", who, place }),
      depart: () => effects.push({ effect: "depart" }),
      settled: (who) => effects.push({ effect: "settled", who }),
      refused: (who) => effects.push({ effect: "refused", who }),
      leave: () => effects.push({ effect: "leave" }),
      done: (members) => effects.push({ effect: "done", members: [...members] }),
      abort: (why) => effects.push({ effect: "abort", why }),
      phase: () => {},
      log: () => {},
      setTimer: (name) => effects.push({ effect: "timer", name }),
      clearTimer: (name) => effects.push({ effect: "clear", name }),
    };
  }
}
