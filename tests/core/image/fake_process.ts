/** A process of a few pages whose every store is ours to order, and a capture of it. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readOptions } from "../../../core/base/option.ts";
import type { Checkpointer } from "../../../core/image/checkpointer.ts";
import type { Image } from "../../../core/image/image.ts";
import { CaptureSession } from "../../../core/image/session.ts";
import type { CaptureCosts, CaptureTarget } from "../../../core/image/capture_target.ts";
import type { SavedState } from "../../../core/image/refusal.ts";
import type { PageTracker } from "../../../core/image/page_tracker.ts";
import type { WriteGuard } from "../../../core/kernel/guard.ts";
import { type FirstWrite, quarterOf } from "../../../core/kernel/page.ts";

export const COSTS: CaptureCosts = {
  cpus: 1,
  trap: 300,
  message: 500,
  pageCopy: 4096,
  tableEntry: 40,
  bitWord: 6,
  fixedStop: 20_000,
  store: (bytes) => bytes * 2,
};

/** A process of so many pages whose every store is ours to order. */
export class FakeProcess implements CaptureTarget {
  clock = 0;
  frozen = false;
  installed: WriteGuard | undefined;
  readonly memory: Uint8Array[];

  constructor(pages: number) {
    this.memory = Array.from({ length: pages }, (_, n) => new Uint8Array(4096).fill(n + 1));
  }
  now = () => this.clock;
  charge(cycles: number) {
    this.clock += cycles;
  }
  used = () => this.clock;
  runnable = () => !this.frozen;
  ended = () => false;
  freeze() {
    this.frozen = true;
  }
  thaw() {
    this.frozen = false;
  }
  manifest = () =>
    ({
      process: {
        space: { vmas: [] },
        messages: { size: 1, sent: [], inbox: [] },
        files: { files: [] },
        timers: { real: {}, virtual: {}, profile: {} },
        threads: [],
        actions: [],
      },
    }) as unknown as SavedState;
  pages() {
    const list = this.memory.map((bytes, n) => ({
      vpn: 16 + n,
      frame: n,
      dirty: true,
      fromExecutable: n === 0,
      copy: () => bytes.slice(),
    }));
    return { length: list.length, fromExecutable: 1, at: (n: number) => list[n] };
  }
  /** What the last checkpoint left, for the next. */
  writes: readonly FirstWrite[] = [];
  history = () => this.writes;
  remember(writes: readonly FirstWrite[]) {
    this.writes = writes;
  }
  /** What stays between two of its checkpoints. */
  tracked: PageTracker | undefined;
  tracker = () => this.tracked;
  keep(tracker: PageTracker | undefined) {
    this.tracked = tracker;
  }
  guard(guard: WriteGuard | undefined) {
    this.installed = guard;
  }
  /** A fake TLB holds nothing: every store asks the guard. */
  watch = () => true;
  residentPages = () => [16, 17];

  /** The program stores a byte, as the TLB refill would let it. */
  store(n: number, value: number, by: "user" | "kernel") {
    const page = { vpn: 16 + n, frame: n, dirty: true };
    // Low values go to all quarters in turn.
    const address = (value * 1040) % 4096, quarter = quarterOf(address);
    if (((this.installed?.protects(page) ?? 0) & quarter) !== 0) {
      this.installed?.beforeWrite(page, by, quarter);
    }
    (this.memory[n] as Uint8Array)[address] = value;
  }
}

export class Sink {
  image: Image | undefined;
  committed = false;
  abandoned = false;
  writePages(image: Image) {
    this.image = image;
    return image.pages.length * 4096;
  }
  manifestBytes = () => 500;
  commit() {
    this.committed = true;
    return { image: "image", identity: "0".repeat(64), readBytes: 0 };
  }
  /** Each image has a place of its own. */
  holds = () => false;
  abandon() {
    this.abandoned = true;
  }
}

export function begin(
  strategy: Checkpointer,
  given: Record<string, unknown>,
  process: FakeProcess,
  cpus = 1,
) {
  const { values, problems } = readOptions(strategy.options, given);
  assertEquals(problems, []);
  const sink = new Sink();
  const session = new CaptureSession(process, strategy, values, { ...COSTS, cpus }, sink);
  return { session, sink };
}

/** Gives the copier so many cycles, or waits until the store is done. */
export function goOn(session: CaptureSession, process: FakeProcess, cycles: number, cpus: number) {
  session.poll();
  const until = session.waitsForStoreUntil;
  if (until !== undefined) process.clock = Math.max(process.clock, until);
  else if (cpus === 1 || session.stopped) session.turn(cycles);
  else {
    process.clock += cycles;
    session.catchUp();
  }
  session.settle("programs");
  session.poll();
}

/** What may happen next: the copier gets cycles, or the program stores. */
export const happenings = fc.array(
  fc.oneof(
    fc.record({ copier: fc.integer({ min: 1, max: 9000 }) }),
    fc.record({
      page: fc.integer({ min: 0, max: 5 }),
      value: fc.integer({ min: 1, max: 255 }),
      by: fc.constantFrom("user" as const, "kernel" as const),
    }),
  ),
  { maxLength: 60 },
);
