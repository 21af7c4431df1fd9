/** Channel state beside an image: behind its receive buffer, whole or not there, gone with the image. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { CHANNELS_NAME } from "../../../core/image/channel_state.ts";
import { type Image, ImageError } from "../../../core/image/image.ts";
import { MemoryStore } from "../../../core/image/memory_store.ts";
import type { ArrivedState } from "../../../core/image/messages_state.ts";
import { manifest, smallImage } from "./sample.ts";

const message = (from: number, sequence: number): ArrivedState => (
  { from, tag: 7, sequence, bytes: Uint8Array.of(from, sequence) }
);
const BEFORE = [message(2, 0), message(1, 4)];
const RECORDED = [message(1, 6), message(1, 5), message(2, 1)];

const image = (): Image => ({
  ...smallImage(),
  manifest: manifest({ messages: { rank: 0, size: 3, inbox: BEFORE, sent: [], values: [] } }),
});

/** A store with an image. */
function withImage(): MemoryStore {
  const store = new MemoryStore();
  store.write("c", image());
  return store;
}

/** Writes the first so many steps; all by default. */
function write(store: MemoryStore, messages: readonly ArrivedState[], steps = Infinity): boolean {
  const writing = store.writingChannels("c", messages);
  for (let step = 0; step < steps; step++) if (writing.next().done === true) return true;
  return false;
}

const inbox = (store: MemoryStore) => store.read("c").manifest.process.messages.inbox;

const place = (store: MemoryStore): string =>
  store.filesOf("c").find((file) => file.endsWith(CHANNELS_NAME)) ?? "";

Deno.test("what was recorded stands behind the receive buffer, in the order it was recorded in", () => {
  const store = withImage();
  assertEquals([inbox(store), store.holdsChannels("c")], [BEFORE, false]);
  write(store, RECORDED);
  assertEquals([inbox(store), store.holdsChannels("c")], [[...BEFORE, ...RECORDED], true]);
  const empty = withImage();
  write(empty, []);
  assertEquals([inbox(empty), empty.holdsChannels("c")], [BEFORE, true]);
});

Deno.test("it says first how many bytes it takes, and takes as many", () => {
  const store = withImage(), before = store.bytes;
  const writing = store.writingChannels("c", RECORDED);
  const { value } = writing.next();
  assert(typeof value === "object" && value.action === "write");
  while (writing.next().done !== true);
  assertEquals(store.bytes, before + value.bytes);
});

Deno.test("a crash at any step leaves all of it or nothing, and the image as it was", () => {
  for (let steps = 0;; steps++) {
    const store = withImage(), done = write(store, RECORDED, steps);
    store.loseUnsynced((_, bytes) => bytes >> 1);
    const there = store.holdsChannels("c");
    assertEquals(inbox(store), there ? [...BEFORE, ...RECORDED] : BEFORE, `${steps} steps`);
    assert(there || !done);
    store.remove("c");
    assertEquals([store.labels(), store.bytes], [[], 0], "nothing is left of it");
    if (done) return;
  }
});

Deno.test("with any byte wrong, cut off or of another image it is refused, and the image with it", () => {
  const store = withImage();
  write(store, RECORDED);
  let length = 0;
  store.damage(place(store), (bytes) => (length = bytes.length, bytes));
  assert(length > 100);
  const refused = (change: (bytes: Uint8Array) => Uint8Array) => {
    const damaged = withImage();
    write(damaged, RECORDED);
    damaged.damage(place(damaged), change);
    const error = assertThrows(() => damaged.read("c"), ImageError, CHANNELS_NAME);
    assert(error.message.endsWith("restart from another checkpoint"), error.message);
  };
  for (let at = 0; at < length; at++) {
    refused((bytes) => bytes.with(at, (bytes[at] as number) ^ 0x10));
    refused((bytes) => bytes.slice(0, at));
  }
  const other = new MemoryStore();
  other.write("d", image());
  const writing = other.writingChannels("d", RECORDED);
  while (writing.next().done !== true);
  const name = other.filesOf("d").find((file) => file.endsWith(CHANNELS_NAME)) ?? "";
  other.damage(name, (bytes) => {
    refused(() => bytes);
    return bytes;
  });
});
