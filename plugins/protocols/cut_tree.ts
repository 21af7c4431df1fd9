/**
 * A tree as the way of control messages: a CUT goes down it, reports are added up on the way up,
 * what is missing goes down, and DONE up again: four messages for each process, and no more than
 * `arity` of each for anybody. With an arity of 0 it is a star, everybody below the manager.
 */
import type { ProcessId } from "../../core/mod.ts";
import type { ColouredMember, ColouredMessage, Turn, Way } from "./coloured_state.ts";

/** The list in so many parts that are as equal as can be; the first of each is its head. */
export function split(
  list: readonly ProcessId[],
  parts: number,
): readonly (readonly ProcessId[])[] {
  const count = Math.min(list.length, parts === 0 ? list.length : parts);
  return Array.from(
    { length: count },
    (_, n) =>
      list.slice(Math.floor(n * list.length / count), Math.floor((n + 1) * list.length / count)),
  );
}

/** The tree. */
export const tree: Way = {
  advance(turn, state) {
    const { message, from } = turn;
    if (message === undefined || from === undefined) return onwards(turn, state);
    switch (message.kind) {
      case "CUT":
        return onCut(turn, state, message);
      case "REPORT": {
        const reports = [...state.route.reports, {
          from: from as ProcessId,
          report: message.report,
        }]
          .sort((a, b) => a.from - b.from);
        return report(turn, { ...state, route: { ...state.route, reports } });
      }
      case "EXPECT": {
        const { epoch } = message;
        for (const part of state.route.children) {
          const report = turn.accounting.of(message.report, part);
          turn.out.send(part[0] as ProcessId, { kind: "EXPECT", epoch, report });
        }
        return turn.expect(state, message.report);
      }
      case "DONE": {
        const done = [...state.route.done, from as ProcessId].sort((a, b) => a - b);
        return end(turn, { ...state, route: { ...state.route, done } });
      }
      default:
        return state;
    }
  },
  cut(state, who, _nothing, out) {
    const { epoch, committed, arity } = state, parts = split(who, arity);
    for (const subtree of parts) {
      out.send(subtree[0] as ProcessId, { kind: "CUT", epoch, committed, subtree });
    }
    const heads = [...state.heads, ...parts];
    const waiting = [...state.waiting, ...parts.map(([head]) => head as ProcessId)];
    return { ...state, heads, waiting: waiting.sort((a, b) => a - b) };
  },
  expect({ epoch, heads }, part, out) {
    for (const subtree of heads) {
      out.send(subtree[0] as ProcessId, { kind: "EXPECT", epoch, report: part(subtree) });
    }
  },
  headOf: ({ heads }, from) => heads.find(([head]) => head === from)?.[0],
};

function onCut<A, R, M>(
  turn: Turn<A, R, M>,
  state: ColouredMember<A, R, M>,
  message: Extract<ColouredMessage<R>, { readonly kind: "CUT" }>,
): ColouredMember<A, R, M> {
  const { epoch, committed, subtree } = message;
  const children = split(subtree.slice(1), state.arity);
  for (const part of children) {
    turn.out.send(part[0] as ProcessId, { kind: "CUT", epoch, committed, subtree: part });
  }
  const { from } = turn;
  return report(turn, {
    ...state,
    route: { ...state.route, ...from === undefined ? {} : { parent: from }, children },
  });
}

/** It is cut, or durable. */
const onwards = <A, R, M>(
  turn: Turn<A, R, M>,
  state: ColouredMember<A, R, M>,
): ColouredMember<A, R, M> => state.stage === "saved" ? end(turn, state) : report(turn, state);

/** Passes the reports on when they are all here. */
function report<A, R, M>(
  { accounting, out }: Turn<A, R, M>,
  state: ColouredMember<A, R, M>,
): ColouredMember<A, R, M> {
  const { own, epoch, route: { parent, children, reports } } = state;
  if (own === undefined || parent === undefined || reports.length < children.length) return state;
  const sum = accounting.sum([own, ...reports.map((each) => each.report)]);
  out.send(parent, { kind: "REPORT", epoch, report: sum });
  return state;
}

/** Its part is over when it is durable and all below it are. */
function end<A, R, M>(
  turn: Turn<A, R, M>,
  state: ColouredMember<A, R, M>,
): ColouredMember<A, R, M> {
  const { stage, epoch, route: { parent, children, done } } = state;
  if (stage !== "saved" || parent === undefined || done.length < children.length) return state;
  turn.out.send(parent, { kind: "DONE", epoch });
  return turn.finish(state);
}
