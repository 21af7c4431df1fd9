/** The whole instruction table of the SH7750. That no rows overlap is a law, proved by a test. */
import { branch } from "./branch.ts";
import { float } from "./float.ts";
import { integer } from "./integer.ts";
import { memory } from "./memory.ts";
import type { Op } from "./op.ts";
import { system } from "./system.ts";

/** Every row, in the order of the subjects. */
export const sh4: readonly Op[] = [...integer, ...memory, ...branch, ...float, ...system];
