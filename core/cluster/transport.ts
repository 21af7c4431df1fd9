/**
 * The transport of one directed channel: it numbers packets, sends again what nobody acknowledges,
 * and hands each over exactly once, in order where the channel promises order.
 */
import type { Flight } from "./packet.ts";

/** The wait for an acknowledgement doubles up to so many times the first. */
const LONGEST_WAIT = 64;
/** An acknowledgement on the wire: headers and a number. */
export const ACKNOWLEDGEMENT_BYTES = 40;

/** Both ends of a channel's transport: what the sender waits for, what the receiver has. */
export class Transport<Body> {
  /** Sender: how long the next wait for an acknowledgement of that serial is, in ns. */
  private readonly waits = new Map<number, number>();
  /** Receiver: all before this have come. */
  private expected = 0;
  /** Receiver: those that came early. */
  private readonly early = new Map<number, Flight<Body>>();

  constructor(private readonly inOrder: boolean, private readonly firstWaitNs: number) {}

  /** Sender: a frame of that serial leaves; how long to wait before it is sent again, in ns. */
  wait(serial: number): number {
    const now = this.waits.get(serial) ?? this.firstWaitNs;
    this.waits.set(serial, Math.min(now * 2, this.firstWaitNs * LONGEST_WAIT));
    return now;
  }

  /** Sender: an acknowledgement of that serial has come. */
  acknowledge(serial: number): void {
    this.waits.delete(serial);
  }

  /** Sender: nobody has acknowledged that serial. */
  isWaitingFor(serial: number): boolean {
    return this.waits.has(serial);
  }

  /** Receiver: a frame has come; the packets that are handed over by it, in order. */
  receive(flight: Flight<Body>): readonly Flight<Body>[] {
    const { serial } = flight;
    if (serial < this.expected || this.early.has(serial)) return [];
    this.early.set(serial, flight);
    const ready: Flight<Body>[] = [];
    for (;;) {
      const next = this.early.get(this.expected);
      if (next === undefined) break;
      this.early.delete(this.expected++);
      ready.push(next);
    }
    return this.inOrder ? ready : [flight];
  }
}
