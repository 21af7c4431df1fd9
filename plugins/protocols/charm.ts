/**
 * CHARM (Wang, Shen, Zheng, Pei, Journal of Software 10(1), 1999, reference [3] of paper B): the process
 * leaves the session and joins it again on the other node. For the others it is not there meanwhile,
 * and what they send it waits with them; its joining brings them its new task id.
 */
import { moving } from "./moving.ts";

/** N^2 + 2 N control messages for a checkpoint, 3 N - 1 for a move. */
export const charm = moving({
  name: "charm",
  help: "CHARM: as cls_flush, and a process that moves leaves and joins again (3 N - 1 a move).",
  way: { stops: "manager", flushes: "inward", maps: "manager" },
});
