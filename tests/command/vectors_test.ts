/** `vectors --jit`: a folder through each engine, on records written here. */
import { assertEquals, assertMatch } from "@std/assert";
import { assemble } from "../../core/isa/text.ts";
import { STATE, STATE_WORDS } from "../../core/machine/vector_state.ts";
import { EXIT } from "../../dsl/exit.ts";
import { mistaken } from "../core/cluster/mistaken_engine.ts";
import { type Files, inChild, inProcess, prepare, temporary } from "./workshop.ts";

const SINGLE = { PR: 0, SZ: 0 } as const;

/** What happens to a state: the words that change. */
type Change = (state: Uint32Array) => void;

/** A section: its size, a tag, and words. */
function section(words: readonly number[]): readonly number[] {
  return [8 + 4 * words.length, 0, ...words];
}

/** Nothing was read or written in any of the four cycles: 12 bytes, and 36 a cycle. */
const NO_ACCESSES = section(new Array<number>(1 + 4 * 9).fill(0));

/** A record of an instruction that touches no memory, among others that do nothing. */
function record(instruction: string, change: Change): readonly number[] {
  const before = new Uint32Array(STATE_WORDS).map((_, n) => 0x01010101 * (n + 1));
  before[STATE.PC] = 0x8c001000;
  before[STATE.SR] = before[STATE.FPSCR] = 0;
  const after = before.slice();
  after[STATE.PC] = 0x8c001008;
  change(after);
  const opcodes = ["nop", instruction, "nop", "nop", "nop"].map((line) =>
    assemble(line, 0, SINGLE)
  );
  const words = [...section([...before]), ...section([...after]), ...NO_ACCESSES];
  words.push(...section(opcodes));
  return [4 + 4 * words.length, ...words];
}

const vectorFile = (...records: (readonly number[])[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(records.flat()).buffer);

const add = record("add r3,r4", (after) => {
  after[STATE.R + 4] = 0x01010101 * 4 + 0x01010101 * 5;
});

/** One file of additions, one of an instruction that is never translated. */
const FILES: Files = {
  "v/0011nnnnmmmm1100_sz0_pr0.bin": vectorFile(add, add),
  "v/0000nnnn10000011_sz0_pr0.bin": vectorFile(record("pref @r5", () => {})),
  "wrong/0011nnnnmmmm1100_sz0_pr0.bin": vectorFile(
    add,
    record("add r3,r4", (after) => void (after[STATE.R + 4] = 9)),
  ),
};

const SUMMARY = "2 files\n3 passed, 0 failed\n";

Deno.test("vectors: --jit tells which engine executed how many cases, and why not the other", async () => {
  using folder = temporary();
  prepare(folder.path, FILES);
  for (const flags of [[], ["--jit", "off"]]) {
    const { code, out } = await inProcess(["vectors", ...flags, `${folder.path}/v`]);
    assertEquals([code, out], [EXIT.holds, SUMMARY]);
  }
  for (const jit of ["on", "verify"]) {
    const { code, out, err } = await inChild(["vectors", "--jit", jit, `${folder.path}/v`]);
    assertEquals([code, err], [EXIT.holds, ""]);
    assertEquals(
      out,
      "cases by who executed their instruction:\n" +
        "      2  translated code\n" +
        "      0  the evaluator, to which translated code left it\n" +
        "      1  the evaluator by itself, because no machine could run the case: never translated\n" +
        SUMMARY,
    );
  }
});

Deno.test("vectors: a wrong record fails whichever engine runs it", async () => {
  using folder = temporary();
  prepare(folder.path, FILES);
  for (const jit of ["off", "on", "verify"]) {
    const { code, out } = await inProcess(["vectors", "--jit", jit, `${folder.path}/wrong`]);
    assertEquals(code, EXIT.failed);
    assertMatch(out, /^FAILED 0011nnnnmmmm1100 SZ=0 PR=0: 1 of 2 cases\n {2}case 1: R4: expected /);
    assertMatch(out, /\n1 files\n1 passed, 1 failed\n$/);
  }
});

Deno.test("vectors: engines that differ end the command, and the file is told", async () => {
  using folder = temporary();
  prepare(folder.path, FILES);
  using _mistake = mistaken();
  const { code, err } = await inProcess(["vectors", "--jit", "verify", `${folder.path}/v`]);
  assertEquals(code, EXIT.nondeterminism);
  assertMatch(err, /^in \S+\/v\/0011nnnnmmmm1100_sz0_pr0\.bin\nerror: translated and evaluated /);
  assertMatch(err, /\n {2}R4: 0x[0-9a-f]{8} translated, 0x[0-9a-f]{8} evaluated\n/);
});
