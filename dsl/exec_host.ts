/** The host's files and streams as `exec` uses them, and what is told when they fail. */
import type { Stream } from "../core/mod.ts";
import { EXIT } from "./exit.ts";

/** Something the user can mend: one line, and the exit code of its kind. */
export class Trouble extends Error {
  constructor(message: string, readonly code: number) {
    super(message);
  }
}

/** The host's words without its error number and the name of its own operation. */
export const seen = (error: unknown): string => {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  return (error instanceof Error ? error.message : String(error)).replace(
    / \(os error \d+\).*$/s,
    "",
  );
};

/** Reads a program's file; `advice` says what to do when there is none. */
export function readProgram(path: string, advice: string): Uint8Array {
  const refused = (why: string) =>
    new Trouble(`cannot read the program '${path}': ${why}; ${advice}`, EXIT.script);
  try {
    // A device has no end.
    if (Deno.statSync(path).isCharDevice === true) throw refused("it is a device");
    return Deno.readFileSync(path);
  } catch (error) {
    throw error instanceof Trouble ? error : refused(seen(error));
  }
}

/** Writes all of it to a standard stream, however little that takes at once. */
export function writeStream(stream: Exclude<Stream, "input">, bytes: Uint8Array): void {
  const target = { output: Deno.stdout, error: Deno.stderr }[stream];
  try {
    for (let at = 0; at < bytes.length;) at += target.writeSync(bytes.subarray(at));
  } catch (error) {
    // Whoever reads has had enough; the program would learn of it by SIGPIPE.
    if (error instanceof Deno.errors.BrokenPipe) return;
    throw new Trouble(`cannot write standard ${stream}: ${seen(error)}`, EXIT.usage);
  }
}

/** Names out of a file are anybody's: they must not break the line or steer the terminal. */
export const asLine = (error: unknown): string =>
  (error as Error).message.replaceAll(/\p{Cc}+/gu, " ");

/** The nearest folder above a path, or the path itself, that is there. */
export function nearest(path: string): string {
  for (let at = path.replace(/\/+$/, "");;) {
    if (at === "") return path.startsWith("/") ? "/" : ".";
    try {
      Deno.statSync(at);
      return at;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      at = at.slice(0, Math.max(0, at.lastIndexOf("/"))).replace(/\/+$/, "");
    }
  }
}
