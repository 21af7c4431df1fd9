/** The option of strategies that leave the executable's pages out, and the step it decides about. */
import type { CaptureStep, Option } from "../../core/mod.ts";

/** Off: a restart takes these pages from the executable. */
export const includeExecutable = {
  type: "truth",
  default: false,
  doc: "Save pages that equal the executable's too.",
} as const satisfies Option;

/** The step `save`, as the option has it. */
export const saveWith = (isIncluded: boolean): CaptureStep => ({
  step: "save",
  leaveOut: isIncluded ? "nothing" : "executable",
});
