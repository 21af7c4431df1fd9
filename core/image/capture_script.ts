/** What a strategy says, step by step: whatever it says wrong is an error that names it. */
import type { OptionTable, OptionValue } from "../base/option.ts";
import { type CaptureProgress, objectionTo, StrategyError } from "./capture_order.ts";
import type { CapturePage, CaptureStep, CaptureView, Checkpointer } from "./checkpointer.ts";
import { refusedBy, type SavedState } from "./refusal.ts";

/** More steps than any strategy needs: one that never ends must not hold up the lab. */
const MOST_STEPS = 2 ** 20;

type Steps = Generator<CaptureStep, void, void>;

/** The strategy of one capture, being listened to. */
export class CaptureScript {
  private readonly steps: Steps;
  private heard = 0;

  constructor(
    private readonly strategy: Checkpointer,
    private readonly options: Readonly<Record<string, OptionValue>>,
    private readonly view: CaptureView,
    private readonly progress: () => CaptureProgress,
  ) {
    this.steps = this.capture();
  }

  /** The next step of `capture`, if it is possible now; nothing at its end. */
  next(): CaptureStep | undefined {
    return this.ask(this.steps, "capture");
  }

  /** The steps of a write fault; without a quarter the page goes away. */
  *writeFault(page: CapturePage, quarter: number | undefined): Steps {
    const steps = this.onFirstWrite(page, quarter);
    for (;;) {
      const step = this.ask(steps, "onFirstWrite");
      if (step === undefined) return;
      yield step;
    }
  }

  /** Why it does not save a process in such a state, if it does not. */
  refusal(state: SavedState): string | undefined {
    const { name, refuses = [] } = this.strategy;
    const refused = this.listen(() => refusedBy(refuses, state));
    return refused && `checkpointer '${name}' refuses it ${refused}`;
  }

  /** Checks the price the strategy declares. */
  checkMessages(writeFaults: number, sent: number): void {
    const declared = this.listen(() => this.strategy.controlMessages(writeFaults));
    if (declared === sent) return;
    throw this.broken(
      `declares ${declared} control messages for ${writeFaults} write faults, but sent ${sent}`,
    );
  }

  /** The error of a strategy that broke its contract. */
  broken(what: string, cause?: unknown): StrategyError {
    return new StrategyError(`checkpointer '${this.strategy.name}' ${what}`, { cause });
  }

  /** A generator begins when it is asked, so that a strategy that throws at once is caught too. */
  private *capture(): Steps {
    yield* (this.strategy as Checkpointer<OptionTable>).capture(this.view, this.options as never);
  }

  /** Without `onFirstWrite` the writer copies the page itself. */
  private *onFirstWrite(page: CapturePage, quarter: number | undefined): Steps {
    const { onFirstWrite } = this.strategy as Checkpointer<OptionTable>;
    if (onFirstWrite === undefined) yield { step: "copy", page, to: "B" };
    else yield* onFirstWrite.call(this.strategy, page, this.view, this.options as never, quarter);
  }

  private ask(steps: Steps, place: "capture" | "onFirstWrite"): CaptureStep | undefined {
    if (++this.heard > MOST_STEPS) throw this.broken("yields steps without end");
    const { value, done } = this.listen(() => steps.next());
    if (done === true) return undefined;
    const wrong = objectionTo(value as CaptureStep, place, this.progress());
    if (wrong !== undefined) throw this.broken(`is wrong: ${wrong}`);
    return value as CaptureStep;
  }

  /** Runs code of the strategy. */
  private listen<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof StrategyError) throw error;
      throw this.broken(`threw: ${error instanceof Error ? error.message : error}`, error);
    }
  }
}
