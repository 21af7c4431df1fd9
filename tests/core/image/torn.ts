/** A checkpoint of a real program beside a clone of its memory at t0, and what differs. */
import { assert, assertEquals } from "@std/assert";
import { captureCosts } from "../../../core/cluster/board.ts";
import { capturePages, processTarget } from "../../../core/image/capture.ts";
import type { CaptureTarget } from "../../../core/image/capture_target.ts";
import type { Image } from "../../../core/image/image.ts";
import { MemoryStore } from "../../../core/image/memory_store.ts";
import { CaptureSession } from "../../../core/image/session.ts";
import { StoreSink } from "../../../core/image/store_sink.ts";
import { type Checkpointer, PROFILE, ProgramRun, readOptions } from "../../../core/mod.ts";
import { checkpointers } from "../../../plugins/mod.ts";
import { exitWith, type Line, literal, tinyElf } from "../kernel/tiny_elf.ts";

export type Strategy = readonly [name: string, options: Record<string, unknown>];

/** Short turns, so that program and copier alternate many times while an image is taken. */
export const profileOf = (cpus: number) =>
  readOptions(PROFILE, { ram: 16 * 2 ** 20, quantum: 5000, disk: 400_000_000, cpus }).values;

/** What a test may change: the surroundings of the session, or the session. */
export interface Mutation {
  readonly target?: (target: CaptureTarget, run: ProgramRun) => CaptureTarget;
  readonly session?: typeof CaptureSession;
  readonly strategy?: (strategy: Checkpointer) => Checkpointer;
}

/** Takes a checkpoint now, and a clone of memory at its t0. */
export function take(run: ProgramRun, [name, given]: Strategy, mutation: Mutation = {}) {
  const { node, process } = run;
  const row = checkpointers.find((each) => each.name === name) as Checkpointer;
  const strategy = mutation.strategy?.(row) ?? row;
  const plain = processTarget(process, node.kernel);
  const clone = new Map<number, Uint8Array>();
  const watched: CaptureTarget = {
    ...plain,
    manifest: () => {
      for (const { vpn, copy } of capturePages(process)) clone.set(vpn, copy());
      return plain.manifest();
    },
  };
  const session = new (mutation.session ?? CaptureSession)(
    mutation.target?.(watched, run) ?? watched,
    strategy,
    readOptions(strategy.options, given).values as never,
    captureCosts(node.profile),
    new StoreSink(new MemoryStore(), "image"),
  );
  node.add(process, session, () => {});
  while (!session.over) node.advance(node.kernel.now + 100_000);
  return { image: session.image as Image, clone, session };
}

/** The pages that are not what they were at t0. */
export function torn(image: Image, clone: ReadonlyMap<number, Uint8Array>): number[] {
  assertEquals(image.pages.map(({ vpn }) => vpn), [...clone.keys()]);
  assert(image.pages.some(({ bytes }) => bytes !== undefined), "an image without a page");
  return image.pages.filter(({ vpn, bytes }) =>
    bytes !== undefined && bytes.some((byte, n) => byte !== (clone.get(vpn) as Uint8Array)[n])
  ).map(({ vpn }) => vpn);
}

export const guestFile = (name: string) =>
  Deno.readFileSync(new URL(`../../../scenarios/guests/${name}.elf`, import.meta.url));

export function startGuest(
  name: string,
  args: readonly string[],
  cpus = 1,
  input = "",
): ProgramRun {
  let bytes = new TextEncoder().encode(input);
  const console = {
    input: (most: number) => {
      const part = bytes.slice(0, most);
      bytes = bytes.slice(part.length);
      return part;
    },
  };
  const executable = guestFile(name);
  return ProgramRun.start({ profile: profileOf(cpus), seed: 1, console }, {
    path: `/bin/${name}`,
    executable,
    args,
  });
}

export const COW: Strategy = ["concurrent-cow", {}];

/** The third page of a tiny program's data: the last its copier reaches before the stack. */
export const MOVED = 0x404000;

/** Loads a literal that stands at the end of the lines. */
export const load = (register: number, value: number, at: number): [Line, number[], number] => [
  `mov.l ${0x400080 + at},r${register}`,
  literal(value),
  at,
];

/** Writes a page, counts for a while, moves the page elsewhere, writes it there and counts on. */
export function mover(): Line[] {
  const TO = 0x10000000, LITERALS = 64;
  const [loadFrom, from] = load(8, MOVED, LITERALS);
  const [loadTo, to] = load(9, TO, LITERALS + 4);
  const [loadTurns, turns] = load(10, 20_000, LITERALS + 8);
  const code: Line[] = [
    loadFrom,
    loadTo,
    "mov.l r8,@r8", // the page is dirty
    loadTurns,
    "dt r10",
    `bf ${0x400080 + 8}`,
    "mov r8,r4",
    "mov #16,r5",
    "shll8 r5", // 4096
    "mov r5,r6",
    "mov #3,r7", // MREMAP_MAYMOVE and MREMAP_FIXED
    "mov r9,r0",
    "mov #81,r3", // 163 in two halves: mov takes a signed byte
    "add #82,r3",
    "trapa #31",
    "mov.l r9,@r9", // through the new address
    `mov.l ${0x400080 + LITERALS + 8},r10`,
    "dt r10",
    `bf ${0x400080 + 34}`,
    ...exitWith(0),
  ];
  while (code.length < LITERALS / 2) code.push("nop");
  return [...code, ...from, ...to, ...turns];
}

/** A tiny program on a node with very short turns, checkpointed at an instruction. */
export function tiny(
  lines: Line[],
  at: number,
  mutation: Mutation,
  input = new Uint8Array(0),
  strategy = COW,
) {
  let given = 0;
  const console = {
    input: (most: number) => {
      const part = input.slice(given, given + most);
      given += part.length;
      return part;
    },
  };
  const profile = readOptions(PROFILE, { ram: 2 ** 20, quantum: 1000, disk: 400_000_000 }).values;
  const run = ProgramRun.start({ profile, seed: 1, console }, {
    path: "/tiny",
    executable: tinyElf(lines).bytes,
  });
  run.runTo(at);
  assert(run.process.exit === undefined, "the tiny program ended early");
  const { image, clone, session } = take(run, strategy, mutation);
  return { wrong: torn(image, clone), session, run };
}
