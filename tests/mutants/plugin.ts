/** All mutants of protocols as one plugin, so that a script can name them. */
import { definePlugin, type Protocol } from "../../core/mod.ts";
import * as counting from "./protocols/counting_mutants.ts";
import * as flush from "./protocols/flush_mutants.ts";

const isProtocol = (one: unknown): one is Protocol =>
  typeof one === "object" && one !== null && "handle" in one;

export default definePlugin({
  name: "mutants",
  version: "1.0.0",
  api: "^1",
  contributes: {
    protocols: [counting, flush].flatMap((each): readonly unknown[] => Object.values(each))
      .filter(isProtocol),
  },
});
