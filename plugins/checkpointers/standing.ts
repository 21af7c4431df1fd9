/** What every strategy has in common that lets the process stand until its image is durable. */
import type { CaptureStep, CaptureView } from "../../core/mod.ts";

/** The whole checkpoint by this step `save`; `buffered`: it runs again as soon as all is copied. */
export function* standing(
  view: CaptureView,
  save: CaptureStep,
  buffered = false,
): Generator<CaptureStep, void, void> {
  yield { step: "stop" };
  yield save;
  for (const page of view.pages) {
    if (page.state === "uncaptured") yield { step: "copy", page, to: "A" };
  }
  yield { step: "merge" };
  if (buffered) yield { step: "resume" };
  yield { step: "write" };
  yield { step: "commit" };
  if (!buffered) yield { step: "resume" };
}
