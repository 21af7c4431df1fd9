/** Where the names a script declares are declared and used: a walk over the tree. */
import type { Expr, Script, Signature, StatementNode, Word } from "../ast.ts";
import type { Loaded } from "../load.ts";
import type { Meant, Scope } from "../scope.ts";
import type { Span } from "../source.ts";
import { holesOf } from "../usage.ts";
import { UNDISTURBED } from "../value.ts";
import { scopeOf } from "./analysis.ts";

/** What a declared name is. */
export type NameKind = Exclude<Meant["kind"], "doubtful"> | "parameter" | "profile";

/** One place where a declared name stands. */
export interface Occurrence {
  readonly text: string;
  readonly span: Span;
  /** Where it is declared. */
  readonly target: Span;
  readonly kind: NameKind;
}

/** True where the name is declared. */
export const isDeclaration = ({ span, target }: Occurrence): boolean =>
  span.source === target.source && span.start === target.start;

/** A declaration as a key: files are known by their names. */
export const targetKey = ({ source, start }: Span): string => `${source.name}:${start}`;

/** The scenario a declaration is visible in, or the let of a parameter; nothing when everywhere. */
export function sectionOf({ target, kind }: Occurrence, { scripts }: Loaded): Span | undefined {
  const script = scripts.find(({ span }) => span.source.name === target.source.name);
  const node = script?.statements.find(({ span }) =>
    span.start <= target.start && target.end <= span.end
  );
  return kind === "parameter" || node?.row.keyword === "scenario" ? node?.span : undefined;
}

type Locals = ReadonlyMap<string, Word>;
const NO_LOCALS: Locals = new Map();

/** Holes whose words are no names. */
const NO_NAMES: readonly string[] = ["text", "number", "tag"];

/** The walk over the scripts of one load. */
class Names {
  readonly found: Occurrence[] = [];
  readonly #profiles = new Map<string, Word>();

  constructor(readonly loaded: Loaded) {
    for (const node of loaded.scripts.flatMap((script) => script.statements)) {
      const name = node.args["name"] as Word | undefined;
      if (node.row.keyword !== "profile" || name === undefined) continue;
      if (!this.#profiles.has(name.text)) this.#profiles.set(name.text, name);
    }
  }

  script({ statements }: Script): void {
    for (const node of statements) this.#statement(node, scopeOf(this.loaded, node), NO_LOCALS);
  }

  #statement(node: StatementNode, scope: Scope, locals: Locals): void {
    const signature = node.args["signature"] as Signature | undefined;
    const params = holesOf(node.row.parts).some(({ kind }) => kind === "signature")
      ? (Object.values(node.args).find(isSignature) ?? signature)?.params ?? []
      : [];
    const inside = params.length === 0
      ? locals
      : new Map([...locals, ...params.map((word) => [word.text, word] as const)]);
    for (const hole of holesOf(node.row.parts)) {
      if (hole.choices !== undefined || NO_NAMES.includes(hole.kind)) continue;
      this.#visit(node.args[hole.name], scope, inside);
    }
  }

  #visit(value: unknown, scope: Scope, locals: Locals): void {
    if (Array.isArray(value)) { for (const item of value) this.#visit(item, scope, locals); }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    if ("row" in value) this.#statement(value as StatementNode, scope, locals);
    else if (isWord(value)) this.#name(value, scope, locals);
    else if ("kind" in value && typeof value.kind === "string" && value.kind in EXPRESSIONS) {
      this.#expression(value as Expr, scope, locals);
    } else this.#parts(value, scope, locals);
  }

  #parts(value: object, scope: Scope, locals: Locals): void {
    for (const [key, inner] of Object.entries(value)) {
      // The member of `plugin.name` is the plugin's.
      if (key !== "span" && key !== "member") this.#visit(inner, scope, locals);
    }
  }

  #expression(expr: Expr, scope: Scope, locals: Locals): void {
    if (expr.kind === "name") this.#name({ text: expr.name, span: expr.span }, scope, locals);
    else if (expr.kind === "object") {
      for (const { value } of expr.pairs) this.#visit(value, scope, locals);
    } else if (expr.kind === "member") {
      this.#visit(expr.of, scope, locals);
      if (isRun(expr.of, scope)) this.#name(expr.name, scope, NO_LOCALS);
    } else this.#parts(expr, scope, locals);
  }

  #name(word: Word, scope: Scope, locals: Locals): void {
    const local = locals.get(word.text);
    const entry = scope.find(word.text);
    const profile = this.#profiles.get(word.text);
    if (local !== undefined) this.#add(word, local.span, "parameter");
    else if (entry?.span !== undefined && entry.meant.kind !== "doubtful") {
      this.#add(word, entry.span, entry.meant.kind);
    } else if (profile !== undefined) this.#add(word, profile.span, "profile");
  }

  #add({ text, span }: Word, target: Span, kind: NameKind): void {
    this.found.push({ text, span, target, kind });
  }
}

/** The kinds of expression; whatever else has a kind is visited part by part. */
const EXPRESSIONS: Readonly<Record<string, true>> = { name: true, object: true, member: true };

const isWord = (value: object): value is Word =>
  "text" in value && "span" in value && !("kind" in value);

const isSignature = (value: unknown): value is Signature =>
  typeof value === "object" && value !== null && "params" in value;

/** `con.c1`, `undisturbed.p0`: names of another run. */
const isRun = (of: Expr, scope: Scope): boolean =>
  of.kind === "name" &&
  (of.name === UNDISTURBED || scope.find(of.name)?.meant.kind === "alternative");

/** Every place of a load where a declared name stands, in the order of files and places. */
export function occurrencesOf(loaded: Loaded): readonly Occurrence[] {
  const names = new Names(loaded);
  for (const script of loaded.scripts) names.script(script);
  const seen = new Set<string>();
  return names.found.filter(({ span }) => {
    const key = targetKey(span);
    return !seen.has(key) && seen.add(key) !== undefined;
  }).sort((a, b) => a.span.start - b.span.start);
}
