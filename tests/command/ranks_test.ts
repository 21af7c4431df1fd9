/** `exec --ranks` as its users see it: many processes, one output, and a way back from a crash. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { call, exitWith, tinyElf } from "../core/kernel/tiny_elf.ts";
import { checkpointers, protocols } from "../../mod.ts";
import { guestPath, inChild, inProcess, prepare, temporary } from "./workshop.ts";

const ranks = (count: number, flags: string, name: string, ...args: readonly string[]) => [
  "exec",
  "--ranks",
  String(count),
  "--ram",
  "4MiB",
  ...flags.split(" ").filter((flag) => flag !== ""),
  guestPath(name),
  ...args,
];

/** Programs with few turns; `result` is what any number of ranks comes to, if there is such a thing. */
const GUESTS = [
  { name: "ring", args: ["6"], result: undefined },
  { name: "bank", args: ["12"], result: undefined },
  { name: "heat", args: ["24", "24", "12"], result: /the plate: .*/ },
  { name: "fractal", args: ["24", "32"], result: /checksum of the picture .*/ },
  { name: "matpower", args: ["20", "5"], result: /the power: .*/ },
  { name: "pi", args: ["3000", "3"], result: / of 3\.1415926628490/ },
] as const;

const linesOf = (text: string): readonly string[] => text.trimEnd().split("\n");

for (const { name, args, result } of GUESTS) {
  Deno.test(`ranks: ${name} on 1 to 5 ranks, whatever the Workers`, async () => {
    const results = new Set<string | undefined>();
    for (let count = 1; count <= 5; count++) {
      const alone = await inProcess(ranks(count, "--workers 0 --stats", name, ...args));
      assertEquals(alone.code, 0, alone.err);
      for (let rank = 0; rank < count; rank++) {
        assertMatch(alone.out, new RegExp(`^${name}: rank ${rank} of ${count}: `, "m"));
      }
      if (result !== undefined) results.add(result.exec(alone.out)?.[0]);
      for (const workers of count === 3 ? ["2", "auto"] : []) {
        const flags = `--workers ${workers} --stats`;
        assertEquals(await inProcess(ranks(count, flags, name, ...args)), alone, workers);
      }
    }
    if (result !== undefined) assertEquals([results.size, results.has(undefined)], [1, false]);
  });
}

Deno.test("ranks: as a user runs it, in Workers, and the nodes are dealt round", async () => {
  const [four, two] = await Promise.all([
    inChild(ranks(4, "--stats", "ring", "6")),
    inChild(ranks(4, "--stats --nodes 2 --workers 2", "ring", "6")),
  ]);
  assertEquals([four.code, linesOf(four.out).length], [0, 4]);
  assertMatch(four.err, /^messages +24\n/m);
  assertMatch(four.err, /^control messages 0\n/m);
  assertEquals([two.code, two.out], [0, four.out]);
});

Deno.test("ranks: latency and order are those of the channels, the seed that of the draws", async () => {
  const time = async (flags: string) => {
    const { code, err } = await inProcess(ranks(3, `--workers 0 --stats ${flags}`, "ring", "6"));
    assertEquals(code, 0);
    return Number(/^virtual time +(\S+) s$/m.exec(err)?.[1]);
  };
  const fast = await time("--latency 10us"), slow = await time("--latency 1ms");
  // 18 hops, one after the other.
  assert(Math.abs(slow - fast - 18 * 990e-6) < 1e-4, `${fast} ${slow}`);
  const drawn = await time("--latency 10us..1ms --order any");
  assert(drawn > fast && drawn < slow, `${fast} ${drawn} ${slow}`);
  assertEquals(await time("--latency 10us..1ms --order any --seed 1"), drawn);
  assert(await time("--latency 10us..1ms --order any --seed 2") !== drawn);
});

// Checkpoints and crashes.

/** Those that save a process of a job; two of them for each protocol, in turns. */
const SAVERS = checkpointers.filter(({ refuses }) => refuses === undefined);

for (const [n, { name: protocol, recovery }] of protocols.entries()) {
  Deno.test(`ranks: ${protocol} takes all back, and the result is the same`, async () => {
    const args = ["30", "16", "300"];
    const plain = await inProcess(ranks(3, "--workers 0", "bank", ...args));
    for (const k of [2 * n, 2 * n + 1]) {
      const { name } = SAVERS[k % SAVERS.length] as typeof SAVERS[number];
      const flags = `--workers 0 --checkpointer ${name} --protocol ${protocol} ` +
        "--checkpoint-at 1ms --checkpoint-at 5ms --crash-at 9500us --stats";
      const { code, out, err } = await inProcess(ranks(3, flags, "bank", ...args));
      // Each on its own, they may go back to states that do not fit: the program finds out.
      if (recovery === "line") {
        assertEquals([code, linesOf(out).toSorted()], [0, linesOf(plain.out).toSorted()], err);
        assertMatch(err, /^checkpoint #1 of 1ms: whole at [\d.]+ms, 3 ranks, \d+ bytes, \d+ mess/);
        assertMatch(err, /^crash at 9.5ms: back go ranks 0, 1, 2 to checkpoint #2$/m);
        assertMatch(err, /^control messages +[1-9]\d*$/m);
      } else if (recovery === "alone") {
        // They crash at once, and what one has sent is in the memory of the others.
        assertMatch(err, /^error: 'rank0' cannot be restarted: 'rank1' has crashed, too/m);
      } else {
        assertMatch(err, /^crash at 9.5ms: back go .*rank.* to (the beginning|checkpoint #)/m);
      }
    }
  });
}

Deno.test("ranks: a protocol has the options it is given", async () => {
  const messages = async (more: string) => {
    const flags = `--workers 0 --stats --checkpoint-at 1ms --protocol park_yeom ${more}`;
    const { code, err } = await inProcess(ranks(3, flags, "ring", "30"));
    assertEquals(code, 0, err);
    return Number(/^control messages +(\d+)$/m.exec(err)?.[1]);
  };
  // A marker on each channel that there is, of three processes six and in a ring three; and as many
  // of those that end.
  assertEquals(await messages("") - await messages("--option pattern=ring"), 2 * (6 - 3));
});

Deno.test("ranks: what was written since the checkpoint comes again", async () => {
  const ticks = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `tick ${from + i}\n`).join("");
  const flags = "--workers 0 --checkpoint-at 2500us --crash-at 6500us";
  const { code, out, err } = await inProcess(ranks(1, flags, "counter", "6", "100000"));
  assertEquals(code, 0, err);
  // Two ticks before the checkpoint; two more while it was written and until the crash.
  assertEquals(out, ticks(1, 4) + ticks(3, 6), err);
});

Deno.test("ranks: what came to nothing is told", async () => {
  const flags = "--workers 0 --checkpoint-at 1ms --checkpoint-at 5s --crash-at 6s";
  const { code, err } = await inProcess(ranks(3, flags, "bank", "12"));
  assertEquals(code, 0);
  assertMatch(err, /^no checkpoint at 5s: all ranks had ended\nno crash at 6s: all ranks had e/m);
  const late = "--workers 0 --checkpoint-at 1900us --latency 900us";
  const { err: cut } = await inProcess(ranks(2, late, "counter", "1", "200000"));
  assertEquals(cut, "checkpoint #1: was not whole before the end\n");
});

// How it ends.

Deno.test("ranks: a deadlock is told, and who waits in which call", async () => {
  for (const workers of ["0", "2"]) {
    const flags = `--workers ${workers}`;
    const { code, out, err } = await inProcess(ranks(2, flags, "puppet", "3"));
    assertEquals([code, out], [2, ""]);
    assertEquals(
      err,
      "deadlock: no message is under way, and nobody can go on\n" +
        "  rank 0 waits in msg_receive from any tag 0\n" +
        "  rank 1 waits in msg_receive from any tag 0\n",
    );
  }
});

/** A system call with a number too large for one mov: 1000 and a little. */
const callLarge = (number: number) => [
  "mov #125,r3",
  "shll2 r3",
  "shll r3",
  `add #${number - 1000},r3`,
  "trapa #31",
];

const MSG_RANK = 1000, MSG_RECEIVE = 1003;

Deno.test("ranks: one that waits for a message of another tag says which", async () => {
  using folder = temporary();
  const receive = ["mov #1,r4", "mov #7,r5", "mov r15,r6", "add #-64,r6", "mov #8,r7"];
  prepare(folder.path, {
    "waits.elf": tinyElf([
      ...receive,
      "mov #0,r0",
      "mov #0,r1",
      ...callLarge(MSG_RECEIVE),
      ...exitWith(0),
    ]).bytes,
  });
  const program = `${folder.path}/waits.elf`;
  const { code, err } = await inProcess(["exec", "--ranks", "2", "--workers", "0", program]);
  assertEquals(code, 2);
  assertEquals(linesOf(err).slice(1), [
    "  rank 0 waits in msg_receive from 1 tag 7",
    "  rank 1 waits in msg_receive from 1 tag 7",
  ]);
});

Deno.test("ranks: the exit code is the first that is not 0, by rank", async () => {
  using folder = temporary();
  prepare(folder.path, {
    "rank.elf": tinyElf([...callLarge(MSG_RANK), "mov r0,r4", ...call(1)]).bytes,
    "illegal.elf": tinyElf([0xfffd]).bytes,
  });
  const run = (name: string, count: string) =>
    inProcess(["exec", "--ranks", count, "--workers", "0", `${folder.path}/${name}`]);
  assertEquals(await run("rank.elf", "1"), { code: 0, out: "", err: "" });
  assertEquals(await run("rank.elf", "4"), { code: 1, out: "", err: "" });
  const { code, err } = await run("illegal.elf", "2");
  assertEquals(code, 128 + 4);
  assertMatch(err, /^rank 0: illegal \(process \d+\) was ended by SIGILL: .*\nrank 1: illegal /s);
});

Deno.test("ranks: standard error and --env are the program's, and input is at its end", async () => {
  using folder = temporary();
  const first = ["mov.l @(12,r15),r5", "mov #2,r4", "mov #10,r6", ...call(4), ...exitWith(0)];
  prepare(folder.path, { "first.elf": tinyElf(first).bytes });
  const flags = ["exec", "--ranks", "2", "--workers", "0"];
  const set = await inProcess([...flags, "--env", "GREET=a=b!", `${folder.path}/first.elf`]);
  assertEquals(set, { code: 0, out: "", err: "GREET=a=b!GREET=a=b!" });
  const echo = await inChild([...flags, guestPath("echo")], { input: "one\n" });
  assertEquals(echo, { code: 0, out: "", err: "" });
});

Deno.test("ranks: a run that does not end is given up", async () => {
  const flags = "--workers 0 --max-time 5ms";
  const { code, err } = await inProcess(ranks(2, flags, "counter", "1", "1000000"));
  assertEquals([code, err], [2, "stopped: the ranks did not end within 5ms (--max-time)\n"]);
});
