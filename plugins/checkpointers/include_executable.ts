/** The option of strategies that leave the executable's pages out, and the step it decides about. */
import type { CaptureStep, Option } from "../../core/mod.ts";

/** Off: a restart takes these pages from the executable. */
export const includeExecutable = {
  type: "truth",
  default: false,
  doc: "Save pages that equal the executable's too.",
} as const satisfies Option;

/** The same of those that save them unless told. */
export const leaveOutExecutable = {
  type: "truth",
  default: false,
  doc: "Leave out pages that equal the executable's; they are taken from it at restart.",
} as const satisfies Option;

/** The step `save`, as the option has it. */
export const saveWith = (isIncluded: boolean): CaptureStep => ({
  step: "save",
  leaveOut: isIncluded ? "nothing" : "executable",
});
