/** Values through shared memory, of every size, both ways. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Pipe, Stopped } from "../../../core/cluster/pipe.ts";

const WINDOW = Pipe.memory().byteLength - 32;

/** A pipe to a Worker that sends everything back. */
function echo() {
  const worker = new Worker(new URL("./workers/echo.ts", import.meta.url), { type: "module" });
  const pipe = new Pipe(Pipe.memory(), "asking");
  worker.postMessage(pipe.memory);
  return { worker, pipe };
}

function end({ worker, pipe }: ReturnType<typeof echo>): void {
  pipe.stop();
  worker.terminate();
}

/** What the Worker sends back; far from the sleep of a side that was not woken. */
function through(pipe: Pipe, value: unknown): unknown {
  pipe.write(value);
  return pipe.read();
}

Deno.test("frames of every size around the window come through, both ways", () => {
  const ends = echo();
  try {
    for (const size of [0, 1, WINDOW - 8, WINDOW, WINDOW + 1, 2 * WINDOW, 5 * WINDOW + 77]) {
      for (const around of [-6, -5, -4, -3, -2, -1, 0]) {
        const bytes = new Uint8Array(Math.max(0, size + around)).map((_, i) =>
          (i * 31 + size) % 251
        );
        const back = through(ends.pipe, bytes) as Uint8Array;
        assertEquals(back.length, bytes.length);
        assert(bytes.every((byte, i) => back[i] === byte), `${size + around} bytes`);
      }
    }
  } finally {
    end(ends);
  }
});

Deno.test("what domains tell comes through as it was: plain data of any shape", () => {
  const ends = echo();
  try {
    const number = fc.oneof(
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }).filter((n) => !Object.is(n, -0)),
      fc.constant(Infinity),
    );
    const leaf = fc.oneof(
      number,
      fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
    );
    const key = fc.string().filter((name) => name !== "__proto__");
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("value")), tie("record")),
      record: fc.dictionary(key, tie("value"), { noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(value, (given) => {
        const back = through(ends.pipe, given);
        assertEquals(plain(back), plain(given));
      }),
      { numRuns: 300 },
    );
  } finally {
    end(ends);
  }
});

/** Bytes as bytes, whichever class carries them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

Deno.test("a value that was read stays what it is when the next one is written", () => {
  const ends = echo();
  try {
    const first = through(ends.pipe, { bytes: new Uint8Array(1000).fill(1) });
    through(ends.pipe, { bytes: new Uint8Array(1000).fill(2) });
    assertEquals(first, { bytes: new Uint8Array(1000).fill(1) });
  } finally {
    end(ends);
  }
});

Deno.test("a side that waits shows signs of life, and stops when it is told to", () => {
  const memory = Pipe.memory();
  const asking = new Pipe(memory, "asking"), answering = new Pipe(memory, "answering");
  assertEquals([asking.breaths, asking.hasWord, answering.hasWord], [0, false, false]);
  answering.breathe();
  assertEquals(asking.breaths, 1);
  asking.write("question");
  assertEquals([asking.hasWord, answering.hasWord], [false, true]);
  assertEquals(answering.read(), "question");
  answering.write("answer");
  assertEquals([asking.hasWord, answering.hasWord], [true, false]);
  assertEquals(asking.read(), "answer");
  asking.stop();
  assertThrows(() => answering.breathe(), Stopped);
  assertThrows(() => answering.read(), Stopped);
});

Deno.test("a side whose frame nobody fetches asks what it is to do, again and again", () => {
  const pipe = new Pipe(Pipe.memory(), "asking");
  let waits = 0;
  const wait = () => {
    if (++waits === 3) throw new Error("nobody is there");
  };
  assertThrows(() => pipe.write(new Uint8Array(3 * WINDOW), wait), Error, "nobody is there");
  assertEquals(waits, 3);
});
