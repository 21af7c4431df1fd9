/** What a world is made of: its seed, what may be named in it, and where programs come from. */
import type { Choices } from "../base/choices.ts";
import type { Fact } from "../cluster/facts.ts";
import type { WorkerSupply } from "../cluster/worker_supply.ts";
import type { Jit } from "../machine/machine.ts";
import type { Registry } from "./registry.ts";

/** What a world is made of. */
export interface WorldOptions {
  readonly seed: number;
  /** Who makes the choices of the run; without it the random streams of the seed. */
  readonly choices?: Choices;
  readonly registry: Registry;
  /** The bytes of a program's ELF file; throws a `LabError` that says what is wrong. */
  readonly readProgram: (file: string) => Uint8Array;
  /** Where Workers come from; without it all is in this thread. */
  readonly supply?: WorkerSupply;
  /**
   * How many Workers, whatever the script says; 0: everything in this thread. "stated": Workers only
   * where the script states an isolation. By default each process has its own, unless they are many.
   */
  readonly workers?: number | "stated";
  /** Which engines run the programs, "on" unless given. It changes speed, never the trace. */
  readonly jit?: Jit;
  /** Told of every fact, before the world takes it in; only those of one rank are in order of time. */
  readonly onFact?: (rank: number, fact: Fact) => void;
  /** Keeps what pictures of the run need; it changes neither the run nor its trace. */
  readonly record?: boolean;
}
