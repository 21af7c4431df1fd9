/** A process as the lab knows it: one name and one rank over all the lives it has. */
import { Digest } from "../base/digest.ts";
import type { Ending, MessageId, Status } from "../cluster/facts.ts";
import type { ProcessId } from "../cluster/protocol.ts";
import type { KnownDisk } from "../image/directory_store.ts";
import type { Part } from "./checkpoint_record.ts";
import type { ProgramStart, Strategy } from "./lab.ts";
import type { Level } from "./levels.ts";
import type { NodeRecord } from "./node_record.ts";
import type { Rollback } from "./rollback.ts";

/** What a run without checkpoint or fault came to. */
export interface UndisturbedRun {
  readonly instructions: number;
}

/** What a restart goes back to besides the image: the world the process had written to. */
export interface Point {
  readonly output: readonly Uint8Array[];
  /** Processor time it had used, in ns. */
  readonly usedNs: number;
}

/** How a process is doing. */
export type Condition = "waiting" | "running" | "moving" | "ended" | "crashed";

const CONDITIONS: Readonly<Record<Condition, string>> = {
  waiting: "has not begun",
  running: "is running",
  moving: "is being moved",
  ended: "has ended",
  crashed: "has crashed",
};

/** What makes a process. */
export interface ProcessPlan {
  readonly rank: ProcessId;
  readonly name: string;
  readonly node: NodeRecord;
  readonly workload: Strategy;
  readonly start: ProgramStart;
  readonly executable: Uint8Array;
  /** When it begins, in ns. */
  readonly startsAt: number;
  /** Where its domain stands, as last heard; nothing while it has none. */
  readonly status: () => Status | undefined;
  /** Runs the program alone, once, when somebody asks how far it is. */
  readonly undisturbed: () => UndisturbedRun;
}

/** A named process of a scenario. */
export class ProcessRecord {
  readonly rank: ProcessId;
  readonly name: string;
  node: NodeRecord;
  condition: Condition = "waiting";
  /** How its present life ended. */
  ending: Ending | undefined;
  /** When that was. */
  endedNs = 0;
  /** Its program wants to end, and has asked the protocol. */
  isLeaving = false;
  /** It came back alone, and has not got back yet all that others depend on. */
  isRecovering = false;
  /** It came by a move, and its image may still be read: that time is in its downtime already. */
  isArriving = false;
  /** The image its next one may build on, on its node; of this life. */
  tip: string | undefined;
  /** Checkpoints that had their turn to be copied, and the last that was, by level. */
  turns = 0;
  readonly copied = new Map<Level, Part>();
  /** Pages kept by content that an image of it under way relies on, or has brought. */
  lent: Set<string> = new Set();
  /** It stands still until it is resumed, wherever it is. */
  isPaused = false;
  /** The phase of the protocol its member is in. */
  phase = "";
  crashes = 0;
  restarts = 0;
  /** Processor time lost in crashes and rollbacks. */
  lostNs = 0;
  /** When its last life was lost, in ns. */
  lostAtNs = 0;
  /** The longest way back of its restarts. */
  rollback: Rollback = { distanceNs: 0, behind: 0 };
  restartNs = 0;
  downtimeNs = 0;
  messagesSent = 0;
  /** Over the messages it sent and read, in its order. */
  readonly messages = new Digest();
  messagesReceived = 0;
  /** Messages that came to where it was after it had left. */
  forwarded = 0;
  /** Messages that are there, and that the protocol keeps out of the receive buffer. */
  withheld: readonly MessageId[] = [];
  /** Numbers the program has published. */
  readonly values = new Map<string, number>();
  /** Digests of the system calls of its earlier lives. */
  readonly pastCalls: string[] = [];
  private retiredBefore = 0;
  private usedBeforeNs = 0;
  private blockedBeforeNs = 0;
  /** What it wrote, standard output and standard error as they came. */
  private written: Uint8Array[] = [];

  constructor(readonly plan: ProcessPlan) {
    this.rank = plan.rank;
    this.name = plan.name;
    this.node = plan.node;
  }

  /** A message has come to the receive buffer, withheld before or not. */
  noLongerWithheld({ from, sequence }: MessageId): void {
    if (this.withheld.length === 0) return;
    this.withheld = this.withheld.filter((each) =>
      each.from !== from || each.sequence !== sequence
    );
  }

  /** Begins a life: the first, or one from an image. */
  begin(node: NodeRecord): void {
    this.node = node;
    this.condition = "running";
    this.tip = undefined;
    this.lent = new Set();
    this.ending = undefined;
    this.isLeaving = false;
    this.isArriving = this.isRecovering = false;
  }

  /** Its life goes on on another node; what its domain has counted alone is kept. */
  move(node: NodeRecord): void {
    this.blockedBeforeNs = this.blockedNs;
    this.tip = undefined;
    this.lent = new Set();
    this.node = node;
    this.condition = "running";
    this.isArriving = true;
  }

  /** This life is over before its end, at that time in ns: in a crash, or because all go back. */
  lose(at: number): void {
    this.lostAtNs = at;
    this.retiredBefore += this.instructions;
    this.usedBeforeNs = this.usedNs;
    this.blockedBeforeNs = this.blockedNs;
    this.tip = undefined;
    this.lent = new Set();
    this.ending = undefined;
    this.condition = "crashed";
    this.isPaused = this.isRecovering = false;
    this.phase = "";
    this.withheld = [];
  }

  /**
   * A restart goes back to t0, or to the beginning: what was written since never was, for the
   * terminal is the world's.
   */
  goBack(point: Point | undefined): void {
    this.written = [...point?.output ?? []];
    this.lostNs += Math.max(0, this.usedBeforeNs - (point?.usedNs ?? 0));
    this.restarts++;
  }

  /** A restart is to take it back so far. */
  fallBack({ distanceNs, behind }: Rollback): void {
    const before = this.rollback;
    this.rollback = {
      distanceNs: Math.max(before.distanceNs, distanceNs),
      behind: Math.max(before.behind, behind),
    };
  }

  /** What of its node's disk an order to save it must tell; it stays there until it is saved. */
  lend(): { readonly known?: KnownDisk } {
    const { node: { store }, tip } = this;
    const parent = tip === undefined ? undefined : store.manifestOf(tip);
    const pages = store.pageKeys;
    this.lent = new Set(pages);
    if (parent === undefined && pages === undefined) return {};
    return { known: { ...parent && { parent }, ...pages && { pages } } };
  }

  /** What a checkpoint taken now would go back to. */
  point(usedNs: number): Point {
    return { output: [...this.written], usedNs };
  }

  write(bytes: Uint8Array): void {
    this.written.push(bytes);
  }

  /** Neither ended nor crashed. */
  get alive(): boolean {
    return this.condition === "running" || this.condition === "moving";
  }

  /** Ended by itself. */
  get exited(): boolean {
    return this.condition === "ended";
  }

  /** What became of it, to follow its name. */
  get described(): string {
    return CONDITIONS[this.condition];
  }

  /** Where its domain stands, as last heard; nothing between a crash and the restart. */
  get status(): Status | undefined {
    return this.plan.status();
  }

  get instructions(): number {
    return this.status?.instructions ?? 0;
  }

  /** Instructions of all its lives; those before an image count once more in the life after it. */
  get retired(): number {
    return this.retiredBefore + this.instructions;
  }

  /** Processor time its present life has used, that before its image included. */
  get usedNs(): number {
    return this.status?.usedNs ?? 0;
  }

  /** Time in all its lives in which the protocol kept it from sending, receiving or ending. */
  get blockedNs(): number {
    return this.blockedBeforeNs + (this.status?.blockedNs ?? 0);
  }

  /** Instructions retired, of all an undisturbed run retires; 1 at the end. */
  get progress(): number {
    if (this.exited) return 1;
    return this.status === undefined ? 0 : this.instructions / this.plan.undisturbed().instructions;
  }

  /** All it wrote, as text. */
  get output(): string {
    const decoder = new TextDecoder();
    return this.written.map((bytes) => decoder.decode(bytes, { stream: true })).join("") +
      decoder.decode();
  }
}
