/** All laws of the kit, and what no row of a plugin can break. */
import { CHECKPOINTER_LAWS } from "./checkpointer_laws.ts";
import { FAULT_LAWS } from "./fault_laws.ts";
import type { Law, LawId } from "./law.ts";
import { migration } from "./migration_law.ts";
import { METRIC_LAWS, WORKLOAD_LAWS } from "./other_laws.ts";
import { REPORTER_LAWS } from "./reporter_laws.ts";
import { PROTOCOL_LAWS } from "./protocol_laws.ts";
import { STORAGE_LAWS } from "./storage_laws.ts";

/** The laws by the kind of row they are about. */
export const LAWS: readonly Law[] = [
  ...CHECKPOINTER_LAWS,
  migration,
  ...PROTOCOL_LAWS,
  ...WORKLOAD_LAWS,
  ...METRIC_LAWS,
  ...STORAGE_LAWS,
  ...FAULT_LAWS,
  ...REPORTER_LAWS,
] as readonly unknown[] as readonly Law[];

/** Laws that are about what core does for every plugin: why the kit has no row of them. */
export const CORE_LAWS: Partial<Readonly<Record<LawId, string>>> = {
  L4: "descriptors, pipes and shared pages are saved by core, for every checkpointer alike",
};
