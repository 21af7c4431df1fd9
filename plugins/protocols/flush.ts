/**
 * What flushing protocols have in common: at a checkpoint every process stops sending and puts a mark
 * on the channel to every other; who knows by the marks that it has everything that was sent before
 * them saves itself. How a mark says that is the row's own.
 *
 * A process that ends may leave messages behind that no mark follows, so it first asks for a whole
 * extra round without saving (section 2.2 of paper B). One that is killed cannot; then nobody can
 * tell what it left in the channels, and there are no further checkpoints.
 */
import type { Option, Protocol, ProtocolEvent } from "../../core/mod.ts";
import { handleManager, managerWaitsFor } from "./flush_manager.ts";
import { handleMember, memberWaitsFor } from "./flush_member.ts";
import type { Flush, FlushMessage, Marks } from "./flush_state.ts";
import { timeout, WORD } from "./members.ts";
import { type Pattern, PATTERN_NAMES, PATTERNS } from "./patterns.ts";

type Row = Protocol<Flush, FlushMessage>;

/** What is the row's own. */
export interface FlushRow extends Pick<Row, "name" | "aliases" | "help"> {
  readonly marks: Marks;
  /** The application says which channels there are; else each process sends to each. */
  readonly chooses?: boolean;
}

function size(message: FlushMessage): number {
  if (message.kind === "SYNC") return (3 + message.members.length) * WORD;
  if (message.kind === "BOOKMARK") return 2 * WORD;
  return "round" in message ? WORD : 0;
}

const pattern = {
  type: "text",
  default: "all",
  choices: PATTERN_NAMES,
  doc:
    "Who sends to whom: each to each; ring: each to the next; neighbours: each with those before " +
    "and after it; star: the first with each.",
} as const satisfies Option;

/** The protocol: E + 3 N control messages, and N^2 + 2 N where there are channels between all. */
export function flush({ marks, chooses = false, ...own }: FlushRow): Row {
  const patternIn = (options: Readonly<Record<string, unknown>>): Pattern =>
    chooses ? options["pattern"] as Pattern ?? "all" : "all";
  return {
    ...own,
    options: chooses ? { timeout, pattern } : { timeout },
    requires: { order: marks === "CLS" ? "fifo" : "any", delivery: "reliable" },
    kinds: ["SYNC", marks, "SAVED", "COMMIT", "ABORT", "LEAVE", "GO", "EXIT", "WELCOME"],
    phases: ["idle", "flush", "save", "saved", "record", "run"],
    recovery: "line",
    cost: ({ n, options }) => ({
      SYNC: n,
      [marks]: PATTERNS[patternIn(options)].count(n),
      SAVED: n,
      COMMIT: n,
    }),
    size,
    member: (self, _members, options) => ({
      role: "member",
      self,
      marks,
      pattern: patternIn(options),
      mode: "run",
      round: 0,
      over: 0,
      leaver: -1,
      waiting: [],
      early: [],
      begun: [],
      sent: [],
      received: [],
      announced: [],
    }),
    manager: (members, { timeout }) => ({
      role: "manager",
      mode: "idle",
      alive: [...members],
      round: 0,
      leaver: -1,
      waiting: [],
      wanted: 0,
      leavers: [],
      newcomers: [],
      lost: "",
      timeoutNs: Number(timeout),
    }),
    handle: (state, event: ProtocolEvent<FlushMessage>, out) =>
      state.role === "member" ? handleMember(state, event, out) : handleManager(state, event, out),
    waitsFor: (state) => state.role === "member" ? memberWaitsFor(state) : managerWaitsFor(state),
  };
}
