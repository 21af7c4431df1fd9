/** `exec --export`: the checkpoint of a program as an executable file. */
import { exportImage, type Image, needsExecutable, type ProgramRun } from "../core/mod.ts";
import { nearest, seen, Trouble } from "./exec_host.ts";
import { EXIT } from "./exit.ts";
import type { Host } from "./host.ts";

/** Anybody may read it and start it. */
const MODE = 0o755;

const refused = (file: string, why: string): Trouble =>
  new Trouble(`--export ${file}: ${why}`, EXIT.usage);

/** The folder of a file. */
const folderOf = (file: string): string => {
  const end = file.lastIndexOf("/");
  return end < 0 ? "." : file.slice(0, end) || "/";
};

const infoOf = (path: string): Deno.FileInfo | undefined => {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
};

const isFolder = (path: string): boolean => infoOf(path)?.isDirectory ?? false;

/** Throws when the file is the program, by whatever name: it would be replaced. */
export function checkNotProgram(file: string, program: string): void {
  let there: Deno.FileInfo | undefined, own: Deno.FileInfo | undefined;
  try {
    [there, own] = [infoOf(file), infoOf(program)];
  } catch {
    // Who reads or writes it says what is wrong with it.
    return;
  }
  if (there === undefined || own === undefined) return;
  if (there.dev !== own.dev || there.ino !== own.ino) return;
  throw refused(file, `it is the program '${program}' itself; name another file`);
}

/** The file's place is looked at before the program runs, so that no work is lost. */
export function checkFile(file: string): void {
  try {
    if (file.endsWith("/") || isFolder(file)) throw refused(file, "it is a folder; name a file");
    const found = infoOf(file);
    if (found !== undefined && !found.isFile) {
      throw refused(file, "it is a device, pipe or socket and no regular file; name another file");
    }
    const there = nearest(folderOf(file));
    if (!isFolder(there)) throw refused(file, `'${there}' is no folder; name another file`);
    Deno.removeSync(Deno.makeTempDirSync({ dir: there, prefix: ".ckptlab-" }));
  } catch (error) {
    if (error instanceof Trouble) throw error;
    throw refused(file, `nothing can be written there (${seen(error)}); name another file`);
  }
}

/** First beside it: whoever starts the file starts all of it. */
function writeExecutable(file: string, bytes: Uint8Array): void {
  const beside = `${file}.${Deno.pid}.part`;
  try {
    Deno.mkdirSync(folderOf(file), { recursive: true });
    Deno.writeFileSync(beside, bytes, { mode: MODE });
    Deno.renameSync(beside, file);
  } catch (error) {
    try {
      Deno.removeSync(beside);
    } catch {
      // It has not come into being.
    }
    throw refused(file, `cannot write it: ${seen(error)}`);
  }
}

/** Writes what becomes of an image, and says what it is. Throws `ImageError` and `Trouble`. */
export function saveExecutable(file: string, image: Image, run: ProgramRun, host: Host): void {
  const program = needsExecutable(image) ? run.process.executable.bytes : undefined;
  const { bytes, pages, inputTaken, readsInputFirst } = exportImage(image, program);
  writeExecutable(file, bytes);
  host.stderr(
    `executable in '${file}': ${bytes.length} bytes, ${pages} pages; ` +
      `the first ${inputTaken} bytes of standard input have been read` +
      (readsInputFirst ? "; it reads all the rest, to the end, before it goes on\n" : "\n"),
  );
}
