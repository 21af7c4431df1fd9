/** The standard input of a process: a text that is there from the beginning. */
import type { ConsoleOptions } from "../kernel/files/console.ts";

/** Gives out a text, as many bytes of it as are asked for, after the first `read`. */
export function inputOf(text: string, read: number): NonNullable<ConsoleOptions["input"]> {
  let rest = new TextEncoder().encode(text).subarray(read);
  return (most) => {
    const part = rest.subarray(0, most);
    rest = rest.subarray(part.length);
    return part;
  };
}
