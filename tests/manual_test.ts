/** The manual is written from the tables, so it may never be older than they are. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { pages, stale } from "./manual.ts";

Deno.test("the manual is current", () => {
  Deno.chdir(fileURLToPath(new URL("../", import.meta.url)));
  assertEquals(stale(), []);
  for (const { text } of pages()) assertEquals(text.split("\n").length > 40, true);
});
