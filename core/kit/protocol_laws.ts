/**
 * The laws of protocols: every order of events in small worlds by the explorer, and real programs in
 * the lab that are checkpointed, crashed and restarted.
 */
import type { Protocol } from "../cluster/protocol.ts";
import {
  casesOf,
  caseText,
  explore,
  type ExploreScope,
  moveScopesOf,
  replayScript,
  STANDARD_SCOPES,
  type ViolationKind,
} from "../lab/explorer.ts";
import { type Found, law, type LawId, type Subject } from "./law.ts";
import { jobScript, type JobTrial, runJob, TRIALS } from "./job_trial.ts";
import { attempted } from "./variants.ts";

type Row = Subject<"protocols">;

/**
 * The worlds of the kit. Three processes of which one ends or fails, or waits in vain, take longer than
 * all others together: the command `explore` goes through them too.
 */
const SCOPES: readonly ExploreScope[] = STANDARD_SCOPES.filter((
  { processes, exits = 0, crashes = 0, kills = 0, timeouts = 0 },
) => processes < 3 || exits + crashes + kills + timeouts < 1);

/**
 * The worlds for a protocol that polls, which has some twenty times as many states in each: one thing
 * happens at a time.
 */
const POLLED: readonly ExploreScope[] = [
  {},
  { joins: 1 },
  { requests: 2 },
  { exits: 1 },
  { kills: 1 },
  { crashes: 1 },
  { timeouts: 1 },
  { restarts: 1 },
  { failures: 1 },
].map((events) => ({ processes: 2, messages: 1, ...events }));

/**
 * The worlds for a protocol in which one process asks those on whom it depends: they are larger by who
 * is asked, so two requests meet only where there is one message each. Three processes, which it takes
 * for one that is asked to have to ask another, come early: that is quick.
 */
const ASKED: readonly ExploreScope[] = [
  { processes: 2, messages: 1 },
  { processes: 3, messages: 1 },
  ...[
    { requests: 2 },
    { requests: 2, timeouts: 1 },
    { failures: 1 },
    { exits: 1 },
    { requests: 2, kills: 1 },
    { requests: 2, crashes: 1 },
    { joins: 1 },
  ].map((events) => ({ processes: 2, messages: 1, ...events })),
  { processes: 2, messages: 2 },
  { processes: 3, messages: 1, requests: 2 },
];

/**
 * Without a manager each request is one to every process, and what they do about it is as manifold: two
 * are asked for only where there is one message each. Where each message has control messages of its
 * own, one and none.
 */
function usualScopes(row: Protocol): readonly ExploreScope[] {
  const { manager, messageCost, perRound, recovery, tentative } = row;
  if (perRound !== undefined) return POLLED;
  if (tentative === true) return ASKED;
  if (manager !== undefined) return SCOPES;
  const most = messageCost === undefined ? 2 : 1;
  const scopes = recovery === "alone" ? [LOST, ...SCOPES] : SCOPES;
  return scopes.map((scope) => {
    const { processes, messages, requests = 1 } = scope;
    const isSmall = processes * messages <= 2;
    return { ...scope, requests: Math.min(requests, isSmall ? most : most - 1) };
  });
}

/** Somebody who comes back alone has to receive from two in the order it had. */
const LOST: ExploreScope = { processes: 3, messages: 1, crashes: 1 };

/** What it takes part in comes first: that is quick. */
const kitScopes = (row: Protocol): readonly ExploreScope[] => [
  ...moveScopesOf(row),
  ...usualScopes(row),
];

/** Which violations of the explorer break which law. */
const KINDS = {
  L5: ["orphan"],
  L6: ["lost", "incomplete"],
  L7: ["deadlock", "broken"],
  L8: ["abort"],
  L11: ["cost"],
} as const satisfies Partial<Record<LawId, readonly ViolationKind[]>>;

/** Rows whose every exploration was clean: no law needs to look again. */
const CLEAN = new WeakSet<Protocol>();

/** A shortest way to a violation of these kinds, in any of the worlds. */
function explored({ row, plugin }: Row, id: keyof typeof KINDS): Found {
  if (CLEAN.has(row)) return undefined;
  let isClean = true;
  for (const given of kitScopes(row).flatMap((scope) => casesOf({ ...scope, ...row.requires }))) {
    const any = explore(row, given);
    if (any.counterExample === undefined) continue;
    isClean = false;
    const { counterExample } = explore(row, given, { kinds: KINDS[id] });
    if (counterExample === undefined) continue;
    const { violation, steps } = counterExample;
    const use = plugin.url === "" ? "" : `use ${JSON.stringify(plugin.url)} as ${plugin.alias}\n`;
    const name = plugin.url === "" ? row.name.slice(plugin.alias.length + 1) : row.name;
    const script = replayScript(counterExample, name).replace("ckpt 1\n", `ckpt 1\n${use}`);
    const way = steps.map(({ text }) => text).join("; ");
    const message = `${violation.kind}: ${violation.message} (${caseText(given)}: ${way})`;
    return { message, script };
  }
  if (isClean) CLEAN.add(row);
  return undefined;
}

/** Real programs in the lab. */
async function inTheLab(
  { row, plugin, bench }: Row,
  trials: readonly JobTrial[],
  judge: (found: Awaited<ReturnType<typeof runJob>>) => string | undefined,
): Promise<Found> {
  for (const trial of trials) {
    const strategy = { name: row.name, options: defaultsOf(row) };
    const message = await attempted(async () => {
      const undisturbed = { ...trial, crashAt: undefined };
      const twin = await runJob(bench.world(trial.seed, [plugin]), undisturbed);
      const found = await runJob(bench.world(trial.seed, [plugin]), trial, strategy);
      if (found.ends === twin.ends) return judge(found);
      return judge(found) ?? `the programs end as ${found.ends}, undisturbed as ${twin.ends}`;
    });
    if (message !== undefined) return { message, script: jobScript(plugin, row, trial) };
  }
  return undefined;
}

const defaultsOf = (row: Protocol) =>
  Object.fromEntries(Object.entries(row.options).map(([name, one]) => [name, one.default]));

const orderOf = (row: Protocol) => (trial: JobTrial): JobTrial => ({
  ...trial,
  order: row.requires.order,
});

const transparency = law({
  id: "L1",
  kind: "protocols",
  level: "safe",
  tries:
    "Programs that exchange messages write and return what they do undisturbed when they are " +
    "checkpointed twice, and two runs leave one trace.",
  check: async (subject) => {
    const trials = TRIALS.map(orderOf(subject.row)).map((one) => ({ ...one, crashAt: undefined }));
    const hashes = new Map<number, string>();
    return await inTheLab(
      subject,
      [...trials, ...trials.slice(0, 1)],
      ({ committed, hash, seed }) => {
        const before = hashes.get(seed) ?? hash;
        hashes.set(seed, hash);
        if (before !== hash) return `the same run twice leaves the traces ${before} and ${hash}`;
        return committed === 0 ? "no checkpoint was committed" : undefined;
      },
    );
  },
});

const orphans = law({
  id: "L5",
  kind: "protocols",
  level: "recoverable",
  tries: "No line has a message that was received and not sent, in every order of events.",
  check: (subject) => explored(subject, "L5"),
});

const conservation = law({
  id: "L6",
  kind: "protocols",
  level: "recoverable",
  tries:
    "Of every line what was sent was received or is in it, and all its parts are durable, in " +
    "every order of events; and after a crash and a restart programs end as undisturbed.",
  check: async (subject) =>
    explored(subject, "L6") ??
      await inTheLab(subject, TRIALS.map(orderOf(subject.row)), ({ lost, orphans, duplicated }) =>
        lost + orphans + duplicated === 0
          ? undefined
          : `${lost} messages lost, ${orphans} orphaned, ${duplicated} twice`),
});

const termination = law({
  id: "L7",
  kind: "protocols",
  level: "safe",
  tries:
    "Every checkpoint is answered and nobody is held for ever, in every order of events, with " +
    "processes that end, begin or crash.",
  check: (subject) => explored(subject, "L7"),
});

const abort = law({
  id: "L8",
  kind: "protocols",
  level: "certified",
  tries: "A checkpoint is given up only when something has failed, and the next is as the first.",
  check: (subject) => explored(subject, "L8"),
});

const costs = law({
  id: "L11",
  kind: "protocols",
  level: "safe",
  tries:
    "Control messages of each kind are exactly those declared, in whole rounds where it polls.",
  check: (subject) => explored(subject, "L11"),
});

/** The laws of protocols. */
export const PROTOCOL_LAWS = [
  transparency,
  orphans,
  conservation,
  termination,
  abort,
  costs,
] as const;
