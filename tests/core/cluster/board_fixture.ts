/** Guests on a node, and a checkpoint of one of them with everything a test wants to look at. */
import { Board, captureCosts } from "../../../core/cluster/board.ts";
import { MemoryStore } from "../../../core/image/memory_store.ts";
import { CaptureSession } from "../../../core/image/session.ts";
import { StoreSink } from "../../../core/image/store_sink.ts";
import { Console } from "../../../core/kernel/files/console.ts";
import type { Process } from "../../../core/kernel/process.ts";
import { type Checkpointer, PROFILE, readOptions } from "../../../core/mod.ts";
import { checkpointers } from "../../../plugins/mod.ts";

/** A node with a small memory and short turns, unless told otherwise. */
export const newBoard = (given: Record<string, unknown> = {}): Board =>
  Board.boot(
    readOptions(PROFILE, { ram: 8 * 2 ** 20, quantum: 20_000, disk: 200_000_000, ...given }).values,
    1,
  );

/** A guest and what it wrote. */
export interface Guest {
  readonly process: Process;
  readonly output: () => string;
}

const files = new Map<string, Uint8Array>();

function guestFile(name: string): Uint8Array {
  const known = files.get(name);
  if (known !== undefined) return known;
  const url = new URL(`../../../scenarios/guests/${name}.elf`, import.meta.url);
  const bytes = Deno.readFileSync(url);
  files.set(name, bytes);
  return bytes;
}

/** Starts a guest by its command line. */
export function startGuest(node: Board, line: string, input = ""): Guest {
  const [name = "", ...args] = line.split(" ");
  let rest = new TextEncoder().encode(input), output = "";
  const console = new Console({
    input: (most) => {
      const part = rest.slice(0, most);
      rest = rest.slice(part.length);
      return part;
    },
    sink: (_, bytes) => void (output += new TextDecoder().decode(bytes)),
  });
  const path = `/bin/${name}`;
  const process = node.kernel.spawn({ path, name, args, executable: guestFile(name), console });
  return { process, output: () => output };
}

/** A built-in checkpointer. */
export const byName = (name: string): Checkpointer =>
  checkpointers.find((row) => row.name === name) as Checkpointer;

/** A checkpoint under way. */
export interface Taking {
  readonly session: CaptureSession;
  readonly store: MemoryStore;
  /** The node's clock when it was over. */
  readonly endedAt: () => number | undefined;
}

/** Begins a checkpoint. */
export function begin(
  node: Board,
  process: Process,
  strategy: Checkpointer,
  given: Record<string, unknown> = {},
  { failAtStep = 0, onEnd = () => {} }: { failAtStep?: number; onEnd?: () => void } = {},
): Taking {
  const store = new MemoryStore();
  const session = new CaptureSession(
    node.target(process),
    strategy,
    readOptions(strategy.options, given).values as never,
    captureCosts(node.profile),
    new StoreSink(store, "image"),
  );
  session.failAtStep = failAtStep;
  let endedAt: number | undefined;
  node.add(process, session, () => {
    endedAt = node.kernel.now;
    onEnd();
  });
  return { session, store, endedAt: () => endedAt };
}

/** Goes on until the checkpoint is over. */
export function finish(node: Board, { session }: Taking): void {
  while (!session.over) node.advance(node.kernel.now + 10_000);
}

/** Runs a process that is alone to that many instructions. */
export function runTo(node: Board, process: Process, instructions: number): void {
  node.kernel.runInstructions(instructions - process.instructions);
}
