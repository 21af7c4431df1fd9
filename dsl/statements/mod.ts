/** The statements of the language: a row added here is in the grammar, the help and the laws. */
import type { Statement } from "../statement.ts";
import { checkpoint, crash, inject, migrate, note, restart } from "./action.ts";
import { expect, law } from "./claim.ts";
import { channel, isolation, protocol } from "./cluster.ts";
import { ckpt, define, include, profile, scenario, use } from "./file.ts";
import { chaos, explore } from "./explore.ts";
import { heal, partition, pause, resume } from "./network.ts";
import { checkpointer, node, proc, seed, storage } from "./setup.ts";
import { show } from "./show.ts";
import { after, at, every, until, when } from "./step.ts";
import { cases, compare, matrix } from "./table.ts";

/** All rows, in the order the reference prints them. */
export const STATEMENTS: readonly Statement[] = [
  ckpt,
  include,
  use,
  define,
  profile,
  scenario,
  seed,
  node,
  proc,
  channel,
  checkpointer,
  protocol,
  storage,
  isolation,
  compare,
  matrix,
  cases,
  explore,
  chaos,
  at,
  after,
  when,
  every,
  checkpoint,
  restart,
  crash,
  migrate,
  partition,
  heal,
  pause,
  resume,
  inject,
  note,
  until,
  expect,
  law,
  show,
];
