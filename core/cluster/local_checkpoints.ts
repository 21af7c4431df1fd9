/**
 * The local checkpoints of one process under way: each a session that captures it, the channel state
 * where its protocol has left the channels open, and the sender's log where it has one. These are
 * written after the image, one after the other on the one disk, and only then the local checkpoint is
 * durable.
 */
import type { CaptureCosts } from "../image/capture_target.ts";
import { figuresOf } from "../image/figures.ts";
import { ImageError } from "../image/image.ts";
import { MemoryStore } from "../image/memory_store.ts";
import type { SavedLog } from "../image/sender_log_file.ts";
import { CaptureSession } from "../image/session.ts";
import type { StoreStep } from "../image/store.ts";
import { StoreSink } from "../image/store_sink.ts";
import type { Message } from "../kernel/endpoint.ts";
import type { Process } from "../kernel/process.ts";
import { type Board, captureCosts } from "./board.ts";
import { AilingDisk } from "./disk_trouble.ts";
import type { CaptureOrder, Strategies } from "./domain.ts";
import { type DiskTrouble, idOf, type Status, type Told } from "./facts.ts";
import type { LastLook } from "./last_look.ts";

const NS = 1_000_000_000;

/** What crosses the line, as its receiver records it. */
interface ChannelState {
  readonly messages: Message[];
  closed: boolean;
  isBeingWritten: boolean;
}

interface UnderWay {
  readonly order: CaptureOrder;
  readonly session: CaptureSession;
  readonly channels: ChannelState | undefined;
  /** What goes with it of the sender's log, as of t0. */
  log?: SavedLog;
}

/** A file beside the image: its steps, and what to do when it is durable. */
interface Beside {
  readonly steps: () => Generator<StoreStep, number, void>;
  readonly told: (bytes: number) => void;
}

/** What the checkpoints of a process need of its domain. */
export interface CheckpointHost {
  readonly board: Board;
  readonly process: Process;
  readonly look: LastLook;
  readonly strategies: Strategies;
  readonly node: string;
  /** Its disk keeps pages by their content. */
  readonly byContent: boolean;
  /** The clock in ns. */
  now(): number;
  tell(fact: Told): void;
  /** t0 of one that the protocol has begun: what goes with it of the sender's log, if anything. */
  taken(): SavedLog | undefined;
  /** It is durable. */
  saved(): void;
  /** It came to nothing, and nobody has given it up. */
  failed(why: string): void;
  /** None is under way any more. */
  idle(): void;
}

/** The local checkpoints of one process. */
export class LocalCheckpoints {
  /** Its state is saved, and it goes on elsewhere. */
  hasLeft = false;
  readonly disk: AilingDisk;
  private store: MemoryStore;
  private underWay: UnderWay[] = [];
  /** The label of the one that came to nothing last: its member may go on with it all the same. */
  private failed: string | undefined;
  /** What ends now is given up by somebody, who knows. */
  private isGivenUp = false;

  constructor(private readonly host: CheckpointHost) {
    this.disk = new AilingDisk(host.node, () => host.now());
    this.store = this.newStore();
  }

  /** What things cost; a disk that keeps pages by content wants their hashes. */
  private get costs(): CaptureCosts {
    const { board: { profile }, byContent } = this.host;
    const costs = captureCosts(profile);
    return byContent ? { ...costs, pageHash: profile.page_hash } : costs;
  }

  /** One is under way, or the process is not here any more. */
  get isBusy(): boolean {
    return this.hasLeft || this.underWay.length > 0;
  }

  /** Those under way, by label. */
  get sessions(): Status["sessions"] {
    const costs = captureCosts(this.host.board.profile);
    return this.underWay.map(({ order, session }) => [order.label, figuresOf(session, costs)]);
  }

  /** The disk of the node lost something in a crash. */
  diskLost(losing: "unsynced" | "disk"): void {
    if (losing === "disk") this.store.loseAll();
    else this.store.loseUnsynced();
  }

  /** The disk of the node is slow or full for a while. */
  diskTrouble(trouble: DiskTrouble): void {
    this.disk.suffer(trouble);
  }

  /** Begins one; `channels`: what crosses the line is recorded until they are closed. */
  capture(order: CaptureOrder, channels?: "open"): void {
    const { host: { board, process, look, strategies } } = this;
    const strategy = strategies.checkpointer(order.using.name);
    if (strategy === undefined) throw new Error(`no checkpointer '${order.using.name}' here`);
    const target = board.target(process);
    const leaves = order.moving === true;
    this.store.adopt(order.known ?? {});
    const session = new CaptureSession(
      {
        ...target,
        leaves,
        taken: () => {
          this.cut(order);
          this.hasLeft = leaves;
          if (leaves) board.pause(process);
          if (!order.alone) this.taken(underWay);
        },
        guard: (guard) => {
          look.inner = guard;
          target.guard(guard === undefined ? undefined : look);
          process.space.guard = look;
        },
      },
      strategy,
      order.using.options,
      this.disk.costs(this.costs),
      new StoreSink(this.store, order.image),
    );
    const state = channels === undefined ? undefined : {
      messages: [],
      closed: false,
      isBeingWritten: false,
    };
    const underWay: UnderWay = { order, session, channels: state };
    this.underWay.push(underWay);
    board.add(process, session, () => this.over(underWay));
  }

  /** Somebody gives up what is under way, and its member need not be told. */
  giveUp(why: string): void {
    this.isGivenUp = true;
    this.host.board.abandon(this.host.process, why);
    this.isGivenUp = false;
  }

  /** Its member gives it up, begun or durable. */
  discard({ label }: CaptureOrder): void {
    const running = this.find(label);
    if (running !== undefined) {
      const why = "the global checkpoint failed";
      if (!running.session.over) this.giveUp(why);
      this.forget(running);
    }
    if (this.hasFailed(label)) this.failed = undefined;
    this.host.tell({ fact: "discarded", label });
  }

  /** A message crosses the line of the one of that label; false when its channels are not open. */
  record(label: string | undefined, message: Message): boolean {
    const channels = this.openChannels(label);
    channels?.messages.push(message);
    return channels !== undefined || this.hasFailed(label);
  }

  /** Nothing more does; false when its channels are not open. */
  closeChannels(label: string | undefined): boolean {
    const channels = this.openChannels(label);
    if (channels === undefined) return this.hasFailed(label);
    channels.closed = true;
    this.writeChannels();
    return true;
  }

  private find(label: string | undefined): UnderWay | undefined {
    return this.underWay.find(({ order }) => order.label === label);
  }

  private openChannels(label: string | undefined): ChannelState | undefined {
    const { session, channels } = this.find(label) ?? {};
    const isOpen = channels?.closed === false && session?.takenAt !== undefined;
    return isOpen ? channels : undefined;
  }

  private hasFailed(label: string | undefined): boolean {
    return label !== undefined && label === this.failed;
  }

  private cut({ label }: CaptureOrder): void {
    const { host } = this, { process, board } = host;
    const { inbox, sent } = process.endpoint;
    host.tell({
      fact: "cut",
      label,
      inbox: inbox.map(idOf),
      sent: [...sent].sort(([a], [b]) => a - b),
      usedNs: process.cycles * NS / board.profile.clock,
    });
  }

  private taken(underWay: UnderWay): void {
    const { host } = this, log = host.taken();
    if (log === undefined) return;
    underWay.log = log;
    const messages = log.messages.map(({ to, sequence }) => ({ to, sequence }));
    host.tell({ fact: "kept", label: underWay.order.label, messages });
  }

  private over(underWay: UnderWay): void {
    const { host } = this;
    const { order: { label, moving, alone }, session, channels, log } = underWay;
    const isCommitted = session.state === "committed";
    const figures = figuresOf(session, captureCosts(host.board.profile));
    const failed = !isCommitted && !this.isGivenUp;
    host.tell({ fact: "over", label, figures, areas: session.areas, failed });
    if (!isCommitted && moving === true) this.hasLeft = false;
    if (isCommitted && channels !== undefined) return this.writeChannels();
    if (!isCommitted && channels !== undefined) this.failed = label;
    if (isCommitted && log !== undefined) return this.write(underWay, this.logBeside(underWay));
    this.forget(underWay);
    if (isCommitted && !alone) host.saved();
    if (failed && !alone) host.failed(session.why);
    host.idle();
  }

  /** Writes what is closed and has its image, in the time of the disk. */
  private writeChannels(): void {
    for (const each of this.underWay) {
      const { session, channels } = each;
      const isReady = channels?.closed === true && session.over && session.state === "committed";
      if (!isReady || channels.isBeingWritten) continue;
      channels.isBeingWritten = true;
      this.write(each, [...this.channelsBeside(each, channels.messages), ...this.logBeside(each)]);
    }
  }

  private channelsBeside({ order: { label, image } }: UnderWay, messages: readonly Message[]) {
    const told = (bytes: number) =>
      this.host.tell({ fact: "logged", label, messages: messages.map(idOf), bytes });
    return [{ steps: () => this.store.writingChannels(image, messages), told }];
  }

  private logBeside({ order: { label, image }, log }: UnderWay): readonly Beside[] {
    if (log === undefined) return [];
    const told = (bytes: number) => this.host.tell({ fact: "keptSafe", label, bytes });
    return [{ steps: () => this.store.writingLog(image, log), told }];
  }

  /** Writes files beside the image, one after the other; then the local checkpoint is durable. */
  private write(underWay: UnderWay, [first, ...rest]: readonly Beside[]): void {
    const { host } = this, { board } = host;
    if (first === undefined) {
      this.forget(underWay);
      host.saved();
      return host.idle();
    }
    this.onDisk(underWay, () => {
      const steps = first.steps();
      const { value } = steps.next();
      const bytes = (value as StoreStep).bytes;
      steps.next();
      const cycles = this.disk.costs(captureCosts(board.profile)).store(bytes);
      board.write(board.kernel.now + cycles, () => {
        // It may have been given up meanwhile.
        if (!this.underWay.includes(underWay)) return;
        this.onDisk(underWay, () => {
          while (steps.next().done !== true);
          first.told(bytes);
          this.write(underWay, rest);
        });
      });
    });
  }

  /** A disk that fails ends the local checkpoint: that is nobody's mistake, and it is never saved. */
  private onDisk(underWay: UnderWay, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      const what = underWay.channels === undefined ? "log" : "channels";
      const text = `the ${what} of ${underWay.order.image}: ${error.message}`;
      this.host.tell({ fact: "event", kind: "abandoned", text });
      this.host.tell({ fact: "incomplete", label: underWay.order.label, why: text });
      this.forget(underWay);
      this.host.failed(text);
      this.host.idle();
    }
  }

  private forget(underWay: UnderWay): void {
    this.underWay = this.underWay.filter((each) => each !== underWay);
    // What is durable is kept outside; what is left here would only take memory.
    const hasMore = ({ channels, log }: UnderWay) => channels !== undefined || log !== undefined;
    if (!this.underWay.some(hasMore)) this.store = this.newStore();
  }

  private newStore(): MemoryStore {
    return new MemoryStore(`the disk of ${this.host.node}`, (operation) => {
      if (operation.action === "write") this.disk.take(operation.bytes.length);
      this.host.tell({ fact: "disk", operation });
    }, { byContent: this.host.byContent });
  }
}
