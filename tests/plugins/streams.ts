/**
 * The recorded runs that reporters are held to: real runs of every kind, of the scripts in `recorded`.
 * They are kept as they were recorded, for recordings of one schema stay readable; this makes them
 * anew.
 */
import { fileURLToPath } from "node:url";
import { inProcess } from "../command/workshop.ts";
import { call, exitWith, tinyElf } from "../core/kernel/tiny_elf.ts";

/** Where they are, and the scripts. */
const FOLDER = new URL("../../plugins/streams/", import.meta.url);
const SCRIPTS = new URL("recorded/", import.meta.url);

/** What each is recorded by: the arguments of one command, or of several in turn. */
const COMMANDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  green: [["run", "green.ckpt"]],
  failing: [["run", "failing.ckpt"]],
  unknown: [["run", "unknown.ckpt"]],
  script_error: [["run", "wrong.ckpt", "green.ckpt"]],
  broken: [["run", "broken.ckpt"]],
  nondeterministic: [["run", "chancy.ckpt", "--verify"]],
  explored: [["run", "explored.ckpt"]],
  interrupted: [["run", "green.ckpt", "failing.ckpt"]],
  merged: [
    ["run", "failing.ckpt", "--shard", "1/2", "--reporter", "blob:1.blob"],
    ["run", "failing.ckpt", "--shard", "2/2", "--reporter", "blob:2.blob"],
    ["merge", "1.blob", "2.blob"],
  ],
  nothing: [["run", "green.ckpt", "--tag", "nobody"]],
};

/** Recordings by name. */
export type Streams = Readonly<Record<string, string>>;

/** Those that are kept. */
export const kept = (): Streams =>
  Object.fromEntries(
    Object.keys(COMMANDS).map((name) => [
      name,
      Deno.readTextFileSync(new URL(`${name}.ndjson`, FOLDER)),
    ]),
  );

/** Runs all of it, and leaves nothing behind: what is written stays in memory. */
export async function record(): Promise<Streams> {
  const strange = fileURLToPath(new URL("strange.elf", SCRIPTS));
  const before = Deno.cwd();
  const files = new Map<string, string>();
  const streams: Record<string, string> = {};
  Deno.chdir(fileURLToPath(SCRIPTS));
  Deno.writeFileSync(strange, tinyElf([...call(31), ...exitWith(0)]).bytes);
  try {
    for (const [name, commands] of Object.entries(COMMANDS)) {
      let asked = 0;
      const change = name === "interrupted" ? { interrupted: () => ++asked > 8 } : {};
      for (const args of commands) {
        const jobs = args[0] === "run" ? ["--jobs", "1"] : [];
        const all = [...args, ...jobs, "--reporter", "ndjson:run.ndjson"];
        await inProcess(all, change, files);
      }
      streams[name] = files.get("tests/plugins/recorded/run.ndjson") ?? "";
    }
  } finally {
    Deno.removeSync(strange);
    Deno.chdir(before);
  }
  return streams;
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(await record())) {
    Deno.writeTextFileSync(new URL(`${name}.ndjson`, FOLDER), text);
  }
}
