/** The flow of regions: loops of every shape, and that both engines go through them alike. */
import { assert, assertEquals } from "@std/assert";
import { assemble } from "../../../core/isa/text.ts";
import { flowOf, successors } from "../../../core/machine/flow.ts";
import { findRegion } from "../../../core/machine/region.ts";
import { PAGES, Twins } from "./engine_twins.ts";
import { enter, type Program, SINGLE, USER_CODE } from "./guest.ts";

const at = (n: number): string => `0x${(USER_CODE + 2 * n).toString(16)}`;
const place = (n: number): number => USER_CODE + 2 * n;

/** The region and its flow of a program, from its first instruction or another one. */
function shape(program: Program, start = 0) {
  const words = program.map((line, n) =>
    typeof line === "number" ? line : assemble(line, place(n), SINGLE)
  );
  const region = findRegion(place(start), 0, (address) => words[(address - USER_CODE) / 2]);
  assert(region !== undefined);
  const flow = flowOf(region);
  const edges = [...region.blocks.values()].flatMap((block) =>
    successors(block).filter((to) => region.blocks.has(to)).map((to) => ({
      from: block.pc,
      to,
      kind: flow.edge(block.pc, to),
    }))
  );
  const loops = [...region.blocks.keys()].filter((pc) => flow.loopsAt(pc).length > 0);
  return { flow, edges, loops };
}

/** Both engines, with many budgets; registers are counters of different lengths. */
function runs(program: Program): void {
  const twins = new Twins({
    program,
    prepare: ({ cpu }) => {
      for (let n = 0; n < 8; n++) cpu.setR(n, 3 + 5 * n);
    },
  });
  for (let budget = 1; budget < 120; budget++) twins.run(budget);
  twins.run(3000);
  assert(twins.share > 0.6, `${twins.share}`);
}

const SELF: Program = ["dt r2", `bf ${at(0)}`, "add #9,r2", `bra ${at(0)}`, "nop"];
const AROUND: Program = [`bra ${at(0)}`, "add #1,r3"];
const NESTED: Program = [
  "mov #3,r4",
  "mov #5,r5",
  "add r4,r6",
  "dt r5",
  `bf ${at(2)}`,
  "dt r4",
  `bf ${at(1)}`,
  `bra ${at(0)}`,
  "add #1,r3",
];
/** The loop of 3 and 6 is entered at both. */
const IRREDUCIBLE: Program = [
  "add #1,r3",
  "tst #4,r0",
  `bt ${at(6)}`,
  "add #1,r0",
  "dt r4",
  `bt ${at(0)}`,
  "add #3,r0",
  "dt r5",
  `bf ${at(3)}`,
  `bra ${at(0)}`,
  "add #1,r6",
];
const DIAMONDS: Program = [
  "tst #1,r0",
  `bt/s ${at(4)}`,
  "add #1,r0",
  "add #7,r1",
  "tst #2,r0",
  `bf ${at(8)}`,
  `bra ${at(9)}`,
  "add #5,r2",
  "add #3,r2",
  "dt r3",
  `bf ${at(0)}`,
  `bra ${at(0)}`,
  "nop",
];

Deno.test("flow: a block that is its own successor is a loop", () => {
  for (const program of [SELF, AROUND]) {
    const { edges, loops } = shape(program);
    assertEquals(edges.find(({ from, to }) => from === to)?.kind, "back");
    assert(loops.includes(USER_CODE));
    runs(program);
  }
});

Deno.test("flow: loops in loops, every one with its head", () => {
  const { loops, edges } = shape(NESTED);
  assertEquals(loops.toSorted((a, b) => a - b), [place(0), place(1), place(2)]);
  assertEquals(edges.filter(({ kind }) => kind === "out"), []);
  runs(NESTED);
});

Deno.test("flow: entered at the head of a loop within loops, the one within is told from the rest", () => {
  const { flow, edges } = shape(NESTED, 2);
  const [all, within, ...more] = flow.loopsAt(place(2));
  assert(all !== undefined && within !== undefined && more.length === 0);
  assertEquals(all.body, new Set([place(2), place(5), place(1), place(7), place(0)]));
  assertEquals(within.body, new Set([place(2)]));
  assertEquals(flow.closes(place(2), place(2)), within);
  assertEquals(flow.closes(place(1), place(2)), all);
  assertEquals(edges.filter(({ kind }) => kind === "out"), []);
  assertEquals(flow.loopsAt(place(1)), []);
  const twins = new Twins({ program: NESTED, prepare: ({ cpu }) => cpu.setR(0, 1) });
  for (let budget = 1; budget < 60; budget++) {
    twins.both((machine) => {
      machine.pc = place(2);
      machine.cpu.setR(4, 3);
      machine.cpu.setR(5, 4);
    });
    twins.run(budget);
  }
});

Deno.test("flow: loops that are closed from behind their head alone are one", () => {
  assertEquals(shape(SELF).flow.loopsAt(place(0)).length, 1);
  assertEquals(shape(DIAMONDS).flow.loopsAt(place(0)).length, 1);
});

Deno.test("flow: where a loop is entered in two places, one way leaves the region", () => {
  const { edges } = shape(IRREDUCIBLE);
  const out = edges.filter(({ kind }) => kind === "out");
  assertEquals(out.length, 1, JSON.stringify(edges));
  runs(IRREDUCIBLE);
});

Deno.test("flow: ways that part meet again, below the block that parts them", () => {
  const { flow, edges } = shape(DIAMONDS);
  assert(flow.entries(place(4)) === 2 && flow.entries(place(9)) === 2);
  assertEquals(edges.filter(({ kind }) => kind === "out"), []);
  runs(DIAMONDS);
});

Deno.test("flow: the budget a region is entered with lasts to where it is looked at again", () => {
  for (const program of [SELF, AROUND, NESTED, IRREDUCIBLE, DIAMONDS]) {
    const words = program.map((line, n) => assemble(String(line), place(n), SINGLE));
    const region = findRegion(USER_CODE, 0, (address) => words[(address - USER_CODE) / 2]);
    assert(region !== undefined);
    const flow = flowOf(region);
    for (const block of region.blocks.values()) {
      for (const to of successors(block).filter((pc) => region.blocks.has(pc))) {
        if (flow.edge(block.pc, to) !== "forward" || block.end.kind === "call") continue;
        assert(flow.reach(block.pc) >= block.cycles + flow.reach(to));
      }
    }
  }
});

Deno.test("flow: a block of another page is not reached with nothing left", () => {
  // The first instruction of the next page is the evaluator's: that block has no cycles.
  const before = new Array<string>(2044).fill("nop");
  const twins = new Twins({
    program: [...before, `bra ${at(2046)}`, "nop", "mov #1,r1", "add #1,r1", "trapa #1"],
    prepare: (machine) => PAGES.forEach((entry) => enter(machine, entry)),
  });
  for (let budget = 1; budget < 8; budget++) {
    for (let again = 0; again < 3; again++) {
      twins.both((machine) => {
        machine.cpu.setSr(0);
        machine.pc = place(2044);
      });
      twins.run(budget);
    }
  }
});

Deno.test("flow: far from its beginning a region ends where another begins, near to it not", () => {
  const blocksWith = (others: readonly number[], nops: number) => {
    const program = [
      ...Array<string>(nops).fill("nop"),
      `bra ${at(nops + 2)}`,
      "nop",
      "rts",
      "nop",
    ];
    const region = findRegion(
      USER_CODE,
      0,
      (address) => {
        const line = program[(address - USER_CODE) / 2];
        return line === undefined ? undefined : assemble(line, address, SINGLE);
      },
      { isSeen: () => true, begins: (pc) => others.includes(pc) },
    );
    assert(region !== undefined);
    return [...region.blocks.keys()];
  };
  const behind = (nops: number) => place(nops + 2);
  for (const nops of [5, 40]) {
    assert(blocksWith([], nops).includes(behind(nops)));
    assertEquals(blocksWith([behind(nops)], nops).includes(behind(nops)), nops === 5);
  }
});
