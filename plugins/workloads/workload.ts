/** What every row of workloads is made with: its declaration, and where the guests lie. */
import type { OptionTable, Workload } from "../../core/mod.ts";

/** Declares a workload over one of the shipped guests. */
export function workload<T extends OptionTable>(row: Workload<T>): Workload<T> {
  return row;
}

/** The ELF file of a shipped guest. */
export const guest = (name: string): string =>
  new URL(`../../scenarios/guests/${name}.elf`, import.meta.url).href;
