/** Laws of the network in virtual time, over random traffic on random channels. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Choices } from "../../../core/base/choices.ts";
import { least } from "../../../core/base/distribution.ts";
import { readOptions } from "../../../core/base/option.ts";
import { CHANNEL, type ChannelOptions } from "../../../core/cluster/channel.ts";
import { Network } from "../../../core/cluster/network.ts";
import { type Packet, stationNumber } from "../../../core/cluster/packet.ts";
import type { Partition } from "../../../core/cluster/partition.ts";
import type { Station } from "../../../core/cluster/protocol.ts";

const STATIONS: readonly Station[] = [0, 1, 2, "manager"];
/** Two ranks share a node. */
const nodeOf = (station: Station): string =>
  station === "manager" ? "hub" : station < 2 ? "left" : "right";

const channel = (given: Partial<ChannelOptions>): ChannelOptions => {
  const { values, problems } = readOptions(CHANNEL, given);
  assertEquals(problems, []);
  return values;
};

const CONSTANT = { shape: "constant", value: 20_000 } as const;
const latency = fc.constantFrom<ChannelOptions["latency"]>(
  CONSTANT,
  { shape: "uniform", low: 1000, high: 90_000 },
  { shape: "exponential", low: 2000, mean: 30_000 },
  { shape: "script", values: [60_000, 5000, 40_000, 1000] },
);

const optionsOf = (fixed: Partial<ChannelOptions>): fc.Arbitrary<ChannelOptions> =>
  fc.record({
    order: fc.constantFrom("fifo", "any"),
    delivery: fc.constantFrom("reliable", "lossy", "duplicate"),
    latency,
    bandwidth: fc.constantFrom(12_500_000, 1_000_000_000),
    loss: fc.constantFrom(0.1, 0.4),
    duplicates: fc.constantFrom(0.1, 0.4),
    transport: fc.constantFrom("none", "retransmit"),
    retransmit_after: fc.constantFrom(20_000, 150_000),
  }).map((drawn) => channel({ ...drawn, ...fixed }));

/** A packet's body: which it is, on its channel and in all. */
interface Body {
  readonly id: number;
  readonly kind: string;
}

interface Sending {
  readonly at: number;
  readonly packet: Packet<Body>;
}

const sendings: fc.Arbitrary<readonly Sending[]> = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 400_000 }),
    from: fc.constantFrom(...STATIONS),
    to: fc.constantFrom(...STATIONS),
    bytes: fc.integer({ min: 0, max: 400 }),
    kind: fc.constantFrom("data", "ACK"),
  }),
  { maxLength: 60, size: "max" },
).map((drawn) =>
  drawn.map(({ at, from, to, bytes, kind }, id) => (
    { at, packet: { from, to, bytes, body: { id, kind } } }
  ))
);

/** When nothing passes between which nodes. */
interface Cut {
  readonly from: number;
  readonly until: number;
  readonly a: string;
  readonly b: string;
}

const cuts: fc.Arbitrary<readonly Cut[]> = fc.array(
  fc.record({
    from: fc.integer({ min: 0, max: 500_000 }),
    lasts: fc.integer({ min: 1, max: 300_000 }),
    sides: fc.constantFrom(["left", "right"], ["left", "hub"], ["right", "hub"]),
  }).map(({ from, lasts, sides: [a, b] }) => (
    { from, until: from + lasts, a: a as string, b: b as string }
  )),
  { maxLength: 3 },
);

interface Outcome {
  readonly network: Network<Body>;
  readonly deliveries: readonly { readonly at: number; readonly packet: Packet<Body> }[];
}

const newNetwork = (options: ChannelOptions): Network<Body> =>
  new Network<Body>({
    choices: new Choices(5),
    channel: () => options,
    nodeOf,
    channels: [options],
    kindOf: ({ kind }) => kind,
  });

/** Hands over all at once, in that order, and runs to the end, or so long. */
function run(options: ChannelOptions, sent: readonly Sending[], cut: readonly Cut[] = []): Outcome {
  const network = newNetwork(options);
  for (const { at, packet } of sent) network.send(at, packet);
  const deliveries = [];
  const standing = new Map<Cut, Partition>();
  for (const at of [...new Set(cut.flatMap(({ from, until }) => [from, until]))].sort(byNumber)) {
    deliveries.push(...network.advance(at));
    for (const each of cut) {
      const partition = standing.get(each);
      if (each.from === at) standing.set(each, network.partition([each.a], [each.b]));
      else if (each.until === at && partition !== undefined) network.heal(partition);
    }
  }
  deliveries.push(...toTheEnd(network));
  return { network, deliveries };
}

const byNumber = (a: number, b: number): number => a - b;

function toTheEnd(network: Network<Body>) {
  const deliveries = [];
  while (network.next < 1e12) deliveries.push(...network.advance(network.next + 1));
  return deliveries;
}

const channelOf = ({ from, to }: Packet<Body>): string => `${from}->${to}`;

/** Ids by channel, in the order they come in the list. */
function byChannel(packets: readonly Packet<Body>[]): Record<string, number[]> {
  const lists: Record<string, number[]> = {};
  for (const packet of packets) (lists[channelOf(packet)] ??= []).push(packet.body.id);
  return lists;
}

const inOrderOfSending = (sent: readonly Sending[]): Packet<Body>[] =>
  sent.toSorted((a, b) => a.at - b.at).map(({ packet }) => packet);

const arrived = ({ deliveries }: Outcome): Packet<Body>[] => deliveries.map(({ packet }) => packet);

Deno.test("fifo and reliable, or with a transport: each channel gives what was sent, in order", () => {
  const options = fc.oneof(
    optionsOf({ order: "fifo", transport: "retransmit" }),
    optionsOf({ order: "fifo", delivery: "reliable" }),
  );
  fc.assert(
    fc.property(options, sendings, cuts, (chosen, sent, cut) => {
      const outcome = run(chosen, sent, cut);
      assertEquals(byChannel(arrived(outcome)), byChannel(inOrderOfSending(sent)));
      assertEquals([outcome.network.inFlight, outcome.network.next], [0, Infinity]);
    }),
    { numRuns: 300 },
  );
});

Deno.test("in any order, reliable or with a transport: each packet arrives exactly once", () => {
  const options = fc.oneof(
    optionsOf({ order: "any", transport: "retransmit" }),
    optionsOf({ order: "any", delivery: "reliable" }),
  );
  fc.assert(
    fc.property(options, sendings, cuts, (chosen, sent, cut) => {
      const outcome = run(chosen, sent, cut);
      const ids = arrived(outcome).map(({ body }) => body.id).sort(byNumber);
      assertEquals(ids, sent.map((_, id) => id));
      assertEquals(outcome.network.inFlight, 0);
    }),
    { numRuns: 300 },
  );
});

Deno.test("a fifo channel that loses or doubles keeps the order of what arrives", () => {
  const options = optionsOf({ order: "fifo", delivery: "duplicate", transport: "none" });
  fc.assert(fc.property(options, sendings, cuts, (chosen, sent, cut) => {
    const outcome = run(chosen, sent, cut);
    const wanted = byChannel(inOrderOfSending(sent));
    for (const [name, ids] of Object.entries(byChannel(arrived(outcome)))) {
      const places = ids.map((id) => (wanted[name] as number[]).indexOf(id));
      assertEquals(places, places.toSorted(byNumber));
      for (const place of places) assert(places.filter((other) => other === place).length <= 2);
    }
  }));
});

Deno.test("nothing arrives sooner than the lookahead, and all in one total order", () => {
  fc.assert(fc.property(optionsOf({}), sendings, cuts, (chosen, sent, cut) => {
    const { network, deliveries } = run(chosen, sent, cut);
    assertEquals(network.lookahead, least(chosen.latency));
    let before = [-1, 0, 0];
    for (const { at, packet } of deliveries) {
      const { body, from, to, bytes } = packet;
      const wire = bytes * 1e9 / chosen.bandwidth;
      assert(at >= (sent[body.id] as Sending).at + network.lookahead + wire);
      const now = [at, stationNumber(from), stationNumber(to)];
      const differs = now.findIndex((value, i) => value !== before[i]);
      assert(differs < 0 || (now[differs] as number) > (before[differs] as number));
      before = now;
    }
  }));
});

Deno.test("neither the order of calls nor the steps of time change anything", () => {
  const shuffled = sendings.chain((sent) =>
    fc.tuple(
      fc.constant(sent),
      fc.shuffledSubarray([...sent], { minLength: sent.length, maxLength: sent.length }),
    )
  );
  fc.assert(fc.property(optionsOf({}), shuffled, (chosen, [sent, other]) => {
    // Calls of one channel and moment are told apart by their order: it stays.
    const key = ({ at, packet }: Sending) => `${at} ${channelOf(packet)}`;
    const ids = new Map<string, Sending[]>();
    for (const each of sent) ids.set(key(each), [...ids.get(key(each)) ?? [], each]);
    const stable = other.map((each) => ids.get(key(each))?.shift() as Sending);

    const one = run(chosen, sent);
    const two = newNetwork(chosen);
    const deliveries = [];
    let until = 0;
    for (const step of [70_000, 170_000, 400_001]) {
      for (const { at, packet } of stable) if (at >= until && at < step) two.send(at, packet);
      deliveries.push(...two.advance(step));
      until = step;
    }
    deliveries.push(...toTheEnd(two));
    assertEquals(deliveries, [...one.deliveries]);
    assertEquals(two.counts, one.network.counts);
  }));
});

Deno.test("every packet is accounted for at every moment, by kind and in all", () => {
  const moments = fc.array(fc.integer({ min: 0, max: 900_000 }), { maxLength: 5 });
  const discards = fc.array(fc.constantFrom(...STATIONS), { maxLength: 2 });
  fc.assert(
    fc.property(optionsOf({}), sendings, moments, discards, (chosen, sent, at, gone) => {
      const network = newNetwork(chosen);
      for (const { at, packet } of sent) network.send(at, packet);
      let delivered = 0;
      for (const moment of at.sort(byNumber)) {
        delivered += network.advance(moment).length;
        const station = gone.pop();
        if (station !== undefined) network.discard(({ to }) => to === station);
        const { counts, inFlight } = network;
        assertEquals(inFlight, network.packetsInFlight().length);
        assertEquals(delivered, counts.delivered);
        assertEquals(
          counts.sent + counts.duplicated,
          counts.delivered + counts.lost + counts.discarded + inFlight,
        );
        for (const key of ["sent", "bytes", "frames", "delivered"] as const) {
          const sum = network.kinds.reduce((sum, kind) => sum + network.countsOfKind(kind)[key], 0);
          assertEquals(sum, counts[key]);
        }
      }
      const ofData = sent.filter(({ packet }) => packet.body.kind === "data").length;
      assertEquals(network.countsOfKind("data").sent, ofData);
    }),
    { numRuns: 300 },
  );
});

Deno.test("what is discarded never arrives; what is not, does, and what comes later too", () => {
  const options = fc.oneof(
    optionsOf({ transport: "retransmit" }),
    optionsOf({ delivery: "reliable", transport: "none" }),
  );
  const which = fc.array(fc.nat(59), { maxLength: 40, size: "max" }).map((ids) => new Set(ids));
  const moment = fc.integer({ min: 0, max: 400_000 });
  fc.assert(
    fc.property(options, sendings, moment, which, cuts, (chosen, sent, at, ids, [cut]) => {
      const network = newNetwork(chosen);
      const [early, late] = [sent.filter((s) => s.at <= at), sent.filter((s) => s.at > at)];
      for (const { at, packet } of early) network.send(at, packet);
      if (cut !== undefined) network.partition([cut.a], [cut.b]);
      const before = network.advance(at).map(({ packet }) => packet.body.id);
      const inFlight = network.packetsInFlight();
      const gone = network.discard(({ body }) => ids.has(body.id));
      assertEquals(gone, inFlight.filter(({ body }) => ids.has(body.id)));
      if (cut !== undefined) network.heal([cut.a]);
      for (const { at, packet } of late) network.send(at, packet);
      const after = toTheEnd(network).map(({ packet }) => packet.body.id);
      const all = [...before, ...gone.map(({ body }) => body.id), ...after].sort(byNumber);
      assertEquals(all, sent.map((_, id) => id));
      if (chosen.order === "fifo") {
        const left = sent.filter((s) => !gone.includes(s.packet));
        const packets = [...before, ...after].map((id) => (sent[id] as Sending).packet);
        assertEquals(byChannel(packets), byChannel(inOrderOfSending(left)));
      }
    }),
    { numRuns: 300 },
  );
});

const packet = (id: number, bytes = 0, to: Station = 2): Packet<Body> => (
  { from: 0, to, bytes, body: { id, kind: "data" } }
);
const times = (list: readonly { at: number; packet: Packet<Body> }[]): [number, number][] =>
  list.map(({ at, packet }) => [at, packet.body.id]);

Deno.test("packets of one channel wait for each other at its bandwidth, others do not", () => {
  const network = newNetwork(channel({ bandwidth: 1_000_000, latency: CONSTANT }));
  for (const id of [0, 1, 2]) network.send(100, packet(id, 10));
  network.send(100, packet(3, 10, 1));
  network.send(60_000, packet(4, 3));
  assertEquals(times(network.advance(100_000)), [
    [30_100, 3],
    [30_100, 0],
    [40_100, 1],
    [50_100, 2],
    [83_000, 4],
  ]);
  assertEquals(network.counts.bytes, 43);
});

Deno.test("fifo waits for the one before, any does not", () => {
  const script = { shape: "script", values: [50_000, 10_000, 5000] } as const;
  for (
    const [order, wanted] of [
      ["fifo", [[50_000, 0], [50_000, 1], [50_000, 2]]],
      ["any", [[5002, 2], [10_001, 1], [50_000, 0]]],
    ] as const
  ) {
    const network = newNetwork(channel({ order, latency: script }));
    for (const id of [0, 1, 2]) network.send(id, packet(id));
    assertEquals(times(network.advance(60_000)), wanted as unknown as [number, number][]);
  }
});

Deno.test("while a partition stands nothing passes, and a reliable channel keeps it till then", () => {
  const network = newNetwork(channel({ latency: CONSTANT }));
  network.send(0, packet(0));
  network.send(18_000, packet(1));
  network.send(18_000, packet(9, 0, 1)); // a neighbour on the same node
  assertEquals(times(network.advance(19_000)), []);
  const partition = network.partition(["left"], ["right"]);
  network.send(25_000, packet(2));
  assertEquals(times(network.advance(30_000)), []);
  assertEquals(network.inFlight, 4);
  network.heal(partition);
  network.send(30_000, packet(3));
  assertEquals(times(network.advance(90_000)), [[38_000, 9], [50_000, 0], [50_000, 1], [
    50_000,
    2,
  ], [50_000, 3]]);
});

Deno.test("a lossy channel loses what meets a partition, at either end", () => {
  const network = newNetwork(channel({ delivery: "lossy", loss: 0, latency: CONSTANT }));
  network.send(0, packet(0));
  network.send(15_000, packet(1));
  network.advance(10_000);
  network.partition(["left"], ["right"]);
  network.advance(30_000);
  network.heal(["right"]);
  network.send(30_000, packet(2));
  assertEquals(times(network.advance(60_000)), [[50_000, 2]]);
  assertEquals(network.counts.lost, 2);
});

Deno.test("a transport waits twice as long each time, up to 64 times", () => {
  const options = channel({
    delivery: "lossy",
    loss: 1,
    transport: "retransmit",
    retransmit_after: 1000,
  });
  const network = newNetwork(options);
  network.send(0, packet(0));
  const sent: number[] = [];
  let frames = 0;
  while (sent.length < 10) {
    const at = network.next;
    network.advance(at + 1);
    if (network.counts.frames > frames) sent.push(at);
    frames = network.counts.frames;
  }
  const waits = sent.slice(1).map((at, i) => at - (sent[i] as number));
  assertEquals(waits, [1, 2, 4, 8, 16, 32, 64, 64, 64].map((times) => times * 1000));
  assertEquals([network.counts.retransmitted, network.inFlight, network.counts.lost], [9, 1, 0]);
});

Deno.test("an acknowledgement goes back at the cost of the channel back, and ends the waiting", () => {
  const options = channel({ transport: "retransmit", bandwidth: 1_000_000, latency: CONSTANT });
  const network = newNetwork(options);
  network.send(0, packet(0, 10));
  network.send(35_000, { ...packet(1, 10), from: 2, to: 0 });
  // The acknowledgement takes the channel back from 30 to 70 us; the packet waits for it.
  assertEquals(times(network.advance(200_000)), [[30_000, 0], [100_000, 1]]);
  const { frames, acknowledgements, retransmitted, bytes } = network.counts;
  assertEquals([frames, acknowledgements, retransmitted, bytes], [4, 2, 0, 100]);
  assertEquals(network.next, Infinity);
});

Deno.test("a transport on a channel without order does not wait for what is missing", () => {
  const script = { shape: "script", values: [50_000, 10_000] } as const;
  const network = newNetwork(channel({ order: "any", transport: "retransmit", latency: script }));
  network.send(0, packet(0));
  network.send(1, packet(1));
  assertEquals(times(network.advance(100_000)), [[10_001, 1], [50_000, 0]]);
});

Deno.test("to advance up to a moment is not to let it happen", () => {
  const network = newNetwork(channel({ latency: CONSTANT }));
  network.send(0, packet(0));
  assertEquals([network.next, times(network.advance(20_000))], [0, []]);
  assertEquals([network.next, network.now], [20_000, 20_000]);
  assertEquals(times(network.advance(20_001)), [[20_000, 0]]);
});

Deno.test("what is handed over late, by the lookahead at most, arrives as if it were not", () => {
  const network = newNetwork(channel({ latency: CONSTANT }));
  network.advance(50_000);
  network.send(35_000, packet(0));
  network.send(30_000, packet(1));
  assertEquals(network.next, 30_000);
  assertEquals(times(network.advance(60_000)), [[50_000, 1], [55_000, 0]]);
});

Deno.test("a station that moves to the other side sends what was held, before anything else", () => {
  for (const told of [true, false]) {
    const places = new Map<Station, string>([[0, "left"], [2, "right"]]);
    const network = new Network<Body>({
      choices: new Choices(1),
      channel: () => channel({ latency: CONSTANT }),
      nodeOf: (station) => places.get(station) as string,
    });
    network.partition(["left"], ["right"]);
    network.send(0, packet(0));
    network.send(1, packet(1));
    network.advance(10_000);
    places.set(0, "right");
    if (told) network.releaseHeld();
    network.send(10_000, packet(2));
    assertEquals(times(network.advance(50_000)).map(([, id]) => id), [0, 1, 2]);
  }
});

Deno.test("a channel that is emptied by a discard begins anew, and its script goes on", () => {
  const script = { shape: "script", values: [10_000, 20_000] } as const;
  const network = newNetwork(channel({ latency: script, bandwidth: 1_000_000 }));
  network.send(0, packet(0, 1_000_000));
  network.advance(1000);
  assertEquals(network.discard(() => true), [packet(0, 1_000_000)]);
  network.send(1000, packet(1));
  assertEquals(times(network.advance(2e9)), [[21_000, 1]]);
});

Deno.test("a discard ends the waiting of a transport, and empties what a partition holds", () => {
  const deaf = { delivery: "lossy", loss: 1, transport: "retransmit" } as const;
  const lossy = newNetwork(channel(deaf));
  lossy.send(0, packet(0));
  lossy.advance(1000);
  lossy.discard(() => true);
  assertEquals(lossy.next, Infinity);

  const network = newNetwork(channel({ latency: CONSTANT }));
  network.partition(["left"], ["right"]);
  network.send(0, packet(0));
  network.send(1, packet(1));
  network.advance(1000);
  network.discard(({ body }) => body.id === 0);
  network.heal(["left"]);
  assertEquals(times(network.advance(30_000)), [[21_000, 1]]);
  assertEquals(network.counts.frames, 1);
});

Deno.test("the second copy of a packet keeps its place, though a discard takes all else", () => {
  const script = { shape: "script", values: [10_000, 90_000, 5000] } as const;
  const doubling = { delivery: "duplicate", loss: 0, duplicates: 1 } as const;
  const network = newNetwork(channel({ ...doubling, latency: script }));
  network.send(0, packet(0));
  network.send(15_000, packet(1));
  network.advance(20_000);
  assertEquals(network.packetsInFlight().map(({ body }) => body.id), [0, 1, 1]);
  network.discard(({ body }) => body.id === 1);
  network.send(20_000, packet(2));
  assertEquals(times(network.advance(200_000)), [[90_000, 0], [90_000, 2], [90_000, 2]]);
});

Deno.test("an acknowledgement that meets a partition is lost, and the packet comes once", () => {
  const options = channel({ latency: CONSTANT, transport: "retransmit", retransmit_after: 50_000 });
  const network = newNetwork(options);
  network.send(0, packet(0));
  assertEquals(times(network.advance(21_000)), [[20_000, 0]]);
  network.partition(["left"], ["right"]);
  network.advance(45_000);
  assertEquals(network.counts.framesLost, 1);
  network.heal(["left"]);
  assertEquals(times(toTheEnd(network)), []);
  assertEquals([network.counts.retransmitted, network.counts.acknowledgements], [1, 2]);
});

Deno.test("the past, packets without a size and channels faster than said are refused", () => {
  const options = channel({ latency: CONSTANT });
  const network = newNetwork(options);
  network.advance(50_000);
  assertThrows(() => network.send(29_999, packet(0)), RangeError, "a time from 30000 ns");
  assertThrows(() => network.advance(49_999), RangeError, "found 49999 ns");
  assertThrows(() => network.send(60_000, packet(0, 1.5)), RangeError, "found 1.5");
  assertThrows(() => network.send(60_000, { ...packet(0), to: -1 }), RangeError, "found -1");
  const faster = new Network<Body>({
    choices: new Choices(1),
    channel: () => channel({ latency: { shape: "constant", value: 2000 } }),
    nodeOf,
    channels: [options],
  });
  faster.send(0, packet(0));
  assertThrows(() => faster.advance(1), RangeError, "the lookahead of 20000 ns");
});

Deno.test("one disturbance does not end another: each stands for its own time", () => {
  const values = channel({ latency: CONSTANT });
  const network = new Network<Body>({
    choices: new Choices(1),
    channel: () => values,
    nodeOf,
    channels: [values],
  });
  const stations = new Set<Station>([0]);
  network.disturb({ stations, untilNs: 1_000_000, loss: 1, duplicates: 0 });
  network.disturb({ stations, untilNs: 500_000, loss: 0, duplicates: 1 });
  const arrived = (at: number) => {
    network.send(at, { from: 0, to: 1, bytes: 1, body: { id: at, kind: "data" } });
    return network.advance(at + 400_000).length;
  };
  assertEquals([arrived(0), arrived(600_000), arrived(1_100_000)], [0, 0, 1]);
});
