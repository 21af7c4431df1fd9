/** Chains of images in a store: what is refused, what is kept, and what a crash may take of them. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { decode, identity } from "../../../core/image/codec.ts";
import { DirectoryStore } from "../../../core/image/directory_store.ts";
import { MANIFEST_NAME } from "../../../core/image/codec.ts";
import { type Image, ImageError, type ImagePage } from "../../../core/image/image.ts";
import { writeFolder } from "../../../core/image/image_folder.ts";
import { MemoryDirectory, MemoryStore } from "../../../core/image/memory_store.ts";
import { restore } from "../../../core/image/restore.ts";
import { Board } from "../../../core/cluster/board.ts";
import { PROFILE, readOptions } from "../../../core/mod.ts";
import { FlakyDirectory } from "./flaky_directory.ts";
import { manifest, smallImage } from "./sample.ts";

const STORED = [0x410, 0x411, 0x412, 0x7ffff];

/** A child of an image: these pages are new, the others it leaves to its parent. */
function childOf(
  parent: Image,
  label: string,
  seed: number,
  changed: readonly number[],
  process: Record<string, unknown> = {},
): Image {
  const own = manifest({ seed, ...process });
  return {
    manifest: { ...own, parent: { image: label, identity: identity(parent) } },
    pages: smallImage(seed).pages.map((page): ImagePage =>
      page.source === "executable" || changed.includes(page.vpn)
        ? page
        : { vpn: page.vpn, dirty: page.dirty, source: "parent" }
    ),
  };
}

/** Three images: the first full, the others with one page each of their own. */
const A = smallImage(1);
const B = childOf(A, "a", 2, [0x410]);
const C = childOf(B, "b", 3, [0x412]);

/** What they are when read. */
const [, , , a411, a412, aLast] = A.pages as readonly ImagePage[];
const only = (image: Image, vpn: number) => image.pages.find((page) => page.vpn === vpn);
const WHOLE = {
  a: A.pages,
  b: [...A.pages.slice(0, 2), only(B, 0x410), a411, a412, aLast],
  c: [...A.pages.slice(0, 2), only(B, 0x410), a411, only(C, 0x412), aLast],
};

function chain(): { store: MemoryStore; root: MemoryDirectory } {
  const root = new MemoryDirectory("disk");
  root.create();
  const store = new DirectoryStore(root) as MemoryStore;
  store.write("a", A);
  store.write("b", B);
  store.write("c", C);
  return { store, root };
}

const whole = (store: DirectoryStore): void => {
  for (const label of store.labels()) {
    const { manifest, pages } = store.read(label);
    assertEquals(manifest.parent, undefined);
    assertEquals(pages, WHOLE[label as keyof typeof WHOLE] as readonly ImagePage[], label);
  }
};

Deno.test("a chain is read as images with all their pages", () => {
  const { store } = chain();
  whole(store);
  const counts = store.write("d", childOf(C, "c", 4, [0x410, 0x7ffff]));
  assertEquals([counts.storedPages, counts.parentPages, counts.executablePages], [2, 2, 2]);
  // Exported, an image needs nobody.
  const files = new Map(store.imageFiles("c").map(({ name, bytes }) => [name, bytes]));
  const read = (name: string) => (files.get(name) as Uint8Array).slice();
  const exported = decode({ where: "export", files: () => [...files.keys()], read });
  assertEquals(exported.pages, WHOLE.c as readonly ImagePage[]);
});

Deno.test("by itself an image with a parent is refused", () => {
  const { root } = chain();
  const alone = decode(root.folder("0003-c"));
  const { kernel } = Board.boot(readOptions(PROFILE, { ram: 2 ** 20 }).values, 1);
  const words =
    "found one that leaves pages to its parent 'b'; read it from the store that has both";
  assertThrows(() => restore(alone, { kernel, executable: undefined }), ImageError, words);
  assertThrows(() => writeFolder("/nowhere", alone), ImageError, words);
});

Deno.test("a child that does not fit its parent is refused, and nothing of it is written", () => {
  const { store } = chain();
  const before = store.labels();
  const executable = { ...A.manifest.executable, sha256: "cd".repeat(32) };
  const other = smallImage(9);
  const rows: readonly (readonly [Image, string])[] = [
    [
      childOf(other, "a", 4, []),
      `of SHA-256 ${identity(other)} in disk, found another of that name`,
    ],
    [childOf(A, "z", 4, []), "found none of that name"],
    [childOf(A, "a", 4, [], { id: 8 }), "expected a parent of process 8"],
    [childOf(A, "a", 4, [], { startedAt: 5 }), "begun at 5, found one of process"],
    [
      { ...C, manifest: { ...C.manifest, executable } },
      "of process undefined of cdcdcdcdcdcdcdcd…",
    ],
    [
      { ...C, manifest: { ...C.manifest, taken: { cycle: 1, instructions: 5 } } },
      "expected a parent of at most 5 instructions, found one of 123456",
    ],
    [
      { ...C, pages: [...C.pages, { vpn: 0x80000, source: "parent", dirty: true }] },
      "page 0x80000000: expected one that the parent has, found one that is not there",
    ],
    [
      { ...C, pages: [{ vpn: 0x400, source: "parent", dirty: true }] },
      "page 0x00400000: expected one that the parent has, found one that is left to the executable",
    ],
  ];
  for (const [image, words] of rows) {
    const error = assertThrows(() => store.write("d", image), ImageError, words);
    assertStringIncludes(error.message, 'disk: checkpoint "d": ');
    assertEquals(store.labels(), before);
    assertEquals(store.sweep(), []);
  }
});

Deno.test("pages left to a parent there is none of are refused", () => {
  const { store } = chain();
  const { parent: _, ...own } = C.manifest;
  store.write("d", { ...C, manifest: own });
  assertThrows(
    () => store.read("d"),
    ImageError,
    "field pages[1]: expected pages of an image without a parent, found one in it",
  );
});

const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(100, (bytes[100] ?? 0) ^ 4);

/** What is done to a disk, and the error of the child told by its parent's name. */
const DAMAGES: readonly (readonly [name: string, act: (root: MemoryDirectory) => void, string])[] =
  [
    [
      "a flipped bit in its pages",
      (root) => root.folder("0001-a").damage("pages-0000.bin", flipped),
      "disk/0001-a/pages-0000.bin: expected SHA-256",
    ],
    [
      "a flipped bit in its manifest",
      (root) => root.folder("0001-a").damage(MANIFEST_NAME, flipped),
      `disk/0001-a/${MANIFEST_NAME}: expected`,
    ],
    [
      "the loss of its manifest",
      (root) => root.folder("0001-a").damage(MANIFEST_NAME, () => undefined),
      `expected its parent 'a' of SHA-256 ${identity(A)} in disk, found none of that name`,
    ],
    [
      "another image in its place",
      (root) => {
        const store = new DirectoryStore(root);
        root.folder("0001-a").damage(MANIFEST_NAME, () => undefined);
        store.sweep();
        store.write("a", smallImage(5));
      },
      `expected its parent 'a' of SHA-256 ${identity(A)}, found one of SHA-256`,
    ],
  ];

for (const [name, act, words] of DAMAGES) {
  Deno.test(`of a parent, ${name} is told as one error of the child`, () => {
    const { store, root } = chain();
    act(root);
    for (const child of ["b", "c"]) {
      const folder = child === "b" ? "0002-b" : "0003-c";
      const error = assertThrows(() => store.read(child), ImageError, words);
      assert(error.message.startsWith(`disk/${folder}: `), error.message);
      assertStringIncludes(error.message, "parent 'a'");
    }
  });
}

Deno.test("what is removed is gone for restarts, and stays as long as others need it", () => {
  const { store, root } = chain();
  store.remove("a");
  store.remove("b");
  assertEquals(store.labels(), ["c"]);
  assertThrows(() => store.read("b"), ImageError, "checkpoint 'b', found 'c'");
  whole(store);
  assertEquals(root.folders().length, 3);
  // Its label is free, and a child of the old one does not take the new one for it.
  store.write("b", smallImage(7));
  assertEquals(store.read("b").pages, smallImage(7).pages);
  assertEquals(store.read("c").pages, WHOLE.c as readonly ImagePage[]);
  store.remove("b");
  store.remove("c");
  assertEquals(root.folders(), []);
});

Deno.test("what is pinned stays, though no committed image needs it", () => {
  const { store, root } = chain();
  const pinned = { images: new Set(["b"]), pages: new Set<string>() };
  for (const label of ["c", "b", "a"]) store.remove(label, pinned);
  assertEquals([store.labels(), root.folders()], [[], ["0001-a", "0002-b"]]);
  store.write("d", childOf(B, "b", 4, [0x410]));
  store.collect();
  assertEquals(store.read("d").pages.map(({ vpn }) => vpn).slice(2), STORED);
  store.remove("d");
  assertEquals(root.folders(), []);
});

Deno.test("a disk that fails while images of a chain are removed breaks none that is left", () => {
  for (const order of [["a", "b", "c"], ["b", "a", "c"], ["c", "b", "a"], ["a", "c", "b"]]) {
    for (let failAt = 0, failed = true; failed; failAt++) {
      const { store, root } = chain();
      const flaky = new DirectoryStore(new FlakyDirectory(root, { changes: 0, failAt }));
      failed = false;
      for (const label of order) {
        try {
          flaky.remove(label);
        } catch {
          failed = true;
        }
        whole(store);
      }
      store.sweep();
      whole(store);
      for (const label of store.labels()) store.remove(label);
      store.collect();
      assertEquals(root.folders(), [], `${order} ${failAt}`);
      assert(failAt < 80);
    }
  }
});

Deno.test("a crash that loses what is not synced breaks no chain while images are removed", () => {
  for (const label of ["a", "b", "c"]) {
    const store = new MemoryStore("disk");
    store.write("a", A);
    store.write("b", B);
    store.write("c", C);
    store.remove(label);
    store.loseUnsynced();
    assertEquals(store.labels(), ["a", "b", "c"].filter((each) => each !== label));
    whole(store);
  }
});
