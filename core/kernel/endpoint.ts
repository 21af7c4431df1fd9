/**
 * A process's end of all its channels: messages that arrived and were not read, and how many it has
 * sent to whom. Every process has one; without a cluster it is rank 0 of 1. What carries messages
 * from one endpoint to another hangs itself in by the `on…` fields.
 */
import { WaitQueue } from "./wait_queue.ts";

/** The longest message, bytes. */
export const LONGEST_MESSAGE = 16 * 2 ** 20;
/** The most processes that can belong together: ranks are signed words to a program. */
export const MOST_RANKS = 2 ** 31 - 1;
/** The name of the node of a process that was given none. */
export const USUAL_NODE_NAME = "ckptlab";

/** One message from one process to another. */
export interface Message {
  /** Rank of the sender. */
  readonly from: number;
  /** Rank of the receiver. */
  readonly to: number;
  /** What the program calls it, from 0. */
  readonly tag: number;
  /** Its place among all messages from `from` to `to`, from 0. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** What an endpoint holds, as plain data. */
export interface EndpointRecord {
  /** In the order of arrival. */
  readonly inbox: readonly Message[];
  /** How many messages were sent to each rank; ranks without any may be left out. */
  readonly sent: ReadonlyMap<number, number>;
  /** Numbers the program has published. */
  readonly values: ReadonlyMap<string, number>;
}

/** Who the process is among those it belongs to. */
export interface EndpointOptions {
  /** From 0, less than `size`. */
  readonly rank: number;
  /** How many processes belong together. */
  readonly size: number;
  readonly nodeName: string;
  /** What it holds from the beginning; nothing by default. */
  readonly record?: EndpointRecord;
}

/** The endpoint of one process. */
export class Endpoint {
  readonly rank: number;
  readonly size: number;
  /** Ranks to which the application does not send for a while. */
  readonly heldTo = new Set<number>();
  /** Ranks that have not begun: whoever sends to one waits until it is there. */
  readonly absent = new Set<number>();
  /** The node the process is on; another one after a restart elsewhere. */
  nodeName: string;
  /** Messages that arrived and were not read, in the order of arrival. */
  readonly inbox: Message[];
  /** How many messages were sent to each rank: the next one's sequence. */
  readonly sent: Map<number, number>;
  /** Numbers the program has published, by name. */
  readonly values: Map<string, number>;
  /** Who waits for a message. */
  readonly arrivals = new WaitQueue();
  /** Who waits until the application may go on. */
  readonly releases = new WaitQueue();
  /** Who waits for a process that has not begun. */
  readonly joinings = new WaitQueue();
  /** Who waits until the process may end. */
  readonly leavings = new WaitQueue();
  /** Told of every message to another rank, inside the call that sends it. */
  onSend: ((message: Message) => void) | undefined;
  /** Told when the program has read a message. */
  onReceive: ((message: Message) => void) | undefined;
  /** Told when the program gives up for all ranks; it ends itself afterwards. */
  onAbort: ((code: number) => void) | undefined;
  /** Told of every number the program publishes. */
  onValue: ((name: string, value: number) => void) | undefined;
  /** Whether the process may end now. After a no, {@linkcode wakeLeaving} asks again. */
  mayLeave: () => boolean = () => true;
  private isHeld = false;
  private blocked = 0;
  /** Since which cycle a thread's call waits for this endpoint to let it go on. */
  private readonly blockedSince = new Map<number, number>();

  constructor({ rank, size, nodeName, record }: EndpointOptions) {
    const isSize = Number.isInteger(size) && size >= 1 && size <= MOST_RANKS;
    if (!isSize || !Number.isInteger(rank) || rank < 0 || rank >= size) {
      throw new RangeError(
        `endpoint: expected a rank from 0 to size - 1, found rank ${rank} of size ${size}`,
      );
    }
    this.rank = rank;
    this.size = size;
    this.nodeName = nodeName;
    this.inbox = [...record?.inbox ?? []];
    this.sent = new Map(record?.sent);
    this.values = new Map(record?.values);
  }

  /** While true, the application neither sends, receives nor ends: such calls wait. */
  get held(): boolean {
    return this.isHeld;
  }

  hold(): void {
    this.isHeld = true;
  }

  /** The application goes on; who wants to end asks again. */
  release(): void {
    this.isHeld = false;
    this.releases.wake();
    this.wakeLeaving();
  }

  /** Sends to that rank wait until {@linkcode releaseTo}. */
  holdTo(rank: number): void {
    this.heldTo.add(rank);
  }

  releaseTo(rank: number): void {
    if (this.heldTo.delete(rank)) this.releases.wake();
  }

  /** A process has begun. */
  join(rank: number): void {
    if (this.absent.delete(rank)) this.joinings.wake();
  }

  /** Who wants to end asks again whether it may. */
  wakeLeaving(): void {
    this.leavings.wake();
  }

  /** A message has arrived, held or not. Throws `RangeError` for one that is not for this rank. */
  deliver(message: Message): void {
    const { from, to } = message;
    if (to !== this.rank || from < 0 || from >= this.size) {
      throw new RangeError(
        `endpoint ${this.rank} of ${this.size}: expected a message from a rank to itself, ` +
          `found one from ${from} to ${to}; deliver it to its receiver`,
      );
    }
    this.inbox.push(message);
    this.arrivals.wake();
  }

  /** Takes the next sequence and gives the message away; one to itself arrives at once. */
  send(to: number, tag: number, bytes: Uint8Array): void {
    const sequence = this.sent.get(to) ?? 0;
    this.sent.set(to, sequence + 1);
    const message: Message = { from: this.rank, to, tag, sequence, bytes };
    if (to === this.rank) this.deliver(message);
    else this.onSend?.(message);
  }

  /** The first message in the order of arrival that matches; -1 matches everything. */
  find(from: number, tag: number): Message | undefined {
    return this.inbox.find((message) =>
      (from === -1 || message.from === from) && (tag === -1 || message.tag === tag)
    );
  }

  /** The program has read a message of the inbox. */
  take(message: Message): void {
    this.inbox.splice(this.inbox.indexOf(message), 1);
    this.onReceive?.(message);
  }

  /** Publishes a number under a name. */
  publish(name: string, value: number): void {
    this.values.set(name, value);
    this.onValue?.(name, value);
  }

  /**
   * Cycles that calls have waited to send, receive or end while they might not, each thread by
   * itself; not the wait for a message. `waits`: whether a thread is in a call that waits.
   */
  blockedUntil(now: number, waits: (thread: number) => boolean): number {
    let under = 0;
    for (const [thread, since] of this.blockedSince) if (waits(thread)) under += now - since;
    return this.blocked + under;
  }

  /**
   * Counts the time of a thread's call at each of its turns. `repeated`: it is not its first turn;
   * `blocks`: it may not go on now.
   */
  countBlocked(thread: number, now: number, repeated: boolean, blocks: boolean): void {
    const since = this.blockedSince.get(thread);
    // A mark of a call before this one is stale: a signal has ended that call's wait.
    if (since !== undefined && repeated) this.blocked += now - since;
    if (blocks) this.blockedSince.set(thread, now);
    else this.blockedSince.delete(thread);
  }
}
