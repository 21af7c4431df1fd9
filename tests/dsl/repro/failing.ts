/** Failing runs over the fake lab, and what a run leaves about them. */
import { assert, assertEquals } from "@std/assert";
import { reproText } from "../../../dsl/artefacts/repro.ts";
import { main } from "../../../dsl/cli.ts";
import { renderDiagnostic } from "../../../dsl/diagnostic.ts";
import type { Host } from "../../../dsl/host.ts";
import { load } from "../../../dsl/load.ts";
import { type Bounds, MAX_TIME_NS, runCell } from "../../../dsl/run.ts";
import { fakeHost, noOverrides, VOCABULARY } from "../fake.ts";

/** Files by path. */
export type Files = Readonly<Record<string, string>>;

/** Work that chaos crashes on some seeds, among much that has nothing to do with it. */
export const STORM: Files = {
  "lib/names.ckpt": "ckpt 1\nlet most = 64\nlet idle = 3\n",
  "s.ckpt": `ckpt 1
include "lib/names.ckpt"
scenario "storm" {
  matrix { size in [most, 32] }
  node n[2]
  proc p[3] on n runs matmul { size: size }
  checkpointer concurrent
  channel all { order: "any", latency: 20us..1ms }
  explore { seeds: 1..60, swarm: true, stop_after: 1 }
  chaos {
    crash: { of: p, every: 1ms..60ms, at_most: 2 }
    restart: { after: 1ms..3ms }
    pause: { of: p, every: 1ms..60ms, lasts: 1ms..2ms, at_most: 2 }
  }
  at 1ms       checkpoint all as c
  at 2ms       note "nothing"
  every 20ms   checkpoint p[0]
  until p.exited or time >= 400ms
  expect never sum(p.crashes) > 1
  show sum(p.crashes) as "crashes"
  expect always p.exited
  expect sometimes sum(p.crashes) == 1
}
`,
};

/** The `repro.json` of the first cell of a script. */
export async function reproOf(
  files: Files,
  path = "s.ckpt",
  seed?: number,
  bounds: Partial<Bounds> = {},
): Promise<string> {
  const { host } = fakeHost(files);
  const options = { vocabulary: VOCABULARY, overrides: noOverrides() };
  const given = seed === undefined ? options : { ...options, seed };
  const { scenarios, diagnostics, scripts } = await load(path, host.readFile, given);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assertEquals(errors.map(renderDiagnostic), []);
  const plan = scenarios[0]?.plans[0];
  assert(plan !== undefined);
  const { makeLab } = host;
  const running = { makeLab, maxTimeNs: MAX_TIME_NS, interrupted: () => false };
  const result = await runCell(plan, running);
  return reproText(plan, result, {
    ckptlab: host.version,
    language: 1,
    sources: scripts.map(({ span }) => span.source),
    bounds: { maxTimeNs: MAX_TIME_NS, ...bounds },
  });
}

/** What a command did. */
export interface Done {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly written: ReadonlyMap<string, string>;
}

/** Runs a command over these files. */
export async function command(
  args: readonly string[],
  files: Files,
  change: Partial<Host> = {},
): Promise<Done> {
  const captured = fakeHost(files, change);
  const code = await main(args, captured.host);
  return { code, out: captured.out(), err: captured.err(), written: captured.written };
}
