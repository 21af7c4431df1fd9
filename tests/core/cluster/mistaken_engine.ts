/** A mistake in one engine: while both run the same code, the evaluator adds one too much. */
import { Evaluator } from "../../../core/machine/evaluator.ts";
import { Verifier } from "../../../core/machine/verifier.ts";

/** Makes the mistake, for all machines of this thread, until it is disposed of. */
export function mistaken(): Disposable {
  const { add } = Evaluator.prototype;
  const { run } = Verifier.prototype;
  let isCompared = false;
  Evaluator.prototype.add = (a, b) => (a + b + (isCompared ? 1 : 0)) | 0;
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
      Evaluator.prototype.add = add;
      Verifier.prototype.run = run;
    },
  };
}
