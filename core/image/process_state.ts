/** The state of a process as an image names it. */

/** Plain data only: numbers, texts, truth values, bytes, lists and records of these. */
export interface ProcessState {
  readonly pid: number;
  readonly name: string;
}
