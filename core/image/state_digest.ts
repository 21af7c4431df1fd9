/** What a process is, in 16 digits: registers, memory, files, signals; not the time. */
import { isZero } from "../base/bytes.ts";
import { Digest } from "../base/digest.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Process } from "../kernel/process.ts";
import { capturePages, captureState } from "./capture.ts";
import { toCbor } from "./codec_cbor.ts";

/**
 * Digest of a process that does not run. Times (clocks, cycles, deadlines, time stamps) are left
 * out, so that a restarted process can be compared with one that was never disturbed.
 */
export function stateDigest(process: Process, kernel: Kernel): string {
  const digest = new Digest();
  for (const { vpn, copy } of capturePages(process)) {
    const bytes = copy();
    if (!isZero(bytes)) digest.add(vpn, bytes);
  }
  const state = captureState(process, kernel);
  const { args, environment, cwd, umask, credentials, limits, random } = state;
  const { space, actions, pending, stopped, messages } = state;
  const { console: _, tree, ...open } = state.files;
  digest.add(toCbor({
    ...{ args, environment, cwd, umask, credentials, limits, random },
    ...{ space, actions, pending, stopped, open, messages },
    threads: state.threads.map(({ cycles: _, call, ...thread }) => ({
      ...thread,
      call: call === undefined ? [] : [call.number, call.words, call.progress],
    })),
    tree: tree.map(({ path, kind, permissions, bytes }) => ({ path, kind, permissions, bytes })),
  }));
  return digest.hex;
}
