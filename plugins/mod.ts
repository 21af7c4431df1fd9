/** The built-in strategies and workloads, in one place. */
import type { Checkpointer, Workload } from "../core/mod.ts";
import { concurrentCow } from "./checkpointers/concurrent_cow.ts";
import { stopTheWorld } from "./checkpointers/stop_the_world.ts";
import { workloads as guests } from "./workloads.ts";

/** Every built-in checkpointer. */
export const checkpointers: readonly Checkpointer[] = [stopTheWorld, concurrentCow];

/** Every built-in workload. */
export const workloads: readonly Workload[] = guests;
