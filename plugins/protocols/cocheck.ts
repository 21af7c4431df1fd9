/**
 * CoCheck (Stellner, IPPS 1996): a manager tells everybody that a process is to move; that one and
 * each other put a "ready message" behind what they have sent each other. There the channels are
 * connections, and those from the process have to be empty before they are closed with it; here only
 * the ready messages to it are waited for, and those from it are its price.
 */
import { moving } from "./moving.ts";

/** N^2 + 2 N control messages for a checkpoint, 4 N - 2 for a move. */
export const cocheck = moving({
  name: "cocheck",
  help:
    "CoCheck: as cls_flush, and a process moves when its channels are flushed (4 N - 2 a move).",
  way: { stops: "manager", flushes: "both", maps: "mover" },
});
