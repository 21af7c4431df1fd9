/** Images at several levels: what each crash takes, against a model that knows only what was told. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { LabError, readOptions, type World } from "../../../core/mod.ts";
import { storages } from "../../../plugins/mod.ts";
import { addNode, load, MS, newWorld, protocol, toEnd, until, using } from "./world_fixture.ts";

const STOP = using("stop-the-world"), INCREMENTAL = using("incremental");
const NAMES = ["p0", "p1", "p2"];

/** A world of so many nodes that keeps images at levels. */
function levels(given: Record<string, unknown>, nodes = 3): World {
  const row = storages.find(({ name }) => name === "levels");
  const { values, problems } = readOptions(row?.options ?? {}, given);
  assertEquals(problems, []);
  const world = newWorld();
  world.keep({ name: "levels", options: values as never });
  for (let n = 0; n < nodes; n++) addNode(world, `n${n}`, { disk: 20_000_000 });
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
}

/** What the trace tells of the copies of an image. */
const copiesOf = (world: World, image: string): Kept["copies"] =>
  kinds(world, "copy").flatMap(({ text }) => {
    const [, of, medium = "", ready] = /^(\S+) to (\w+), \d+ bytes, there at (\d+)$/.exec(text) ??
      [];
    return of === image ? [{ medium, readyNs: Number(ready) }] : [];
  });

/** Nodes crash, and their disks with them: what is left of an image. */
function crashed(image: Kept, now: number, nodes: readonly number[], disk: boolean): boolean {
  const isGone = nodes.includes(image.node);
  const isNextGone = nodes.includes((image.node + 1) % NAMES.length);
  if (isGone) image.inMemory = false;
  image.copies = image.copies.filter(({ medium, readyNs }) => {
    if (isGone && readyNs > now) return false;
    if (medium === "peer") return !isNextGone;
    return medium === "elsewhere" || !(disk && isGone);
  });
  return image.inMemory || image.copies.length > 0;
}

const NODES = fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 3 });
const ACTS = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ save: fc.nat(2), then: fc.nat(4 * MS) }) },
    fc.record({ crash: NODES, disk: fc.boolean(), then: fc.nat(MS) }),
  ),
  { minLength: 6, maxLength: 14 },
);

Deno.test("whatever crashes, exactly those images are left that some place has whole", async () => {
  let lost = 0, left = 0;
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
          const turn = images.filter(({ node }) => node === act.save).length;
          const copies = copiesOf(world, `${label}.${name}`);
          const due = Object.entries({ peer, disk, elsewhere: server })
            .filter(([, every]) => every > 0 && turn % every === 0);
          assertEquals(copies.map(({ medium }) => medium), due.map(([medium]) => medium));
          images.push({ label, node: act.save, inMemory: true, copies });
        } else {
          const names = act.crash.map((n) => `p${n}`);
          const nodes = act.crash.map((n) => `n${n}`);
          await world.crash(
            { processes: [], nodes, manager: false },
            act.disk ? "disk" : "nothing",
          );
          for (const image of images) {
            const isLeft = crashed(image, world.now, act.crash, act.disk);
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
  assert(lost >= 20 && left >= 20, `${lost} lost, ${left} left`);
});

Deno.test("a level takes one copy after the other, as fast as it is", async () => {
  const world = levels({ peer: 0, disk: 1, server: 1, server_bandwidth: 1_000_000 }, 1);
  world.addProcess("p0", "n0", load("matmul", { size: 64 }));
  for (const label of ["a", "b"]) {
    await world.checkpoint(["p0"], label, STOP);
    await until(world, isDone(world, label), 10_000);
  }
  const [a = [], b = []] = ["a.p0", "b.p0"].map((image) => copiesOf(world, image));
  const [first, second] = kinds(world, "copy").filter(({ text }) => text.includes("elsewhere"))
    .map(({ text }) => Number(/(\d+) bytes/.exec(text)?.[1]));
  assert(first !== undefined && second !== undefined && first > 4096);
  const [begun] = kinds(world, "committed").map(({ time }) => time);
  const atServer = [a, b].map(([, { readyNs } = { readyNs: 0 }]) => readyNs);
  // Bytes at 1 MB/s are so many us, each copy behind 200 us; of the second, behind the first.
  assertEquals(Math.round(((atServer[0] ?? 0) - (begun ?? 0)) / 10), (first * 1000 + 200_000) / 10);
  assertEquals((atServer[1] ?? 0) - (atServer[0] ?? 0), second * 1000 + 200_000);
  const atDisk = [a, b].map(([{ readyNs } = { readyNs: 0 }]) => readyNs);
  assert((atDisk[1] ?? 0) < (atServer[0] ?? 0), "levels do not wait for each other");
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
  await save("c");
  const copied = kinds(world, "copy").map(({ text }) => text.split(" ")[0]);
  assertEquals(copied, ["a.p0", "a.p1", "c.p0", "c.p1", "c.p2"]);
  world.end();
});

Deno.test("levels keep the newest each, and no more", async () => {
  const world = levels({ peer: 0, disk: 3, kept: 1 }, 1);
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
