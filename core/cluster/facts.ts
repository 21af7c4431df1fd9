/**
 * What crosses the border of a domain, as plain data: what it is told, and the facts it tells. The
 * same values go from hand to hand in one thread and through shared memory between Workers.
 */
import type { OptionValue } from "../base/option.ts";
import type { SessionFigures } from "../image/figures.ts";
import type { DiskOperation } from "../image/disk_operation.ts";
import type { Image } from "../image/image.ts";
import type { PageArea } from "../image/page_map.ts";
import type { SavedLog } from "../image/sender_log_file.ts";
import type { Context } from "../kernel/context.ts";
import type { Jit } from "../machine/machine.ts";
import type { CaptureOrder } from "./domain.ts";
import type { Standing } from "./member.ts";
import type { Profile } from "./profile.ts";
import type {
  ControlMessage,
  ProcessId,
  ProcessPlace,
  ProtocolEvent,
  Station,
} from "./protocol.ts";

/** A strategy by its registered name, with its options. */
export interface Chosen {
  readonly name: string;
  readonly options: Readonly<Record<string, OptionValue>>;
}

/** An application message on its way. */
export interface UserMessage {
  readonly kind: "user";
  readonly tag: number;
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** What the sender's member of the protocol has put on it, if it did. */
  readonly piggyback?: unknown;
  /** To which place of the receiver; without, to where it began. */
  readonly place?: ProcessPlace;
}

/** What a packet carries. */
export type Body = UserMessage | { readonly kind: "control"; readonly message: ControlMessage };

/** A packet as its receiver has it. */
export interface Delivered {
  readonly kind: "packet";
  readonly from: Station;
  /** Size on the wire, headers included. */
  readonly bytes: number;
  readonly body: Body;
}

/** Something that reaches a domain at a moment, in ns. */
export interface Arrival {
  readonly at: number;
  readonly what:
    | Delivered
    /** Something the protocol's member must hear of. */
    | { readonly kind: "protocol"; readonly event: ProtocolEvent }
    /** The order for a checkpoint that nobody has asked for. */
    | { readonly kind: "order"; readonly order: CaptureOrder }
    /** Another process has called the whole cluster off. */
    | { readonly kind: "terminate"; readonly code: number };
}

/** What a process that has left must be sent after it; its member goes with it as it stands. */
export type Behind = Exclude<Arrival["what"], { readonly kind: "protocol" | "order" }>;

/** What a restart goes back to besides the image. */
export interface Resumption {
  readonly image: Image;
  /** Bytes of standard input read before. */
  readonly inputRead: number;
  /** ns for which the image is being read. */
  readonly heldNs: number;
  /** The sender's log of the checkpoint, where there is one. */
  readonly log?: SavedLog;
}

/** What a disk suffers from, until a time in ns. */
export interface DiskTrouble {
  readonly untilNs: number;
  /** Writes take that many times as long. */
  readonly slower: number;
  /** Bytes that still fit. */
  readonly room: number;
}

/** A domain to be opened. */
export interface DomainPlan {
  readonly rank: ProcessId;
  readonly size: number;
  /** The process's name in the scenario, and its node's. */
  readonly process: string;
  readonly node: string;
  readonly profile: Profile;
  readonly seed: string;
  /** Which engines run it; no fact depends on that. */
  readonly jit: Jit;
  /** When, in ns. */
  readonly at: number;
  /** Ranks that have not begun yet. */
  readonly absent: readonly ProcessId[];
  readonly program: {
    readonly path: string;
    readonly name: string;
    readonly args: readonly string[];
    /** `NAME=value`. */
    readonly environment?: readonly string[];
    readonly input: string;
    readonly executable: Uint8Array;
  };
  /** Its node keeps pages by their content. */
  readonly byContent?: boolean;
  /** What the disk of its node suffers from already. */
  readonly diskTroubles?: readonly DiskTrouble[];
  readonly resumption?: Resumption;
  /** `standing`: of its member, when it only moves; else the member begins. */
  readonly protocol?: Chosen & {
    readonly members: readonly ProcessId[];
    readonly standing?: Standing;
  };
}

/** A message by what tells it from all others. */
export interface MessageId {
  readonly from: ProcessId;
  readonly to: ProcessId;
  readonly sequence: number;
}

/** What tells this message from all others. */
export const idOf = ({ from, to, sequence }: MessageId): MessageId => ({ from, to, sequence });

/** How a process ended. */
export interface Ending {
  readonly exitCode: number;
  /** The signal that ended it, or an empty text. */
  readonly signal: string;
  /** Digest of registers, memory and files. */
  readonly state: string;
}

/** Something a domain tells; `at` in ns. Facts of one domain are in the order they happened. */
export type Fact =
  & { readonly at: number }
  & (
    | { readonly fact: "event"; readonly kind: string; readonly text: string }
    | {
      readonly fact: "output";
      readonly stream: "output" | "error";
      readonly bytes: Uint8Array;
    }
    | {
      readonly fact: "sent";
      readonly to: Station;
      readonly bytes: number;
      /** Of these, the bytes of what the member has put on an application's message. */
      readonly piggybackBytes?: number;
      /** It was sent before, and comes out of the sender's log. */
      readonly again?: true;
      readonly body: Body;
    }
    | { readonly fact: "arrived"; readonly id: MessageId }
    /** It is there, but must not be in the receive buffer yet. */
    | { readonly fact: "withheld"; readonly id: MessageId }
    /** It has come before: nobody gets it. */
    | { readonly fact: "repeated"; readonly id: MessageId }
    /** Its member has got back all that others depend on. */
    | { readonly fact: "recovered" }
    /** Something for a process that has left: it is to be sent after it. */
    | { readonly fact: "behind"; readonly what: Behind }
    | { readonly fact: "delivered"; readonly id: MessageId }
    | { readonly fact: "value"; readonly name: string; readonly value: number }
    /** t0 of a checkpoint. */
    | {
      readonly fact: "cut";
      readonly label: string;
      readonly inbox: readonly MessageId[];
      readonly sent: readonly (readonly [ProcessId, number])[];
      readonly usedNs: number;
    }
    /** The channel state of a checkpoint is durable: messages, in order, and the bytes they take. */
    | {
      readonly fact: "logged";
      readonly label: string;
      readonly messages: readonly MessageId[];
      readonly bytes: number;
    }
    /** What the sender's log keeps at t0 of a checkpoint, and so that checkpoint. */
    | {
      readonly fact: "kept";
      readonly label: string;
      readonly messages: readonly Pick<MessageId, "to" | "sequence">[];
    }
    /** That part of the checkpoint is durable, in so many bytes. */
    | { readonly fact: "keptSafe"; readonly label: string; readonly bytes: number }
    /** Its member wants to save it, though nobody has asked. */
    | { readonly fact: "unasked" }
    | { readonly fact: "disk"; readonly operation: DiskOperation }
    | {
      readonly fact: "over";
      readonly label: string;
      readonly figures: SessionFigures;
      /** What became of its pages, for who wants to see them: the trace leaves them out. */
      readonly areas: readonly PageArea[];
      /** It came to nothing by itself. */
      readonly failed: boolean;
    }
    /** What belongs beside the image of a checkpoint could not be written, so it came to nothing. */
    | { readonly fact: "incomplete"; readonly label: string; readonly why: string }
    | { readonly fact: "discarded"; readonly label: string }
    | { readonly fact: "phase"; readonly phase: string }
    | { readonly fact: "done"; readonly members: readonly ProcessId[] }
    | { readonly fact: "aborted"; readonly why: string }
    /** The application wants to end, and must perhaps wait until the protocol lets it. */
    | { readonly fact: "leaving" }
    | { readonly fact: "ended"; readonly ending: Ending }
    | { readonly fact: "terminate"; readonly code: number }
    /** Somebody's mistake: a strategy's that broke its contract, or an image that cannot be used. */
    | { readonly fact: "failure"; readonly by: "strategy" | "image"; readonly message: string }
  );

/** A fact before it has its time. */
export type Told = Fact extends infer F ? F extends Fact ? Omit<F, "at"> : never : never;

/** Where a domain stands. */
export interface Status {
  /** Its clock in ns. */
  readonly now: number;
  /** ns before which nothing happens in it but by what arrives; Infinity at rest. */
  readonly next: number;
  readonly instructions: number;
  /** Processor time it used, in ns. */
  readonly usedNs: number;
  /** Time the protocol kept it from sending, receiving or ending, in ns. */
  readonly blockedNs: number;
  readonly tlbMisses: number;
  readonly ended: boolean;
  /** Checkpoints under way by label. */
  readonly sessions: readonly (readonly [string, SessionFigures])[];
}

/** What is asked for rarely. */
export interface Look {
  /** Digest of registers, memory and files now. */
  readonly state: string;
  /** Digest of all system calls and their answers. */
  readonly calls: string;
  /** ns for which it is still being restarted. */
  readonly heldNs: number;
  /** Where its member of the protocol stands. */
  readonly member?: Standing;
  /** System calls that were answered ENOSYS, in words. */
  readonly unknownCalls: readonly string[];
  /** What each thread that waits waits in, in words. */
  readonly waits: readonly string[];
  /** How a signal ended it, in lines. */
  readonly death?: string;
  /** Where its threads are, when that was asked for. */
  readonly threads?: readonly ThreadLook[];
}

/** Where a thread is. */
export interface ThreadLook {
  readonly state: "ready" | "waiting" | "ended";
  readonly registers: Context;
  /** The instructions around its program counter, disassembled; the one there begins with "->". */
  readonly instructions: readonly string[];
}
