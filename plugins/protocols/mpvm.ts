/**
 * MPVM, the migration of MIST (Casas, Clark, Konuru, Otto, Prouty, Walpole, Computing Systems 8(2),
 * 1995): the process that moves tells all others to send it nothing, each acknowledges that behind what
 * it has sent, and in the end it tells them its new task id. It runs on until it is saved.
 */
import { moving } from "./moving.ts";

/** N^2 + 2 N control messages for a checkpoint, 3 N - 1 for a move. */
export const mpvm = moving({
  name: "mpvm",
  aliases: ["mist"],
  help: "MPVM of MIST: as cls_flush, and a process that moves stops the others (3 N - 1 a move).",
  way: { stops: "mover", flushes: "inward", maps: "mover" },
});
