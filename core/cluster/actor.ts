/**
 * Runs a protocol's actor: gives it events one after the other and carries out what it says only
 * when it has said all of it, so that an effect never meets a half-changed state.
 */
import { StrategyError } from "../image/capture_order.ts";
import type {
  ControlMessage,
  Out,
  ProcessId,
  ProcessPlace,
  Protocol,
  ProtocolEvent,
  Station,
  Withheld,
} from "./protocol.ts";

/** Something an actor wants done. */
export type Effect =
  | { readonly effect: "send"; readonly to: Station; readonly message: ControlMessage }
  | { readonly effect: "discard" | "hold" | "release" | "leave" | "drop" | "recovered" }
  | { readonly effect: "resend"; readonly to: ProcessId; readonly number: number }
  | { readonly effect: "capture"; readonly channels?: "open" }
  | { readonly effect: "withhold" | "record" | "closeChannels" | "keep" }
  | { readonly effect: "admit"; readonly which?: readonly Withheld[] }
  | { readonly effect: "prune"; readonly to: ProcessId; readonly below: number }
  | { readonly effect: "piggyback"; readonly value: unknown }
  | { readonly effect: "holdTo" | "releaseTo"; readonly who: ProcessId }
  | { readonly effect: "mapTo"; readonly who: ProcessId; readonly place: ProcessPlace }
  | { readonly effect: "depart" }
  | {
    readonly effect: "settled";
    readonly who: ProcessId;
    readonly members: readonly ProcessId[];
  }
  | { readonly effect: "refused"; readonly who: ProcessId; readonly why: string }
  | { readonly effect: "done"; readonly members: readonly ProcessId[] }
  | { readonly effect: "abort" | "log"; readonly text: string }
  | { readonly effect: "phase"; readonly name: string }
  | { readonly effect: "timer"; readonly name: string; readonly afterNs: number | undefined };

/** More effects of one event than any protocol needs: one without end must not hold up the lab. */
const MOST_EFFECTS = 2 ** 16;

/** The effects of one event, in the order they were said. */
class Effects implements Out {
  readonly all: Effect[] = [];

  private say(effect: Effect): void {
    if (this.all.push(effect) > MOST_EFFECTS) {
      throw new Error(`more than ${MOST_EFFECTS} effects of one event`);
    }
  }

  send(to: Station, message: ControlMessage): void {
    this.say({ effect: "send", to, message });
  }
  piggyback(value: unknown): void {
    this.say({ effect: "piggyback", value });
  }
  keep(): void {
    this.say({ effect: "keep" });
  }
  prune(to: ProcessId, below: number): void {
    this.say({ effect: "prune", to, below });
  }
  withhold(): void {
    this.say({ effect: "withhold" });
  }
  drop(): void {
    this.say({ effect: "drop" });
  }
  resend(to: ProcessId, number: number): void {
    this.say({ effect: "resend", to, number });
  }
  admit(which?: readonly Withheld[]): void {
    this.say({ effect: "admit", ...which === undefined ? {} : { which: [...which] } });
  }
  recovered(): void {
    this.say({ effect: "recovered" });
  }
  capture(channels?: "open"): void {
    this.say({ effect: "capture", ...channels === undefined ? {} : { channels } });
  }
  record(): void {
    this.say({ effect: "record" });
  }
  closeChannels(): void {
    this.say({ effect: "closeChannels" });
  }
  discard(): void {
    this.say({ effect: "discard" });
  }
  hold(): void {
    this.say({ effect: "hold" });
  }
  release(): void {
    this.say({ effect: "release" });
  }
  holdTo(who: ProcessId): void {
    this.say({ effect: "holdTo", who });
  }
  releaseTo(who: ProcessId): void {
    this.say({ effect: "releaseTo", who });
  }
  mapTo(who: ProcessId, place: ProcessPlace): void {
    this.say({ effect: "mapTo", who, place });
  }
  depart(): void {
    this.say({ effect: "depart" });
  }
  settled(who: ProcessId, members: readonly ProcessId[]): void {
    this.say({ effect: "settled", who, members });
  }
  refused(who: ProcessId, why: string): void {
    this.say({ effect: "refused", who, why });
  }
  leave(): void {
    this.say({ effect: "leave" });
  }
  done(members: readonly ProcessId[]): void {
    this.say({ effect: "done", members });
  }
  abort(text: string): void {
    this.say({ effect: "abort", text });
  }
  log(text: string): void {
    this.say({ effect: "log", text });
  }
  phase(name: string): void {
    this.say({ effect: "phase", name });
  }
  setTimer(name: string, afterNs: number): void {
    this.say({ effect: "timer", name, afterNs });
  }
  clearTimer(name: string): void {
    this.say({ effect: "timer", name, afterNs: undefined });
  }
}

/** Asks a protocol; what it throws is its mistake, a {@linkcode StrategyError}. */
export function askProtocol<T>(protocol: Protocol, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof StrategyError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new StrategyError(`protocol '${protocol.name}' threw: ${what}`, { cause: error });
  }
}

/** One actor and the events it has not handled yet. */
export class Actor {
  private readonly waiting: ProtocolEvent[] = [];
  private busy = false;

  /** `perform` carries out one effect of an event; it may tell the actor of further events. */
  constructor(
    private readonly protocol: Protocol,
    private current: unknown,
    private readonly perform: (effect: Effect, of: ProtocolEvent) => void,
  ) {}

  /** Where it stands. */
  get state(): unknown {
    return this.current;
  }

  /** It is in the middle of an event. */
  get isBusy(): boolean {
    return this.busy;
  }

  /** Something has happened. */
  tell(event: ProtocolEvent): void {
    this.waiting.push(event);
    if (this.busy) return;
    this.busy = true;
    try {
      for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
        const out = new Effects();
        const { current } = this;
        this.current = askProtocol(this.protocol, () => this.protocol.handle(current, next, out));
        for (const effect of out.all) this.perform(effect, next);
      }
    } finally {
      this.busy = false;
    }
  }
}

/** Timers of one actor, by name, in ns. */
export class Timers {
  private readonly due = new Map<string, number>();

  set(name: string, at: number | undefined): void {
    if (at === undefined) this.due.delete(name);
    else this.due.set(name, at);
  }

  clear(): void {
    this.due.clear();
  }

  /** Those that are set. */
  get all(): readonly (readonly [string, number])[] {
    return [...this.due];
  }

  /** When the first goes off; Infinity if none is set. */
  get next(): number {
    return Math.min(...this.due.values());
  }

  /** The name of the first that is due, which is then no longer set; equal times by name. */
  take(now: number): string | undefined {
    const first = [...this.due].filter(([, at]) => at <= now)
      .sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))[0];
    if (first !== undefined) this.due.delete(first[0]);
    return first?.[0];
  }
}
