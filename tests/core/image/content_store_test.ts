/** A store that keeps pages by their content: each once, and none lost by whatever fails when. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { decode, filesOf, identity } from "../../../core/image/codec.ts";
import { DirectoryStore } from "../../../core/image/directory_store.ts";
import { type Image, ImageError, type ImagePage } from "../../../core/image/image.ts";
import { MemoryDirectory, MemoryStore } from "../../../core/image/memory_store.ts";
import { NO_PINS, type StoreStep } from "../../../core/image/store.ts";
import { FlakyDirectory } from "./flaky_directory.ts";
import { patterned, smallImage } from "./sample.ts";

const BY_CONTENT = { byContent: true } as const;
const POOL = "pages";

function ground() {
  const root = new MemoryDirectory("disk");
  root.create();
  return { root, store: new DirectoryStore(root, BY_CONTENT) };
}

/** Pages in the pool, those under way among them. */
const pool = (root: MemoryDirectory) => root.folder(POOL).exists() ? root.folder(POOL).files() : [];

/** Three pages: one as every image has it, one of its own, one it has twice. */
function imageOf(seed: number): Image {
  const bytes = [patterned(1000), patterned(seed), patterned(seed)];
  return {
    manifest: smallImage(seed).manifest,
    pages: bytes.map((each, n): ImagePage => (
      { vpn: 0x410 + n, source: "image", dirty: true, bytes: each }
    )),
  };
}

Deno.test("each page is kept once, and written once", () => {
  const { root, store } = ground();
  const a = store.write("a", imageOf(1));
  assertEquals([a.storedPages, pool(root).length, a.bytes - a.manifestBytes], [3, 2, 2 * 4096]);
  const b = store.write("b", imageOf(2));
  assertEquals([b.storedPages, pool(root).length, b.bytes - b.manifestBytes], [3, 3, 4096]);
  const same = store.write("c", imageOf(2));
  assertEquals([same.bytes, same.readBytes - same.manifestBytes], [same.manifestBytes, 2 * 4096]);
  for (const [label, seed] of [["a", 1], ["b", 2], ["c", 2]] as const) {
    assertEquals(store.read(label), imageOf(seed));
    // Whoever takes an image along takes its pages, too.
    assertEquals(decode(filesOf(store.imageFiles(label))), imageOf(seed));
  }
  assertEquals(new DirectoryStore(root, BY_CONTENT).read("b"), imageOf(2));
  assertEquals(store.read("a").manifest, imageOf(1).manifest);
  assertEquals(a.identity === identity(imageOf(1)), false, "the name is that of what is stored");
});

Deno.test("pages go when the last image that names them goes", () => {
  const { root, store } = ground();
  for (const seed of [1, 2, 3]) store.write(`c${seed}`, imageOf(seed));
  assertEquals(pool(root).length, 4);
  store.remove("c2");
  assertEquals([pool(root).length, store.labels()], [3, ["c1", "c3"]]);
  assertEquals([store.read("c1"), store.read("c3")], [imageOf(1), imageOf(3)]);
  const [key = ""] = store.pageKeys?.filter((each) => !key3(store).includes(each)) ?? [];
  store.remove("c1", { ...NO_PINS, pages: new Set([key]) });
  assertEquals(pool(root).length, 3, "what is pinned stays");
  store.collect();
  assertEquals(pool(root).length, 2);
  store.remove("c3");
  assertEquals(pool(root), []);
});

const key3 = (store: DirectoryStore): readonly string[] =>
  store.filesOf("c3").map((path) => path.slice(path.indexOf("-") + 1));

Deno.test("what two write at the same time is there for both, though one gives up", () => {
  for (const steps of [3, 5, 7, 9]) {
    const { root, store } = ground();
    const other = new DirectoryStore(root, BY_CONTENT);
    const a = store.writing("a", imageOf(1)), b = other.writing("b", imageOf(1));
    for (let n = 0; n < steps; n++) {
      a.next();
      b.next();
    }
    a.return(undefined as never);
    while (b.next().done !== true);
    assertEquals(other.read("b"), imageOf(1));
    store.sweep();
    store.collect();
    assertEquals([other.read("b"), pool(root).length], [imageOf(1), 2]);
  }
});

Deno.test("whoever collects while an image is written takes nothing of it", () => {
  const all = ground();
  all.store.write("a", imageOf(1));
  const pages = new Set(all.store.pageKeys);
  for (const who of ["itself", "another"]) {
    const { root, store } = ground();
    const other = new DirectoryStore(root, BY_CONTENT);
    const writing = store.writing("a", imageOf(1));
    while (writing.next().done !== true) {
      if (who === "itself") store.collect();
      else other.collect({ ...NO_PINS, pages });
    }
    assertEquals(store.read("a"), imageOf(1), who);
  }
});

/** Two images are there; the third, which shares pages with both, is written or not. */
function intact(store: DirectoryStore): boolean {
  assertEquals([store.read("a"), store.read("b")], [imageOf(1), imageOf(2)]);
  const isThere = store.labels().includes("new");
  if (isThere) assertEquals(store.read("new"), smallImage(1));
  else assertThrows(() => store.read("new"), ImageError, "checkpoint 'new'");
  return isThere;
}

function recovers(store: DirectoryStore, root: MemoryDirectory): void {
  store.sweep();
  store.collect();
  if (store.labels().includes("new")) store.remove("new");
  intact(store);
  assertEquals(pool(root).length, 3, "what a crash left is garbage, and goes");
  store.write("new", smallImage(1));
  assert(intact(store));
}

function two() {
  const { root, store } = ground();
  store.write("a", imageOf(1));
  store.write("b", imageOf(2));
  return { root, store };
}

const TEARS = {
  "all of it": () => 0,
  "the first byte left": () => 1,
  "half of it": (_: string, bytes: number) => bytes >>> 1,
  "nothing of it": (_: string, bytes: number) => bytes,
};

for (const [lost, tear] of Object.entries(TEARS)) {
  Deno.test(`a crash at any step of a writing, ${lost} of what is not synced lost, loses no image`, () => {
    for (let at = 0, over = false; !over; at++) {
      const { root, store } = two();
      const writing: Generator<StoreStep, unknown, void> = store.writing("new", smallImage(1));
      let done = false;
      for (let n = 0; n < at && !done; n++) done = writing.next().done === true;
      root.loseUnsynced(tear);
      const after = new DirectoryStore(root, BY_CONTENT);
      assertEquals(intact(after) && !done && at < 12, false);
      if (done) assert(intact(after), "what is committed is durable");
      recovers(after, root);
      over = done;
      assert(at < 60);
    }
  });
}

Deno.test("who finds pages by the names of a writer that stopped does not lose them in a crash", () => {
  for (let steps = 1, over = false; !over; steps++) {
    const store = new MemoryStore("disk", undefined, BY_CONTENT);
    const first = store.writing("a", imageOf(1));
    for (let n = 0; n < steps && !over; n++) over = first.next().done === true;
    first.return(undefined as never);
    store.write("b", imageOf(1));
    store.loseUnsynced();
    assertEquals(store.read("b"), imageOf(1), `after ${steps} steps of another writer`);
  }
});

Deno.test("a disk that fails at any change of a writing or a removal loses no other image", () => {
  for (const act of ["write", "remove"] as const) {
    for (let failAt = 0, failed = true; failed; failAt++) {
      const { root, store } = two();
      if (act === "remove") store.write("new", smallImage(1));
      const flaky = new DirectoryStore(
        new FlakyDirectory(root, { changes: 0, failAt }),
        BY_CONTENT,
      );
      failed = false;
      try {
        if (act === "write") flaky.write("new", smallImage(1));
        else flaky.remove("new");
      } catch {
        failed = true;
      }
      intact(store);
      recovers(store, root);
      assert(failAt < 60);
    }
  }
});

Deno.test("a page cut short by a crash is not taken for the page", () => {
  const { root, store } = ground();
  const writing = store.writing("a", imageOf(1));
  // As far as the bytes of the first page, which are not synced.
  for (let n = 0; n < 4; n++) writing.next();
  root.loseUnsynced((_, bytes) => bytes >>> 1);
  assertEquals(pool(root).length, 1);
  const after = new DirectoryStore(root, BY_CONTENT);
  after.write("b", imageOf(1));
  assertEquals(after.read("b"), imageOf(1));
});

Deno.test("a page that is damaged or gone is told by its file, in every image that has it", () => {
  const rows: readonly (readonly [(bytes: Uint8Array) => Uint8Array | undefined, string])[] = [
    [(bytes) => bytes.with(9, 9 ^ (bytes[9] ?? 0)), "expected SHA-256"],
    [(bytes) => bytes.slice(1), "expected 4096 bytes, found 4095"],
    [() => undefined, "expected the page of that name, found no such file"],
  ];
  for (const [change, words] of rows) {
    const store = new MemoryStore("disk", undefined, BY_CONTENT);
    store.write("a", imageOf(1));
    store.write("b", imageOf(2));
    const shared = store.filesOf("a").find((path) => store.filesOf("b").includes(path)) ?? "";
    store.damage(shared, change);
    for (const label of ["a", "b"]) {
      const error = assertThrows(() => store.read(label), ImageError, words);
      assertStringIncludes(error.message, `disk/${shared}: `);
    }
  }
});

Deno.test("a manifest that names pages by content is refused where there are none", () => {
  const { root, store } = ground();
  store.write("a", imageOf(1));
  assertThrows(
    () => new DirectoryStore(root).read("a"),
    ImageError,
    "read the image from the store that keeps its pages by content",
  );
});
