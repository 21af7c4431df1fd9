/** `exec --ranks` at work: one program as several processes, with the real output streams. */
import {
  ElfError,
  LabError,
  type RankEnd,
  type RanksEnd,
  type RanksEvent,
  RanksRun,
  type Registry,
  StrategyError,
  type WorkerSupply,
} from "../core/mod.ts";
import { asLine, readProgram, Trouble, writeStream } from "./exec_host.ts";
import type { RanksRequest } from "./exec_ranks_flags.ts";
import { EXIT } from "./exit.ts";
import type { Host } from "./host.ts";
import { formatNs } from "./units.ts";

const several = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** Ranks in words: `rank 2`, `ranks 0, 1, 3`. */
const named = (ranks: readonly number[]): string =>
  `${ranks.length === 1 ? "rank" : "ranks"} ${ranks.join(", ")}`;

/** Where each rank went back to, those that went to the same checkpoint together. */
function wayBack(from: Extract<RanksEvent, { event: "restarted" }>["from"]): string {
  const labels = new Set(from.map(({ label }) => label));
  const parts = [...labels].map((label) => {
    const there = from.filter((each) => each.label === label).map(({ rank }) => rank);
    const where = label === undefined ? "the beginning" : `checkpoint ${label}`;
    return `${named(there)} to ${where}`;
  });
  return parts.join("; ");
}

function eventText(event: RanksEvent): string {
  switch (event.event) {
    case "committed":
      return `checkpoint ${event.label} of ${formatNs(event.requestedNs)}: whole at ` +
        `${formatNs(event.atNs)}, ${several(event.ranks, "rank")}, ${event.bytes} bytes, ` +
        several(event.messages, "message");
    case "aborted":
      return `checkpoint ${event.label}: given up, ${event.why}`;
    case "unfinished":
      return `checkpoint ${event.label}: was not whole before the end`;
    case "too late":
      return `no ${event.step.what} at ${formatNs(event.step.atNs)}: all ranks had ended`;
    case "restarted":
      return `crash at ${formatNs(event.atNs)}: back go ${wayBack(event.from)}`;
  }
}

/** Why there is no exit code of the program's. */
function stopText(end: RanksEnd, run: RanksRun, request: RanksRequest): string {
  switch (end) {
    case "ended":
      return "";
    case "interrupted":
      return `stopped: interrupted at ${formatNs(run.endedNs)}\n`;
    case "time":
      return `stopped: the ranks did not end within ${formatNs(request.mostNs)} (--max-time)\n`;
    case "waits for ever": {
      const waiting = run.ranks.filter(({ exitCode }) => exitCode === undefined)
        .map(({ rank, waits }) => `  rank ${rank} waits in ${waits.join(" and in ")}\n`);
      return "deadlock: no message is under way, and nobody can go on\n" +
        waiting.join("");
    }
  }
}

/** Exit codes of the ends that are not the program's own. */
const CODES = {
  "waits for ever": EXIT.unknown,
  time: EXIT.unknown,
  interrupted: EXIT.interrupted,
} as const satisfies Partial<Record<RanksEnd, number>>;

const plainly = (value: unknown): string => String(value);

function statsText({ world, endedNs }: RanksRun): string {
  const ask = (name: string) => plainly(world.clusterMetric(name));
  const instructions = world.setup.processes.reduce((sum, each) => sum + each.instructions, 0);
  const rows: readonly (readonly [string, string])[] = [
    ["instructions", String(instructions)],
    ["virtual time", `${(endedNs / 1e9).toFixed(6)} s`],
    ["messages", ask("messages")],
    ["messages read", ask("delivered")],
    ["in flight", ask("in_flight")],
    ["control messages", ask("control_messages")],
    ["control bytes", ask("control_bytes")],
    ["checkpoints", ask("checkpoints")],
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)} ${value}\n`).join("");
}

function report(end: RanksEnd, run: RanksRun, request: RanksRequest, host: Host): void {
  const unknown = (each: RankEnd) =>
    each.unknownCalls.map((call) => `rank ${each.rank}: ${call}\n`);
  const deaths = run.ranks.flatMap(({ rank, death }) =>
    death === undefined ? [] : [`rank ${rank}: ${death}\n`]
  );
  const lines = [
    ...run.ranks.flatMap(unknown),
    ...deaths,
    ...request.stats ? [statsText(run)] : [],
    stopText(end, run, request),
  ];
  host.stderr(lines.join(""));
}

async function carryOut(
  request: RanksRequest,
  host: Host,
  strategies: Registry,
  supply: WorkerSupply,
): Promise<number> {
  const { program, environment, workers, protocol } = request;
  const run = new RanksRun({
    ...request,
    program: {
      path: program,
      executable: readProgram(program, "name a program built for SH-4"),
      args: request.args,
      environment: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    },
    strategies,
    supply,
    ...(workers === undefined ? {} : { workers }),
    ...(protocol === undefined ? {} : { protocol }),
    interrupted: () => host.interrupted?.() === true,
    output: ({ stream, bytes }) => writeStream(stream, bytes),
    onEvent: (event) => host.stderr(`${eventText(event)}\n`),
  });
  try {
    const end = await run.run();
    report(end, run, request, host);
    if (end !== "ended") return CODES[end];
    return run.ranks.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? EXIT.holds;
  } finally {
    run.close();
  }
}

/** The code of a mistake that is told in one line, or nothing for one of ours. */
function codeOf(error: unknown): number | undefined {
  if (error instanceof Trouble) return error.code;
  if (error instanceof ElfError) return EXIT.script;
  if (error instanceof StrategyError) return EXIT.plugin;
  return error instanceof LabError ? EXIT.script : undefined;
}

/** Runs a program as several ranks; their exit code, or that of what went wrong. */
export const ranksWith =
  (strategies: Registry, supply: WorkerSupply) =>
  async (request: RanksRequest, host: Host): Promise<number> => {
    try {
      return await carryOut(request, host, strategies, supply);
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined) throw error;
      host.stderr(`error: ${asLine(error)}\n`);
      return code;
    }
  };
