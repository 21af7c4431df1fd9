/**
 * What lines cost that members declare without a manager: they may be under way side by side, so they
 * are looked at together, each time none is.
 */
import type { ProcessId, Protocol } from "../cluster/protocol.ts";
import { StrategyError } from "../image/capture_order.ts";
import type { Part } from "./checkpoint_record.ts";
import { costDifference, lineCost } from "./declared_cost.ts";
import type { Strategy } from "./lab.ts";

/** The lines of a world, as far as they were not disturbed. */
export class DeclaredLines {
  /** What was asked for and is not answered, by who was asked. */
  private readonly open = new Map<ProcessId, Part[]>();
  private readonly found = new Map<string, number>();
  private readonly declared: Record<string, number> = {};
  private isDisturbed = false;

  constructor(private readonly protocol: Protocol, private readonly chosen: Strategy) {}

  /** Some are under way. */
  get areUnderWay(): boolean {
    return this.open.size > 0;
  }

  /** A process is asked for one, with this part of its own. */
  asked(part: Part): void {
    if (this.protocol.tentative !== true) return;
    const { rank } = part.record;
    this.open.set(rank, [...this.open.get(rank) ?? [], part]);
  }

  /** A control message is on the bus. */
  count(kind: string): void {
    this.found.set(kind, (this.found.get(kind) ?? 0) + 1);
  }

  /**
   * A process has declared one, of which that is its part. Throws {@linkcode StrategyError} when the
   * price is another.
   */
  line(part: Part, members: number, dependencies: number): void {
    const { protocol, chosen: { options }, declared } = this;
    const cost = lineCost(protocol, { n: members, options }, dependencies);
    for (const [kind, count] of Object.entries(cost)) {
      declared[kind] = (declared[kind] ?? 0) + count;
    }
    // Nobody may have asked for it but the process itself, as it wants to end.
    if (this.open.get(part.record.rank)?.[0] === part) this.answered(part.record.rank);
    if (!this.areUnderWay && protocol.perDependency !== undefined) this.check();
  }

  /** It has given one up: what that cost is declared nowhere. */
  aborted(rank: ProcessId, why: string): void {
    this.disturb();
    const part = this.answered(rank);
    if (part !== undefined) part.incomplete = why;
  }

  /** Somebody begins, ends or was lost: nothing is compared any more before a restart of all. */
  disturb(): void {
    this.isDisturbed = true;
  }

  /** A process is no more, and answers nothing. */
  left(rank: ProcessId, why: string): void {
    for (const part of this.open.get(rank) ?? []) part.incomplete ??= why;
    this.open.delete(rank);
  }

  /** All begin anew. */
  reset(): void {
    this.open.clear();
    this.isDisturbed = false;
    this.clear();
  }

  private answered(rank: ProcessId): Part | undefined {
    const [first, ...rest] = this.open.get(rank) ?? [];
    if (rest.length > 0) this.open.set(rank, rest);
    else this.open.delete(rank);
    return first;
  }

  private check(): void {
    const { protocol: { name }, declared, found, isDisturbed } = this;
    const difference = costDifference({ once: { ...declared }, perRound: undefined }, found);
    this.clear();
    if (isDisturbed || difference === undefined) return;
    throw new StrategyError(
      `protocol '${name}' declares ${difference.declared} messages ${difference.kind} for its ` +
        `lines, but sent ${difference.found}`,
    );
  }

  private clear(): void {
    this.found.clear();
    for (const kind of Object.keys(this.declared)) delete this.declared[kind];
  }
}
