/** A Worker with domains, from outside: comlink boots it, shared memory carries the rest. */
import { type Remote, transfer, wrap } from "comlink";
import { StrategyError } from "../image/capture_order.ts";
import { EngineDifference } from "../machine/verifier.ts";
import type { DomainPlan } from "./facts.ts";
import type { Host } from "./host.ts";
import { boardTurn, HOOK_PATIENCE_MS, newBoard, readBoard } from "./hook_board.ts";
import { Pipe } from "./pipe.ts";
import { Silence } from "./silence.ts";
import type { Opening, Reply, Request } from "./tenants.ts";
import { EXCHANGE } from "./translation_exchange.ts";
import type { Answered, Asked, PluginPlace, WorkerApi } from "./worker_entry.ts";

/** A Worker that died, hangs or threw: a fault of the lab itself, never of a script. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
}

/** How long one sleep is: for a word in shared memory, and for an answer through the event loop. */
const SLEEP_MS = 50;
const CALL_SLEEP_MS = 2;

/** How long a Worker may be without a sign of life. */
const PATIENCE_MS = 60_000;

/** How many times as long it may be when it runs everything by both engines. */
const VERIFYING = 20;

/** One Worker. */
export class WorkerHost implements Host {
  private readonly worker: Worker;
  private readonly api: Remote<WorkerApi>;
  private readonly pipe: Pipe;
  private readonly leaveExchange: () => void;
  private readonly booted: Promise<void>;
  /** It listens to shared memory until this is fulfilled. */
  private serving: Promise<void> | undefined;
  private opened: Promise<unknown> = Promise.resolve();
  private opening = 0;
  /** It was asked something through shared memory, and the answer is not fetched yet. */
  private owes = false;
  private trouble: WorkerError | undefined;
  private dies: (error: WorkerError) => void = () => {};
  private readonly death: Promise<never>;
  private slowness = 1;

  private readonly patienceMs: number;
  private readonly hookMs: number;
  private readonly hooks = newBoard();

  /**
   * `module` is the Worker's own; `title` says whose domains it houses; `patienceMs` is for the Worker
   * and its start, `hookPatienceMs` for one hook of a plugin, both in ms.
   */
  constructor(
    module: URL,
    public title: string,
    { patienceMs = PATIENCE_MS, hookPatienceMs = HOOK_PATIENCE_MS, plugins = [] }: {
      readonly patienceMs?: number;
      readonly hookPatienceMs?: number;
      readonly plugins?: readonly PluginPlace[];
    } = {},
  ) {
    this.patienceMs = patienceMs;
    this.hookMs = Math.min(patienceMs, hookPatienceMs);
    this.worker = new Worker(module, { type: "module", name: title });
    this.death = new Promise((_, reject) => this.dies = reject);
    this.death.catch(() => {});
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.fail(event.message);
    };
    this.worker.onmessageerror = () => this.fail("a message could not be read");
    this.api = wrap<WorkerApi>(this.worker);
    this.pipe = new Pipe(Pipe.memory(), "asking");
    const { port, leave } = EXCHANGE.join();
    this.leaveExchange = leave;
    this.booted = this.call(
      this.api.boot(this.pipe.memory, transfer(port, [port]), plugins, this.hooks),
    );
    this.booted.catch(() => {});
  }

  /** It has neither failed nor been ended, is not opening anything, and owes nobody an answer. */
  get isFit(): boolean {
    return this.trouble === undefined && this.opening === 0 && !this.owes;
  }

  /** One domain after the other: a Worker hears one question at a time. */
  open(plan: DomainPlan): Promise<Opening> {
    this.opening++;
    const opening = this.opened.then(() => this.openNow(plan)).finally(() => this.opening--);
    this.opened = opening.catch(() => {});
    return opening;
  }

  private async openNow(plan: DomainPlan): Promise<Opening> {
    await this.booted;
    if (plan.jit === "verify") this.slowness = VERIFYING;
    this.ask({ ask: "open", plan });
    await this.answered();
    const answer = this.fetch();
    if (!("opening" in answer)) throw this.fail("it answered something else than was asked");
    return answer.opening;
  }

  post(request: Request): void {
    this.ask(request);
  }

  async reply(): Promise<Reply> {
    await this.answered();
    return this.fetchReply();
  }

  askNow(request: Request): Reply {
    this.ask(request);
    for (const wait = this.patience(); !this.pipe.hasWord;) wait(this.pipe.turn);
    return this.fetchReply();
  }

  terminate(): void {
    this.trouble ??= new WorkerError(`the Worker of ${this.title} was ended`);
    this.dies(this.trouble);
    this.leaveExchange();
    this.pipe.stop();
    this.worker.terminate();
  }

  /** Puts a question; the first makes it listen to shared memory for good. */
  private ask(asked: Asked): void {
    if (this.trouble !== undefined) throw this.trouble;
    if (this.serving === undefined) {
      this.serving = Promise.race([this.api.serve(), this.death]);
      this.serving.catch((error) => void this.fail(String(error)));
    }
    this.owes = true;
    this.pipe.write(asked, this.patience());
  }

  /** Waits for the answer; now and then events are let in, as that of a Worker that died. */
  private async answered(): Promise<void> {
    for (const wait = this.patience(); !this.pipe.hasWord;) {
      wait(this.pipe.turn);
      if (this.pipe.hasWord) break;
      await eventLoop();
      if (this.trouble !== undefined) throw this.trouble;
    }
  }

  /** Sleeps while the word is that; throws when there has been no sign of life for too long. */
  private patience(): (turn: number) => void {
    let breaths = this.pipe.breaths;
    const silence = new Silence(boardTurn(this.hooks));
    return (turn) => {
      this.pipe.sleepWhile(turn, SLEEP_MS);
      const moved = this.pipe.turn !== turn || this.pipe.breaths !== breaths;
      breaths = this.pipe.breaths;
      const hook = readBoard(this.hooks);
      silence.slept(moved, hook !== undefined, boardTurn(this.hooks));
      const isSilent = hook === undefined
        ? silence.quiet * SLEEP_MS > this.patienceMs * this.slowness
        : silence.inHook * SLEEP_MS > this.hookMs;
      if (isSilent) throw this.failSilent(hook);
    };
  }

  private fetch(): Reply | { readonly opening: Opening } {
    const answered = this.pipe.read(this.patience()) as Answered;
    this.owes = false;
    if ("failed" in answered) throw this.fail(answered.failed, answered.stack);
    // The Worker did what it is for: it is the strategy that is to blame, as in one thread.
    if ("broken" in answered) throw new StrategyError(answered.broken);
    if (!("difference" in answered)) return answered;
    const { differences, pc, disassembly, wasm } = answered.difference;
    throw new EngineDifference(differences, pc, disassembly, wasm);
  }

  private fetchReply(): Reply {
    const answer = this.fetch();
    if ("opening" in answer) throw this.fail("it answered something else than was asked");
    return answer;
  }

  /**
   * What a call comes to. A Worker that ends itself tells nobody, and a promise alone would not keep
   * the lab waiting, so it is looked at again and again.
   */
  private async call<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const over = () => void (isOver = true);
    promise.then(over, over);
    for (let quietMs = 0; !isOver && this.trouble === undefined; quietMs += CALL_SLEEP_MS) {
      if (quietMs > this.patienceMs) throw this.failSilent();
      await eventLoop();
      if (!isOver) this.pipe.sleepWhile(this.pipe.turn, CALL_SLEEP_MS);
    }
    try {
      return await Promise.race([this.death, promise]);
    } catch (error) {
      throw this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** A hook of a plugin that does not come back is the plugin's mistake. */
  private failSilent(hook?: string): WorkerError | StrategyError {
    if (hook === undefined) return this.fail(`no sign of life for ${this.patienceMs / 1000} s`);
    const why = `${hook} has not come back for ${this.hookMs / 1000} s`;
    this.fail(why);
    return new StrategyError(why);
  }

  /** `stack` is that of the error inside the Worker, which that of this one goes on with. */
  private fail(why: string, stack = ""): WorkerError {
    if (this.trouble === undefined) {
      this.trouble = new WorkerError(`the Worker of ${this.title} failed: ${why}`);
      if (stack !== "") this.trouble.stack += `\ninside it: ${stack}`;
    }
    this.leaveExchange();
    this.dies(this.trouble);
    return this.trouble;
  }
}

/** The runtime looks for what other threads have sent only every 61st turn of its event loop. */
const TURNS = 64;

/** Lets the events come in that wait at the door, as that of a Worker that died. */
function eventLoop(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    let turns = 0;
    port1.onmessage = () => {
      if (++turns < TURNS) return port2.postMessage(undefined);
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
