/**
 * What tests of the command need: a folder of its own for each run, and two ways to run: as a user
 * does, in a process, and in this one, which is faster by far.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../../core/base/digest.ts";
import { denoHost, type Host, main } from "../../dsl/cli.ts";
import { VARIABLES } from "../../dsl/host.ts";
import { parts } from "../../mod.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A shipped guest's ELF file. */
export const guestPath = (name: string): string => `${ROOT}scenarios/guests/${name}.elf`;
/** Its bytes. */
export const guest = (name: string): Uint8Array => Deno.readFileSync(guestPath(name));

/** How a run of the command ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Files to prepare by path: their content, or nothing for a folder. */
export type Files = Readonly<Record<string, string | Uint8Array | undefined>>;

/** Writes files below a folder. */
export function prepare(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const at = `${folder}/${path}`;
    if (content === undefined) {
      Deno.mkdirSync(at, { recursive: true });
      continue;
    }
    Deno.mkdirSync(at.slice(0, at.lastIndexOf("/")), { recursive: true });
    Deno.writeFileSync(
      at,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
}

/** Everything below a folder: a line for each name, with the hash of its content. */
export function listing(folder: string, prefix = ""): readonly string[] {
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory) return [`${name}/`, ...listing(path, `${name}/`)];
    return [`${name} ${sha256(Deno.readFileSync(path))}`];
  });
}

/** A folder of one's own, gone at the end. */
export function temporary(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "ckptlab-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** What of a child process is not as usual. */
export interface ChildOptions {
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  /** Permissions instead of those of the tasks. */
  readonly permissions?: readonly string[];
}

/** What a task allows. */
const USUAL = ["--allow-read", "--allow-write", "--allow-env"];

/** What stands behind `deno` to run the program. */
export const command = (
  args: readonly string[],
  permissions: readonly string[] = USUAL,
): readonly string[] => [
  "run",
  "--no-check",
  "--config",
  `${ROOT}deno.json`,
  ...permissions,
  `${ROOT}mod.ts`,
  ...args,
];

/** What surrounds the tests, without what the command looks at: where they run changes nothing. */
const surroundings = (): Record<string, string> => {
  const all = Deno.env.toObject();
  for (const name of VARIABLES) delete all[name];
  return { ...all, NO_COLOR: "1" };
};

/** Runs the program as a user does. */
export async function inChild(args: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  const { input = "", cwd, permissions } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args: [...command(args, permissions)],
    ...(cwd === undefined ? {} : { cwd }),
    clearEnv: true,
    env: surroundings(),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  // A program that ends without reading closes the pipe under our hands.
  const fed = writer.write(bytes).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await fed;
  const text = (part: Uint8Array) => new TextDecoder().decode(part);
  return { code, out: text(stdout), err: text(stderr) };
}

/** Files below the repository that are in memory alone, by their paths from its root. */
export type Kept = Map<string, string>;

/** What a file below the repository is kept as; undefined for one elsewhere, which is a real one. */
function keptAs(path: string): string | undefined {
  const whole = resolve(path);
  return whole.startsWith(ROOT) ? whole.slice(ROOT.length) : undefined;
}

/**
 * The real host, but it is no terminal, no variable is set, and what would be written below the
 * repository is kept in memory. `change` has what else is not as usual.
 */
export function realHost(change: Partial<Host> = {}, kept: Kept = new Map()): Host {
  const real = denoHost(parts);
  return {
    ...real,
    isTerminal: false,
    environment: {},
    readFile: (path) => {
      const text = kept.get(keptAs(path) ?? "");
      return text === undefined
        ? real.readFile(path)
        : Promise.resolve(new TextEncoder().encode(text));
    },
    cannotWrite: (path) => keptAs(path) === undefined ? real.cannotWrite(path) : undefined,
    writeFile: (path, content) => {
      const name = keptAs(path);
      if (name === undefined || typeof content !== "string") real.writeFile(path, content);
      else kept.set(name, content);
    },
    removeFolder: (path) => {
      const name = keptAs(path);
      if (name === undefined) return real.removeFolder(path);
      for (const file of [...kept.keys()]) if (file.startsWith(`${name}/`)) kept.delete(file);
    },
    appendFile: (path, text) => {
      const name = keptAs(path);
      if (name === undefined) real.appendFile(path, text);
      else kept.set(name, (kept.get(name) ?? "") + text);
    },
    replaceFile: (path, text) => {
      const name = keptAs(path);
      if (name === undefined) return real.replaceFile(path, text);
      kept.set(name, text);
      return Promise.resolve();
    },
    ...change,
  };
}

/**
 * Runs the program in this process, over {@linkcode realHost}. The guest's streams are caught too;
 * its input is empty.
 */
export async function inProcess(
  args: readonly string[],
  change: Partial<Host> = {},
  kept?: Kept,
): Promise<Ended> {
  let out = "", err = "";
  const decoder = new TextDecoder();
  const real = {
    out: Deno.stdout.writeSync,
    err: Deno.stderr.writeSync,
    input: Deno.stdin.readSync,
  };
  Deno.stdout.writeSync = (bytes) => (out += decoder.decode(bytes), bytes.length);
  Deno.stderr.writeSync = (bytes) => (err += decoder.decode(bytes), bytes.length);
  Deno.stdin.readSync = () => null;
  const told = {
    stdout: (text: string) => void (out += text),
    stderr: (text: string) => void (err += text),
  };
  try {
    const code = await main(args, realHost({ ...told, ...change }, kept));
    return { code, out, err };
  } finally {
    Deno.stdout.writeSync = real.out;
    Deno.stderr.writeSync = real.err;
    Deno.stdin.readSync = real.input;
  }
}

/** What came of a script that was run in a folder of its own, and where the files of its cell are. */
export interface RanAlone extends Ended {
  readonly folder: ReturnType<typeof temporary>;
  /** Nothing where the run left no files about a cell. */
  readonly cell: string | undefined;
}

/** Runs one script with a folder for what it leaves. */
export async function runAlone(script: string, flags: readonly string[]): Promise<RanAlone> {
  const folder = temporary();
  const out = `${folder.path}/out`;
  prepare(folder.path, { "s.ckpt": script });
  Deno.mkdirSync(out);
  const ended = await inProcess(["run", `${folder.path}/s.ckpt`, "--out", out, ...flags]);
  const cell = [...Deno.readDirSync(out)].find(({ isDirectory }) => isDirectory)?.name;
  return { ...ended, folder, cell: cell === undefined ? undefined : `${out}/${cell}` };
}
