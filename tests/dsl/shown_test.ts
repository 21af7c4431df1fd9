/** What stands in the legend of a figure. */
import { assertEquals } from "@std/assert";
import type { FigureData } from "../../core/mod.ts";
import type { CellReport, ScenarioReport } from "../../dsl/gather.ts";
import { shownGroups } from "../../dsl/reporters/shown.ts";

/** The legends of a figure over two values of `size`, and two of another name. */
function legends(name: string, values: readonly string[]): string[] {
  const cells = ["1", "2"].flatMap((size) =>
    values.map((value) => {
      const figure = { text: "x", value: 1, along: "size" } as unknown as FigureData;
      return { case: [["size", size], [name, value]], figures: [figure] } as unknown as CellReport;
    })
  );
  const [group] = shownGroups({ cells } as unknown as ScenarioReport);
  return (group?.points ?? []).slice(0, 2).map(({ series }) => series);
}

Deno.test("a legend says of what a number is, and a word says it by itself", () => {
  assertEquals(legends("cpus", ["1", "2"]), ["cpus = 1", "cpus = 2"]);
  assertEquals(legends("gap", ["-5%", "20us"]), ["gap = -5%", "gap = 20us"]);
  assertEquals(legends("direct", ["true", "false"]), ["direct = true", "direct = false"]);
  assertEquals(legends("load", ["fft", "sort { count: 1 }"]), ["fft", "sort { count: 1 }"]);
  assertEquals(legends("constant", ['"as stated"', '"trap / 2"']), ["as stated", "trap / 2"]);
});
