/** `vectors`: runs instruction vectors. The doing is plugged in. */
import { type Command, UsageError } from "../flags.ts";

export const vectorsCommand: Command = {
  name: "vectors",
  usage: "folder",
  help: "Runs the instruction vectors of a folder and prints what passed, failed and differs.",
  flags: [],
  run: (given, host) => {
    const [folder, ...others] = given.rest;
    if (folder === undefined || others.length > 0) {
      throw new UsageError("vectors takes one folder");
    }
    return host.vectors({ folder }, host);
  },
};
