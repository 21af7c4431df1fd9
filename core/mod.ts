/** All of core that plugins, the language and embedders may use. */
export * from "./base/bits.ts";
export * from "./base/digest.ts";
export * from "./base/option.ts";
export * from "./base/choices.ts";
export * from "./base/distribution.ts";
export * from "./cluster/channel.ts";
export {
  boardTurn,
  HOOK_PATIENCE_MS,
  newBoard,
  readBoard,
  useBoard,
} from "./cluster/hook_board.ts";
export * from "./cluster/isolation.ts";
export * from "./cluster/profile.ts";
export * from "./cluster/protocol.ts";
export { serveDomains } from "./cluster/worker_entry.ts";
export { WorkerError } from "./cluster/worker_host.ts";
export { WorkerSupply } from "./cluster/worker_supply.ts";
export * from "./image/account.ts";
export * from "./image/checkpointer.ts";
export * from "./image/codec.ts";
export * from "./image/deno_directory.ts";
export * from "./image/difference.ts";
export { type Exported, exportImage } from "./image/export.ts";
export { EXPORT_REFUSALS } from "./image/export_refusals.ts";
export { type Refusal, refusedBy, type SavedState } from "./image/refusal.ts";
export * from "./image/image.ts";
export {
  PAGE_FATES,
  type PageArea,
  type PageFate,
  type ProcessPages,
  readPages,
} from "./image/page_map.ts";
export { MemoryStore } from "./image/memory_store.ts";
export { DirectoryStore } from "./image/directory_store.ts";
export { holdsImage } from "./image/directory_store_folder.ts";
export { writeFolder } from "./image/image_folder.ts";
export { needsExecutable } from "./image/restore.ts";
export { CaptureSession, StrategyError } from "./image/session.ts";
export type { Directory, ImageStore, Stored, StoreStep } from "./image/store.ts";
export { describeUnknown } from "./kernel/call_runner.ts";
export { exitCode, reportDeath } from "./kernel/death.ts";
export { ElfError } from "./kernel/elf.ts";
export type { ConsoleOptions, Stream } from "./kernel/files/console.ts";
export type { HostEntry, HostProvider } from "./kernel/files/host_mount.ts";
export { SIGNALS } from "./kernel/signals.ts";
export { SpawnError } from "./kernel/spawn.ts";
export * from "./lab/explorer.ts";
export { FINGERPRINTS } from "./lab/fingerprint.ts";
export { type Fault, fault, type FaultNode, type FaultSite } from "./lab/fault.ts";
export * from "./lab/lab.ts";
export * from "./lab/metric.ts";
export { type Search, SEARCHES } from "./lab/search.ts";
export { CHECKPOINT_METRICS } from "./lab/checkpoint_metrics.ts";
export { CLUSTER_METRICS } from "./lab/cluster_metrics.ts";
export { PROCESS_METRICS } from "./lab/process_metrics.ts";
export * from "./lab/program_run.ts";
export * from "./lab/ranks_run.ts";
export type { OutputSink, Written } from "./lab/output_order.ts";
export * from "./lab/plugin.ts";
export { type Kind, KINDS, PLUGIN_KINDS, scoped } from "./lab/plugin_kinds.ts";
export { guardHost } from "./lab/plugin_guard.ts";
export { type Intrinsics, intrinsics, putBack } from "./lab/plugin_intrinsics.ts";
export {
  loadPlugin,
  notLoaded,
  PluginError,
  pluginIn,
  refuseChanges,
  refuseHostImports,
} from "./lab/plugin_load.ts";
export { fromOutline, outlineOf } from "./lab/plugin_outline.ts";
export { type ManifestProblem, manifestProblems } from "./lab/plugin_manifest.ts";
export type { Level } from "./lab/levels.ts";
export { type Keeping, type Storage, storage } from "./lab/storage.ts";
export type { CutRecord, LineRecord, MessageRecord, Recording } from "./lab/recording.ts";
export { Registry } from "./lab/registry.ts";
export type { Scene, SceneCheckpoint, SceneMessage, SceneProcess } from "./lab/scene.ts";
export type { ThreadLook } from "./cluster/facts.ts";
export * from "./lab/report.ts";
export * from "./lab/run_events.ts";
export type { TraceEvent } from "./lab/trace.ts";
export { type EngineOptions, type Jit, JITS } from "./machine/machine.ts";
export { DEVIATIONS } from "./machine/vector_deviations.ts";
export {
  type MachineVectorOptions,
  type MachineVectorResult,
  runMachineVectors,
} from "./machine/vector_machine.ts";
export { runVectors, type VectorFile, type VectorResult } from "./machine/vector_run.ts";
export { EngineDifference } from "./machine/verifier.ts";
export { World } from "./lab/world.ts";
export type { WorldOptions } from "./lab/world_options.ts";
export * from "./kit/certify.ts";
export * from "./kit/conformance.ts";
export * from "./kit/law.ts";
export { CORE_LAWS, LAWS } from "./kit/laws.ts";
