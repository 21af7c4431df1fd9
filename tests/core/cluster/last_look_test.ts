/** Whoever watches a process costs it no speed: the machine loads by itself what nobody asks for. */
import { assert } from "@std/assert";
import { LastLook } from "../../../core/cluster/last_look.ts";
import { begin, byName, finish, newBoard, startGuest } from "./board_fixture.ts";

const MS = 1_000_000;

/** A guest with more pages than the UTLB has entries, and how its misses were answered since. */
function writer() {
  const board = newBoard();
  const { process } = startGuest(board, "wmem2 128 1000 0");
  new LastLook(process, board.kernel);
  board.advance(board.cyclesAt(5 * MS));
  const { machine } = board.kernel;
  const counts = () => ({ reloads: machine.reloads, refills: board.kernel.refillCounts.refills });
  let before = counts();
  const since = () => {
    const now = counts();
    const { reloads, refills } = before;
    before = now;
    return { reloads: now.reloads - reloads, refills: now.refills - refills };
  };
  return { board, process, since };
}

Deno.test("a last look keeps the machine from nothing while no checkpoint is under way", () => {
  const { board, since } = writer();
  board.advance(board.cyclesAt(20 * MS));
  const { reloads, refills } = since();
  assert(refills > 1000 && reloads > 0.9 * refills, `${reloads} of ${refills}`);
});

Deno.test("a checkpoint keeps it only from what it has yet to hear of", () => {
  const { board, process, since } = writer();
  const taking = begin(board, process, byName("concurrent-cow"));
  finish(board, taking);
  const { reloads, refills } = since();
  const { pagesA, pagesB, writeFaults } = taking.session.counts;
  assert(writeFaults > 0, "nothing was written meanwhile");
  // Each page is loaded once for the account of refills, and may trap once for its first store.
  const heard = 2 * (pagesA + pagesB) + writeFaults;
  assert(refills > 1000 && refills - reloads <= heard, `${reloads} of ${refills}, ${heard} heard`);
});
