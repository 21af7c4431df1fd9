/**
 * Processes that send each other messages: one kernel for each rank, and messages that arrive in the
 * instant they are sent. All kernels show the same time; a run depends on nothing but its arguments.
 */
import { exitCode, reportDeath } from "../../../core/kernel/death.ts";
import { Console } from "../../../core/kernel/files/console.ts";
import { Kernel } from "../../../core/kernel/kernel.ts";
import type { SpawnOptions } from "../../../core/kernel/options.ts";
import type { Process } from "../../../core/kernel/process.ts";
import { SYSTEM_CALLS } from "../../../core/kernel/syscalls/table.ts";
import { Machine } from "../../../core/machine/machine.ts";

/** Cycles each kernel runs before it is the next one's turn. */
const SLICE = 10_000;
/** Cycles after which ranks that still run are taken for an endless loop. */
const MOST_CYCLES = 2_000_000_000;

/** One rank: its kernel, its process, and what it has written to both output streams. */
export interface Rank {
  readonly kernel: Kernel;
  readonly process: Process;
  readonly output: () => string;
}

/** How the machines of all ranks are made; small and fast by default. */
export interface RankOptions {
  /** Bytes of memory of each machine. */
  readonly ramBytes?: number;
  readonly clockHz?: number;
  readonly spawn?: Partial<SpawnOptions>;
}

function startRank(
  rank: number,
  size: number,
  executable: Uint8Array,
  args: readonly string[],
  options: RankOptions,
): Rank {
  const kernel = new Kernel({
    machine: new Machine({ ramBytes: options.ramBytes ?? 8 * 2 ** 20 }),
    seed: rank,
    clockHz: options.clockHz ?? 1_000_000,
    costs: { tlbMiss: 10, trap: 30, syscall: 20 },
    quantum: 1000,
  });
  const decoder = new TextDecoder();
  let output = "";
  const sink = (_stream: string, bytes: Uint8Array) => {
    output += decoder.decode(bytes, { stream: true });
  };
  const process = kernel.spawn({
    path: "/program",
    executable,
    args,
    console: new Console({ sink }),
    endpoint: { rank, size, nodeName: `node${rank}` },
    ...options.spawn,
  });
  return { kernel, process, output: () => output };
}

/** Ends every rank but one that has not ended, as a cluster does when one of them gives up. */
function endOthers(ranks: readonly Rank[], but: Rank, code: number): void {
  for (const rank of ranks) {
    if (rank !== but && rank.process.exit === undefined) rank.kernel.exit(rank.process, code);
  }
}

/** Makes every message arrive at once, and an abort end all. */
export function connect(ranks: readonly Rank[]): void {
  for (const rank of ranks) {
    const { endpoint } = rank.process;
    endpoint.onSend = (message) => ranks[message.to]?.process.endpoint.deliver(message);
    endpoint.onAbort = (code) => endOthers(ranks, rank, code);
  }
}

/**
 * `n` ranks, connected and ready to run: of one program, or each of its own. `args` are argv[1] and
 * on.
 */
export function startRanks(
  executable: Uint8Array | ((rank: number) => Uint8Array),
  args: readonly string[],
  n: number,
  options: RankOptions = {},
): Rank[] {
  const program = executable instanceof Uint8Array ? () => executable : executable;
  const ranks = Array.from(
    { length: n },
    (_, rank) => startRank(rank, n, program(rank), args, options),
  );
  connect(ranks);
  return ranks;
}

/** What a rank that has not ended is doing, for the report of ranks that are stuck. */
function whatItDoes({ process }: Rank): string {
  const { rank, inbox, held } = process.endpoint;
  const calls = process.threads.map(({ id, call }) => {
    if (call === undefined) return `thread ${id} runs`;
    const name = SYSTEM_CALLS.get(call.number)?.name ?? `system call ${call.number}`;
    const [first = 0, second = 0] = call.words; // whom it waits for, and the tag
    return `thread ${id} waits in ${name}(${first | 0}, ${second | 0}, …)`;
  });
  const unread = inbox.map(({ from, tag, bytes }) =>
    `${bytes.length} bytes from ${from} tag ${tag}`
  );
  const rest = unread.length === 0 ? "nothing unread" : `unread: ${unread.join(", ")}`;
  return `rank ${rank}: ${calls.join(", ")}; ${rest}${held ? "; held" : ""}`;
}

/** Runs each rank for a slice. False when nobody can run and no alarm will change that. */
export function runRound(ranks: readonly Rank[]): boolean {
  const until = Math.max(...ranks.map(({ kernel }) => kernel.now)) + SLICE;
  for (const { kernel } of ranks) {
    // A message may have woken a rank before this one: then its turn comes in the next round.
    if (kernel.run(until) !== "time" && kernel.now < until) kernel.advanceTo(until);
  }
  return ranks.some(({ kernel }) => !kernel.atRest);
}

/** Runs until all have ended. Throws when they are stuck, and says who waits for what. */
export function runAll(ranks: readonly Rank[]): void {
  while (ranks.some(({ process }) => process.exit === undefined)) {
    const goesOn = runRound(ranks);
    const left = ranks.filter(({ process }) => process.exit === undefined);
    const endless = left.length > 0 &&
      Math.max(...left.map(({ kernel }) => kernel.now)) >= MOST_CYCLES;
    if (left.length === 0 || goesOn && !endless) continue;
    const what = goesOn ? `still running after ${MOST_CYCLES} cycles` : "stuck";
    throw new Error(`${what}:\n${ranks.map(report).join("\n")}`);
  }
}

/** One line or more on a rank: how it ended, or what it waits for; and what it has written. */
function report(rank: Rank): string {
  const { exit, name, id, endpoint } = rank.process;
  const written = rank.output() === "" ? "" : `\n  output: ${JSON.stringify(rank.output())}`;
  if (exit === undefined) return whatItDoes(rank) + written;
  const how = exit.kind === "exited"
    ? `ended with ${exit.code}`
    : reportDeath(name, id, exit.death);
  return `rank ${endpoint.rank}: ${how}${written}`;
}

/**
 * Runs `n` ranks of one program to their ends: what each has written, and its exit code as a shell
 * would report it. Throws when they are stuck.
 */
export function runRanks(
  executable: Uint8Array,
  args: string[],
  n: number,
): { outputs: string[]; exits: number[] } {
  const ranks = startRanks(executable, args, n);
  runAll(ranks);
  return {
    outputs: ranks.map(({ output }) => output()),
    exits: ranks.map(({ process }) => process.exit === undefined ? -1 : exitCode(process.exit)),
  };
}
