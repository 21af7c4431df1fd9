/** `--seed`: a number, the commit that is checked out, or one that nobody chose; `--seeds`: many. */
import { type Flag, type Given, timeFlag, UsageError, wholeNumber } from "./flags.ts";
import type { Host } from "./host.ts";
import { type AskedSeeds, MOST_SEEDS, type Seeds } from "./plan.ts";

export const SEED_FLAG: Flag = {
  name: "seed",
  value: "N|git|random",
  help: "Every cell runs with this seed; git: of the commit that is checked out, so that each " +
    "push tries another one and a red job is repeated from its commit; random: a new one.",
};

/** Flags of commands that run searches. */
export const SEARCH_FLAGS: readonly Flag[] = [
  {
    name: "seeds",
    value: "a..b|N",
    help: "Cells that explore go through these seeds (N: from 1 on) instead of those they state.",
  },
  {
    name: "budget",
    value: "time",
    help: "Time of this computer for each cell that explores, such as 10min, instead of what it " +
      "states; a search that is not through then is unknown (exit code 2).",
  },
];

/** Hexadecimal digits of a commit that make a seed: 48 bits, which a number holds exactly. */
const DIGITS = 12;

/** Folders above this one that are looked through for a repository. */
const DEPTH = 16;

/** The seed that was asked for, if one was. One that nobody typed is told. */
async function seedOf(given: Given, host: Host): Promise<number | undefined> {
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

/** What was asked of searches, without `--seed`. */
export function searchesAsked(given: Given): Pick<AskedSeeds, "seeds" | "budgetNs"> {
  const seeds = seedsFlag(given), budgetNs = timeFlag(given, "budget");
  return {
    ...(seeds === undefined ? {} : { seeds }),
    ...(budgetNs === undefined ? {} : { budgetNs }),
  };
}

/** Says which flags of searches were given although nothing searches. */
export function sayNoSearch(given: Given, host: Pick<Host, "stderr">): void {
  const ways = ["add 'explore { seeds: 1..20 }'", "use --seed N"];
  for (const { name } of SEARCH_FLAGS) {
    if (given.text(name) === undefined) continue;
    const what = name === "seeds" ? ways.join(", or ") : ways[0];
    host.stderr(
      `warning: --${name} did nothing: none of these scenarios has 'explore'; ${what}\n`,
    );
  }
}

/** All that was asked about seeds. */
export async function askedSeeds(given: Given, host: Host): Promise<AskedSeeds> {
  const searches = searchesAsked(given);
  if (searches.seeds !== undefined && given.text("seed") !== undefined) {
    throw new UsageError("--seed and --seeds exclude each other: one seed, or many");
  }
  const seed = await seedOf(given, host);
  return seed === undefined ? searches : { ...searches, seed };
}

function seedsFlag(given: Given): Seeds | undefined {
  const text = given.text("seeds");
  if (text === undefined) return undefined;
  const [, from, to] = /^(?:(\d{1,15})\.\.)?(\d{1,15})$/.exec(text) ?? [];
  const first = Number(from ?? 1), last = Number(to ?? NaN);
  if (last >= first && last - first < MOST_SEEDS) return { first, last };
  throw new UsageError(
    `--seeds takes a range such as 1..200, or how many, at most ${MOST_SEEDS}, not '${text}'`,
  );
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
