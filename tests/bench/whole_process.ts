/** Programs of the host run to their end, each as a process of its own: what a user waits for. */
import { fileURLToPath } from "node:url";

/** The project's folder: its configuration is found from there. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a process left. */
export interface Ended {
  readonly seconds: number;
  readonly output: Uint8Array;
  readonly error: string;
}

/**
 * Runs a command from its start to its end, its output through a pipe: programs may do less when
 * they see that nobody reads. It must succeed.
 */
export function runProcess(command: string, args: readonly string[]): Ended {
  const start = performance.now();
  const { code, stdout, stderr } = new Deno.Command(command, {
    args: [...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).outputSync();
  const seconds = (performance.now() - start) / 1000;
  const error = new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${code}\n${error}`);
  return { seconds, output: stdout, error };
}

/** `exec` of this project on a program, as a new process. */
export function runExec(flags: readonly string[], program: readonly string[]): Ended {
  return runProcess(Deno.execPath(), ["run", "-A", `${ROOT}mod.ts`, "exec", ...flags, ...program]);
}

/** Where two outputs differ first, or nothing. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return at;
  return a.length === b.length ? undefined : length;
}
