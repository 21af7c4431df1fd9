/** Every guest frozen into an executable at a random point, and started again by the kernel here. */
import { assertEquals, assertThrows } from "@std/assert";
import { RandomStream } from "../../core/base/random.ts";
import { exportImage, ImageError } from "../../core/mod.ts";
import { compareAt, imageAt, runAll } from "../core/image/frozen_fixture.ts";
import { comparable, FILE_GUEST_CASES, GUEST_CASES, OTHER_GUEST_CASES } from "../oracle/cases.ts";

const CASES = [...GUEST_CASES, ...OTHER_GUEST_CASES];
const FOLDER = new URL("../../scenarios/guests/", import.meta.url);

Deno.test("every guest is tried", () => {
  const tried = new Set(
    [...CASES, ...FILE_GUEST_CASES].map(({ file }) => file.slice(file.lastIndexOf("/") + 1)),
  );
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

for (const { name, file, args = [] } of FILE_GUEST_CASES) {
  Deno.test(`${name} has a file of its own, and is not frozen`, () => {
    const executable = Deno.readFileSync(file);
    const image = imageAt({ executable, args }, 5000);
    assertThrows(() => exportImage(image, executable), ImageError, "(own-file): it has a file");
  });
}
