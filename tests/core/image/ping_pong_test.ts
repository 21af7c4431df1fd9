/** Ping-pong: what is copied twice, what of it anybody waits for, and that no shadow is stale. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Checkpointer } from "../../../core/image/checkpointer.ts";
import { readPages } from "../../../core/image/page_map.ts";
import { PageTracker, type TrackingCost } from "../../../core/image/page_tracker.ts";
import { Shadow } from "../../../core/image/shadow.ts";
import { incremental } from "../../../plugins/checkpointers/incremental.ts";
import { pingPong } from "../../../plugins/checkpointers/ping_pong.ts";
import { begin, COSTS, FakeProcess, goOn } from "./fake_process.ts";
import {
  type Checkpoint,
  histories,
  History,
  holds,
  type Parts,
  type Strategy,
} from "./history.ts";
import { startGuest, take, torn } from "./torn.ts";

const row = pingPong as unknown as Checkpointer;

/** A checkpoint with nothing written meanwhile, and what it came to. */
function checkpoint(process: FakeProcess, given: Record<string, unknown>, failAtStep = 0) {
  const { session, sink } = begin(row, given, process);
  session.failAtStep = failAtStep;
  for (let n = 0; !session.over; n++) {
    assert(n < 1000, "the session never ends");
    goOn(session, process, 5000, 1);
  }
  if (session.state === "committed") assertEquals(session.pagesLeft, 0);
  const { account, counts: { pagesA, shadowed = 0, refreshed = 0 }, frames } = session;
  const saved = sink.image?.pages.slice(1).map(({ bytes }) => bytes);
  return { session, account, pagesA, shadowed, refreshed, frames, saved };
}

Deno.test("ping-pong: what was written is copied to one shadow now, and to the other next time", () => {
  for (const shadows of [1, 2]) {
    const process = new FakeProcess(6), rounds: unknown[] = [];
    for (const written of [[], [2, 3], [4], [], []]) {
      for (const page of written) process.store(page, 9, "user");
      const { account, pagesA, shadowed, refreshed, saved } = checkpoint(process, { shadows });
      assertEquals(saved, process.memory.slice(1), "a full image");
      assertEquals(account.in("stop"), COSTS.fixedStop, "nothing but s");
      assertEquals(account.in("steal"), COSTS.pageCopy * (pagesA + refreshed));
      rounds.push([pagesA, shadowed, refreshed]);
    }
    // At the second checkpoint the other shadow has nothing.
    const second = shadows === 1 ? 0 : 3, later = shadows === 1 ? [0, 0, 0] : [2, 1, 0];
    const [third, fourth, fifth] = later;
    assertEquals(rounds, [[5, 0, 0], [2, 3, second], [1, 4, third], [0, 5, fourth], [0, 5, fifth]]);
  }
});

Deno.test("ping-pong: the map of pages says which a shadow had", () => {
  const run = startGuest("matmul", ["20"]);
  run.runTo(40_000);
  take(run, ["ping-pong", {}]);
  run.runTo(80_000);
  const { session, image, clone } = take(run, ["ping-pong", {}]);
  assertEquals(torn(image, clone), []);
  const fates = session.areas.flatMap(({ pages }) => readPages(pages));
  const shadowed = fates.filter(({ fate }) => "Mm".includes(fate));
  assert(shadowed.length > 0);
  assertEquals(shadowed.reduce((sum, { count }) => sum + count, 0), session.counts.shadowed);
});

Deno.test("ping-pong: a store after the point costs f, and c if the copier has not been there", () => {
  const process = new FakeProcess(6);
  checkpoint(process, {});
  process.store(3, 9, "user");
  const { session } = begin(row, {}, process);
  session.turn(0);
  session.turn(COSTS.fixedStop);
  assert(!process.frozen);
  process.store(3, 9, "user");
  process.store(4, 9, "user");
  process.store(4, 8, "user");
  assertEquals(session.counts.writeFaults, 1, "page 4 is in the shadow");
  assertEquals(session.account.in("fault"), COSTS.trap + COSTS.pageCopy + COSTS.trap);
});

Deno.test("ping-pong: a checkpoint that fails at any step leaves a shadow that is whole", () => {
  for (let step = 1; step < 14; step++) {
    const process = new FakeProcess(6);
    for (const page of [1, 2, 3]) {
      process.store(page, 9, "user");
      checkpoint(process, {});
    }
    process.store(4, 9, "user");
    const { session } = checkpoint(process, {}, step);
    if (session.state === "committed") return assertEquals(step, 11);
    process.store(5, 9, "user");
    const next = checkpoint(process, {});
    assertEquals(next.saved, process.memory.slice(1));
    assertEquals([next.pagesA, next.shadowed, next.refreshed], [2, 3, 1]);
  }
});

/** Every kind of checkpoint a history asks for as one of ping-pong. */
const played = ({ full_every, copies }: Checkpoint): Strategy => [
  row,
  { shadows: full_every === 1 ? 1 : 2, unit: copies === "concurrent" ? "quarter" : "page" },
];

/** And by turns with increments, which leave pages to images. */
const mixed = (checkpoint: Checkpoint): Strategy =>
  checkpoint.copies === "stopped"
    ? [incremental as unknown as Checkpointer, { full_every: checkpoint.full_every }]
    : played(checkpoint);

for (const [name, strategy] of Object.entries({ alone: played, mixed })) {
  Deno.test(`L10: ping-pong, ${name}: after every history each image is a full one`, () => {
    let shadowed = 0, refreshed = 0;
    fc.assert(
      fc.property(histories, (events) => {
        const history = new History({ strategy });
        for (const event of events) history.next(event);
        shadowed += history.shadowed;
        refreshed += history.refreshed;
      }),
      { numRuns: 40, seed: 12 },
    );
    assert(shadowed > 40 && refreshed > 20, "hardly a page came from a shadow");
  });
}

/** A tracker that gets another shadow than the one that was made. */
const shadowed = (change: (made: Shadow, before: Shadow | undefined) => Shadow): Parts => ({
  strategy: played,
  tracker: class extends PageTracker {
    override commit(last: Parameters<PageTracker["commit"]>[0], cost?: TrackingCost): void {
      super.commit(last instanceof Shadow ? change(last, this.shadow) : last, cost);
    }
  },
});

/** Mistakes of core, each in the place of what does it right. */
const MUTANTS: Readonly<Record<string, Parts>> = {
  "a shadow of the image before the last, taken for the last": shadowed(
    ({ many, last, next }) => new Shadow(many, last, next, new Set()),
  ),
  "pages refreshed from the shadow that is behind": shadowed(
    ({ many, last, next, behind }) => new Shadow(many, next.size > 0 ? next : last, next, behind),
  ),
  "shadows that a failed checkpoint has turned": {
    strategy: played,
    tracker: class extends PageTracker {
      override abandon(): void {
        if (this.shadow !== undefined && this.next !== undefined) this.commit(this.shadow);
        super.abandon();
      }
    },
  },
  "a shadow that outlives an increment": {
    strategy: mixed,
    tracker: class extends PageTracker {
      override commit(...given: Parameters<PageTracker["commit"]>): void {
        const { shadow } = this;
        super.commit(...given);
        this.shadow ??= shadow;
      }
    },
  },
};

for (const [name, parts] of Object.entries(MUTANTS)) {
  Deno.test(`L10 notices ${name}`, () => {
    const found = fc.check(
      fc.property(histories, (events) => holds(events, parts)),
      { numRuns: 300, seed: 12, endOnFailure: true },
    );
    assertEquals(found.failed, true);
  });
}
