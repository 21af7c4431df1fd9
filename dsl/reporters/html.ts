/** `html`: the run as one page that needs nothing but a browser. */
import { reporter } from "./reporter.ts";

export const html = reporter({
  name: "html",
  help:
    "One page that stands alone: the grid of cells, laws as charts, costs, maps of memory, and all " +
    "about what does not hold.",
  machine: true,
  begin: async ({ file }) => {
    const [{ Page }, { scenarioSection: section }, { loadPlotting }] = await Promise.all([
      import("./html/page.ts"),
      import("./html/scenario.ts"),
      import("../plotting.ts"),
    ]);
    const kind = { brand: "ckptlab report", section, hasFilter: true };
    return new Page(await loadPlotting(), file, kind);
  },
});
