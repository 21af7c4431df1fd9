/** Where a process sends to, whom it does not send to for a while, and how it departs itself. */
import type { Endpoint } from "../kernel/endpoint.ts";
import type { Effect } from "./actor.ts";
import type { CaptureOrder } from "./domain.ts";
import type { ProcessId, ProcessPlace } from "./protocol.ts";

/** What goes along when the process moves. */
export interface WhereaboutsStanding {
  /** Whom it does not send to for a while. */
  readonly heldTo?: readonly ProcessId[];
  /** Where it sends to, of those that have moved. */
  readonly places?: readonly (readonly [ProcessId, ProcessPlace])[];
}

/** What an actor asks for about moves. */
export type MoveEffect = Extract<
  Effect,
  { readonly effect: "holdTo" | "releaseTo" | "mapTo" | "depart" | "settled" | "refused" }
>;

/** The part of a member that is about moves. */
export class Whereabouts {
  private readonly places: Map<ProcessId, ProcessPlace>;
  /** How it is saved when it departs. */
  private departure: CaptureOrder | undefined;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly leave: (order: CaptureOrder) => void,
    { heldTo = [], places = [] }: WhereaboutsStanding,
  ) {
    for (const who of heldTo) endpoint.holdTo(who);
    this.places = new Map(places);
  }

  get standing(): WhereaboutsStanding {
    const { places, endpoint: { heldTo } } = this;
    return {
      ...(heldTo.size === 0 ? {} : { heldTo: [...heldTo] }),
      ...(places.size === 0 ? {} : { places: [...places] }),
    };
  }

  /** It is to move. */
  announce(order: CaptureOrder): void {
    this.departure = order;
  }

  /** Where what is sent to that process goes; undefined where it began. */
  placeOf(to: ProcessId): ProcessPlace | undefined {
    return this.places.get(to);
  }

  /** Does what the actor asks for; what had to be, where it is out of place. */
  perform(effect: MoveEffect): string | undefined {
    switch (effect.effect) {
      case "holdTo":
        this.endpoint.holdTo(effect.who);
        return undefined;
      case "releaseTo":
        this.endpoint.releaseTo(effect.who);
        return undefined;
      case "mapTo":
        this.places.set(effect.who, effect.place);
        return undefined;
      case "depart": {
        const { departure } = this;
        if (departure === undefined) return "a process that is to move";
        this.departure = undefined;
        this.leave(departure);
        return undefined;
      }
      default:
        return "the manager";
    }
  }
}
