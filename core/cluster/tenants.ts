/** The domains of one thread, and all that may be asked of them: the same here and in a Worker. */
import { ImageError } from "../image/image.ts";
import { ElfError } from "../kernel/elf.ts";
import { SpawnError } from "../kernel/spawn.ts";
import { type CaptureOrder, Domain, type Strategies } from "./domain.ts";
import type { Arrival, DiskTrouble, DomainPlan, Fact, Look, MessageId, Status } from "./facts.ts";
import type { ProcessId } from "./protocol.ts";

/** What is asked of the domains of a thread, as plain data. */
export type Request =
  | {
    readonly ask: "advance";
    readonly until: number;
    readonly parts: readonly { readonly rank: ProcessId; readonly arrivals: readonly Arrival[] }[];
  }
  | {
    readonly ask: "checkpoint" | "announce";
    readonly rank: ProcessId;
    readonly order: CaptureOrder;
  }
  | { readonly ask: "pause" | "resume"; readonly rank: ProcessId }
  /** `threads`: also where each of them is. */
  | { readonly ask: "inspect"; readonly rank: ProcessId; readonly threads?: boolean }
  | { readonly ask: "abandon"; readonly rank: ProcessId; readonly why: string }
  | {
    readonly ask: "diskLost";
    readonly rank: ProcessId;
    readonly losing: "unsynced" | "disk";
  }
  | { readonly ask: "diskTrouble"; readonly rank: ProcessId; readonly trouble: DiskTrouble }
  /** Those that its sender's log keeps go onto the network once more. */
  | {
    readonly ask: "sendAgain";
    readonly rank: ProcessId;
    readonly messages: readonly Pick<MessageId, "to" | "sequence">[];
  }
  /** The domain is gone. */
  | { readonly ask: "close"; readonly rank: ProcessId }
  /** All of them are. */
  | { readonly ask: "clear" };

/** What one domain has to tell. */
export interface Telling {
  readonly rank: ProcessId;
  readonly facts: readonly Fact[];
  readonly status: Status;
}

/** The answer to a request. */
export interface Reply {
  readonly tellings: readonly Telling[];
  readonly look?: Look;
}

/** The answer to a plan: the domain is there, or there can be none. */
export type Opening = Telling | { readonly refused: string };

/** All the domains of one thread. */
export class Tenants {
  private readonly domains = new Map<ProcessId, Domain>();

  /** `onBreath` is called now and then while a domain runs. */
  constructor(
    private readonly strategies: Strategies,
    private readonly onBreath: () => void = () => {},
  ) {}

  /** Makes a domain. */
  open(plan: DomainPlan): Opening {
    try {
      const domain = new Domain(plan, this.strategies, this.onBreath);
      this.domains.set(plan.rank, domain);
      return tellingOf(plan.rank, domain);
    } catch (error) {
      const theirs = error instanceof ImageError || error instanceof ElfError ||
        error instanceof SpawnError;
      if (theirs) return { refused: error.message };
      throw error;
    }
  }

  /** Does what is asked. */
  perform(request: Request): Reply {
    if (request.ask === "advance") {
      const tellings = request.parts.map(({ rank, arrivals }) => {
        const domain = this.domain(rank);
        domain.advance(request.until, arrivals);
        return tellingOf(rank, domain);
      });
      return { tellings };
    }
    if (request.ask === "clear") {
      this.clear();
      return { tellings: [] };
    }
    const { rank } = request;
    const domain = this.domain(rank);
    if (request.ask === "inspect") return { tellings: [], look: domain.inspect(request.threads) };
    if (request.ask === "close") {
      this.domains.delete(rank);
      return { tellings: [] };
    }
    order(domain, request);
    return { tellings: [tellingOf(rank, domain)] };
  }

  /** All of them are gone. */
  clear(): void {
    this.domains.clear();
  }

  private domain(rank: ProcessId): Domain {
    const domain = this.domains.get(rank);
    if (domain === undefined) throw new Error(`there is no domain of rank ${rank} here`);
    return domain;
  }
}

function order(domain: Domain, request: Request): void {
  switch (request.ask) {
    case "checkpoint":
      return domain.checkpoint(request.order);
    case "announce":
      return domain.announce(request.order);
    case "pause":
      return domain.pause();
    case "resume":
      return domain.resume();
    case "abandon":
      return domain.abandon(request.why);
    case "sendAgain":
      return domain.sendAgain(request.messages);
    case "diskTrouble":
      return domain.diskTrouble(request.trouble);
    case "diskLost":
      return domain.diskLost(request.losing);
  }
}

const tellingOf = (rank: ProcessId, domain: Domain): Telling => ({
  rank,
  facts: domain.takeFacts(),
  status: domain.status,
});
