/**
 * Laws L5 to L8 and L11 for the spread-out checkpoint, in the smallest worlds that show a mistake: what a
 * sender's log has counts as saved in a line that is declared.
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { OptionValue, Protocol } from "../../core/mod.ts";
import { casesOf, caseText, explore, type ExploreScope } from "../../core/lab/explorer.ts";
import type { ViolationKind } from "../../core/lab/explorer.ts";
import { spreadOut } from "../../plugins/protocols/spread_out.ts";
import { withSend } from "../mutants/protocols/mutant.ts";
import * as spread from "../mutants/protocols/spread_out_mutants.ts";
import { mistaken } from "../mutants/protocols/spread_out_mutants.ts";

const sound = spreadOut as Protocol;
const small = { processes: 2, messages: 1 } as const;

// For the kit these would be long ways round; here each is tried in the smallest world that shows it.

const spreadTakesAnyToken = mistaken(
  "spread-takes-any-token",
  "A token of an earlier line takes the place of one that has overtaken the SYNC of its own.",
  (state, event, out, original) => {
    const isToken = event.event === "control" && event.message.kind === "TURN";
    if (state.role === "manager" || !isToken || state.token === undefined) {
      return original(state, event, out);
    }
    const { token: _, ...rest } = state;
    return original(rest, event, out);
  },
);

const spreadIgnoresJoin = mistaken(
  "spread-ignores-join",
  "The manager does not hear of a process that joins.",
  (state, event, out, original) =>
    event.event === "joining" && state.role === "manager" ? state : original(state, event, out),
);

const spreadLeavesAtOnce = mistaken(
  "spread-leaves-at-once",
  "A process that ends is let go while a line it belongs to is under way.",
  (state, event, out, original) => {
    if (state.role === "manager" || event.event !== "exiting" || event.killed) {
      return original(state, event, out);
    }
    const next = original(state, event, out);
    out.leave();
    return next;
  },
);

const spreadSyncsTwice = mistaken(
  "spread-syncs-twice",
  "The manager says everything twice.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => {
        if (message.kind === "SYNC") out.send(0, message);
        return message;
      }),
    ),
);

interface Caught {
  readonly protocol: unknown;
  readonly scope: ExploreScope;
  readonly kind: ViolationKind;
  readonly message?: RegExp;
}

const CAUGHT: readonly Caught[] = [
  { protocol: spread.spreadHasNoIndex, scope: small, kind: "orphan" },
  { protocol: spread.spreadDeliversEarly, scope: small, kind: "orphan" },
  { protocol: spread.spreadKeepsNothing, scope: small, kind: "lost" },
  { protocol: spread.spreadForgetsWhatItSent, scope: { ...small, requests: 2 }, kind: "lost" },
  { protocol: spread.spreadForgetsTheEnded, scope: { ...small, exits: 1 }, kind: "lost" },
  { protocol: spread.spreadPassesOnAtOnce, scope: small, kind: "incomplete" },
  { protocol: spread.spreadHearsTheFirst, scope: small, kind: "incomplete" },
  {
    protocol: spreadTakesAnyToken,
    scope: { ...small, requests: 2, timeouts: 1 },
    kind: "deadlock",
    message: /waits for its turn/,
  },
  { protocol: spreadIgnoresJoin, scope: { ...small, joins: 1 }, kind: "deadlock" },
  { protocol: spreadLeavesAtOnce, scope: { ...small, exits: 1 }, kind: "deadlock" },
  { protocol: spread.spreadDropsRequests, scope: { ...small, requests: 2 }, kind: "deadlock" },
  { protocol: spreadSyncsTwice, scope: small, kind: "cost", message: /SYNC/ },
];

for (const { protocol: given, scope, kind, message } of CAUGHT) {
  const protocol = given as Protocol;
  const { processes, messages, ...events } = scope;
  const world = `${processes}x${messages} ${JSON.stringify(events)}`;
  Deno.test(`${protocol.name} is caught: ${kind} in ${world}`, () => {
    const [one] = casesOf({ ...scope, order: "any" });
    if (one === undefined) throw new Error("no such world");
    const { violation } = explore(protocol, one, { kinds: [kind] }).counterExample ?? {};
    assertEquals(violation?.kind, kind);
    if (message !== undefined) assertMatch(violation?.message ?? "", message);
  });
}

/** The row with other defaults: the explorer tries a protocol with its usual options. */
function withUsual(given: Readonly<Record<string, OptionValue>>): Protocol {
  const options = Object.entries(sound.options).map(([name, option]) =>
    [name, name in given ? { ...option, default: given[name] } : option] as const
  );
  return { ...sound, options: Object.fromEntries(options) as Protocol["options"] };
}

for (const usual of [{ ahead: "wait" }, { writers: 0 }, { spread: 5_000_000 }]) {
  for (const events of [{ requests: 2 }, { exits: 1 }, { joins: 1 }]) {
    const text = JSON.stringify({ ...usual, ...events });
    Deno.test(`spread-out is clean with other options: ${text}`, () => {
      for (const given of casesOf({ ...small, ...events, order: "any" })) {
        const { complete, counterExample } = explore(withUsual(usual), given);
        assertEquals([complete, counterExample], [true, undefined], caseText(given));
      }
    });
  }
}
