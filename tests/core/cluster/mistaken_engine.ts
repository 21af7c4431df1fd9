/**
 * A mistake in one engine: while both run the same code, the evaluator's sums and differences are
 * one too large. Hardly a loop has neither.
 */
import { Evaluator } from "../../../core/machine/evaluator.ts";
import { Verifier } from "../../../core/machine/verifier.ts";

/** Makes the mistake, for all machines of this thread, until it is disposed of. */
export function mistaken(): Disposable {
  const { add, sub } = Evaluator.prototype;
  const { run } = Verifier.prototype;
  let isCompared = false;
  Evaluator.prototype.add = (a, b) => (a + b + (isCompared ? 1 : 0)) | 0;
  Evaluator.prototype.sub = (a, b) => (a - b + (isCompared ? 1 : 0)) | 0;
  Verifier.prototype.run = function (...given) {
    isCompared = true;
    try {
      return run.apply(this, given);
    } finally {
      isCompared = false;
    }
  };
  return {
    [Symbol.dispose]: () => {
      Object.assign(Evaluator.prototype, { add, sub });
      Verifier.prototype.run = run;
    },
  };
}
