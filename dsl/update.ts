/** `run --update`: runs what claims fingerprints, and writes what they are into the scripts. */
import { type Flag, type Given, UsageError } from "./flags.ts";
import { type Change, changesOf, goldensOf, rewritten } from "./golden.ts";
import type { Host } from "./host.ts";
import { plural } from "./reporters/text.ts";
import type { Job, Session } from "./session.ts";
import { placeOf } from "./source.ts";

export const UPDATE_FLAG: Flag = {
  name: "update",
  short: "u",
  help: "First write what fingerprints are now into the scripts that compare them with a text, " +
    "where all else holds. Refused where CI is set. 'deno task update' may write scripts.",
};

/** What gives runs that are not the ones the script states. */
const SWITCHES = ["watch", "dry-run"];
const VALUES = ["seed", "set", "shard", "changed", "bail", "max-time", "max-events"];

/** Refuses `--update` where it would write what nobody has looked at, or what is not the script's. */
export function checkUpdate(given: Given, host: Host): void {
  if (!given.on(UPDATE_FLAG.name)) return;
  if ((host.environment["CI"] ?? "") !== "") {
    throw new UsageError(
      "--update is refused where CI is set: run it where somebody looks at what changes",
    );
  }
  const other = SWITCHES.find((name) => given.on(name)) ??
    VALUES.find((name) => given.text(name) !== undefined);
  if (other !== undefined) throw new UsageError(`--update and --${other} exclude each other`);
}

/** Runs the scenarios with golden claims and rewrites these; false when it was interrupted. */
export async function update(
  jobs: readonly Job[],
  host: Host,
  newSession: (jobs: readonly Job[]) => Session,
): Promise<boolean> {
  const golden = jobs.filter((job) => goldensOf(job).length > 0);
  if (golden.length === 0) {
    host.stderr("update: no claim compares a fingerprint with a text\n");
    return true;
  }
  for (const { file } of golden) {
    const why = host.cannotWrite(file);
    if (why !== undefined) throw new UsageError(`--update: cannot write '${file}': ${why}`);
  }
  const count = golden.reduce((sum, { plans }) => sum + plans.length, 0);
  host.stderr(`update: running ${plural(count, "cell")} with fingerprints\n`);
  const session = newSession(golden);
  await session.run();
  if (session.interrupted) return false;
  const changes = golden.flatMap((job, n) => {
    const result = session.results[n];
    return result === undefined ? [] : changesOf(job, result);
  });
  await write(changes, host);
  for (const change of changes) host.stderr(`update: ${toldOf(change)}\n`);
  if (changes.length === 0) host.stderr("update: every fingerprint is as it was\n");
  return true;
}

const toldOf = (change: Change): string => {
  const { golden: { asked, literal: { span, value } } } = change;
  return "text" in change
    ? `${placeOf(span)} ${asked} is ${change.text} now, and was ${JSON.stringify(value)}`
    : `${placeOf(span)} stays as it is: ${change.why}`;
};

/** Each file once, whole or not at all. */
async function write(changes: readonly Change[], host: Host): Promise<void> {
  const wanted = changes.flatMap((change) => "text" in change ? [change] : []);
  const files = Map.groupBy(wanted, ({ golden }) => golden.literal.span.source.name);
  for (const [file, own] of files) {
    const [first] = own;
    if (first === undefined) continue;
    const text = rewritten(await host.readFile(file), first.golden.literal.span.source, own);
    if (text === undefined) throw new UsageError(`--update: '${file}' has changed meanwhile`);
    try {
      await host.replaceFile(file, text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new UsageError(`--update: cannot write '${file}': ${why}`);
    }
  }
}
