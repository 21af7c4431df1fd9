/** What makes a protocol of an accounting and a way: each of the three rows says no more than that. */
import type { Protocol, ProtocolEvent } from "../../core/mod.ts";
import { ManagerTurn, managerWaitsFor } from "./coloured_manager.ts";
import { MemberTurn, memberWaitsFor, NO_ROUTE } from "./coloured_member.ts";
import type { Accounting, Coloured, ColouredMessage, Tag, Way } from "./coloured_state.ts";
import { WORD } from "./members.ts";

type Row<A, R, M> = Protocol<Coloured<A, R, M>, ColouredMessage<R>, Tag>;

/** Kinds that every such protocol has. */
const COMMON = ["ABORT", "FAIL", "LEAVE", "GO", "EXIT", "WELCOME"];

/** What is the row's own. */
export interface ColouredRow<A, R, M>
  extends Pick<Row<A, R, M>, "name" | "aliases" | "help" | "options" | "kinds" | "cost"> {
  readonly accounting: Accounting<A, R, M>;
  readonly way: Way;
}

/** The protocol. */
export function coloured<A, R, M>(row: ColouredRow<A, R, M>): Row<A, R, M> {
  const { accounting, way, kinds, ...own } = row;
  return {
    ...own,
    kinds: [...kinds, ...COMMON],
    requires: { order: "any", delivery: "reliable" },
    phases: ["idle", "collect", "save", "channels", "drain", "record", "run"],
    recovery: "line",
    size: (message) => sizeOf(message, accounting),
    piggybackSize: (tag) => accounting.tagSize(tag),
    member: (self, _members, { arity = 0 }) => ({
      role: "member",
      self,
      mode: "run",
      colour: 0,
      account: accounting.start,
      over: 0,
      epoch: 0,
      stage: "none",
      late: [],
      saved: 0,
      route: NO_ROUTE,
      arity: Number(arity),
    }),
    manager: (members, { timeout, arity = 0 }) => ({
      role: "manager",
      mode: "idle",
      alive: [...members],
      epoch: 0,
      committed: 0,
      carry: accounting.nothing,
      report: accounting.nothing,
      heads: [],
      waiting: [],
      deficit: "",
      leavers: [],
      wanted: 0,
      lost: "",
      timeoutNs: Number(timeout),
      arity: Number(arity),
    }),
    handle: (state, event: ProtocolEvent<ColouredMessage<R>, Tag>, out) =>
      state.role === "member"
        ? new MemberTurn(accounting, way, out).handle(state, event)
        : new ManagerTurn(accounting, way, out).handle(state, event),
    waitsFor: (state) =>
      state.role === "member" ? memberWaitsFor(state, accounting) : managerWaitsFor(state),
  };
}

function sizeOf<A, R, M>(
  message: ColouredMessage<R>,
  { size }: Accounting<A, R, M>,
): number {
  switch (message.kind) {
    case "CUT":
      return (2 + message.subtree.length) * WORD;
    case "TOKEN":
      return (3 + message.rest.length) * WORD + size(message.report);
    case "REPORT":
    case "EXPECT":
      return WORD + size(message.report);
    case "LEAVE":
    case "EXIT":
      return size(message.report);
    case "FAIL":
      return WORD + message.why.length;
    case "GO":
      return 0;
    default:
      return WORD;
  }
}
