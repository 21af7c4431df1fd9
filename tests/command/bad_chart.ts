/** Command lines of `chart` that must be refused before anything runs. */
import { EXIT } from "../../dsl/exit.ts";
import type { BadRow, More } from "./bad_row.ts";

const SCRIPT = `ckpt 1
scenario "one" {
  matrix {
    size in [8, 12]
    element in ["double", "float"]
  }
  node host
  proc p on host runs matmul { size: size, element: element }
  until p.exited
  expect p.exit == 0
}
`;
const FLAT = `ckpt 1
scenario "flat" {
  node host
  proc p on host runs counter
  until p.exited
  expect p.exit == 0
}
`;

const row = (args: string, says: string, more: More = {}): BadRow => ({
  name: `chart: ${args}`,
  args: ["chart", ...args.split(" ").map((word) => word.replaceAll("~", " "))],
  files: () => ({ "one.ckpt": SCRIPT, "flat.ckpt": FLAT, folder: undefined }),
  exit: EXIT.usage,
  says: says.split("|"),
  ...more,
});

const ONE = "@/one.ckpt --x size --series element";

export const BAD_CHART: readonly BadRow[] = [
  row("--y p.run_time", "chart needs a script"),
  row("@/none.ckpt --y p.run_time", "there is no file or folder '@/none.ckpt'"),
  row("@/ --y p.run_time", 'a chart is of one scenario|"flat", "one"'),
  row("@/flat.ckpt --y p.run_time", "a chart needs a scenario with a matrix or cases"),
  row(ONE, "name what the chart shows: --y g.sync_time", { child: true }),
  row("@/one.ckpt --y p.run_time", "by --x: size, element"),
  row("@/one.ckpt --x siz --y p.run_time", "no axis or column is called 'siz'|mean 'size'?"),
  row(`${ONE} --facet none --y p.run_time`, "--facet: no axis or column is called 'none'"),
  row("@/one.ckpt --x size --series none --y time", "--series: no axis or column is called"),
  row("@/one.ckpt --x size --facet size --y time", "'size' stands for --x already"),
  row("@/one.ckpt --x size --y p.run_time", "same place in the chart: they differ in element"),
  row(`${ONE} --y p.run_tim`, "--y p.run_tim: |has no metric 'run_tim'|'run_time'?"),
  row(`${ONE} --y q.run_time`, "--y q.run_time: |'q'"),
  row(`${ONE} --y 3~*`, "--y 3 *: |expected a value"),
  row(`${ONE} --y p.output`, "--y p.output: a chart shows numbers, and this is a text"),
  row(`${ONE} --y p.exited`, "a chart shows numbers, and this is a truth value"),
  row(`${ONE} --y p.exit --y time`, "--y time is a time but --y p.exit is a plain number"),
  row(`${ONE} --y time --log z`, "--log takes x, y, xy, not 'z'"),
  row(`${ONE} --y time --output @/no/a.svg`, "--output @/no/a.svg: there is no folder '@/no/'"),
  row(`${ONE} --y time --output @/folder`, "--output @/folder: it is a folder"),
  row(`${ONE} --y time --workers x`, "--workers takes a whole number"),
  row(`${ONE} --y p.exit --log y`, "--log y: a logarithmic axis begins above 0, not at 0"),
];
