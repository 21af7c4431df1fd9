/** The writer of WebAssembly: numbers at the edges of their encodings, in modules that run. */
import { assert, assertEquals } from "@std/assert";
import {
  Bytes,
  MEMORY,
  OP,
  TYPE,
  type ValueType,
  WasmCode,
} from "../../../core/machine/wasm_code.ts";
import { type Signature, wasmModule } from "../../../core/machine/wasm_module.ts";

const INTS = [0, 1, -1, 63, 64, -64, -65, 127, 128, -128, -129, 8191, 8192, -8192, -8193, 1 << 20]
  .concat([0x7fffffff, -0x80000000, 0x3fffffff, 0x40000000, -0x40000001, 0x12345678]);

/** Runs a function of no parameters, its body as given. */
function run(result: ValueType, write: (code: WasmCode) => void, parameters: ValueType[] = []) {
  const code = new WasmCode(parameters.length);
  write(code);
  const signature: Signature = { parameters, results: [result] };
  const bytes = wasmModule({
    memoryPages: 2,
    imports: [],
    functions: [{ name: "run", signature, code }],
  });
  assert(WebAssembly.validate(bytes));
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { memory } });
  return (exports["run"] as (...values: number[]) => number | bigint)();
}

Deno.test("wasm: constants of 32 bits are what they were", () => {
  for (const value of INTS) assertEquals(run(TYPE.i32, (code) => code.int(value)), value);
});

Deno.test("wasm: constants of 64 bits are what they were", () => {
  const edges = [0n, 1n, 63n, 64n, 2n ** 31n, 2n ** 32n, 2n ** 62n, 2n ** 63n - 1n];
  for (const edge of edges.flatMap((n) => [n, -n, n - 1n, -n - 1n])) {
    assertEquals(run(TYPE.i64, (code) => code.long(edge)), BigInt.asIntN(64, edge));
  }
  assertEquals(run(TYPE.i64, (code) => code.long(0xffc0000000000000n)), -0x40000000000000n);
});

Deno.test("wasm: floating-point constants keep every bit that is a number's", () => {
  for (const value of [0, -0, 1.5, -2147483649, 2 ** -1074, Infinity, Number.MAX_VALUE]) {
    assert(Object.is(run(TYPE.f64, (code) => code.double(value)), value));
    assert(Object.is(run(TYPE.f32, (code) => code.single(value)), Math.fround(value)));
  }
});

Deno.test("wasm: unsigned numbers are as short as can be, and read back", () => {
  for (const value of [0, 1, 127, 128, 16383, 16384, 2097151, 2097152, 2 ** 31, 2 ** 32 - 1]) {
    const bytes = [...new Bytes().unsigned(value).view()];
    const back = bytes.reduce((sum, byte, n) => sum + (byte & 0x7f) * 2 ** (7 * n), 0);
    assertEquals(back, value);
    assertEquals(bytes.length, Math.max(1, Math.ceil(Math.log2(value + 1) / 7)));
    assertEquals(bytes.map((byte) => byte >> 7), bytes.map((_, n) => n + 1 < bytes.length ? 1 : 0));
  }
});

Deno.test("wasm: locals and offsets beyond one byte of their encoding", () => {
  const found = run(TYPE.i32, (code) => {
    const locals = Array.from(
      { length: 300 },
      (_, n) => code.local(n % 2 === 0 ? TYPE.i32 : TYPE.f64),
    );
    for (const [n, local] of locals.entries()) if (n % 2 === 0) code.int(n).set(local);
    code.int(0).get(locals[298] as number).memory(MEMORY.i32_store, 70_000);
    code.get(locals[128] as number).int(70_000).memory(MEMORY.i32_load, 0).op(OP.i32_add);
  });
  assertEquals(found, 128 + 298);
});

Deno.test("wasm: branches leave the block they name, however deep they stand", () => {
  const found = run(TYPE.i32, (code) => {
    const sum = code.local(TYPE.i32), count = code.local(TYPE.i32);
    const out = code.block();
    const again = code.loop();
    code.get(sum).get(count).op(OP.i32_add).set(sum);
    code.get(count).int(1).op(OP.i32_add).tee(count).int(200).op(OP.i32_ge_s).ifUnlikely();
    code.br(out);
    code.end();
    code.br(again);
    code.end().end();
    code.get(sum);
  });
  assertEquals(found, 199 * 100);
});

Deno.test("wasm: bytes grow with what is written", () => {
  const bytes = new Bytes();
  for (let n = 0; n < 5000; n++) bytes.byte(n & 0xff);
  bytes.append(new Uint8Array(10_000).fill(7)).text("é");
  assertEquals(bytes.length, 15_003);
  assertEquals([...bytes.view().subarray(4999, 5001)], [4999 & 0xff, 7]);
  assertEquals([...bytes.view().subarray(-3)], [2, 0xc3, 0xa9]);
});
