/** A plugin with a hook that never comes back. */
import { definePlugin } from "ckptlab";
import { loops } from "./misbehaving.ts";

export default definePlugin({
  name: "endless",
  version: "0.0.1",
  api: "^1",
  contributes: { checkpointers: [loops.checkpointer] },
});
