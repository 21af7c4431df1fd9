/** Messages in an image: what has arrived, what was sent, and calls that wait; never the hold. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { captureManifest, capturePages } from "../../../core/image/capture.ts";
import { fromCbor, toCbor } from "../../../core/image/codec_cbor.ts";
import { decode, encode, filesOf } from "../../../core/image/codec.ts";
import { difference } from "../../../core/image/difference.ts";
import { type Image, ImageError, type ImagePage } from "../../../core/image/image.ts";
import {
  captureMessages,
  MESSAGES,
  type MessagesState,
  restoreMessages,
} from "../../../core/image/messages_state.ts";
import { restore } from "../../../core/image/restore.ts";
import { stateDigest } from "../../../core/image/state_digest.ts";
import type { Endpoint, Message } from "../../../core/kernel/endpoint.ts";
import type { Kernel } from "../../../core/kernel/kernel.ts";
import type { Process } from "../../../core/kernel/process.ts";
import { newKernel } from "../kernel/kernel_fixture.ts";
import {
  CALL,
  receive,
  script,
  type ScriptedCall,
  send,
  SPACE,
} from "../kernel/message_program.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const message = (from: number, tag: number, sequence: number, text: string): Message => ({
  from,
  to: 1,
  tag,
  sequence,
  bytes: bytes(text),
});

/** Rank 1 of 3 that makes these calls. */
function spawn(calls: readonly ScriptedCall[]) {
  const kernel = newKernel();
  const executable = script(calls, "abcdefgh");
  const endpoint = { rank: 1, size: 3, nodeName: "first" };
  const process = kernel.spawn({ path: "/program", executable, endpoint });
  return { kernel, process, executable, endpoint: process.endpoint };
}

/** The image of a process, through its encoded form. */
function imageOf(process: Process, kernel: Kernel): Image {
  kernel.freeze(process);
  const pages = capturePages(process).map(({ vpn, dirty, copy }): ImagePage => ({
    vpn,
    dirty,
    source: "image",
    bytes: copy(),
  }));
  const checkpointer = { name: "test", options: {} };
  const image = { manifest: { ...captureManifest(process, kernel), checkpointer }, pages };
  kernel.thaw(process);
  return decode(filesOf(encode(image, { compression: "none" })));
}

/** Lets a kernel go on until its process waits or ends. */
const settle = (kernel: Kernel): unknown => kernel.run(kernel.now + 1e6);

/** A process that has sent, published and been sent to, and waits for a signal. */
function furnished() {
  const calls = [send(2, 4, 3), send(0, 4, 1), send(2, 4, 2), send(1, 9, 5)];
  const values = [[CALL.value, SPACE - 0x800 + 4, -7, -1], [CALL.value, SPACE - 0x800, 9, 0]];
  const made = spawn([...calls, ...values, [CALL.pause]]);
  made.endpoint.deliver(message(2, 4, 17, "on its way"));
  made.endpoint.deliver(message(0, 0, 0, ""));
  settle(made.kernel);
  return made;
}

Deno.test("an image holds the unread messages in their order, the counts and the values", () => {
  const { kernel, process } = furnished();
  assertEquals(imageOf(process, kernel).manifest.process.messages, {
    rank: 1,
    size: 3,
    inbox: [
      { from: 2, tag: 4, sequence: 17, bytes: bytes("on its way") },
      { from: 0, tag: 0, sequence: 0, bytes: bytes("") },
      { from: 1, tag: 9, sequence: 0, bytes: bytes("abcde") },
    ],
    sent: [{ to: 0, count: 1 }, { to: 1, count: 1 }, { to: 2, count: 2 }],
    values: [{ name: "abcdefgh", value: 9 }, { name: "efgh", value: -7 }],
  });
});

Deno.test("L2: dump(restore(I)) is I with messages too, and the hold does not come back", () => {
  const { kernel, process, executable, endpoint } = furnished();
  endpoint.hold();
  const image = imageOf(process, kernel);
  const other = newKernel();
  const back = restore(image, { kernel: other, executable, endpoint: { nodeName: "second" } });
  assertEquals([back.endpoint.held, back.endpoint.nodeName], [false, "second"]);
  assertEquals(back.endpoint.inbox, endpoint.inbox);
  const lines = difference(image, imageOf(back, other));
  assertEquals(lines.filter((line) => !line.startsWith("taken.cycle")), []);
  assertEquals(stateDigest(back, other), stateDigest(process, kernel));
  const nowhere = restore(image, { kernel: newKernel(), executable });
  assertEquals(nowhere.endpoint.nodeName, "ckptlab");
});

Deno.test("the digest and the difference of two images see every change of messages", () => {
  const changes: readonly (readonly [string, (endpoint: Endpoint) => unknown])[] = [
    ["inbox: 3 entries here, 4 there", (end) => end.deliver(message(0, 0, 1, ""))],
    ["inbox[0].sequence: 17 here", (end) => end.inbox.reverse()],
    ["inbox[0].bytes: 1 byte differs", (end) => {
      end.inbox[0] = message(2, 4, 17, "on its waz");
    }],
    ["inbox[0].tag: 4 here, 5 there", (end) => {
      end.inbox[0] = message(2, 5, 17, "on its way");
    }],
    ["sent[2].count: 2 here, 3 there", (end) => end.sent.set(2, 3)],
    ["values[0].value: 9 here, 10 there", (end) => end.publish("abcdefgh", 10)],
  ];
  const first = furnished();
  const image = imageOf(first.process, first.kernel);
  const digest = stateDigest(first.process, first.kernel);
  for (const [expected, change] of changes) {
    const { kernel, process, endpoint } = furnished();
    assertEquals(stateDigest(process, kernel), digest);
    change(endpoint);
    const lines = difference(image, imageOf(process, kernel));
    assert(lines.some((line) => line.startsWith(`process.messages.${expected}`)), lines.join("\n"));
    assertNotEquals(stateDigest(process, kernel), digest, expected);
  }
});

/** The image of a process that waits in one call, and where it comes back. */
function waiting(call: ScriptedCall, prepare: (endpoint: Endpoint) => void) {
  const { kernel, process, executable, endpoint } = spawn([call, [CALL.pause]]);
  prepare(endpoint);
  settle(kernel);
  assertEquals(process.threads[0]?.call?.number, call[0]);
  const image = imageOf(process, kernel);
  const other = newKernel();
  const results: number[] = [];
  other.observer = { call: ({ result }) => result !== undefined && results.push(result) };
  const back = restore(image, { kernel: other, executable });
  return { other, back, results };
}

Deno.test("a thread that waits for a message waits again, and gets the one that comes", () => {
  const { other, back, results } = waiting(receive(0, 3, 16), () => {});
  settle(other);
  assertEquals([results, back.threads[0]?.call?.number], [[], CALL.receive]);
  back.endpoint.deliver(message(2, 3, 0, "not this"));
  back.endpoint.deliver(message(0, 3, 0, "this one"));
  settle(other);
  assertEquals(results, [8]);
  assertEquals(back.memory.read(SPACE, 8), bytes("this one"));
  assertEquals(back.endpoint.inbox.map(({ from }) => from), [2]);
});

Deno.test("a thread held in a send has sent nothing; restored it sends once, with that sequence", () => {
  const { other, back, results } = waiting(send(2, 6, 4), (endpoint) => {
    endpoint.sent.set(2, 41);
    endpoint.hold();
  });
  const sent: Message[] = [];
  back.endpoint.onSend = (each) => sent.push(each);
  assertEquals([...back.endpoint.sent], [[2, 41]]);
  settle(other);
  assertEquals(results, [0]);
  assertEquals(sent, [{ from: 1, to: 2, tag: 6, sequence: 41, bytes: bytes("abcd") }]);
  assertEquals([...back.endpoint.sent], [[2, 42]]);
});

Deno.test("a thread held in a receive takes its message after the restart, once", () => {
  const { other, back, results } = waiting(receive(-1, -1, 16), (endpoint) => {
    endpoint.deliver(message(0, 3, 0, "kept"));
    endpoint.hold();
  });
  settle(other);
  assertEquals([results, back.endpoint.inbox], [[4], []]);
});

Deno.test("a process held at its end is not over in the image: restored it ends", () => {
  for (const number of [CALL.exit, CALL.exitGroup]) {
    const { other, back } = waiting([number, 6], (endpoint) => endpoint.hold());
    assertEquals(back.exit, undefined);
    settle(other);
    assertEquals(back.exit, { kind: "exited", code: 6 });
  }
});

type Damage = readonly [message: string, change: (state: MessagesState) => unknown];
const inbox = { from: 2, tag: 4, sequence: 17, bytes: bytes("x") };
const self = { from: 1, tag: 9, sequence: 1, bytes: bytes("x") };

const DAMAGES: readonly Damage[] = [
  ["messages: expected a record, found nothing", () => undefined],
  ["messages.size: expected a whole number from 1", (state) => ({ ...state, size: 0 })],
  ["messages.rank: expected a rank of 1 processes, found 1", (state) => ({ ...state, size: 1 })],
  ["messages.extra: expected no field", (state) => ({ ...state, extra: 1 })],
  ["inbox[0].tag: expected a whole", (state) => ({ ...state, inbox: [{ ...inbox, tag: -1 }] })],
  [
    "inbox[0].from: expected a rank of 3",
    (state) => ({ ...state, inbox: [{ ...inbox, from: 3 }] }),
  ],
  ["inbox[0].sequence: expected a whole", (state) => ({
    ...state,
    inbox: [{ ...inbox, sequence: 0.5 }],
  })],
  ["inbox[0].bytes: expected at most 16777216 bytes, found 16777217 bytes", (state) => ({
    ...state,
    inbox: [{ ...inbox, bytes: new Uint8Array(16777217) }],
  })],
  [
    "inbox[0].bytes: expected at most",
    (state) => ({ ...state, inbox: [{ ...inbox, bytes: "x" }] }),
  ],
  ["inbox[1].sequence: expected each message once, found 17 from rank 2 again", (state) => ({
    ...state,
    inbox: [inbox, inbox],
  })],
  ["inbox[0].sequence: expected one of the 1 messages", (state) => ({ ...state, inbox: [self] })],
  ["sent[0].to: expected a rank of 3", (state) => ({ ...state, sent: [{ to: 3, count: 1 }] })],
  ["sent[0].count: expected a whole", (state) => ({ ...state, sent: [{ to: 0, count: 0 }] })],
  ["sent[1].to: expected ascending", (state) => ({
    ...state,
    sent: [{ to: 1, count: 1 }, { to: 1, count: 1 }],
  })],
  ["values[0].value: expected a whole", (state) => ({
    ...state,
    values: [{ name: "a", value: 2 ** 53 }],
  })],
  ["values[0].name: expected a name", (state) => ({ ...state, values: [{ name: "", value: 1 }] })],
  ["values[1].name: expected ascending names", (state) => ({
    ...state,
    values: [{ name: "b", value: 1 }, { name: "a", value: 1 }],
  })],
];

Deno.test("messages that contradict themselves are refused before anything is touched", () => {
  const { kernel, process, executable } = furnished();
  const image = imageOf(process, kernel);
  for (const [expected, change] of DAMAGES) {
    const state = image.manifest.process;
    const changed = { ...state, messages: change(state.messages) as MessagesState };
    const damaged = { ...image, manifest: { ...image.manifest, process: changed } };
    const other = newKernel();
    const free = other.freeBytes;
    const { message } = assertThrows(
      () => restore(damaged, { kernel: other, executable }),
      ImageError,
      expected,
    );
    assert(message.startsWith("field process.messages"), message);
    assertEquals([other.freeBytes, [...other.processes()].length], [free, 0]);
  }
});

const anyMessages: fc.Arbitrary<MessagesState> = fc.record({
  rank: fc.nat(4),
  inbox: fc.array(fc.record({ from: fc.nat(4), tag: fc.nat(), bytes: fc.uint8Array() })),
  sent: fc.uniqueArray(fc.tuple(fc.nat(4), fc.integer({ min: 1 })), { selector: ([to]) => to }),
  values: fc.uniqueArray(
    fc.tuple(fc.string({ unit: "grapheme", minLength: 1 }), fc.maxSafeInteger()),
    { selector: ([name]) => name },
  ),
}).map(({ rank, inbox, sent, values }) => ({
  rank,
  size: 5,
  inbox: inbox.map((each, sequence) => ({ ...each, sequence })),
  sent: sent.map(([to, count]) => ({ to, count })).sort((a, b) => a.to - b.to),
  values: values.map(([name, value]) => ({ name, value: value + 0 }))
    .sort((a, b) => a.name < b.name ? -1 : 1),
}));

Deno.test("messages come back as they were, through CBOR too, whatever they are", () => {
  fc.assert(fc.property(anyMessages, (state) => {
    const read = fromCbor(toCbor(state), "test");
    assertEquals(MESSAGES(read, "messages"), undefined);
    const endpoint = restoreMessages(read as unknown as MessagesState, "n");
    assertEquals(captureMessages(endpoint), state);
    for (const { to } of endpoint.inbox) assertEquals(to, state.rank);
  }));
});
