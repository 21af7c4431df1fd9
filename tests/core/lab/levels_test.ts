/** Images at several levels: what each crash takes, against a model that knows only what was told. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { LabError, readOptions, type World } from "../../../core/mod.ts";
import { storages } from "../../../plugins/mod.ts";
import { addNode, load, MS, newWorld, protocol, toEnd, until, using } from "./world_fixture.ts";

const STOP = using("stop-the-world"), INCREMENTAL = using("incremental");
const NAMES = ["p0", "p1", "p2"];

/** Of the nodes. */
const DISK = { disk: 20_000_000, disk_latency: 30_000 };

/** A world of so many nodes that keeps images at levels. */
function levels(given: Record<string, unknown>, nodes = 3): World {
  const row = storages.find(({ name }) => name === "levels");
  const { values, problems } = readOptions(row?.options ?? {}, given);
  assertEquals(problems, []);
  const world = newWorld();
  world.keep({ name: "levels", options: values as never });
  for (let n = 0; n < nodes; n++) addNode(world, `n${n}`, DISK);
  return world;
}

/** With a process on each that talks to the others, under a protocol. */
function banks(given: Record<string, unknown>, name: string, transfers: number): World {
  const world = levels(given);
  const workload = load("bank", { transfers, gap: 100_000 });
  NAMES.forEach((each, n) => world.addProcess(each, `n${n}`, workload));
  world.coordinate(protocol(name));
  return world;
}

const is = (world: World, label: string, what: string) => world.checkpointMetric(label, what);
const isDone = (world: World, label: string) => () => is(world, label, "committed") === true;
const kinds = (world: World, kind: string) =>
  world.trace.events.filter((event) => event.kind === kind);

/** An image as the model has it: who has it, and what is on its way there until when. */
interface Kept {
  readonly label: string;
  readonly node: number;
  inMemory: boolean;
  copies: { readonly medium: string; readonly readyNs: number }[];
  /** The media that it was to be copied to. */
  readonly took: readonly string[];
}

/** What the trace tells of the copies of an image. */
const copiesOf = (world: World, image: string): Kept["copies"] =>
  kinds(world, "copy").flatMap(({ text }) => {
    const [, of, medium = "", ready] = /^(\S+) to (\w+), \d+ bytes, there at (\d+)$/.exec(text) ??
      [];
    return of === image ? [{ medium, readyNs: Number(ready) }] : [];
  });

/** Nodes crash, or only their processes, and disks with them: what is left of an image. */
function crashed(image: Kept, now: number, { crash, only, disk }: Crash): boolean {
  const isTouched = crash.includes(image.node), isGone = isTouched && !only;
  const isNextGone = !only && crash.includes((image.node + 1) % NAMES.length);
  if (isGone) image.inMemory = false;
  image.copies = image.copies.filter(({ medium, readyNs }) => {
    if (isGone && readyNs > now) return false;
    if (medium === "peer") return !isNextGone;
    return medium === "elsewhere" || !(disk && isTouched);
  });
  return image.inMemory || image.copies.length > 0;
}

/** Who crashes. */
interface Crash {
  readonly crash: readonly number[];
  /** Only the processes, not their nodes. */
  readonly only: boolean;
  readonly disk: boolean;
}

const NODES = fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 3 });
const ACTS = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ save: fc.nat(2), then: fc.nat(4 * MS) }) },
    fc.record({ crash: NODES, only: fc.boolean(), disk: fc.boolean(), then: fc.nat(MS) }),
  ),
  { minLength: 6, maxLength: 14 },
);

Deno.test("whatever crashes, exactly those images are left that some place has whole", async () => {
  let lost = 0, left = 0, passed = 0;
  await fc.assert(
    fc.asyncProperty(ACTS, fc.nat(3), fc.nat(3), fc.nat(3), async (acts, peer, disk, server) => {
      const world = levels({ peer, disk, server });
      for (const [n, name] of NAMES.entries()) {
        world.addProcess(name, `n${n}`, load("counter", { ticks: 5000, turns: 2000 }));
      }
      const images: Kept[] = [];
      await world.advance(MS);
      for (const [number, act] of acts.entries()) {
        if ("save" in act) {
          const label = `c${number}`, name = `p${act.save}`;
          await world.checkpoint([name], label, STOP);
          await until(world, isDone(world, label), 10_000);
          const own = images.filter(({ node }) => node === act.save);
          const copies = copiesOf(world, `${label}.${name}`);
          const at = kinds(world, "committed").at(-1)?.time ?? 0;
          const due = Object.entries({ peer, disk, elsewhere: server }).filter(
            ([medium, every]) => {
              const last = own.findLastIndex(({ took }) => took.includes(medium));
              const copy = own[last]?.copies.find((each) => each.medium === medium);
              const isBusy = copy !== undefined && copy.readyNs > at;
              if (isBusy) passed++;
              return every > 0 && !isBusy && (copy === undefined || own.length - last >= every);
            },
          ).map(([medium]) => medium);
          assertEquals(copies.map(({ medium }) => medium), due);
          images.push({ label, node: act.save, inMemory: true, copies, took: due });
        } else {
          const names = act.crash.map((n) => `p${n}`);
          const nodes = act.crash.map((n) => `n${n}`);
          const victims = act.only ? { processes: names, nodes: [] } : { processes: [], nodes };
          await world.crash({ ...victims, manager: false }, act.disk ? "disk" : "nothing");
          for (const image of images) {
            const isLeft = crashed(image, world.now, act);
            assertEquals(is(world, image.label, "committed"), isLeft, image.label);
            if (isLeft) left++;
            else lost++;
          }
          await world.restart(names, undefined, undefined, true);
        }
        await world.advance(world.now + act.then);
      }
      for (const { label, inMemory, copies } of images) {
        const there = copies.filter(({ readyNs }) => readyNs <= world.now).length;
        assertEquals(is(world, label, "places"), (inMemory ? 1 : 0) + there, label);
      }
      world.end();
    }),
    { numRuns: 16, seed: 1 },
  );
  assert(lost >= 15 && left >= 20 && passed >= 5, `${lost} lost, ${left} left, ${passed} passed`);
});

Deno.test("a level takes one copy after the other, as fast as it is", async () => {
  const world = levels({ peer: 0, disk: 1, server: 1, server_bandwidth: 1_000_000 }, 1);
  for (const name of ["p0", "p1"]) world.addProcess(name, "n0", load("matmul", { size: 64 }));
  await world.checkpoint(["p0", "p1"], "c", STOP);
  await until(world, isDone(world, "c"), 10_000);
  // A disk of 20 MB/s takes 50 ns a byte behind 30 us, the server 1000 ns behind 200 us.
  for (const [medium, perByte, wait] of [["disk", 50, 3e4], ["elsewhere", 1000, 2e5]] as const) {
    const copies = kinds(world, "copy").filter(({ text }) => text.includes(` to ${medium},`))
      .map(({ time, text }) => {
        const [, bytes, ready] = /(\d+) bytes, there at (\d+)$/.exec(text) ?? [];
        return { time, bytes: Number(bytes), ready: Number(ready) };
      });
    const [first, second] = copies;
    assert(copies.length === 2 && first !== undefined && second !== undefined, medium);
    assert(first.bytes > 4096 && second.time < first.ready, medium);
    const latency = first.ready - first.time - first.bytes * perByte;
    const behind = second.ready - first.ready - second.bytes * perByte;
    for (const found of [latency, behind]) {
      assert(Math.abs(found - wait) <= 1, `${medium} ${found}`);
    }
  }
  world.end();
});

Deno.test("who is still being copied passes, so the newest of a slow level gets older, and no more", async () => {
  for (const retain of [0, 1]) {
    const given = { peer: 0, disk: 0, server: 1, server_bandwidth: 4_000_000, retain };
    const world = levels(given, 1);
    world.addProcess("p0", "n0", load("counter", { ticks: 5000, turns: 2000 }));
    const labels = Array.from({ length: 12 }, (_, n) => `c${n}`);
    for (const label of labels) {
      await world.checkpoint(["p0"], label, STOP);
      await until(world, isDone(world, label));
      await world.advance(world.now + 3 * MS);
    }
    const images = Number(world.clusterMetric("images"));
    assert(retain === 0 || images <= 3, `${images} images are kept`);
    const copied = kinds(world, "copy").length;
    assert(copied > 2 && copied < 6, `${copied} of 12 are copied`);
    const whole = labels.filter((label) =>
      copiesOf(world, `${label}.p0`).some(({ readyNs }) => readyNs <= world.now)
    );
    await world.crash({ processes: [], nodes: ["n0"], manager: false }, "disk");
    await world.restart(["p0"], undefined, undefined);
    const restored = labels.filter((label) => is(world, label, "restored") === true);
    assertEquals(restored, whole.slice(-1));
    world.end();
  }
});

/** A line that p2 does not belong to, as it has ended while the checkpoint was asked for. */
async function lineOfTwo(): Promise<World> {
  for (let end = MS - 200_000; end < MS + 400_000; end += 50_000) {
    const world = levels({ peer: 0, disk: 1, retain: 1 });
    NAMES.forEach((name, n) => {
      const plan = { messages: [], receives: 1000, end: n === 2 ? end : 100 * MS };
      world.addProcess(name, `n${n}`, load("puppet", plan));
    });
    world.coordinate(protocol("message-counting"));
    await world.advance(MS);
    if (world.processMetric("p2", "running") === true) {
      await world.checkpoint(NAMES, "a", STOP);
      await until(world, () => isDone(world, "a")() || is(world, "a", "aborted") === true);
      if (is(world, "a", "members") === 2) return world;
    }
    world.end();
  }
  throw new Error("p2 is in the line, whenever it ends");
}

Deno.test("a line without one that has ended is whole at a level", async () => {
  const world = await lineOfTwo();
  await until(world, () => is(world, "a", "places") === 2);
  await world.checkpoint(NAMES, "b", STOP);
  await until(world, isDone(world, "b"), 1000);
  assertEquals(is(world, "b", "places"), 1, "b is not on the disk yet");
  assertEquals(is(world, "a", "committed"), true, "and a is there all the same");
  world.end();
});

Deno.test("what has a log is copied with it", async () => {
  const world = banks({ disk: 0 }, "message-logging", 50);
  await world.advance(2 * MS);
  await world.checkpoint(["p0"], "a", STOP);
  await until(world, () => kinds(world, "copy").length > 0);
  const [copy] = kinds(world, "copy"), [log] = kinds(world, "log");
  assert(copy !== undefined && log !== undefined && copy.time >= log.time);
  const [, logged] = /, (\d+) bytes$/.exec(log.text) ?? [];
  const size = Number(is(world, "a", "image_size"));
  assertEquals(Number(/, (\d+) bytes/.exec(copy.text)?.[1]), size + Number(logged));
  world.end();
});

Deno.test("lines that share a checkpoint copy it once, and it has one turn", async () => {
  const world = banks({ peer: 0, disk: 2 }, "koo-toueg", 400);
  const lines = () => kinds(world, "done").length;
  await world.advance(2 * MS);
  await world.checkpoint(["p0", "p1"], "a", STOP);
  await until(world, () => lines() === 2);
  await world.advance(world.now + 10 * MS);
  assertEquals(lines(), 2, "both have their own");
  assertEquals(kinds(world, "copy").map(({ process }) => process).toSorted(), NAMES);
  // Of every two this is the second.
  await world.checkpoint(["p0"], "b", STOP);
  await until(world, () => lines() === 3);
  assertEquals(kinds(world, "copy").length, 3);
  world.end();
});

Deno.test("a checkpoint that has not begun is nowhere", async () => {
  const world = banks({ peer: 0, disk: 1 }, "message-counting", 50);
  await world.advance(MS);
  await world.checkpoint(NAMES, "a", STOP);
  await world.checkpoint(NAMES, "b", STOP);
  assertEquals([is(world, "a", "places"), is(world, "b", "places")], [0, 0]);
  world.end();
});

Deno.test("a copy of an increment is one of all that it builds on", async () => {
  const world = levels({ peer: 0, disk: 3 }, 1);
  world.addProcess("p0", "n0", load("wmem2", { pages: 20, sweeps: 3000, gap: 100 }));
  const labels = ["a", "b", "c", "d"];
  await world.advance(MS);
  for (const label of labels) {
    await world.checkpoint(["p0"], label, INCREMENTAL);
    await until(world, isDone(world, label));
    await world.advance(world.now + 10 * MS);
  }
  assertEquals(labels.map((label) => is(world, label, "chain")), [1, 2, 3, 4]);
  await until(world, () => is(world, "d", "places") === 2);
  await world.crash({ processes: [], nodes: ["n0"], manager: false }, "nothing");
  assertEquals(labels.map((label) => is(world, label, "committed")), [true, true, true, true]);
  await world.restart(["p0"], undefined, undefined);
  await toEnd(world, "p0");
  assertEquals([is(world, "d", "restored"), world.processMetric("p0", "exit")], [true, 0]);
  world.end();
});

Deno.test("a line is whole at a level, also with who began late", async () => {
  const world = levels({ peer: 0, disk: 2 });
  const workload = load("gossip", { messages: 400 });
  NAMES.forEach((name, n) => world.addProcess(name, `n${n}`, workload, n === 2 ? 3 * MS : 0));
  world.coordinate(protocol("message-counting"));
  const save = async (label: string) => {
    await world.checkpoint(NAMES, label, STOP);
    await until(world, isDone(world, label));
  };
  await world.advance(MS);
  await save("a");
  await world.advance(5 * MS);
  await save("b");
  await world.advance(world.now + 20 * MS);
  await save("c");
  const copied = kinds(world, "copy").map(({ text }) => text.split(" ")[0]);
  // It is the first of p2, so all are copied; then not before the next but one.
  assertEquals(copied, ["a.p0", "a.p1", "b.p0", "b.p1", "b.p2"]);
  world.end();
});

Deno.test("levels keep the newest each, and no more", async () => {
  const world = levels({ peer: 0, disk: 3, retain: 1 }, 1);
  world.addProcess("p0", "n0", load("counter", { ticks: 5000, turns: 2000 }));
  const there: string[] = [];
  for (const label of ["a", "b", "c", "d", "e"]) {
    await world.checkpoint(["p0"], label, STOP);
    await until(world, isDone(world, label));
    await world.advance(world.now + 20 * MS);
    const known = ["a", "b", "c", "d", "e"].slice(0, 1 + there.length);
    there.push(known.filter((each) => is(world, each, "committed") === true).join(""));
  }
  // As d is committed its copy is still to come.
  assertEquals(there, ["a", "ab", "ac", "ad", "de"]);
  world.end();
});

Deno.test("copies to a next node want one", async () => {
  const world = levels({}, 1);
  world.addProcess("p0", "n0", load("counter", {}));
  await assertRejects(() => world.begin(), LabError, "expected a second node, found one");
});
