/** The laws of stores, over every store there is; what a crash may take and what it may not. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { DenoDirectory } from "../../../core/image/deno_directory.ts";
import { DirectoryStore } from "../../../core/image/directory_store.ts";
import { clearFolder, writingFolder } from "../../../core/image/directory_store_folder.ts";
import { ImageError } from "../../../core/image/image.ts";
import { MemoryDirectory, MemoryStore } from "../../../core/image/memory_store.ts";
import {
  allSteps,
  type Directory,
  type ImageStore,
  type Stored,
  type StoreStep,
} from "../../../core/image/store.ts";
import { COMPRESSIONS } from "../../../core/image/validate.ts";
import { FlakyDirectory } from "./flaky_directory.ts";
import { smallImage } from "./sample.ts";

/** Three chunks, so that a writing may end in each and between them. */
const OPTIONS = { pagesPerChunk: 1 } as const;

type Writing = Generator<StoreStep, Stored, void>;

/** The rows: what a store stands on. Each law makes stores on it as it likes. */
const GROUNDS: readonly {
  readonly name: string;
  readonly make: () => Disposable & { readonly root: Directory };
}[] = [
  {
    name: "memory",
    make() {
      const root = new MemoryDirectory("memory");
      root.create();
      return { root, [Symbol.dispose]: () => {} };
    },
  },
  {
    name: "a folder",
    make() {
      const path = Deno.makeTempDirSync();
      const dispose = () => Deno.removeSync(path, { recursive: true });
      return { root: new DenoDirectory(`${path}/not/there/yet`), [Symbol.dispose]: dispose };
    },
  },
];

/** Takes so many steps; whether the writing ended by that. */
function take(writing: Writing, steps: number): boolean {
  for (let i = 0; i < steps; i++) if (writing.next().done === true) return true;
  return false;
}

/** How many times a writing has to be asked until it is done. */
function stepsOf(store: ImageStore): number {
  const steps = [...store.writing("count", smallImage(), OPTIONS)];
  store.remove("count");
  return steps.length + 1;
}

/** Only the old image is there and whole, or also the new one. */
function atomic(store: ImageStore): "old" | "new" {
  assertEquals(store.read("old"), smallImage(1));
  const labels = store.labels();
  assertEquals(labels[0], "old");
  if (labels.length === 1) {
    assertThrows(() => store.read("new"), ImageError, "checkpoint 'new', found 'old'");
    return "old";
  }
  assertEquals(labels, ["old", "new"]);
  assertEquals(store.read("new"), smallImage(2));
  return "new";
}

/** Whatever happened before: the rest can be swept, and the label can be written. */
function recovers(store: ImageStore, root: Directory): void {
  store.sweep();
  assertEquals(store.sweep(), []);
  assertEquals(root.folders().length, store.labels().length);
  if (store.labels().includes("new")) store.remove("new");
  store.write("new", smallImage(2), OPTIONS);
  assertEquals(atomic(store), "new");
}

for (const { name: ground, make } of GROUNDS) {
  const law = (name: string, run: (root: Directory) => void) =>
    Deno.test(`a store in ${ground}: ${name}`, () => {
      using made = make();
      run(made.root);
    });

  law("what is written can be read, in this store and another", (root) => {
    const store = new DirectoryStore(root);
    assertEquals(store.labels(), []);
    for (const compression of COMPRESSIONS) {
      store.write(compression, smallImage(), { compression });
      assertEquals(store.read(compression), smallImage());
    }
    const again = new DirectoryStore(root);
    assertEquals(again.labels(), [...COMPRESSIONS]);
    assertEquals(again.read("zstd"), smallImage());
    assertEquals(again.where, root.where);
  });

  law("labels come oldest first, whatever they look like", (root) => {
    const labels = ["z", "a", "10", "9", "../x", "a/b", "é ☃ 𐐷", "%2F", "*", ".", "A", "a-b"];
    const store = new DirectoryStore(root);
    for (const [seed, label] of labels.entries()) store.write(label, smallImage(seed));
    assertEquals(store.labels(), labels);
    for (const [seed, label] of labels.entries()) {
      assertEquals(store.read(label), smallImage(seed));
    }
    assertEquals(root.folders().length, labels.length);
  });

  law("ten thousand images are in order too", (root) => {
    const store = new DirectoryStore(root);
    store.write("first", smallImage());
    for (const name of ["9999-second", "10000-third"]) {
      const folder = root.folder(name);
      folder.create();
      for (const file of root.folder("0001-first").files()) {
        folder.write(file, root.folder("0001-first").read(file));
      }
    }
    assertEquals(store.labels(), ["first", "second", "third"]);
    store.write("fourth", smallImage());
    assertEquals(store.labels().at(-1), "fourth");
  });

  law("labels that cannot be are refused", (root) => {
    const store = new DirectoryStore(root);
    const write = (label: string) => () => store.write(label, smallImage());
    assertThrows(write(""), ImageError, "at least one character");
    assertThrows(write("\ud800"), ImageError, "at least one character");
    assertThrows(write("é".repeat(40)), ImageError, "at most 200 bytes, found one of 245");
    store.write("a", smallImage());
    assertThrows(write("a"), ImageError, '"a": expected a new label, found one that is committed');
    assertThrows(() => store.read("b"), ImageError, "checkpoint 'b', found 'a'; name one of");
    assertThrows(() => store.remove("b"), ImageError, "checkpoint 'b'");
    assertEquals(store.labels(), ["a"]);
  });

  law("a removed image is gone, the others are not", (root) => {
    const store = new DirectoryStore(root);
    for (const label of ["a", "b", "c"]) store.write(label, smallImage());
    store.remove("b");
    assertEquals(store.labels(), ["a", "c"]);
    assertEquals(root.folders().length, 2);
    store.write("b", smallImage(5));
    assertEquals(store.labels(), ["a", "c", "b"]);
    assertEquals(store.read("b"), smallImage(5));
  });

  law("steps say what is written, pages first, the manifest last", (root) => {
    const store = new DirectoryStore(root);
    const writing = store.writing("a", smallImage(), OPTIONS);
    const steps: string[] = [];
    let bytes = 0;
    let step = writing.next();
    for (; step.done !== true; step = writing.next()) {
      steps.push(`${step.value.action} ${step.value.file}`);
      bytes += step.value.bytes;
      assertEquals(step.value.bytes > 0, step.value.action === "write");
    }
    const chunk = (name: string) => [`write pages-${name}.bin`, `sync pages-${name}.bin`];
    assertEquals(steps, [
      "make .",
      ...["0000", "0001", "0002"].flatMap(chunk),
      "write manifest.ckpt.new",
      "sync manifest.ckpt.new",
      "commit manifest.ckpt",
      "sync .",
    ]);
    const { bytes: total, manifestBytes, identity, ...rest } = step.value;
    assertEquals(total, bytes);
    assertEquals(manifestBytes, bytes - 3 * 4096);
    assertEquals(identity.length, 64);
    const counts = {
      chunks: 3,
      storedPages: 3,
      zeroPages: 1,
      executablePages: 2,
      parentPages: 0,
      readBytes: bytes,
    };
    assertEquals(rest, { label: "a", ...counts });
  });

  law("a writing broken off at any step leaves the old image and nothing to read", (root) => {
    const store = new DirectoryStore(root);
    store.write("old", smallImage(1));
    const steps = stepsOf(store);
    for (let step = 0; step <= steps; step++) {
      for (const told of [true, false]) {
        // Not told to return, its store is gone with it.
        const first = told ? store : new DirectoryStore(root);
        const writing = first.writing("new", smallImage(2), OPTIONS);
        const done = take(writing, step);
        if (told) writing.return(undefined as never);
        // The commit is the last step but one, and done when the last is asked for.
        assertEquals(atomic(store), step >= steps - 1 ? "new" : "old");
        assertEquals(done, step === steps);
        assertEquals(store.sweep(), step >= 2 && step < steps - 1 ? ["new"] : []);
        recovers(store, root);
        store.remove("new");
      }
    }
  });

  law("a disk that fails at any change leaves the old image whole", (root) => {
    const store = new DirectoryStore(root);
    store.write("old", smallImage(1));
    for (let failAt = 0, failed = true; failed; failAt++) {
      const flaky = new DirectoryStore(new FlakyDirectory(root, { changes: 0, failAt }));
      failed = false;
      try {
        flaky.write("new", smallImage(2), OPTIONS);
      } catch (error) {
        assert(error instanceof ImageError);
        failed = true;
      }
      assertEquals(atomic(flaky), atomic(store));
      recovers(store, root);
      store.remove("new");
      assert(failAt < 50);
    }
  });

  law("a disk that fails while an image is removed leaves it whole or gone", (root) => {
    const store = new DirectoryStore(root);
    store.write("old", smallImage(1));
    for (let failAt = 0, failed = true; failed; failAt++) {
      store.write("new", smallImage(2), OPTIONS);
      const flaky = new DirectoryStore(new FlakyDirectory(root, { changes: 0, failAt }));
      failed = false;
      try {
        flaky.remove("new");
      } catch {
        failed = true;
      }
      atomic(store);
      recovers(store, root);
      store.remove("new");
      assert(failAt < 50);
    }
  });

  law("two writings may go on at the same time, of different labels", (root) => {
    const store = new DirectoryStore(root);
    const a = store.writing("a", smallImage(1), OPTIONS);
    const b = store.writing("b", smallImage(2), OPTIONS);
    take(a, 4);
    take(b, 4);
    const same = store.writing("a", smallImage(3), OPTIONS);
    assertThrows(
      () => same.next(),
      ImageError,
      '"a": expected a new label, found one that is being',
    );
    assertEquals(store.sweep(), []);
    assert(take(b, 99));
    assertEquals(store.labels(), ["b"]);
    assert(take(a, 99));
    assertEquals(store.labels(), ["a", "b"]);
    assertEquals(store.read("a"), smallImage(1));
    assertEquals(store.read("b"), smallImage(2));
  });

  law("an image that cannot be is refused before anything is touched", (root) => {
    const store = new DirectoryStore(root);
    const { manifest, pages } = smallImage();
    const bad = { manifest, pages: [...pages].reverse() };
    assertThrows(() => store.write("a", bad), ImageError, "ascending");
    assert(!root.exists() || root.folders().length === 0);
    store.write("a", smallImage());
  });

  law("folders that are not the store's are left alone", (root) => {
    const store = new DirectoryStore(root);
    store.write("a", smallImage());
    for (const name of ["notes", "12-short", "0002-%zz", "0003-left"]) {
      root.folder(name).create();
      root.folder(name).write("notes.txt", Uint8Array.of(1));
    }
    assertEquals(store.labels(), ["a"]);
    // It looks like one of ours, so what is ours in it is swept: nothing.
    assertEquals(store.sweep(), ["left"]);
    assertEquals(root.folder("0003-left").files(), ["notes.txt"]);
    assertEquals(root.folders().length, 5);
  });
}

const TEARS = {
  "all of it": () => 0,
  "the first byte left": () => 1,
  "half of it": (_: string, bytes: number) => bytes >>> 1,
  "nothing of it": (_: string, bytes: number) => bytes,
};

for (const [lost, tear] of Object.entries(TEARS)) {
  Deno.test(`a crash at any step that loses ${lost} that was not synced`, () => {
    const steps = stepsOf(new MemoryStore());
    for (let step = 0; step <= steps; step++) {
      const store = new MemoryStore();
      store.write("old", smallImage(1));
      const writing = store.writing("new", smallImage(2), OPTIONS);
      const done = take(writing, step);
      store.loseUnsynced(tear);
      assertEquals(atomic(store), done ? "new" : "old");
      if (!done && step > 0) {
        assertThrows(() => take(writing, 99), ImageError, "was ended by a crash of the store");
      }
      store.sweep();
      assertEquals(store.labels(), done ? ["old", "new"] : ["old"]);
      if (!done) store.write("new", smallImage(2));
      assertEquals(atomic(store), "new");
    }
  });
}

Deno.test("a crash does not bring back what was removed, nor half of it", () => {
  const store = new MemoryStore();
  store.write("old", smallImage(1));
  store.write("new", smallImage(2));
  store.remove("new");
  store.loseUnsynced();
  assertEquals(atomic(store), "old");
});

Deno.test("a removed manifest is off the disk before the first of its chunks is removed", () => {
  const log: string[] = [];
  class Logged extends MemoryDirectory {
    override remove(name: string): void {
      log.push(name);
      super.remove(name);
    }
    override syncFolder(): void {
      log.push("sync");
      super.syncFolder();
    }
  }
  const folder = new Logged("memory");
  allSteps(writingFolder(folder, "x", smallImage(), OPTIONS));
  log.length = 0;
  clearFolder(folder);
  assertEquals(log.slice(0, 3), ["manifest.ckpt", "sync", "pages-0000.bin"]);
  assertEquals(folder.files(), []);
});

Deno.test("a writing that a crash ended cannot go on in the place of the next", () => {
  const store = new MemoryStore();
  const first = store.writing("a", smallImage(1), OPTIONS);
  take(first, 3);
  store.loseAll();
  const second = store.writing("a", smallImage(2), OPTIONS);
  take(second, 3);
  assertThrows(() => first.next(), ImageError, "take the checkpoint again");
  assert(take(second, 99));
  assertEquals(store.read("a"), smallImage(2));
});

Deno.test("a lost disk is empty and can be written", () => {
  const store = new MemoryStore("the disk of n1");
  store.write("a", smallImage());
  store.loseAll();
  assertEquals(store.labels(), []);
  assertThrows(
    () => store.read("a"),
    ImageError,
    "the disk of n1: expected a committed checkpoint",
  );
  store.write("a", smallImage());
  assertEquals(store.read("a"), smallImage());
});

Deno.test("what was read is the reader's own", () => {
  const store = new MemoryStore();
  store.write("a", smallImage());
  for (const { bytes } of store.read("a").pages) bytes?.fill(1);
  assertEquals(store.read("a"), smallImage());
});
