/**
 * What tests of the command need: a folder of its own for each run, and two ways to run: as a user
 * does, in a process, and in this one, which is faster by far.
 */
import { fileURLToPath } from "node:url";
import { sha256 } from "../../core/base/digest.ts";
import { denoHost, main, type Parts } from "../../dsl/cli.ts";
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

/** Runs the program as a user does. */
export async function inChild(args: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  const { input = "", cwd, permissions } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args: [...command(args, permissions)],
    ...(cwd === undefined ? {} : { cwd }),
    env: { NO_COLOR: "1" },
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

/**
 * Runs the program in this process. The guest's streams are caught too; its input is empty. `change`
 * has the parts that are not as usual.
 */
export async function inProcess(
  args: readonly string[],
  change: Partial<Parts> = {},
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
  try {
    const code = await main(args, {
      ...denoHost({ ...parts, ...change }),
      stdout: (text) => void (out += text),
      stderr: (text) => void (err += text),
      isTerminal: false,
      environment: {},
    });
    return { code, out, err };
  } finally {
    Deno.stdout.writeSync = real.out;
    Deno.stderr.writeSync = real.err;
    Deno.stdin.readSync = real.input;
  }
}
