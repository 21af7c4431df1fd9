/** Where domains live: this thread, or a Worker. Whoever drives them cannot tell which. */
import type { Strategies } from "./domain.ts";
import type { DomainPlan } from "./facts.ts";
import { type Opening, type Reply, type Request, Tenants } from "./tenants.ts";

/** A thread with domains. */
export interface Host {
  /** Makes a domain. */
  open(plan: DomainPlan): Promise<Opening>;
  /** Asks; the answer is fetched by `reply`, so that several hosts can work at once. */
  post(request: Request): void;
  /** The answer to what was posted last. */
  reply(): Reply | Promise<Reply>;
  /** Asks and waits on the spot. */
  askNow(request: Request): Reply;
  /** Everything in it is gone. */
  terminate(): void;
}

/** Domains in this very thread. */
export class LocalHost implements Host {
  private readonly tenants: Tenants;
  private answer: Reply | undefined;

  constructor(strategies: Strategies) {
    this.tenants = new Tenants(strategies);
  }

  open(plan: DomainPlan): Promise<Opening> {
    return Promise.resolve(this.tenants.open(plan));
  }

  post(request: Request): void {
    this.answer = this.tenants.perform(request);
  }

  reply(): Reply {
    const { answer } = this;
    if (answer === undefined) throw new Error("nothing was asked");
    this.answer = undefined;
    return answer;
  }

  askNow(request: Request): Reply {
    return this.tenants.perform(request);
  }

  terminate(): void {
    this.tenants.clear();
  }
}
