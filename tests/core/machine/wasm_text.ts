/** Translations as text, for who looks into one that went wrong. */
import wabt from "wabt";
import type { EngineDifference } from "../../../core/machine/verifier.ts";

const tools = await wabt();

/** The memory is shared. Hints at branches are left out: they would stand where they do not belong. */
const FEATURES = { threads: true } as const;

/** A module in the text format. Throws when it is none. */
export function wasmText(bytes: Uint8Array): string {
  // A copy, for of a part of a buffer all of the buffer would be read.
  const module = tools.readWasm(bytes.slice(), { ...FEATURES, readDebugNames: false });
  try {
    return module.toText({ foldExprs: true, inlineExport: false });
  } finally {
    module.destroy();
  }
}

/** All there is to know about a difference, the translation too. */
export const differenceText = ({ message, wasm }: EngineDifference): string =>
  `${message}translated to:\n${wasmText(wasm)}`;
