/** `chart`: runs the cells of a scenario and draws what an expression is worth in each of them. */
import { isSound } from "../load.ts";
import { isError } from "../diagnostic.ts";
import {
  type ChartAxes,
  checkPlaces,
  type Curve,
  type Gap,
  type Point,
  pointsOfCell,
  readAxes,
  readCurves,
  xMeasure,
} from "../chart_points.ts";
import { axisLabel, shownIn } from "../chart_scale.ts";
import { drawChart, type Drawing } from "../chart_svg.ts";
import { rounded } from "../plotting.ts";
import { chosen } from "../discover.ts";
import { EXIT, exitCode } from "../exit.ts";
import { type Command, type Given, timeFlag, UsageError } from "../flags.ts";
import type { Host } from "../host.ts";
import { JIT_FLAG, jitFlag } from "../jit_flag.ts";
import type { Plan } from "../plan.ts";
import { MAX_TIME_NS, runCell } from "../run.ts";
import { sameDimension } from "../units.ts";
import { workersFlag } from "./run.ts";
import {
  allDiagnostics,
  CHOICE_FLAGS,
  choiceOf,
  JSON_FLAG,
  loadAll,
  printDiagnostics,
  SCRIPT_FLAGS,
} from "./scripts.ts";

/** What is to be drawn. */
interface Chart {
  readonly plans: readonly Plan[];
  readonly axes: ChartAxes;
  readonly curves: readonly Curve[];
  readonly logarithmic: readonly ("x" | "y")[];
  readonly title: string;
}

/** The cells of the one scenario that is meant. */
function onlyScenario(loaded: Awaited<ReturnType<typeof loadAll>>, given: Given): readonly Plan[] {
  const choice = choiceOf(given);
  const found = loaded.filter(isSound).flatMap(({ scenarios }) =>
    scenarios.flatMap((scenario) => {
      const plans = chosen(scenario, choice);
      return plans.length === 0 ? [] : [{ title: scenario.title, plans }];
    })
  );
  const [first, ...others] = found;
  if (others.length > 0) {
    const titles = found.map(({ title }) => `"${title}"`).join(", ");
    throw new UsageError(`a chart is of one scenario; choose by --filter one of ${titles}`);
  }
  return first?.plans ?? [];
}

function chartOf(plans: readonly Plan[], given: Given): Chart {
  const [first] = plans;
  if (first === undefined) throw new UsageError("there is nothing to draw");
  const axes = readAxes(plans, {
    x: given.text("x"),
    series: given.texts("series"),
    facet: given.text("facet"),
  });
  checkPlaces(plans, axes);
  const texts = given.texts("y");
  if (texts.length === 0) throw new UsageError("name what the chart shows: --y g.sync_time");
  const { curves, twin } = readCurves(texts, first);
  return {
    plans: plans.map((plan) => ({ ...plan, twin: plan.twin || twin })),
    axes,
    curves,
    logarithmic: (given.text("log") ?? "").split("").map((axis) => axis === "x" ? "x" : "y"),
    title: given.text("title") ?? first.title,
  };
}

/** Runs the cells; what went wrong in one of them is told. */
async function measure(chart: Chart, given: Given, host: Host) {
  const points: Point[] = [];
  const gaps: Gap[] = [];
  const running = {
    makeLab: host.makeLab,
    ...workersFlag(given),
    jit: jitFlag(given),
    maxTimeNs: timeFlag(given, "max-time") ?? MAX_TIME_NS,
    interrupted: () => host.interrupted?.() === true,
  };
  for (const plan of chart.plans) {
    const cell = await runCell(plan, running, (labs) => {
      const found = pointsOfCell(plan, chart.curves, chart.axes, labs);
      points.push(...found.points);
      gaps.push(...found.gaps);
    });
    const where = plan.row.map(([name, value]) => `${name} = ${value}`).join(", ");
    gaps.push(...cell.problems.map(({ message }) => ({ where, why: message })));
    if (cell.problems.length === 0 && cell.verdict !== "holds") {
      host.stderr(`warning: ${where}: not all the scenario expects holds here\n`);
    }
    if (running.interrupted()) break;
  }
  return { points, gaps };
}

/** The figures in units, and what the axes are called. */
function drawingOf(chart: Chart, points: readonly Point[]): Drawing {
  const { axes, curves: [curve], logarithmic } = chart;
  const measures = points.map(({ x }) => xMeasure(x));
  const [first] = measures;
  const numeric = first !== undefined &&
    measures.every((each) => each && sameDimension(each.dimension, first.dimension));
  const most = (values: readonly number[]) => Math.max(0, ...values.map(Math.abs));
  const xs = measures.map((each) => each?.value ?? 0);
  const xUnit = numeric ? shownIn(first.dimension, false, most(xs)) : { unit: "", factor: 1 };
  const yUnit = curve === undefined
    ? { unit: "", factor: 1 }
    : shownIn(curve.dimension, curve.percent, most(points.map(({ y }) => y)));
  const shown = points.map((point, i) => ({
    ...point,
    x: numeric ? rounded((xs[i] ?? 0) / xUnit.factor) : point.x,
    y: rounded(point.y / yUnit.factor),
  }));
  for (const axis of logarithmic) {
    const bad = shown.find((point) => !(Number(point[axis]) > 0));
    if (bad === undefined) continue;
    throw new UsageError(`--log ${axis}: a logarithmic axis begins above 0, not at ${bad[axis]}`);
  }
  const yName = chart.curves.length === 1 ? curve?.text ?? "" : "";
  return {
    title: chart.title,
    xLabel: axisLabel(axes.x, xUnit),
    yLabel: yName === "" ? yUnit.unit : axisLabel(yName, yUnit),
    facetLabel: axes.facet,
    points: shown,
    logarithmic,
  };
}

/** Where the chart goes is looked at before anything runs. */
function checkOutput(path: string | undefined): void {
  if (path === undefined) return;
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : ".";
  const isFolder = (at: string) => {
    try {
      return Deno.statSync(at).isDirectory;
    } catch {
      return false;
    }
  };
  if (!isFolder(folder)) throw new UsageError(`--output ${path}: there is no folder '${folder}'`);
  if (isFolder(path)) throw new UsageError(`--output ${path}: it is a folder; name a file in it`);
}

function write(path: string | undefined, text: string, host: Host): void {
  if (path === undefined) return host.stdout(text);
  try {
    Deno.writeTextFileSync(path, text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--output ${path}: it cannot be written (${why})`);
  }
}

async function run(given: Given, host: Host): Promise<number> {
  if (given.rest.length === 0) throw new UsageError("chart needs a script: chart file.ckpt --y …");
  const loaded = await loadAll(given, given.rest, host);
  const diagnostics = allDiagnostics(loaded);
  printDiagnostics(diagnostics, host);
  const script = diagnostics.some(isError) ? [EXIT.script] : [];
  const plans = onlyScenario(loaded, given);
  if (plans.length === 0) {
    if (script.length === 0) host.stderr("nothing to draw: no scenario is wanted\n");
    return exitCode([...script, EXIT.nothing]);
  }
  const output = given.text("output");
  checkOutput(output);
  const chart = chartOf(plans, given);
  const { points, gaps } = await measure(chart, given, host);
  for (const { where, why } of gaps) host.stderr(`no point: ${where}: ${why}\n`);
  const drawing = drawingOf(chart, points);
  if (given.on("json")) {
    write(output, JSON.stringify({ version: 1, ...drawing }, undefined, 2) + "\n", host);
  } else if (points.length > 0) write(output, await drawChart(drawing), host);
  const unknown = gaps.length > 0 || points.length === 0 ? [EXIT.unknown] : [];
  return exitCode([...script, ...unknown]);
}

export const chartCommand: Command = {
  name: "chart",
  usage: "file.ckpt --y expression",
  help:
    "Draws a scenario: runs its cells and shows what expressions are worth at the end of each, " +
    "along one axis of its matrix or one column of its cases, as an SVG.",
  flags: [
    {
      name: "y",
      value: "expression",
      repeat: true,
      help: "What is shown, a number as in a claim. Repeatable: a line for each; with 'compare' " +
        "a line for each alternative.",
    },
    { name: "x", value: "name", help: "The axis or column along which it goes." },
    {
      name: "series",
      value: "name",
      repeat: true,
      help: "An axis or column with a line for each of its values. Repeatable.",
    },
    { name: "facet", value: "name", help: "An axis or column with a part of the chart for each." },
    { name: "log", value: "axes", choices: ["x", "y", "xy"], help: "Axes that are logarithmic." },
    { name: "title", value: "text", help: "Instead of the scenario's." },
    { name: "output", short: "o", value: "file", help: "Where it goes (standard output)." },
    ...CHOICE_FLAGS,
    ...SCRIPT_FLAGS,
    {
      name: "max-time",
      value: "time",
      help: "Virtual time after which a run is given up (60min).",
    },
    { name: "workers", value: "N|auto", help: "Workers for a run, as `run` takes them." },
    JIT_FLAG,
    { ...JSON_FLAG, help: "Print the points instead, as one JSON document." },
  ],
  run,
};
