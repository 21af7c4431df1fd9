/** What a network has carried, in all and by kind of message. */

/** Counts of packets, then of frames: without a transport every packet is one frame. */
export interface TrafficCounts {
  /** Packets handed over. */
  sent: number;
  /** Arrivals at a station. */
  delivered: number;
  /** Packets that will never arrive. */
  lost: number;
  /** Packets that the channel made two of. */
  duplicated: number;
  /** Packets taken out by a restart. */
  discarded: number;
  /** Frames on the wire: first sendings, repetitions and acknowledgements. */
  frames: number;
  /** Frames that did not arrive. */
  framesLost: number;
  /** Frames sent again by a transport. */
  retransmitted: number;
  acknowledgements: number;
  /** Bytes of all frames. */
  bytes: number;
}

const nothing = (): TrafficCounts => ({
  sent: 0,
  delivered: 0,
  lost: 0,
  duplicated: 0,
  discarded: 0,
  frames: 0,
  framesLost: 0,
  retransmitted: 0,
  acknowledgements: 0,
  bytes: 0,
});

/** Counts by kind of message. */
export class Traffic {
  private readonly kinds = new Map<string, TrafficCounts>();

  /** The counts of a kind, to be added to. */
  of(kind: string): TrafficCounts {
    let counts = this.kinds.get(kind);
    if (counts === undefined) this.kinds.set(kind, counts = nothing());
    return counts;
  }

  /** The kinds there were, sorted. */
  get names(): readonly string[] {
    return [...this.kinds.keys()].sort();
  }

  /** A kind's counts; zeros for one that never was. */
  kind(name: string): Readonly<TrafficCounts> {
    return { ...this.kinds.get(name) ?? nothing() };
  }

  /** The sum over all kinds. */
  get total(): Readonly<TrafficCounts> {
    const total = nothing();
    for (const counts of this.kinds.values()) {
      for (const key of Object.keys(total) as (keyof TrafficCounts)[]) total[key] += counts[key];
    }
    return total;
  }
}
