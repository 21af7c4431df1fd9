/**
 * A process whose memory does what a history says, checkpointed now and then into one store; and of
 * each of its images what a full one would have been. The history stands for the program: its stores
 * come by the guard as a TLB refill lets them come, all else is what system calls do.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readOptions } from "../../../core/base/option.ts";
import { captureCosts } from "../../../core/cluster/board.ts";
import { processTarget } from "../../../core/image/capture.ts";
import type { CaptureTarget } from "../../../core/image/capture_target.ts";
import { difference } from "../../../core/image/difference.ts";
import { ImageError, type ImagePage } from "../../../core/image/image.ts";
import { MemoryStore } from "../../../core/image/memory_store.ts";
import { PageList } from "../../../core/image/page_list.ts";
import { PageTracker } from "../../../core/image/page_tracker.ts";
import { CaptureSession } from "../../../core/image/session.ts";
import { StoreSink } from "../../../core/image/store_sink.ts";
import { quarterOf } from "../../../core/kernel/page.ts";
import { PROTECTION } from "../../../core/kernel/vma.ts";
import { type Checkpointer, PROFILE, ProgramRun } from "../../../core/mod.ts";
import { incremental } from "../../../plugins/checkpointers/incremental.ts";
import { exitWith, tinyElf } from "../kernel/tiny_elf.ts";

const PAGE = 4096, SLOTS = 3, SLOT_PAGES = 3, BASE = 0x1000_0000;
const READ_WRITE = PROTECTION.read | PROTECTION.write;
const EXECUTABLE = tinyElf([...exitWith(0)]).bytes;

const slotStart = (slot: number): number => BASE + slot * 16 * PAGE;

const slot = fc.integer({ min: 0, max: SLOTS - 1 });
const page = fc.integer({ min: 0, max: SLOT_PAGES - 1 });

/** What a program does to its memory. */
const change = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("store" as const),
      slot,
      page,
      value: fc.integer({ min: 0, max: 3 }),
      by: fc.constantFrom("user" as const, "kernel" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("map" as const), slot, page }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unmap" as const), slot, page }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("move" as const), slot, to: slot }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("protect" as const), slot, write: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("zero" as const), slot, page }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("read" as const), slot, page }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("discard" as const), slot, page }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("renew" as const), slot, page }) },
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** And what is done with the process. */
const event = fc.oneof(
  { weight: 6, arbitrary: change },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("checkpoint" as const),
      full_every: fc.constantFrom(1, 3, 64),
      copies: fc.constantFrom("buffered", "stopped", "concurrent"),
      failAtStep: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 })),
      during: fc.array(change, { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), which: fc.nat(9) }) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;
export type Checkpoint = Extract<Event, { readonly do: "checkpoint" }>;

/** Histories: the first checkpoint comes when there is some memory to save. */
export const histories = fc.array(event, { minLength: 6, maxLength: 30 }).map((events): Event[] => [
  { do: "map", slot: 0, page: 2 },
  { do: "store", slot: 0, page: 0, value: 7, by: "user" },
  { do: "store", slot: 0, page: 2, value: 8, by: "user" },
  { do: "checkpoint", full_every: 64, copies: "buffered", failAtStep: 0, during: [] },
  ...events,
  { do: "checkpoint", full_every: 64, copies: "buffered", failAtStep: 0, during: [] },
  { do: "remove", which: 0 },
]);

/** A strategy with values for its options. */
export type Strategy = readonly [row: Checkpointer, given: Record<string, unknown>];

const increments = ({ full_every, copies }: Checkpoint): Strategy => [
  incremental as unknown as Checkpointer,
  { full_every, copies },
];

/** What a test may put in the place of what is tried. */
export interface Parts {
  /** Which strategy takes a checkpoint; `incremental` unless told. */
  readonly strategy?: (checkpoint: Checkpoint) => Strategy;
  readonly store?: typeof MemoryStore;
  readonly tracker?: typeof PageTracker;
  /** The image as the session has it, on its way to the store. */
  readonly sent?: (pages: readonly ImagePage[]) => readonly ImagePage[];
}

/** A history under way. */
export class History {
  readonly store: MemoryStore;
  /** What a full image of that label would have had. */
  readonly full = new Map<string, readonly ImagePage[]>();
  /** Pages that were left to a parent, in all images together. */
  inherited = 0;
  /** Pages that a shadow had, and the copies from one to the other. */
  shadowed = 0;
  refreshed = 0;
  private run: ProgramRun;
  private count = 0;

  constructor(private readonly parts: Parts = {}) {
    this.store = new (parts.store ?? MemoryStore)();
    this.run = ProgramRun.start(this.node, { path: "/tiny", executable: EXECUTABLE });
    this.begin();
  }

  /** Does what is next, and looks at the new image; at all of them when one has gone. */
  next(event: Event): void {
    if (event.do === "checkpoint") this.checkpoint(event);
    else if (event.do === "remove") this.remove(event.which);
    else if (event.do === "restore") this.restore(event.which);
    else this.change(event);
    const labels = this.store.labels();
    if (event.do === "checkpoint") this.check(labels.slice(-1));
    else if (event.do === "remove") this.check(labels);
  }

  /** These images are what full ones would be. */
  private check(labels: readonly string[]): void {
    for (const label of labels) {
      const image = this.store.read(label), pages = this.full.get(label) ?? [];
      assertEquals(image.manifest.parent, undefined);
      assertEquals(difference(image, { ...image, pages }, 1), [], label);
    }
  }

  private get node() {
    const profile = readOptions(PROFILE, { ram: 2 ** 20, disk: 400_000_000 }).values;
    return { profile, seed: 1, console: { sink: () => {} }, engine: { jit: "off" as const } };
  }

  private begin(): void {
    const { node, process } = this.run;
    node.pause(process);
    const Tracker = this.parts.tracker;
    if (Tracker !== undefined) process.tracker = new Tracker(node.target(process), 300);
  }

  private change(change: Change): void {
    const { space, memory } = this.run.process;
    const start = slotStart(change.slot);
    const at = start + ("page" in change ? change.page * PAGE : 0);
    const vma = space.vmas.find(at);
    if (change.do === "map") {
      const length = (change.page + 1) * PAGE;
      space.map({ address: start, length, protection: READ_WRITE, fixed: true });
    } else if (vma === undefined) return;
    else if (change.do === "unmap") space.unmap(at, PAGE);
    else if (change.do === "discard") space.discard(at, at + PAGE);
    else if (change.do === "renew") {
      space.unmap(at, PAGE);
      space.map({ address: at, length: PAGE, protection: READ_WRITE, fixed: true });
      space.touch(at, false);
    } else if (change.do === "read") space.touch(at, false);
    else if (change.do === "protect") {
      space.protect(vma.start, vma.end - vma.start, change.write ? READ_WRITE : PROTECTION.read);
    } else if (change.do === "move") {
      const to = slotStart(change.to), length = vma.end - vma.start;
      if (change.to !== change.slot) space.remap(vma.start, length, length, to);
    } else if ((vma.protection & PROTECTION.write) === 0) return;
    else if (change.do === "zero") memory.write(at, new Uint8Array(PAGE));
    else if (change.by === "kernel") memory.write(at + 1030, Uint8Array.of(change.value));
    else this.storeAt(at + 2060, change.value);
  }

  /** A store of the program, as a refill lets it come. */
  private storeAt(address: number, value: number): void {
    const { space } = this.run.process;
    const page = space.touch(address, true);
    if (typeof page === "string") return;
    const quarter = quarterOf(address), { guard } = space;
    if (((guard?.protects(page) ?? 0) & quarter) !== 0) guard?.beforeWrite(page, "user", quarter);
    page.dirty = true;
    space.frames.bytes(page.frame)[address % PAGE] = value;
  }

  private checkpoint(checkpoint: Checkpoint): void {
    const { failAtStep, during } = checkpoint;
    const { node, process } = this.run, label = `c${++this.count}`;
    const plain = node.target(process);
    const target: CaptureTarget = {
      ...plain,
      manifest: () => {
        this.full.set(label, this.fullPages());
        return plain.manifest();
      },
    };
    const [row, given] = (this.parts.strategy ?? increments)(checkpoint);
    const { values } = readOptions(row.options, given);
    const sink = new StoreSink(this.store, label);
    const write = sink.writePages.bind(sink), { sent } = this.parts;
    if (sent !== undefined) {
      sink.writePages = (image) => write({ ...image, pages: sent(image.pages) });
    }
    const session = new CaptureSession(
      target,
      row,
      values,
      captureCosts(node.profile),
      sink,
    );
    session.failAtStep = failAtStep;
    node.add(process, session, () => {});
    const changes = [...during];
    for (let turn = 0; !session.over; turn++) {
      assert(turn < 10_000, "the session never ends");
      const next = session.stopped ? undefined : changes.shift();
      if (next !== undefined) this.change(next);
      node.advance(node.kernel.now + 5000);
    }
    if (failAtStep === 0) assertEquals([session.state, session.why], ["committed", ""]);
    if (session.state !== "committed") this.full.delete(label);
    const { inherited = 0, shadowed = 0, refreshed = 0 } = session.counts;
    this.inherited += inherited;
    this.shadowed += shadowed;
    this.refreshed += refreshed;
    assertEquals(this.store.labels().includes(label), session.state === "committed");
  }

  /** The pages of a full image now. */
  private fullPages(): readonly ImagePage[] {
    const list = new PageList(this.run.process);
    return Array.from({ length: list.length }, (_, n): ImagePage => {
      const { vpn, dirty, fromExecutable, copy } = list.at(n);
      return fromExecutable
        ? { vpn, dirty, source: "executable" }
        : { vpn, dirty, source: "image", bytes: copy() };
    });
  }

  private pick(which: number): string | undefined {
    const labels = this.store.labels();
    return labels[which % Math.max(1, labels.length)];
  }

  private remove(which: number): void {
    const label = this.pick(which);
    if (label === undefined) return;
    this.store.remove(label);
    assertEquals(this.store.labels().includes(label), false, "what is removed is not listed");
  }

  /** Another process, though it has the same number, on another machine. */
  private restore(which: number): void {
    const label = this.pick(which);
    if (label === undefined) return;
    this.run = ProgramRun.restore(this.node, this.store.read(label), EXECUTABLE);
    this.begin();
    assertEquals(processTarget(this.run.process, this.run.node.kernel).tracker()?.tip, undefined);
  }
}

/** Whether a history with these parts is as it should be; what an image refuses is not. */
export function holds(events: readonly Event[], parts: Parts): boolean {
  try {
    const history = new History(parts);
    for (const each of events) history.next(each);
    return true;
  } catch (error) {
    if (error instanceof ImageError || (error as Error).name === "AssertionError") return false;
    throw error;
  }
}
