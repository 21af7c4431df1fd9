/**
 * One guest process with all that is its own: a board, its end of the channels, its member of the
 * protocol, its checkpoints. It shares nothing with other domains: what reaches it are arrivals and
 * orders, and what it does to the world it tells as facts.
 */
import { Digest } from "../base/digest.ts";
import type { Checkpointer } from "../image/checkpointer.ts";
import type { KnownDisk } from "../image/directory_store.ts";
import { ImageError } from "../image/image.ts";
import { restore } from "../image/restore.ts";
import type { KeptMessage } from "../image/sender_log_file.ts";
import { StrategyError } from "../image/capture_order.ts";
import { describeUnknown } from "../kernel/call_runner.ts";
import { exitCode, reportDeath } from "../kernel/death.ts";
import { Console, type ConsoleOptions } from "../kernel/files/console.ts";
import type { Message } from "../kernel/endpoint.ts";
import type { Process } from "../kernel/process.ts";
import { Board } from "./board.ts";
import {
  type Arrival,
  type Chosen,
  type DiskTrouble,
  type DomainPlan,
  type Fact,
  idOf,
  type Look,
  type MessageId,
  type Status,
  type ThreadLook,
  type Told,
} from "./facts.ts";
import { inputOf } from "./input.ts";
import { LastLook } from "./last_look.ts";
import { LocalCheckpoints } from "./local_checkpoints.ts";
import { Member, type Standing } from "./member.ts";
import type { ProcessPlace, Protocol } from "./protocol.ts";
import { isHeldBack, waitsOf } from "./waits.ts";

const NS = 1_000_000_000;

/** A domain shows a sign of life at least this often, in ns of its clock. */
const BREATH_NS = 10_000_000;

/** Where a domain finds strategies by name. */
export interface Strategies {
  checkpointer(name: string): Checkpointer | undefined;
  protocol(name: string): Protocol | undefined;
}

/** A checkpoint to be begun. */
export interface CaptureOrder {
  readonly label: string;
  /** The image's name in the store. */
  readonly image: string;
  readonly using: Chosen;
  /** Outside the protocol: of this process alone. */
  readonly alone: boolean;
  /** What the disk of its node has already. */
  readonly known?: KnownDisk;
  /** To go on elsewhere: from t0 on it stands still, and what arrives is sent after it. */
  readonly moving?: boolean;
}

/** One process in a domain of its own. */
export class Domain {
  readonly board: Board;
  readonly process: Process;
  private readonly arrivals: Arrival[] = [];
  private facts: Fact[] = [];
  private readonly look: LastLook;
  private readonly calls = new Digest();
  private readonly member: Member | undefined;
  private readonly checkpoints: LocalCheckpoints;
  private failed = false;

  /**
   * Spawns the process or brings it back. `onBreath` is called now and then while it runs. Throws
   * `ElfError`, `SpawnError` or `ImageError` when there can be no such process.
   */
  constructor(
    private readonly plan: DomainPlan,
    private readonly strategies: Strategies,
    private readonly onBreath: () => void = () => {},
  ) {
    const { profile, seed, jit, at, resumption } = plan;
    this.board = Board.boot(profile, seed, { jit });
    this.board.kernel.advanceTo(this.board.cyclesAt(at));
    this.board.kernel.observer = {
      call: ({ name, result }) => void this.calls.add(name, result ?? ""),
      exit: () => this.ended(),
    };
    this.process = resumption === undefined ? this.spawn() : this.bringBack();
    this.look = new LastLook(this.process, this.board.kernel);
    this.checkpoints = this.newCheckpoints();
    for (const trouble of plan.diskTroubles ?? []) this.diskTrouble(trouble);
    this.member = this.newMember();
    this.connect();
    if (resumption === undefined) return;
    const held = Math.ceil(resumption.heldNs * profile.clock / NS);
    this.board.holdUntil(this.process, this.board.kernel.now + held);
  }

  // What is asked of it.

  /**
   * Runs to that time, a few cycles more at most; what arrives at its times. Stops early when
   * somebody's mistake came out; the next call goes on from there.
   */
  advance(until: number, arrivals: readonly Arrival[]): void {
    this.failed = false;
    if (arrivals.length > 0) {
      this.arrivals.push(...arrivals);
      this.arrivals.sort((a, b) => a.at - b.at);
    }
    const end = this.board.cyclesAt(until);
    while (!this.failed) {
      const timer = this.member?.timers.next ?? Infinity;
      const moment = Math.min(this.arrivals[0]?.at ?? Infinity, timer);
      const target = Math.min(end, moment === Infinity ? end : this.board.cyclesAt(moment));
      this.run(target);
      if (this.failed) return;
      if (moment !== Infinity && this.board.cyclesAt(moment) <= this.board.kernel.now) {
        this.happen(moment);
      } else if (this.board.kernel.now >= end) return;
    }
  }

  /** Begins a checkpoint now. */
  checkpoint(order: CaptureOrder): void {
    const { member } = this;
    this.guarded(() => {
      if (member === undefined || order.alone) this.checkpoints.capture(order);
      else member.request(order);
    });
  }

  /** The next global checkpoint is this; its members are told by the protocol. */
  announce(order: CaptureOrder): void {
    this.member?.announce(order);
  }

  pause(): void {
    this.board.pause(this.process);
  }

  /** Who has left stands still until he has arrived. */
  resume(): void {
    if (!this.checkpoints.hasLeft) this.board.resume(this.process);
  }

  /** The disk of its node lost something in a crash. */
  diskLost(losing: "unsynced" | "disk"): void {
    this.checkpoints.diskLost(losing);
  }

  /** The disk of its node is slow or full for a while. */
  diskTrouble(trouble: DiskTrouble): void {
    this.checkpoints.diskTrouble(trouble);
  }

  /** Gives up a checkpoint that its process has begun. */
  abandon(why: string): void {
    this.guarded(() => this.checkpoints.giveUp(why));
  }

  /** The facts since the last time. */
  takeFacts(): readonly Fact[] {
    const { facts } = this;
    this.facts = [];
    return facts;
  }

  get status(): Status {
    const { board, process } = this;
    const ns = (cycles: number) => cycles * NS / board.profile.clock;
    const waits = (id: number) =>
      process.threads.some((thread) => thread.id === id && isHeldBack(process, thread));
    return {
      now: ns(board.kernel.now),
      next: Math.min(
        ns(board.nextActivity),
        this.member?.timers.next ?? Infinity,
        this.arrivals[0]?.at ?? Infinity,
      ),
      instructions: process.instructions,
      usedNs: ns(process.cycles),
      blockedNs: ns(process.endpoint.blockedUntil(board.kernel.now, waits)),
      tlbMisses: board.kernel.refillCounts.refills,
      ended: process.exit !== undefined,
      sessions: this.checkpoints.sessions,
    };
  }

  /** What is expensive to find out; `threads`: also where each of them is. */
  inspect(threads = false): Look {
    const { board, process } = this;
    return {
      state: this.look.state,
      calls: this.calls.hex,
      heldNs: board.heldFor(process) * NS / board.profile.clock,
      ...(this.member === undefined ? {} : { member: this.member.standing }),
      unknownCalls: board.kernel.unknownCalls.map(describeUnknown),
      waits: waitsOf(process),
      ...(process.exit?.kind !== "killed"
        ? {}
        : { death: reportDeath(process.name, process.id, process.exit.death) }),
      ...(threads && process.exit === undefined ? { threads: this.threads() } : {}),
    };
  }

  private threads(): readonly ThreadLook[] {
    const { kernel } = this.board;
    return this.process.threads.map((thread) => (
      { state: thread.state, ...kernel.portrait(thread) }
    ));
  }

  // How it begins.

  private spawn(): Process {
    const { program, process, rank, size, node } = this.plan;
    return this.board.kernel.spawn({
      path: program.path,
      name: program.name,
      executable: program.executable,
      args: program.args,
      environment: program.environment ?? [],
      entity: process,
      console: new Console(this.console(0)),
      endpoint: { rank, size, nodeName: node },
    });
  }

  private bringBack(): Process {
    const { program, resumption, node } = this.plan;
    if (resumption === undefined) throw new Error("there is nothing to bring back");
    return restore(resumption.image, {
      kernel: this.board.kernel,
      executable: program.executable,
      console: this.console(resumption.inputRead),
      endpoint: { nodeName: node },
    });
  }

  /** Where it reads and writes; its input goes on after the first `read` bytes. */
  private console(read: number): ConsoleOptions {
    return {
      input: inputOf(this.plan.program.input, read),
      // The bytes may lie in guest memory.
      sink: (stream, bytes) => this.tell({ fact: "output", stream, bytes: bytes.slice() }),
    };
  }

  private newCheckpoints(): LocalCheckpoints {
    const { board, process, look, strategies, plan: { node, byContent = false } } = this;
    return new LocalCheckpoints({
      board,
      process,
      look,
      strategies,
      node,
      byContent,
      now: () => this.nowNs,
      tell: (fact) => this.tell(fact),
      taken: () => this.member?.taken(),
      saved: () => this.member?.tell({ event: "saved" }),
      failed: (why) => this.member?.tell({ event: "failed", why }),
      idle: () => this.member?.idle(),
    });
  }

  private newMember(): Member | undefined {
    const { protocol: chosen } = this.plan;
    if (chosen === undefined) return undefined;
    const protocol = this.strategies.protocol(chosen.name);
    if (protocol === undefined) throw new Error(`no protocol '${chosen.name}' in this Worker`);
    const standing = chosen.standing ?? this.beginning(protocol, chosen);
    return new Member(protocol, standing, {
      now: () => this.nowNs,
      charge: () => this.board.kernel.charge(this.plan.profile.message),
      tell: (fact) => this.tell(fact),
      deliver: (message) => this.deliver(message),
      sendAgain: (message) => this.tell({ ...this.sent(message), again: true }),
      checkpoints: this.checkpoints,
      endpoint: this.process.endpoint,
    });
  }

  /** Where the member begins, or begins again. */
  private beginning(
    protocol: Protocol,
    { members, options }: NonNullable<DomainPlan["protocol"]>,
  ): Standing {
    const { rank, resumption: { log } = {} } = this.plan;
    const state = protocol.member(rank, members, options, log?.state);
    return log === undefined ? { state } : { state, log: log.messages };
  }

  /** Hangs this domain into the process's end of its channels. */
  private connect(): void {
    const { endpoint } = this.process;
    endpoint.onSend = (message) => this.send(message);
    endpoint.onReceive = (message) => {
      if (message.from !== message.to) this.tell({ fact: "delivered", id: idOf(message) });
    };
    endpoint.onAbort = (code) => this.tell({ fact: "terminate", code });
    endpoint.onValue = (name, value) => this.tell({ fact: "value", name, value });
    for (const rank of this.plan.absent) endpoint.absent.add(rank);
    const { member } = this;
    if (member !== undefined) endpoint.mayLeave = () => member.mayLeave();
  }

  // What happens in it.

  private get nowNs(): number {
    return Math.ceil(this.board.now);
  }

  private tell(told: Told): void {
    this.facts.push({ ...told, at: this.nowNs } as Fact);
  }

  private run(target: number): void {
    const breath = this.board.cyclesAt(BREATH_NS);
    while (this.board.kernel.now < target && !this.failed) {
      this.onBreath();
      const part = Math.min(target, this.board.kernel.now + breath);
      this.guarded(() => this.board.advance(part));
    }
    // Stores that are done and processes that may go on are looked at even when no time passes.
    this.guarded(() => this.board.advance(target));
  }

  /** The first of what is due at that moment: an arrival, or else a timer. */
  private happen(moment: number): void {
    const arrival = this.arrivals[0];
    if (arrival !== undefined && arrival.at <= moment) {
      this.arrivals.shift();
      this.guarded(() => this.arrive(arrival));
    } else this.guarded(() => this.member?.timer(moment));
  }

  private arrive({ what }: Arrival): void {
    if (what.kind === "protocol") {
      if (what.event.event === "joining") this.process.endpoint.join(what.event.who);
      return this.member?.tell(what.event);
    }
    if (what.kind === "order") return this.grant(what.order);
    if (this.checkpoints.hasLeft) return this.tell({ fact: "behind", what });
    if (what.kind === "terminate") return this.terminate(what.code);
    const { from, body } = what;
    if (body.kind === "control") return this.member?.control(from, body.message);
    if (this.process.exit !== undefined || from === "manager") return;
    const { tag, sequence, bytes, piggyback } = body;
    const message = { from, to: this.plan.rank, tag, sequence, bytes };
    if (this.member === undefined) this.deliver(message);
    else this.member.arrives({ message, piggyback });
  }

  /** It comes to the receive buffer. */
  private deliver(message: Message): void {
    this.tell({ fact: "arrived", id: idOf(message) });
    this.process.endpoint.deliver(message);
  }

  /** Who has left asks anew where it is then. */
  private grant(order: CaptureOrder): void {
    if (!this.checkpoints.hasLeft) this.member?.grant(order);
  }

  private send(message: Message): void {
    const piggyback = this.member?.sends(message);
    this.tell(this.sent(piggyback === undefined ? message : { ...message, piggyback }));
  }

  /** It goes to where its receiver is, as the member knows it. */
  private sent(message: KeptMessage) {
    return sentFact(message, this.member?.placeOf(message.to));
  }

  /** Puts messages that the sender's log keeps on the network once more. */
  sendAgain(wanted: readonly Pick<MessageId, "to" | "sequence">[]): void {
    for (const kept of this.member?.again(wanted) ?? []) {
      this.tell({ ...this.sent(kept), again: true });
    }
  }

  private terminate(code: number): void {
    if (this.process.exit === undefined) this.board.kernel.exit(this.process, code);
  }

  private ended(): void {
    const { exit } = this.process;
    if (exit === undefined) return;
    const signal = exit.kind === "killed" ? exit.death.signal : "";
    const ending = { exitCode: exitCode(exit), signal, state: this.look.state };
    this.tell({ fact: "ended", ending });
    this.member?.ended();
  }

  /** Somebody's mistake ends this domain's run; the world is told. */
  private guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      const by = error instanceof StrategyError ? "strategy" : "image";
      if (!(error instanceof StrategyError || error instanceof ImageError)) throw error;
      this.failed = true;
      this.tell({ fact: "failure", by, message: error.message });
    }
  }
}

/** Bytes of an application message on the wire besides its content. */
const MESSAGE_HEADER = 40;

/** A message leaves, with what the member has put on it. */
function sentFact({ tag, sequence, bytes, to, piggyback }: KeptMessage, place?: ProcessPlace) {
  const where = place === undefined ? {} : { place };
  const body = { kind: "user" as const, tag, sequence, bytes, ...where };
  const length = MESSAGE_HEADER + bytes.length;
  if (piggyback === undefined) return { fact: "sent" as const, to, bytes: length, body };
  return {
    fact: "sent" as const,
    to,
    bytes: length + piggyback.bytes,
    piggybackBytes: piggyback.bytes,
    body: { ...body, piggyback: piggyback.value },
  };
}
