/** `lsp`: the language server, over standard input and output. */
import type { Command } from "../flags.ts";

export const lspCommand: Command = {
  name: "lsp",
  usage: "",
  help: "Serves an editor by the language server protocol over standard input and output.",
  flags: [{ name: "stdio", help: "Usual; editors that ask for it get it." }],
  // Loaded when it is needed: it takes longer than checking a script.
  run: async (_given, host) => await (await import("../editor/server.ts")).serve(host),
};
