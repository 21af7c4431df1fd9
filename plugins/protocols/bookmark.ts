/**
 * The bookmark exchange of LAM/MPI, and of Open MPI after it: the mark is a number, how many messages
 * were sent on the channel so far. Who has received as many from everybody has everything, in
 * whatever order it came: the price of flushing without its need of order.
 *
 * LAM counts bytes, Open MPI messages; both count when a receive is matched, so that what came and
 * was not asked for hangs. Here a message counts when it has arrived.
 */
import { flush } from "./flush.ts";

/** N^2 + 2 N control messages, of which N (N - 1) are bookmarks. */
export const bookmark = flush({
  name: "bookmark",
  aliases: ["lam-bookmark"],
  help:
    "LAM/MPI: exchanges how many messages were sent, by pairs; any order of arrival (N^2 + 2 N).",
  marks: "BOOKMARK",
});
