/**
 * Lines of checkpoints that nobody declares: a protocol says of each as it is taken of which lines it
 * is a part. Whenever one becomes durable, the newest line of which all processes have their part must
 * have no orphan, and every message in transit must be kept by its sender's checkpoint; so wherever
 * the world stops, that line is there to go back to. As long as nothing has failed, nobody may leave
 * out a line that all have reached.
 */
import type { ProcessId } from "../cluster/protocol.ts";
import { NO_LINES } from "./explorer_actors.ts";
import { type Rules, violate } from "./explorer_rules.ts";
import type { Fitting, LocalCheckpoint, Situation } from "./explorer_situation.ts";
import { messageName } from "./explorer_step.ts";

/** A process that goes back to its beginning. */
const AT_FIRST: Fitting = { sent: 0, arrived: 0, kept: 0, lines: NO_LINES };

const isPartOf = ({ lines: { first, last } }: Fitting, line: number): boolean =>
  first <= line && line <= last;

/** A checkpoint that says of which lines it is a part is durable: the newest line holds. */
export function withFitting(
  moment: Situation,
  who: ProcessId,
  { sent, arrived, kept, lines }: LocalCheckpoint,
  rules: Rules,
): void {
  const fitting = moment.fitting.map((list, each) =>
    each === who ? [...list, { sent, arrived, kept, lines }] : list
  );
  const begun = fitting.filter((_, each) => moment.life[each] !== "unborn");
  let newest = Math.min(...begun.map((list) => list.at(-1)?.lines.last ?? 0));
  const isThere = (line: number) => begun.every((list) => list.some((one) => isPartOf(one, line)));
  if (newest > 0 && !moment.excused && !isThere(newest)) {
    violate(rules, "incomplete", `all have reached line ${newest}, but not all have a part of it`);
  }
  while (newest > 0 && !isThere(newest)) newest--;
  // What lies before that is never needed again: to forget it makes more moments equal.
  moment.fitting = fitting.map((list) => list.filter((each) => each.lines.last >= newest));
  checkFitting(moment.fitting, newest, rules);
}

function checkFitting(fitting: readonly (readonly Fitting[])[], line: number, rules: Rules): void {
  const at = (who: ProcessId) => fitting[who]?.find((each) => isPartOf(each, line)) ?? AT_FIRST;
  rules.messages.forEach((message, bit) => {
    const sender = at(message.from), receiver = at(message.to), name = messageName(message);
    const isSent = message.index < sender.sent;
    const hasArrived = (receiver.arrived & (1 << bit)) !== 0;
    const isKept = (sender.kept & (1 << bit)) !== 0;
    if (hasArrived && !isSent) {
      violate(rules, "orphan", `${name} is received in line ${line}, but not sent`);
    }
    if (isSent && !hasArrived && !isKept) {
      violate(rules, "lost", `${name} is sent in line ${line}, but neither received nor kept`);
    }
  });
}
