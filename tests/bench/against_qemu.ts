/** Speed against qemu-sh4: the same file, whole process against whole process. */
import type { Sheet } from "./figure.ts";
import type { BenchOptions } from "./options.ts";
import { inTurn } from "./pair.ts";
import { guestPrograms, type PeerProgram, programsOfCache } from "./peer_programs.ts";
import { type Ended, firstDifference, runExec, runProcess } from "./whole_process.ts";

const here = ({ file, args, mounts }: PeerProgram): Ended =>
  // A mount has the name it has on the host, so that the arguments are the same on either side.
  runExec(mounts.flatMap((path) => ["--mount", `${path}=${path}`]), [file, ...args]);

const there = ({ file, args }: PeerProgram): Ended => runProcess("qemu-sh4", [file, ...args]);

/** Both sides in turn; every output is compared with the first. */
function compare(program: PeerProgram, pairs: number, sheet: Sheet): void {
  sheet.progress(`qemu: ${program.name}`);
  let expected: Uint8Array | undefined;
  const timed = (run: (program: PeerProgram) => Ended) => () => {
    const { seconds, output } = run(program);
    expected ??= output;
    const at = firstDifference(expected, output);
    if (at !== undefined) throw new Error(`${program.name}: the outputs differ at byte ${at}`);
    return seconds;
  };
  const { first, second, ratios } = inTurn(pairs, timed(there), timed(here));
  sheet.figure(`${program.name}: speed / qemu-sh4's`, "ratio", ratios);
  sheet.figure(`${program.name}: ckptlab`, "s", second);
  sheet.figure(`${program.name}: qemu-sh4`, "s", first);
}

/** The part; nothing without qemu-sh4. */
export function againstQemu(options: BenchOptions, haveQemu: boolean, sheet: Sheet): void {
  if (!haveQemu) return sheet.skip("the whole part", "qemu-sh4 is not installed");
  const folder = Deno.makeTempDirSync();
  try {
    const programs = [
      ...guestPrograms(options.quick),
      ...programsOfCache(options, folder, sheet),
    ];
    // The first process of a host compiles what the next find compiled; nobody's figure is that.
    runExec([], [programs[0]?.file ?? "", "1"]);
    for (const program of programs) compare(program, options.pairs, sheet);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
