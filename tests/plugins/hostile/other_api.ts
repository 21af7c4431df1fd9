/** A plugin for a version of the contract there is not. */
import { definePlugin } from "ckptlab";
import { loops } from "../misbehaving.ts";

export default definePlugin({
  name: "other-api",
  version: "0.0.1",
  api: "^9",
  contributes: { checkpointers: [loops.checkpointer] },
});
