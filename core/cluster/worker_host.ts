/** A Worker with domains, from outside: comlink for what is rare, shared memory for the rounds. */
import { type Remote, wrap } from "comlink";
import type { DomainPlan } from "./facts.ts";
import type { Host } from "./host.ts";
import { Pipe } from "./pipe.ts";
import type { Opening, Reply, Request } from "./tenants.ts";
import type { Answered, Asked, WorkerApi } from "./worker_entry.ts";

/** A Worker that died, hangs or threw: a fault of the lab itself, never of a script. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
}

/** How long one sleep is, and how many without a sign of life are too many (a minute). */
const SLEEP_MS = 50;
const MOST_SLEEPS = 1200;

/** One Worker. */
export class WorkerHost implements Host {
  private readonly worker: Worker;
  private readonly api: Remote<WorkerApi>;
  private readonly pipe: Pipe;
  private readonly booted: Promise<void>;
  /** It listens to shared memory until this is fulfilled. */
  private serving: Promise<void> | undefined;
  private trouble: WorkerError | undefined;
  private dies: (error: WorkerError) => void = () => {};
  private readonly death: Promise<never>;

  /** `module` is the Worker's own; `title` says whose domains it houses. */
  constructor(module: URL, public title: string) {
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
    this.booted = this.alive(this.api.boot(this.pipe.memory));
    this.booted.catch(() => {});
  }

  /** It has neither failed nor been ended. */
  get isFit(): boolean {
    return this.trouble === undefined;
  }

  async open(plan: DomainPlan): Promise<Opening> {
    await this.rest();
    await this.booted;
    return await this.alive(this.api.open(plan) as Promise<Opening>);
  }

  post(request: Request): void {
    if (this.trouble !== undefined) throw this.trouble;
    if (this.serving === undefined) {
      this.serving = this.alive(this.api.serve());
      this.serving.catch(() => {});
    }
    this.pipe.write(request satisfies Asked, (turn) => this.sleep(turn));
  }

  async reply(): Promise<Reply> {
    for (let quiet = 0, breaths = this.pipe.breaths; !this.pipe.hasWord;) {
      this.pipe.sleepWhile(this.pipe.turn, SLEEP_MS);
      if (this.pipe.hasWord) break;
      await eventLoop();
      if (this.trouble !== undefined) throw this.trouble;
      quiet = this.pipe.breaths === breaths ? quiet + 1 : 0;
      breaths = this.pipe.breaths;
      if (quiet > MOST_SLEEPS) throw this.fail("it hangs: no sign of life for a minute");
    }
    return this.fetch();
  }

  askNow(request: Request): Reply {
    this.post(request);
    for (let sleeps = 0; !this.pipe.hasWord;) {
      this.sleep(this.pipe.turn);
      if (++sleeps > MOST_SLEEPS) throw this.fail("it does not answer");
    }
    return this.fetch();
  }

  terminate(): void {
    this.trouble ??= new WorkerError(`the Worker of ${this.title} was ended`);
    this.pipe.stop();
    this.worker.terminate();
  }

  /** Makes it listen to comlink again. */
  private async rest(): Promise<void> {
    const { serving } = this;
    if (serving === undefined) return;
    this.pipe.write({ ask: "rest" } satisfies Asked, (turn) => this.sleep(turn));
    await this.reply();
    await serving;
    this.serving = undefined;
  }

  private sleep(turn: number): void {
    this.pipe.sleepWhile(turn, SLEEP_MS);
  }

  private fetch(): Reply {
    const answered = this.pipe.read((turn) => this.sleep(turn)) as Answered;
    if ("failed" in answered) throw this.fail(answered.failed);
    return answered;
  }

  /** What is awaited, unless the Worker dies first. */
  private alive<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.death]);
  }

  private fail(why: string): WorkerError {
    this.trouble ??= new WorkerError(`the Worker of ${this.title} failed: ${why}`);
    this.dies(this.trouble);
    return this.trouble;
  }
}

/** Lets the events come in that wait at the door, as that of a Worker that died. */
function eventLoop(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
