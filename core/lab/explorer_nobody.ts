/**
 * Messages to whoever is no longer there. They come to nothing whenever they arrive, so they are
 * nowhere from the beginning: when each of them arrived would be moments of no difference.
 */
import type { ProcessId, Protocol } from "../cluster/protocol.ts";
import type { Situation } from "./explorer_situation.ts";

/** In `actors`, for a process of which none is there. */
export const NOBODY = -1;

/** The protocol of one that has ended still answers. */
const isAskedAllTheSame = ({ alone }: Situation, { tentative }: Protocol): boolean =>
  alone !== undefined || tentative === true;

/** Nobody will hear that message to the process, whatever else happens. */
export function isForNobody(
  moment: Situation,
  to: ProcessId,
  packet: number,
  protocol: Protocol,
): boolean {
  const { life } = moment;
  // Over new channels a lost process comes back.
  if (life[to] === "lost") return true;
  return life[to] === "gone" && (packet < 0 || !isAskedAllTheSame(moment, protocol));
}

/** A process ends now or is lost: nothing is left of what only it would have heard or known. */
export function withoutAll(moment: Situation, who: ProcessId, protocol: Protocol): void {
  const stations = moment.life.length + 1;
  moment.channels = moment.channels.map((packets, channel) =>
    channel % stations === who && packets.length > 0
      ? packets.filter((packet) => !isForNobody(moment, who, packet, protocol))
      : packets
  );
  const isLost = moment.life[who] === "lost";
  if (isLost || moment.alone === undefined) {
    moment.timers = moment.timers.filter((each) => !each.startsWith(`${who} `));
  }
  if (isLost || !isAskedAllTheSame(moment, protocol)) {
    moment.actors = moment.actors.with(who, NOBODY);
  }
}
