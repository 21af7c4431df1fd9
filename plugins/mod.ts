/** The built-in strategies and workloads, in one place. */
import {
  type Checkpointer,
  definePlugin,
  type Plugin,
  PLUGIN_API,
  type Protocol,
  type Workload,
} from "../core/mod.ts";
import { concurrentCow } from "./checkpointers/concurrent_cow.ts";
import { forkCow } from "./checkpointers/fork_cow.ts";
import { incremental } from "./checkpointers/incremental.ts";
import { pingPong } from "./checkpointers/ping_pong.ts";
import { preCopy } from "./checkpointers/pre_copy.ts";
import { stopTheWorld } from "./checkpointers/stop_the_world.ts";
import { blcr, condor, crak, linuxCkpt } from "./checkpointers/systems.ts";
import { tlbCowPlus } from "./checkpointers/tlb_cow_plus.ts";
import { zigzag } from "./checkpointers/zigzag.ts";
import { bcs } from "./protocols/bcs.ts";
import { bookmark } from "./protocols/bookmark.ts";
import { chandyLamport } from "./protocols/chandy_lamport.ts";
import { charm } from "./protocols/charm.ts";
import { clsFlush } from "./protocols/cls_flush.ts";
import { cocheck } from "./protocols/cocheck.ts";
import { counting2 } from "./protocols/counting_2.ts";
import { kooToueg } from "./protocols/koo_toueg.ts";
import { laiYang } from "./protocols/lai_yang.ts";
import { manaDrain } from "./protocols/mana_drain.ts";
import { mattern } from "./protocols/mattern.ts";
import { messageCounting } from "./protocols/message_counting.ts";
import { messageLogging } from "./protocols/message_logging.ts";
import { parkYeom } from "./protocols/park_yeom.ts";
import { mpvm } from "./protocols/mpvm.ts";
import { spreadOut } from "./protocols/spread_out.ts";
import { uncoordinated } from "./protocols/uncoordinated.ts";
import { faults } from "./faults.ts";
import { storages } from "./storages.ts";
import { workloads as guests } from "./workloads.ts";

/** Every built-in checkpointer. */
export const checkpointers: readonly Checkpointer[] = [
  stopTheWorld,
  concurrentCow,
  forkCow,
  preCopy,
  tlbCowPlus,
  incremental,
  zigzag,
  pingPong,
  blcr,
  linuxCkpt,
  crak,
  condor,
];

/** Every built-in coordination protocol. */
export const protocols: readonly Protocol[] = [
  messageCounting,
  clsFlush,
  bookmark,
  parkYeom,
  manaDrain,
  cocheck as Protocol,
  mpvm as Protocol,
  charm as Protocol,
  chandyLamport,
  mattern as Protocol,
  laiYang as Protocol,
  counting2 as Protocol,
  spreadOut as Protocol,
  bcs as Protocol,
  kooToueg,
  messageLogging,
  uncoordinated,
];

/** Every built-in workload. */
export const workloads: readonly Workload[] = guests;

/** All of it as one plugin among others: what it may do, any other may. */
export const builtins: Plugin = definePlugin({
  name: "ckptlab",
  version: "0.1.0",
  api: `^${PLUGIN_API}`,
  contributes: { checkpointers, protocols, workloads, storages, faults },
});

export { faults, storages };
