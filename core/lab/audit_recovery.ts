/**
 * The recovery line: of each process's checkpoints the latest that fit together. An orphan sends its
 * receiver further back, a message that nobody saves its sender, the sender's own log included; one
 * step back may ask for the next, which is the domino effect.
 */
import type { ProcessId } from "../cluster/protocol.ts";
import { MessageBag, SequenceSet } from "./audit_sequences.ts";
import { type Cut, savedMessages, sendersTo } from "./audit_timeline.ts";

/** One process's checkpoints that may be restarted from, newest first. */
export interface Candidates {
  readonly process: ProcessId;
  readonly labels: readonly string[];
}

/** Where one process goes back to. */
export interface RecoveryPart {
  readonly process: ProcessId;
  /** Undefined: its beginning. */
  readonly label: string | undefined;
  /** How many of its checkpoints are newer: 0 for the newest. */
  readonly fellBack: number;
}

/** A place a process may go back to; without a cut it is its beginning. */
interface Place {
  readonly cut: Cut | undefined;
  readonly saved: MessageBag;
}

interface Falling {
  readonly process: ProcessId;
  readonly places: readonly Place[];
  at: number;
}

/** The places of a process, newest first; the beginning is the last. */
function placesOf(cuts: readonly Cut[]): readonly Place[] {
  const places: Place[] = cuts.map((cut) => ({ cut, saved: savedMessages(cut) }));
  return [...places, { cut: undefined, saved: new MessageBag() }];
}

const hasAny = (numbers: Generator<number>): boolean => numbers.next().done !== true;

/** Who must fall back because of the channel between two, if anybody must. */
function mustFall(sender: Falling, receiver: Falling): Falling | undefined {
  const from = sender.places[sender.at] as Place, to = receiver.places[receiver.at] as Place;
  const sent = SequenceSet.below(from.cut?.sent.get(receiver.process) ?? 0);
  const arrived = to.cut?.arrived.from(sender.process) ?? SequenceSet.empty();
  const saved = to.saved.from(sender.process);
  if (hasAny(arrived.minus(sent)) || hasAny(saved.minus(sent))) return receiver;
  for (const sequence of sent.minus(saved)) {
    if (from.cut?.kept.has(receiver.process, sequence) !== true) return sender;
  }
  return undefined;
}

/** The latest places that fit together. */
export function recoveryLineOf(
  candidates: readonly { readonly process: ProcessId; readonly cuts: readonly Cut[] }[],
): readonly { readonly process: ProcessId; readonly fellBack: number }[] {
  const all: Falling[] = candidates.map(({ process, cuts }) => (
    { process, places: placesOf(cuts), at: 0 }
  ));
  const byProcess = new Map(all.map((falling) => [falling.process, falling]));
  const sendersOf = sendersTo(all.flatMap(({ process, places }) =>
    places.map(({ cut, saved }) => ({
      process,
      sent: cut?.sent ?? new Map<ProcessId, number>(),
      bags: cut === undefined ? [] : [cut.arrived, saved],
    }))
  ));
  for (let moved = true; moved;) {
    moved = false;
    for (const receiver of all) {
      for (const from of sendersOf(receiver.process)) {
        const sender = byProcess.get(from);
        if (sender === undefined) continue;
        for (let who = mustFall(sender, receiver); who !== undefined;) {
          who.at++;
          moved = true;
          who = mustFall(sender, receiver);
        }
      }
    }
  }
  return all.map(({ process, at }) => ({ process, fellBack: at }));
}
