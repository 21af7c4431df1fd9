/**
 * `junit`: the XML that CI systems read. There is no official schema; this keeps to the one of
 * Jenkins (junit-10), and adds `file` and `line` to `<testcase>`, which GitLab makes links of. Times
 * are virtual, so the same scripts give the same bytes.
 */
import type { DiagnosticFound, RunEvent } from "../../core/mod.ts";
import { type CellReport, Gathering, type ScenarioReport } from "../gather.ts";
import { headlineOf } from "../diagnostic.ts";
import { NOTHING, type Piece, type Report, reporter, type Surroundings } from "./reporter.ts";
import { caseName, exploredText, outcomeOf, reasonsOf, reasonText, seconds } from "./words.ts";
import { block, element, type Xml, xmlText } from "./xml.ts";

/** A suite with what its parents add up. */
interface Suite {
  readonly xml: Xml;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly virtualNs: number;
}

/** What is printed beside a case: properties and attachments in the notation that tools read. */
function systemOut(cell: CellReport, scenario: ScenarioReport): Xml {
  const properties = [
    ["seed", String(cell.seed)],
    ["seeds", exploredText(cell)],
    ["virtual_ns", String(cell.virtualNs)],
    ...cell.wallMs === undefined ? [] : [["wall_ms", String(Math.round(cell.wallMs))]],
    ["fingerprint", cell.worlds.map(({ traceHash }) => traceHash).join(" ")],
    ["tags", scenario.tags.join(" ")],
    ["replay", cell.replay],
  ];
  const lines = [
    ...properties.filter(([, value]) => value !== "").map(([name, value]) =>
      `[[PROPERTY|${name}=${value}]]`
    ),
    ...cell.artefacts.map(({ path }) => `[[ATTACHMENT|${path}]]`),
    ...cell.worlds.flatMap(({ remarks }) => remarks),
  ];
  return element("system-out", {}, [xmlText(lines.join("\n"))]);
}

class JUnit implements Report {
  readonly #gathering = new Gathering();
  readonly #diagnostics: DiagnosticFound[] = [];
  readonly #suites: Suite[] = [];

  constructor(readonly around: Surroundings) {}

  take(event: RunEvent): readonly Piece[] {
    if (event.event === "diagnostic") this.#diagnostics.push(event);
    const scenario = this.#gathering.take(event);
    if (scenario !== undefined) this.#suites.push(this.#suite(scenario));
    return event.event === "run-ended" ? [{ text: this.#document() }] : NOTHING;
  }

  #document(): string {
    const suites = [...this.#scripts(), ...this.#suites];
    const sum = (of: (suite: Suite) => number) => suites.reduce((total, one) => total + of(one), 0);
    const all = element("testsuites", {
      name: "ckptlab",
      tests: sum(({ tests }) => tests),
      failures: sum(({ failures }) => failures),
      errors: sum(({ errors }) => errors),
      time: seconds(sum(({ virtualNs }) => virtualNs)),
    }, block(suites.map(({ xml }) => xml)));
    return `<?xml version="1.0" encoding="UTF-8"?>\n${all}\n`;
  }

  /** Scripts that could not be run are tests too, or nobody would see them. */
  #scripts(): readonly Suite[] {
    const errors = this.#diagnostics.filter(({ severity }) => severity === "error");
    const files = [...new Set(errors.map(({ file }) => file))];
    if (files.length === 0) return [];
    const cases = files.map((file) => {
      const own = errors.filter((one) => one.file === file);
      const [first] = own;
      const message = first === undefined ? "" : headlineOf(first);
      return element("testcase", { name: file, classname: file, time: "0.000", file }, [
        ...block([element("error", { type: "script", message }, [
          xmlText(own.map(headlineOf).join("\n")),
        ])]),
      ]);
    });
    const counts = { tests: files.length, failures: 0, errors: files.length };
    const xml = element("testsuite", { name: "scripts", ...counts, time: "0.000" }, block(cases));
    return [{ ...counts, virtualNs: 0, xml }];
  }

  #suite(scenario: ScenarioReport): Suite {
    const { title, file, cells } = scenario;
    const outcomes = cells.map(({ verdict }) => outcomeOf(verdict, this.around));
    const cases = cells.map((cell) => this.#case(cell, scenario));
    if (scenario.problems.length > 0) {
      outcomes.push(outcomeOf(scenario.verdict, this.around));
      cases.push(this.#together(scenario));
    }
    const count = (wanted: string) => outcomes.filter((one) => one === wanted).length;
    const virtualNs = cells.reduce((total, cell) => total + cell.virtualNs, 0);
    const counts = { tests: cases.length, failures: count("failed"), errors: count("error") };
    const skipped = count("skipped");
    const about = { name: title, ...counts, skipped, time: seconds(virtualNs), file };
    return { ...counts, virtualNs, xml: element("testsuite", about, block(cases)) };
  }

  #case(cell: CellReport, scenario: ScenarioReport): Xml {
    const { file, title } = scenario;
    const [first = scenario] = reasonsOf(cell);
    const name = `${title} [${caseName(cell)}]`;
    const where = { time: seconds(cell.virtualNs), file, line: first.line };
    return element("testcase", { name, classname: file, ...where }, [
      ...block([...this.#outcome(cell.verdict, reasonsOf(cell)), systemOut(cell, scenario)]),
    ]);
  }

  /** What only all cases together tell. */
  #together(scenario: ScenarioReport): Xml {
    const { title, file, problems, verdict } = scenario;
    const reasons = reasonsOf({ claims: [], problems });
    const about = { name: `${title} [all cases]`, classname: file, time: "0.000", file };
    const children = this.#outcome(verdict, reasons);
    return element("testcase", { ...about, line: reasons[0]?.line }, block(children));
  }

  #outcome(verdict: CellReport["verdict"], reasons: ReturnType<typeof reasonsOf>): readonly Xml[] {
    const message = reasons[0]?.message ?? "";
    const body = [xmlText(reasons.map(reasonText).join("\n"))];
    switch (outcomeOf(verdict, this.around)) {
      case "passed":
        return [];
      case "failed":
        return [element("failure", { type: verdict, message }, body)];
      case "error":
        return [element("error", { type: verdict, message }, body)];
      case "skipped":
        return [element("skipped", { type: verdict, message }, body)];
    }
  }
}

export const junit = reporter({
  name: "junit",
  help: "JUnit XML: a suite for each scenario, a case for each cell; unknown is skipped, or what " +
    "--unknown-as says.",
  machine: true,
  begin: (around) => new JUnit(around),
});
