/** Finds scripts, and chooses among their scenarios and cells. */
import { UsageError } from "./flags.ts";
import type { Host } from "./host.ts";
import type { FoundScenario } from "./load.ts";
import type { Plan } from "./plan.ts";

/** The folder that is looked through when no path is given. */
export const DEFAULT_PATHS: readonly string[] = ["scenarios"];

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && (error.name === "NotFound" || error.name === "NotFoundError");

/** Every `.ckpt` file under the paths, each once, in the order of names. */
export async function discover(
  paths: readonly string[],
  host: Pick<Host, "readDir" | "readFile">,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const given of paths) {
    const path = given.length > 1 ? given.replace(/\/+$/, "") : given;
    found.push(...await under(path, host));
  }
  return [...new Set(found)];
}

async function under(
  path: string,
  host: Pick<Host, "readDir" | "readFile">,
): Promise<readonly string[]> {
  const entries = await folder(path, host);
  if (entries === undefined) {
    if (!path.endsWith(".ckpt")) throw new UsageError(`'${path}' is no .ckpt file and no folder`);
    return [path];
  }
  const found: string[] = [];
  for (const entry of [...entries].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const inner = path === "." ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory && !entry.name.startsWith(".")) found.push(...await under(inner, host));
    else if (!entry.isDirectory && entry.name.endsWith(".ckpt")) found.push(inner);
  }
  return found;
}

/** The entries of a folder; nothing for a file. */
async function folder(path: string, host: Pick<Host, "readDir" | "readFile">) {
  try {
    return await host.readDir(path);
  } catch (error) {
    if (isNotFound(error)) throw new UsageError(`there is no file or folder '${path}'`);
  }
  try {
    await host.readFile(path);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot read '${path}': ${reason}`);
  }
}

/** Which cells are wanted. */
export interface Choice {
  /** A text the id contains, or `/pattern/`. */
  readonly filter: string | undefined;
  /** `smoke,-slow`: any of the plain ones, none of those with a minus. */
  readonly tags: string | undefined;
  /** `n=4,proto=flush_markers`: these values of the case, whatever the others are. */
  readonly cases?: string | undefined;
}

/** A test on cell ids. */
export function idTest(filter: string | undefined): (id: string) => boolean {
  if (filter === undefined) return () => true;
  const pattern = /^\/(.+)\/([imsu]*)$/s.exec(filter);
  if (pattern === null) return (id) => id.includes(filter);
  try {
    const expression = new RegExp(pattern[1] ?? "", pattern[2]);
    return (id) => expression.test(id);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--filter ${filter}: ${reason}`);
  }
}

/** A test on tags. */
export function tagTest(tags: string | undefined): (given: readonly string[]) => boolean {
  const words = (tags ?? "").split(",").map((word) => word.trim().replace("@", ""));
  const wanted = words.filter((word) => word !== "" && !word.startsWith("-"));
  const unwanted = words.filter((word) => word.startsWith("-")).map((word) => word.slice(1));
  if (tags !== undefined && wanted.length + unwanted.length === 0) {
    throw new UsageError(`--tag takes tags such as smoke,-slow, not '${tags}'`);
  }
  return (given) =>
    !unwanted.some((tag) => given.includes(tag)) &&
    (wanted.length === 0 || wanted.some((tag) => given.includes(tag)));
}

const tight = (text: string): string => text.replaceAll(/\s+/g, "");

/** A test on the values of cases; commas inside braces and brackets belong to a value. */
export function caseTest(cases: string | undefined): (row: Plan["row"]) => boolean {
  if (cases === undefined) return () => true;
  const wanted = tight(cases).split(/,(?=\w+=)/).map((pair) => {
    const [, name, value] = /^(\w+)=(.+)$/s.exec(pair) ?? [];
    if (name !== undefined && value !== undefined) return [name, value] as const;
    throw new UsageError(`--cases takes values such as n=4,proto=cls_flush, not '${cases}'`);
  });
  return (row) =>
    wanted.every(([name, value]) =>
      row.some(([key, given]) => key === name && tight(given) === value)
    );
}

/** The cells of a scenario that are wanted. */
export function chosen(scenario: FoundScenario, choice: Choice): readonly Plan[] {
  if (!tagTest(choice.tags)(scenario.tags)) return [];
  const isNamed = idTest(choice.filter);
  const isCase = caseTest(choice.cases);
  return scenario.plans.filter((plan) => isNamed(plan.id) && isCase(plan.row));
}

/** A scenario that is not run, and the word that says why. */
export interface LeftOut {
  readonly scenario: FoundScenario;
  readonly because: "skip" | "todo" | "only";
}

/** Scenarios that are left out whatever is chosen: skipped, still to do, or beside an `only`. */
export function leftOut(all: readonly FoundScenario[]): readonly LeftOut[] {
  const narrowed = all.some(({ mode }) => mode === "only");
  return all.flatMap((scenario): readonly LeftOut[] => {
    const { mode } = scenario;
    if (mode === "skip" || mode === "todo") return [{ scenario, because: mode }];
    return narrowed && mode !== "only" ? [{ scenario, because: "only" }] : [];
  });
}
