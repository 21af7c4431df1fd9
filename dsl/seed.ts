/** `--seed`: a number, the commit that is checked out, or one that nobody chose. */
import { type Flag, type Given, UsageError, wholeNumber } from "./flags.ts";
import type { Host } from "./host.ts";

export const SEED_FLAG: Flag = {
  name: "seed",
  value: "N|git|random",
  help: "Every cell runs with this seed; git: of the commit that is checked out, so that each " +
    "push tries another one and a red job is repeated from its commit; random: a new one.",
};

/** Hexadecimal digits of a commit that make a seed: 48 bits, which a number holds exactly. */
const DIGITS = 12;

/** Folders above this one that are looked through for a repository. */
const DEPTH = 16;

/** The seed that was asked for, if one was. One that nobody typed is told. */
export async function seedOf(given: Given, host: Host): Promise<number | undefined> {
  switch (given.text("seed")) {
    case "git": {
      const commit = await commitOf(host);
      const seed = parseInt(commit.slice(0, DIGITS), 16);
      host.stderr(`seed ${seed}, of commit ${commit.slice(0, DIGITS)}\n`);
      return seed;
    }
    case "random": {
      const seed = host.randomSeed();
      host.stderr(`seed ${seed}\n`);
      return seed;
    }
    default:
      return typedSeed(given);
  }
}

function typedSeed(given: Given): number | undefined {
  const text = given.text("seed");
  if (text === undefined || /^\d/.test(text)) return wholeNumber(given, "seed");
  throw new UsageError(`--seed takes a whole number, git or random, not '${text}'`);
}

/** The text of a file, or nothing. */
async function read({ readFile }: Pick<Host, "readFile">, path: string) {
  try {
    return new TextDecoder().decode(await readFile(path)).trim();
  } catch {
    return undefined;
  }
}

/** The folder of the repository this folder is in; a work tree has a file that names it. */
async function repository(host: Pick<Host, "readFile">): Promise<string | undefined> {
  for (let depth = 0; depth <= DEPTH; depth++) {
    const above = "../".repeat(depth);
    if (await read(host, `${above}.git/HEAD`) !== undefined) return `${above}.git`;
    const link = /^gitdir: (.+)$/.exec(await read(host, `${above}.git`) ?? "")?.[1];
    if (link !== undefined) return link.startsWith("/") ? link : `${above}${link}`;
  }
  return undefined;
}

/** The commit that is checked out, in 40 hexadecimal digits. */
async function commitOf(host: Pick<Host, "readFile">): Promise<string> {
  const folder = await repository(host);
  if (folder === undefined) throw new UsageError("--seed git: this folder is in no git repository");
  const head = await read(host, `${folder}/HEAD`) ?? "";
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  const commit = ref === undefined ? head : await resolve(host, folder, ref);
  if (/^[0-9a-f]{40,64}$/.test(commit ?? "")) return commit ?? "";
  throw new UsageError("--seed git: nothing has been committed here yet");
}

/** What a branch points to: in a file of its own, or in the list of packed ones. */
async function resolve(host: Pick<Host, "readFile">, folder: string, ref: string) {
  const common = await read(host, `${folder}/commondir`);
  const shared = common === undefined
    ? folder
    : common.startsWith("/")
    ? common
    : `${folder}/${common}`;
  const loose = await read(host, `${folder}/${ref}`) ?? await read(host, `${shared}/${ref}`);
  if (loose !== undefined) return loose;
  const packed = await read(host, `${shared}/packed-refs`) ?? "";
  return packed.split("\n").find((line) => line.endsWith(` ${ref}`))?.split(" ")[0];
}
