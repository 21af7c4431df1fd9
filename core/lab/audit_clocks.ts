/**
 * Vector clocks: the second way of judging a line, which knows nothing of messages' numbers. A
 * process ticks at each fact of its own and takes over what the sender knew when a message arrives.
 */
import type { MessageId } from "../cluster/facts.ts";
import type { ProcessId } from "../cluster/protocol.ts";

/** What one process knows of all, itself included. */
export type Clock = Uint32Array;

/** Takes over what the other knows. */
export function mergeClock(clock: Clock, other: Clock): void {
  for (let i = 0; i < clock.length; i++) {
    if ((other[i] as number) > (clock[i] as number)) clock[i] = other[i] as number;
  }
}

/** Nobody's cut knows more of another than that one's own cut. */
export function clocksConsistent(cuts: ReadonlyMap<ProcessId, Clock>): boolean {
  for (const [who, own] of cuts) {
    for (const clock of cuts.values()) {
      if ((clock[who] as number) > (own[who] as number)) return false;
    }
  }
  return true;
}

/** What the senders of messages on their way knew. */
export class Stamps {
  /** By sender, receiver and number. */
  private readonly stamps = new Map<ProcessId, Map<ProcessId, Map<number, Clock>>>();

  put({ from, to, sequence }: MessageId, clock: Clock): void {
    let ofSender = this.stamps.get(from);
    if (ofSender === undefined) this.stamps.set(from, ofSender = new Map());
    let ofChannel = ofSender.get(to);
    if (ofChannel === undefined) ofSender.set(to, ofChannel = new Map());
    ofChannel.set(sequence, clock.slice());
  }

  /** The stamp, which is forgotten. */
  take({ from, to, sequence }: MessageId): Clock | undefined {
    const ofChannel = this.stamps.get(from)?.get(to);
    const stamp = ofChannel?.get(sequence);
    ofChannel?.delete(sequence);
    return stamp;
  }

  /** A sender has gone back: what it sent from those numbers on is not sent. */
  unsend(from: ProcessId, sent: ReadonlyMap<ProcessId, number>): void {
    for (const [to, ofChannel] of this.stamps.get(from) ?? []) {
      const count = sent.get(to) ?? 0;
      for (const sequence of [...ofChannel.keys()]) {
        if (sequence >= count) ofChannel.delete(sequence);
      }
    }
  }
}
