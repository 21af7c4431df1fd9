/**
 * Moves in which a protocol takes part: those it has not answered yet, and what each cost in control
 * messages, which must be what it declares.
 */
import type { CheckpointShape, ProcessId, Protocol } from "../cluster/protocol.ts";
import { StrategyError } from "../image/capture_order.ts";

/** It declares what a move costs, and has a manager that hears of each. */
export const takesPartInMoves = (
  { moves, manager }: Pick<Protocol, "moves" | "manager">,
): boolean => moves !== undefined && manager !== undefined;

/** A move that the protocol will not make. */
export interface RefusedMove {
  readonly who: ProcessId;
  readonly why: string;
}

/** The moves under way by a protocol. */
export class CoordinatedMoves {
  private asked: ProcessId[] = [];
  private refusals: RefusedMove[] = [];
  /** Control messages since the last one was answered. */
  private counts = new Map<string, number>();
  private isDisturbed = false;

  constructor(
    private readonly protocol: Pick<Protocol, "name" | "moves" | "manager">,
    private readonly options: CheckpointShape["options"] = {},
  ) {}

  /** The protocol takes part in them. */
  get areIts(): boolean {
    return takesPartInMoves(this.protocol);
  }

  get areUnderWay(): boolean {
    return this.asked.length > 0;
  }

  ask(who: ProcessId): void {
    if (!this.areUnderWay) this.isDisturbed = false;
    this.asked.push(who);
  }

  count(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  /** Somebody has begun, ended or was lost: nothing is declared for that. */
  disturb(): void {
    this.isDisturbed = true;
  }

  /** A restart: nothing is under way any more. */
  reset(): void {
    this.asked = [];
    this.refusals = [];
    this.begin();
  }

  /** It is where everybody knows it to be. Throws {@linkcode StrategyError}. */
  settled(who: ProcessId, members: readonly ProcessId[]): void {
    this.answer(who, "settled");
    const { protocol, options, counts, isDisturbed } = this;
    this.begin();
    if (isDisturbed) return;
    const n = members.length;
    for (const [kind, declared] of Object.entries(protocol.moves?.({ n, options }) ?? {})) {
      const found = counts.get(kind) ?? 0;
      if (found === declared) continue;
      throw new StrategyError(
        `protocol '${protocol.name}' declares ${declared} messages ${kind} for a move among ${n} ` +
          `processes, but sent ${found}`,
      );
    }
  }

  refused(who: ProcessId, why: string): void {
    this.answer(who, "refused");
    this.begin();
    this.refusals.push({ who, why });
  }

  /** Those refused since the last time. */
  takeRefusals(): readonly RefusedMove[] {
    return this.refusals.splice(0);
  }

  /** What comes next is counted for the next move; while others wait it may be disturbed still. */
  private begin(): void {
    this.counts = new Map();
    if (!this.areUnderWay) this.isDisturbed = false;
  }

  private answer(who: ProcessId, word: string): void {
    const at = this.asked.indexOf(who);
    if (at < 0) {
      throw new StrategyError(
        `protocol '${this.protocol.name}' says '${word}' of process ${who}: expected a process ` +
          "that is to move",
      );
    }
    this.asked.splice(at, 1);
  }
}
