/** A folder of the host as a {@linkcode Directory}, with the host's errors told as ours. */
import { ImageError } from "./image.ts";
import type { Directory } from "./store.ts";

/** What the host's refusals mean, and what to do. */
const REASONS: readonly (readonly [abstract new () => Error, string])[] = [
  [Deno.errors.NotFound, "there is no such file or folder; check the path"],
  [Deno.errors.NotADirectory, "a file is where a folder was expected; name another path"],
  [Deno.errors.AlreadyExists, "something of that name is in the way; name another path"],
  [Deno.errors.IsADirectory, "a folder is where a file was expected; name another path"],
  [Deno.errors.PermissionDenied, "the host denies access; change its permissions or the path"],
  [
    Deno.errors.NotCapable,
    "this program was started without access to it; allow it with --allow-read and --allow-write",
  ],
  [Deno.errors.FilesystemLoop, "symbolic links go in circles; name another path"],
];

/** The host's error in a sentence: without its class, and without the operation's own name. */
function told(doing: string, path: string, error: unknown): ImageError {
  const known = REASONS.find(([kind]) => error instanceof kind)?.[1];
  const words = error instanceof Error ? error.message : String(error);
  const host = words.replace(/ \(os error \d+\).*$/s, "").replace(/: \w+ '.*$/s, "");
  return new ImageError(`${path}: cannot ${doing}: ${known ?? `the host says '${host}'`}`);
}

function attempt<T>(doing: string, path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw told(doing, path, error);
  }
}

/** Makes what a folder lists durable. Hosts that cannot do it for folders do it by themselves. */
function syncNames(path: string): void {
  try {
    using folder = Deno.openSync(path, { read: true });
    folder.syncSync();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw told("make durable", path, error);
  }
}

/**
 * A folder of the host; it need not exist.
 *
 * @example
 * ```ts
 * import { DenoDirectory } from "./deno_directory.ts";
 * const folder = new DenoDirectory("no/such/folder");
 * if (folder.exists()) throw new Error("unreachable");
 * ```
 */
export class DenoDirectory implements Directory {
  constructor(readonly where: string) {}

  exists(): boolean {
    try {
      Deno.statSync(this.where);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw told("look at the folder", this.where, error);
    }
  }

  create(): void {
    attempt("make the folder", this.where, () => Deno.mkdirSync(this.where, { recursive: true }));
    syncNames(`${this.where}/..`);
  }

  files(): readonly string[] {
    return this.list((entry) => !entry.isDirectory);
  }

  folders(): readonly string[] {
    return this.list((entry) => entry.isDirectory);
  }

  folder(name: string): DenoDirectory {
    return new DenoDirectory(this.path(name));
  }

  read(name: string): Uint8Array {
    const path = this.path(name);
    return attempt("read", path, () => Deno.readFileSync(path));
  }

  write(name: string, bytes: Uint8Array): void {
    const path = this.path(name);
    attempt("write", path, () => Deno.writeFileSync(path, bytes));
  }

  sync(name: string): void {
    const path = this.path(name);
    attempt("make durable", path, () => {
      using file = Deno.openSync(path, { write: true });
      file.syncSync();
    });
    syncNames(this.where);
  }

  syncFolder(): void {
    syncNames(this.where);
  }

  rename(from: string, to: string): void {
    const path = this.path(from);
    attempt("rename", path, () => Deno.renameSync(path, this.path(to)));
  }

  remove(name: string): void {
    const path = this.path(name);
    attempt("remove", path, () => Deno.removeSync(path));
  }

  removeFolder(name: string): void {
    const path = this.path(name);
    attempt("remove the folder", path, () => Deno.removeSync(path));
  }

  private path(name: string): string {
    return `${this.where}/${name}`;
  }

  private list(wanted: (entry: Deno.DirEntry) => boolean): readonly string[] {
    const entries = attempt("list the folder", this.where, () => [...Deno.readDirSync(this.where)]);
    return entries.filter(wanted).map((entry) => entry.name).sort();
  }
}
