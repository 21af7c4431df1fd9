/** An explored world's messages as bits: each has the bit of its number. */
import type { ProcessId, Withheld } from "../cluster/protocol.ts";
import type { Rules } from "./explorer_rules.ts";
import { messageIn, packetOf, type Sent, type Situation } from "./explorer_situation.ts";

/** The bits of what holds for, by place. */
export const bitsOf = <T>(items: readonly T[], holds: (item: T) => boolean): number =>
  items.reduce((bits, item, bit) => holds(item) ? bits | 1 << bit : bits, 0);

/** All messages to a process. */
export const bitsTo = (messages: readonly Sent[], who: ProcessId): number =>
  bitsOf(messages, ({ to }) => to === who);

/** What each log keeps, when a process has pruned what it sent to another below that number. */
export function withoutBelow(
  kept: readonly number[],
  who: ProcessId,
  { to, below }: { readonly to: ProcessId; readonly below: number },
  messages: readonly Sent[],
): readonly number[] {
  const pruned = bitsOf(
    messages,
    (sent) => sent.from === who && sent.to === to && sent.number < below,
  );
  return kept.with(who, (kept[who] ?? 0) & ~pruned);
}

/** Of what a process's log keeps the message of that number to another, if it keeps it. */
export function keptPackets(
  { kept }: Situation,
  who: ProcessId,
  { to, number }: { readonly to: ProcessId; readonly number: number },
  { messages }: Rules,
): readonly number[] {
  return messages.flatMap((sent, bit) => {
    const isIt = sent.from === who && sent.to === to && sent.number === number;
    return isIt && ((kept[who] ?? 0) & (1 << bit)) !== 0 ? [packetOf(bit)] : [];
  });
}

/** What members are told of a message besides where it goes; only those with a log. */
export function numbered(
  { actors: { protocol }, messages }: Pick<Rules, "actors" | "messages">,
  message: number,
): { readonly number?: number } {
  const { number } = messages[message] as Sent;
  return protocol.log === true ? { number } : {};
}

/** Of packets that are withheld, those, in their order; and what is left. */
export function withheldOf(
  packets: readonly number[],
  which: readonly Withheld[],
  { messages }: Rules,
): { readonly taken: readonly number[]; readonly left: readonly number[] } {
  const left = [...packets], taken: number[] = [];
  for (const { from, number } of which) {
    const place = left.findIndex((packet) => {
      const message = messages[messageIn(packet)];
      return message?.from === from && message.number === number;
    });
    if (place >= 0) taken.push(...left.splice(place, 1));
  }
  return { taken, left };
}
