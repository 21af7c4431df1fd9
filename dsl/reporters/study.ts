/** `study`: the run as a paper would have it: what it is about, figures, claims, constants. */
import { reporter } from "./reporter.ts";

export const study = reporter({
  name: "study",
  help: "One page that stands alone, for who reads figures: of each scenario its comment, what " +
    "`show` shows as charts and tables, its claims over all cells, and the hardware it ran on.",
  machine: true,
  begin: async ({ file }) => {
    const [{ Page }, { studySection }, { loadPlotting }] = await Promise.all([
      import("./html/page.ts"),
      import("./study/section.ts"),
      import("../plotting.ts"),
    ]);
    return new Page(await loadPlotting(), file, { brand: "ckptlab study", section: studySection });
  },
});
