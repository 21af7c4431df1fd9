/** `html`: the run as one page that needs nothing but a browser. */
import { reporter } from "./reporter.ts";

export const html = reporter({
  name: "html",
  help:
    "One page that stands alone: the grid of cells, laws as charts, costs, maps of memory, and all " +
    "about what does not hold.",
  machine: true,
  begin: async ({ file }) => {
    const [{ Page }, { loadPlotting }] = await Promise.all([
      import("./html/page.ts"),
      import("../plotting.ts"),
    ]);
    return new Page(await loadPlotting(), file);
  },
});
