/**
 * A ring as the way of control messages: a token goes round it twice. At the first lap each process
 * is cut and adds its report, at the second it keeps the token until nothing that was sent to it is
 * missing and it is durable.
 */
import type { ProcessId } from "../../core/mod.ts";
import type { ColouredManager, ColouredMember, ColouredOut, Turn, Way } from "./coloured_state.ts";

/** The ring. */
export const ring: Way = {
  advance(turn, state) {
    const { message } = turn;
    if (message?.kind !== "TOKEN") return passOn(turn, state);
    const kept = { ...state, route: { ...state.route, token: message } };
    return passOn(turn, message.lap === 1 ? kept : turn.expect(kept, message.report));
  },
  cut(state, who, report, out) {
    const head = begin(state, 1, who, report, out);
    const waiting = [...state.waiting, head].sort((a, b) => a - b);
    return { ...state, heads: [...state.heads, who], waiting };
  },
  expect(state, part, out) {
    for (const who of state.heads) begin(state, 2, who, part(who), out);
  },
  headOf: ({ heads }, from) => heads.find((who) => who.at(-1) === from)?.[0],
};

/** Sends a token round these; whom it goes to first. */
function begin<R>(
  { epoch, committed }: ColouredManager<R>,
  lap: 1 | 2,
  who: readonly ProcessId[],
  report: R,
  out: ColouredOut<R>,
): ProcessId {
  const [head, ...rest] = who as readonly [ProcessId, ...ProcessId[]];
  out.send(head, { kind: "TOKEN", epoch, committed, lap, rest, report });
  return head;
}

/** To the next when it is cut, and then when it is durable. */
function passOn<A, R, M>(
  turn: Turn<A, R, M>,
  state: ColouredMember<A, R, M>,
): ColouredMember<A, R, M> {
  const { token } = state.route, { own, stage } = state;
  if (token === undefined || own === undefined) return state;
  if (token.lap === 2 && stage !== "saved") return state;
  const [next = "manager", ...rest] = token.rest;
  const report = token.lap === 1 ? turn.accounting.sum([token.report, own]) : token.report;
  turn.out.send(next, { ...token, rest, report });
  if (token.lap === 2) return turn.finish(state);
  const { token: _token, ...route } = state.route;
  return { ...state, route };
}
