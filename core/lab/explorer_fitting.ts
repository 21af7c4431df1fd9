/**
 * Lines of checkpoints that nobody declares: a protocol says of each as it is taken of which lines it
 * is a part. Whenever one becomes durable, the newest line of which all processes have their part must
 * have no orphan, and every message in transit must be kept by its sender's checkpoint; so wherever
 * the world stops, that line is there to go back to. As long as nothing has failed, nobody may leave
 * out a line that all have reached.
 *
 * And checkpoints that are tentative until a line is declared: then the newest permanent ones of all
 * processes must fit in the same way, those that are no part of that line, too.
 */
import type { ProcessId } from "../cluster/protocol.ts";
import { NO_LINES } from "./explorer_actors.ts";
import { type Rules, violate } from "./explorer_rules.ts";
import { BEGUN, type Fitting, type LocalCheckpoint, type Situation } from "./explorer_situation.ts";
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
  const at = (who: ProcessId) => moment.fitting[who]?.find((each) => isPartOf(each, newest));
  checkFitting(at, `line ${newest}`, rules);
}

/** A line is declared: the tentative checkpoints of its members are permanent. Tells how many dependencies it had. */
export function makePermanent(
  moment: Situation,
  members: readonly ProcessId[],
  rules: Rules,
): number {
  let heard = 0;
  for (const who of members) {
    const capture = moment.captures[who];
    if (capture === undefined) continue;
    heard += capture.heard;
    if (capture.stage !== "durable") continue;
    const { sent, arrived, kept, lines } = capture;
    moment.fitting = moment.fitting.with(who, [{ sent, arrived, kept, lines }]);
    const permanent = { ...BEGUN, heard: capture.heard, stage: "permanent" } as const;
    moment.captures = moment.captures.with(who, permanent);
  }
  checkFitting((who) => moment.fitting[who]?.at(-1), "the newest permanent checkpoints", rules);
  return heard;
}

/** What of all processes is given fits together; the beginning of those without any. */
function checkFitting(
  found: (who: ProcessId) => Fitting | undefined,
  where: string,
  rules: Rules,
): void {
  const at = (who: ProcessId) => found(who) ?? AT_FIRST;
  rules.messages.forEach((message, bit) => {
    const sender = at(message.from), receiver = at(message.to), name = messageName(message);
    const isSent = message.index < sender.sent;
    const hasArrived = (receiver.arrived & (1 << bit)) !== 0;
    const isKept = (sender.kept & (1 << bit)) !== 0;
    if (hasArrived && !isSent) {
      violate(rules, "orphan", `${name} is received in ${where}, but not sent`);
    }
    if (isSent && !hasArrived && !isKept) {
      violate(rules, "lost", `${name} is sent in ${where}, but neither received nor kept`);
    }
  });
}
