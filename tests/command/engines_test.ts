/** `--jit`: whichever engines run a program, it does the same; and what comes of a difference. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { JITS, LabError, WorkerSupply, World } from "../../core/mod.ts";
import { EXIT } from "../../dsl/exit.ts";
import { ranksWith } from "../../dsl/exec_ranks.ts";
import type { Parts } from "../../dsl/cli.ts";
import { registry } from "../../mod.ts";
import { mistaken } from "../core/cluster/mistaken_engine.ts";
import { type Ended, guestPath, inChild, inProcess, prepare, temporary } from "./workshop.ts";

const COUNTER = [guestPath("counter"), "3", "2000"] as const;
/** Long enough to be translated without anybody's asking. */
const LONG_COUNTER = [guestPath("counter"), "3", "30000"] as const;

/** Figures of the program, which no engine may change. */
const ITS_OWN =
  /^(instructions|virtual time|TLB refills|pages touched|first writes|system calls) .*$/gm;

/** A row of `--stats`. */
const figure = ({ err }: Ended, name: string): number => {
  const found = new RegExp(`^${name} +([\\d.]+)`, "m").exec(err);
  assert(found !== null, `no row '${name}' in ${err}`);
  return Number(found[1]);
};

Deno.test("engines: exec does the same with each, and --stats says who did it", async () => {
  const [usual, ...runs] = await Promise.all([
    inChild(["exec", "--stats", ...LONG_COUNTER]),
    ...JITS.map((jit) => inChild(["exec", "--jit", jit, "--stats", ...LONG_COUNTER])),
  ]);
  assertEquals([usual.code, usual.out], [0, "tick 1\ntick 2\ntick 3\n"]);
  const own = usual.err.match(ITS_OWN);
  assertEquals(own?.length, 6);
  for (const { code, out, err } of runs) {
    assertEquals([code, out, err.match(ITS_OWN)], [0, usual.out, own]);
  }
  const [on, off, verify] = runs as [Ended, Ended, Ended];
  for (const translating of [usual, on, verify]) {
    const [translated, evaluated] = [" translated", " evaluated"].map((name) =>
      figure(translating, ` ${name}`)
    ) as [number, number];
    assert(translated > 1000 && evaluated > 0, translating.err);
    assertEquals(translated + evaluated, figure(translating, "instructions"));
    assert(figure(translating, "  compiled") > 0 && figure(translating, "  WebAssembly") > 0);
    assert(figure(translating, "  host time") > 0, "the host's clock is asked");
    assertEquals(figure(translating, "  invalidated"), 0);
  }
  assertMatch(off.err, /^ {2}reloads +\d+$/m);
  assertEquals(/translat|WebAssembly|evaluated|compiled/.exec(off.err), null);
});

Deno.test("engines: a program saved under one goes on under another", async () => {
  using folder = temporary();
  const WHOLE = "tick 1\ntick 2\ntick 3\n";
  for (const jit of JITS) {
    const image = `${folder.path}/${jit}`;
    const at = ["--checkpoint-at", "7000", "--image", image];
    const saved = await inProcess(["exec", "--jit", jit, ...at, ...COUNTER]);
    assertEquals([saved.code, saved.out], [0, WHOLE]);
    for (const other of JITS) {
      const flags = ["--jit", other, "--stats"];
      const back = await inProcess(["exec", ...flags, "--restore", image]);
      assertEquals([back.code, back.out], [0, "tick 2\ntick 3\n"], `${jit}, then ${other}`);
      assertEquals(/^ {2}translated/m.test(back.err), other !== "off");
    }
  }
});

Deno.test("engines: the ranks of a job do the same with each", async () => {
  const job = ["--ranks", "2", "--ram", "4MiB", "--stats"];
  const program = [guestPath("ring"), "6"];
  const usual = await inProcess(["exec", ...job, "--workers", "0", ...program]);
  assertEquals(usual.code, 0);
  for (const [jit, workers] of [["off", "0"], ["verify", "0"], ["verify", "2"]] as const) {
    const flags = [...job, "--jit", jit, "--workers", workers];
    assertEquals(await inProcess(["exec", ...flags, ...program]), usual, `${jit} ${workers}`);
  }
});

// When they differ.

const SCRIPT = "ckpt 1\n" +
  'scenario "s" {\n  node n0 { ram: 4MiB }\n' +
  "  proc p0 on n0 runs counter { ticks: 3, turns: 2000 }\n  expect p0.exited\n}\n";

/** One error, with all there is to know and no stack. */
function assertTold({ code, err }: Ended): void {
  assertEquals(code, EXIT.nondeterminism, err);
  const lines = err.trimEnd().split("\n");
  assertEquals(lines.filter((line) => /^\s+at |internal error/.test(line)), [], "a stack trace");
  assertEquals(lines.filter((line) => line.startsWith("error: ")).length, 1, err);
  assertMatch(err, /^error: translated and evaluated code differ from pc 0x[0-9a-f]{8} on:\n {2}/m);
  assertMatch(err, /\n {2}R\d+: 0x[0-9a-f]{8} translated, 0x[0-9a-f]{8} evaluated\n/);
  assertMatch(err, /\nthe region:\n( {2}0x[0-9a-f]{8} {2}[0-9a-f]{4} {2}\S.*\n)+please report it /);
}

Deno.test("engines: exec ends with 5 where they differ, and only where they are compared", async () => {
  using _mistake = mistaken();
  assertTold(await inProcess(["exec", "--jit", "verify", ...COUNTER]));
  for (const jit of ["on", "off"]) {
    assertEquals((await inProcess(["exec", "--jit", jit, ...COUNTER])).code, 0);
  }
});

/** Parts with Workers in which the engines differ. */
function withMistakenWorkers(): Partial<Parts> & Disposable {
  const module = new URL("../core/cluster/workers/mistaken.ts", import.meta.url);
  const supply = new WorkerSupply(module);
  const readProgram = (file: string): Uint8Array => {
    if (!file.startsWith("file:")) throw new LabError(`'${file}' is not built in`);
    return Deno.readFileSync(new URL(file));
  };
  return {
    makeLab: ({ seed, workers, jit }) =>
      new World({
        ...typeof workers === "number" ? { workers } : {},
        ...{ seed, jit, registry, readProgram, supply },
      }),
    ranks: ranksWith(registry, supply),
    [Symbol.dispose]: () => supply.end(),
  };
}

for (const workers of ["0", "2"]) {
  Deno.test(`engines: run and exec --ranks end with 5 where they differ, --workers ${workers}`, async () => {
    using folder = temporary();
    prepare(folder.path, { "s.ckpt": SCRIPT });
    using change = withMistakenWorkers();
    using _mistake = workers === "0" ? mistaken() : undefined;
    const flags = ["--workers", workers, "--jit", "verify"];
    const run = await inProcess(["run", ...flags, folder.path], change);
    assertTold(run);
    assertMatch(run.err, /^in .*s\.ckpt#s@1\n {2}again: .* --filter "#s@" --seed 1 --jit verify\n/);
    const job = ["--ranks", "2", "--ram", "4MiB", ...flags, guestPath("ring"), "400"];
    assertTold(await inProcess(["exec", ...job], change));
  });
}
