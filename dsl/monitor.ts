/** Claims about every tick: `always`, `sometimes`, `never`, looked at while a world runs. */
import { type Context, NoValue } from "./context.ts";
import { explain, isTrue } from "./judge.ts";
import type { Claim, Quantifier } from "./plan.ts";
import type { ClaimResult } from "./results.ts";
import { formatNs } from "./units.ts";

/** What came of a claim in one world. */
export type Judged = Pick<ClaimResult, "verdict" | "details">;

/** A claim about every tick. */
export interface MonitoredClaim extends Claim {
  readonly how: Quantifier;
}

/** True for claims that are looked at on every tick. */
export const isMonitored = (claim: Claim): claim is MonitoredClaim => claim.how !== undefined;

/** Looks at one claim in one world. */
export class Monitor {
  #decided: Judged | undefined;
  #looks = 0;
  /** Why the claim had no value where its `if` held. */
  #without: string | undefined;

  constructor(readonly claim: MonitoredClaim, readonly context: Context) {}

  /** Looks at the claim now; once it is decided nothing more is looked at. */
  look(now: number): void {
    if (this.#decided !== undefined) return;
    // Each look has its own budget, as a condition has.
    const context = { ...this.context, work: { left: 100_000 } };
    if (!applies(this.claim, context)) return;
    try {
      const holds = isTrue(context, this.claim.expr);
      this.#looks++;
      this.#decide(holds, now, context);
    } catch (error) {
      if (!(error instanceof NoValue)) throw error;
      this.#without = error.message;
    }
  }

  #decide(holds: boolean, now: number, context: Context): void {
    const { how, expr } = this.claim;
    if (how === "sometimes") {
      if (holds) this.#decided = { verdict: "holds", details: [] };
    } else if (holds !== (how === "always")) {
      const details = [["at", formatNs(now)] as const, ...explain(context, expr)];
      this.#decided = { verdict: "failed", details };
    }
  }

  /** What came of it when the world has ended. */
  result(): Judged {
    if (this.#decided !== undefined) return this.#decided;
    if (this.#looks > 0) {
      if (this.claim.how !== "sometimes") return { verdict: "holds", details: [] };
      const ticks = this.#looks === 1 ? "one tick" : `${this.#looks} ticks`;
      return { verdict: "failed", details: [["looked", `at ${ticks}, and it held at none`]] };
    }
    if (this.#without === undefined) return { verdict: "skipped", details: [] };
    return { verdict: "unknown", details: [["no value", this.#without]] };
  }
}

/** Whether the claim's `if` holds; without a value it does not. */
function applies({ condition }: Claim, context: Context): boolean {
  try {
    return condition === undefined || isTrue(context, condition);
  } catch (error) {
    if (error instanceof NoValue) return false;
    throw error;
  }
}
