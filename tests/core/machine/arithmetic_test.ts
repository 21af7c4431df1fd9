/** The evaluator's integer operations, against integers that cannot overflow. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { machineWith } from "./guest.ts";

const { cpu } = machineWith([]);
const word = fc.oneof(
  fc.integer(),
  fc.constantFrom(0, 1, -1, 0x7fffffff, -0x80000000, 0xffff, 0x10000, -0x10000, 0x80008000 | 0),
);
const signed = (n: bigint): number => Number(BigInt.asIntN(32, n));
const wide = (n: number): bigint => BigInt(n >>> 0);

Deno.test("evaluator: high halves of products", () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      assertEquals(cpu.mulHighU(a, b), signed((wide(a) * wide(b)) >> 32n));
      assertEquals(cpu.mulHighS(a, b), signed((BigInt(a) * BigInt(b)) >> 32n));
      assertEquals(cpu.mul(a, b), signed(BigInt(a) * BigInt(b)));
    }),
    { numRuns: 5000 },
  );
});

Deno.test("evaluator: every integer operation wraps to a signed word", () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      const count = BigInt(b & 31);
      assertEquals(cpu.add(a, b), signed(wide(a) + wide(b)));
      assertEquals(cpu.sub(a, b), signed(wide(a) - wide(b)));
      assertEquals(cpu.shl(a, b), signed(wide(a) << count));
      assertEquals(cpu.shr(a, b), signed(wide(a) >> count));
      assertEquals(cpu.sar(a, b), signed(BigInt(a) >> count));
      assertEquals(cpu.not(a), signed(~wide(a)));
      assertEquals([cpu.and(a, b), cpu.or(a, b), cpu.xor(a, b)], [
        signed(wide(a) & wide(b)),
        signed(wide(a) | wide(b)),
        signed(wide(a) ^ wide(b)),
      ]);
      assertEquals([cpu.sext8(a), cpu.sext16(a), cpu.zext8(a), cpu.zext16(a)], [
        Number(BigInt.asIntN(8, wide(a))),
        Number(BigInt.asIntN(16, wide(a))),
        Number(BigInt.asUintN(8, wide(a))),
        Number(BigInt.asUintN(16, wide(a))),
      ]);
    }),
  );
});

Deno.test("evaluator: comparisons, signed and unsigned, are 0 or 1", () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      assertEquals([cpu.eq(a, b), cpu.eq(a, a)], [a === b ? 1 : 0, 1]);
      assertEquals([cpu.gtS(a, b), cpu.geS(a, b)], [a > b ? 1 : 0, a >= b ? 1 : 0]);
      assertEquals(cpu.gtU(a, b), wide(a) > wide(b) ? 1 : 0);
      assertEquals(cpu.geU(a, b), wide(a) >= wide(b) ? 1 : 0);
      assertEquals([cpu.select(1, a, b), cpu.select(0, a, b), cpu.select(-4, a, b)], [a, b, a]);
    }),
  );
});

Deno.test("evaluator: bytes and words of memory are little-endian and sign-extended", () => {
  const at = (0x80000000 + 0x0c010000) | 0;
  fc.assert(
    fc.property(word, (value) => {
      cpu.store32(at, value);
      const bytes = [0, 1, 2, 3].map((n) => cpu.load8(at + n));
      assertEquals(bytes, [0, 8, 16, 24].map((shift) => (value << (24 - shift)) >> 24));
      assertEquals([cpu.load16(at), cpu.load16(at + 2)], [(value << 16) >> 16, value >> 16]);
      cpu.store8(at + 1, value);
      cpu.store16(at + 2, value);
      const low = value & 0xff;
      assertEquals(cpu.load32(at), low | (low << 8) | (value << 16));
    }),
  );
});
