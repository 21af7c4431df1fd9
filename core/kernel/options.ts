/** What a kernel and a process are started with. */
import type { Machine } from "../machine/machine.ts";
import type { CallEvent } from "./call_runner.ts";
import type { Credentials, Limits } from "./credentials.ts";
import type { Exit } from "./death.ts";
import type { EndpointOptions } from "./endpoint.ts";
import type { Console } from "./files/console.ts";
import type { FileSystem } from "./files/file_system.ts";
import type { FileTable } from "./files/file_table.ts";
import type { Process } from "./process.ts";
import type { SystemCall } from "./syscall.ts";

/** What the kernel's own work costs, in cycles. */
export interface Costs {
  /** Every TLB refill. */
  readonly tlbMiss: number;
  /** An exception the kernel answers, and the first touch of a page. */
  readonly trap: number;
  readonly syscall: number;
}

/** Who watches a kernel. Watching changes nothing. */
export interface Observer {
  /** A system call has finished. */
  readonly call?: ((event: CallEvent) => void) | undefined;
  /** A process has ended. */
  readonly exit?: (process: Process, exit: Exit) => void;
}

/** What a kernel is made of. */
export interface KernelOptions {
  readonly machine: Machine;
  /** Every random byte a guest sees follows from it. */
  readonly seed: number | string;
  readonly clockHz: number;
  readonly costs: Costs;
  /** Cycles of a turn while others wait. */
  readonly quantum: number;
  readonly fileSystem?: FileSystem;
  /** The table of system calls, for tests of the kernel itself. */
  readonly systemCalls?: ReadonlyMap<number, SystemCall>;
  readonly observer?: Observer;
}

/** What a process is started with. */
export interface SpawnOptions {
  /** The guest path of the program: what an image names, and argv[0] unless `name` is given. */
  readonly path: string;
  readonly executable: Uint8Array;
  readonly name?: string;
  /** argv[1] and on. */
  readonly args?: readonly string[];
  /** Lines of the form NAME=value. */
  readonly environment?: readonly string[];
  readonly console?: Console;
  /** Descriptors to start with, instead of the console's three. */
  readonly files?: FileTable;
  readonly cwd?: string;
  readonly umask?: number;
  readonly credentials?: Credentials;
  readonly limits?: Limits;
  readonly id?: number;
  readonly parent?: number;
  /** Whose random stream it gets; the process number by default. */
  readonly entity?: number | string;
  /** Who it is among the processes of its application; rank 0 of 1 by default. */
  readonly endpoint?: EndpointOptions;
}

/** Why `run` came back: the asked point is reached, nobody can run, or no process is left. */
export type RunEnd = "time" | "idle" | "finished";
