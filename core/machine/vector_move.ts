/**
 * Moves the case of an instruction vector to where a machine with an MMU can run it: vectors have
 * arbitrary addresses, a machine only aligned ones in pages. What is moved are the registers an
 * address is made of, and with them what the record says of them; nothing else of it changes.
 */
import { decode, type Instruction } from "../isa/decode.ts";
import { Surveyor } from "./survey.ts";
import { type DataAccess, STATE, type VectorCase } from "./vector_state.ts";

/** Where a moved case lies. */
const PLACES = { code: 0x00400800, target: 0x00500100, data: [0x00600100, 0x00600900] };

/** A case that a machine can run. */
export interface MovedCase {
  readonly recorded: VectorCase;
  readonly instruction: Instruction;
  /** Bytes of one access. */
  readonly size: 1 | 2 | 4 | 8;
}

/** The instruction a case is about; others are NOPs and additions of R1 and R2 to themselves. */
const TESTED = 1;

function sizeOf({ op: { syntax, when } }: Instruction): 1 | 2 | 4 | 8 {
  if (syntax.includes(".b")) return 1;
  if (syntax.includes(".w")) return 2;
  return when?.SZ === 1 ? 8 : 4;
}

/** How far registers of the state before are moved, by their places. */
type Moves = Map<number, number>;

/** The places of the registers that hold addresses of data. */
function pointersOf({ op: { syntax }, fields: { n, m } }: Instruction): readonly number[] {
  const found: number[] = [];
  if (/@(-Rn|\(?([^)]*,)?Rn\b)/.test(syntax)) found.push(STATE.R + n);
  if (/@\(?([^)]*,)?Rm\b/.test(syntax)) found.push(STATE.R + m);
  if (syntax.includes(",GBR)")) found.push(STATE.GBR);
  return found;
}

/** Why a register with an address is also a value, if it is. */
function conflict({ op: { syntax }, fields: { n, m } }: Instruction): string | undefined {
  const base = /@-?\(?(?:[^)]*,)?R([nm])\b/.exec(syntax)?.[1];
  if (base === undefined) return undefined;
  const register = base === "n" ? n : m;
  if (syntax.includes("(R0,") && register === 0) return "R0 is base and index";
  const value = syntax.replace(/@.*$/, ""); // stores have their value first
  const isStored = (value.includes("R0") && register === 0) ||
    (base === "n" && value.includes("Rm") && !/[FDX]Rm|BANK/.test(value) && m === n);
  return isStored ? "the address is what is stored" : undefined;
}

const BY_REGISTER = /^(jmp|jsr|braf|bsrf|rts)\b/;

/** Aims a branch through a register, and tells how far its target is moved. */
function aim(
  { op: { syntax }, fields: { m } }: Instruction,
  pc: number,
  moves: Moves,
  before: Uint32Array,
): number {
  const place = syntax === "rts" ? STATE.PR : STATE.R + m;
  const value = before[place] as number;
  const isRelative = /^(braf|bsrf)/.test(syntax);
  const behind = ((before[STATE.PC] as number) + 2 * TESTED + 4) | 0;
  const target = isRelative ? (value + behind) | 0 : value | 0;
  const by = (PLACES.target - target) | 0;
  moves.set(place, isRelative ? (by - pc) | 0 : by);
  return by;
}

/** What a place of the state after is, its register having been moved. */
function after(recorded: VectorCase, place: number, by: number, isTaken: boolean): number {
  const old = recorded.before[place] as number, now = recorded.after[place] as number;
  // R1 is added to itself by the next instruction, R2 at the target of a branch.
  const times = place === STATE.R + 1 || (place === STATE.R + 2 && isTaken) ? 2 : 1;
  for (let step = -8; step <= 8; step++) {
    if (((Math.imul(times, old + step) - now) | 0) === 0) return (now + Math.imul(times, by)) >>> 0;
  }
  return now; // something else was written there
}

/** Whether an access goes to the instructions of its case, which the record does not mean. */
const isInCode = ({ address }: DataAccess, { before }: VectorCase): boolean =>
  ((address + 4 - (before[STATE.PC] as number)) >>> 0) < 12;

/** A case moved, or why it cannot be. */
export function moveCase(recorded: VectorCase): MovedCase | string {
  const { name: { PR, SZ }, opcodes, before } = recorded;
  const instruction = decode(opcodes[TESTED] as number, { PR, SZ });
  if (instruction === undefined) return "an illegal instruction";
  instruction.fields.pc = PLACES.code + 2 * TESTED;
  if (new Surveyor().look(instruction.op, instruction.fields).refused) return "never translated";
  const obstacle = conflict(instruction);
  if (obstacle !== undefined) return obstacle;
  const { syntax } = instruction.op;
  const pc = (PLACES.code + ((before[STATE.PC] as number) & 2) - (before[STATE.PC] as number)) | 0;
  const moves: Moves = new Map();
  const pointers = pointersOf(instruction);
  const byRegister = BY_REGISTER.test(syntax);
  const target = byRegister ? aim(instruction, pc, moves, before) : pc;
  const accesses = [...recorded.reads, ...recorded.writes];
  if (!byRegister && !syntax.includes("PC)")) {
    pointers.forEach((place, n) => {
      if (moves.has(place)) return;
      const at = pointers.length > 1 ? before[place] : accesses[0]?.address;
      moves.set(place, ((PLACES.data[n] as number) - (at ?? 0)) | 0);
    });
  }
  const size = sizeOf(instruction);
  if (syntax.includes("PC)") && accesses.some((access) => isInCode(access, recorded))) {
    return "the literal is where the code is";
  }
  const moved = moveStates(recorded, moves, pc, target, instruction);
  const byOf = ({ address }: DataAccess): number => {
    if (syntax.includes("PC)")) return pc;
    if (pointers.length <= 1) return moves.get(pointers[0] as number) ?? 0;
    const place = pointers.find((each) => ((address - (before[each] as number)) >>> 0) < 8);
    return moves.get(place as number) ?? 0;
  };
  const move = (access: DataAccess): DataAccess => ({
    address: (access.address + byOf(access)) >>> 0,
    value: access.value,
  });
  const all = { ...moved, reads: recorded.reads.map(move), writes: recorded.writes.map(move) };
  return { recorded: all, instruction, size };
}

function moveStates(
  recorded: VectorCase,
  moves: Moves,
  pc: number,
  target: number,
  { op: { syntax } }: Instruction,
): VectorCase {
  const before = recorded.before.slice(), then = recorded.after.slice();
  for (const [place, by] of moves) {
    before[place] = (before[place] as number) + by;
    then[place] = after(recorded, place, by, BY_REGISTER.test(syntax));
  }
  before[STATE.PC] = (before[STATE.PC] as number) + pc;
  then[STATE.PC] = (then[STATE.PC] as number) + target;
  if (/^(bsr|bsrf|jsr)\b/.test(syntax)) then[STATE.PR] = (recorded.after[STATE.PR] as number) + pc;
  if (syntax.startsWith("mova")) then[STATE.R] = (recorded.after[STATE.R] as number) + pc;
  return { ...recorded, before, after: then };
}
