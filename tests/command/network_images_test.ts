/** Images in the memory of Redis servers: what is committed outlives the master. */
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { decode, encode, identity, type Image, ImageError } from "../../core/mod.ts";
import { loadFromNetwork, placeOf, saveInNetwork } from "../../dsl/network_images.ts";
import { manifest, patterned } from "../core/image/sample.ts";
import { REDIS, RedisServer } from "./redis.ts";
import { guestPath, inChild as inAnyChild, temporary } from "./workshop.ts";

if (REDIS === undefined) {
  console.log("skipped: no redis-server: install Debian's package of that name");
}

const withRedis = (name: string, act: (folder: string) => Promise<void>): void =>
  Deno.test({
    name,
    ignore: REDIS === undefined,
    fn: async () => {
      using folder = temporary();
      await act(folder.path);
    },
  });

/** With what the task `exec` allows. */
const inChild = (args: readonly string[]) =>
  inAnyChild(args, {
    permissions: ["--allow-read", "--allow-write", "--allow-env", "--allow-net"],
  });

const COUNTER = guestPath("counter");
const LIFE = [COUNTER, "6", "1000"] as const;
const WHOLE = [1, 2, 3, 4, 5, 6].map((n) => `tick ${n}\n`).join("");

withRedis(
  "exec: an image on a server and its replica goes on when the server is gone",
  async (folder) => {
    await using master = await RedisServer.start(folder);
    await using replica = await RedisServer.start(folder, master);
    const begin = await inChild(["exec", "--budget", "8000", ...LIFE]);
    const place = `redis://127.0.0.1:${master.port}/night`;
    const saved = await inChild(["exec", "--checkpoint-at", "8000", "--image", place, ...LIFE]);
    assertEquals([saved.code, saved.out], [0, WHOLE]);
    assertMatch(
      saved.err,
      /^checkpoint in 'redis:.*\/night': \d+ bytes, on the master and 1 replica\n$/,
    );
    await master.kill();
    const both = `redis://127.0.0.1:${master.port},127.0.0.1:${replica.port}/night`;
    const back = await inChild(["exec", "--restore", both]);
    assertEquals(back, { code: 0, out: WHOLE.slice(begin.out.length), err: "" });
    // Nobody is left who could take another.
    const another = await inChild(["exec", "--checkpoint-at", "9000", "--image", both, ...LIFE]);
    assertEquals([another.code, another.out], [64, ""]);
    assertMatch(another.err, /it is a replica, and a master is wanted/);
  },
);

/** An image of so many pages. */
const imageOf = (pages: number): Image => ({
  manifest: manifest({ pages }),
  pages: Array.from({ length: pages }, (_, n) => (
    { vpn: 0x400 + n, source: "image", dirty: true, bytes: patterned(n) }
  )),
});

const save = (master: RedisServer, name: string, image: Image, replicas?: number) =>
  saveInNetwork(
    placeOf(`redis://127.0.0.1:${master.port}/${name}`),
    encode(image, { pagesPerChunk: 4 }),
    { replicas, patienceMs: 2000 },
  );

const load = async (server: RedisServer, name: string): Promise<Image> =>
  decode(await loadFromNetwork(placeOf(`redis://127.0.0.1:${server.port}/${name}`)));

withRedis(
  "a master killed at any moment of a saving loses no image, and leaves none in part",
  async (folder) => {
    const old = imageOf(8), next = imageOf(400);
    let saved = 0, lost = 0;
    for (const afterMs of [0, 2, 5, 10, 20, 40, 80, 2000]) {
      await using master = await RedisServer.start(folder);
      await using replica = await RedisServer.start(folder, master);
      assertEquals(await save(master, "old", old), 1);
      const saving = save(master, "next", next).then(() => true, (error) => {
        assert(error instanceof ImageError, String(error));
        return false;
      });
      const timer = new Promise((resolve) => setTimeout(resolve, afterMs));
      await Promise.race([timer, saving]);
      await master.kill();
      const isSaved = await saving;
      assertEquals(identity(await load(replica, "old")), identity(old));
      // What was not confirmed may be there all the same, but then it is whole.
      const isThere = (await replica.ask("exists", "ckptlab:image:next")).startsWith(":1");
      if (isSaved || isThere) assertEquals(identity(await load(replica, "next")), identity(next));
      if (isSaved) saved++;
      else lost++;
    }
    assert(saved > 0 && lost > 0, `${saved} saved, ${lost} not`);
  },
);

withRedis(
  "an image that fewer replicas have than are wanted is an error, not an image",
  async (folder) => {
    await using master = await RedisServer.start(folder);
    const image = imageOf(8);
    const error = await assertRejects(() => save(master, "night", image, 1), ImageError);
    assertMatch(error.message, /0 of 1 replicas have the pages after 2000 ms/);
    await assertRejects(() => load(master, "night"), ImageError, "there is no image 'night'");
    assertEquals(await save(master, "night", image), 0);
    await assertRejects(() => save(master, "night", image), ImageError, "of that name already");
    assertEquals(identity(await load(master, "night")), identity(image));
    const keys = (await master.ask("keys", "*")).match(/ckptlab:[^\r]*/g)?.sort();
    assertEquals(keys, ["ckptlab:image:night", "ckptlab:writings"], "and no leftovers");
    assertMatch(await master.ask("ttl", "ckptlab:image:night"), /^:-1/, "it stays");
  },
);

const place = (port: number, name = "night") => `redis://127.0.0.1:${port}/${name}`;

withRedis("what is wrong with a place is told before the program runs", async (folder) => {
  await using master = await RedisServer.start(folder);
  const at = (...flags: string[]) =>
    inChild(["exec", "--checkpoint-at", "8000", ...flags, ...LIFE]);
  await at("--image", place(master.port));
  const cases: readonly (readonly [flags: string[], code: number, said: RegExp])[] = [
    [["--image", place(master.port)], 64, /there is an image of that name already; name another/],
    [
      ["--image", place(1)],
      64,
      /127\.0\.0\.1:1: .*ECONNREFUSED.*; start a server, or name another/,
    ],
    [["--image", place(master.port, "")], 64, /expected redis:\/\/host:port\/name/],
    [["--image", place(master.port, "two"), "--replicas", "2"], 64, /2 replicas are wanted and 0/],
  ];
  for (const [flags, code, said] of cases) {
    const found = await at(...flags);
    assertEquals([found.code, found.out], [code, ""], found.err);
    assertMatch(found.err, said);
    assertEquals(found.err.trimEnd().split("\n").length, 1, found.err);
  }
  const none = await inChild(["exec", "--restore", place(master.port, "day")]);
  assertEquals(none.code, 3);
  assertMatch(none.err, /there is no image 'day'/);
});

withRedis("who saves the same at the same time does not take it from another", async (folder) => {
  await using master = await RedisServer.start(folder);
  const image = imageOf(120), names = ["a", "b", "c"];
  await Promise.all(names.map((name) => save(master, name, image)));
  for (const name of names) assertEquals(identity(await load(master, name)), identity(image));
});

withRedis("a server that says nothing is as good as none", async (folder) => {
  await using master = await RedisServer.start(folder);
  await using replica = await RedisServer.start(folder, master);
  const image = imageOf(8);
  await save(master, "night", image);
  await using _ = master.halt();
  const both = `redis://127.0.0.1:${master.port},127.0.0.1:${replica.port}/night`;
  assertEquals(identity(decode(await loadFromNetwork(placeOf(both)))), identity(image));
});

Deno.test("a password is never told", () => {
  for (const wrong of ["redis://:hunter2@h:1", "redis://:hun@ter2@h/x", "redis://:hunt%zz2@h/x"]) {
    const { message } = assertThrows(() => placeOf(wrong), ImageError);
    assertEquals(message.includes("ter2") || message.includes("zz2"), false, message);
  }
  const { shown, servers } = placeOf("redis://u:secret@h:1,g/night");
  assertEquals(shown, "redis://h:1,g/night");
  assertEquals(servers, ["redis://u:secret@h:1", "redis://u:secret@g"]);
});
