/**
 * The audit of a line: a cut of each process, judged by what happened before each. Orphan: arrived
 * before the receiver's cut, but sent after the sender's. In transit: sent before, not arrived
 * before. Buffered: arrived, but not read before the cut.
 */
import type { MessageId } from "../cluster/facts.ts";
import type { ProcessId } from "../cluster/protocol.ts";
import { type Clock, clocksConsistent } from "./audit_clocks.ts";
import { type MessageBag, SequenceSet } from "./audit_sequences.ts";
import { type Cut, savedMessages, sendersTo } from "./audit_timeline.ts";

/** Where a message in transit is kept. */
export type SavedBy = "receive buffer" | "channel log" | "sender's log";

/** What is true of a line, whatever the protocol says. Lists are ordered by receiver, sender, number. */
export interface LineAudit {
  /** Whose images it consists of, ascending. */
  readonly members: readonly ProcessId[];
  /** No orphans. */
  readonly consistent: boolean;
  /** Received before the cut, or recorded behind it, though sent after the sender's. */
  readonly orphans: readonly MessageId[];
  readonly inTransit: readonly {
    readonly message: MessageId;
    readonly savedBy: SavedBy | undefined;
  }[];
  readonly buffered: readonly MessageId[];
  /** In transit and saved by nobody, or buffered and missing in the image. */
  readonly lost: readonly MessageId[];
  /** A restart would have them twice, or the process already had. */
  readonly duplicated: readonly MessageId[];
  /** What the images say that cannot be, in words. */
  readonly strange: readonly string[];
  /**
   * Whether vector clocks judge the line alike. Undefined without clocks, and where they mean
   * nothing: in a history in which somebody depends on what a restart has undone.
   */
  readonly clocksAgree: boolean | undefined;
  /** Why the protocol gave it up, if it did. */
  readonly aborted: string | undefined;
}

/** What a line consists of. */
export interface Line {
  /** A cut of each member, and the end of each that had ended. */
  readonly cuts: ReadonlyMap<ProcessId, Cut>;
  /** All processes there are take part. */
  readonly whole: boolean;
  /** Its cuts belong to one history. */
  readonly sound: boolean;
  readonly strange: readonly string[];
  readonly aborted: string | undefined;
}

type Found =
  & {
    -readonly [Key in "orphans" | "buffered" | "lost" | "duplicated"]: MessageId[];
  }
  & {
    readonly inTransit: { message: MessageId; savedBy: SavedBy | undefined }[];
    strange: string[];
    /** Orphans that arrived behind the cut: clocks do not see what was recorded. */
    misrecorded: number;
  };

/** Looks at every channel between two of the line. */
export function auditLine(line: Line): LineAudit {
  const found: Found = {
    orphans: [],
    inTransit: [],
    buffered: [],
    lost: [],
    duplicated: [],
    strange: [...line.strange],
    misrecorded: 0,
  };
  const cuts = [...line.cuts.values()].sort((a, b) => a.process - b.process);
  const judged = cuts.map((cut) => ({ cut, saved: savedMessages(cut) }));
  const sendersOf = sendersTo(judged.map(({ cut: { process, sent, arrived }, saved }) => (
    { process, sent, bags: [arrived, saved] }
  )));
  for (const receiver of judged) {
    found.strange.push(...receiver.cut.strange);
    for (const from of sendersOf(receiver.cut.process)) {
      const sender = line.cuts.get(from);
      if (sender === undefined) continue;
      auditChannel(sender, receiver, found);
    }
  }
  const { misrecorded, ...lists } = found;
  const consistent = lists.orphans.length === 0;
  return {
    ...lists,
    members: cuts.filter(({ ended }) => !ended).map(({ process }) => process),
    consistent,
    clocksAgree: clocksAgree(line, lists.orphans.length === misrecorded),
    aborted: line.aborted,
  };
}

function auditChannel(
  { process: from, sent: sentTo, kept }: Cut,
  { cut: receiver, saved }: { readonly cut: Cut; readonly saved: MessageBag },
  found: Found,
): void {
  const { process: to, arrived, delivered, inbox, log } = receiver;
  const sent = sentTo.get(to) ?? 0;
  const message = (sequence: number): MessageId => ({ from, to, sequence });
  const before = SequenceSet.below(sent), here = arrived.from(from);
  for (const sequence of here.minus(before)) found.orphans.push(message(sequence));
  for (const sequence of log.from(from).minus(before)) {
    if (here.has(sequence)) continue;
    found.orphans.push(message(sequence));
    found.misrecorded++;
  }
  if (receiver.ended) return;
  for (const sequence of before.minus(here)) {
    const savedBy = inbox.has(from, sequence)
      ? "receive buffer"
      : log.has(from, sequence)
      ? "channel log"
      : kept.has(to, sequence)
      ? "sender's log"
      : undefined;
    found.inTransit.push({ message: message(sequence), savedBy });
    if (savedBy === undefined) found.lost.push(message(sequence));
  }
  for (const sequence of here.minus(delivered.from(from))) {
    found.buffered.push(message(sequence));
    const isSaved = inbox.has(from, sequence) || kept.has(to, sequence);
    if (!isSaved) found.lost.push(message(sequence));
  }
  const twice = new Set([...arrived.repeated(from), ...saved.repeated(from)]);
  for (const sequence of [...twice].sort((a, b) => a - b)) found.duplicated.push(message(sequence));
  for (const sequence of kept.from(to).minus(before)) {
    found.strange.push(
      `the log of process ${from} holds message ${from}->${to}#${sequence}, of ${sent} it had sent`,
    );
  }
  noteStrange(from, sent, receiver, found.strange);
}

/** Messages an image holds though they were never sent or are read already. */
function noteStrange(from: ProcessId, sent: number, receiver: Cut, strange: string[]): void {
  const { process: to, arrived, delivered, inbox, log } = receiver;
  for (const [bag, where] of [[inbox, "the image"], [log, "the channel log"]] as const) {
    for (const sequence of bag.from(from).minus(SequenceSet.empty())) {
      const wrong = delivered.has(from, sequence) &&
          delivered.times(from, sequence) >= arrived.times(from, sequence)
        ? "it had read already"
        : sequence >= sent && !arrived.has(from, sequence)
        ? `of which process ${from} had sent ${sent}`
        : undefined;
      if (wrong === undefined) continue;
      strange.push(`${where} of process ${to} holds message ${from}->${to}#${sequence}, ${wrong}`);
    }
  }
}

function clocksAgree({ cuts, whole, sound }: Line, consistent: boolean): boolean | undefined {
  const clocks = new Map<ProcessId, Clock>();
  for (const [who, { clock }] of cuts) {
    if (clock === undefined || !sound) return undefined;
    clocks.set(who, clock);
  }
  const said = clocksConsistent(clocks);
  // Of some processes only, clocks also see what went through the others.
  return whole ? said === consistent : consistent || !said;
}
