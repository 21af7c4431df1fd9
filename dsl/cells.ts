/** From scripts to cells: each scenario at each of its points, checked and planned. */
import type { UsedPlugin } from "../core/mod.ts";
import type { Script, StatementNode, TextLiteral, Word } from "./ast.ts";
import { type Diagnostic, diagnostic } from "./diagnostic.ts";
import { checkRequirements, planChannels } from "./channels.ts";
import { Draft, type NamedProfile, type Overrides } from "./draft.ts";
import type { FoundScenario } from "./load.ts";
import { chosenPoints, isExcluded, ONLY_POINT, type Point, pointsOf } from "./matrix.ts";
import type { TakeNote } from "./notes.ts";
import type { AskedSeeds, Explore, Plan } from "./plan.ts";
import { printExpr } from "./print.ts";
import { unreachable, vacuous } from "./reach.ts";
import { Scope } from "./scope.ts";
import type { Span } from "./source.ts";
import { studyOf } from "./study.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What cells are made from. */
export interface MakeCells extends AskedSeeds {
  /** The file last, what it includes before it. */
  readonly scripts: readonly Script[];
  readonly file: string;
  readonly vocabulary: Vocabulary;
  /** The plugins whose rows are in the vocabulary. */
  readonly plugins: readonly UsedPlugin[];
  readonly overrides: Overrides;
  /** Told of what names turn out to be. */
  readonly note?: TakeNote;
}

const headSpan = (node: StatementNode): Span => ({
  ...node.span,
  end: (node.args["title"] as TextLiteral | undefined)?.span.end ?? node.span.end,
});

/** An explore as it is stated, or as a command asked for it. */
function asked(
  explore: Explore,
  { seed, seeds, budgetNs = explore.budgetNs }: AskedSeeds,
): Explore {
  const one = seed === undefined ? undefined : { first: seed, last: seed };
  return { ...explore, budgetNs, seeds: one ?? seeds ?? explore.seeds };
}

/** The seeds of a cell, in its id. */
function seedsText(seed: number, explore: Explore | undefined, given: number | undefined): string {
  if (explore === undefined || given !== undefined) return String(seed);
  return `${explore.seeds.first}..${explore.seeds.last}`;
}

/** The files of one load on their way to cells. */
class Maker {
  readonly diagnostics: Diagnostic[] = [];
  readonly scope = new Scope();
  readonly #profiles = new Map<string, NamedProfile>();
  readonly #report = (item: Diagnostic): void => void this.diagnostics.push(item);

  constructor(readonly given: MakeCells) {}

  #draft(scope: Scope, point: Point = ONLY_POINT): Draft {
    return new Draft({
      vocabulary: this.given.vocabulary,
      scope,
      profiles: this.#profiles,
      point,
      report: this.#report,
      overrides: this.given.overrides,
      note: this.given.note,
    });
  }

  /** Lets and profiles of all files, then the statements outside scenarios. */
  shared(): void {
    const draft = this.#draft(this.scope);
    const statements = this.given.scripts.flatMap((script) => script.statements);
    for (const script of this.given.scripts) {
      for (const name of script.doubtful) this.scope.bind(name, { kind: "doubtful" });
    }
    for (const node of statements) {
      if (node.row.keyword === "profile") this.#profile(node);
      node.row.declare?.(draft, node.args, node.span);
    }
    for (const node of statements) node.row.build?.(draft, node.args, node.span);
  }

  #profile(node: StatementNode): void {
    const name = node.args["name"] as Word;
    if (this.#profiles.has(name.text) || name.text === "sh4") {
      const message = `profile '${name.text}' is declared twice`;
      this.#report(diagnostic("CK0302", name.span, message));
      return;
    }
    const values = node.args["values"] as NamedProfile["values"];
    this.#profiles.set(name.text, { name, values, scope: this.scope });
  }

  /** The scenarios of the file itself. */
  scenarios(): readonly FoundScenario[] {
    const script = this.given.scripts.at(-1);
    const found: FoundScenario[] = [];
    const titles = new Set<string>();
    for (const node of script?.statements ?? []) {
      if (node.row.keyword !== "scenario") continue;
      const title = (node.args["title"] as TextLiteral).value;
      if (titles.has(title)) {
        const message = `another scenario of this file is called "${title}"`;
        this.#report(diagnostic("CK0505", headSpan(node), message));
      }
      titles.add(title);
      found.push(this.#scenario(node, title, script?.doubtful ?? new Set()));
    }
    return found;
  }

  #scenario(node: StatementNode, title: string, doubtful: ReadonlySet<string>): FoundScenario {
    const items = node.args["items"] as readonly StatementNode[];
    const tags = (node.args["tags"] as readonly Word[]).map((tag) => tag.text.slice(1));
    const mode = (node.args["mode"] as Word<"skip" | "only" | "todo"> | undefined)?.text;
    const about = { title, tags, span: headSpan(node), ...(mode === undefined ? {} : { mode }) };
    // What is still to be written is not held to anything but its grammar.
    if (mode === "todo") return { ...about, plans: [] };
    const points = pointsOf(this.#draft(this.scope), items);
    const excludes = items.some((item) => item.row.keyword === "matrix");
    const allowed = points.filter((point) =>
      !excludes || !isExcluded(this.#draft(new Scope(this.scope), point), items)
    );
    const wanted = chosenPoints(allowed, items);
    if (wanted.length === 0) {
      this.#report(diagnostic("CK0509", headSpan(node), "the matrix excludes every cell"));
    }
    const plans = wanted.map((point) => this.#cell(node, items, title, tags, doubtful, point));
    for (const item of vacuous(plans)) this.#report(item);
    const study = studyOf(node, this.given.scripts.at(-1), plans);
    return { ...about, plans, ...(study === undefined ? {} : { study }) };
  }

  #cell(
    node: StatementNode,
    items: readonly StatementNode[],
    title: string,
    tags: readonly string[],
    doubtful: ReadonlySet<string>,
    point: Point,
  ): Plan {
    const scope = new Scope(this.scope);
    const draft = this.#draft(scope, point);
    for (const item of items) item.row.declare?.(draft, item.args, item.span);
    // Machines and programs first: 'all' means every process, wherever it is declared.
    const isSetup = (item: StatementNode) => item.row.place === "setup";
    for (const item of items.filter(isSetup)) item.row.build?.(draft, item.args, item.span);
    for (const item of items.filter((one) => !isSetup(one))) {
      item.row.build?.(draft, item.args, item.span);
    }
    this.#finish(draft, node, doubtful.size > 0);
    return this.#plan(draft, headSpan(node), title, tags);
  }

  /** What a scenario as a whole must have. A file with syntax errors is not blamed for it. */
  #finish(draft: Draft, node: StatementNode, broken: boolean): void {
    const span = headSpan(node);
    for (const what of ["checkpointer", "protocol", "storage"] as const) {
      if (!draft.has(what) || !draft.alternatives.some((one) => one.what === what)) continue;
      const message = `'${what}' and 'compare ${what}' exclude each other`;
      this.#report(diagnostic("CK0508", span, message));
    }
    if (draft.has("seed") && draft.explore !== undefined) {
      const message = "'seed' and 'explore' exclude each other: explore has seeds of its own";
      this.#report(diagnostic("CK0508", span, message));
    }
    if (broken) return;
    checkRequirements(draft);
    for (const item of unreachable(draft)) this.#report(item);
    const items = node.args["items"] as readonly StatementNode[];
    const stated = (...words: readonly string[]) =>
      items.some((item) => words.includes(item.row.keyword));
    if (!stated("proc")) {
      this.#report(diagnostic("CK0503", span, "a scenario needs a process: proc … on … runs …"));
    }
    if (!stated("expect", "law", "show")) {
      const message = "this scenario expects nothing";
      this.#report(diagnostic("CK0702", span, message, undefined, "warning"));
    }
  }

  #plan(draft: Draft, span: Span, title: string, tags: readonly string[]): Plan {
    const { file, vocabulary, plugins, seed: given } = this.given;
    const explore = draft.explore && asked(draft.explore, this.given);
    const seed = given ?? explore?.seeds.first ?? draft.seed ?? 1;
    const row = this.#overriddenRow(draft.row);
    const first = vocabulary.checkpointers[0];
    const fallback = first === undefined ? undefined : {
      name: first.name,
      options: Object.fromEntries(
        Object.entries(first.options).map(([name, option]) => [name, option.default]),
      ),
    };
    const values = row.map(([name, value]) => `${name}=${value.replaceAll(" ", "")}`).join(",");
    const ticks = draft.nodes.map((node) => node.profile.tick);
    return {
      id: `${file}#${title}${values === "" ? "" : `[${values}]`}@${
        seedsText(seed, explore, given)
      }`,
      file,
      title,
      tags,
      span,
      seed,
      row,
      set: [...this.given.overrides.values].map(([name, value]) => [name, printExpr(value)]),
      nodes: draft.nodes,
      processes: draft.processes,
      channels: planChannels(draft),
      ...(draft.isolation === undefined ? {} : { isolation: draft.isolation }),
      checkpointer: draft.checkpointer ?? fallback,
      protocol: draft.protocol,
      storage: draft.storage,
      alternatives: draft.alternatives,
      steps: draft.steps,
      ...(explore === undefined ? {} : { explore }),
      chaos: draft.chaos,
      ...(draft.until === undefined ? {} : { until: draft.until }),
      claims: draft.claims,
      figures: draft.figures,
      twin: draft.twin,
      tickNs: ticks.length === 0 ? vocabulary.profile.tick.default : Math.min(...ticks),
      scope: draft.scope,
      vocabulary,
      plugins,
    };
  }

  #overriddenRow(row: Plan["row"]): Plan["row"] {
    return row.map(([name, value]) => {
      const override = this.given.overrides.values.get(name);
      return [name, override === undefined ? value : printExpr(override)] as const;
    });
  }
}

/** Checks the scripts and plans the cells of the last one. */
export function makeCells(
  given: MakeCells,
): {
  scenarios: readonly FoundScenario[];
  scope: Scope;
  diagnostics: readonly Diagnostic[];
} {
  const maker = new Maker(given);
  maker.shared();
  const scenarios = maker.scenarios();
  return { scenarios, scope: maker.scope, diagnostics: maker.diagnostics };
}
