/** What a frozen program finds where it is started: left open, ignored, in its way, or missing. */
import { assert, assertEquals } from "@std/assert";
import { STEP } from "../../../core/image/export_script.ts";
import { HANDLER, NO_SIGNALS, SIGNALS } from "../../../core/kernel/signals.ts";
import { exportImage } from "../../../core/mod.ts";
import { changeSteps, freezeAt, type Frozen, imageAt, runAll } from "./frozen_fixture.ts";
import { callsProgram, INTO, PARCEL, PARCELS } from "./frozen_programs.ts";

const text = (line: string) => new TextEncoder().encode(line);
const wordsOf = (output: string): readonly number[] => {
  const letters = new TextDecoder("latin1").decode(Uint8Array.from({ length: 256 }, (_, n) => n));
  const bytes = Uint8Array.from(output, (letter) => letters.indexOf(letter));
  return [...new Int32Array(bytes.buffer)];
};
/** Where callsProgram keeps the answer of a call. */
const ANSWER = (call: number): number => INTO(0) - 0x400 + 4 * call;
const EBADF = -9;

Deno.test("what whoever starts it ignores has its default action again", () => {
  const { SIGPIPE, SIGUSR1, SIGTERM } = SIGNALS;
  const executable = callsProgram(
    [
      [174, SIGUSR1, PARCEL(0), 0, 8],
      [20],
      [20],
      [174, SIGPIPE, 0, INTO(0), 8],
      [174, SIGTERM, 0, INTO(20), 8],
      [174, SIGUSR1, 0, INTO(40), 8],
      [4, 1, INTO(0), 60],
      [1, 0],
    ],
    [{ at: PARCELS, bytes: new Uint8Array(Uint32Array.of(HANDLER.ignore, 0, 0, 0, 0).buffer) }],
  );
  const program = { executable };
  const { frozen, rest } = freezeAt(program, 40, runAll(program));
  const ignored = { handler: HANDLER.ignore, flags: 0, restorer: 0, mask: NO_SIGNALS };
  const { code, output } = runAll({
    ...frozen,
    prepare: ({ signals }) => {
      for (const signal of [SIGPIPE, SIGTERM, 64]) signals.setAction(signal, ignored);
    },
  });
  assertEquals([code, output], [0, rest.output]);
  const words = wordsOf(output);
  assertEquals([words[0], words[5], words[10]], [0, 0, HANDLER.ignore]);
});

/** Makes a pipe, closes an end, has a copy at 9, and says which numbers can be used. */
const numbers = callsProgram(
  [
    [42], // 3, 4
    [6, 3],
    [63, 4, 9],
    [20],
    [20],
    ...[3, 4, 5, 8, 9, 10, 77, 1023].map((number) => [221, number, 1]), // F_GETFD
    [4, 1, ANSWER(5), 32],
    [1, 0],
  ],
  [],
);
const leaveOpen: Frozen["prepare"] = ({ files }) => {
  for (const number of [3, 5, 8, 10, 77, 1023]) files.put(number, files.get(1), false);
};
const LEFT = [EBADF, 0, EBADF, EBADF, 0, EBADF, EBADF, EBADF];

Deno.test("what whoever starts it has left open is closed", () => {
  const program = { executable: numbers };
  const { frozen } = freezeAt(program, 60, runAll(program));
  const { code, output } = runAll({ ...frozen, prepare: leaveOpen });
  assertEquals([code, wordsOf(output)], [0, LEFT]);
});

Deno.test("where no call closes a range, numbers are closed one by one up to the limit", () => {
  const program = { executable: numbers };
  const { bytes } = exportImage(imageAt(program, 60), numbers);
  // 436 as the loader has it: mov.w from a pool of literals.
  const view = new DataView(bytes.buffer);
  let found = 0;
  for (let at = 0; at < 4096; at += 2) {
    if (view.getUint16(at, true) !== 436) continue;
    view.setUint16(at, 999, true);
    found++;
  }
  assertEquals(found, 1);
  const { code, output } = runAll({ executable: bytes, prepare: leaveOpen });
  assertEquals([code, wordsOf(output)], [0, LEFT]);
});

/** Reads standard input in pieces of four bytes and prints them. */
const reader = callsProgram(
  [0, 1, 2].flatMap((n) => [[3, 0, INTO(4 * n), 4], [4, 1, INTO(4 * n), 4]]).concat([[1, 0]]),
  [],
);
const taken = (): ReturnType<typeof exportImage> =>
  exportImage(imageAt({ executable: reader, input: text("abcdef") }, 45), reader);
/** What cannot be removed by the name it has. */
const folder = {
  stat: () => ({ kind: "directory" as const }),
  read: () => text(""),
  list: () => [],
};

Deno.test("a name in /tmp that cannot be had is not the only one", () => {
  const { bytes, readsInputFirst } = taken();
  assert(readsInputFirst);
  const named = (count: number) =>
    Object.fromEntries(
      [1, 2, 3, 4].slice(0, count).map((n) => [`/tmp/.frozen-input-${n}`, folder]),
    );
  for (const count of [0, 1, 3]) {
    const { output } = runAll({ executable: bytes, input: text("ghijkl"), mounts: named(count) });
    assertEquals(output.slice(-8), "efghijkl", `${count} names are taken`);
  }
  const { code, error } = runAll({ executable: bytes, mounts: named(4) });
  assertEquals([code, error], [125, "cannot keep standard input in /tmp (errno 17)\n"]);
});

Deno.test("who does not have to read ahead does not", () => {
  const none = { executable: reader, input: text("abcd") };
  assert(!exportImage(imageAt(none, 1), reader).readsInputFirst);
});

Deno.test("a copy that fails says on which side", () => {
  const { bytes } = taken();
  const NOWHERE = 77;
  const copy = { kind: STEP.copy, number: 0 };
  for (
    const [word, line] of [
      [2, "cannot read standard input (errno 9)\n"],
      [3, "cannot keep standard input in /tmp (errno 9)\n"],
    ] as const
  ) {
    const broken = changeSteps(bytes, copy, { word, to: NOWHERE });
    const { code, error, output } = runAll({ executable: broken, input: text("ghijkl") });
    assertEquals([code, error, output], [125, line, ""]);
  }
});

/** Sleeps for 200 ms and prints the monotonic clock, in words of 32 bits. */
const clock = callsProgram(
  [[162, PARCEL(0), 0], [20], [20], [265, 1, INTO(0)], [4, 1, INTO(0), 8], [1, 0]],
  [{ at: PARCELS, bytes: new Uint8Array(Uint32Array.of(0, 200_000_000).buffer) }],
);

Deno.test("the monotonic clock does not go back, with the old call or the new", () => {
  const program = { executable: clock };
  const whole = runAll(program);
  const { frozen: { executable } } = freezeAt(program, whole.instructions - 28, whole);
  const newCall = { kind: STEP.either, number: 407 }, oldCall = { kind: STEP.demand, number: 267 };
  const missing = { word: 1, to: 999 };
  const old = changeSteps(executable, newCall, missing);
  for (const bytes of [executable, old]) {
    const { code, output } = runAll({ executable: bytes });
    const [seconds, nanoseconds = 0] = wordsOf(output);
    assertEquals([code, seconds], [0, 0]);
    assert(nanoseconds >= 200_000_000, `${nanoseconds} ns`);
  }
  const { code, error } = runAll({ executable: changeSteps(old, oldCall, missing) });
  assertEquals([code, error], [125, "cannot wait for the clock (errno 38)\n"]);
});
