/** The exceptions an SH-4 raises: code, vector and what the manual calls them (table 5.3). */

/** One exception: its EXPEVT code, its offset from VBR, and whether SPC is after the instruction. */
export interface ExceptionKind {
  readonly name: string;
  readonly code: number;
  readonly vector: number;
}

const kind = (name: string, code: number, vector = 0x100): ExceptionKind => ({
  name,
  code,
  vector,
});

/** Every synchronous exception, by a short name. */
export const EXCEPTIONS = {
  tlbMissRead: kind("TLB miss (read)", 0x040, 0x400),
  tlbMissWrite: kind("TLB miss (write)", 0x060, 0x400),
  initialPageWrite: kind("initial page write", 0x080),
  protectionRead: kind("TLB protection violation (read)", 0x0a0),
  protectionWrite: kind("TLB protection violation (write)", 0x0c0),
  addressErrorRead: kind("address error (read)", 0x0e0),
  addressErrorWrite: kind("address error (write)", 0x100),
  fpu: kind("FPU exception", 0x120),
  tlbMultipleHit: kind("TLB multiple hit", 0x140),
  trap: kind("unconditional trap", 0x160),
  illegal: kind("general illegal instruction", 0x180),
  illegalSlot: kind("slot illegal instruction", 0x1a0),
  fpuDisabled: kind("FPU disabled", 0x800),
  fpuDisabledSlot: kind("slot FPU disabled", 0x820),
} as const satisfies Record<string, ExceptionKind>;

/** The short name of an exception. */
export type ExceptionName = keyof typeof EXCEPTIONS;

/**
 * What a meaning throws when its instruction cannot complete: the guest's doing, never ours. Not an
 * Error: it carries no stack, because it is ordinary control flow and may happen often.
 */
export class Fault {
  constructor(readonly exception: ExceptionName, readonly address?: number) {}
}
