/**
 * The protocol paper B measures itself against (CoCheck's ready messages): the mark is a marker, CLS,
 * behind everything that was sent. Channels keep order, so who has everybody's marker has everything:
 * N (N - 1) markers. Where a channel does not keep order a message overtaken by its marker is lost,
 * which nobody notices: that is the protocol's.
 */
import { flush } from "./flush.ts";

/** N^2 + 2 N control messages, of which the paper counts the CLS. */
export const clsFlush = flush({
  name: "cls-flush",
  aliases: ["flush", "flush-markers"],
  help: "Flushes every channel by a marker; needs channels that keep order (N^2 + 2 N).",
  marks: "CLS",
});
