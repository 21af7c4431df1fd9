/**
 * A cell in the making: what the rows of a scenario put together, with all they need to check their
 * parts. Building a draft is the whole check of a scenario for one row of its cases.
 */
import { type Isolation, PROFILE, type Profile, type Strategy } from "../core/mod.ts";
import type { Expr, ObjectExpr, Ref, StatementNode, StrategyUse, Word } from "./ast.ts";
import type { CodeName } from "./codes.ts";
import { type Context, contextOf, type Where } from "./context.ts";
import { type Diagnostic, diagnostic } from "./diagnostic.ts";
import { evaluate, indexIn } from "./evaluate.ts";
import { FUNCTIONS, NAMES } from "./functions.ts";
import type { Known, TakeNote } from "./notes.ts";
import { condition } from "./operate.ts";
import { readObject } from "./options.ts";
import { printName } from "./print.ts";
import type { PlannedChaos } from "./chaos_plan.ts";
import type { Channel } from "./channels.ts";
import type { Point } from "./matrix.ts";
import type {
  Claim,
  Doing,
  Explore,
  PlannedAlternative,
  PlannedFigure,
  PlannedNode,
  PlannedProcess,
  Step,
  Timing,
  Until,
} from "./plan.ts";
import type { Meant, Scope } from "./scope.ts";
import type { Span } from "./source.ts";
import { nearest } from "./suggest.ts";
import { toEngine } from "./units.ts";
import { describe, isKnown, measureOf, type Value } from "./value.ts";
import { findNamed, namesOf, type Role, type Vocabulary } from "./vocabulary.ts";

/** A profile: the name it is written with and the object that changes the defaults. */
export interface NamedProfile {
  readonly name: Word;
  readonly values: ObjectExpr;
  readonly scope: Scope;
}

/** What a draft is made from. */
export interface DraftOf {
  readonly vocabulary: Vocabulary;
  readonly scope: Scope;
  readonly profiles: ReadonlyMap<string, NamedProfile>;
  /** The values this cell is for. */
  readonly point: Point;
  readonly report: (item: Diagnostic) => void;
  /** Told of what names turn out to be. */
  readonly note?: TakeNote | undefined;
  /** Values of `--set`, for lets and columns of these names. */
  readonly overrides: Overrides;
}

/** Values the command line gives to lets and columns; `used` is filled when one is met. */
export interface Overrides {
  readonly values: ReadonlyMap<string, Expr>;
  readonly used: Set<string>;
}

/** Who is no process, but may be the end of a channel and crash. */
export const MANAGER = "manager";

/** Names that mean something everywhere. */
const RESERVED: ReadonlySet<string> = new Set([
  ...[...NAMES, ...FUNCTIONS].map((row) => row.name),
  MANAGER,
]);

/** Names of files' own profiles that need no declaration. */
const BUILTIN_PROFILES = ["sh4"];

/** The plan of one cell while its statements add to it. */
export class Draft {
  readonly vocabulary: Vocabulary;
  readonly scope: Scope;
  readonly point: Point;
  readonly nodes: PlannedNode[] = [];
  readonly processes: PlannedProcess[] = [];
  readonly channels: Channel[] = [];
  readonly alternatives: PlannedAlternative[] = [];
  readonly steps: Step[] = [];
  readonly claims: Claim[] = [];
  readonly figures: PlannedFigure[] = [];
  seed: number | undefined;
  checkpointer: Strategy | undefined;
  protocol: Strategy | undefined;
  storage: Strategy | undefined;
  isolation: Isolation | undefined;
  explore: Explore | undefined;
  readonly chaos: PlannedChaos[] = [];
  readonly row: (readonly [string, string])[] = [];
  /** Metrics some claim asks for. */
  readonly claimed = new Set<string>();
  until: Until | undefined;
  twin = false;
  readonly #given: DraftOf;
  readonly #once = new Map<string, Span>();

  constructor(given: DraftOf) {
    this.#given = given;
    this.vocabulary = given.vocabulary;
    this.scope = given.scope;
    this.point = given.point;
  }

  /** Says what is wrong. */
  report(code: CodeName, span: Span, message: string, suggestion?: string): void {
    this.#given.report(diagnostic(code, span, message, suggestion));
  }

  /** Says what is odd but keeps nothing from running. */
  warn(code: CodeName, span: Span, message: string): void {
    this.#given.report(diagnostic(code, span, message, undefined, "warning"));
  }

  /** Tells who wants to know what a name turned out to be. */
  note(span: Span, known: Known): void {
    this.#given.note?.(span, known);
  }

  /** Brings a name into the scenario's scope; a second declaration is an error. */
  declare(name: Word, given: Meant): void {
    const meant = this.#overridden(name.text, given);
    const before = this.scope.find(name.text);
    if (RESERVED.has(name.text)) {
      this.report("CK0302", name.span, `'${name.text}' belongs to the language`);
      this.scope.bind(name.text, { kind: "doubtful" });
    } else if (before?.meant.kind === "doubtful") {
      this.scope.bind(name.text, meant);
    } else if (!this.scope.declare(name.text, meant, name.span)) {
      this.report("CK0302", name.span, `'${name.text}' is declared twice`);
    }
  }

  /** The value `--set` gives to a name, which counts as used. */
  override(name: string): Expr | undefined {
    const body = this.#given.overrides.values.get(name);
    if (body !== undefined) this.#given.overrides.used.add(name);
    return body;
  }

  /** A let, axis or column with the value of `--set` when there is one. */
  #overridden(name: string, meant: Meant): Meant {
    if (meant.kind !== "let" || meant.params !== undefined) return meant;
    const body = this.override(name);
    return body === undefined ? meant : { ...meant, body };
  }

  /** True the first time; later a report that the statement may stand once. */
  once(what: string, span: Span): boolean {
    if (this.#once.has(what)) {
      this.report("CK0502", span, `a scenario states '${what}' once`);
      return false;
    }
    this.#once.set(what, span);
    return true;
  }

  /** True when the statement stands somewhere before. */
  has(what: string): boolean {
    return this.#once.has(what);
  }

  context(where: Where, scope: Scope = this.scope): Context {
    return contextOf({
      vocabulary: this.vocabulary,
      scope,
      where,
      report: this.#given.report,
      note: this.#given.note,
    });
  }

  /** A value known before the run. */
  constant(expr: Expr, scope?: Scope): Value | undefined {
    const value = evaluate(this.context("setup", scope), expr);
    if (value.kind === "error") return undefined;
    if (isKnown(value)) return value;
    this.report("CK0408", expr.span, "a constant is needed here, but this depends on the run");
    return undefined;
  }

  /** A known number in the engine's unit. */
  quantity(expr: Expr, quantity: "count" | "time"): number | undefined {
    const value = this.constant(expr);
    if (value === undefined) return undefined;
    const measure = value.kind === "number" ? measureOf(value) : undefined;
    if (measure === undefined) {
      const wanted = quantity === "time" ? "a time such as 20ms" : "a plain number";
      this.report("CK0403", expr.span, `expected ${wanted} but found ${describe(value)}`);
      return undefined;
    }
    const read = toEngine(measure, quantity);
    if (typeof read === "number") return read;
    this.report("CK0401", expr.span, read.problem);
    return undefined;
  }

  /** The same without a word about what is no such number. */
  quietly(expr: Expr, quantity: "count" | "time"): number | undefined {
    const context = { ...this.context("setup"), report: () => {} };
    const value = evaluate(context, expr);
    const measure = value.kind === "number" ? measureOf(value) : undefined;
    const read = measure === undefined ? undefined : toEngine(measure, quantity);
    return typeof read === "number" ? read : undefined;
  }

  /** A known time that is not negative, in ns. */
  duration(expr: Expr): number | undefined {
    const ns = this.quantity(expr, "time");
    if (ns === undefined || ns >= 0) return ns;
    this.report("CK0506", expr.span, "a time is not negative");
    return undefined;
  }

  /** Checks a condition or claim; what it looks at comes back with it. */
  check(expr: Expr, where: Where): Context {
    const { context, value } = this.look(expr, where);
    condition(context, expr.span, value);
    return context;
  }

  /** Checks an expression that is read in a run: what kind of value it has, and what it looks at. */
  look(expr: Expr, where: Where): { readonly context: Context; readonly value: Value } {
    const context = this.context(where);
    const value = evaluate(context, expr);
    if (context.uses.undisturbed) this.twin = true;
    if (where !== "condition") { for (const name of context.uses.metrics) this.claimed.add(name); }
    return { context, value };
  }

  /** What a condition comes to in every run of this cell, if that is known now. */
  known(expr: Expr): { applies?: boolean } {
    const context = { ...this.context("claim"), report: () => {} };
    const value = condition(context, expr.span, evaluate(context, expr))?.value;
    return value === undefined ? {} : { applies: value };
  }

  /** Declares `name` or `name[count]` of nodes or processes. */
  declareMembers(kind: "node" | "process", ref: Ref): void {
    this.declare(ref.name, {
      kind,
      array: ref.index !== undefined,
      members: this.#membersOf(ref),
    });
  }

  /** Names of the members, found once and when asked: the count may be a let. */
  #membersOf({ name, index }: Ref): () => readonly string[] {
    if (index === undefined) return () => [name.text];
    let known: readonly string[] | undefined;
    let busy = false;
    return () => {
      if (known !== undefined || busy) return known ?? [];
      busy = true;
      const count = this.quantity(index, "count");
      busy = false;
      if (count !== undefined && (count < 1 || count > 4096)) {
        this.report("CK0404", index.span, `an array has 1 to 4096 members, not ${count}`);
      }
      // Its length unknown, nothing can be said about its members either.
      if (count === undefined) this.scope.bind(name.text, { kind: "doubtful" });
      const length = count === undefined ? 1 : Math.min(Math.max(count, 1), 4096);
      known = Array.from({ length }, (_, i) => `${name.text}[${i}]`);
      return known;
    };
  }

  /** The names a reference stands for: one, or all of an array without an index. */
  members(ref: Ref, ...kinds: readonly ("node" | "process")[]): readonly string[] | undefined {
    const found = this.scope.find(ref.name.text)?.meant;
    if (found?.kind === "doubtful") return undefined;
    const wanted = kinds.join(" or ");
    if (found === undefined) {
      const message = `unknown ${wanted} '${ref.name.text}'`;
      this.report("CK0301", ref.name.span, message, nearest(ref.name.text, this.declared(kinds)));
      return undefined;
    }
    if (found.kind !== "node" && found.kind !== "process" || !kinds.includes(found.kind)) {
      this.report("CK0306", ref.name.span, `'${ref.name.text}' is no ${wanted}`);
      return undefined;
    }
    const names = found.members();
    if (ref.index === undefined) return names;
    if (!found.array) {
      this.report("CK0403", ref.span, `'${ref.name.text}' is no array`);
      return undefined;
    }
    const value = this.constant(ref.index);
    if (value === undefined) return undefined;
    const at = indexIn(this.context("setup"), ref.index.span, value, names.length);
    const name = at === undefined ? undefined : names[at];
    return name === undefined ? undefined : [name];
  }

  /** The declared names of some kinds. */
  declared(kinds: readonly string[]): readonly string[] {
    return this.scope.names().filter((name) =>
      kinds.includes(this.scope.find(name)?.meant.kind ?? "")
    );
  }

  /** A strategy of the registry with all its options, as a column, a let or written in place. */
  strategy(use: StrategyUse, role: Role): Strategy | undefined {
    if (use.member !== undefined) return this.#pluginStrategy(use, use.member, role);
    const declared = this.scope.find(use.name.text)?.meant;
    if (declared !== undefined) return this.#declaredStrategy(use, role, declared);
    const row = findNamed(this.vocabulary, role, use.name.text);
    if (row === undefined) {
      const meant = nearest(use.name.text, [
        ...namesOf(this.vocabulary, role),
        ...this.declared(["let"]),
      ]);
      this.report("CK0303", use.name.span, `unknown ${role} '${use.name.text}'`, meant);
      return undefined;
    }
    this.note(use.name.span, { kind: "strategy", role, row });
    const options = readObject(this, row.options, use.options, `'${use.name.text}'`);
    return { name: row.name, options };
  }

  /** A strategy of a plugin; options the plugin was given are the defaults of those it has. */
  #pluginStrategy(use: StrategyUse, member: Word, role: Role): Strategy | undefined {
    const plugin = this.scope.find(use.name.text)?.meant;
    if (plugin?.kind === "doubtful") return undefined;
    if (plugin?.kind !== "plugin") {
      const message = `there is no plugin '${use.name.text}': use "…" as ${use.name.text}`;
      this.report(
        "CK0303",
        use.name.span,
        message,
        nearest(use.name.text, this.declared(["plugin"])),
      );
      return undefined;
    }
    const called = printName(use);
    const row = findNamed(this.vocabulary, role, called);
    if (row === undefined) {
      const meant = nearest(called, namesOf(this.vocabulary, role));
      const message = `the plugin '${use.name.text}' has no ${role} '${member.text}'`;
      this.report("CK0303", member.span, message, meant);
      return undefined;
    }
    this.note(member.span, { kind: "strategy", role, row });
    const { options: shared, scope } = plugin;
    const pairs = shared?.pairs.filter(({ key }) => Object.hasOwn(row.options, key.text)) ?? [];
    const given = shared === undefined ? undefined : { ...shared, pairs };
    const base = readObject(this, row.options, given, `'${called}'`, scope);
    const options = readObject(this, row.options, use.options, `'${called}'`, this.scope, base);
    return { name: row.name, options };
  }

  #declaredStrategy(use: StrategyUse, role: Role, declared: Meant): Strategy | undefined {
    if (declared.kind === "doubtful") return undefined;
    const name: Expr = { kind: "name", name: use.name.text, span: use.name.span };
    const value = this.constant(name);
    if (value === undefined) return undefined;
    if (value.kind !== "strategy") {
      this.report("CK0306", use.name.span, `'${use.name.text}' is ${describe(value)}, no ${role}`);
      return undefined;
    }
    if (use.options !== undefined) {
      const message = `options belong where '${use.name.text}' is given its value`;
      this.report("CK0404", use.options.span, message);
    }
    if (value.use.member === undefined && value.use.name.text === use.name.text) {
      this.report("CK0308", use.name.span, `'${use.name.text}' needs itself`);
      return undefined;
    }
    return this.strategy(value.use, role);
  }

  /** A profile by name, changed by an object. */
  profile(name: Word | undefined, values: ObjectExpr | undefined): Profile {
    let base: Readonly<Record<string, unknown>> = {};
    const named = name === undefined ? undefined : this.#given.profiles.get(name.text);
    if (named !== undefined) {
      base = readObject(this, PROFILE, named.values, `profile '${named.name.text}'`, named.scope);
    } else if (name !== undefined && !BUILTIN_PROFILES.includes(name.text)) {
      const known = [...this.#given.profiles.keys(), ...BUILTIN_PROFILES];
      this.report(
        "CK0303",
        name.span,
        `unknown profile '${name.text}'`,
        nearest(name.text, known),
      );
    }
    return readObject(this, PROFILE, values, "a node", this.scope, base) as Profile;
  }

  /** Adds a step; its action is checked here. */
  step(timing: Timing | undefined, action: StatementNode, span: Span, text: string): void {
    const doing = action.row.build?.(this, action.args, action.span) as Doing | undefined;
    if (timing !== undefined && doing !== undefined) this.steps.push({ timing, doing, span, text });
  }
}
