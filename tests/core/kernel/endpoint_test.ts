/** Messages between processes: what the calls answer, and what a hold does to them. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Endpoint, type Message } from "../../../core/kernel/endpoint.ts";
import { newKernel, start } from "./kernel_fixture.ts";
import { connect, type Rank, runAll, runRanks, runRound, startRanks } from "./message_fixture.ts";
import {
  CALL,
  HANDLER,
  receive,
  script,
  type ScriptedCall,
  send,
  SPACE,
} from "./message_program.ts";
import { exitWith } from "./tiny_elf.ts";

const { exit, exitGroup, pause } = CALL;
const END: ScriptedCall = [exitGroup, 0];

/** Ranks of these scripts, and what their calls have answered. */
function scripted(...scripts: readonly ScriptedCall[][]): { ranks: Rank[]; results: number[][] } {
  const programs = scripts.map((calls) => script(calls, "abcdefgh\0\0"));
  const ranks = startRanks((rank) => programs[rank] as Uint8Array, [], scripts.length);
  const results = ranks.map(({ kernel }) => {
    const seen: number[] = [];
    kernel.observer = { call: ({ result }) => result !== undefined && seen.push(result) };
    return seen;
  });
  return { ranks, results };
}

function rankOf(ranks: readonly Rank[], rank: number): Rank {
  const found = ranks[rank];
  assert(found !== undefined);
  return found;
}

/** Runs one rank until it waits; the others stand still. */
function runUntilIdle({ kernel }: Rank): void {
  assertEquals(kernel.run(kernel.now + 1e6), "idle");
}

const textAt = ({ process }: Rank, at: number, length: number): string =>
  new TextDecoder().decode(process.memory.read(at, length));
const wordsAt = ({ process }: Rank, at: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => process.memory.readWord(at + 4 * n) | 0);

const message = (from: number, to: number, text: string, tag = 0, sequence = 0): Message => ({
  from,
  to,
  tag,
  sequence,
  bytes: new TextEncoder().encode(text),
});

/** Waits that are over. */
const blocked = (endpoint: Endpoint): number => endpoint.blockedUntil(0, () => false);

Deno.test("messages: a process without others is rank 0 of 1, and may end", () => {
  const kernel = newKernel();
  const { process } = start(kernel, exitWith(4));
  const { rank, size, nodeName, held } = process.endpoint;
  assertEquals({ rank, size, nodeName, held }, {
    rank: 0,
    size: 1,
    nodeName: "ckptlab",
    held: false,
  });
  kernel.run(1e5);
  assertEquals(process.exit, { kind: "exited", code: 4 });
});

Deno.test("messages: rank, size and the node's name, as text that ends with a zero", () => {
  const who = [[CALL.rank], [CALL.size], [CALL.name, SPACE, 6], [CALL.name, SPACE, 5], [pause]];
  const { ranks, results } = scripted(who, who);
  runRound(ranks);
  assertEquals(results, [[0, 2, 5, -34], [1, 2, 5, -34]]);
  assertEquals(textAt(rankOf(ranks, 1), SPACE, 6), "node1\0");
});

Deno.test("messages: uname tells the node the process is on, also after it has changed", () => {
  const { ranks } = scripted([[122, SPACE], [pause]]);
  const rank = rankOf(ranks, 0);
  rank.process.endpoint.nodeName = "elsewhere";
  runUntilIdle(rank);
  assertEquals(textAt(rank, SPACE + 65, 10), "elsewhere\0");
});

Deno.test("messages: a receiver waits, gets the bytes, and a status of three words", () => {
  const { ranks, results } = scripted([receive(-1, -1, 64), [pause]], [send(0, 7, 5), END]);
  const [receiver, sender] = [rankOf(ranks, 0), rankOf(ranks, 1)];
  runUntilIdle(receiver);
  assertEquals(receiver.process.threads[0]?.call?.number, CALL.receive);
  sender.kernel.run(1e5);
  runUntilIdle(receiver);
  assertEquals(results, [[5], [0]]);
  assertEquals(textAt(receiver, SPACE, 6), "abcde\0");
  assertEquals(wordsAt(receiver, SPACE + 256, 3), [1, 7, 5]);
  assertEquals([...sender.process.endpoint.sent], [[0, 1]]);
  assertEquals(receiver.process.endpoint.inbox, []);
  assertEquals(blocked(receiver.process.endpoint), 0);
});

Deno.test("messages: sender and tag choose the first match in the order of arrival", () => {
  const calls = [receive(-1, 5, 9), receive(2, -1, 9), receive(1, 4, 9), receive(-1, -1, 9)];
  const { ranks, results } = scripted([...calls, [pause]], [END], [END]);
  const rank = rankOf(ranks, 0);
  const read: number[] = [];
  rank.process.endpoint.onReceive = ({ sequence }) => read.push(sequence);
  const arrivals = [[1, 4], [2, 4], [2, 5], [2, 4], [1, 5]] as const;
  for (const [n, [from, tag]] of arrivals.entries()) {
    rank.process.endpoint.deliver(message(from, 0, "x".repeat(n), tag, n));
  }
  runUntilIdle(rank);
  assertEquals(results[0], [2, 1, 0, 3]);
  assertEquals(read, [2, 1, 0, 3]);
  assertEquals(rank.process.endpoint.inbox.map(({ sequence }) => sequence), [4]);
});

Deno.test("messages: one that is too long stays, and the status says how long it is", () => {
  const { ranks, results } = scripted([
    receive(-1, -1, 3, 2), // a look: three bytes, the whole length
    [CALL.receive, -1, -1, SPACE, 4, SPACE + 320, 0],
    [CALL.receive, -1, -1, SPACE + 512, 8, 0, 0],
    receive(-1, -1, 8, 1),
    [pause],
  ], [END]);
  const rank = rankOf(ranks, 0);
  rank.process.endpoint.deliver(message(1, 0, "hello", 9));
  runUntilIdle(rank);
  assertEquals(results[0], [5, -90, 5, -11]);
  assertEquals(textAt(rank, SPACE, 5), "hel\0\0");
  assertEquals(textAt(rank, SPACE + 512, 5), "hello");
  for (const at of [256, 320]) assertEquals(wordsAt(rank, SPACE + at, 3), [1, 9, 5]);
});

Deno.test("messages: a fault in either place leaves message and memory alone", () => {
  const bad = 0x100;
  const { ranks, results } = scripted([
    [CALL.receive, -1, -1, SPACE, 8, bad, 0],
    [CALL.receive, -1, -1, bad, 8, SPACE + 256, 0],
    [CALL.send, 1, 0, bad, 4, 0],
    [pause],
  ], [END]);
  const rank = rankOf(ranks, 0);
  rank.process.endpoint.deliver(message(1, 0, "hello", 9));
  runUntilIdle(rank);
  assertEquals(results[0], [-14, -14, -14]);
  assertEquals(rank.process.endpoint.inbox.length, 1);
  assertEquals(rank.process.endpoint.sent.size, 0);
  assertEquals(textAt(rank, SPACE, 1), "\0");
  assertEquals(wordsAt(rank, SPACE + 256, 1), [0]);
});

Deno.test("messages: what is wrong with the arguments is said at once, held or not", () => {
  const calls = [
    send(-1, 0, 1),
    send(2, 0, 1),
    send(1, -1, 1),
    send(1, 0, 1, 2),
    send(1, 0, 16 * 2 ** 20 + 1),
    receive(2, 0, 1),
    receive(-2, 0, 1),
    receive(0, -2, 1),
    receive(0, 0, 1, 4),
  ];
  for (const held of [false, true]) {
    const { ranks, results } = scripted([...calls, [pause]], [END]);
    const rank = rankOf(ranks, 0);
    if (held) rank.process.endpoint.hold();
    runUntilIdle(rank);
    assertEquals(results[0], [-22, -22, -22, -22, -90, -22, -22, -22, -22]);
  }
});

Deno.test("messages: one to oneself arrives at once and takes a sequence, nobody carries it", () => {
  const { ranks, results } = scripted([send(0, 3, 2), send(0, 3, 4), receive(0, 3, 9), [pause]]);
  const rank = rankOf(ranks, 0);
  rank.process.endpoint.onSend = () => assert(false, "nobody carries a message to oneself");
  runUntilIdle(rank);
  assertEquals(results[0], [0, 0, 2]);
  const [left] = rank.process.endpoint.inbox;
  assertEquals(left, { ...message(0, 0, "abcd", 3), sequence: 1 });
});

Deno.test("hold: a send waits, takes no sequence, and goes on when released; the time counts", () => {
  const { ranks, results } = scripted([send(1, 0, 3), [pause]], [END]);
  const rank = rankOf(ranks, 0);
  const { endpoint } = rank.process;
  endpoint.hold();
  runUntilIdle(rank);
  assertEquals([endpoint.sent.size, results[0]], [0, []]);
  const since = rank.kernel.now;
  rank.kernel.advanceTo(since + 5000);
  // The wait under way counts too, while its call waits.
  const under = endpoint.blockedUntil(rank.kernel.now, () => true);
  assert(under >= 5000 && under <= 5040, String(under));
  assertEquals(blocked(endpoint), 0);
  endpoint.release();
  runUntilIdle(rank);
  assertEquals([[...endpoint.sent], results[0]], [[[1, 1]], [0]]);
  const blockedCycles = blocked(endpoint);
  // From the first turn of the call to the turn at which it goes on, which is charged before it.
  assert(blockedCycles >= 5000 && blockedCycles <= 5040, String(blockedCycles));
});

Deno.test("hold: a receive waits although a message is there; without waiting it is EAGAIN", () => {
  const calls = [send(1, 0, 3, 1), receive(-1, -1, 9, 1), receive(-1, -1, 9), [pause]];
  const { ranks, results } = scripted(calls, [END]);
  const rank = rankOf(ranks, 0);
  const { endpoint } = rank.process;
  endpoint.hold();
  endpoint.deliver(message(1, 0, "hey"));
  runUntilIdle(rank);
  assertEquals([results[0], endpoint.inbox.length], [[-11, -11], 1]);
  endpoint.release();
  runUntilIdle(rank);
  assertEquals([results[0], endpoint.inbox.length], [[-11, -11, 3], 0]);
});

Deno.test("hold: who waits for a message gets none that comes meanwhile; its time counts from then", () => {
  const { ranks, results } = scripted([receive(-1, -1, 9), [pause]], [END]);
  const rank = rankOf(ranks, 0);
  const { endpoint } = rank.process;
  runUntilIdle(rank);
  rank.kernel.advanceTo(10_000);
  endpoint.hold();
  endpoint.deliver(message(1, 0, "hey"));
  runUntilIdle(rank);
  assertEquals(results[0], []);
  rank.kernel.advanceTo(12_000);
  endpoint.release();
  runUntilIdle(rank);
  assertEquals(results[0], [3]);
  assert(Math.abs(blocked(endpoint) - 2000) < 50, String(blocked(endpoint)));
});

Deno.test("hold: neither exit nor exit_group ends the process", () => {
  for (const number of [exit, exitGroup]) {
    const rank = rankOf(scripted([[number, 7]], [END]).ranks, 0);
    rank.process.endpoint.hold();
    runUntilIdle(rank);
    assertEquals(rank.process.exit, undefined);
    rank.process.endpoint.release();
    rank.kernel.run(1e6);
    assertEquals(rank.process.exit, { kind: "exited", code: 7 });
  }
});

Deno.test("blocked cycles: each turn counts once, threads by themselves, no call for another", () => {
  const endpoint = new Endpoint({ rank: 0, size: 1, nodeName: "n" });
  const steps = [
    [7, 100, false, true, 0],
    [7, 150, true, true, 50],
    [8, 160, false, true, 50],
    [7, 170, true, true, 70],
    [7, 400, false, true, 70], // another call: a signal has ended the one before
    [7, 450, true, false, 120],
    [8, 1160, true, false, 1120],
    [7, 2000, true, false, 1120],
  ] as const;
  for (const [thread, now, repeated, blocks, sum] of steps) {
    endpoint.countBlocked(thread, now, repeated, blocks);
    assertEquals(blocked(endpoint), sum);
  }
});

Deno.test("leaving: who must agree is asked, again when told to, and again after a release", () => {
  for (const number of [exit, exitGroup]) {
    const rank = rankOf(scripted([[number, 7]], [END]).ranks, 0);
    const { endpoint } = rank.process;
    let asked = 0, agrees = false;
    endpoint.mayLeave = () => (asked++, agrees);
    runUntilIdle(rank);
    endpoint.wakeLeaving();
    runUntilIdle(rank);
    endpoint.release();
    runUntilIdle(rank);
    assertEquals([asked, rank.process.exit], [3, undefined]);
    rank.kernel.advanceTo(rank.kernel.now + 3000);
    agrees = true;
    endpoint.wakeLeaving();
    rank.kernel.run(1e6);
    assertEquals(rank.process.exit, { kind: "exited", code: 7 });
    assert(blocked(endpoint) >= 3000, String(blocked(endpoint)));
  }
});

const SIGUSR1 = 10;
const info = { code: 0, process: 1, user: 0, value: 0, signal: SIGUSR1 };
/** rt_sigaction(SIGUSR1, the handler, without SA_RESTART): the action is made in memory first. */
const ACTION: ScriptedCall = [CALL.action, SIGUSR1, SPACE + 1024, 0, 8];

/** A rank that has a handler for SIGUSR1 and then makes a call. */
function handling(call: ScriptedCall): { rank: Rank; results: number[] } {
  const { ranks, results } = scripted([ACTION, call, [pause]], [END]);
  const rank = rankOf(ranks, 0);
  rank.process.memory.writeWords(SPACE + 1024, [HANDLER, 0, 0, 0, 0]);
  return { rank, results: results[0] ?? [] };
}

Deno.test("signals: a held call runs the handler and waits on, it never answers EINTR", () => {
  for (const call of [send(1, 0, 3), receive(-1, -1, 9), [exitGroup, 5]]) {
    const { rank, results } = handling(call);
    const { endpoint } = rank.process;
    endpoint.hold();
    endpoint.deliver(message(1, 0, "hey"));
    runUntilIdle(rank);
    const before = rank.process.instructions;
    rank.kernel.send(rank.process, info);
    runUntilIdle(rank);
    assert(rank.process.instructions > before, "the handler has run");
    assertEquals(rank.process.threads[0]?.call?.number, call[0]);
    assert(!results.includes(-4), String(results));
    endpoint.release();
    rank.kernel.run(rank.kernel.now + 1e5);
    assertEquals(rank.process.exit?.kind, call[0] === exitGroup ? "exited" : undefined);
    if (call[0] !== exitGroup) assertEquals(results.at(-1), call[0] === CALL.send ? 0 : 3);
  }
});

Deno.test("signals: the wait for a message ends with EINTR, and a held process can be killed", () => {
  const { rank, results } = handling(receive(-1, -1, 9));
  runUntilIdle(rank);
  rank.kernel.send(rank.process, info);
  runUntilIdle(rank);
  assertEquals(results.at(-1), -4);
  const held = handling([exitGroup, 5]).rank;
  held.process.endpoint.hold();
  runUntilIdle(held);
  held.kernel.send(held.process, { ...info, signal: 9 });
  held.kernel.run(held.kernel.now + 1e5);
  assert(held.process.exit?.kind === "killed");
});

Deno.test("abort: ends all ranks with its code, also while they are held", () => {
  const { ranks } = scripted([[CALL.abort, 3]], [receive(0, 0, 9), END], [[pause]]);
  for (const { process } of ranks) process.endpoint.hold();
  runAll(ranks);
  assertEquals(ranks.map(({ process }) => process.exit), [
    { kind: "exited", code: 3 },
    { kind: "exited", code: 3 },
    { kind: "exited", code: 3 },
  ]);
});

Deno.test("values: signed numbers of 64 bits under a name, as far as they are exact", () => {
  const name = SPACE - 0x800; // the script's text: "abcdefgh"
  const { ranks, results } = scripted([
    [CALL.value, name, -5, -1],
    [CALL.value, name + 7, 1, 2],
    [CALL.value, name, 0, 0x200000],
    [CALL.value, name + 8, 1, 0],
    [pause],
  ]);
  const rank = rankOf(ranks, 0);
  const told: unknown[] = [];
  rank.process.endpoint.onValue = (name, value) => told.push([name, value]);
  runUntilIdle(rank);
  assertEquals(results[0], [0, 0, -75, -22]);
  assertEquals(told, [["abcdefgh", -5], ["h", 2 ** 33 + 1]]);
  assertEquals([...rank.process.endpoint.values], told as [string, number][]);
});

Deno.test("ranks that wait for each other are reported: who waits for what", () => {
  const { ranks } = scripted([receive(1, 4, 9), END], [send(0, 5, 3), receive(0, -1, 9), END]);
  const { message } = assertThrows(() => runAll(ranks), Error);
  assertStringIncludes(message, "rank 0: thread 100 waits in msg_receive(1, 4, …)");
  assertStringIncludes(message, "unread: 3 bytes from 1 tag 5");
  assertStringIncludes(message, "rank 1: thread 100 waits in msg_receive(0, -1, …)");
});

Deno.test("ranks of one program: each has its own output and exit code", () => {
  const write: ScriptedCall = [4, 1, SPACE - 0x800, 3];
  const program = script([write, [CALL.send, 0, 0, 0, 0, 0], END], "abc");
  assertEquals(runRanks(program, [], 3), { outputs: ["abc", "abc", "abc"], exits: [0, 0, 0] });
});

Deno.test("an endpoint refuses a rank that cannot be, and a message for another", () => {
  for (const [rank, size] of [[0, 0], [1, 1], [-1, 2], [0.5, 2]] as const) {
    assertThrows(() => new Endpoint({ rank, size, nodeName: "n" }), RangeError, "found rank");
  }
  const endpoint = new Endpoint({ rank: 1, size: 2, nodeName: "n" });
  assertThrows(() => endpoint.deliver(message(1, 0, "")), RangeError, "one from 1 to 0");
  assertThrows(() => endpoint.deliver(message(2, 1, "")), RangeError, "one from 2 to 1");
});

Deno.test("each channel counts its messages from 0 without gaps, and reading keeps the order", () => {
  const step = fc.record({
    rank: fc.nat(2),
    other: fc.integer({ min: -1, max: 2 }),
    tag: fc.integer({ min: -1, max: 1 }),
    sends: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const ends = [0, 1, 2].map((rank) => new Endpoint({ rank, size: 3, nodeName: "n" }));
    const channels = new Map<string, number[]>();
    const arrived: Message[][] = [[], [], []];
    for (const end of ends) {
      const arrive = end.deliver.bind(end);
      end.deliver = (message) => {
        const { from, to, sequence } = message;
        channels.set(`${from}>${to}`, [...channels.get(`${from}>${to}`) ?? [], sequence]);
        arrived[to]?.push(message);
        arrive(message);
      };
      end.onSend = (message) => ends[message.to]?.deliver(message);
    }
    for (const { rank, other, tag, sends } of steps) {
      const end = ends[rank] as Endpoint, unread = arrived[rank] as Message[];
      if (sends) end.send(Math.max(other, 0), Math.max(tag, 0), Uint8Array.of(1));
      else {
        const fits = unread.filter((m) =>
          (other === -1 || m.from === other) && (tag === -1 || m.tag === tag)
        );
        const found = end.find(other, tag);
        assert(found === fits[0]);
        if (found === undefined) continue;
        end.take(found);
        unread.splice(unread.indexOf(found), 1);
      }
      assertEquals(end.inbox, unread);
    }
    for (const sequences of channels.values()) {
      assertEquals(sequences, sequences.map((_, index) => index));
    }
  }));
});

Deno.test("connect hands every message to its receiver in the instant it is sent", () => {
  const { ranks } = scripted([send(2, 1, 4), END], [send(2, 1, 2), END], [[pause]]);
  connect(ranks);
  rankOf(ranks, 1).kernel.run(1e5);
  rankOf(ranks, 0).kernel.run(1e5);
  const { inbox } = rankOf(ranks, 2).process.endpoint;
  assertEquals(inbox.map(({ from, sequence, bytes }) => [from, sequence, bytes.length]), [
    [1, 0, 2],
    [0, 0, 4],
  ]);
});
