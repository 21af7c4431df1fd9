/** Troubles of a disk that overlap: none ends another, and each is over at its own time. */
import { assertEquals, assertThrows } from "@std/assert";
import { AilingDisk } from "../../../core/cluster/disk_trouble.ts";
import { ImageError } from "../../../core/image/image.ts";

const USUAL = { store: (bytes: number) => bytes } as never;

Deno.test("a slow disk that becomes full stays slow, and each is over at its own time", () => {
  let now = 0;
  const disk = new AilingDisk("n0", () => now);
  const ns = () => disk.costs(USUAL).store(100);
  disk.suffer({ untilNs: 50, slower: 4, room: Infinity });
  disk.suffer({ untilNs: 20, slower: 1, room: 10 });
  assertEquals(ns(), 400);
  disk.take(8);
  assertThrows(() => disk.take(3), ImageError, "expected room for 3 bytes, found 2");
  now = 20;
  disk.take(1000);
  assertEquals(ns(), 400);
  now = 50;
  assertEquals(ns(), 100);
});

Deno.test("what fits must fit into the least room there is", () => {
  const disk = new AilingDisk("n0", () => 0);
  disk.suffer({ untilNs: 50, slower: 1, room: 10 });
  disk.suffer({ untilNs: 50, slower: 3, room: 100 });
  disk.suffer({ untilNs: 50, slower: 2, room: Infinity });
  assertThrows(() => disk.take(11), ImageError, "found 10");
  disk.take(10);
  assertThrows(() => disk.take(1), ImageError, "found 0");
  assertEquals(disk.costs(USUAL).store(1), 6);
});
