/**
 * Many seeds of `cluster_seeds.ts`, side by side in processes of their own. A protocol on channels
 * it is not made for must be caught: then it is the failure that no seed catches it.
 *
 * usage: deno task seeds [--guest bank,gossip,exits] [--count 2000] [--from 1] [--jobs N]
 *                        [--protocol message-counting] [--order any]
 */
import { parseArgs } from "@std/cli/parse-args";
import { protocols } from "../../plugins/mod.ts";
import {
  addCounts,
  countsInWords,
  failureOf,
  GUESTS,
  newCounts,
  runSeed,
  type SeedCase,
  type SeedOutcome,
} from "./cluster_seeds.ts";
import { sideBySide } from "./side_by_side.ts";

const args = parseArgs(Deno.args.filter((word) => word !== "--"), {
  string: ["guest", "count", "from", "jobs", "protocol", "order", "part"],
  default: {
    guest: GUESTS.join(","),
    count: "2000",
    from: "1",
    jobs: String(navigator.hardwareConcurrency),
    protocol: "message-counting",
    order: "any",
  },
  unknown: (word) => refuse(`there is no ${word}`),
});

function refuse(why: string): never {
  console.error(
    `seeds: ${why}; usage: deno task seeds [--guest ${
      GUESTS.join(",")
    }] [--count 2000] [--from 1] ` +
      "[--jobs N] [--protocol message-counting] [--order any]",
  );
  Deno.exit(2);
}

function numberOf(name: "count" | "from" | "jobs"): number {
  const value = Number(args[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  return refuse(`--${name} is a whole number from 1, not '${args[name]}'`);
}

function cases(): readonly SeedCase[] {
  const { protocol, order } = args;
  const row = protocols.find(({ name }) => name === protocol);
  if (row?.manager === undefined && row?.tentative !== true) {
    refuse(`--protocol is one that coordinates, not '${protocol}'`);
  }
  if (order !== "any" && order !== "fifo") refuse(`--order is any or fifo, not '${order}'`);
  const guests = args.guest.split(",").map((word) =>
    GUESTS.find((guest) => guest === word) ?? refuse(`there is no guest '${word}'`)
  );
  const from = numberOf("from");
  return guests.flatMap((guest) =>
    Array.from(
      { length: numberOf("count") },
      (_, n) => ({ guest, seed: from + n, protocol, order: order as SeedCase["order"] }),
    )
  );
}

async function main(): Promise<number> {
  const all = cases();
  const counts = newCounts();
  const row = protocols.find(({ name }) => name === args.protocol);
  const unfit = row?.requires.order === "fifo" && args.order === "any";
  let bad = 0, done = 0;
  const take = (index: number, outcome: SeedOutcome) => {
    const seedCase = all[index] as SeedCase;
    addCounts(counts, outcome.counts);
    if (outcome.problems.length > 0 && (++bad <= 3 || !unfit)) {
      console.log(failureOf(seedCase, outcome));
    }
    if (++done % 500 === 0) console.log(`… ${done} of ${all.length}`);
  };
  await sideBySide({
    script: new URL(import.meta.url),
    args: Deno.args,
    jobs: Math.min(numberOf("jobs"), all.length),
    take,
  });
  console.log(countsInWords(counts));
  console.log(unfit ? `${bad} caught` : `${done - bad} passed, ${bad} failed`);
  return done === all.length && (unfit ? bad > 0 : bad === 0) ? 0 : 1;
}

if (args.part === undefined) Deno.exit(await main());
const [part, parts] = args.part.split("/").map(Number) as [number, number];
for (const [index, seedCase] of cases().entries()) {
  if (index % parts !== part) continue;
  console.log(JSON.stringify([index, await runSeed(seedCase)]));
}
