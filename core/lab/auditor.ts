/**
 * The auditor: it trusts no protocol. It is told what happened, in the order of virtual time, and
 * judges lines and the run by that alone; messages of a process to itself do not concern it.
 */
import type { MessageId } from "../cluster/facts.ts";
import type { ProcessId } from "../cluster/protocol.ts";
import { mergeClock, Stamps } from "./audit_clocks.ts";
import { auditLine, type Line, type LineAudit } from "./audit_line.ts";
import { type Candidates, recoveryLineOf, type RecoveryPart } from "./audit_recovery.ts";
import { auditRun, MOST_SHOWN, type RunAudit } from "./audit_run.ts";
import { SequenceSet } from "./audit_sequences.ts";
import { type Cut, type CutFacts, Timeline } from "./audit_timeline.ts";

/** The auditor was asked of something it was never told of. */
export class AuditError extends Error {
  override readonly name = "AuditError";
}

/** What the auditor must know. */
export interface AuditorOptions {
  /** How many processes there are. */
  readonly count: number;
  /** Also judge lines by vector clocks; default: up to 256 processes. */
  readonly vectorClocks?: boolean;
}

/** A process of a restart, and where it goes on from; undefined: its beginning. */
export interface RestartPart {
  readonly process: ProcessId;
  readonly label: string | undefined;
}

const MOST_WITH_CLOCKS = 256;

/** What is known of a label. */
interface Labelled {
  readonly cuts: Map<ProcessId, Cut>;
  line?: Pick<Line, "cuts" | "sound" | "strange">;
  aborted?: string;
}

/**
 * Judges what protocols do.
 *
 * @example
 * ```ts
 * import { Auditor } from "./auditor.ts";
 * const auditor = new Auditor({ count: 2 });
 * auditor.cut("c1", 0, { inbox: [], sent: [] }, 1000);
 * auditor.sent({ from: 0, to: 1, sequence: 0 }, 2000);
 * auditor.arrived({ from: 0, to: 1, sequence: 0 }, 3000);
 * auditor.cut("c1", 1, { inbox: [{ from: 0, sequence: 0 }], sent: [] }, 4000);
 * auditor.declared("c1", [0, 1]);
 * const { consistent, orphans, clocksAgree } = auditor.line("c1");
 * if (consistent || orphans.length !== 1 || !clocksAgree) throw new Error("unreachable");
 * ```
 */
export class Auditor {
  private readonly timelines: readonly Timeline[];
  private readonly stamps = new Stamps();
  private readonly labels = new Map<string, Labelled>();
  private readonly strange: string[] = [];
  private readonly contents = new Map<string, string>();
  private discardedCount = 0;
  /** Somebody depends on what a restart has undone: until all go back, clocks mean nothing. */
  private broken = false;

  constructor({ count, vectorClocks = count <= MOST_WITH_CLOCKS }: AuditorOptions) {
    this.timelines = Array.from(
      { length: count },
      (_, process) => new Timeline(process, vectorClocks ? count : undefined),
    );
  }

  /** A process has sent a message; `content` tells it from others that it might have sent instead. */
  sent(message: MessageId, at: number, content?: string): void {
    const { from, to, sequence } = message;
    if (from === to) return;
    if (content !== undefined) this.compare(message, content, at);
    const sender = this.timeline(from);
    const next = sender.sent.get(to) ?? 0;
    if (sequence !== next) this.wonder(`${name(message)} is sent at ${at} ns: expected #${next}`);
    sender.sent.set(to, Math.max(next, sequence + 1));
    sender.tick();
    if (sender.clock !== undefined) this.stamps.put(message, sender.clock);
  }

  /** A message has come to a process's receive buffer. */
  arrived(message: MessageId, at: number): void {
    if (message.from === message.to) return;
    const receiver = this.timeline(message.to);
    receiver.tick();
    if (receiver.end !== undefined) {
      this.wonder(`${name(message)} arrives at ${at} ns, but process ${message.to} has ended`);
    }
    this.learn(receiver, message);
    receiver.arrived.add(message.from, message.sequence);
  }

  /** A message has come once more, and its receiver does not get it: if it is needed, it is lost. */
  repeated(message: MessageId): void {
    this.stamps.take(message);
  }

  /** A process has read a message. */
  delivered({ from, to, sequence }: MessageId, at: number): void {
    if (from === to) return;
    const receiver = this.timeline(to);
    receiver.tick();
    receiver.delivered.add(from, sequence);
    const { arrived, delivered } = receiver;
    if (delivered.times(from, sequence) > arrived.times(from, sequence)) {
      const times = arrived.times(from, sequence);
      this.wonder(
        `${name({ from, to, sequence })} is read at ${at} ns for the ` +
          `${delivered.times(from, sequence)}. time, but has arrived ${times} times`,
      );
    }
  }

  /** A process has ended by itself: what it did not read is not lost. */
  ended(process: ProcessId, at: number): void {
    const timeline = this.timeline(process);
    timeline.tick();
    timeline.finish(at, this.broken);
  }

  /** A process's checkpoint was cut here; `facts` is what the image says. */
  cut(label: string, process: ProcessId, facts: CutFacts, at: number): void {
    const timeline = this.timeline(process);
    timeline.tick();
    this.labelled(label).cuts.set(process, timeline.cut(facts, at, this.broken));
  }

  /** A log keeps these messages to a process, for a restart from that label. */
  logged(
    label: string,
    process: ProcessId,
    messages: Iterable<Pick<MessageId, "from" | "sequence">>,
  ): void {
    const { log } = this.cutOf(label, process);
    for (const { from, sequence } of messages) if (from !== process) log.add(from, sequence);
  }

  /** The sender's log of that checkpoint keeps these messages of the process. */
  kept(
    label: string,
    process: ProcessId,
    messages: Iterable<Pick<MessageId, "to" | "sequence">>,
  ): void {
    const { kept } = this.cutOf(label, process);
    for (const { to, sequence } of messages) if (to !== process) kept.add(to, sequence);
  }

  /** It has come to its receiver, in what the receiver's present timeline is. */
  hasArrived({ from, to, sequence }: MessageId): boolean {
    return this.timeline(to).arrived.has(from, sequence);
  }

  /** From how many others the process had received, at its cut of that label, what the cut before has not. */
  sendersSince(process: ProcessId, label: string, before: string | undefined): number {
    const { arrived } = this.cutOf(label, process);
    const old = before === undefined ? undefined : this.cutOf(before, process).arrived;
    return arrived.senders().filter((from) => {
      const known = old?.from(from) ?? SequenceSet.empty();
      return arrived.from(from).minus(known).next().done !== true;
    }).length;
  }

  /** The process has gone back to before that checkpoint. */
  isUndone(label: string, process: ProcessId): boolean {
    return !this.timeline(process).history.includes(this.cutOf(label, process));
  }

  /** The protocol says that the line is done, and whose checkpoints it consists of. */
  declared(label: string, members: readonly ProcessId[]): void {
    const labelled = this.labelled(label);
    labelled.line = this.lineOf(labelled, members);
  }

  /** The protocol has given the line up. */
  aborted(label: string, why: string): void {
    this.labelled(label).aborted = why;
  }

  /** Messages that were in flight at a restart, and are gone. */
  discarded(messages: Iterable<MessageId>): void {
    for (const message of messages) {
      if (message.from === message.to) continue;
      this.discardedCount++;
      this.stamps.take(message);
    }
  }

  /** Processes go on from their cuts: what they did since is undone. */
  restarted(parts: readonly RestartPart[], at: number): void {
    const cuts = parts.map(({ process, label }) =>
      label === undefined ? undefined : this.cutOf(label, process)
    );
    for (const [i, { process, label }] of parts.entries()) {
      const timeline = this.timeline(process), cut = cuts[i];
      if (cut !== undefined && cut.at > at) {
        this.wonder(
          `process ${process} is restarted at ${at} ns from '${label}', cut at ${cut.at} ns`,
        );
      }
      timeline.goBack(cut);
      this.stamps.unsend(process, timeline.sent);
    }
    const survivors = this.timelines.length > new Set(parts.map(({ process }) => process)).size;
    this.broken = (this.broken && survivors) || cuts.some((cut) => cut?.broken) ||
      this.hasOrphans();
    for (const cut of cuts) if (cut !== undefined) this.learnFromImage(cut);
  }

  /**
   * What is true of a line. If the protocol has not declared it, all processes with that label are
   * its members.
   *
   * @throws {AuditError} for a label without any cut.
   */
  line(label: string): LineAudit {
    const labelled = this.labels.get(label);
    if (labelled === undefined) {
      const known = [...this.labels.keys()].join(", ") || "none";
      throw new AuditError(`line '${label}': expected a label that was cut, found only ${known}`);
    }
    const line = labelled.line ?? this.lineOf(labelled, [...labelled.cuts.keys()]);
    const whole = line.cuts.size === this.timelines.length;
    return auditLine({ ...line, whole, aborted: labelled.aborted });
  }

  /** What is true of the run now; `inFlight`: the messages that may still arrive. */
  run(inFlight: Iterable<MessageId>): RunAudit {
    return auditRun(this.timelines, inFlight, {
      discarded: this.discardedCount,
      strange: this.strange,
    });
  }

  /**
   * The latest checkpoints that fit together: no orphans, and no message that nobody saves. Only the
   * given processes go back.
   *
   * @throws {AuditError} for a label that is not a checkpoint of the process.
   */
  recoveryLine(candidates: readonly Candidates[]): readonly RecoveryPart[] {
    const falls = recoveryLineOf(candidates.map(({ process, labels }) => (
      { process, cuts: labels.map((label) => this.cutOf(label, process)) }
    )));
    return falls.map(({ process, fellBack }, i) => (
      { process, label: candidates[i]?.labels[fellBack], fellBack }
    ));
  }

  private timeline(process: ProcessId): Timeline {
    const timeline = this.timelines[process];
    if (timeline !== undefined) return timeline;
    throw new AuditError(
      `expected a process from 0 to ${this.timelines.length - 1}, found ${process}`,
    );
  }

  private labelled(label: string): Labelled {
    let labelled = this.labels.get(label);
    if (labelled === undefined) this.labels.set(label, labelled = { cuts: new Map() });
    return labelled;
  }

  private cutOf(label: string, process: ProcessId): Cut {
    const cut = this.labels.get(label)?.cuts.get(process);
    if (cut !== undefined) return cut;
    const of = [...this.labels].filter(([, { cuts }]) => cuts.has(process)).map(([name]) => name);
    throw new AuditError(
      `expected a checkpoint '${label}' of process ${process}, found ${of.join(", ") || "none"}`,
    );
  }

  /** Cuts of the members, and the ends of those that have ended and are none. */
  private lineOf(
    labelled: Labelled,
    members: readonly ProcessId[],
  ): Pick<Line, "cuts" | "sound" | "strange"> {
    const cuts = new Map<ProcessId, Cut>(), strange: string[] = [];
    let sound = !this.broken;
    for (const { process, history, end } of this.timelines) {
      if (!members.includes(process)) {
        if (end !== undefined) cuts.set(process, end);
        continue;
      }
      const cut = labelled.cuts.get(process);
      if (cut === undefined) strange.push(`process ${process} is a member, but has no cut`);
      else {
        cuts.set(process, cut);
        if (history.includes(cut)) continue;
        sound = false;
        strange.push(`the cut of process ${process} at ${cut.at} ns was undone by a restart`);
      }
    }
    return { cuts, sound, strange };
  }

  /** The receiver's clock takes over what the sender knew when it sent. */
  private learn(receiver: Timeline, message: MessageId): void {
    const { from, to, sequence } = message;
    const sender = this.timeline(from);
    if ((sender.sent.get(to) ?? 0) <= sequence) this.broken = true;
    if (receiver.clock === undefined) return;
    const stamp = this.stamps.take(message);
    if (stamp !== undefined) return mergeClock(receiver.clock, stamp);
    // It has come before, or comes out of a log or an image: lines are judged alike if it knew all up to its sender's next cut.
    const next = sender.history.find((cut) => (cut.sent.get(to) ?? 0) > sequence);
    const clock = next?.clock ?? sender.clock;
    if (clock !== undefined) mergeClock(receiver.clock, clock);
  }

  /** Messages come back with an image that perhaps had not arrived before the cut. */
  private learnFromImage(cut: Cut): void {
    const receiver = this.timeline(cut.process);
    for (const [from, sequence] of cut.inbox) {
      this.learn(receiver, { from, to: cut.process, sequence });
    }
  }

  private hasOrphans(): boolean {
    return this.timelines.some(({ process, arrived }) =>
      arrived.senders().some((from) => {
        const sent = SequenceSet.below(this.timelines[from]?.sent.get(process) ?? 0);
        return arrived.from(from).minus(sent).next().done !== true;
      })
    );
  }

  /** Sent once more after a restart, a message that somebody has must be what it was. */
  private compare(message: MessageId, content: string, at: number): void {
    const id = name(message), before = this.contents.get(id);
    this.contents.set(id, content);
    if (before === undefined || before === content || !this.hasArrived(message)) return;
    this.wonder(
      `${id} is sent once more at ${at} ns with other contents than process ${message.to} has`,
    );
  }

  private wonder(what: string): void {
    if (this.strange.length < MOST_SHOWN) this.strange.push(what);
  }
}

const name = ({ from, to, sequence }: MessageId): string => `message ${from}->${to}#${sequence}`;
