/**
 * The contract of a coordination protocol: a pure actor. Its state is plain data, its effects are
 * commands, nothing is awaited; so the same code runs in the lab, in a Worker and in the explorer.
 */
import type { OptionTable, OptionValue } from "../base/option.ts";

/** A process by its rank; it keeps the rank wherever it moves. */
export type ProcessId = number;

/** Who sends and receives control messages: the processes, and the manager, who is none of them. */
export type Station = ProcessId | "manager";

/**
 * Where a process is, as those who send to it know it: a task id. It is 0 where it began, and one more
 * each time the process has gone on elsewhere by its protocol; another life begins at 0.
 */
export type ProcessPlace = number;

/** A control message: a kind, which is what is counted, and what it carries, as plain data. */
export interface ControlMessage {
  readonly kind: string;
}

/** What happens to an actor. `Piggyback` is what its messages carry besides the application's bytes. */
export type ProtocolEvent<
  Message extends ControlMessage = ControlMessage,
  Piggyback = unknown,
> =
  /** A global checkpoint is wanted. The manager hears of it; without a manager every member. */
  | { readonly event: "requested" }
  /** A control message has arrived. */
  | { readonly event: "control"; readonly from: Station; readonly message: Message }
  /**
   * Member: the application sends a message; it leaves when `handle` returns. Never while held.
   * `number`: the how manieth it is to that process, from 0; only where the row has a `log`.
   */
  | { readonly event: "sending"; readonly to: ProcessId; readonly number?: number }
  /**
   * Member: an application message has arrived; it is in the receive buffer when `handle` returns,
   * unless it is withheld. `piggyback`: what the sender's member has put on it, if it did; `number`:
   * the how manieth it is of its sender to this process, as its sender was told.
   */
  | {
    readonly event: "arriving";
    readonly from: ProcessId;
    readonly number?: number;
    readonly piggyback?: Piggyback;
  }
  /**
   * Member: t0 of the local checkpoint that `capture` began. What the application sends from now on
   * is after the cut, and what arrives from now on is not in the image.
   */
  | { readonly event: "taken" }
  /** Member: the local checkpoint that `capture` began is durable, its channel state included. */
  | { readonly event: "saved" }
  /**
   * Member: the local checkpoint that `capture` began has come to nothing by itself, as when its disk is
   * full or its checkpointer refuses the process. Nobody else knows: who waits for it waits in vain.
   */
  | { readonly event: "failed"; readonly why: string }
  /** Manager: the line it declared by `done` is durable. */
  | { readonly event: "recorded" }
  /**
   * Member: the application wants to end; it does not while it is held, and not before `leave`.
   * `killed`: a signal has ended it already, so nothing can be held any more.
   */
  | { readonly event: "exiting"; readonly killed: boolean }
  /**
   * Member, where processes go back alone: its own was lost, and comes back while the others have gone
   * on. Heard before the first instruction; messages of before are in its log and in the others'.
   */
  | { readonly event: "recovering" }
  /** A process begins. The manager and every member hear of it before its first message. */
  | { readonly event: "joining"; readonly who: ProcessId }
  /** Manager (or, without one, every member): a process was lost. */
  | { readonly event: "crashed"; readonly who: ProcessId }
  /**
   * Manager: it crashed and is back. Its state was in stable storage and messages have waited for
   * it; timers are gone. `recorded`: the line it had declared last is durable. It also hears this,
   * with `recorded` false, when a line it declared could not be made durable.
   */
  | { readonly event: "restarted"; readonly recorded: boolean }
  /**
   * Manager, of a protocol that takes part in moves: that process is to go on elsewhere. `settled` or
   * `refused` answers it. Never while a global checkpoint is under way.
   */
  | { readonly event: "moving"; readonly who: ProcessId }
  /**
   * Member, after `depart`: it runs, at this place of its process. The place is another one than
   * before, or the same when the process could not be saved and has stayed.
   */
  | { readonly event: "moved"; readonly place: ProcessPlace }
  /** A timer of this actor went off. */
  | { readonly event: "timer"; readonly name: string };

/** A message that is withheld, by its sender and its number. */
export interface Withheld {
  readonly from: ProcessId;
  readonly number: number;
}

/** What an actor may do while it handles an event. */
export interface Out<
  Message extends ControlMessage = ControlMessage,
  Piggyback = unknown,
> {
  /** Puts a control message on the bus. */
  send(to: Station, message: Message): void;
  /** Member, in `sending`: this small plain value goes with the message; its bytes are counted. */
  piggyback(value: Piggyback): void;
  /**
   * Member, in `sending`: the sender's log keeps the message, and what it keeps at t0 is part of
   * each local checkpoint. It counts as saved: after a restart from that checkpoint it is put on the
   * network again if its receiver comes back without it; with what was on it, but for a restart to a
   * line, where members begin anew. Only where the row has a `log`.
   */
  keep(): void;
  /**
   * Member: of what was sent to that process, the log needs no message below that number any more.
   * Whoever prunes too early makes a search go further back, and loses the message of a line.
   */
  prune(to: ProcessId, below: number): void;
  /**
   * Member, in `arriving`: the message must not be in an image yet. It waits outside the receive
   * buffer until `admit`.
   */
  withhold(): void;
  /**
   * Member, in `arriving`: it has had this message already; nobody gets it. Only where the row has a
   * `log`.
   */
  drop(): void;
  /** Member: a message that its log keeps goes onto the network once more; nothing if it keeps none. */
  resend(to: ProcessId, number: number): void;
  /**
   * Member, but not in `arriving`: what is withheld arrives now, in the order in which it came; each
   * is `arriving` once more. With a list only those, in its order, also in `arriving`: then behind the
   * message that arrives.
   */
  admit(which?: readonly Withheld[]): void;
  /** Member, after `recovering`: it has got back all that others depend on. */
  recovered(): void;
  /**
   * Member: begins the local checkpoint; `taken` follows at its t0, `saved` when it is durable. With
   * "open" channels it is not durable before `closeChannels`, and holds what `record` put into it.
   * Unasked, it is one more checkpoint with a name of its own (only where the row has `forces`).
   */
  capture(channels?: "open"): void;
  /**
   * Member, in `arriving`, between `taken` and `closeChannels`: the message crosses the line. It goes
   * to the application as always, and into the local checkpoint: after a restart it stands in the
   * receive buffer behind those of the image.
   */
  record(): void;
  /** Member, after `taken`: nothing more crosses the line; what was recorded is written. */
  closeChannels(): void;
  /** Member: gives up the local checkpoint, begun or durable. */
  discard(): void;
  /** Member: the application neither sends, receives nor ends until `release`. */
  hold(): void;
  release(): void;
  /** Member: the application does not send to that process until `releaseTo`; it does all else. */
  holdTo(who: ProcessId): void;
  releaseTo(who: ProcessId): void;
  /**
   * Member: application messages for that process go to that place of it from now on. What comes to a
   * place that it has left is refused: nobody sends it after.
   */
  mapTo(who: ProcessId, place: ProcessPlace): void;
  /** Member, after its manager's `moving`: the process is saved and leaves; `moved` follows. */
  depart(): void;
  /** Manager: everybody knows where that process is; these were the members. */
  settled(who: ProcessId, members: readonly ProcessId[]): void;
  /** Manager: that process will not move. */
  refused(who: ProcessId, why: string): void;
  /** Member: the application may end now. */
  leave(): void;
  /** Whoever declares the global checkpoint: all its parts are durable. `recorded` follows. */
  done(members: readonly ProcessId[]): void;
  /** The global checkpoint has failed. */
  abort(why: string): void;
  /** Names the phase the actor is in from now on, for scripts and reports. */
  phase(name: string): void;
  /** A line for the trace. */
  log(text: string): void;
  /** `timer` follows after so many ns; a timer of the same name is replaced. */
  setTimer(name: string, afterNs: number): void;
  clearTimer(name: string): void;
}

/** What a protocol's control messages depend on. */
export interface CheckpointShape {
  /** Members of the global checkpoint. */
  readonly n: number;
  /** Those the protocol was chosen with. */
  readonly options: Readonly<Record<string, OptionValue>>;
}

/** Lines by number, both among them. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** Control messages by kind. */
export type MessageCounts = Readonly<Record<string, number>>;

/**
 * A coordination protocol.
 *
 * States are plain data and are never changed in place by whoever drives the actor; `handle` returns
 * the next one (it may be the same object).
 */
export interface Protocol<
  State = unknown,
  Message extends ControlMessage = ControlMessage,
  Piggyback = unknown,
> {
  /** "message-counting" */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One sentence; printed by `list` and the manual. */
  readonly help: string;
  readonly options: OptionTable;
  /** What it needs of the channels. */
  readonly requires: { readonly order: "fifo" | "any"; readonly delivery: "reliable" };
  /** Every kind of control message it sends. */
  readonly kinds: readonly string[];
  /** Names given to `phase`, in the order of a checkpoint. */
  readonly phases: readonly string[];
  /**
   * Who goes back when a process fails: everybody to the same global checkpoint, each to a checkpoint
   * of its own that fits the others', or it alone, to its newest; then the row has a `log`, members
   * outlive their processes, and one failure has to be over before the next.
   */
  readonly recovery: "line" | "search" | "alone";
  /**
   * Members keep messages they send: with each local checkpoint goes what their log keeps, and the
   * member's state just after `taken`, from which it goes on, or is made anew, after a restart.
   */
  readonly log?: true;
  /** Members save themselves unasked, too. One that is asked while it does must not forget it. */
  readonly forces?: true;
  /**
   * Without a manager, with a `log` and `forces`: local checkpoints are tentative. Members outlive
   * their processes, and still hear what others say. `done` makes the newest of each of its members
   * permanent, `discard` undoes one that is not, and a search for what to go back to takes permanent
   * ones only. Whenever a line is declared, the newest permanent checkpoints of all processes must fit
   * together. The explorer asks one process at a time.
   */
  readonly tentative?: true;
  /** Names of timers that are for no failure: in the ordinary way a member goes on by them. */
  readonly pauses?: readonly string[];
  /** Control messages of one completed global checkpoint in which nobody ended, joined or crashed. */
  readonly cost: (shape: CheckpointShape) => MessageCounts;
  /**
   * What each round costs on top of that, for a protocol that polls until something has come about:
   * one checkpoint has one whole number of rounds, 1 or more, for all kinds alike. Absent where
   * {@linkcode cost} says everything.
   */
  readonly perRound?: (shape: CheckpointShape) => MessageCounts;
  /**
   * Where checkpoints are tentative, what a line costs on top of {@linkcode cost} for each pair of a
   * member and somebody from whom it had received something, at its t0, since its newest permanent
   * checkpoint; {@linkcode cost} is asked with the members of the line.
   */
  readonly perDependency?: (shape: CheckpointShape) => MessageCounts;
  /** Control messages of one application message, whether a checkpoint is under way or not. */
  readonly messageCost?: MessageCounts;
  /**
   * Control messages of one move that nothing came in the way of. Who declares it takes part in moves:
   * its manager hears of each. Without it a process moves under its rank, no actor hears of it, and
   * what comes is sent after it.
   */
  readonly moves?: (shape: CheckpointShape) => MessageCounts;
  /** Bytes of a control message on the bus, header excluded. */
  size(message: Message): number;
  /** Bytes of what is put on an application's message; absent where nothing ever is. */
  piggybackSize?(value: Piggyback): number;
  /**
   * The actor of a process that begins, or begins again from a checkpoint. `saved`: its state in that
   * checkpoint, where the row has a `log`; absent at the beginning.
   */
  member(
    self: ProcessId,
    members: readonly ProcessId[],
    options: Readonly<Record<string, OptionValue>>,
    saved?: State,
  ): State;
  /** The actor that is no process; absent when the members do without. */
  manager?(
    members: readonly ProcessId[],
    options: Readonly<Record<string, OptionValue>>,
  ): State;
  handle(
    state: State,
    event: ProtocolEvent<Message, Piggyback>,
    out: Out<Message, Piggyback>,
  ): State;
  /**
   * Asked of a member just after `taken`, where the row has a `log`: the lines its local checkpoint
   * is a part of, by number from 1 on. For every number, the checkpoints that are a part of that line
   * are said to fit together, and the explorer holds them to it. Line 0 is the beginning of all.
   */
  lines?(state: State): LineRange;
  /** Whom and what the actor waits for, in words: for the report of a deadlock. */
  waitsFor?(state: State): string | undefined;
}
