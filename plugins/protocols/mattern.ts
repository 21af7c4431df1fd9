/**
 * Mattern's snapshot (1993) by vector counters, in its form with a token: it goes round a ring
 * twice. At the first lap each process is cut and adds how many messages it has sent to whom, less
 * those that came; then the token says how many are on their way to whom, and at the second lap each
 * keeps it until so many have come. Only the token waits. Channels need not keep order, for messages
 * have the colour of their sender. Few messages, of N entries each, over a long way.
 */
import { coloured } from "./coloured.ts";
import { ring } from "./cut_ring.ts";
import { timeout } from "./members.ts";
import { vectorCounters } from "./vector_counters.ts";

/** 2 N + 2 control messages. */
export const mattern = coloured({
  name: "mattern",
  aliases: ["vector-counters"],
  help: "A token with counters goes round twice; nobody stops, any order of arrival (2 N + 2).",
  options: { timeout },
  kinds: ["TOKEN"],
  cost: ({ n }) => ({ TOKEN: 2 * (n + 1) }),
  accounting: vectorCounters,
  way: ring,
});
