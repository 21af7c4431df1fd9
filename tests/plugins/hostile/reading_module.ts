/** A module that reads a file of the host while it is evaluated. */
import { definePlugin } from "ckptlab";
import { loops } from "../misbehaving.ts";

const name = Deno.readTextFileSync("/etc/hostname").trim() === "" ? "nowhere" : "reading";

export default definePlugin({
  name,
  version: "0.0.1",
  api: "^1",
  contributes: { checkpointers: [loops.checkpointer] },
});
