/** Statements of a file: its version, what it shares, its scenarios. */
import { readObject } from "../options.ts";
import { evaluate } from "../evaluate.ts";
import { Scope } from "../scope.ts";
import { statement } from "../statement.ts";
import { ERROR } from "../value.ts";
import { rowsOfPlugin } from "../vocabulary.ts";

export const ckpt = statement("ckpt <version:number>", {
  place: "file",
  help: "The version of the language; the first statement of every file.",
  example: "ckpt 1",
  build: (draft, { version }) => {
    if (version.text !== "1") {
      draft.report("CK0209", version.span, `this program reads version 1, not ${version.text}`);
    }
  },
});

export const include = statement("include <file:text>", {
  place: "file",
  help: "Brings in the let and profile statements of another file; its path is relative to this " +
    "one. An included file has no scenarios: there are no hidden steps.",
  example: 'include "lib/qemu_sh4.ckpt"',
});

export const use = statement("use <from:text> as <name:name> [with <options:object>]", {
  place: "file",
  help:
    "Brings in a plugin: a module by its path relative to this file, or a package as npm:… or " +
    "jsr:…. What it adds is called by the name given here: cow.snapshot. Options behind with are " +
    "given to everything of it that has an option of that name. `plugin list` tells what a plugin " +
    "adds.",
  example: 'use "./plugins/forked_cow.ts" as cow with { children: 2 }',
  declare: (draft, { name, options }) => {
    // A plugin that was refused is told of once, where it stands.
    const isThere = rowsOfPlugin(draft.vocabulary, name.text).length > 0;
    const plugin = { kind: "plugin", scope: draft.scope } as const;
    if (!isThere) draft.declare(name, { kind: "doubtful" });
    else draft.declare(name, options === undefined ? plugin : { ...plugin, options });
  },
  build: (draft, { name, options }) => {
    const rows = rowsOfPlugin(draft.vocabulary, name.text);
    if (rows.length === 0 || options === undefined) return;
    const all = Object.assign({}, ...rows.map((row) => row.options));
    readObject(draft, all, options, `plugin '${name.text}'`);
  },
});

export const define = statement("let <head:signature> = <value:expr>", {
  place: "file",
  also: "setup",
  help: "Names a value, or a function with parameters. Pure and not recursive.",
  example: "let prdt(con, non) = (non.downtime - con.downtime) / non.downtime",
  declare: (draft, { head, value }) =>
    draft.declare(head.name, {
      kind: "let",
      body: value,
      scope: draft.scope,
      ...(head.params === undefined ? {} : { params: head.params }),
    }),
  build: (draft, { head, value }) => {
    const scope = new Scope(draft.scope);
    for (const param of head.params ?? []) scope.bind(param.text, { kind: "value", value: ERROR });
    const names = (head.params ?? []).map((param) => param.text);
    const twice = head.params?.find((param, i) => names.indexOf(param.text) < i);
    if (twice !== undefined) {
      draft.report("CK0302", twice.span, `'${twice.text}' is declared twice`);
    }
    // By its name, so that a circle is found here even when nobody uses it.
    const byName = { kind: "name", name: head.name.text, span: head.name.span } as const;
    evaluate(draft.context("claim", scope), head.params === undefined ? byName : value);
  },
});

export const profile = statement("profile <name:name> <values:object>", {
  place: "file",
  help: "Names a kind of node: its clock and what things cost. `list profile` prints the keys.",
  example: "profile slow { clock: 50MHz, disk: 2MB/s }",
  build: (draft, { name, values }) => {
    readObject(draft, draft.vocabulary.profile, values, `profile '${name.text}'`);
  },
});

export const scenario = statement(
  "[<mode:skip|only|todo>] scenario <title:text> <tags:tag*> { <items:item*> }",
  {
    place: "file",
    help:
      "One experiment: machines and programs, steps in virtual time, and what must come of it. " +
      "skip: it is checked and not run; todo: it is only read; only: of the scenarios a command " +
      "would run, those without it are left out.",
    example: 'scenario "matmul survives a crash" @smoke { node n0 … }',
  },
);
