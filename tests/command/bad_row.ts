/** One bad input to the command, as a row of a table: what is given, and what must come of it. */
import type { Files } from "./workshop.ts";

/** `@` in arguments and expectations stands for the folder of the test, where the files are. */
export interface BadRow {
  readonly name: string;
  readonly args: readonly string[];
  readonly files?: (folder: string) => Files;
  readonly exit: number;
  /** Parts of the error, in this order. */
  readonly says: readonly string[];
  /** Errors that are told: one, but a script is told all of its own. */
  readonly errors?: number;
  /** What may stand on standard output: nothing unless told. */
  readonly prints?: RegExp;
  /** Run as a user runs it, in a process of its own. */
  readonly child?: true;
  /** Permissions of that process. */
  readonly permissions?: (folder: string) => readonly string[];
}

/** What a row may say besides the usual of its table. */
export type More = Partial<Omit<BadRow, "name" | "says">>;
