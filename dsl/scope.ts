/** What names mean at one place of a script. */
import type { Expr, ObjectExpr, Word } from "./ast.ts";
import type { Span } from "./source.ts";
import type { Value } from "./value.ts";

/** What one name stands for. Members of arrays are found when asked: their count may be a let. */
export type Meant =
  | {
    readonly kind: "let";
    readonly params?: readonly Word[];
    readonly body: Expr;
    readonly scope: Scope;
  }
  | { readonly kind: "value"; readonly value: Value }
  | {
    readonly kind: "node" | "process";
    readonly array: boolean;
    readonly members: () => readonly string[];
  }
  | { readonly kind: "checkpoint" }
  | { readonly kind: "alternative" }
  /** A plugin; `options` are those of its rows that are given to all of them. */
  | { readonly kind: "plugin"; readonly options?: ObjectExpr; readonly scope: Scope }
  /** Stands near a syntax error: what it means is unknown, and using it is no second error. */
  | { readonly kind: "doubtful" };

/** A declared name. */
export interface Entry {
  readonly meant: Meant;
  readonly span?: Span;
}

/** Names of one level, and of the levels around it. */
export class Scope {
  readonly #names = new Map<string, Entry>();

  constructor(readonly outer?: Scope) {}

  /** Declares a name here; false when it is already declared here or around. */
  declare(name: string, meant: Meant, span?: Span): boolean {
    if (this.find(name) !== undefined) return false;
    this.#names.set(name, span === undefined ? { meant } : { meant, span });
    return true;
  }

  /** Declares a name here, hiding what it means around: parameters, and `--set`. */
  bind(name: string, meant: Meant): void {
    this.#names.set(name, { meant });
  }

  /** What the name means here. */
  find(name: string): Entry | undefined {
    return this.#names.get(name) ?? this.outer?.find(name);
  }

  /** All names visible here. */
  names(): readonly string[] {
    return [...this.#names.keys(), ...this.outer?.names() ?? []];
  }
}
