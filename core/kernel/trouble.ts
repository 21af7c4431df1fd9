/** Exceptions a program has caused, as the signals Linux makes of them. */
import type { ExceptionName } from "../machine/exception.ts";
import { type AddressSpace, TASK_SIZE } from "./address_space.ts";
import { SIGNALS } from "./signals.ts";

/** A signal that a program has brought on itself. */
export interface Trouble {
  readonly signal: number;
  /** si_code. */
  readonly code: number;
  readonly reason: string;
  /** si_addr where it is not the instruction itself. */
  readonly address: number | undefined;
}

const MAPERR = 1, ACCERR = 2, ADRALN = 1, ADRERR = 2, ILLOPC = 1, TRAP_BRKPT = 1;

/** The FPU's cause bits, most important first (FPSCR bits 16 to 12), and their si_code. */
const FPU_CAUSES: readonly (readonly [bit: number, code: number, reason: string])[] = [
  [16, 7, "invalid floating-point operation"],
  [15, 3, "floating-point division by zero"],
  [14, 4, "floating-point overflow"],
  [13, 5, "floating-point underflow"],
  [12, 6, "inexact floating-point result"],
];

/** FPSCR.cause.E: a denormal operand, which the kernel computes for the FPU. */
export const CAUSE_DENORMAL = 1 << 17;

const trouble = (
  signal: number,
  code: number,
  reason: string,
  address?: number,
): Trouble => ({ signal, code, reason, address });

function memoryTrouble(space: AddressSpace, address: number, write: boolean): Trouble {
  const access = write ? "write" : "read";
  if (address >= TASK_SIZE) {
    return trouble(SIGNALS.SIGSEGV, MAPERR, `${access} outside of user space`, address);
  }
  const fault = space.touch(address, write);
  if (fault === "memory") {
    return trouble(SIGNALS.SIGKILL, 0, "no memory is left for a page", address);
  }
  if (fault === "beyondFile") {
    return trouble(SIGNALS.SIGBUS, ADRERR, `${access} beyond the end of a mapped file`, address);
  }
  return fault === "protection"
    ? trouble(SIGNALS.SIGSEGV, ACCERR, `${access} not permitted`, address)
    : trouble(SIGNALS.SIGSEGV, MAPERR, `${access} of an address that is not mapped`, address);
}

function addressError(address: number, write: boolean): Trouble {
  const access = write ? "write" : "read";
  const misaligned = address < 0x8000_0000;
  const reason = misaligned ? `misaligned ${access}` : `${access} of a privileged address`;
  return trouble(SIGNALS.SIGBUS, misaligned ? ADRALN : ADRERR, reason, address);
}

function fpuTrouble(fpscr: number): Trouble {
  for (const [bit, code, reason] of FPU_CAUSES) {
    if ((fpscr & (1 << bit)) !== 0) return trouble(SIGNALS.SIGFPE, code, reason);
  }
  return trouble(SIGNALS.SIGFPE, 14, "floating-point exception");
}

/** The signal of an exception at `address` (the instruction's own where no other is meant). */
export function troubleOf(
  exception: ExceptionName,
  address: number,
  space: AddressSpace,
  fpscr: number,
): Trouble {
  switch (exception) {
    case "tlbMissRead":
    case "protectionRead":
      return memoryTrouble(space, address, false);
    case "tlbMissWrite":
    case "protectionWrite":
    case "initialPageWrite":
      return memoryTrouble(space, address, true);
    case "addressErrorRead":
      return addressError(address, false);
    case "addressErrorWrite":
      return addressError(address, true);
    case "fpu":
      return fpuTrouble(fpscr);
    case "trap":
      return trouble(SIGNALS.SIGTRAP, TRAP_BRKPT, "trap that is no system call");
    case "illegal":
      return trouble(SIGNALS.SIGILL, ILLOPC, "illegal instruction");
    case "illegalSlot":
      return trouble(SIGNALS.SIGILL, ILLOPC, "illegal instruction in a delay slot");
    case "fpuDisabled":
    case "fpuDisabledSlot":
      return trouble(SIGNALS.SIGILL, ILLOPC, "floating-point instruction while the FPU is off");
    case "tlbMultipleHit":
      throw new Error("two TLB entries for one page: the kernel loaded both");
  }
}
