/** Every guest frozen into an executable at a random point, and started again by the kernel here. */
import { assertEquals } from "@std/assert";
import { RandomStream } from "../../core/base/random.ts";
import { compareAt, runAll } from "../core/image/frozen_fixture.ts";
import { comparable, GUEST_CASES, OTHER_GUEST_CASES } from "../oracle/cases.ts";

const CASES = [...GUEST_CASES, ...OTHER_GUEST_CASES];
const FOLDER = new URL("../../scenarios/guests/", import.meta.url);

Deno.test("every guest is tried", () => {
  const tried = new Set(CASES.map(({ file }) => file.slice(file.lastIndexOf("/") + 1)));
  const there = [...Deno.readDirSync(FOLDER)].map(({ name }) => name);
  assertEquals([...tried].sort(), there.filter((name) => name.endsWith(".elf")).sort());
});

for (const each of CASES) {
  Deno.test(`${each.name}, frozen, goes on`, () => {
    const { file, args = [], input = new Uint8Array(0) } = each;
    const program = { executable: Deno.readFileSync(file), args, input };
    const whole = runAll(program);
    const at = RandomStream.of(1, "freeze", each.name).below(whole.instructions);
    const [expected, found] = compareAt(program, at, whole);
    assertEquals(comparable(found, each), comparable(expected, each), `frozen at ${at}`);
  });
}
