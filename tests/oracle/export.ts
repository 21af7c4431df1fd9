/**
 * Programs frozen into executables at random instruction counts, started under qemu-sh4 and by the
 * kernel here: each must print the rest of the output and end with the same code.
 *
 * usage: export.ts CACHE [--points N] [--only NAME] [--jit on|off|verify] [--hot N] [--jobs N]
 */
import { parseArgs } from "@std/cli/parse-args";
import { RandomStream } from "../../core/base/random.ts";
import { exportImage } from "../../core/mod.ts";
import {
  comparable,
  compiledCases,
  GUEST_CASES,
  moreProgramCases,
  OTHER_GUEST_CASES,
  programCases,
  tinyCases,
} from "./cases.ts";
import { close, enginesOf, newReport, PART_FLAGS, type Report, runParts } from "./parts.ts";
import {
  type Case,
  delicatePoints,
  imageAt,
  type Outcome,
  problemText,
  runHere,
  runUnderQemu,
} from "./runner.ts";

const args = parseArgs(Deno.args, {
  string: ["points", "only", ...PART_FLAGS],
  default: { points: "10" },
});
const engine = enginesOf(args);
const cache = String(args._[0] ?? ".cache");
const points = Number(args.points);
if (!(points >= 1)) throw new Error(`--points: expected a number from 1 but found ${args.points}`);

/** What is left of a program's outcome after so many bytes. */
const rest = ({ code, output, error }: Outcome, counts: Readonly<Record<string, number>>) => ({
  code,
  output: output.slice(counts["output"]),
  error: error.slice(counts["error"]),
});

function compare(
  report: Report,
  each: Case,
  name: string,
  expected: Outcome,
  found: Outcome,
): void {
  const text = ({ code, output, error }: Outcome) =>
    `exit ${code}, output ${JSON.stringify(comparable(output, each))}, error ${
      JSON.stringify(comparable(error, each))
    }`;
  const [wanted, got] = [text(expected), text(found)];
  if (wanted === got) {
    report.passed++;
    return;
  }
  report.failed++;
  const end = (long: string) => long.slice(0, 40) + "…" + long.slice(-400);
  report.lines.push(`FAILED ${name}\n  expected ${end(wanted)}\n  found    ${end(got)}`);
}

/** Freezes a program at one point and starts what comes of it twice. */
function runPoint(each: Case, at: number, whole: Outcome, folder: string, report: Report): number {
  const image = imageAt(each, at, engine);
  const { bytes, inputTaken } = exportImage(image, Deno.readFileSync(each.file));
  const file = `${folder}/frozen-${at}.elf`;
  Deno.writeFileSync(file, bytes, { mode: 0o755 });
  const { mounts = [] } = each;
  const frozen = {
    name: each.name,
    file,
    input: (each.input ?? new Uint8Array(0)).slice(inputTaken),
    mounts,
  };
  const expected = rest(whole, { ...image.manifest.process.files.console } as never);
  const under = `${each.name} at ${at}, under qemu-sh4`;
  compare(report, each, under, expected, runUnderQemu(frozen));
  const here = runHere(frozen, { engine });
  compare(report, each, `${each.name} at ${at}, here`, expected, here.outcome);
  return bytes.length;
}

function runCase(each: Case): Report {
  const report = newReport();
  const { outcome, instructions } = runHere(each, { engine });
  const random = RandomStream.of(1, "export", each.name);
  const folder = Deno.makeTempDirSync();
  const sizes: number[] = [];
  const drawn = Array.from({ length: points }, () => random.below(Math.max(1, instructions)));
  const more = each.isDelicate === true ? delicatePoints(each, instructions, engine) : [];
  for (const at of [...drawn, ...more]) {
    try {
      sizes.push(runPoint(each, at, outcome, folder, report));
    } catch (error) {
      report.failed++;
      report.lines.push(`FAILED ${each.name} at ${at}: ${problemText(error)}`);
    }
  }
  Deno.removeSync(folder, { recursive: true });
  const range = sizes.length === 0 ? "" : `: ${Math.min(...sizes)} to ${Math.max(...sizes)} bytes`;
  report.lines.push(
    `${each.name}, ${sizes.length} of ${drawn.length + more.length} exported${range}`,
  );
  return report;
}

const { only = "" } = args;
const files = Deno.makeTempDirSync();
const cases = [
  ...GUEST_CASES,
  ...OTHER_GUEST_CASES,
  ...tinyCases(files),
  ...compiledCases(cache, files),
  ...programCases(cache),
  ...moreProgramCases(cache, files),
];
const wanted = cases.filter(({ name }) => name.includes(only));
close(
  await runParts({
    script: import.meta.url,
    flags: args,
    count: wanted.length,
    run: (index) => runCase(wanted[index] as Case),
  }),
);
