/**
 * Coordination as the application wants it (Park and Yeom, "Application controlled checkpointing
 * coordination for fault-tolerant distributed computing systems", Parallel Computing 26, 2000): the
 * application says by which pattern it communicates, and is coordinated as that pattern asks. Here
 * channels are flushed by markers, and the pattern says which channels there are: E of them instead of
 * N (N - 1). The price is the one paper B names: whoever writes the program has to know. What is sent
 * on a channel that the pattern does not have is followed by no marker, so it may be lost.
 */
import { flush } from "./flush.ts";

/** E + 3 N control messages for E channels. */
export const parkYeom = flush({
  name: "park-yeom",
  aliases: ["pattern-flush"],
  help:
    "Flushes the channels that the application says it uses, by a marker; needs channels that " +
    "keep order (E + 3 N for E channels).",
  marks: "CLS",
  chooses: true,
});
