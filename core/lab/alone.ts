/** A program run alone to its end: what progress is measured by. */
import { Domain, type Strategies } from "../cluster/domain.ts";
import type { DomainPlan } from "../cluster/facts.ts";
import { LabError } from "./lab.ts";
import type { UndisturbedRun } from "./process_record.ts";

const STEP_NS = 1_000_000_000;
const LONGEST_NS = 3600 * STEP_NS;

/** Runs a process by itself. Throws {@linkcode LabError} when it does not come to an end. */
export function runAlone(plan: DomainPlan, strategies: Strategies): UndisturbedRun {
  const { protocol: _, ...rest } = plan;
  const domain = new Domain(rest, strategies);
  for (let now = STEP_NS; !domain.status.ended; now += STEP_NS) {
    if (domain.status.next === Infinity) {
      const advice = plan.size > 1 ? "; measure by time or by what it has sent instead" : "";
      throw new LabError(
        `the progress of '${plan.process}' has no measure: alone it never ends, it waits for ` +
          `ever${advice}`,
      );
    }
    if (now > LONGEST_NS) {
      throw new LabError(`'${plan.process}' alone does not end within an hour of virtual time`);
    }
    domain.advance(now, []);
    domain.takeFacts();
  }
  return { instructions: domain.status.instructions };
}
