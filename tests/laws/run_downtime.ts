/**
 * Downtime of `tlb-cow-plus` against stopping, over writers drawn at random (downtime.ts): what it
 * gains, the least of it, and what each of its parts buys.
 *
 * usage: deno task downtime [--from 1] [--count 200] [--parts]
 */
import { parseArgs } from "@std/cli/parse-args";
import { again, type Gain, gainsOf, LEAST, stoppedOf, VARIANTS, writerCase } from "./downtime.ts";

const USAGE = "usage: deno task downtime [--from 1] [--count 200] [--parts]";

function refuse(why: string): never {
  console.error(`downtime: ${why}; ${USAGE}`);
  Deno.exit(2);
}

const args = parseArgs(Deno.args.filter((word) => word !== "--"), {
  string: ["from", "count"],
  boolean: ["parts"],
  default: { from: "1", count: "200" },
  unknown: (word) => refuse(`there is no ${word}`),
});

function numberOf(name: "from" | "count"): number {
  const value = Number(args[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  return refuse(`--${name} is a whole number from 1, not '${args[name]}'`);
}

const percent = (value: number): string => `${(100 * value).toFixed(2)} %`.padStart(9);

function tell(what: string, gains: readonly Gain[]): void {
  const mean = (read: (gain: Gain) => number) =>
    gains.reduce((sum, gain) => sum + read(gain), 0) / gains.length;
  const least = (read: (gain: Gain) => number) => Math.min(...gains.map(read));
  console.log(
    `${what.padEnd(32)} PRDT ${percent(mean(({ prdt }) => prdt))}, least ` +
      `${percent(least(({ prdt }) => prdt))} (lean ${
        percent(least(({ lean }) => lean))
      }), honest ` +
      `${percent(mean(({ honest }) => honest))}, pause ${percent(mean(({ pause }) => pause))}`,
  );
}

function main(): number {
  const from = numberOf("from"), count = numberOf("count");
  const cases = Array.from({ length: count }, (_, n) => {
    const each = writerCase(from + n);
    return { each, stopped: stoppedOf(each) };
  });
  let bad = 0;
  for (const [name, given] of Object.entries(VARIANTS).slice(0, args.parts ? undefined : 1)) {
    const all = cases.map(({ each, stopped }) => ({ each, gains: gainsOf(each, given, stopped) }));
    ["first", "second"].forEach((which, n) =>
      tell(`${name}, ${which} checkpoint`, all.map(({ gains }) => gains[n] as Gain))
    );
    if (Object.keys(given).length > 0) continue;
    for (const { each, gains } of all) {
      for (const { prdt, writeFaults } of gains) {
        if (count === 1) {
          console.log(`${JSON.stringify(each)} ${percent(prdt)} ${writeFaults} faults`);
        }
        if (prdt >= LEAST) continue;
        bad++;
        console.log(`less than ${percent(LEAST)}: ${percent(prdt)}, ${again(each)}`);
      }
    }
  }
  return bad === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(main());
