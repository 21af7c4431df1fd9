/** Runs the command with little patience for hooks, in a process of its own: its loops end with it. */
import { inProcess } from "../command/workshop.ts";

const { code, out, err } = await inProcess(Deno.args, { hookPatienceMs: 1500 });
console.log(out + err);
Deno.exit(code);
