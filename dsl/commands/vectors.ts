/** `vectors`: runs instruction vectors. The doing is plugged in. */
import { JITS } from "../../core/mod.ts";
import { type Command, type Flag, UsageError } from "../flags.ts";
import { JIT_FLAG, jitFlag } from "../jit_flag.ts";

/** As everywhere, but for what is usual: the evaluator says what an instruction means. */
const ENGINES: Flag = {
  name: JIT_FLAG.name,
  value: "engines",
  choices: JITS,
  help:
    "Which engines run them. off (default): the evaluator by itself; on: a whole machine that " +
    "translates each case; verify: a machine that runs each case by both, up to the first " +
    "difference.",
};

export const vectorsCommand: Command = {
  name: "vectors",
  usage: "folder",
  help: "Runs the instruction vectors of a folder and prints what passed, failed and differs.",
  flags: [ENGINES],
  run: (given, host) => {
    const [folder, ...others] = given.rest;
    if (folder === undefined || others.length > 0) {
      throw new UsageError("vectors takes one folder");
    }
    return host.vectors({ folder, jit: jitFlag(given, "off") }, host);
  },
};
