/** `doctor`: whether this installation can do what it should, found out by doing it. */
import { type Jit, JITS } from "../../core/mod.ts";
import { CellPool } from "../cell_pool.ts";
import { DEFAULT_PATHS } from "../discover.ts";
import { EXIT, exitCode } from "../exit.ts";
import { type Command, UsageError } from "../flags.ts";
import type { Host } from "../host.ts";
import { load } from "../load.ts";
import type { Plan } from "../plan.ts";
import { runCell } from "../run.ts";
import { JSON_FLAG } from "./scripts.ts";

/** What a check came to: a warning is something that some commands will miss. */
interface Finding {
  readonly state: "good" | "warning" | "bad";
  readonly text: string;
  /** The exit code, when it is bad. */
  readonly exit?: number;
}

/** One row: what is looked at. */
interface Check {
  readonly name: string;
  readonly look: (host: Host) => Promise<Finding> | Finding;
}

/** A world with all there is: several processes, messages, a global checkpoint, a crash. */
const SCRIPT = `ckpt 1
scenario "doctor" {
  node n[2]
  proc p[2] on n runs ring { laps: 20 }
  at 1ms   checkpoint all as g
  until p.exited
  expect p.exited
  expect p.output == undisturbed.p.output
}
`;

const FILE = "doctor.ckpt";
const MAX_TIME_NS = 60_000_000_000;

async function planOf(host: Host): Promise<Plan> {
  const options = {
    vocabulary: host.vocabulary,
    overrides: { values: new Map(), used: new Set<string>() },
  };
  const bytes = new TextEncoder().encode(SCRIPT);
  const { scenarios } = await load(FILE, () => Promise.resolve(bytes), options);
  const plan = scenarios[0]?.plans[0];
  if (plan === undefined) throw new Error("the scenario of doctor cannot be read");
  return plan;
}

/** The digests of a run in this thread. */
async function hashes(host: Host, jit: Jit): Promise<string> {
  const { makeLab } = host;
  const running = {
    makeLab,
    jit,
    maxTimeNs: MAX_TIME_NS,
    interrupted: () => false,
  };
  const result = await runCell(await planOf(host), running);
  return [result.verdict, ...result.worlds.map(({ traceHash }) => traceHash)].join(" ");
}

async function determinism(host: Host): Promise<Finding> {
  const first = await hashes(host, "on");
  for (const jit of [...JITS, "on"] as const) {
    const again = await hashes(host, jit);
    if (again === first) continue;
    const text = `the same world ended with ${first}, then with --jit ${jit} with ${again}`;
    return { state: "bad", text, exit: EXIT.nondeterminism };
  }
  const held = first.startsWith("holds ");
  const text = `${JITS.length + 2} runs of one world by every engine: ${first}`;
  return held ? { state: "good", text } : { state: "bad", text, exit: EXIT.failed };
}

/** A Worker begins and answers; what it says of a script that is not there shows that it looked. */
async function workers(host: Host): Promise<Finding> {
  const { cellWorker } = host;
  if (cellWorker === undefined) return { state: "warning", text: "there are none: --jobs 1" };
  const orders = [{ file: FILE, id: "nothing", twice: false }];
  const batch = { jit: "on", maxTimeNs: MAX_TIME_NS, set: [], asked: {}, trace: "never" } as const;
  const listener = { begun: () => {}, ended: () => {} };
  const pool = new CellPool(
    { make: cellWorker, isIsolated: false, host },
    1,
    orders,
    batch,
    listener,
  );
  try {
    await pool.run(0);
    return { state: "bad", text: "a Worker ran a cell that is not there", exit: EXIT.internal };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes("there is no cell nothing")) {
      return { state: "good", text: `they begin and answer; ${host.cores} processors` };
    }
    return { state: "bad", text: message, exit: EXIT.worker };
  } finally {
    pool.end();
  }
}

const CHECKS: readonly Check[] = [
  {
    name: "versions",
    look: ({ version, platform }) => {
      const others = Object.entries(platform).map(([name, text]) => `${name} ${text}`);
      return { state: "good", text: [`ckptlab ${version}`, ...others].join(", ") };
    },
  },
  {
    name: "parts",
    look: ({ vocabulary: { checkpointers, protocols, workloads } }) => ({
      state: "good",
      text: `${checkpointers.length} checkpointers, ${protocols.length} protocols, ` +
        `${workloads.length} workloads`,
    }),
  },
  {
    name: "reading",
    look: async ({ readDir }) => {
      const [path = "."] = DEFAULT_PATHS;
      try {
        await readDir(path);
        return { state: "good", text: `${path}/ can be read` };
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return { state: "warning", text: `${path}/ cannot be read: ${why}` };
      }
    },
  },
  {
    name: "writing",
    look: ({ cannotWrite }) => {
      const why = cannotWrite(".ckpt/out/last.ndjson");
      if (why === undefined) return { state: "good", text: "recordings go to .ckpt/out" };
      return { state: "warning", text: `no recordings: .ckpt/out cannot be written: ${why}` };
    },
  },
  { name: "Workers", look: workers },
  { name: "determinism", look: determinism },
];

const SIGNS = { good: "✓", warning: "?", bad: "✗" } as const;

export const doctorCommand: Command = {
  name: "doctor",
  usage: "",
  help: "Looks whether this installation can do what it should: versions, permissions, Workers, " +
    "and that a world does the same on this host whatever runs it.",
  flags: [JSON_FLAG],
  run: async (given, host) => {
    if (given.rest.length > 0) throw new UsageError("doctor takes no arguments");
    const found = [];
    for (const { name, look } of CHECKS) {
      const finding = await look(host);
      found.push({ name, ...finding });
      if (given.on("json")) continue;
      host.stdout(`${SIGNS[finding.state]} ${name.padEnd(12)} ${finding.text}\n`);
    }
    const exit = exitCode(found.flatMap(({ state, exit = 1 }) => state === "bad" ? [exit] : []));
    if (given.on("json")) {
      const checks = found.map(({ name, state, text }) => ({ name, state, text }));
      host.stdout(JSON.stringify({ version: 1, exit, checks }, undefined, 2) + "\n");
    }
    return exit;
  },
};
