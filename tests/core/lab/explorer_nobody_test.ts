/** What is left, in explored worlds, of processes that have ended or were lost. */
import { assert, assertEquals } from "@std/assert";
import type { Protocol } from "../../../core/cluster/protocol.ts";
import { Actors } from "../../../core/lab/explorer_actors.ts";
import { type ExploreCase, exploreCase } from "../../../core/lab/explorer_case.ts";
import { NOBODY } from "../../../core/lab/explorer_nobody.ts";
import { rulesOf } from "../../../core/lab/explorer_rules.ts";
import { Codes, Seen } from "../../../core/lab/explorer_seen.ts";
import { beginning, putKey, type Situation } from "../../../core/lab/explorer_situation.ts";
import { dueSteps, possibleSteps } from "../../../core/lab/explorer_step.ts";
import { afterStep } from "../../../core/lab/explorer_world.ts";
import { counting2 } from "../../../plugins/protocols/counting_2.ts";
import { kooToueg } from "../../../plugins/protocols/koo_toueg.ts";
import { messageLogging } from "../../../plugins/protocols/message_logging.ts";

/** Every moment of a case. */
function* moments(protocol: Protocol, given: ExploreCase): Generator<Situation> {
  const rules = rulesOf(given, new Actors(protocol));
  const seen = new Seen(), codes = new Codes();
  const open = [beginning(rules.actors, given)];
  for (let moment = open.pop(); moment !== undefined; moment = open.pop()) {
    codes.length = 0;
    putKey(codes, moment);
    const before = seen.size;
    if (seen.numberOf(codes) < before) continue;
    yield moment;
    const steps = [
      ...dueSteps(moment, given, protocol),
      ...possibleSteps(moment, given, protocol),
    ];
    for (const step of steps) open.push(afterStep(moment, step, rules).moment);
  }
}

/** What is under way to a process. */
const packetsTo = ({ channels, life }: Situation, who: number): readonly number[] =>
  channels.flatMap((packets, channel) => channel % (life.length + 1) === who ? packets : []);

/** Whether of somebody in that state there was ever: an actor, a control message, any other. */
function leftOf(protocol: Protocol, state: "gone" | "lost", event: "kills" | "crashes") {
  let found = 0;
  const ever = { actor: false, control: false, message: false, timer: false };
  for (const moment of moments(protocol, exploreCase([[1], []], { [event]: 1, requests: 1 }))) {
    moment.life.forEach((life, who) => {
      if (life !== state) return;
      found++;
      const packets = packetsTo(moment, who);
      ever.actor ||= moment.actors[who] !== NOBODY;
      ever.control ||= packets.some((packet) => packet >= 0);
      ever.message ||= packets.some((packet) => packet < 0);
      ever.timer ||= moment.timers.some((timer) => timer.startsWith(`${who} `));
    });
  }
  assert(found > 20, `${found} moments with somebody who is ${state}`);
  return ever;
}

const NOTHING = { actor: false, control: false, message: false, timer: false };

Deno.test("of who is killed or lost nothing is left that only it would have heard", () => {
  assertEquals(leftOf(counting2, "gone", "kills"), NOTHING);
  assertEquals(leftOf(counting2, "lost", "crashes"), NOTHING);
  assertEquals(leftOf(messageLogging, "lost", "crashes"), NOTHING);
});

Deno.test("who has ended is still asked where others may need its log or its word", () => {
  const asked = { actor: true, control: true, message: false };
  // Its timers go off only where its member goes on.
  assertEquals(leftOf(messageLogging, "gone", "kills"), { ...asked, timer: true });
  assertEquals(leftOf(kooToueg, "gone", "kills"), { ...asked, timer: false });
});
