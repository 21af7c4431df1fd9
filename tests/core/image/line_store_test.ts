/** Manifests of global checkpoints: written last, and read only when every byte is right. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ImageError } from "../../../core/image/image.ts";
import { type Line, LineStore } from "../../../core/image/line_store.ts";
import { MemoryDirectory } from "../../../core/image/memory_store.ts";

const line = (label: string, ranks: readonly number[] = [0, 1, 2]): Line => ({
  label,
  protocol: "message-counting",
  parts: ranks.map((rank) => ({
    rank,
    process: `p${rank}`,
    node: `n${rank % 2}`,
    image: `${label}.p${rank}`,
  })),
});

/** The disk, and a store on it. */
function fresh() {
  const disk = new MemoryDirectory("the manager's disk");
  return { disk, store: new LineStore(disk) };
}

/** The one file of a disk with that line alone. */
function only(written: Line): { name: string; bytes: Uint8Array } {
  const { disk, store } = fresh();
  store.write(written);
  const [name, ...others] = disk.files();
  assertEquals(others, []);
  return { name: name as string, bytes: disk.read(name as string) };
}

Deno.test("what was written is read, whatever its label, and lines come oldest first", () => {
  const { store } = fresh();
  const labels = ["z", "a", "10", "9", "../x", "é ☃ 𐐷", "%2F", "x.line", "c#1"];
  for (const label of labels) store.write(line(label));
  assertEquals(store.labels(), labels);
  for (const label of labels) assertEquals(store.read(label), line(label));
});

Deno.test("a manifest takes as many bytes as it is said to", () => {
  for (const written of [line("c"), line("longer", [0, 4, 5, 6, 7, 99]), line("none", [])]) {
    assertEquals(LineStore.bytesOf(written), only(written).bytes.length);
  }
});

Deno.test("a label is used once, and one that is not there is refused with those that are", () => {
  const { store } = fresh();
  assertThrows(() => store.read("c"), ImageError, "found none");
  store.write(line("c"));
  assertThrows(() => store.write(line("c", [0])), ImageError, "committed already");
  assertEquals(store.read("c"), line("c"));
  assertThrows(() => store.read("d"), ImageError, "a global checkpoint 'd', found 'c'");
});

Deno.test("a manifest with any bit wrong is refused", () => {
  const { name, bytes } = only(line("c"));
  let refused = 0;
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const { disk, store } = fresh();
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << bit);
      disk.write(name, damaged);
      const error = assertThrows(
        () => store.read("c"),
        ImageError,
        undefined,
        `byte ${at}, bit ${bit}`,
      );
      assert(error.message.includes(name), error.message);
      refused++;
    }
  }
  assertEquals(refused, 8 * bytes.length);
});

Deno.test("a manifest that was cut off, or goes on, is refused", () => {
  const { name, bytes } = only(line("c"));
  for (let length = 0; length < bytes.length; length++) {
    const { disk, store } = fresh();
    disk.write(name, bytes.slice(0, length));
    assertThrows(() => store.read("c"), ImageError, name, `${length} bytes`);
  }
  const { disk, store } = fresh();
  disk.write(name, new Uint8Array([...bytes, 0]));
  assertThrows(() => store.read("c"), ImageError, name);
});

Deno.test("a manifest under another's name is refused", () => {
  const { name, bytes } = only(line("c"));
  const { disk, store } = fresh();
  disk.write(name.replace("-c.", "-d."), bytes);
  assertThrows(() => store.read("d"), ImageError, "'d'");
});

Deno.test("a manifest that was being written in a crash is none", () => {
  const { disk, store } = fresh();
  store.write(line("a"));
  const { bytes } = only(line("b"));
  disk.write("000002-b.line.new", bytes.slice(0, 10));
  assertEquals(store.labels(), ["a"]);
  store.write(line("b"));
  assertEquals(store.labels(), ["a", "b"]);
  assertEquals(store.read("b"), line("b"));
});
