/**
 * What one process has done in its present timeline, and what of it lies before each cut. A restart
 * takes the timeline back to a cut: to what the image holds, not to what it should hold.
 */
import type { MessageId } from "../cluster/facts.ts";
import type { ProcessId } from "../cluster/protocol.ts";
import type { Clock } from "./audit_clocks.ts";
import { MessageBag } from "./audit_sequences.ts";

/** What an image says of its process's messages; those of a process to itself do not count. */
export interface CutFacts {
  /** The receive buffer. */
  readonly inbox: readonly Pick<MessageId, "from" | "sequence">[];
  /** How many messages were sent to whom. */
  readonly sent: Iterable<readonly [ProcessId, number]>;
}

/** One process's part of a line: what happened before it, and what the image says. */
export interface Cut {
  readonly process: ProcessId;
  /** ns. */
  readonly at: number;
  /** The process ended here: there is no image, and it needs none. */
  readonly ended: boolean;
  readonly sent: ReadonlyMap<ProcessId, number>;
  readonly arrived: MessageBag;
  readonly delivered: MessageBag;
  /** The image's receive buffer. */
  readonly inbox: MessageBag;
  /** What a log keeps of the channels to this process. */
  readonly log: MessageBag;
  /** What the sender's log keeps of the channels from this process, by receiver. */
  readonly kept: MessageBag;
  readonly clock: Clock | undefined;
  /** Taken when clocks meant nothing: some process depended on what is undone. */
  readonly broken: boolean;
  /** What the image says wrongly, in words. */
  readonly strange: readonly string[];
}

/** The messages a process has had when it goes on from a cut: read, or in the image to be read. */
function restoredMessages({ delivered, inbox }: Cut): MessageBag {
  const messages = delivered.copy();
  messages.addAll(inbox);
  return messages;
}

/** The messages a restart from a cut does not lose: restored, or in a log. */
export function savedMessages(cut: Cut): MessageBag {
  const messages = restoredMessages(cut);
  messages.addAll(cut.log);
  return messages;
}

/** Of each process, who has sent to it or is in one of its bags, ascending. */
export function sendersTo(
  parts: Iterable<{
    readonly process: ProcessId;
    readonly sent: ReadonlyMap<ProcessId, number>;
    readonly bags: readonly MessageBag[];
  }>,
): (receiver: ProcessId) => readonly ProcessId[] {
  const senders = new Map<ProcessId, Set<ProcessId>>();
  const add = (from: ProcessId, to: ProcessId) => {
    const known = senders.get(to);
    if (known === undefined) senders.set(to, new Set([from]));
    else known.add(from);
  };
  for (const { process, sent, bags } of parts) {
    for (const to of sent.keys()) add(process, to);
    for (const bag of bags) for (const from of bag.senders()) add(from, process);
  }
  return (receiver) => [...senders.get(receiver) ?? []].sort((a, b) => a - b);
}

/** One process in its present timeline. */
export class Timeline {
  sent = new Map<ProcessId, number>();
  arrived = new MessageBag();
  delivered = new MessageBag();
  clock: Clock | undefined;
  /** Its cuts, those of its life before a restart up to the one it began from. */
  history: Cut[] = [];
  /** Where it ended. */
  end: Cut | undefined;

  /** `count`: of processes, for its clock; without it there is none. */
  constructor(readonly process: ProcessId, private readonly count: number | undefined) {
    this.clock = this.newClock();
  }

  /** A fact of its own. */
  tick(): void {
    const { clock, process } = this;
    if (clock !== undefined) clock[process] = (clock[process] as number) + 1;
  }

  /** What lies before now, as the part of a line. */
  cut(facts: CutFacts, at: number, broken: boolean): Cut {
    const cut = { ...this.here(at, broken), inbox: new MessageBag(), strange: this.wrongIn(facts) };
    for (const { from, sequence } of facts.inbox) {
      if (from !== this.process) cut.inbox.add(from, sequence);
    }
    this.history.push(cut);
    return cut;
  }

  /** It ends by itself. */
  finish(at: number, broken: boolean): void {
    this.end = { ...this.here(at, broken), ended: true };
  }

  /** Goes on from a cut, or from its beginning. */
  goBack(cut: Cut | undefined): void {
    this.end = undefined;
    this.sent = new Map(cut?.sent);
    this.arrived = cut === undefined ? new MessageBag() : restoredMessages(cut);
    this.delivered = cut?.delivered.copy() ?? new MessageBag();
    this.clock = cut?.clock?.slice() ?? this.newClock();
    this.history = cut === undefined ? [] : this.historyUpTo(cut);
  }

  private historyUpTo(cut: Cut): Cut[] {
    const place = this.history.indexOf(cut);
    return place < 0 ? [cut] : this.history.slice(0, place + 1);
  }

  private newClock(): Clock | undefined {
    return this.count === undefined ? undefined : new Uint32Array(this.count);
  }

  private here(at: number, broken: boolean): Cut {
    return {
      process: this.process,
      at,
      ended: false,
      sent: new Map(this.sent),
      arrived: this.arrived.copy(),
      delivered: this.delivered.copy(),
      inbox: new MessageBag(),
      log: new MessageBag(),
      kept: new MessageBag(),
      clock: this.clock?.slice(),
      broken,
      strange: [],
    };
  }

  /** How many messages it sent to each, where the image says otherwise. */
  private wrongIn(facts: CutFacts): readonly string[] {
    const said = new Map(facts.sent);
    said.delete(this.process);
    const receivers = new Set([...said.keys(), ...this.sent.keys()]);
    const wrong: string[] = [];
    for (const to of [...receivers].sort((a, b) => a - b)) {
      const [image, facts] = [said.get(to) ?? 0, this.sent.get(to) ?? 0];
      if (image === facts) continue;
      wrong.push(
        `the image of process ${this.process} says it sent ${image} messages to process ${to}: ` +
          `expected ${facts}`,
      );
    }
    return wrong;
  }
}
