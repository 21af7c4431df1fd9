/**
 * What a plugin's module imports, itself and through the local files it imports, before any of it is
 * evaluated: modules of `node:` that reach the host are refused by name, for they go past the guard.
 */

/** Modules of `node:` that only calculate. */
const HARMLESS: readonly string[] = [
  "assert",
  "assert/strict",
  "buffer",
  "events",
  "path",
  "path/posix",
  "querystring",
  "string_decoder",
  "url",
  "util",
];

/** The specifiers of imports, re-exports and dynamic imports of a literal. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*(["'])([^"'\n]+)\1/g;

/** Comments: what is named there is not imported. A line's only where it is nothing else. */
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/**
 * The specifiers in a module's text.
 *
 * @example
 * ```ts
 * import { importsIn } from "./plugin_imports.ts";
 * const text = 'import fs from "node:fs"; export * from "./a.ts"; // import "b"';
 * if (importsIn(text).join() !== "node:fs,./a.ts,b") throw new Error("unreachable");
 * ```
 */
export const importsIn = (text: string): readonly string[] =>
  [...text.replaceAll(COMMENT, "").matchAll(IMPORT)].flatMap(([, , specifier]) => specifier ?? []);

/** A module that is imported although it reaches the host, and by which file. */
export interface HostImport {
  readonly specifier: string;
  readonly by: string;
}

/** The text of a local file; nothing where there is none to read: loading it will say why. */
async function textOf(url: string): Promise<string> {
  try {
    return await Deno.readTextFile(new URL(url));
  } catch {
    return "";
  }
}

/**
 * The first import of a module of `node:` that reaches the host. Files below the folder of the program
 * are its own, and packages of npm: and jsr: are not looked into.
 */
export async function hostImport(
  url: string,
  own: string = new URL("../../", import.meta.url).href,
): Promise<HostImport | undefined> {
  const waiting = [url];
  for (const seen = new Set<string>(); waiting.length > 0;) {
    const by = waiting.shift() ?? "";
    if (seen.has(by) || !by.startsWith("file:")) continue;
    seen.add(by);
    for (const specifier of importsIn(await textOf(by))) {
      if (specifier.startsWith("node:")) {
        if (!HARMLESS.includes(specifier.slice("node:".length))) return { specifier, by };
      } else if (/^(?:\.{0,2}\/|file:)/.test(specifier)) {
        const { href } = new URL(specifier, by);
        if (!isOwn(href, own)) waiting.push(href);
      }
    }
  }
  return undefined;
}

/** A file of the program, by where its layers are. */
const isOwn = (href: string, own: string): boolean =>
  ["core/", "dsl/", "plugins/", "mod.ts"].some((part) => href.startsWith(own + part));
