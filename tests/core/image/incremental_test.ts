/** L10: whatever an incremental image leaves to its parents, it gives what a full one would. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MemoryStore } from "../../../core/image/memory_store.ts";
import { PageTracker } from "../../../core/image/page_tracker.ts";
import type { SourcePage } from "../../../core/image/capture_target.ts";
import type { Writer } from "../../../core/kernel/guard.ts";
import type { Page } from "../../../core/kernel/page.ts";
import { histories, History, holds, type Parts } from "./history.ts";

Deno.test("L10: after every history of its memory, each image is what a full one would be", () => {
  let inherited = 0;
  fc.assert(
    fc.property(histories, (events) => {
      const history = new History();
      for (const event of events) history.next(event);
      inherited += history.inherited;
    }),
    { numRuns: 40, seed: 10 },
  );
  assert(inherited > 60, "hardly a page was left to a parent");
});

class ByContent extends MemoryStore {
  constructor() {
    super("memory", undefined, { byContent: true });
  }
}

Deno.test("L10: the same where pages are kept by content, whatever is collected when", () => {
  fc.assert(
    fc.property(histories, (events) => {
      const history = new History({ store: ByContent });
      for (const event of events) history.next(event);
    }),
    { numRuns: 15, seed: 11 },
  );
});

/** Mistakes of core, each in the place of what does it right. */
const MUTANTS: Readonly<Record<string, Parts>> = {
  "a dirty set consumed before the commit": {
    tracker: class extends PageTracker {
      override begin(pages: Iterable<SourcePage>, resident: readonly number[]): void {
        super.begin(pages, resident);
        this.clean = new Map(this.next);
      }
    },
  },
  "a page mapped anew that is not dirty": {
    tracker: class extends PageTracker {
      override beforeUnmap(page: Page): void {
        this.inner?.beforeUnmap(page);
      }
    },
  },
  "a page that moved taken for the one that was there": {
    tracker: class extends PageTracker {
      override isClean({ frame }: SourcePage): boolean {
        return frame !== undefined && this.clean.has(frame);
      }
    },
  },
  "a page of zeros taken for one of the parent": {
    tracker: class extends PageTracker {
      override isClean(page: SourcePage): boolean {
        return super.isClean(page) || page.copy().every((byte) => byte === 0);
      }
    },
  },
  "stores of the kernel that nobody sees": {
    tracker: class extends PageTracker {
      override beforeWrite(page: Page, by: Writer, quarter: number): void {
        if (by === "user") super.beforeWrite(page, by, quarter);
        else this.inner?.beforeWrite(page, by, quarter);
      }
    },
  },
  "stores after t0 that count as before it": {
    tracker: class extends PageTracker {
      override forget({ frame }: Page): void {
        this.clean.delete(frame);
      }
    },
  },
  "a checkpoint that failed and yet counts": {
    tracker: class extends PageTracker {
      override abandon(): void {
        if (this.tip !== undefined && this.next !== undefined) this.commit(this.tip);
      }
    },
  },
  "a parent collected as garbage": {
    store: class extends MemoryStore {
      protected override needed(): Set<string> {
        return new Set();
      }
    },
  },
  "clean pages at the end left out": {
    sent: (pages) => pages.slice(0, 1 + pages.findLastIndex(({ source }) => source !== "parent")),
  },
};

for (const [name, parts] of Object.entries(MUTANTS)) {
  Deno.test(`L10 notices ${name}`, () => {
    const found = fc.check(
      fc.property(histories, (events) => holds(events, parts)),
      { numRuns: 300, seed: 10, endOnFailure: true },
    );
    assertEquals(found.failed, true);
  });
}
