/** The choice of engines, as every command that runs programs takes it. */
import { type Jit, JITS } from "../core/mod.ts";
import type { Flag, Given } from "./flags.ts";

/** `--jit`. */
export const JIT_FLAG: Flag = {
  name: "jit",
  value: "engines",
  choices: JITS,
  help: "Which engines run programs. on (default): hot code is translated; off: everything is " +
    "evaluated; verify: both in lock-step, up to the first difference. It changes speed alone.",
};

/** The engines that were asked for, or what is usual. */
export const jitFlag = (given: Given, usual: Jit = "on"): Jit =>
  JITS.find((each) => each === given.text(JIT_FLAG.name)) ?? usual;
